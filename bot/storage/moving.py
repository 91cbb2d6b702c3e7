"""Moving a reader to another account: codes, wrong tries, and handing over what is the reader's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.storage import commenters
from bot.storage.editing_tables import doubts
from bot.storage.follow_tables import filters, finds, follows
from bot.storage.moving_tables import moving_codes, moving_tries
from bot.storage.tables import editions, owed_again, saves, told

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

HANDED_OVER: Final = (saves, told, owed_again, editions, doubts, filters, finds, follows)
"""Tables whose rows go to the new account; what it has of them already stays as it is."""


def issue(connection: Connection, chat_id: int, code_hash: str, expires_at: datetime) -> None:
    """Keep a reader's new code in the place of an earlier one."""
    values = {"code_hash": code_hash, "expires_at": expires_at, "used_by": None}
    statement = insert(moving_codes).values(chat_id=chat_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["chat_id"], set_=values))


def owner(connection: Connection, code_hash: str, now: datetime) -> tuple[int, int | None] | None:
    """Whose code this is, and which account has used it; None where it is nobody's, or too old."""
    statement = sa.select(moving_codes.c.chat_id, moving_codes.c.used_by).where(
        moving_codes.c.code_hash == code_hash, moving_codes.c.expires_at > now
    )
    row = connection.execute(statement).first()
    return (row.chat_id, row.used_by) if row else None


def use(connection: Connection, code_hash: str, chat_id: int) -> None:
    """Note which account has used a code; nobody else can use it again."""
    statement = sa.update(moving_codes).where(moving_codes.c.code_hash == code_hash)
    connection.execute(statement.values(used_by=chat_id))


def tries(connection: Connection, chat_id: int, since: datetime) -> int:
    """How many wrong codes an account has tried since then."""
    statement = sa.select(sa.func.count()).where(
        moving_tries.c.chat_id == chat_id, moving_tries.c.tried_at > since
    )
    return int(connection.execute(statement).scalar_one())


def note_try(connection: Connection, chat_id: int, now: datetime) -> None:
    """Note that an account has tried a wrong code."""
    connection.execute(sa.insert(moving_tries).values(chat_id=chat_id, tried_at=now))


def hand_over(connection: Connection, old: int, new: int) -> None:
    """Give the new account what the old one has; that it was opened says more than that it was told."""
    opened = sa.select(told.c.story_id).where(told.c.chat_id == old, told.c.how == "opened")
    connection.execute(sa.delete(told).where(told.c.chat_id == new, told.c.story_id.in_(opened)))
    # The lists stay: their numbers belong to messages of the old chat, as do the messages about followed stories.
    connection.execute(sa.update(editions).where(editions.c.chat_id == old).values(list_id=None))
    connection.execute(sa.update(follows).where(follows.c.chat_id == old).values(message_id=None))
    _follow_once(connection, old, new)
    for table in HANDED_OVER:
        taken = sa.update(table).prefix_with("OR IGNORE", dialect="sqlite").where(table.c.chat_id == old)
        connection.execute(taken.values(chat_id=new))
        connection.execute(sa.delete(table).where(table.c.chat_id == old))
    # What is owed to the one may have been told to the other.
    known = sa.select(told.c.story_id).where(told.c.chat_id == new)
    here = sa.and_(owed_again.c.chat_id == new, owed_again.c.story_id.in_(known))
    connection.execute(sa.delete(owed_again).where(here))
    _filter_once(connection, new)
    commenters.move(connection, old, new)


def _follow_once(connection: Connection, old: int, new: int) -> None:
    """What both follow is one item: what the old one has brought, and its filters, go to that of the new account."""
    there = follows.alias()
    both = sa.select(follows.c.id, there.c.id.label("there")).join(
        there, there.c.subject == follows.c.subject
    )
    for pair in connection.execute(both.where(follows.c.chat_id == old, there.c.chat_id == new)).all():
        for table in (filters, finds):
            own = (
                sa.update(table)
                .prefix_with("OR IGNORE", dialect="sqlite")
                .where(table.c.follow_id == pair.id)
            )
            connection.execute(own.values(follow_id=pair.there))


def _filter_once(connection: Connection, chat_id: int) -> None:
    """A filter that both accounts had counts once."""
    first = sa.select(sa.func.min(filters.c.id)).where(filters.c.chat_id == chat_id)
    kept = first.group_by(filters.c.follow_id, filters.c.field, filters.c.words, filters.c.keep)
    connection.execute(sa.delete(filters).where(filters.c.chat_id == chat_id, filters.c.id.not_in(kept)))


def prune_codes(connection: Connection, before: datetime, most: int) -> int:
    """Forget up to `most` codes that ended before."""
    old = sa.select(moving_codes.c.chat_id).where(moving_codes.c.expires_at < before).limit(most)
    return connection.execute(sa.delete(moving_codes).where(moving_codes.c.chat_id.in_(old))).rowcount


def prune_tries(connection: Connection, before: datetime, most: int) -> int:
    """Forget up to `most` wrong tries from before."""
    old = sa.select(moving_tries.c.id).where(moving_tries.c.tried_at < before).limit(most)
    return connection.execute(sa.delete(moving_tries).where(moving_tries.c.id.in_(old))).rowcount
