"""Updates: written down first, worked on in each chat's order, and taken up again after a crash."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.services.inbox import IN_LANE, MOST, Inbox
from bot.storage import inbox
from bot.storage.database import Database
from bot.storage.tables import inbox as table
from tests.fresh import database
from tests.storage.archive import locked

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from bot.storage.inbox import Received

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def update(update_id: int, lane: int = 1) -> dict[str, Any]:
    return {"update_id": update_id, "lane": lane}


def lane_of(one: dict[str, Any]) -> int:
    return int(one["lane"])


class Desk:
    """What works on updates: notes them, and waits where it is told to."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.done: list[int] = []
        self.gates: dict[int, asyncio.Event] = defaultdict(open_gate)
        self.failing: set[int] = set()
        self.excused: list[int] = []

    async def work(self, received: Received) -> str:
        self.begun.append(received.update_id)
        await self.gates[received.update_id].wait()
        if received.update_id in self.failing:
            raise ValueError(received.update_id)
        self.done.append(received.update_id)
        return "answered"

    async def excuse(self, received: Received) -> str:
        self.excused.append(received.update_id)
        return "refused"

    def close(self, *update_ids: int) -> None:
        for update_id in update_ids:
            self.gates[update_id] = asyncio.Event()


def open_gate() -> asyncio.Event:
    gate = asyncio.Event()
    gate.set()
    return gate


@pytest.fixture
async def db(path: Path) -> AsyncIterator[Database]:
    """One that waits for nobody's lock for long."""
    opened = Database(path, busy=0.05)
    yield opened
    await opened.close()


def desk_and_inbox(db: Database) -> tuple[Desk, Inbox]:
    desk = Desk()
    return desk, Inbox(db, lambda: NOON, lane_of, desk.work, desk.excuse)


async def rows(db: Database) -> list[Any]:
    return await db.read(lambda c: list(c.execute(sa.select(table).order_by(table.c.update_id))))


async def until(true: Callable[[], bool | Awaitable[bool]]) -> None:
    async with asyncio.timeout(5):
        while True:
            found = true()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0)


async def test_an_update_is_written_down_before_it_is_worked_on(db: Database) -> None:
    desk, box = desk_and_inbox(db)
    desk.close(5)
    await box.receive([update(5, lane=7)])
    (row,) = await rows(db)
    assert (row.update_id, row.lane, row.payload, row.received_at) == (5, 7, update(5, lane=7), NOON)
    assert (row.done_at, row.outcome) == (None, "")
    desk.gates[5].set()
    await box.drain()
    (row,) = await rows(db)
    assert (row.done_at, row.outcome) == (NOON, "answered")
    assert box.held() == 0


async def test_one_chat_is_served_in_its_order_while_others_go_on(db: Database) -> None:
    desk, box = desk_and_inbox(db)
    desk.close(1)
    await box.receive([update(1, lane=1), update(2, lane=1), update(3, lane=2), update(4, lane=2)])
    await until(lambda: desk.done == [3, 4])
    assert desk.begun == [1, 3, 4], "the second of the first chat has not begun"
    await box.receive([update(5, lane=1)])
    desk.gates[1].set()
    await box.drain()
    assert desk.done == [3, 4, 1, 2, 5]


async def test_many_chats_are_served_at_once(db: Database) -> None:
    desk, box = desk_and_inbox(db)
    desk.close(*range(200))
    await box.receive([update(n, lane=n) for n in range(200)])
    await until(lambda: len(desk.begun) == 200)
    for gate in desk.gates.values():
        gate.set()
    await box.drain()
    assert sorted(desk.done) == list(range(200))


async def test_an_update_that_comes_twice_is_worked_on_once(db: Database) -> None:
    desk, box = desk_and_inbox(db)
    await box.receive([update(1), update(1)])
    await box.receive([update(1), update(2)])
    await box.drain()
    await box.receive([update(1)])
    await box.drain()
    assert desk.done == [1, 2]


