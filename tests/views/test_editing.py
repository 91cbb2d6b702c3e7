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


@pytest.mark.parametrize("voice", VOICES.values(), ids=VOICES)
@pytest.mark.parametrize(("doubted", "down"), [(30, 20), (0, 9), (8, 0), (0, 0), (3, 2)])
def test_every_story_that_needs_an_editor_can_be_opened(voice: Voice, doubted: int, down: int) -> None:
    found = Concerns(
        tuple((100 + n, f"Down {n}") for n in range(down)),
        tuple(Doubted(n + 1, f"Doubted {n}", 5) for n in range(doubted)),
    )
    pages = [
        checked(view.concerns(voice, found, page)) for page in range(max(doubted + down - 1, 0) // 8 + 1)
    ]
    said = "\n".join(page.text.plain for page in pages)
    assert all(voice.foreign(one.title) in said for one in found.doubted)
    assert all(voice.foreign(title) in said for _, title in found.withdrawn)
    opened = [b.data for page in pages for row in page.rows for b in row if b.data.startswith("edit:")]
    assert opened == [f"edit:{one.id}" for one in found.doubted] + [f"edit:{n}" for n, _ in found.withdrawn]
    turns = [
        [b.data for row in page.rows for b in row if b.data.startswith("office:stories")] for page in pages
    ]
    assert [len(one) for one in turns] == [
        (place > 0) + (place < len(pages) - 1) for place in range(len(pages))
    ]


@pytest.mark.parametrize("voice", VOICES.values(), ids=VOICES)
def test_reports_of_one_paper_are_told_apart_where_one_is_asked_for(voice: Voice) -> None:
    shown = sheet("The Exceedingly Long Name of a Paper > World", 5)
    asked = checked(view.ask_split(voice, shown))
    names = [row[0].label for row in asked.rows[:-1]]
    assert [name.partition(" ")[0] for name in names] == ["1.", "2.", "3.", "4.", "5."]
    assert len(set(names)) == 5
    assert "5. " in asked.text.plain, "and the question has their headlines"
