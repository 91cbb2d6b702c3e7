"""The desk's screens of stories, whatever papers call theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.domain.editing import Concerns, Doubted, Report, Sheet
from bot.views import editing as view
from tests.views.screens import LONGEST, NASTY, NOW, TELLING, VOICES, checked, commands_in

if TYPE_CHECKING:
    from bot.views.voice import Voice


def sheet(text: str, reports: int = 3, **changes: object) -> Sheet:
    told = tuple(
        Report(n, text, "https://a.example/1", text, NOW, doubts=n % 3) for n in range(1, reports + 1)
    )
    fields = {
        "id": 10**9,
        "headline": text,
        "desk": text[:64],
        "withdrawn": True,
        "opened": 10**7,
        "comments": 10**6,
    }
    return Sheet(reports=told, **(fields | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("voice", TELLING, ids=lambda voice: voice.language)
@pytest.mark.parametrize("text", [*NASTY.values(), *LONGEST])
def test_no_headline_breaks_a_screen_of_the_desk(voice: Voice, text: str) -> None:
    shown = sheet(text, 30)
    for message in (
        view.sheet(voice, shown, "down"),
        view.ask_down(voice, shown),
        view.desks(voice, shown, [text[:64]] * 30),
        view.ask_words(voice, shown, "headline"),
        view.ask_words(voice, shown, "merge"),
        view.ask_merge(voice, shown, shown),
        view.ask_split(voice, shown),
        view.concerns(voice, Concerns(((1, text),) * 8, (Doubted(2, text, 5),) * 8)),
    ):
        assert commands_in(checked(message)) == []


@pytest.mark.parametrize("voice", VOICES.values(), ids=VOICES)
def test_every_screen_is_said_in_every_language(voice: Voice) -> None:
    shown = sheet("A story", 2, withdrawn=False)
    for done in ("down", "back", "desk", "headline", "original", "merge", "split", "settle"):
        assert checked(view.sheet(voice, shown, done)).text.plain
    checked(view.concerns(voice, Concerns((), ())))


def test_only_what_can_be_done_is_offered() -> None:
    buttons = {
        button.label
        for row in view.sheet(VOICES["en"], sheet("", 1, headline="", withdrawn=False)).rows
        for button in row
    }
    assert buttons == {"Take down", "Other desk", "Headline", "Merge", "It is one", "Desk"}
