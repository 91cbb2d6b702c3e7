"""What the editors' desk looks at and changes: feeds one by one, and how the newsroom does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.domain.desk import Figures
from bot.storage import feeds as feed_rows
from bot.storage import numbers, unknowns
from bot.storage.follow_tables import follows
from bot.storage.tables import articles, feeds, full_texts, stories

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.domain.news import Feed


def figures(connection: Connection, since: datetime) -> Figures:
    """Count what the desk's first screen shows."""
    people = numbers.people(connection, since)
    last = connection.execute(sa.select(sa.func.max(stories.c.first_seen_at))).scalar()
    return Figures(last, people.readers, people.joined, unknowns.count(connection), people.gone)


def newly_dead(connection: Connection, before: datetime) -> list[tuple[int, str, str]]:
    """The public feeds that are gone, or had no success since `before`, and of which the owners do not know it yet.

    Their ids, names and states.
    """
    failing = sa.and_(
        feeds.c.state == "active",
        feeds.c.failures > 0,
        sa.func.coalesce(feeds.c.succeeded_at, feeds.c.added_at) < before,
    )
    statement = (
        sa.select(feeds.c.id, feeds.c.title, feeds.c.url, feeds.c.state)
        .where(feeds.c.private == 0, feeds.c.dead_told_at.is_(None), sa.or_(feeds.c.state == "gone", failing))
        .order_by(feeds.c.id)
    )
    return [(row.id, row.title or row.url, row.state) for row in connection.execute(statement)]


def change(connection: Connection, feed_id: int, **values: Any) -> None:  # noqa: ANN401 - columns of feeds
    """Change a feed."""
    connection.execute(sa.update(feeds).where(feeds.c.id == feed_id).values(**values))


def advise(connection: Connection, feed: Feed, advice: dict[str, Any] | None, now: datetime) -> None:
    """Keep what the doctor found for a feed, unless an editor has sent it elsewhere or to rest meanwhile."""
    as_seen = (feeds.c.state == feed.state, feeds.c.moved_to == feed.moved_to)
    seen = sa.update(feeds).where(feeds.c.id == feed.id, *as_seen)
    connection.execute(seen.values(advice=advice, advised_at=now))


def seen_since(connection: Connection, feed_id: int, since: datetime) -> list[datetime]:
    """When each article that a feed has brought since then was first seen."""
    statement = sa.select(articles.c.first_seen_at).where(
        articles.c.feed_id == feed_id, articles.c.first_seen_at > since
    )
    return list(connection.execute(statement).scalars())


def goes_with(connection: Connection, feed_id: int) -> tuple[int, int]:
    """How many readers follow a feed by itself, and how many stories it has told."""
    readers = sa.select(sa.func.count()).where(follows.c.feed_id == feed_id)
    told = sa.select(sa.func.count(articles.c.story_id.distinct())).where(articles.c.feed_id == feed_id)
    return connection.execute(readers).scalar_one(), connection.execute(told).scalar_one()


def given_in_full(connection: Connection, feed_id: int, most: int = 30) -> list[bool]:
    """Of a feed's last articles, the newest first, whether the feed itself carried the whole text."""
    statement = (
        sa.select(full_texts.c.origin)
        .select_from(articles.outerjoin(full_texts))
        .where(articles.c.feed_id == feed_id)
        .order_by(articles.c.id.desc())
        .limit(most)
    )
    return [origin == "feed" for origin in connection.execute(statement).scalars()]


def titles(connection: Connection, feed_id: int, most: int) -> list[str]:
    """The headlines of a feed's last articles."""
    statement = sa.select(articles.c.title).where(articles.c.feed_id == feed_id)
    return list(connection.execute(statement.order_by(articles.c.id.desc()).limit(most)).scalars())


def unadvised(connection: Connection, before: datetime, most: int) -> list[Feed]:
    """Public feeds, in use or gone, that the doctor has not looked after since then; the longest waiting first."""
    due = sa.or_(feeds.c.advised_at.is_(None), feeds.c.advised_at < before)
    statement = (
        sa.select(feeds.c.id)
        .where(feeds.c.private == 0, feeds.c.state.in_(("active", "gone")), due)
        .order_by(feeds.c.advised_at, feeds.c.id)
        .limit(most)
    )
    found = (feed_rows.get(connection, feed_id) for feed_id in connection.execute(statement).scalars())
    return [feed for feed in found if feed is not None]
