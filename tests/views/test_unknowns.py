"""What is in doubt, in every language: full, empty, after a race, and with the nastiest names there are."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.people import Deed
from bot.domain.unknowns import Asked, Doubt, Kind, Page, Reason, Settled, Verdict, Why
from bot.views import desk as desk_view
from bot.views import unknowns as view
from tests.views.screens import LONGEST, NASTY, NOW, TELLING, VOICES, checked, commands_in

if TYPE_CHECKING:
    from bot.views.voice import Voice

ENGLISH = VOICES["en"]
BIG = 10**11
"""A number as large as none will be for a long time; three of them fit into a button."""


@pytest.fixture(params=sorted(VOICES))
def voice(request: pytest.FixtureRequest) -> Voice:
    return VOICES[request.param]


def doubt(number: int = 1, **changes: object) -> Doubt:
    fields = {
        "id": number,
        "chat_id": 7_100_000_001,
        "name": "Maya",
        "kind": Kind.DIGEST,
        "reason": Reason(Why.NO_ANSWER),
        "at": NOW - timedelta(minutes=number % 60),
    }
    return Doubt(**(fields | changes))  # type: ignore[arg-type]


def page(total: int, number: int = 0, **changes: object) -> Page:
    shown = min(8, total - 8 * number)
    doubts = tuple(doubt(8 * number + place + 1) for place in range(shown))
    return Page(doubts, number, total, **changes)  # type: ignore[arg-type]


def labels(message: object) -> list[list[str]]:
    return [[button.label for button in row] for row in message.rows]  # type: ignore[attr-defined]


def test_twelve_stand_on_two_pages() -> None:
    first = view.listing(ENGLISH, page(12), 0)
    lines = first.text.plain.splitlines()
    assert lines[0] == "12 messages may have arrived or not"
    assert lines[3:5] == ["1. Maya · digest · 09:29", "Telegram did not answer in time."]
    assert labels(first) == [
        ["1", "2", "3", "4"],
        ["5", "6", "7", "8"],
        ["Next page"],
        ["Leave all", "Send all again"],
        ["Desk"],
    ]
    second = view.listing(ENGLISH, page(12, 1), 8)
    assert "9. Maya" in second.text.plain
    assert labels(second)[:2] == [["9", "10", "11", "12"], ["Back"]]


def test_a_hundred_and_twenty_are_a_page_like_any_other(voice: Voice) -> None:
    for number in range(15):
        shown = checked(view.listing(voice, page(120, number), 8 * number))
        assert [button.label for row in shown.rows[:2] for button in row] == [
            str(8 * number + place) for place in range(1, 9)
        ]
        assert len(shown.text) < 1500


def test_where_nothing_is_in_doubt_it_says_so() -> None:
    shown = view.listing(ENGLISH, page(0), 0)
    assert shown.text.plain == "Nothing is in doubt."
    assert labels(shown) == [["Desk"]]
    after = view.listing(ENGLISH, page(0), 0, Settled(Verdict.LEAVE, 3, 0, 77))
    assert after.text.plain == "3 messages are left as they are.\n\nNothing is in doubt."
    assert labels(after) == [["Take it back"], ["Desk"]]


def test_after_a_race_it_says_what_had_been_settled() -> None:
    late = view.listing(ENGLISH, page(2), 0, Settled(Verdict.AGAIN, 0, 1))
    assert late.text.plain.startswith("That was settled already.\n\n2 messages")
    partly = view.listing(ENGLISH, page(0), 0, Settled(Verdict.AGAIN, 11, 1))
    assert partly.text.plain.startswith("11 messages go out again.\nSettled already: 1\n\n")


def test_it_says_what_was_corrected_or_withdrawn_since() -> None:
    said = "Not sent again, as it was corrected or withdrawn since: 2"
    some = view.listing(ENGLISH, page(2), 0, Settled(Verdict.AGAIN, 3, outdated=2))
    assert some.text.plain.startswith(f"3 messages go out again.\n{said}\n\n2 messages")
    none = view.listing(ENGLISH, page(2), 0, Settled(Verdict.AGAIN, 0, outdated=2))
    assert none.text.plain.startswith(f"{said}\n\n2 messages")


def test_the_last_one_needs_no_button_for_all() -> None:
    assert labels(view.listing(ENGLISH, page(1), 0)) == [["1"], ["Desk"]]


def test_a_broadcast_of_the_page_can_be_seen_alone() -> None:
    sent = doubt(kind=Kind.BROADCAST, headline="Bridge closed", broadcast_id=3)
    listed = view.listing(ENGLISH, Page((sent, doubt(2)), 0, 12, 0, ((3, 11),)), 0)
    assert "1. Maya · broadcast “Bridge closed” · 09:29" in listed.text.plain
    assert ["Bridge closed: 11"] in labels(listed)
    alone = view.listing(ENGLISH, Page((sent,) * 2, 0, 2, 3), 0)
    assert alone.text.plain.splitlines()[1] == "Bridge closed"
    assert labels(alone)[-3:] == [["Leave all", "Send all again"], ["All in doubt"], ["Desk"]]
    assert {button.data for button in alone.rows[1]} == {"unknownask:leave:3", "unknownask:again:3"}


def test_one_says_what_each_decision_means() -> None:
    broken = doubt(reason=Reason(Why.SERVER_ERROR, "Internal Server Error"), again=True, away=True)
    text = view.card(ENGLISH, broken, 2, 0).text.plain.splitlines()
    assert text == [
        "Maya · digest · 09:29",
        "Telegram answered with an error. It said: “Internal Server Error”",
        "It was sent again before.",
        "",
        "Sent again, it may come twice, and that cannot be taken back. Left, it counts as arrived.",
        "This reader gets no messages now, so it would not leave.",
    ]
    assert labels(view.card(ENGLISH, broken, 2, 0)) == [["Leave it", "Send again"], ["Back"]]


def test_a_reader_without_a_name_is_its_chats_number() -> None:
    assert view.card(ENGLISH, doubt(name=""), 0, 0).text.plain.startswith("7100000001 · digest")


def test_it_is_asked_before_many_are_settled() -> None:
    again = view.question(ENGLISH, Asked(9, Verdict.AGAIN, 14, 12, 0))
    assert again.text.plain.splitlines() == [
        "Send 14 messages again?",
        "This may reach 12 readers twice, and cannot be taken back.",
    ]
    assert labels(again) == [["Back", "Send all again"]]
    leave = view.question(ENGLISH, Asked(9, Verdict.LEAVE, 14, 12, 0))
    assert labels(leave) == [["Back", "Leave all"]]


@pytest.mark.parametrize("number", [1, 2, 5, 11, 21, 120])
def test_every_screen_is_one_in_every_language(voice: Voice, number: int) -> None:
    for why in Why:
        for kind in Kind:
            one = doubt(BIG, reason=Reason(why, "Bad Gateway"), kind=kind, again=True, away=True)
            checked(view.card(voice, one, BIG, BIG))
    for verdict in Verdict:
        checked(view.question(voice, Asked(BIG, verdict, number, number, BIG)))
        done = Settled(verdict, number, number, BIG if verdict is Verdict.LEAVE else 0, BIG)
        checked(view.listing(voice, page(0), 0, done))
        checked(view.listing(voice, page(12, only=BIG), 0, done))
    for key in ("unknown.settled", "unknown.too_old"):
        checked(view.listing(voice, page(3), 0, said=voice(key)))
    checked(view.listing(voice, page(3), 0, said=voice("unknown.done_back", number)))


@pytest.mark.parametrize("voice", TELLING, ids=lambda voice: voice.language)
@pytest.mark.parametrize("text", [*NASTY.values(), *LONGEST])
def test_no_name_and_no_word_of_telegrams_breaks_it(voice: Voice, text: str) -> None:
    one = doubt(
        name=text, kind=Kind.BROADCAST, headline=text, broadcast_id=3, reason=Reason(Why.SERVER_ERROR, text)
    )
    messages = [
        view.listing(voice, Page((one,) * 8, 0, 120, 0, ((3, 100),)), 0),
        view.listing(voice, Page((one,) * 8, 3, 120, 3), 24),
        view.card(voice, one, 0, 0),
    ]
    for message in messages:
        checked(message)
        assert commands_in(message) == []


def test_the_log_names_every_deed(voice: Voice) -> None:
    deeds = [Deed(NOW, 9, "Maya", what, {"n": 12}) for what in ("resent", "dropped", "reopened")]
    shown = checked(desk_view.log(voice, deeds, 0, 10)).text.plain
    assert shown.count("12") >= 3
