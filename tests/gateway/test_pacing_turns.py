"""Taking turns: who goes first, who gives up, and what it costs; in time that jumps."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.gateway.door import Lane
from bot.gateway.pacing import Book, Pacer
from tests.gateway.jumping import JumpingLoop, in_jumping_time

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ANSWER, PUSH = Lane.ANSWER, Lane.PUSH


class Street:
    """People who wait for their turn, and the order in which they went."""

    def __init__(self, loop: JumpingLoop, book: Book | None = None) -> None:
        self.loop = loop
        self.pacer = Pacer(book, loop.time)
        self.went: list[tuple[float, str]] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}

    def come(self, name: str, chat: int, lane: Lane = PUSH) -> asyncio.Task[None]:
        async def wait() -> None:
            await self.pacer.turn(chat, lane)
            self.went.append((self.loop.time(), name))

        self.tasks[name] = asyncio.create_task(wait())
        return self.tasks[name]

    async def all_went(self) -> list[str]:
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)
        assert self.pacer.waiting() == (0, 0)
        return [name for _, name in self.went]

    def when(self, name: str) -> float:
        return next(at for at, who in self.went if who == name)


def street(
    scene: Callable[[Street], Awaitable[None]], *, late: float = 0.0, book: Book | None = None
) -> None:
    async def play(loop: JumpingLoop) -> None:
        await scene(Street(loop, book))

    in_jumping_time(play, late)


def test_answers_go_before_pushes_that_came_earlier() -> None:
    async def scene(s: Street) -> None:
        for n in range(40):
            s.come(f"push {n}", 100 + n)
        await asyncio.sleep(0.1)
        assert s.pacer.waiting() == (0, 37)
        s.come("answer", 1, ANSWER)
        names = await s.all_went()
        assert names.index("answer") == 3
        assert s.when("answer") - 0.1 < 1 / 28

    street(scene)


def test_one_chats_messages_keep_their_order_and_the_others_theirs() -> None:
    async def scene(s: Street) -> None:
        for n in range(6):
            s.come(f"a{n}", 1)
            s.come(f"b{n}", 2)
        names = await s.all_went()
        assert [name for name in names if name[0] == "a"] == [f"a{n}" for n in range(6)]
        assert [name for name in names if name[0] == "b"] == [f"b{n}" for n in range(6)]

    street(scene)


def test_a_chat_that_must_rest_holds_nobody_up_however_many_wait_for_it() -> None:
    async def scene(s: Street) -> None:
        s.pacer.refused(1, 60)
        for n in range(1000):
            s.come(f"resting {n}", 1)
        for n in range(10):
            s.come(f"free {n}", 100 + n)
        await asyncio.sleep(1)
        assert [name for _, name in s.went] == [f"free {n}" for n in range(10)]
        assert s.pacer.waiting() == (0, 1000)
        for task in s.tasks.values():
            task.cancel()

    street(scene)


def test_who_came_first_goes_first_once_its_chat_is_free_again() -> None:
    async def scene(s: Street) -> None:
        for n in range(4):
            s.come(f"a{n}", 1)
        for n in range(60):
            s.come(f"other {n}", 100 + n)
        names = await s.all_went()
        assert names[:4] == ["a0", "a1", "a2", "other 0"], "the fourth rests and lets the others by"
        assert s.when("a3") == pytest.approx(1, abs=1 / 28), (
            "and goes as soon as it may, before all who came later"
        )

    street(scene)


def test_who_gives_up_uses_no_turn() -> None:
    async def scene(s: Street) -> None:
        for n in range(6):
            s.come(f"m{n}", n)
        await asyncio.sleep(0)
        for name in ("m1", "m2", "m4"):
            s.tasks[name].cancel()
        assert await s.all_went() == ["m0", "m3", "m5"]
        assert s.when("m5") == pytest.approx(2 / 28)

    street(scene)


def test_the_first_of_a_chat_gives_up_and_the_next_takes_its_place() -> None:
    async def scene(s: Street) -> None:
        s.pacer.refused(1, 10)
        for n in range(3):
            s.come(f"m{n}", 1)
        await asyncio.sleep(1)
        s.tasks["m0"].cancel()
        await asyncio.sleep(0)
        s.tasks["m2"].cancel()
        assert await s.all_went() == ["m1"]
        assert s.when("m1") == pytest.approx(10)

    street(scene)


def test_who_gives_up_just_as_the_turn_comes_blocks_nobody() -> None:
    async def scene(s: Street) -> None:
        for n in range(3):
            s.come(f"m{n}", n)
        await asyncio.sleep(0)
        s.loop.now += 1 / 28
        s.pacer._serve()
        assert s.pacer.waiting() == (0, 1), "the turn is granted, and its task has not run since"
        s.tasks["m1"].cancel()
        assert await s.all_went() == ["m0", "m2"]
        assert s.tasks["m1"].cancelled()
        assert s.when("m2") == pytest.approx(2 / 28)

    street(scene)


def test_who_was_cancelled_and_has_not_yet_left_is_passed_over() -> None:
    async def scene(s: Street) -> None:
        for n in range(3):
            s.come(f"m{n}", n)
        await asyncio.sleep(0)
        s.tasks["m1"].cancel()
        s.loop.now += 1
        s.pacer._serve()
        assert s.pacer.waiting() == (0, 0)
        assert await s.all_went() == ["m0", "m2"]

    street(scene)


def test_a_429_makes_that_chat_wait_and_a_second_one_everybody() -> None:
    async def scene(s: Street) -> None:
        s.pacer.refused(1, 30)
        s.come("refused", 1, ANSWER)
        s.come("free", 3)
        await asyncio.sleep(5)
        assert [name for _, name in s.went] == ["free"]
        s.pacer.refused(2, 10)
        s.come("halted", 3, ANSWER)
        await s.all_went()
        assert s.when("halted") == pytest.approx(15)
        assert s.when("refused") == pytest.approx(30)

    street(scene)


def test_a_deadline_that_moves_while_somebody_waits_is_kept() -> None:
    async def scene(s: Street) -> None:
        s.pacer.refused(1, 10)
        s.come("m", 1)
        await asyncio.sleep(5)
        s.pacer.refused(1, 20)
        await s.all_went()
        assert s.when("m") == pytest.approx(25)

    street(scene)


def test_waiting_turns_the_loop_only_when_somebody_may_go() -> None:
    async def scene(s: Street) -> None:
        s.pacer.refused(1, 3600)
        s.come("far", 1)
        for n in range(100):
            s.come(f"m{n}", n % 20 + 10)
        await asyncio.sleep(0)
        before = s.loop.turns
        await s.all_went()
        assert s.when("far") == pytest.approx(3600)
        assert s.loop.turns - before < 4 * 101

    street(scene)


@pytest.mark.no_cover
def test_ten_thousand_who_wait_cost_each_one_no_more_than_a_few_looks() -> None:
    class Counting(Book):
        looks = 0

        def rested_at(self, chat_id: int) -> float:
            self.looks += 1
            return super().rested_at(chat_id)

    book = Counting()

    async def scene(s: Street) -> None:
        for n in range(10_000):
            s.come(str(n), n % 2_000)
        await asyncio.sleep(10)
        assert len(s.went) == 280
        assert book.looks < 10_000 + 280 * 4
        for task in s.tasks.values():
            task.cancel()
        await asyncio.sleep(0)

    street(scene, book=book)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("come"), st.integers(1, 4), st.sampled_from(Lane)),
        st.tuples(st.just("give up"), st.integers(0, 30), st.none()),
        st.tuples(st.just("refused"), st.integers(1, 4), st.sampled_from((0, 1, 7))),
        st.tuples(st.just("later"), st.sampled_from((0, 1, 40, 1500)), st.none()),
    ),
    max_size=40,
)


@given(STEPS, st.sampled_from((0.0, 0.002)))
@settings(max_examples=60)
def test_whatever_happens_all_who_stay_get_their_turn_in_order_and_at_the_pace(
    steps: list[tuple[str, int, Lane | int | None]], late: float
) -> None:
    async def scene(s: Street) -> None:
        coming: dict[str, tuple[int, Lane]] = {}
        for kind, number, more in steps:
            match kind:
                case "come":
                    assert isinstance(more, Lane)
                    name = f"m{len(coming)}"
                    coming[name] = (number, more)
                    s.come(name, number, more)
                case "give up" if f"m{number}" in s.tasks:
                    s.tasks[f"m{number}"].cancel()
                case "refused":
                    assert isinstance(more, int)
                    s.pacer.refused(number, more)
                case _:
                    await asyncio.sleep(number / 1000)
        names = await s.all_went()
        stayed = {name for name, task in s.tasks.items() if not task.cancelled()}
        assert set(names) == stayed
        for lane in set(coming.values()):
            mine = [int(name[1:]) for name in names if coming[name] == lane]
            assert mine == sorted(mine)
        times = [at for at, _ in s.went]
        assert all(second - first >= 1 / 28 - late - 1e-6 for first, second in pairwise(times))

    street(scene, late=late)


@pytest.mark.parametrize("stalls", ["before", "after"])
def test_no_second_sees_more_than_telegram_takes_whatever_stalls(stalls: str) -> None:
    """A second in which nothing is written down, or in which the way to Telegram stands still."""

    async def play(loop: JumpingLoop) -> None:
        pacer = Pacer(None, loop.time)
        arrived: list[float] = []

        async def stall(now: str) -> None:
            if now == stalls and 1 < loop.time() < 2:
                await asyncio.sleep(2 - loop.time())

        async def push(chat: int) -> None:
            lane = PUSH if chat % 9 else ANSWER
            await pacer.turn(chat, lane)
            async with pacer.door(chat, lane):
                await stall("before")
                await asyncio.sleep(0.02)
                await stall("after")
                arrived.append(loop.time())
                await asyncio.sleep(0.02)

        await asyncio.gather(*(push(chat) for chat in range(200)))
        assert max(sum(at <= one < at + 1 for one in arrived) for at in arrived) <= 30
        assert arrived[-1] < 200 / 28 + 1.5, "and what was held up is soon made good"

    in_jumping_time(play)


def test_at_its_usual_pace_nobody_waits_at_the_door() -> None:
    async def play(loop: JumpingLoop) -> None:
        pacer = Pacer(None, loop.time)

        async def push(chat: int) -> None:
            await pacer.turn(chat, PUSH)
            came = loop.time()
            async with pacer.door(chat, PUSH):
                assert loop.time() == came
                await asyncio.sleep(0.02)

        await asyncio.gather(*(push(chat) for chat in range(150)))

    in_jumping_time(play)


def test_the_last_place_behind_the_door_is_kept_for_an_answer() -> None:
    async def play(loop: JumpingLoop) -> None:
        pacer = Pacer(Book(rate=3), loop.time)
        for lane in (PUSH, ANSWER, ANSWER):
            async with pacer.door(1, lane):
                assert loop.time() == 0
        async with pacer.door(1, ANSWER):
            assert loop.time() == pytest.approx(1, abs=0.03)
        pacer = Pacer(Book(rate=3), loop.time)
        for lane, wait in ((PUSH, 0), (PUSH, 0), (ANSWER, 0), (PUSH, 1)):
            came = loop.time()
            async with pacer.door(1, lane):
                assert loop.time() - came == pytest.approx(wait, abs=0.03)

    in_jumping_time(play)


def test_a_push_waits_for_an_answer_where_none_has_come() -> None:
    async def play(loop: JumpingLoop) -> None:
        pacer = Pacer(Book(rate=1), loop.time)
        passed: list[float] = []

        async def passing(seconds: float) -> None:
            async with pacer.door(1, PUSH):
                passed.append(loop.time())
                await asyncio.sleep(seconds)

        await asyncio.gather(passing(0), passing(5), passing(0))
        assert passed == [pytest.approx(at, abs=0.03) for at in (0, 1, 7)]

    in_jumping_time(play)


def test_a_steady_distance_to_telegram_costs_no_pace() -> None:
    async def play(loop: JumpingLoop) -> None:
        pacer = Pacer(None, loop.time)

        async def push(chat: int) -> None:
            await pacer.turn(chat, PUSH)
            async with pacer.door(chat, PUSH):
                await asyncio.sleep(0.4)

        await asyncio.gather(*(push(chat) for chat in range(300)))
        assert loop.time() < 300 / 28 + 1.5

    in_jumping_time(play)


def test_nothing_leaves_in_a_halt_that_came_between_a_turn_and_the_door() -> None:
    """All have had their turn before two chats are refused, and most of them stand before the door."""

    async def play(loop: JumpingLoop) -> None:
        pacer = Pacer(None, loop.time)
        left: list[float] = []

        async def push(chat: int) -> None:
            await pacer.turn(chat, PUSH)
            async with pacer.door(chat, PUSH):
                left.append(loop.time())
                await asyncio.sleep(10)
                if chat < 2:
                    pacer.refused(chat, 30)

        await asyncio.gather(*(push(chat) for chat in range(100)))
        assert len(left) == 100
        assert not [at for at in left if 10.1 < at < 40], "the second chat is refused at 10.04"
        assert sum(at < 10.1 for at in left) < 35

    in_jumping_time(play)
