"""Stories that a reader was to get and certainly did not: they are news again, and the next digest brings them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.storage.follow_tables import follows
from bot.storage.tables import deliveries, list_items, owed_again, stories, told

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection


def unsee(connection: Connection, delivery_ids: Sequence[int], now: datetime) -> None:
    """Take back that these deliveries told their readers of their stories, and owe these again.

    What a reader has opened meanwhile is not owed. A digest covers a span of time, and the next one begins where it
    ended: so it is not enough to forget that the story was told.
    """
    if not delivery_ids:
        return
    its = deliveries.c.id.in_(delivery_ids)
    alone = sa.select(deliveries.c.chat_id, deliveries.c.story_id).where(
        its, deliveries.c.story_id.is_not(None), deliveries.c.op == "send"
    )
    listed = (
        sa.select(deliveries.c.chat_id, list_items.c.story_id)
        .join(list_items, list_items.c.list_id == deliveries.c.list_id)
        .where(its)
    )
    for row in connection.execute(alone.union(listed)).all():
        pair = sa.and_(told.c.chat_id == row.chat_id, told.c.story_id == row.story_id, told.c.how != "opened")
        if connection.execute(sa.delete(told).where(pair)).rowcount:
            values = {"chat_id": row.chat_id, "story_id": row.story_id, "at": now}
            connection.execute(insert(owed_again).values(values).on_conflict_do_nothing())


def owed(connection: Connection, chat_ids: Sequence[int]) -> dict[int, list[int]]:
    """For each of these chats the stories that its next digest owes it, the longest owed first.

    What was withdrawn meanwhile, or is of a feed that the reader follows no more, is not shown to anybody.
    """
    follow = sa.exists().where(
        follows.c.chat_id == owed_again.c.chat_id, follows.c.feed_id == stories.c.private_feed_id
    )
    statement = (
        sa.select(owed_again.c.chat_id, owed_again.c.story_id)
        .join(stories, stories.c.id == owed_again.c.story_id)
        .where(owed_again.c.chat_id.in_(chat_ids), sa.or_(stories.c.private_feed_id.is_(None), follow))
        .order_by(owed_again.c.at, owed_again.c.story_id)
    )
    found: dict[int, list[int]] = {}
    for row in connection.execute(statement):
        found.setdefault(row.chat_id, []).append(row.story_id)
    return found


def settle(connection: Connection, told_now: Mapping[int, Collection[int]]) -> None:
    """What readers are told now is not owed to them any more; for each chat its stories."""
    rows = [{"chat": chat, "story": story} for chat, told_them in told_now.items() for story in told_them]
    if rows:
        pair = sa.and_(
            owed_again.c.chat_id == sa.bindparam("chat"), owed_again.c.story_id == sa.bindparam("story")
        )
        connection.execute(sa.delete(owed_again).where(pair), rows)


def prune(connection: Connection, before: datetime, most: int) -> int:
    """Remove up to `most` stories owed since before; in no digest since then was there room for them."""
    old = sa.select(owed_again.c.chat_id, owed_again.c.story_id).where(owed_again.c.at < before).limit(most)
    these = sa.tuple_(owed_again.c.chat_id, owed_again.c.story_id).in_(old)
    return connection.execute(sa.delete(owed_again).where(these)).rowcount
