"""A chat that gets another number: what is its own goes along, and where the number is known already what is owed does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.domain.schedule import Slot
from bot.playground.faults import refuse
from bot.playground.people import Person
from bot.storage import lists, migrating, outbox, readers, unseen
from bot.storage import stories as stories_room
from bot.storage.tables import deliveries, metadata, stories, told
from bot.storage.tables import readers as readers_table
from tests.services.post_office import HOUR, MORNING

if TYPE_CHECKING:
    from bot.playground.faults import Answer
    from bot.storage.database import Connection
    from tests.services.post_office import PostOffice

NEW = 7_990_000_001


def moved(to: int) -> Answer:
    return refuse(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=to)


def past(connection: Connection, chat: int) -> int:
    """A reader's past: a story that was saved, one that was told in a digest, and one that is owed again."""
    rows = [{"id": story, "first_seen_at": MORNING, "shown_at": MORNING} for story in (1, 2, 3)]
    connection.execute(sa.insert(stories), rows)
    stories_room.save(connection, chat, 1, MORNING, keep=True)
    listing = lists.add(connection, lists.New(chat, "digest", {}, (2,)), MORNING, message_id=41)
    lists.add_editions(connection, [(chat, Slot(MORNING.date(), 480), listing.id)], MORNING)
    stories_room.tell(connection, chat, [2], "digest", MORNING)
    connection.execute(sa.text(f"INSERT INTO owed_again (chat_id, story_id, at) VALUES ({chat}, 3, 0)"))
    readers.plan(connection, chat, MORNING)
    return listing.id


def naming(connection: Connection, chat: int) -> set[str]:
    """The tables with rows that name a chat."""
    return {
        table.name
        for table in metadata.sorted_tables
        for column in table.columns
        if column is readers_table.c.chat_id
        or any(key.column is readers_table.c.chat_id for key in column.foreign_keys)
        if connection.execute(sa.select(sa.literal(1)).select_from(table).where(column == chat)).first()
    }


async def state(office: PostOffice, chat: int) -> str | None:
    reader = await office.db.read(readers.get, chat)
    return None if reader is None else reader.state


async def test_all_that_is_a_chats_own_goes_along_to_its_new_number(office: PostOffice) -> None:
    old = office.chats[0]
    office.telegram.add_person(Person(NEW, "Maya", started=True))
    list_id = await office.db.write(past, old)
    await office.owe(old, name="now")
    before = await office.db.read(naming, old)
    assert before >= {"readers", "plans", "saves", "lists", "editions", "told", "owed_again", "deliveries"}
    office.telegram.faults.add("sendMessage", moved(NEW), chat=old)
    assert await office.worker.drain() == 1
    assert await office.db.read(naming, old) == set()
    assert await office.db.read(naming, NEW) == before
    newest = await office.db.read(lists.newest, NEW)
    assert newest is not None
    assert (newest.id, newest.story_ids) == (list_id, (2,))
    assert await office.db.read(stories_room.told_to, [NEW], MORNING - HOUR) == {NEW: {2}}
    assert await office.db.read(unseen.owed, [NEW]) == {NEW: [3]}
    assert await office.db.read(readers.due_at, NEW) == MORNING


async def test_what_is_owed_to_a_chat_goes_to_its_new_number_though_that_is_known(office: PostOffice) -> None:
    old, new, other = office.chats
    await office.db.write(past, old)
    await office.owe(old, old, new, other, other)
    later = (
        sa.update(deliveries).where(deliveries.c.id.in_((2, 5))).values(not_before=MORNING.replace(hour=9))
    )
    await office.db.write(lambda c: c.execute(later))
    office.telegram.faults.add("sendMessage", moved(new), chat=old)
    assert await office.worker.drain() == 3
    assert (office.accepted(old), office.accepted(new), office.accepted(other)) == (0, 2, 1)
    found = [(row.chat_id, row.state) for row in await office.rows()]
    assert found[:3] == [(new, "sent"), (new, "planned"), (new, "sent")]
    assert found[3:] == [(other, "sent"), (other, "planned")]
    assert (await state(office, old), await state(office, new), await state(office, other)) == (
        "blocked",
        "active",
        "active",
    )
    assert await office.db.read(unseen.owed, [old, new]) == {old: [3]}, "its own past is the new one's"


@pytest.mark.parametrize("end", ["sent", "unknown", "failed", "gone", "expired", "cancelled"])
async def test_what_has_ended_stays_with_the_number_it_was_for(office: PostOffice, end: str) -> None:
    old, new, _ = office.chats
    await office.owe(old, old)
    ended = sa.update(deliveries).where(deliveries.c.id == 2).values(state=end, ended_at=MORNING)
    await office.db.write(lambda c: c.execute(ended))
    office.telegram.faults.add("sendMessage", moved(new), chat=old)
    assert await office.worker.drain() == 1
    assert [(row.chat_id, row.state) for row in await office.rows()] == [(new, "sent"), (old, end)]


async def test_several_that_are_on_their_way_to_a_chat_that_moves_arrive_once_each(
    office: PostOffice,
) -> None:
    old = office.chats[0]
    office.telegram.add_person(Person(NEW, "Maya", started=True))
    await office.owe(old, old, old)
    office.telegram.faults.add("sendMessage", moved(NEW), times=3, chat=old)
    assert await office.worker.drain() == 3
    assert office.accepted(NEW) == 3
    assert {(row.chat_id, row.state) for row in await office.rows()} == {(NEW, "sent")}
    assert (await state(office, old), await state(office, NEW)) == (None, "active")


@pytest.mark.parametrize("to", ["nowhere", "itself"])
async def test_a_number_that_is_none_or_the_same_changes_nothing(office: PostOffice, to: str) -> None:
    chat = office.chats[0]
    await office.db.write(past, chat)
    await office.owe(chat)

    def everything(connection: Connection) -> list[Any]:
        return [list(connection.execute(sa.select(table))) for table in (readers_table, deliveries, told)]

    before = await office.db.read(everything)
    await office.db.write(migrating.move_chat, chat, 0 if to == "nowhere" else chat)
    assert await office.db.read(everything) == before
    assert await office.db.read(outbox.counts) == {"planned": 1}
