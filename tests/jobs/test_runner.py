"""Keeping time: every tick has its runs, one at most at a time, and nothing that happens in one ends them."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.errors import DatabaseFull
from jobs.runner import Runner
from jobs.schedule import Tick, ticks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import pytest

OFTEN = 0.01
"""Seconds between two beginnings in these tests."""


class Work:
    """A tick's work: counts its runs, and does what it is told in each."""

    def __init__(self, act: Callable[[int], None] = lambda _: None) -> None:
        self.began = 0
        self.ended = 0
        self.cancelled = 0
        self.hold: asyncio.Event | None = None
        self._act = act
        self._bell = asyncio.Event()

    async def __call__(self) -> int:
        self.began += 1
        self._bell.set()
        try:
            self._act(self.began)
            if self.hold is not None:
                await self.hold.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        self.ended += 1
        return self.ended

    async def reaches(self, runs: int) -> None:
        async with asyncio.timeout(5):
            while self.began < runs:
                self._bell.clear()
                await self._bell.wait()


@asynccontextmanager
async def ticking(**works: tuple[float, Work]) -> AsyncIterator[Runner]:
    runner = Runner([Tick(name, seconds, work) for name, (seconds, work) in works.items()])
    runner.start()
    try:
        yield runner
    finally:
        runner.stop()
        await runner.drain(1)


async def test_every_tick_runs_at_once_and_then_again_and_again() -> None:
    rare, often = Work(), Work()
    async with ticking(rare=(3600, rare), often=(OFTEN, often)) as runner:
        await often.reaches(3)
        assert rare.began == 1
    assert runner.records["rare"].runs == 1
    assert runner.records["often"].runs == often.began
    assert runner.records["often"].failed() == 0


async def test_a_run_that_fails_is_logged_and_counted_and_the_next_comes_all_the_same(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(run: int) -> None:
        if run <= 2:
            raise LookupError("no such feed")

    work = Work(fail)
    with caplog.at_level(logging.ERROR):
        async with ticking(poll=(OFTEN, work)) as runner:
            await work.reaches(4)
    assert runner.records["poll"].failures == 2
    told = [record for record in caplog.records if record.name == "jobs.runner"]
    assert [record.getMessage() for record in told] == ["tick poll failed"] * 2
    assert all(record.exc_info for record in told)


async def test_a_database_that_fails_is_told_in_one_sentence(caplog: pytest.LogCaptureFixture) -> None:
    def fail(run: int) -> None:
        if run == 1:
            raise DatabaseFull("The disk is full.")

    work = Work(fail)
    with caplog.at_level(logging.ERROR):
        async with ticking(deliver=(OFTEN, work)) as runner:
            await work.reaches(2)
    assert runner.records["deliver"].failures == 1
    (record,) = caplog.records
    assert record.getMessage() == "tick deliver: The disk is full."
    assert record.exc_info is None


async def test_a_run_that_takes_longer_lets_beginnings_pass() -> None:
    slow, other = Work(), Work()
    slow.hold = asyncio.Event()
    async with ticking(slow=(OFTEN, slow), other=(OFTEN, other)):
        await other.reaches(8)
        assert slow.began == 1
        slow.hold.set()
        await slow.reaches(2)


async def test_how_long_the_last_run_took_is_kept() -> None:
    work = Work()
    work.hold = asyncio.Event()
    async with ticking(slow=(3600, work)) as runner:
        await work.reaches(1)
        await asyncio.sleep(0.05)
        work.hold.set()
        await asyncio.sleep(0.01)
        assert 0.04 < runner.records["slow"].seconds < 1


async def test_a_tick_can_be_run_by_name_and_gives_what_its_work_gives() -> None:
    work = Work()
    runner = Runner([Tick("poll", 5, work)])
    assert [await runner.run("poll"), await runner.run("poll")] == [1, 2]


async def test_stopping_begins_no_more_runs_from_that_moment_on(caplog: pytest.LogCaptureFixture) -> None:
    work = Work()
    async with ticking(poll=(OFTEN, work)) as runner:
        await work.reaches(2)
        runner.stop()
        runner.stop()
        began = work.began
        # The scheduler itself hears of it at the loop's next turn, and may still call until then.
        await runner._begin("poll")
        await runner.drain(1)
        await asyncio.sleep(OFTEN * 5)
        assert work.began == began
    assert caplog.records == []


async def test_stopping_before_the_start_is_nothing_to_worry_about() -> None:
    runner = Runner([Tick("poll", 5, Work())])
    runner.stop()
    await runner.drain(0)


async def test_draining_waits_for_what_is_under_way() -> None:
    work = Work()
    work.hold = asyncio.Event()
    async with ticking(poll=(OFTEN, work)) as runner:
        await work.reaches(1)
        runner.stop()
        draining = asyncio.create_task(runner.drain(5))
        await asyncio.sleep(0.02)
        assert not draining.done()
        work.hold.set()
        await draining
        assert (work.began, work.ended, work.cancelled) == (1, 1, 0)


async def test_what_takes_too_long_is_given_up_all_together(caplog: pytest.LogCaptureFixture) -> None:
    late, later = Work(), Work()
    late.hold, later.hold = asyncio.Event(), asyncio.Event()
    async with ticking(late=(OFTEN, late), later=(OFTEN, later)) as runner:
        await late.reaches(1)
        await later.reaches(1)
        runner.stop()
        async with asyncio.timeout(5):
            await runner.drain(0.05)
        assert (late.cancelled, later.cancelled) == (1, 1)
    told = [record.getMessage().partition(" is given up")[0] for record in caplog.records]
    assert sorted(told) == ["tick late", "tick later"]


async def test_a_beginning_that_comes_late_is_not_left_out() -> None:
    work = Work()
    async with ticking(poll=(3600, work)) as runner:
        await work.reaches(1)
        # As after the loop has stood still for ten minutes, with two beginnings in them.
        job = runner._scheduler.get_job("poll")
        job.modify(next_run_time=datetime.now(UTC) - timedelta(minutes=10))
        await work.reaches(2)
        await asyncio.sleep(0.02)
        assert work.began == 2, "and however many were late, it is one run"
        assert job.next_run_time > datetime.now(UTC) + timedelta(minutes=5)


def test_the_schedule_is_a_table() -> None:
    class Named:
        """Anything asked for, by its name; a use case of the newsroom has its own."""

        digests = campaigns = None

        def __getattr__(self, name: str) -> str:
            return name

    named = Named()
    Named.digests = Named.campaigns = named  # type: ignore[assignment]
    table = ticks(*[named] * 6, doctor=named)  # type: ignore[arg-type]
    found: list[tuple[object, ...]] = [(tick.name, tick.seconds, tick.work) for tick in table]
    assert found == [
        ("poll", 5, "poll_due"),
        ("follow", 5, "watch"),
        ("compose", 5, "compose_due"),
        ("broadcast", 1, "go_on"),
        ("deliver", 1, "drain"),
        ("tidy", 3600, "tidy"),
        ("watch", 60, "watch"),
        ("mourn", 600, "mourn"),
        ("examine", 600, "round"),
        ("backup", 600, "back_up"),
    ]
