"""What goes to many readers, whatever the paper and the editors wrote, and the screens around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.domain.broadcasts import Audience, Broadcast, Progress, State
from bot.views import broadcast as view
from tests.views.screens import LONGEST, NASTY, NOW, TELLING, VOICES, checked, commands_in, nasty_story, story

if TYPE_CHECKING:
    from bot.views.voice import Voice

EVERYBODY = Audience(1_000_000, 999, 999, 999, {"en": 3, "ru": 2, "uk": 1, "xx": 9, "zh-Hant": 1})


def broadcast(state: State = State.DRAFT, languages: tuple[str, ...] = ("en",)) -> Broadcast:
    return Broadcast(10**9, 1, 1, "", languages, state, NOW, NOW, None, None, 1)


@pytest.mark.parametrize("voice", TELLING, ids=lambda voice: voice.language)
@pytest.mark.parametrize("text", [*NASTY.values(), *LONGEST])
def test_no_words_break_a_broadcast(voice: Voice, text: str) -> None:
    for message in (
        view.story(voice, nasty_story(text), text[:500]),
        view.preflight(voice, broadcast(), nasty_story(text), EVERYBODY),
    ):
        assert commands_in(checked(message)) == []


@pytest.mark.parametrize("voice", VOICES.values(), ids=VOICES)
def test_every_screen_is_said_in_every_language(voice: Voice) -> None:
    for state in State:
        if state is not State.DRAFT:
            shown = checked(view.progress(voice, broadcast(state), Progress(1, 2, 3, 4, 5)))
            assert len(shown.text.plain.splitlines()) == 6
    checked(view.preflight(voice, broadcast(languages=()), story(), EVERYBODY))
    checked(view.given_up(voice))


def test_only_what_may_still_leave_can_be_stopped() -> None:
    def labels(state: State) -> set[str]:
        shown = view.progress(VOICES["en"], broadcast(state), Progress(0, 0, 0, 0, 0))
        return {button.label for row in shown.rows for button in row}

    assert labels(State.SENDING) == labels(State.SPREAD) == {"Stop it", "Desk"}
    assert labels(State.DONE) == labels(State.STOPPING) == labels(State.STOPPED) == {"Desk"}


def test_nobody_to_send_to_is_no_button() -> None:
    nobody = Audience(0, 0, 0, 0, {})
    rows = view.preflight(VOICES["en"], broadcast(), story(), nobody).rows
    assert [button.label for button in rows[-1]] == ["Cancel"]
    assert Audience(29, 0, 0, 0, {}).seconds == 2