async def test_no_more_are_asked_for_while_a_thousand_wait(db: Database) -> None:
    desk, box = desk_and_inbox(db)
    desk.close(*range(MOST))
    await box.receive([update(n, lane=n) for n in range(1, MOST)])
    receiving = asyncio.create_task(box.receive([update(MOST, lane=MOST)]))
    await until(lambda: box.held() == MOST)
    await asyncio.sleep(0)
    assert not receiving.done()
    desk.gates[1].set()
    await receiving
    assert box.held() < MOST
    for gate in desk.gates.values():
        gate.set()
    await box.drain()
    assert sorted(desk.done) == list(range(1, MOST + 1))


async def test_who_sends_too_much_keeps_nobody_else_waiting(db: Database) -> None:
    desk, box = desk_and_inbox(db)
    desk.close(1)
    await box.receive([update(n, lane=1) for n in range(1, MOST + 1)])
    assert box.held() == IN_LANE + 1
    await box.receive([update(MOST + 1, lane=2)])
    await until(lambda: desk.done == [MOST + 1])
    assert await db.read(inbox.oldest_open) == NOON
    desk.gates[1].set()
    await box.drain()
    kept = list(range(1, IN_LANE + 1))
    assert desk.done == [MOST + 1, *kept]
    assert desk.excused == [IN_LANE + 1], "that it was too much is said once"
    assert [row.update_id for row in await rows(db) if row.outcome == "answered"] == [*kept, MOST + 1]
    assert (await rows(db))[IN_LANE].outcome == "refused"
    assert {row.outcome for row in (await rows(db))[IN_LANE + 1 : -1]} == {"too many"}
    assert {row.applied_at for row in await rows(db)} == {None}
    await box.receive([update(MOST + 2, lane=1)])
    await box.drain()
    assert desk.done[-1] == MOST + 2, "later there is room again"


