"""Parsing where it can be killed: what spins, sleeps, dies or eats memory costs its own worker and nobody else."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from bot.domain.articles import FeedDocument
from bot.errors import NotReadable, SourceError, TooSlow
from bot.feeds.documents import read_feed
from bot.feeds.workers import Workers
from tests.feeds.heartbeat import heartbeat
from tests.feeds.hostile import HOSTILE, NOW, URL, good

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

DEADLINE = 1.0


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    async with Workers(count=2, seconds=DEADLINE) as opened:
        yield opened


def spin() -> None:
    while True:
        pass


def spin_in_c_code() -> int:
    return len(str(10 ** (10**9)))


def sleep() -> None:
    time.sleep(60)


def ignore_the_signal_and_sleep() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(60)


def die() -> None:
    os._exit(3)


def eat_memory() -> int:
    return len(bytearray(2 * 1024 * 1024 * 1024))


def fail(reason: str, *, again: bool) -> None:
    raise NotReadable("source.not_a_feed", reason=reason, again=int(again))


def own_process() -> int:
    return os.getpid()


async def test_what_a_task_returns_and_raises_comes_out_as_it_is(workers: Workers) -> None:
    assert await workers.run(pow, 2, 10) == 1024
    assert await workers.run(own_process) != os.getpid()
    with pytest.raises(NotReadable) as error:
        await workers.run(fail, "why", again=True)
    assert (error.value.key, error.value.values) == ("source.not_a_feed", {"reason": "why", "again": 1})
    with pytest.raises(ZeroDivisionError):
        await workers.run(divmod, 1, 0)


@pytest.mark.parametrize("task", [spin, spin_in_c_code, sleep, ignore_the_signal_and_sleep])
@pytest.mark.slow
async def test_what_takes_too_long_is_killed_at_the_deadline(task: object) -> None:
    async with Workers(count=1, seconds=DEADLINE) as workers:
        began = time.monotonic()
        with pytest.raises(TooSlow) as error:
            await workers.run(task)  # type: ignore[arg-type] # any of the functions above
        assert error.value.key == "source.parse_slow"
        assert DEADLINE <= time.monotonic() - began < DEADLINE + 5
        assert await workers.run(pow, 2, 3) == 8, "another process has taken its place"


@pytest.mark.parametrize("task", [die, eat_memory])
async def test_what_dies_or_eats_memory_is_reported_and_the_next_task_works(
    workers: Workers, task: object
) -> None:
    for _ in range(3):
        with pytest.raises(NotReadable) as error:
            await workers.run(task)  # type: ignore[arg-type] # as above
        assert error.value.key == "source.parse_slow"
        assert await workers.run(pow, 2, 3) == 8


async def test_a_worker_that_was_killed_from_outside_is_replaced(workers: Workers) -> None:
    for _ in range(4):
        os.kill(await in_the_end(workers, own_process), signal.SIGKILL)
    assert await in_the_end(workers, own_process) != os.getpid()


async def test_a_pool_that_gave_up_is_started_again(
    workers: Workers, caplog: pytest.LogCaptureFixture
) -> None:
    pool = workers._pool
    assert pool is not None
    pool.stop()  # type: ignore[no-untyped-call]
    with caplog.at_level(logging.WARNING):
        assert await in_the_end(workers, own_process) != os.getpid()
    assert workers._pool is not pool
    assert "started again" in caplog.text


async def in_the_end(workers: Workers, task: Callable[[], int]) -> int:
    """What a task returns; it may meet a dying process once or twice before."""
    for _ in range(5):
        with suppress(NotReadable):
            return await workers.run(task)
    raise AssertionError("the workers did not recover")


async def test_good_tasks_go_on_beside_one_that_hangs(workers: Workers) -> None:
    hanging = asyncio.create_task(workers.run(sleep))
    await asyncio.sleep(0)
    assert await asyncio.gather(*(workers.run(pow, 2, n) for n in range(50))) == [2**n for n in range(50)]
    assert not hanging.done()
    with pytest.raises(TooSlow):
        await hanging


async def test_a_caller_who_goes_away_leaves_the_worker_to_others() -> None:
    async with Workers(count=1, seconds=5) as workers:
        task = asyncio.create_task(workers.run(sleep))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(4):
            assert await workers.run(pow, 2, 3) == 8


async def test_closed_workers_work_no_more_and_leave_no_process() -> None:
    workers = Workers(count=1, seconds=5)
    with pytest.raises(RuntimeError):
        await workers.run(pow, 2, 3)
    async with workers:
        process = await workers.run(own_process)
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    await workers.close()
    with pytest.raises(RuntimeError):
        await workers.run(pow, 2, 3)


async def outcome(workers: Workers, body: bytes) -> FeedDocument | SourceError:
    try:
        return await workers.run(read_feed, body, "application/xml", URL, NOW)
    except SourceError as error:
        return error


@pytest.mark.slow
async def test_hostile_documents_hurt_no_good_feeds_beside_them(workers: Workers) -> None:
    """Billion laughs and their kin, all at once, and good feeds between them."""
    bodies = [make() for make in HOSTILE.values()]
    hostile = [asyncio.create_task(outcome(workers, body)) for body in bodies[::2]]
    fine = [asyncio.create_task(outcome(workers, good(n))) for n in range(20)]
    hostile += [asyncio.create_task(outcome(workers, body)) for body in bodies[1::2]]
    for n, document in enumerate(await asyncio.gather(*fine)):
        assert isinstance(document, FeedDocument)
        assert document.entries[0].title == f"Good story {n}"
    for document in await asyncio.gather(*hostile):
        if isinstance(document, SourceError):
            assert document.key in {"source.parse_slow", "source.not_a_feed"}
        else:
            assert all(len(entry.title) <= 500 and len(entry.teaser) <= 1000 for entry in document.entries)


@pytest.mark.slow
async def test_a_hostile_document_is_given_up_after_five_seconds() -> None:
    async with Workers() as workers:
        began = time.monotonic()
        error = await outcome(workers, HOSTILE["an author of dots"]())
        assert isinstance(error, TooSlow)
        assert 5 <= time.monotonic() - began < 10


async def test_the_event_loop_goes_on_while_hostile_documents_are_read(workers: Workers) -> None:
    async def read(name: str) -> None:
        await workers.run(read_feed, HOSTILE[name](), "application/xml", URL, NOW)

    async with heartbeat() as heart:
        names = ("escaped comments", "an author of dots", "many elements")
        await asyncio.gather(*(read(name) for name in names), return_exceptions=True)
    assert heart.busiest < 0.1
