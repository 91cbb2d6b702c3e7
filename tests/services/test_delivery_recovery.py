"""After a crash, a stop or a lock: what was begun and not ended is taken up, and nothing is sent twice."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.errors import DatabaseBusy
from bot.playground.faults import Hold
from bot.services.delivery import LEASE, Deliveries
from bot.services.pace import SLOW, KeptPace
from bot.storage import claims, ledger, outbox
from tests.services.post_office import PostOffice, give_up, quick
from tests.storage.archive import locked

if TYPE_CHECKING:
    import sqlalchemy as sa


async def test_after_a_crash_what_was_claimed_goes_out_and_what_was_on_its_way_does_not(
    office: PostOffice,
) -> None:
    await office.owe(*office.chats)

    def crash(connection: sa.Connection) -> None:
        found = claims.claim(connection, 1, office.clock(), office.clock() + LEASE, 10)
        first, second, _ = found.leaving
        ledger.begin(connection, 1, [first.id, second.id], office.clock())

    await office.db.write(crash)
    assert await office.colleague().recover() == (1, 2)
    following = office.colleague()
    assert await following.recover() == (0, 0)
    assert await following.drain() == 1
    assert await office.states() == ["unknown", "unknown", "sent"]
    assert (await office.rows())[0].reason == "nobody has seen the end of sending this"
    office.clock.advance(hours=2)
    assert await following.drain() == 0
    assert office.accepted() == 1


async def test_a_run_that_gave_up_what_was_on_its_way_has_not_ended_well(office: PostOffice) -> None:
    pace = KeptPace(office.db, office.clock)
    await pace.open()
    await office.owe(office.chats[0])
    await give_up(await office.held(Hold()))
    await pace.close()
    assert (await pace.open()).slow == SLOW, "nobody knows what left in its last second"
    await office.colleague().recover()
    await pace.close()
    assert (await pace.open()).slow == 0


async def test_a_worker_of_an_earlier_epoch_can_neither_send_nor_record(slow_office: PostOffice) -> None:
    await slow_office.owe(*slow_office.chats[:2])
    hold = Hold()
    sleeper = await slow_office.held(hold)
    second = slow_office.colleague(quick())
    assert await second.recover() == (1, 1)
    assert await second.drain() == 1
    assert await slow_office.states() == ["unknown", "sent"]
    hold.release()
    slow_office.hurry()
    assert await sleeper == 0, "it saw the answer to its own message, and that it is the older one"
    assert await slow_office.states() == ["unknown", "sent"], "but what it says counts no more"
    assert [slow_office.accepted(chat) for chat in slow_office.chats[:2]] == [1, 1]


async def test_a_lease_that_ends_while_waiting_for_a_turn_sends_nothing(slow_office: PostOffice) -> None:
    await slow_office.owe(*slow_office.chats[:2])
    draining = await slow_office.one_sent()
    slow_office.clock.advance(seconds=LEASE.total_seconds() + 1)
    slow_office.worker.stop()
    slow_office.hurry()
    assert await draining == 1
    assert await slow_office.states() == ["sent", "planned"]
    after = slow_office.colleague(quick())
    await after.recover()
    assert await after.drain() == 1
    assert [slow_office.accepted(chat) for chat in slow_office.chats[:2]] == [1, 1]


async def test_a_lease_that_is_over_is_no_leave_to_send(slow_office: PostOffice) -> None:
    await slow_office.owe(*slow_office.chats[:2])
    draining = await slow_office.one_sent()
    slow_office.clock.advance(seconds=LEASE.total_seconds() + 1)
    slow_office.hurry()
    assert await draining == 2, "given back, claimed anew, and sent"
    assert [row.attempts for row in await slow_office.rows()] == [1, 1]


async def test_stopping_gives_back_what_was_not_begun_and_ends_what_was(slow_office: PostOffice) -> None:
    await slow_office.owe(*slow_office.chats)
    hold = Hold()
    draining = await slow_office.held(hold)
    slow_office.worker.stop()
    slow_office.hurry()
    hold.release()
    assert await draining == 1
    assert await slow_office.states() == ["sent", "planned", "planned"]
    assert [row.lease_until for row in await slow_office.rows()] == [None] * 3
    assert await slow_office.worker.drain() == 0, "a stopped worker begins nothing"


async def test_an_outcome_that_could_not_be_written_down_is_unknown_in_the_end(office: PostOffice) -> None:
    await office.owe(*office.chats[:2])
    hold = Hold()
    office.telegram.faults.add("sendMessage", hold, times=2)
    draining = asyncio.create_task(office.worker.drain())
    await office.telegram.wait_for(lambda: office.accepted() == 2)
    with locked(office.db.path):
        hold.release()
        with pytest.raises(DatabaseBusy):
            await draining
    assert await office.states() == ["sending", "sending"]
    assert await office.worker.drain() == 0
    office.clock.advance(seconds=LEASE.total_seconds() + 1)
    await office.worker.drain()
    assert await office.states() == ["sending", "sending"], "an answer may still be on its way"
    office.clock.advance(minutes=6)
    assert await office.worker.drain() == 0
    assert await office.states() == ["unknown", "unknown"]
    assert office.accepted() == 2, "and nothing is sent twice"


async def test_what_could_not_be_begun_is_taken_up_when_its_lease_is_over(slow_office: PostOffice) -> None:
    await slow_office.owe(*slow_office.chats[:2])
    draining = await slow_office.one_sent()
    with locked(slow_office.db.path):
        slow_office.hurry()
        with pytest.raises(DatabaseBusy):
            await draining
    assert (await slow_office.states())[1] == "claimed"
    slow_office.clock.advance(seconds=LEASE.total_seconds() + 1)
    assert await slow_office.worker.drain() == 1
    assert (await slow_office.states())[1] == "sent"
    assert slow_office.accepted(slow_office.chats[1]) == 1


async def test_giving_up_in_mid_flight_leaves_rows_that_recovery_understands(slow_office: PostOffice) -> None:
    await slow_office.owe(*slow_office.chats)
    hold = Hold()
    draining = await slow_office.held(hold)
    await give_up(draining)
    assert await slow_office.states() == ["sending", "claimed", "claimed"]
    following = slow_office.colleague(quick())
    assert await following.recover() == (2, 1)
    assert await following.drain() == 2
    assert [slow_office.accepted(chat) for chat in slow_office.chats] == [1, 1, 1]


async def test_what_is_on_its_way_is_waited_for_although_nothing_more_can_be_claimed(
    office: PostOffice,
) -> None:
    await office.owe(*office.chats[:1])
    hold = Hold()
    office.worker = Deliveries(office.db, office.clock, office.sender, look=0.01)
    await office.worker.recover()
    draining = await office.held(hold)
    with locked(office.db.path):
        for _ in range(3):  # by the third of these refusals a claim has been refused as well
            with pytest.raises(DatabaseBusy):
                await office.db.write(outbox.counts)
        assert not draining.done()
    hold.release()
    with pytest.raises(DatabaseBusy):
        await draining
    assert await office.states() == ["sent"]
