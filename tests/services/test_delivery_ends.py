"""What reaches further than one row: poisoned messages, chats with new numbers, a refused token, stories nobody saw."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.domain.message import Button, Message, bold
from bot.gateway.pacing import Pacer
from bot.playground.faults import Hold, refuse
from bot.playground.people import Person
from bot.services.delivery import AT_ONCE, Deliveries, at_once
from bot.storage import claims, lists, outbox, readers, unseen
from bot.storage.ledger import POISONED
from bot.storage.stories import tell, told_to
from bot.storage.tables import deliveries, messages, owed_again, stories, told
from tests.services.post_office import HOUR, MORNING, PostOffice, open_office

if TYPE_CHECKING:
    from pathlib import Path

    from bot.storage.database import Connection

RICH = Message(bold("Bridge closed"), ((Button("Read", "open:1"),),))
WRONG = "Bad Request: can't parse entities"


async def owe_all(office: PostOffice, message: Message = RICH) -> None:
    """Owe one message to everybody."""

    def write(connection: Connection) -> None:
        (kept,) = outbox.keep_all(connection, [message], office.clock())
        debts = [outbox.Debt(kept, chat, f"all:{chat}") for chat in office.chats]
        outbox.plan_all(connection, debts, office.clock(), office.clock() + HOUR)

    await office.db.write(write)


async def test_a_refused_message_goes_out_in_plain_words_and_is_one_message(office: PostOffice) -> None:
    await owe_all(office)
    office.telegram.faults.add("sendMessage", refuse(400, WRONG), chat=office.chats[0])
    assert await office.worker.drain() == 3
    assert await office.states() == ["sent"] * 3
    first, second = (office.telegram.last(chat) for chat in office.chats[:2])
    assert ("entities" in first, "reply_markup" in first) == (False, False)
    assert ("entities" in second, "reply_markup" in second) == (True, True)
    assert [row.attempts for row in await office.rows()] == [2, 1, 1]


async def test_a_message_that_is_refused_for_everybody_stops(tmp_path: Path) -> None:
    async with open_office(tmp_path, people=400) as office:
        await owe_all(office)
        office.telegram.faults.add("sendMessage", refuse(400, WRONG), times=10_000)
        assert await office.worker.drain() == 0
        assert set(await office.states()) == {"failed"}
        (message,) = await office.db.read(lambda c: list(c.execute(sa.select(messages))))
        assert (message.mode, message.refusal) == ("stopped", WRONG)
        tried = len(office.telegram.calls.of("sendMessage"))
        assert 2 * POISONED <= tried <= 2 * POISONED + 8 * AT_ONCE, "a few that were under way, and no more"


async def test_a_message_that_somebody_got_is_no_poison(tmp_path: Path) -> None:
    async with open_office(tmp_path, people=POISONED * 3) as office:
        await owe_all(office)
        for chat in office.chats[1:]:
            office.telegram.faults.add("sendMessage", refuse(400, WRONG), chat=chat)
        assert await office.worker.drain() == POISONED * 3, "each in plain words, but for the first"
        assert "entities" in office.telegram.last(office.chats[0])


async def test_a_chat_with_a_new_number_takes_everything_along(office: PostOffice) -> None:
    old, new = office.chats[0], 7_990_000_001
    office.telegram.add_person(Person(new, "Maya", started=True))
    await office.owe(old, name="now")
    moved = refuse(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=new)
    office.telegram.faults.add("sendMessage", moved, chat=old)
    assert await office.worker.drain() == 1
    assert (await office.row()).chat_id == new
    assert office.accepted(new) == 1
    assert await office.db.read(readers.get, old) is None
    assert await office.db.read(readers.get, new) is not None
    broken = await office.db.read(lambda c: list(c.exec_driver_sql("PRAGMA foreign_key_check")))
    assert broken == []


async def test_a_refused_token_tries_one_row_at_a_time_and_loses_none(tmp_path: Path) -> None:
    async with open_office(tmp_path, people=AT_ONCE * 2) as office:
        await owe_all(office)
        unauthorized = refuse(401, "Unauthorized")
        office.telegram.faults.add("sendMessage", unauthorized, times=10_000)
        assert await office.worker.drain() == 0
        first = len(office.telegram.calls.of("sendMessage"))
        assert first <= AT_ONCE, "only what was under way"
        assert await office.worker.drain() == 0
        assert len(office.telegram.calls.of("sendMessage")) == first + 1
        office.telegram.faults.clear()
        office.clock.advance(seconds=2)
        assert await office.worker.drain() == AT_ONCE * 2, "one is taken, and then all are"
        assert set(await office.states()) == {"sent"}


async def test_an_answer_to_what_left_before_does_not_show_that_the_token_is_taken_again(
    tmp_path: Path,
) -> None:
    async with open_office(tmp_path, people=AT_ONCE * 2) as office:
        await owe_all(office)
        early = Hold()
        office.telegram.faults.add("sendMessage", early, chat=office.chats[0])
        office.telegram.faults.add("sendMessage", refuse(401, "Unauthorized"), times=10_000)
        draining = asyncio.create_task(office.worker.drain())
        await office.until({"sending": 1, "retry": AT_ONCE - 1, "planned": AT_ONCE})
        early.release()
        assert await draining == 1
        assert len(office.telegram.calls.of("sendMessage")) == AT_ONCE
        assert await office.worker.drain() == 0
        assert len(office.telegram.calls.of("sendMessage")) == AT_ONCE + 1, "one is tried at each look"


async def test_nothing_more_is_claimed_while_the_last_ones_before_a_refused_token_are_answered(
    tmp_path: Path,
) -> None:
    async with open_office(tmp_path, people=AT_ONCE * 4) as office:
        await owe_all(office)
        soon, late = Hold(), Hold()
        refused, early, *others = office.chats
        office.telegram.faults.add("sendMessage", refuse(401, "Unauthorized"), times=10_000, chat=refused)
        office.telegram.faults.add("sendMessage", soon, chat=early)
        for chat in others:
            office.telegram.faults.add("sendMessage", late, chat=chat)
        draining = asyncio.create_task(office.worker.drain())
        await office.until({"sending": AT_ONCE - 1, "retry": 1, "planned": AT_ONCE * 3})
        soon.release()
        await office.until({"sending": AT_ONCE - 2, "sent": 1, "retry": 1, "planned": AT_ONCE * 3})
        late.release()
        assert await draining == AT_ONCE - 1
        assert len(office.telegram.calls.of("sendMessage")) == AT_ONCE


async def test_a_row_that_cannot_be_read_ends_and_the_others_go(office: PostOffice) -> None:
    await office.owe(*office.chats)
    await office.db.write(
        lambda c: c.execute(
            sa.update(messages)
            .where(messages.c.id == sa.select(sa.func.max(messages.c.id)).scalar_subquery())
            .values(document={"text": 5})
        )
    )
    assert await office.worker.drain() == 2
    rows = await office.rows()
    assert [(row.state, row.reason) for row in rows] == [
        ("sent", ""),
        ("sent", ""),
        ("failed", "its message cannot be read"),
    ]


async def test_a_chat_that_must_rest_long_holds_nobodys_place(tmp_path: Path) -> None:
    async with open_office(tmp_path, people=5, pacer=Pacer()) as office:
        resting, *others = office.chats
        for number in range(3):
            await office.owe(resting, name=f"d{number}", good_for=6 * HOUR)
        office.telegram.faults.add(
            "sendMessage", refuse(429, "Too Many Requests", retry_after=3600), chat=resting
        )
        await office.worker.drain()
        await office.owe(*others, name="others")
        assert await office.worker.drain() == 4
        states = [row.state for row in await office.rows() if row.chat_id == resting]
        assert states.count("sent") == 0
        assert set(states) <= {"planned", "retry"}
        waits = [row.not_before - office.clock() for row in await office.rows() if row.chat_id == resting]
        assert min(waits) > timedelta(minutes=59)


@pytest.mark.slow
async def test_many_for_one_chat_leave_room_for_the_others(tmp_path: Path) -> None:
    async with open_office(tmp_path, people=3) as office:
        for number in range(AT_ONCE * 3):
            await office.owe(office.chats[0], name=f"d{number}")
        await office.owe(*office.chats[1:], name="others")
        hold = Hold()
        office.telegram.faults.add("sendMessage", hold, chat=office.chats[0], times=3)
        draining = asyncio.create_task(office.worker.drain())
        await office.telegram.wait_for(lambda: office.accepted(office.chats[2]) == 1)
        assert office.accepted(office.chats[1]) == 1
        hold.release()
        assert await draining >= 5


async def test_lanes_share_and_what_one_does_not_need_is_the_others(tmp_path: Path) -> None:
    async with open_office(tmp_path, people=40) as office:

        def write(connection: Connection) -> None:
            (kept,) = outbox.keep_all(connection, [RICH], office.clock())
            for lane in outbox.Lane:
                debts = [
                    outbox.Debt(kept, chat, f"{lane}:{chat}", lane=lane, not_before=MORNING - lane * HOUR)
                    for chat in office.chats
                ]
                outbox.plan_all(connection, debts, office.clock(), office.clock() + HOUR)

        await office.db.write(write)
        claimed = await office.db.write(claims.claim, 1, MORNING, MORNING + HOUR, 70)
        lanes = {row.id: row.lane for row in await office.rows()}
        found = [lanes[one.id] for one in claimed.leaving]
        assert found[:7] == [0, 0, 0, 0, 1, 1, 2], "though the broadcast has been due for longest"
        assert [found.count(lane) for lane in outbox.Lane] == [40, 20, 10]


@pytest.mark.parametrize(("end", "owed"), [("failed", 1), ("expired", 1), ("unknown", 0), ("sent", 0)])
async def test_what_a_reader_certainly_did_not_see_is_owed_again(
    office: PostOffice, end: str, owed: int
) -> None:
    chat = office.chats[0]

    def write(connection: Connection) -> None:
        _story(connection, 5)
        (kept,) = outbox.keep_all(connection, [RICH], office.clock())
        connection.execute(sa.insert(told).values(chat_id=chat, story_id=5, how="push", at=office.clock()))
        debt = outbox.Debt(kept, chat, "push", story_id=5)
        outbox.plan_all(connection, [debt], office.clock(), office.clock() + HOUR)

    await office.db.write(write)
    if end == "expired":
        office.clock.advance(hours=2)
    elif end == "failed":
        office.telegram.faults.add("sendMessage", refuse(400, WRONG), times=2)
    elif end == "unknown":
        office.telegram.faults.add("sendMessage", refuse(500, "Internal Server Error"))
    await office.worker.drain()
    assert await office.states() == [end]
    for table, number in ((owed_again, owed), (told, 1 - owed)):
        assert (await office.db.read(_count, table)) == number
    assert await office.db.read(unseen.owed, [chat]) == ({chat: [5]} if owed else {})
    await office.db.write(unseen.settle, {chat: (5,)})
    assert await office.db.read(unseen.owed, [chat]) == {}


@pytest.mark.parametrize(("op", "opened", "owed"), [("send", [5], []), ("send", [6], [5]), ("edit", [], [])])
async def test_what_a_reader_has_opened_or_was_shown_before_is_not_owed_again(
    office: PostOffice, op: str, opened: list[int], owed: list[int]
) -> None:
    chat = office.chats[0]

    def write(connection: Connection) -> None:
        for story_id in (5, 6):
            _story(connection, story_id)
        tell(connection, chat, [5], "push", office.clock())
        tell(connection, chat, opened, "opened", office.clock())
        (kept,) = outbox.keep_all(connection, [RICH], office.clock())
        debt = outbox.Debt(kept, chat, "push", story_id=5, op=op, target=None if op == "send" else 3)
        outbox.plan_all(connection, [debt], office.clock(), office.clock() + HOUR)

    await office.db.write(write)
    office.telegram.faults.add("*", refuse(400, WRONG), times=2)
    await office.worker.drain()
    assert await office.states() == ["failed"]
    assert await office.db.read(unseen.owed, [chat]) == ({chat: owed} if owed else {})
    kept = await office.db.read(lambda c: list(c.execute(sa.select(told.c.story_id, told.c.how))))
    assert sorted(map(tuple, kept)) == sorted(
        [*((one, "opened") for one in opened), *((one, "push") for one in {5} - {*opened} - {*owed})]
    )


async def test_of_a_digest_that_did_not_arrive_all_stories_are_owed_but_those_that_were_opened(
    office: PostOffice,
) -> None:
    chat, other, _ = office.chats

    def write(connection: Connection) -> None:
        for story_id in (5, 6, 7):
            _story(connection, story_id)
        (kept,) = outbox.keep_all(connection, [RICH], office.clock())
        for reader in (chat, other):
            tell(connection, reader, [5, 6, 7], "digest", office.clock())
            new = lists.New(reader, "digest", {}, (5, 6, 7))
            listing = lists.add(connection, new, office.clock())
            debt = outbox.Debt(kept, reader, f"digest:{reader}", listing.id)
            outbox.plan_all(connection, [debt], office.clock(), office.clock() + HOUR)
        tell(connection, chat, [6], "opened", office.clock())

    await office.db.write(write)
    office.telegram.faults.add("sendMessage", refuse(400, WRONG), times=2, chat=chat)
    assert await office.worker.drain() == 1
    assert await office.db.read(unseen.owed, office.chats) == {chat: [5, 7]}
    assert await office.db.read(told_to, [chat, other], MORNING - HOUR) == {chat: {6}, other: {5, 6, 7}}


@pytest.mark.parametrize("paid", [True, False])
async def test_only_broadcasts_are_paid_for_and_only_where_that_is_wished(
    office: PostOffice, *, paid: bool
) -> None:
    worker = Deliveries(office.db, office.clock, office.sender, paid=paid)
    await worker.recover()

    def write(connection: Connection) -> None:
        (kept,) = outbox.keep_all(connection, [RICH], office.clock())
        debts = [
            outbox.Debt(kept, office.chats[0], "notice"),
            outbox.Debt(kept, office.chats[1], "digest", lane=outbox.Lane.DIGEST),
            outbox.Debt(kept, office.chats[2], "broadcast", lane=outbox.Lane.BROADCAST, broadcast_id=3),
        ]
        outbox.plan_all(connection, debts, office.clock(), office.clock() + HOUR)

    await office.db.write(write)
    assert await worker.drain() == 3
    asked = {
        call.params["chat_id"] for call in office.telegram.calls if call.params.get("allow_paid_broadcast")
    }
    assert asked == ({office.chats[2]} if paid else set())


@pytest.mark.parametrize(("rate", "together"), [(0, AT_ONCE), (170, AT_ONCE), (176, 66), (1000, 375)])
def test_at_a_pace_that_is_paid_for_more_are_under_way_together(rate: int, together: int) -> None:
    assert at_once(rate) == together


def _count(connection: Connection, table: sa.Table) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def _story(connection: Connection, story_id: int) -> None:
    values: dict[str, Any] = {"id": story_id, "first_seen_at": MORNING, "shown_at": MORNING}
    connection.execute(sa.insert(stories).values(values))


async def test_what_waits_for_quiet_hours_holds_up_nobody(tmp_path: Path) -> None:
    async with open_office(tmp_path, people=AT_ONCE * 3) as office:
        for chat in office.chats[:-1]:
            await office.db.write(partial(readers.change, chat_id=chat, quiet=(0, 1439), zone="UTC"))
        await owe_all(office)
        assert await office.worker.drain() == 1, "in one go, though the first hundreds wait"


def test_the_outbox_has_a_lane_for_each_share() -> None:
    assert len(claims.LANES) == len(outbox.Lane)


async def test_no_row_is_left_behind_by_a_worker_that_stops(tmp_path: Path) -> None:
    async with open_office(tmp_path, people=AT_ONCE * 3) as office:
        await owe_all(office)
        hold = Hold()
        draining = await office.held(hold, times=AT_ONCE)
        await office.telegram.wait_for(lambda: office.accepted() == AT_ONCE)
        office.worker.stop()
        hold.release()
        assert await draining == AT_ONCE
        states = await office.states()
        assert (states.count("sent"), states.count("planned")) == (AT_ONCE, AT_ONCE * 2)
        held = sa.select(deliveries.c.id).where(deliveries.c.state.in_(("claimed", "sending")))
        assert await office.db.read(lambda c: list(c.execute(held))) == []
