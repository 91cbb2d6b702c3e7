"""The pace over restarts: what Telegram asked for is kept, and after a crash only half as much is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.errors import DatabaseFull
from bot.gateway.door import Lane
from bot.gateway.pacing import Book, Pacer
from bot.gateway.sender import UNNAMED, Sender
from bot.playground.faults import Answer, refuse
from bot.services.pace import SLOW, Kept, KeptPace
from tests.services.post_office import PostOffice, open_office

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[PostOffice]:
    async with open_office(tmp_path, people=3) as opened:
        yield opened


async def test_a_run_that_ended_well_leaves_nothing_and_a_crash_halves_the_pace(town: PostOffice) -> None:
    pace = KeptPace(town.db, town.clock)
    assert await pace.open() == Kept(), "the first run of all"
    assert await KeptPace(town.db, town.clock).open() == Kept(slow=SLOW), "it was killed"
    await pace.close()
    assert await pace.open() == Kept()


async def test_a_rest_that_telegram_asked_for_outlives_the_process(town: PostOffice) -> None:
    first, second, _ = town.chats
    pace = KeptPace(town.db, town.clock)
    await pace.open()
    sender = Sender(town.sender._api, Pacer(Book(rate=5000)), b"k", on_refusal=pace.refused)
    town.worker._sender = sender
    await town.owe(first)
    town.telegram.faults.add("sendMessage", refuse(429, "Too Many Requests", retry_after=90))
    await town.worker.drain()
    town.clock.advance(seconds=30)
    kept = await KeptPace(town.db, town.clock).open()
    assert kept == Kept({first: 60.0}, 0.0, SLOW)
    await pace.refused(second, 10)
    await pace.refused(first, 5)
    kept = await KeptPace(town.db, town.clock).open()
    assert kept == Kept({first: 60.0, second: 10.0}, 10.0, SLOW), (
        "a second chat makes all wait; none gets earlier"
    )
    town.clock.advance(seconds=61)
    assert await KeptPace(town.db, town.clock).open() == Kept(slow=SLOW)


async def test_one_chat_that_is_refused_again_and_again_keeps_nobody_else_waiting(town: PostOffice) -> None:
    first, second, _ = town.chats
    pace = KeptPace(town.db, town.clock)
    await pace.open()
    for seconds in (30, 60, 20):
        await pace.refused(first, seconds)
    assert await pace.open() == Kept({first: 60.0}, 0.0, SLOW)
    town.clock.advance(seconds=60)
    await pace.refused(second, 40)
    assert await pace.open() == Kept({second: 40.0}, 0.0, SLOW), "the rest of the first one is over"
    await pace.refused(first, 90)
    assert await pace.open() == Kept({first: 90.0, second: 40.0}, 90.0, SLOW)


async def test_a_second_chat_that_is_refused_halts_all_also_after_a_restart(town: PostOffice) -> None:
    first, second, third = town.chats
    pace = KeptPace(town.db, town.clock)
    await pace.open()
    town.worker._sender = Sender(town.sender._api, Pacer(Book(rate=5000)), b"k", on_refusal=pace.refused)
    for chat, seconds in ((first, 90), (second, 60)):
        refusal = refuse(429, "Too Many Requests", retry_after=seconds)
        town.telegram.faults.add("sendMessage", refusal, chat=chat)
        await town.owe(chat, name=str(chat))
        await town.worker.drain()
    town.clock.advance(seconds=20)
    kept = await KeptPace(town.db, town.clock).open()
    assert kept == Kept({first: 70.0, second: 40.0}, 40.0, SLOW)
    pacer = Pacer(Book(rate=5000))
    pacer.resume(kept.chats, kept.everybody, kept.slow)
    assert pacer.halted_for(third) == pytest.approx(40, abs=2)
    assert pacer.halted() == pytest.approx(40, abs=2)
    assert pacer.halted_for(first) == pytest.approx(70, abs=2)
    await pace.close()
    kept = await pace.open()
    assert (kept.everybody, kept.slow) == (40.0, 0.0), "a run that ended well keeps to it as well"


async def test_a_refusal_without_a_number_is_a_rest_all_the_same(town: PostOffice) -> None:
    told: list[tuple[int, float]] = []

    async def note(chat_id: int, seconds: float) -> None:
        told.append((chat_id, seconds))

    sender = Sender(town.sender._api, Pacer(Book(rate=5000)), b"k", on_refusal=note)
    town.worker._sender = sender
    await town.owe(town.chats[0])
    bare = Answer(429, b'{"ok":false,"error_code":429,"description":"Too Many Requests"}')
    town.telegram.faults.add("sendMessage", bare)
    await town.worker.drain()
    assert told == [(town.chats[0], UNNAMED)]
    assert sender.rests(town.chats[0]) > UNNAMED - 1


def test_half_the_pace_and_then_the_whole() -> None:
    book = Book()
    book.resume({7: 5.0}, 2.0, slow_until=60.0)
    assert (book.ready_at(8), book.ready_at(7)) == (2.0, 5.0)
    left: list[float] = []
    now = 2.0
    while now < 70:
        now = max(now, book.free_at())
        book.take(8 + len(left), now)
        left.append(now)
    early = [at for at in left if at < 60]
    assert len(early) == pytest.approx(58 * 14, abs=2)
    assert len(left) - len(early) == pytest.approx(10 * 28, abs=2)


def test_a_group_takes_twenty_in_a_minute() -> None:
    left: list[float] = []
    book, now = Book(rate=1000, chat_rate=1000), 0.0
    while now < 300:
        now = max(now, book.ready_at(-5))
        book.take(-5, now)
        left.append(now)
    assert all(later - earlier >= 60 for earlier, later in zip(left, left[20:], strict=False))
    assert len(left) >= 5 * 19


async def test_what_is_paid_for_has_a_pace_of_its_own() -> None:
    now = 0.0
    pacer = Pacer(Book(rate=1, paid=1000), lambda: now)
    await pacer.turn(1, Lane.PUSH)
    for chat in range(2, 50):
        now += 0.001
        await pacer.turn(chat, Lane.PAID)
    assert pacer.waiting() == (0, 0)


async def test_a_clock_that_was_set_back_makes_no_rest_longer(town: PostOffice) -> None:
    pace = KeptPace(town.db, town.clock)
    await pace.open()
    await pace.refused(town.chats[0], 30)
    await pace.refused(town.chats[1], 10)
    town.clock.advance(days=-1)
    kept = await KeptPace(town.db, town.clock).open()
    assert max(*kept.chats.values(), kept.everybody) <= 30


async def test_a_rest_that_cannot_be_kept_is_kept_by_this_run(town: PostOffice) -> None:
    async def full(_chat_id: int, _seconds: float) -> None:
        raise DatabaseFull("The disk is full.")

    town.worker._sender = Sender(town.sender._api, Pacer(Book(rate=5000)), b"k", on_refusal=full)
    await town.owe(town.chats[0])
    town.telegram.faults.add("sendMessage", refuse(429, "Too Many Requests", retry_after=90))
    await town.worker.drain()
    assert await town.states() == ["retry"], "it certainly did not arrive"


async def test_an_album_counts_as_many_as_it_has_parts_in_the_lane_it_goes_in() -> None:
    now = 0.0
    book = Book(rate=10, paid=100)
    pacer = Pacer(book, lambda: now)
    await pacer.turn(1, Lane.PAID)
    async with pacer.door(1, Lane.PAID, messages=10):
        assert book.free_at() <= 0, "answers wait for no paid album"
        assert book.free_at(paid=True) == pytest.approx(0.1)
    await pacer.turn(2, Lane.PUSH)
    async with pacer.door(2, Lane.PUSH, messages=10):
        assert book.free_at() == pytest.approx(1.0)
