"""The commits around each message: what gathers shares one, who waits hears of a failure, and the next one goes on."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.domain.delivery import Outcome, Receipt, State
from bot.domain.message import Message, Text
from bot.errors import DatabaseBusy
from bot.services.ledger import FEW, FULL, GATHER, Ledger
from bot.storage import claims, meta, outbox
from bot.storage.claims import Delivery, Fenced
from bot.storage.database import Database
from bot.storage.tables import deliveries
from tests.gateway.jumping import JumpingLoop, in_jumping_time
from tests.storage.archive import HOUR, MINUTE, NOW, Archive, locked

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

SENT = Receipt(Outcome.SENT, 41)
LATER = Receipt(Outcome.RETRY, reason="Too Many Requests", retry_after=60)
START = 1000.0


@pytest.fixture
async def db(path: Path) -> AsyncIterator[Database]:
    """One that waits for nobody's lock for long."""
    opened = Database(path, busy=0.05)
    yield opened
    await opened.close()


async def opened(db: Database, number: int) -> tuple[Ledger, list[Delivery]]:
    """A ledger, and so many deliveries that its worker has claimed."""
    ledger = Ledger(db, lambda: NOW)

    def write(connection: sa.Connection) -> list[Delivery]:
        archive = Archive(connection)
        (message,) = outbox.keep_all(connection, [Message(Text("Good morning"))], NOW)
        for chat in range(7, 7 + number):
            archive.reader(chat)
            outbox.plan_all(connection, [outbox.Debt(message, chat, str(chat))], NOW, NOW + HOUR)
        ledger.epoch = meta.next_epoch(connection)
        return claims.claim(connection, ledger.epoch, NOW, NOW + 2 * MINUTE, number).leaving

    return ledger, await db.write(write)


async def states(db: Database) -> list[str]:
    statement = sa.select(deliveries.c.state).order_by(deliveries.c.id)
    return list(await db.read(lambda c: c.execute(statement).scalars().all()))


class Commits:
    """When the database was committed, in the time of the loop."""

    def __init__(self, db: Database, loop: JumpingLoop) -> None:
        self.at: list[float] = []
        sa.event.listen(db._write_engine, "commit", lambda _: self.at.append(round(loop.now - START, 6)))


def in_time(
    path: Path, number: int, scene: Callable[[Ledger, list[Delivery], Commits], Awaitable[None]]
) -> None:
    """Play with a ledger and its claimed deliveries in time that passes by waiting alone."""

    async def play(loop: JumpingLoop) -> None:
        db = Database(path)
        ledger, claimed = await opened(db, number)
        loop.now = START
        await scene(ledger, claimed, Commits(db, loop))
        await db.close()

    in_jumping_time(play)


def test_one_alone_waits_for_nothing(path: Path) -> None:
    async def scene(ledger: Ledger, claimed: list[Delivery], commits: Commits) -> None:
        for delivery in claimed:
            assert await ledger.begin(delivery.id)
            await asyncio.sleep(GATHER)
        assert commits.at == [0, GATHER, 2 * GATHER]

    in_time(path, 3, scene)


def test_at_the_free_pace_nobody_waits(path: Path) -> None:
    async def scene(ledger: Ledger, claimed: list[Delivery], commits: Commits) -> None:
        assert await ledger.begin(claimed[0].id)
        for earlier, delivery in pairwise(claimed):
            await asyncio.sleep(GATHER / 5)
            ledger.end(earlier, SENT, 0.5)
            assert await ledger.begin(delivery.id)
        assert commits.at == [round(number * GATHER / 5, 6) for number in range(5)]

    in_time(path, 5, scene)


async def much(ledger: Ledger, claimed: list[Delivery]) -> None:
    """A commit of more than a few."""
    assert all(await asyncio.gather(*(ledger.begin(one.id) for one in claimed[: FEW + 1])))


def test_what_comes_until_the_next_commit_shares_it(path: Path) -> None:
    async def scene(ledger: Ledger, claimed: list[Delivery], commits: Commits) -> None:
        first, *others = claimed[0], *claimed[FEW + 1 :]
        await much(ledger, claimed)
        waiting: list[Awaitable[Any]] = []
        for part in (0.1, 0.4, 0.9):
            await asyncio.sleep(START + part * GATHER - asyncio.get_running_loop().time())
            waiting.append(asyncio.create_task(ledger.begin(others[len(waiting)].id)))
        waiting.append(ledger.end(first, SENT, 0.5))
        assert await asyncio.gather(*waiting) == [True] * 4
        assert commits.at == [0, GATHER], "what began and what ended in one"
        assert await ledger.begin(others[3].id)
        assert commits.at == [0, GATHER, 2 * GATHER]
        assert await ledger.begin(others[4].id)
        assert commits.at == [0, GATHER, 2 * GATHER, 2 * GATHER], "the last one was alone"

    in_time(path, FEW + 6, scene)


