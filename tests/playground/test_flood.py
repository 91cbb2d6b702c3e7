"""Telegram's brakes as a pure model."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.playground.flood import BURST, PAID_PER_SECOND, PER_SECOND, Flood

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_thirty_a_second_over_all_chats_pass_and_the_next_waits() -> None:
    flood = Flood()
    assert [flood.admit(chat, at(chat / 100)) for chat in range(30)] == [0] * 30
    assert flood.admit(99, at(0.5)) == 1
    assert flood.admit(98, at(1.49)) == 1
    assert flood.admit(98, at(1.51)) == 0


def test_a_window_slides_so_thirty_in_any_second_are_the_most() -> None:
    flood = Flood()
    for chat in range(30):
        assert flood.admit(chat, at(0.9)) == 0
    assert flood.admit(31, at(1.1)) == 1


def test_a_chat_takes_a_burst_and_then_one_a_second() -> None:
    flood = Flood()
    assert [flood.admit(1, NOON) for _ in range(BURST)] == [0] * BURST
    assert flood.admit(1, NOON) == 1
    assert flood.admit(2, NOON) == 0
    assert [flood.admit(1, at(second)) for second in (1, 2, 3)] == [0, 0, 0]


def test_asking_again_during_the_wait_is_refused_and_makes_it_no_longer() -> None:
    flood = Flood()
    for _ in range(BURST):
        flood.admit(1, NOON)
    assert flood.admit(1, NOON) == 1
    assert all(flood.admit(1, at(part / 10)) == 1 for part in range(10))
    assert flood.admit(1, at(1)) == 0


def test_a_chat_that_was_quiet_has_its_burst_again() -> None:
    flood = Flood()
    for _ in range(BURST):
        flood.admit(1, NOON)
    assert [flood.admit(1, at(60)) for _ in range(BURST + 1)] == [0] * BURST + [1]


def test_what_is_paid_for_is_counted_apart() -> None:
    flood = Flood()
    assert [flood.admit(chat, at(chat / 2000), paid=True) for chat in range(PAID_PER_SECOND)] == [
        0
    ] * PAID_PER_SECOND
    assert flood.admit(-1, at(0.6), paid=True) == 1
    assert [flood.admit(chat, at(0.7)) for chat in range(PER_SECOND)] == [0] * PER_SECOND
    assert flood.admit(-2, at(0.8)) == 1
    assert flood.admit(-3, at(1.65), paid=True) == 0
    assert flood.admit(-4, at(1.65)) == 1, "paying does not open what is free"


def test_a_chat_takes_no_more_for_money() -> None:
    flood = Flood()
    assert [flood.admit(1, NOON, paid=True) for _ in range(BURST + 1)] == [0] * BURST + [1]
    assert flood.admit(1, NOON) == 1


def test_memory_does_not_grow_with_the_chats_of_the_past() -> None:
    flood = Flood(per_second=10**9)
    for chat in range(25_000):
        flood.admit(chat, at(chat / 1000))
    assert len(flood._chats) <= 10_001


@given(st.lists(st.tuples(st.integers(1, 8), st.integers(0, 400)), max_size=200))
def test_what_passes_never_breaks_the_two_limits(asked: list[tuple[int, int]]) -> None:
    flood, now, passed = Flood(), 0.0, []
    for chat, milliseconds in asked:
        now += milliseconds / 1000
        if flood.admit(chat, at(now)) == 0:
            passed.append((now, chat))
    for start, chat in passed:
        assert sum(start <= other < start + 0.999 for other, _ in passed) <= PER_SECOND
        for length in (1, 5, 20):
            same = sum(start <= other <= start + length for other, of in passed if of == chat)
            assert same <= BURST + length + 1