async def test_the_log_tells_of_a_flood_once_a_minute_and_of_all_that_came(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    desk, now = Desk(), NOON
    box = Inbox(db, lambda: now, lane_of, desk.work, desk.excuse)
    desk.close(1)
    number = IN_LANE + 1
    await box.receive([update(n) for n in range(1, number + 1)])
    told = []
    for seconds, many in ((0, 5), (1, 3), (59, 2), (60, 4), (90, 1), (119, 1), (120, 1), (500, 7)):
        now = NOON + timedelta(seconds=seconds)
        await box.receive([update(number + n) for n in range(1, many + 1)])
        number += many
        told += [
            (seconds, record.getMessage()) for record in caplog.records if "left undone" in record.message
        ]
        caplog.clear()
    assert told == [
        (seconds, f"{many} messages left undone: they were too many")
        for seconds, many in ((0, 5), (60, 9), (120, 3), (500, 7))
    ]
    desk.gates[1].set()
    await box.drain()


async def test_a_start_takes_up_no_more_of_one_chat_either(db: Database) -> None:
    left = [inbox.Received(n, 1 + n // 100, update(n), NOON) for n in range(101)]
    await db.write(inbox.receive, left)
    desk, box = desk_and_inbox(db)
    assert await box.resume() == 101
    await box.drain()
    assert sorted(desk.done) == [*range(IN_LANE), 100]
    assert desk.excused == [IN_LANE]
    assert await db.read(inbox.unfinished) == []


async def test_while_the_database_takes_nothing_telegram_keeps_the_updates(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk()
    box = Inbox(db, lambda: NOON, lane_of, desk.work, desk.excuse, pause=0.001)
    with locked(db.path):
        receiving = asyncio.create_task(box.receive([update(1), update(2)]))
        await until(lambda: caplog.text.count("updates wait") >= 2)
        assert not receiving.done(), "they are not confirmed"
        assert desk.begun == []
    await receiving
    await box.drain()
    assert desk.done == [1, 2]


async def test_after_a_crash_the_rest_is_taken_up_in_order_and_no_effect_happens_twice(db: Database) -> None:
    desk, box = desk_and_inbox(db)
    desk.close(1, 11)
    await box.receive([update(n, lane=1) for n in (1, 2, 3)] + [update(n, lane=2) for n in (10, 11, 12)])
    await until(lambda: desk.done == [10])
    await db.write(inbox.apply, 1, NOON)
    box.stop()
    await box.drain()
    applied: list[tuple[int, bool]] = []

    async def work(received: Received) -> str:
        first = await db.write(inbox.apply, received.update_id, NOON)
        applied.append((received.update_id, first))
        return "answered"

    again = Inbox(db, lambda: NOON + timedelta(minutes=1), lane_of, work, desk.excuse)
    assert await again.resume() == 5
    await again.receive([update(3, lane=1), update(4, lane=1)])
    await again.drain()
    first_chat = [one for one in applied if one[0] < 10]
    assert first_chat == [(1, False), (2, True), (3, True), (4, True)]
    assert [one for one in applied if one[0] >= 10] == [(11, True), (12, True)]
    assert await again.resume() == 0
    assert {row.received_at for row in await rows(db) if row.update_id < 4} == {NOON}


async def test_a_failure_is_recorded_and_the_chat_goes_on(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    desk, box = desk_and_inbox(db)
    desk.failing.add(1)
    await box.receive([update(1), update(2)])
    await box.drain()
    assert [row.outcome for row in await rows(db)] == ["failed: ValueError", "answered"]
    assert "an update failed" in caplog.text


async def test_an_outcome_waits_until_the_database_takes_it(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk()
    box = Inbox(db, lambda: NOON, lane_of, desk.work, desk.excuse, pause=0.001)
    desk.close(1)
    await box.receive([update(1), update(2)])
    with locked(db.path):
        desk.gates[1].set()
        await until(lambda: caplog.text.count("an update's outcome waits") >= 2)
        assert desk.begun == [1], "the next one of this chat waits with it"
    await box.drain()
    assert desk.done == [1, 2]
    assert [row.outcome for row in await rows(db)] == ["answered", "answered"]
    assert await db.read(inbox.oldest_open) is None


async def test_an_outcome_that_was_not_written_down_is_worked_on_again_after_a_restart(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    desk, box = desk_and_inbox(db)
    desk.close(1)
    await box.receive([update(1)])
    with locked(db.path):
        desk.gates[1].set()
        await until(lambda: "an update's outcome waits" in caplog.text)
        box.stop()
        await box.drain()
    assert box.held() == 0
    second, again = desk_and_inbox(db)
    assert await again.resume() == 1
    await again.drain()
    assert second.done == [1]
    assert (await rows(db))[0].outcome == "answered"


async def test_a_chat_goes_on_after_an_outcome_that_could_not_be_written_down_for_whatever_reason(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    desk, box = desk_and_inbox(db)
    desk.close(1)
    await box.receive([update(1)])
    await db.write(lambda c: c.exec_driver_sql("ALTER TABLE inbox RENAME TO lost"))
    desk.gates[1].set()
    await box.drain()
    await db.write(lambda c: c.exec_driver_sql("ALTER TABLE lost RENAME TO inbox"))
    assert "an update's outcome was not written down" in caplog.text
    assert box.held() == 0
    await box.receive([update(2)])
    await box.drain()
    assert desk.done == [1, 2]


async def test_what_is_given_up_is_not_marked_as_done(db: Database) -> None:
    desk, box = desk_and_inbox(db)
    desk.close(1)
    await box.receive([update(1), update(2)])
    await until(lambda: desk.begun == [1])
    box.stop()
    await box.drain()
    assert [row.done_at for row in await rows(db)] == [None, None]


@settings(max_examples=10)
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3)), max_size=IN_LANE), st.integers(1, 10))
def test_whatever_comes_each_chat_keeps_its_order(
    tmp_path_factory: pytest.TempPathFactory, comes: list[tuple[int, int]], group: int
) -> None:
    """A lane and how many turns of the loop its work takes, in groups of some size."""
    worked: dict[int, list[int]] = defaultdict(list)

    async def work(received: Received) -> str:
        for _ in range(comes[received.update_id][1]):
            await asyncio.sleep(0)
        worked[received.lane].append(received.update_id)
        return "answered"

    async def run() -> None:
        path = database(tmp_path_factory.mktemp("inbox") / "news.db")
        db = Database(path)
        box = Inbox(db, lambda: NOON, lane_of, work, Desk().excuse)
        updates = [update(n, lane) for n, (lane, _) in enumerate(comes)]
        for start in range(0, len(updates), group):
            await box.receive(updates[start : start + group])
        await box.drain()
        await db.close()

    asyncio.run(run())
    for lane in range(1, 5):
        assert worked[lane] == [n for n, (own, _) in enumerate(comes) if own == lane]
