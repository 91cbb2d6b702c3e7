"""Halts and lateness: who has no patience leaves, what came late is caught up with a little, and albums count whole."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.gateway.door import Lane
from bot.gateway.pacing import Book, MustRest, Pacer
from tests.gateway.jumping import in_jumping_time

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.gateway.jumping import JumpingLoop

STEP = 1 / 28
LATE = 0.02
"""Seconds of lateness that are caught up."""


def scene(play: Callable[[JumpingLoop], Coroutine[object, object, None]]) -> None:
    async def patiently(loop: JumpingLoop) -> None:
        async with asyncio.timeout(10_000):
            await play(loop)

    in_jumping_time(patiently)


def test_who_has_less_patience_than_a_chat_must_rest_is_told_at_once() -> None:
    async def play(loop: JumpingLoop) -> None:
        pacer = Pacer(None, loop.time)
        pacer.refused(1, 10)
        with pytest.raises(MustRest):
            await pacer.turn(1, Lane.PUSH, patience=9.9)
        assert loop.time() == 0
        assert pacer.waiting() == (0, 0)
        await pacer.turn(2, Lane.PUSH, patience=0)
        assert loop.time() == 0, "others have nothing to wait for"
        await pacer.turn(1, Lane.PUSH, patience=10)
        assert loop.time() == pytest.approx(10)

    scene(play)


def test_a_halt_of_all_is_waited_for_whatever_patience_there_is_with_a_chat() -> None:
    async def play(loop: JumpingLoop) -> None:
        pacer = Pacer(None, loop.time)
        pacer.refused(1, 60)
        pacer.refused(2, 30)
        await pacer.turn(3, Lane.PUSH, patience=1)
        assert loop.time() == pytest.approx(30)

    scene(play)


def test_who_waits_leaves_when_the_chat_is_refused_for_longer_than_there_is_patience() -> None:
    async def play(loop: JumpingLoop) -> None:
        pacer = Pacer(None, loop.time)
        pacer.refused(1, 4)
        pushes = [asyncio.create_task(pacer.turn(1, Lane.PUSH, patience=5)) for _ in range(2)]
        answer = asyncio.create_task(pacer.turn(1, Lane.ANSWER))
        other = asyncio.create_task(pacer.turn(2, Lane.PUSH, patience=5))
        await asyncio.sleep(1)
        assert other.done()
        pacer.refused(1, 5)
        await asyncio.sleep(0)
        assert pacer.waiting() == (1, 2), "so long they wait"
        pacer.refused(1, 6)
        found = await asyncio.gather(*pushes, return_exceptions=True)
        assert [type(one) for one in found] == [MustRest] * 2
        assert loop.time() == pytest.approx(1)
        assert pacer.waiting() == (1, 0)
        await answer
        assert loop.time() == pytest.approx(7), "an answer has all the patience there is"

    scene(play)


def test_a_rest_that_comes_between_a_turn_and_the_door_is_no_use_of_the_door() -> None:
    async def play(loop: JumpingLoop) -> None:
        pacer = Pacer(Book(rate=2), loop.time)
        await pacer.turn(1, Lane.PUSH, patience=5)
        pacer.refused(1, 60)
        with pytest.raises(MustRest):
            async with pacer.door(1, Lane.PUSH, patience=5):
                pytest.fail("it must not leave")
        async with pacer.door(2, Lane.PUSH):
            assert loop.time() == 0, "its place is free again"

    scene(play)


@pytest.mark.parametrize("paid", [True, False])
def test_lateness_is_caught_up_and_never_more_than_a_little(*, paid: bool) -> None:
    def free_after(since: float | None, now: float = 10.0) -> float:
        book = Book(paid=28)
        book.take(1, now, since, paid=paid)
        return book.free_at(paid=paid) - now

    assert free_after(None) == pytest.approx(STEP)
    assert free_after(10.0) == pytest.approx(STEP)
    assert free_after(9.99) == pytest.approx(STEP - 0.01)
    assert free_after(9.98) == pytest.approx(STEP - LATE)
    for long_ago in (9.9, 5.0, float("-inf")):
        assert free_after(long_ago) == pytest.approx(STEP - LATE)
    assert free_after(11.0) == pytest.approx(STEP), "it cannot have been ready later than it left"


def test_what_waited_for_the_end_of_a_halt_was_not_late_before_it() -> None:
    book = Book()
    book.refused(1, 9.995, 0.0)
    book.refused(2, 9.995, 0.0)
    book.take(3, 10.0, 1.0)
    assert book.free_at() == pytest.approx(9.995 + STEP)


@pytest.mark.parametrize(("late", "lost"), [(0.005, 0.0), (0.015, 0.0), (0.05, 0.03)])
def test_a_loop_that_wakes_up_late_loses_only_what_is_more_than_a_little(late: float, lost: float) -> None:
    async def play(loop: JumpingLoop) -> None:
        pacer = Pacer(None, loop.time)
        await asyncio.gather(*(pacer.turn(chat, Lane.PUSH) for chat in range(101)))
        assert loop.time() == pytest.approx(100 * (STEP + lost), abs=2 * late + STEP)

    in_jumping_time(play, late)


def test_an_album_counts_at_the_door_with_all_its_parts_until_they_have_their_answer() -> None:
    async def play(loop: JumpingLoop) -> None:
        pacer = Pacer(None, loop.time)
        passed: list[float] = []

        async def album(chat: int, parts: int, seconds: float) -> None:
            async with pacer.door(chat, Lane.PUSH, messages=parts):
                passed.append(loop.time())
                await asyncio.sleep(seconds)

        await asyncio.gather(album(1, 10, 5), album(2, 10, 5), album(3, 9, 9), album(4, 1, 0))
        assert passed == [0, 0, 0, pytest.approx(5, abs=0.01)], "29 in all, and the last place is an answer's"
        await asyncio.sleep(100)
        passed.clear()
        came = loop.time()
        await asyncio.gather(album(1, 10, 0), album(2, 10, 0), album(3, 10, 0))
        waits = [at - came for at in passed]
        assert waits == [0, 0, pytest.approx(1, abs=0.03)], "and a second longer"

    scene(play)


def test_an_album_larger_than_the_door_passes_alone() -> None:
    async def play(loop: JumpingLoop) -> None:
        pacer = Pacer(Book(rate=3), loop.time)
        async with pacer.door(1, Lane.PUSH, messages=10):
            assert loop.time() == 0
        async with pacer.door(2, Lane.PUSH):
            assert loop.time() == pytest.approx(1, abs=0.03)
        async with pacer.door(3, Lane.PUSH, messages=10):
            assert loop.time() == pytest.approx(2, abs=0.05)

    scene(play)


def test_an_album_that_turns_back_at_the_door_gives_back_all_its_places() -> None:
    async def play(loop: JumpingLoop) -> None:
        pacer = Pacer(Book(rate=10), loop.time)
        pacer.refused(1, 60)
        with pytest.raises(MustRest):
            async with pacer.door(1, Lane.PUSH, patience=5, messages=10):
                pytest.fail("it must not leave")
        for chat in range(2, 11):
            async with pacer.door(chat, Lane.PUSH):
                assert loop.time() == 0

    scene(play)


@pytest.mark.slow
@pytest.mark.parametrize(("commit", "often"), [(0, 30), (0.04, 150)])
def test_who_is_sooner_there_than_others_makes_no_second_too_full(commit: float, often: int) -> None:
    """Pushes that were held up stand before the door; the way there takes ten milliseconds, and some of them none.

    Behind the door a push has to `commit` something first, an answer has not; several come at once, now and then.
    """

    async def play(loop: JumpingLoop) -> None:
        pacer, arrived = Pacer(None, loop.time), list[float]()

        async def push(chat: int) -> None:
            answers = chat % often < often / 30
            if answers and commit:
                await asyncio.sleep(chat / 28)
            async with pacer.door(chat, Lane.ANSWER if answers else Lane.PUSH) as flight:
                if not answers:
                    await asyncio.sleep(commit)
                    flight.departs()
                await asyncio.sleep(0.01 if chat % 101 else 0)
                arrived.append(loop.time())
                await asyncio.sleep(0.001)

        await asyncio.gather(*(push(chat) for chat in range(900)))
        arrived.sort()
        assert min(after - one for one, after in zip(arrived, arrived[30:], strict=False)) >= 1
        assert arrived[-1] < 900 / 28 * (1 + commit) + 1, "and it costs no pace"

    scene(play)
