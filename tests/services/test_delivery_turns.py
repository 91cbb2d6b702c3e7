"""Whose turn it is: what is due is claimed, begun and sent side by side, and nothing holds up the rest."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.gateway.pacing import Book, Pacer
from bot.playground.faults import Hold
from bot.services.delivery import AT_ONCE, LEASE, Deliveries
from bot.storage import claims, ledger, outbox
from bot.storage.database import engine
from tests.services.post_office import PostOffice, give_up, open_office

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_delivery_is_claimed_then_committed_as_being_sent_and_then_sent(office: PostOffice) -> None:
    await office.owe(office.chats[0])
    hold = Hold(before=True)
    assert (await office.row()).state == "planned"
    draining = await office.held(hold)
    row = await office.row()
    assert (row.state, row.attempts) == ("sending", 1), "committed before Telegram has done anything"
    assert row.lease_until == office.clock() + LEASE
    hold.release()
    assert await draining == 1
    row = await office.row()
    assert (row.state, row.sent_id, row.ended_at) == (
        "sent",
        office.telegram.last(office.chats[0])["message_id"],
        office.clock(),
    )


async def test_the_end_of_one_shares_its_commit_with_the_beginning_of_the_next(office: PostOffice) -> None:
    await office.owe(*office.chats)
    kept: list[list[str]] = []

    @sa.event.listens_for(office.db._writer.engine, "commit")
    def look(connection: sa.Connection) -> None:
        states = connection.exec_driver_sql("SELECT state FROM deliveries ORDER BY id").scalars().all()
        if states not in kept:
            kept.append([*states])

    worker = Deliveries(office.db, office.clock, office.sender, at_once=1)
    await worker.recover()
    assert await worker.drain() == 3
    assert ["sent", "sending"] in [states[:2] for states in kept]
    assert ["sent", "claimed"] not in [states[:2] for states in kept], "each waits for one commit"


async def test_what_waits_for_its_turn_is_claimed_and_no_more(slow_office: PostOffice) -> None:
    await slow_office.owe(*slow_office.chats)
    draining = await slow_office.one_sent()
    await slow_office.until({"sent": 1, "claimed": 2})
    await give_up(draining)


async def test_looking_for_work_reads_no_row_that_has_ended(office: PostOffice) -> None:
    """As the statements stand in the code: with values in their places SQLite may choose other indexes."""
    statements = (claims._EPOCH, claims._WITH_READERS, claims._CLAIM)
    seen: list[tuple[str, Any]] = [(one.sql, [None] * one.sql.count("?")) for one in statements]
    made = engine(office.db.path)

    @sa.event.listens_for(made, "before_cursor_execute")
    def note(_c: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        seen.append((statement, values))

    with made.begin() as connection:
        claims.claim(connection, 1, office.clock(), office.clock(), 10)
        ledger.recover(connection, 1, office.clock())
        outbox.oldest_due(connection, office.clock())
        outbox.is_sending(connection)
        plans = [
            row[3]
            for statement, values in [*seen]
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", tuple(values))
        ]
    made.dispose()
    read = [line for line in plans if " deliveries" in line and "PRIMARY KEY" not in line]
    assert len(read) == 4
    assert all("ix_deliveries_due" in line or "ix_deliveries_held" in line for line in read), read


async def test_one_slow_answer_holds_up_nobody_else(tmp_path: Path) -> None:
    async with open_office(tmp_path, people=AT_ONCE * 3) as office:
        await office.owe(*office.chats)
        hold = Hold()
        office.telegram.faults.add("sendMessage", hold, chat=office.chats[0])
        draining = asyncio.create_task(office.worker.drain())
        await office.telegram.wait_for(lambda: office.accepted() == AT_ONCE * 3)
        assert not draining.done()
        states = await office.states()
        assert states[0] == "sending"
        hold.release()
        assert await draining == AT_ONCE * 3
        assert set(await office.states()) == {"sent"}


async def test_what_comes_due_while_a_chat_must_rest_goes_out(tmp_path: Path) -> None:
    pacer = Pacer(Book(rate=5000, chat_rate=0.001, chat_burst=1))
    async with open_office(tmp_path, pacer=pacer) as office:
        worker = Deliveries(office.db, office.clock, office.sender, look=0.01)
        await worker.recover()
        await office.owe(office.chats[0], office.chats[0])
        draining = asyncio.create_task(worker.drain())
        await office.until({"sent": 1, "claimed": 1})
        await office.owe(office.chats[1], name="later")
        await office.until({"sent": 2, "claimed": 1})
        assert office.accepted(office.chats[1]) == 1
        await give_up(draining)


async def test_never_more_are_under_way_than_a_crash_may_leave_unknown(tmp_path: Path) -> None:
    async with open_office(tmp_path, people=AT_ONCE * 2) as office:
        await office.owe(*office.chats)
        hold = Hold(before=True)
        draining = await office.held(hold, times=AT_ONCE * 2)
        await office.until({"sending": AT_ONCE, "claimed": AT_ONCE})
        hold.release()
        assert await draining == AT_ONCE * 2
