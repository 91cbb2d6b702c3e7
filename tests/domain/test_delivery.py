"""What an answer from Telegram does to a delivery."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.delivery import (
    FINAL,
    RETRIES,
    TRANSITIONS,
    UNSENT,
    Event,
    Outcome,
    Receipt,
    State,
    Transition,
    after,
    before,
)

NOW = datetime(2026, 11, 24, 7, tzinfo=UTC)
LATER = NOW + timedelta(hours=6)


@pytest.mark.parametrize(
    ("receipt", "transition"),
    [
        (Receipt(Outcome.SENT, sent_id=5), Transition(State.SENT, sent_id=5)),
        (Receipt(Outcome.UNKNOWN, reason="no answer"), Transition(State.UNKNOWN, reason="no answer")),
        (Receipt(Outcome.FAILED, reason="bad"), Transition(State.FAILED, reason="bad")),
        (Receipt(Outcome.GONE, reason="blocked"), Transition(State.GONE, reason="blocked")),
    ],
)
def test_what_is_final_stays_so(receipt: Receipt, transition: Transition) -> None:
    assert after(receipt, 1, LATER, NOW, 0.5) == transition
    assert transition.state in FINAL


@pytest.mark.parametrize("outcome", [Outcome.RETRY, Outcome.STOP])
def test_what_certainly_did_not_arrive_is_tried_again(outcome: Outcome) -> None:
    assert after(Receipt(outcome), 1, LATER, NOW, 1.0) == Transition(State.RETRY, NOW + timedelta(seconds=1))


def test_a_chat_that_has_moved_is_written_to_at_once() -> None:
    assert after(Receipt(Outcome.MIGRATED), 3, LATER, NOW, 1.0) == Transition(State.RETRY, NOW)


def test_what_is_refused_for_its_content_is_tried_once_in_plain_words() -> None:
    refused = Receipt(Outcome.FAILED, reason="bad entity", about_content=True)
    assert after(refused, 1, LATER, NOW, 0.5) == Transition(State.RETRY, NOW, "bad entity", plain=True)
    again = after(refused, 2, LATER, NOW, 0.5, plain=True)
    assert again == Transition(State.FAILED, reason="bad entity", plain=True)


def test_the_moves_between_states_are_those_that_are_drawn() -> None:
    into = {state for state, _ in TRANSITIONS} | set(TRANSITIONS.values())
    assert into == set(State), "every state is met"
    assert {event for _, event in TRANSITIONS} == set(Event), "every event happens to some state"
    ends = {state for state in State if not any(found is state for found, _ in TRANSITIONS)}
    assert ends == FINAL - {State.UNKNOWN}, "out of an end nothing leads, but for an editor's decision"
    for state, event in TRANSITIONS:
        if TRANSITIONS[state, event] is State.SENT:
            assert (state, event) == (State.SENDING, Event.ARRIVE), "nothing has arrived that was not sent"
    assert before(Event.BEGIN) == (State.CLAIMED,)
    assert set(before(Event.CANCEL)) == UNSENT | {State.SENDING}


def test_the_table_in_the_documents_is_the_table() -> None:
    drawn = (Path(__file__).parents[2] / "docs/delivery.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([a-z ]+) \| `(\w+)` \|", drawn, re.MULTILINE)
    assert {(State(one), Event(event)): State(other) for one, event, other in rows} == TRANSITIONS
    assert len(rows) == len(TRANSITIONS)


@given(
    st.integers(1, 50),
    st.one_of(st.none(), st.floats(0, 3600)),
    st.floats(0, 1),
    st.integers(0, 86_400),
)
def test_a_wait_is_never_shorter_than_asked_and_ends_with_the_news(
    attempts: int, asked: float | None, chance: float, life: int
) -> None:
    expires = NOW + timedelta(seconds=life)
    found = after(Receipt(Outcome.RETRY, retry_after=asked, reason="wait"), attempts, expires, NOW, chance)
    assert found.reason == "wait"
    longest = NOW + timedelta(seconds=(asked or 0.0) + max(RETRIES))
    if found.state is State.RETRY:
        assert found.not_before is not None
        assert NOW + timedelta(seconds=asked or 0.0) <= found.not_before <= longest
        assert found.not_before < expires
    else:
        assert found.state is State.EXPIRED
        assert longest >= expires


def test_waits_grow() -> None:
    waits = [after(Receipt(Outcome.RETRY), n, LATER, NOW, 1.0).not_before for n in range(1, 8)]
    seconds = [(at - NOW).total_seconds() for at in waits if at]
    assert seconds == [1, 5, 30, 120, 600, 600, 600]
