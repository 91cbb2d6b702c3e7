"""The pace as arithmetic: whatever is asked for when, what leaves keeps to Telegram's limits."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gateway.pacing import Book

TINY = 1e-6
"""Seconds that sums of floats may be off."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A message that leaves as early as the book lets it, or a little later; `refused` is a 429's wait."""

    chat: int
    late: float
    refused: int | None


WISHES = st.lists(
    st.builds(
        Wish,
        st.integers(1, 6),
        st.sampled_from((0.0, 0.0, 0.0, 0.004, 0.3, 1.1)),
        st.sampled_from((None, None, None, None, None, 0, 1, 5, 60)),
    ),
    max_size=150,
)


def play(wishes: list[Wish], book: Book) -> tuple[list[tuple[float, int]], list[tuple[float, int, float]]]:
    """Let all leave in their order; returns what left when, and the refusals: when, chat, until."""
    now = 0.0
    left, refusals = [], []
    for wish in wishes:
        now = max(now, book.ready_at(wish.chat)) + wish.late
        book.take(wish.chat, now)
        left.append((now, wish.chat))
        if wish.refused is not None:
            book.refused(wish.chat, now + wish.refused, now)
            refusals.append((now, wish.chat, now + wish.refused))
    return left, refusals


@given(WISHES)
def test_no_second_sees_more_than_28_messages(wishes: list[Wish]) -> None:
    times = [at for at, _ in play(wishes, Book())[0]]
    assert all(later - earlier >= 1 - TINY for earlier, later in zip(times, times[28:], strict=False))


@given(WISHES)
def test_a_chat_gets_three_at_once_and_then_one_a_second(wishes: list[Wish]) -> None:
    left, _ = play(wishes, Book())
    for _, mine in groupby(sorted(left, key=itemgetter(1)), key=itemgetter(1)):
        times = [at for at, _ in mine]
        for n, first in enumerate(times):
            for more, last in enumerate(times[n:], start=1):
                assert more <= 3 + (last - first) + TINY


@given(WISHES)
def test_a_refused_chat_gets_nothing_before_its_deadline(wishes: list[Wish]) -> None:
    left, refusals = play(wishes, Book())
    for refused_at, chat, until in refusals:
        assert not [at for at, other in left if other == chat and refused_at < at < until - TINY]


@given(WISHES)
def test_nobody_gets_anything_while_two_chats_are_refused(wishes: list[Wish]) -> None:
    left, refusals = play(wishes, Book())
    for n, (refused_at, chat, until) in enumerate(refusals):
        others = [end for _, other, end in refusals[:n] if other != chat and end > refused_at]
        if others:
            assert not [at for at, _ in left if refused_at < at < until - TINY]


@given(WISHES, st.integers(1, 6), st.floats(0, 100), st.floats(0, 100))
def test_deadlines_only_move_later(wishes: list[Wish], chat: int, first: float, second: float) -> None:
    book = Book()
    play(wishes, book)
    for until in (first, second):
        before = {one: book.ready_at(one) for one in range(8)}
        book.refused(chat, until, 0.0)
        assert book.ready_at(chat) >= max(before[chat], until)
        assert all(book.ready_at(one) >= before[one] for one in before)


def test_one_refused_chat_does_not_stop_the_others() -> None:
    book = Book()
    book.refused(1, 60.0, 0.0)
    assert book.ready_at(1) == 60.0
    assert book.ready_at(2) == float("-inf")
    book.refused(1, 90.0, 1.0)
    assert book.ready_at(2) == float("-inf"), "the same chat again is still one chat"
    book.refused(2, 70.0, 2.0)
    assert book.ready_at(3) == 70.0


def test_a_chat_that_was_refused_long_ago_does_not_count_as_the_first_of_two() -> None:
    book = Book()
    book.refused(1, 60.0, 0.0)
    book.refused(2, 200.0, 100.0)
    assert book.ready_at(3) == float("-inf")


def test_nothing_waits_longer_than_it_must() -> None:
    book = Book()
    times = [at for at, _ in play([Wish(1, 0.0, None)] * 5, book)[0]]
    assert times == pytest.approx([0, 1 / 28, 2 / 28, 1, 2])
    assert book.ready_at(2) == pytest.approx(2 + 1 / 28)


def test_chats_that_have_rested_are_forgotten() -> None:
    book = Book(rate=1e6)
    for chat in range(30_000):
        book.take(chat, chat * 10.0)
    book.refused(-1, 5.0, 0.0)
    assert len(book._chats) <= 10_001
    for chat in range(30_000, 40_001):
        book.take(chat, chat * 10.0)
    assert not book._halts
