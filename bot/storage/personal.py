"""Everything about one reader: read as a whole, or deleted as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.storage import stories
from bot.storage.moving_tables import moving_codes
from bot.storage.tables import deliveries, inbox, list_items, lists, messages, metadata, readers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection


def everything(connection: Connection, chat_id: int) -> dict[str, list[dict[str, Any]]]:
    """All rows about a reader, by table, and the stories that they name.

    A table belongs to readers if one of its columns refers to them. A code for moving is left out, since it is a
    secret of an hour.
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
    named = {row["story_id"] for rows in found.values() for row in rows if row.get("story_id")}
    lines = stories.lines(connection, sorted(named))
    found["stories"] = [{"id": line.id, "title": line.title, "url": line.url} for line in lines]
    return found


def _rows(connection: Connection, statement: sa.Select[Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(statement).mappings()]


def erase(connection: Connection, chat_id: int) -> None:
    """Delete everything about a reader: rows that refer to him or her go along by their keys."""
    sent = list(
        connection.execute(
            sa.select(deliveries.c.message_id).where(deliveries.c.chat_id == chat_id)
        ).scalars()
    )
    connection.execute(sa.delete(readers).where(readers.c.chat_id == chat_id))
    _forget_messages(connection, sent)
    # What others wrote may name the reader, as in a forwarded message; only what has been worked off may go.
    named = sa.exists(
        sa.select(sa.literal(1))
        .select_from(sa.func.json_tree(inbox.c.payload).table_valued("key", "value"))
        .where(sa.column("key") == "id", sa.column("value") == chat_id)
    )
    others = sa.and_(
        inbox.c.done_at.is_not(None),
        sa.func.instr(sa.cast(inbox.c.payload, sa.Text), str(chat_id)) > 0,
        named,
    )
    connection.execute(sa.delete(inbox).where(sa.or_(inbox.c.lane == chat_id, others)))


def _forget_messages(connection: Connection, ids: Iterable[int]) -> None:
    """Delete those of these messages that nobody else was or will be sent."""
    used = sa.exists().where(deliveries.c.message_id == messages.c.id)
    connection.execute(sa.delete(messages).where(messages.c.id.in_(set(ids)), ~used))
