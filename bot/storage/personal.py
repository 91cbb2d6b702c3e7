"""Everything about one reader: read as a whole, or deleted as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.storage import commenters, people, stories
from bot.storage.broadcast_tables import broadcasts
from bot.storage.moving_tables import moving_codes
from bot.storage.people_tables import desk_log
from bot.storage.people_tables import people as people_table
from bot.storage.tables import deliveries, inbox, list_items, lists, messages, metadata, readers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection


def everything(connection: Connection, chat_id: int) -> dict[str, list[dict[str, Any]]]:
    """All rows about a reader, by table, and the stories that they name.

    A table belongs to readers if one of its columns refers to them. What somebody did at the desk is there as well. A
    code for moving is left out, since it is a secret of an hour.
    """
    found = {"readers": _rows(connection, sa.select(readers).where(readers.c.chat_id == chat_id))}
    for table in metadata.sorted_tables:
        columns = [one for one in table.columns if one.references(readers.c.chat_id)]
        if columns and table is not moving_codes:
            mine = sa.or_(*(one == chat_id for one in columns))
            found[table.name] = _rows(connection, sa.select(table).where(mine))
    items = sa.select(list_items).join(lists).where(lists.c.chat_id == chat_id)
    found["list_items"] = _rows(connection, items.order_by(list_items.c.list_id, list_items.c.position))
    found["inbox"] = _rows(connection, sa.select(inbox).where(inbox.c.lane == chat_id))
    for table in (people_table, desk_log):
        found[table.name] = _rows(connection, sa.select(table).where(table.c.user_id == chat_id))
    named = {row["story_id"] for rows in found.values() for row in rows if row.get("story_id")}
    lines = stories.lines(connection, sorted(named))
    found["stories"] = [{"id": line.id, "title": line.title, "url": line.url} for line in lines]
    return found


def _rows(connection: Connection, statement: sa.Select[Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(statement).mappings()]


def erase(connection: Connection, chat_id: int, *, keep_deeds: bool = False) -> None:
    """Delete everything about a reader: rows that refer to him or her go along by their keys.

    Args:
        connection: a transaction.
        chat_id: the reader.
        keep_deeds: leave who this is in the list of those who run the newsroom, and in their log.
    """
    if not keep_deeds:
        people.forget(connection, chat_id)
    _take_back_answers(connection, chat_id)
    # A broadcast that has come as far as this reader goes on behind the chats before this one.
    here = sa.update(broadcasts).where(broadcasts.c.up_to == chat_id)
    connection.execute(here.values(up_to=chat_id - 1))
    sent = list(
        connection.execute(
            sa.select(deliveries.c.message_id).where(deliveries.c.chat_id == chat_id)
        ).scalars()
    )
    connection.execute(sa.delete(readers).where(readers.c.chat_id == chat_id))
    _forget_messages(connection, sent)
    # What others wrote or pressed may name the reader, as a forwarded message does, or a button of the desk's; only what
    # has been worked off may go.
    key: sa.ColumnElement[Any] = sa.column("key")
    value: sa.ColumnElement[Any] = sa.column("value")
    button = sa.and_(key.in_(("data", "callback_data")), sa.func.instr(value, f":{chat_id}") > 0)
    named = sa.exists(
        sa.select(sa.literal(1))
        .select_from(sa.func.json_tree(inbox.c.payload).table_valued("key", "value"))
        .where(sa.or_(sa.and_(key == "id", value == chat_id), button))
    )
    others = sa.and_(
        inbox.c.done_at.is_not(None),
        sa.func.instr(sa.cast(inbox.c.payload, sa.Text), str(chat_id)) > 0,
        named,
    )
    connection.execute(sa.delete(inbox).where(sa.or_(inbox.c.lane == chat_id, others)))


def _take_back_answers(connection: Connection, chat_id: int) -> None:
    """Delete the messages that told others what this reader answered them, whether they have left or not."""
    known = commenters.get(connection, chat_id)
    if known is None:
        return
    text = sa.func.json_extract(sa.cast(messages.c.document, sa.Text), "$.text")
    telling = (
        sa.select(deliveries.c.id, deliveries.c.message_id)
        .join(messages, messages.c.id == deliveries.c.message_id)
        # A range of the index; `LIKE` would read all deliveries.
        .where(deliveries.c.dedupe >= "answers:", deliveries.c.dedupe < "answers;")
        .where(sa.func.instr(text, known.name) > 0)
    )
    rows = list(connection.execute(telling))
    connection.execute(sa.delete(deliveries).where(deliveries.c.id.in_([row.id for row in rows])))
    _forget_messages(connection, [row.message_id for row in rows])


def _forget_messages(connection: Connection, ids: Iterable[int]) -> None:
    """Delete those of these messages that nobody else was or will be sent."""
    used = sa.exists().where(deliveries.c.message_id == messages.c.id)
    connection.execute(sa.delete(messages).where(messages.c.id.in_(set(ids)), ~used))
