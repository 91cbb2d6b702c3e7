"""Feeds and when each is due; the table is the schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.domain.news import Feed, FeedEntry
from bot.storage.follow_tables import follows
from bot.storage.tables import articles, feeds, stories

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

_FIELDS = [feeds.c[name] for name in Feed.__dataclass_fields__]


def _feed(row: Any) -> Feed:  # noqa: ANN401 - a row of _FIELDS
    return Feed(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping


def add(connection: Connection, entries: Iterable[FeedEntry], now: datetime) -> int:
    """Add the feeds that are not there yet, due at once; returns how many were new.

    A feed that was removed before stays removed: a list of feeds that is read at every start must not bring it back.
    Nor does it bring a feed twice, when the list names the address that one of those here has moved to.
    """
    entries = list(entries)
    taken_up = _publish(connection, entries, now)
    moved_to = set(connection.execute(sa.select(feeds.c.moved_to).distinct()).scalars())
    rows = [
        {
            "url": entry.url,
            "title": entry.title,
            "desk": entry.desk,
            "language": entry.language,
            "country": entry.country,
            "site": entry.site,
            "added_at": now,
            "next_check_at": now,
        }
        for entry in entries
        if entry.url not in moved_to
    ]
    if not rows:
        return taken_up
    made = connection.execute(insert(feeds).on_conflict_do_nothing().returning(feeds.c.id), rows)
    return taken_up + len(made.all())


def _publish(connection: Connection, entries: list[FeedEntry], now: datetime) -> int:
    """Make feeds that were readers' alone everybody's, with the stories that they have told; returns how many."""
    named = {entry.url: entry for entry in entries}
    private = sa.select(feeds.c.id, feeds.c.url).where(feeds.c.private == 1)
    found = [row for row in connection.execute(private) if row.url in named]
    for row in found:
        publish(connection, row.id, named[row.url], now)
    return len(found)


def publish(connection: Connection, feed_id: int, entry: FeedEntry, now: datetime) -> None:
    """Make a feed that was readers' alone everybody's, with the stories that it has told."""
    told = {name: getattr(entry, name) for name in ("title", "desk", "language", "country", "site")}
    values = {name: value for name, value in told.items() if value}
    changed = sa.update(feeds).where(feeds.c.id == feed_id)
    connection.execute(changed.values(private=False, state="active", next_check_at=now, **values))
    own = sa.update(stories).where(stories.c.private_feed_id == feed_id)
    connection.execute(own.values(private_feed_id=None, desk=entry.desk))


def hide(connection: Connection, feed_id: int) -> None:
    """Make a feed that was published its followers' own again, with the stories that it alone has told."""
    other = articles.alias("other")
    shared = sa.exists().where(other.c.story_id == stories.c.id, other.c.feed_id != feed_id)
    mine = sa.select(articles.c.story_id).where(articles.c.feed_id == feed_id)
    alone = sa.update(stories).where(stories.c.id.in_(mine), stories.c.private_feed_id.is_(None), ~shared)
    connection.execute(alone.values(private_feed_id=feed_id, desk=""))
    connection.execute(sa.update(feeds).where(feeds.c.id == feed_id).values(private=True))


def addresses(connection: Connection) -> dict[str, tuple[int, str, bool]]:
    """Every address under which a feed is known, with its number, its state and whether it is a reader's alone.

    A public feed goes before a private one.
    """
    columns = (feeds.c.id, feeds.c.url, feeds.c.moved_to, feeds.c.state, feeds.c.private)
    found: dict[str, tuple[int, str, bool]] = {}
    for row in connection.execute(sa.select(*columns).order_by(feeds.c.private.desc(), feeds.c.id.desc())):
        one = (row.id, row.state, bool(row.private))
        found |= {address: one for address in (row.moved_to, row.url) if address}
    return found


def add_private(connection: Connection, entry: FeedEntry, now: datetime) -> int:
    """The id of the feed at an address for a reader who follows it; a new one is nobody else's.

    One that nobody followed any more, that was gone, or that the operator removed is taken up again, as a private one
    where it was not public until now.
    """
    known = find(connection, entry.url)
    if known is None:
        row = {"url": entry.url, "title": entry.title, "language": entry.language, "site": entry.site}
        times = {"added_at": now, "next_check_at": now}
        made = sa.insert(feeds).values(**row, **times, private=True).returning(feeds.c.id)
        return int(connection.execute(made).scalar_one())
    if known.state != "active":
        revive(connection, known.id, FeedEntry(entry.url), now)
        mine = known.private or known.state == "removed"
        connection.execute(sa.update(feeds).where(feeds.c.id == known.id).values(private=mine))
    return known.id


