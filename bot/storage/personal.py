"""Everything about one reader: read as a whole, or deleted as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.storage import people, stories
from bot.storage.broadcast_tables import broadcasts
from bot.storage.comment_tables import comments
from bot.storage.comments import announce
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
    """Delete the messages that told others what this reader answered them, whether they have left or not.

    One that has not left told of all answers since the last one: of those by others it is owed anew.
    """
    answered = comments.alias("answered")
    own = (
        sa.select(answered.c.author_id, comments.c.id)
        .join(answered, answered.c.id == comments.c.parent_id)
        .where(comments.c.author_id == chat_id, answered.c.author_id != chat_id)
    )
    by_author: dict[int, list[int]] = {}
    for author, comment_id in connection.execute(own):
        by_author.setdefault(author, []).append(comment_id)
    gone: list[tuple[int, int]] = []
    for author, mine in by_author.items():
        told = _tellings(connection, author)
        for place, (last, delivery_id, message_id, state) in enumerate(told):
            before = told[place - 1][0] if place else 0
            if any(before < comment_id <= last for comment_id in mine):
                gone.append((delivery_id, message_id))
                if state in _UNSENT:
                    _owe_again(connection, author, chat_id, before, last)
    connection.execute(sa.delete(deliveries).where(deliveries.c.id.in_([one for one, _ in gone])))
    _forget_messages(connection, [message_id for _, message_id in gone])


_UNSENT = frozenset({"planned", "retry"})


def _tellings(connection: Connection, author: int) -> list[tuple[int, int, int, str]]:
    """The messages that told an author of answers: the last answer in each, delivery, message and state, in order."""
    prefix = f"answers:{author}:"
    statement = sa.select(
        deliveries.c.dedupe,
        deliveries.c.id,
        deliveries.c.message_id,
        deliveries.c.state,
        # A range of the index; `LIKE` would read all deliveries.
    ).where(deliveries.c.dedupe >= prefix, deliveries.c.dedupe < f"answers:{author};")
    rows = connection.execute(statement)
    return sorted((int(row.dedupe.removeprefix(prefix)), row.id, row.message_id, row.state) for row in rows)


def _owe_again(connection: Connection, author: int, leaving: int, after: int, last: int) -> None:
    answered = comments.alias("answered")
    others = (
        sa.select(comments.c.id)
        .join(answered, answered.c.id == comments.c.parent_id)
        .where(answered.c.author_id == author, comments.c.author_id != leaving)
        .where(comments.c.id > after, comments.c.id <= last)
    )
    for comment_id in list(connection.execute(others).scalars()):
        announce(connection, comment_id)


def _forget_messages(connection: Connection, ids: Iterable[int]) -> None:
    """Delete those of these messages that nobody else was or will be sent."""
    used = sa.exists().where(deliveries.c.message_id == messages.c.id)
    connection.execute(sa.delete(messages).where(messages.c.id.in_(set(ids)), ~used))