@pytest.mark.parametrize(("more", "waits"), [(FULL - 1, GATHER), (FULL, 0)])
def test_many_wait_for_no_more(path: Path, more: int, waits: float) -> None:
    async def scene(ledger: Ledger, claimed: list[Delivery], commits: Commits) -> None:
        await much(ledger, claimed)
        ended = [asyncio.create_task(ledger.begin(10_000 + number)) for number in range(more)]
        assert not any(await asyncio.gather(*ended)), "nobody has claimed these"
        assert commits.at == [0, waits]

    in_time(path, FEW + 1, scene)


async def test_each_hears_whether_it_may_leave_though_all_share_a_commit(db: Database) -> None:
    ledger, (one, gone, other) = await opened(db, 3)
    await db.write(outbox.drop_for, gone.chat_id, NOW, "stopped everything")
    assert await asyncio.gather(*(ledger.begin(each.id) for each in (one, gone, other))) == [
        True,
        False,
        True,
    ]
    assert await states(db) == [State.SENDING, State.GONE, State.SENDING]


async def test_each_receipt_is_written_down_for_its_own_delivery(db: Database) -> None:
    ledger, (one, other) = await opened(db, 2)
    await asyncio.gather(ledger.begin(one.id), ledger.begin(other.id))
    await asyncio.gather(ledger.end(one, SENT, 0.5), ledger.end(other, LATER, 1.0))
    rows = list(await db.read(lambda c: c.execute(sa.select(deliveries).order_by(deliveries.c.id)).all()))
    assert [(row.state, row.sent_id, row.reason) for row in rows] == [
        (State.SENT, 41, ""),
        (State.RETRY, None, "Too Many Requests"),
    ]
    assert rows[1].not_before == NOW + MINUTE * 61 / 60


async def test_a_commit_that_fails_is_told_to_all_who_wait_and_the_next_one_works(db: Database) -> None:
    ledger, (one, other, third) = await opened(db, 3)
    assert await ledger.begin(one.id)
    with locked(db.path):
        work = (ledger.begin(other.id), ledger.begin(third.id), ledger.end(one, SENT, 0.5))
        told = await asyncio.gather(*work, return_exceptions=True)
    assert [type(each) for each in told] == [DatabaseBusy] * 3
    assert await states(db) == [State.SENDING, State.CLAIMED, State.CLAIMED]
    assert all(await asyncio.gather(ledger.begin(other.id), ledger.end(one, SENT, 0.5)))
    assert await states(db) == [State.SENT, State.SENDING, State.CLAIMED]


async def test_what_comes_while_a_commit_fails_is_in_the_next_one(db: Database) -> None:
    ledger, (one, other) = await opened(db, 2)
    with locked(db.path):
        first = asyncio.create_task(ledger.begin(one.id))
        while not ledger._committed_at:  # noqa: ASYNC110 - it says of no commit that it has begun
            await asyncio.sleep(0)
        second = asyncio.create_task(ledger.begin(other.id))
        with pytest.raises(DatabaseBusy):
            await first
    assert await second
    assert await states(db) == [State.CLAIMED, State.SENDING]


async def test_who_gives_up_waiting_keeps_nobody_else_from_the_answer(db: Database) -> None:
    ledger, (one, other) = await opened(db, 2)
    for fails in (True, False):
        leaving, staying = (asyncio.create_task(ledger.begin(each.id)) for each in (one, other))
        await asyncio.sleep(0)
        leaving.cancel()
        if fails:
            with locked(db.path), pytest.raises(DatabaseBusy):
                await staying
        else:
            assert await staying
        assert leaving.cancelled()


async def test_what_shares_a_commit_with_the_outcome_of_an_older_worker_may_not_leave(db: Database) -> None:
    ledger, (one, other) = await opened(db, 2)
    assert await ledger.begin(one.id)
    newer = await db.write(meta.next_epoch)
    taken = sa.update(deliveries).where(deliveries.c.id == one.id)
    await db.write(lambda c: c.execute(taken.values(epoch=newer)))
    told = await asyncio.gather(ledger.end(one, SENT, 0.5), ledger.begin(other.id), return_exceptions=True)
    assert [type(each) for each in told] == [Fenced, Fenced]
    assert await states(db) == [State.SENDING, State.CLAIMED]


@pytest.mark.parametrize(
    ("op", "state"), [("send", State.UNKNOWN), ("edit", State.RETRY), ("delete", State.RETRY)]
)
async def test_a_change_of_which_nobody_knows_the_end_is_made_again(
    db: Database, op: str, state: State
) -> None:
    ledger, (one,) = await opened(db, 1)
    await ledger.begin(one.id)
    await ledger.end(one._replace(op=op), Receipt(Outcome.UNKNOWN, reason="no answer in time"), 0.5)
    assert await states(db) == [state]
    (row,) = await db.read(lambda c: c.execute(sa.select(deliveries)).all())
    assert (row.reason, row.ended_at) == ("no answer in time", NOW if op == "send" else None)