def rest_unfollowed(connection: Connection) -> int:
    """Stop fetching private feeds that nobody follows any more; returns how many there were."""
    followed = sa.exists().where(follows.c.feed_id == feeds.c.id)
    alone = sa.update(feeds).where(feeds.c.private == 1, feeds.c.state != "idle", ~followed)
    return connection.execute(alone.values(state="idle")).rowcount


def forget_unfollowed(connection: Connection) -> int:
    """Forget private feeds that nobody follows and whose stories have all left the archive."""
    told = sa.or_(
        sa.exists().where(articles.c.feed_id == feeds.c.id),
        sa.exists().where(stories.c.private_feed_id == feeds.c.id),
    )
    return connection.execute(sa.delete(feeds).where(feeds.c.state == "idle", ~told)).rowcount


def revive(connection: Connection, feed_id: int, entry: FeedEntry, now: datetime) -> bool:
    """Take up again a feed that was removed or gone, with what `entry` says of it; False if it is in use."""
    told = {name: getattr(entry, name) for name in ("title", "desk", "language", "country")}
    statement = (
        sa.update(feeds)
        .where(feeds.c.id == feed_id, feeds.c.state != "active")
        .values(state="active", failures=0, trouble=None, next_check_at=now, claimed_until=None)
        .values({name: value for name, value in told.items() if value})
    )
    return connection.execute(statement).rowcount > 0


def every(connection: Connection) -> list[Feed]:
    """All public feeds in use or gone by desk and title; those that were removed are left out."""
    statement = sa.select(*_FIELDS).where(feeds.c.state != "removed", feeds.c.private == 0)
    ordered = statement.order_by(feeds.c.desk, feeds.c.title, feeds.c.url)
    return [_feed(row) for row in connection.execute(ordered)]


def find(connection: Connection, address: str) -> Feed | None:
    """The feed that was added under `address` or is fetched from there now."""
    either = sa.or_(feeds.c.url == address, feeds.c.moved_to == address)
    row = connection.execute(sa.select(*_FIELDS).where(either).order_by(feeds.c.id)).first()
    return _feed(row) if row else None


def get(connection: Connection, feed_id: int) -> Feed | None:
    """A feed by its number."""
    row = connection.execute(sa.select(*_FIELDS).where(feeds.c.id == feed_id)).first()
    return _feed(row) if row else None


def remove(connection: Connection, feed_id: int) -> None:
    """Stop fetching a feed; its stories stay."""
    connection.execute(sa.update(feeds).where(feeds.c.id == feed_id).values(state="removed"))


def claim_due(connection: Connection, now: datetime, until: datetime, most: int) -> list[Feed]:
    """Take up to `most` feeds that are due and not taken, until the lease ends.

    The longest overdue go first, and those that failed last time behind all others: they may take long to fail again.
    """
    free = sa.or_(feeds.c.claimed_until.is_(None), feeds.c.claimed_until < now)
    due = (
        sa.select(feeds.c.id)
        .where(feeds.c.state == "active", feeds.c.next_check_at <= now, free)
        .order_by(feeds.c.failures > 0, feeds.c.next_check_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    statement = sa.update(feeds).where(feeds.c.id.in_(due)).values(claimed_until=until).returning(*_FIELDS)
    return [_feed(row) for row in connection.execute(statement)]


def release_all(connection: Connection) -> None:
    """Forget the leases of a run that is over."""
    connection.execute(sa.update(feeds).where(feeds.c.claimed_until.is_not(None)).values(claimed_until=None))


def living(connection: Connection) -> list[tuple[str, str]]:
    """The pairs of language and desk that some public feed in use offers."""
    public = sa.select(feeds.c.language, feeds.c.desk).where(feeds.c.state == "active", feeds.c.private == 0)
    return [(row.language, row.desk) for row in connection.execute(public.distinct())]


def first_added(connection: Connection) -> datetime | None:
    """When the first feed was added."""
    return connection.execute(sa.select(sa.func.min(feeds.c.added_at))).scalar()


def oldest_due(connection: Connection, now: datetime) -> datetime | None:
    """Since when the feed that waits longest has been due; None where none is."""
    statement = sa.select(sa.func.min(feeds.c.next_check_at)).where(
        feeds.c.state == "active", feeds.c.next_check_at <= now
    )
    return connection.execute(statement).scalar()


def counts(connection: Connection) -> dict[str, int]:
    """How many feeds are active, and how many of these fail."""
    active = feeds.c.state == "active"
    row = connection.execute(
        sa.select(
            sa.func.count().filter(active).label("active"),
            sa.func.count().filter(active, feeds.c.failures > 0).label("failing"),
        )
    ).one()
    return {"active": row.active, "failing": row.failing}
