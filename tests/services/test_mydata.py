"""A reader's own data: all of it handed out, all of it deleted, whatever table it is in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.domain.message import Message, Text
from bot.domain.schedule import Slot
from bot.services.mydata import MyData
from bot.services.people import People
from bot.storage import inbox, lists, moving, outbox, readers, stories
from bot.storage.inbox import Received
from bot.storage.tables import metadata
from tests.services.desk import DAY, EIGHT, MAYA, SEVEN

if TYPE_CHECKING:
    from bot.storage.database import Database
    from tests.services.desk import Desk

OTHER = MAYA + 1


def about(chat_id: int) -> dict[str, Any]:
    """An update as Telegram sends it."""
    person = {"id": chat_id, "is_bot": False, "first_name": "Maya", "username": "maya"}
    return {
        "update_id": 1,
        "message": {"message_id": 5, "chat": person | {"type": "private"}, "from": person},
    }


def live(connection: sa.Connection, chat_id: int, story: int, number: int) -> None:
    """Leave a trace in every table that knows readers."""
    stories.save(connection, chat_id, story, SEVEN, keep=True)
    stories.tell(connection, chat_id, [story], "opened", SEVEN)
    readers.change(connection, chat_id, opened_story_id=story)
    listing = lists.add(
        connection, lists.New(chat_id, "search", {"query": "half \ud83d"}, (story,)), SEVEN, message_id=9
    )
    lists.add_editions(connection, [(chat_id, Slot(SEVEN.date(), 480), listing.id)], SEVEN)
    lists.note_opening(connection, chat_id, "9:1", number, SEVEN)
    own, shared = outbox.keep_all(
        connection, [Message(Text(f"Only for {chat_id}")), Message(Text("For everybody"))], SEVEN
    )
    debts = [
        outbox.Debt(own, chat_id, f"a:{chat_id}", listing.id),
        outbox.Debt(shared, chat_id, f"b:{chat_id}"),
    ]
    outbox.plan_all(connection, debts, SEVEN, SEVEN + DAY)
    moving.issue(connection, chat_id, f"hash of {chat_id}", EIGHT)
    moving.note_try(connection, chat_id, SEVEN)
    inbox.receive(connection, [Received(number, chat_id, about(chat_id), SEVEN)])


@pytest.fixture
async def house(desk: Desk) -> Desk:
    story, _ = await desk.print(2)
    await desk.join()
    await desk.join(OTHER)

    def write(connection: sa.Connection) -> None:
        live(connection, MAYA, story, 1)
        live(connection, OTHER, story, 2)
        forwarded = about(OTHER)
        forwarded["message"]["forward_origin"] = {
            "type": "user",
            "sender_user": {"id": MAYA, "first_name": "Maya"},
        }
        # Two updates of the other reader that name Maya, of which one waits for its answer.
        for number in (3, 4):
            inbox.receive(connection, [Received(number, OTHER, forwarded, SEVEN)])
        inbox.finish(connection, 3, SEVEN, "answered")
        inbox.receive(connection, [Received(5, OTHER, {"message": {"text": f"call {MAYA}"}}, SEVEN)])
        inbox.finish(connection, 5, SEVEN, "answered")

    await desk.db.write(write)
    return desk


def mydata_of(house: Desk) -> MyData:
    return MyData(house.db, lambda: house.now, People(house.db, lambda: house.now, ()))


async def traces(db: Database, chat_id: int) -> dict[str, int]:
    """How many rows of each table are about a reader: by a key, by a chat or lane, or inside a document."""

    def count(connection: sa.Connection) -> dict[str, int]:
        readers_key = metadata.tables["readers"].c.chat_id
        found = {}
        for table in metadata.sorted_tables:
            keys = [
                one for one in table.columns if one.name in {"chat_id", "lane"} or one.references(readers_key)
            ]
            documents = [one for one in table.columns if one.name in {"payload", "document", "dedupe"}]
            about = [one == chat_id for one in keys]
            about += [sa.cast(one, sa.Text).contains(str(chat_id)) for one in documents]
            if about:
                rows = sa.select(sa.func.count()).select_from(table).where(sa.or_(*about))
                found[table.name] = int(connection.execute(rows).scalar_one())
        return found

    return await db.read(count)


TRACED = {
    "readers",
    "plans",
    "lists",
    "editions",
    "told",
    "saves",
    "openings",
    "deliveries",
    "messages",
    "moving_codes",
    "moving_tries",
    "inbox",
}


async def test_deleting_leaves_no_trace_in_any_table(house: Desk) -> None:
    before = await traces(house.db, MAYA)
    assert {name for name, count in before.items() if count} == TRACED
    others = await traces(house.db, OTHER)
    await mydata_of(house).erase(MAYA)
    left = await traces(house.db, MAYA)
    # What another reader wrote and waits to be answered, and what only looks like the id, stay.
    assert {name: count for name, count in left.items() if count} == {"inbox": 2}
    after = await traces(house.db, OTHER)
    assert after == others | {"inbox": others["inbox"] - 1}
    broken = await house.db.read(lambda c: c.exec_driver_sql("PRAGMA foreign_key_check").all())
    assert broken == []


async def test_deleting_nobody_does_nothing(house: Desk) -> None:
    before = await traces(house.db, MAYA)
    await mydata_of(house).erase(MAYA + 99)
    assert await traces(house.db, MAYA) == before


async def test_every_table_that_knows_readers_goes_with_them(house: Desk) -> None:
    key = metadata.tables["readers"].c.chat_id
    for table in metadata.sorted_tables:
        for column in table.columns:
            for foreign in column.foreign_keys:
                if foreign.column is key:
                    assert foreign.ondelete in {"CASCADE", "SET NULL"}, f"{table.name}.{column.name}"


async def test_the_file_has_everything_and_only_of_this_reader(house: Desk) -> None:
    reader = await house.db.read(readers.get, MAYA)
    assert reader is not None
    document = await mydata_of(house).document(reader)
    assert (document.name, document.kind) == ("my-data-2026-11-24.json", "application/json")
    found = json.loads(document.content)
    assert {name for name, rows in found.items() if rows} == (TRACED - {"messages", "moving_codes"}) | {
        "list_items",
        "stories",
    }
    assert found["readers"][0]["first_name"] == "Maya"
    assert found["readers"][0]["digest_minutes"] == [480]
    assert found["saves"][0]["saved_at"] == SEVEN.isoformat()
    assert found["stories"][0]["title"].startswith("Headline")
    assert found["lists"][0]["about"] == {"query": "half ?"}
    assert found["inbox"][0]["payload"] == about(MAYA)
    assert str(OTHER) not in document.content.decode()
    assert "hash of" not in document.content.decode()
