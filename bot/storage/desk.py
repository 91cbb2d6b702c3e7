"""What the editors' desk looks at and changes: feeds one by one, and how the newsroom does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.domain.desk import Figures
from bot.storage.tables import articles, deliveries, feeds, readers, stories

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


def figures(connection: Connection, since: datetime) -> Figures:
    """Count what the desk's first screen shows."""
    active = readers.c.state == sa.literal_column("'active'")
    people = connection.execute(
        sa.select(
            sa.func.count().filter(active).label("readers"),
            sa.func.count().filter(active, readers.c.joined_at >= since).label("joined"),
        )
    ).one()
    last = connection.execute(sa.select(sa.func.max(stories.c.first_seen_at))).scalar()
    unknown = sa.select(sa.func.count()).where(
        deliveries.c.state == sa.literal_column("'unknown'"), deliveries.c.ended_at >= since
    )
    return Figures(last, people.readers, people.joined, connection.execute(unknown).scalar_one())


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


def seen_since(connection: Connection, feed_id: int, since: datetime) -> list[datetime]:
    """When each article that a feed has brought since then was first seen."""
    statement = sa.select(articles.c.first_seen_at).where(
        articles.c.feed_id == feed_id, articles.c.first_seen_at > since
    )
    return list(connection.execute(statement).scalars())
