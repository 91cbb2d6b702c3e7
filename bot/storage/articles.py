"""Articles and the stories that they tell: one transaction writes all that a look at a feed brought."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.domain.clustering import KnownKey, match
from bot.domain.updates import KnownArticle, recognised
from bot.storage import search
from bot.storage.stories import shown_to
from bot.storage.tables import article_keys, articles, feeds, full_texts, stories, story_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.domain.articles import Entry
    from bot.domain.news import Feed
    from bot.domain.updates import ChangedArticle, FeedUpdate, NewArticle


def known(connection: Connection, feed_id: int, keys: Iterable[str]) -> dict[str, KnownArticle]:
    """Those of `keys` that the feed has, and the articles behind them."""
    found: dict[str, KnownArticle] = {}
    wanted = list(keys)
    for start in range(0, len(wanted), 500):
        statement = (
            sa.select(
                article_keys.c.key,
                articles.c.id,
                articles.c.content_hash,
                articles.c.changes,
                articles.c.title,
                articles.c.first_seen_at,
                stories.c.backlog,
            )
            .select_from(
                article_keys.outerjoin(articles, articles.c.id == article_keys.c.article_id).outerjoin(
                    stories, stories.c.id == articles.c.story_id
                )
            )
            .where(article_keys.c.feed_id == feed_id, article_keys.c.key.in_(wanted[start : start + 500]))
        )
        for row in connection.execute(statement):
            seen_at = None if row.backlog else row.first_seen_at
            found[row.key] = KnownArticle(
                row.id, row.content_hash or "", row.changes or 0, row.title or "", seen_at
            )
    return found


_RESTING = frozenset({"removed", "paused"})


def store(connection: Connection, feed: Feed, update: FeedUpdate) -> int:
    """Write one look at a feed down, its articles and the feed's new state; returns how many articles are new."""
    added = write(connection, feed, update)
    now = connection.execute(sa.select(feeds).where(feeds.c.id == feed.id)).first()
    if now is None:
        return added
    # What editors have done since the feed was claimed stays done; where they sent it elsewhere, this look says nothing
    # about the address that counts now.
    titled, stated = now.title == feed.title, now.state == feed.state and now.state not in _RESTING
    looked: dict[str, Any] = {}
    if now.moved_to == feed.moved_to:
        looked = {
            "etag": update.etag,
            "last_modified": update.last_modified,
            "body_hash": update.body_hash,
            "moved_to": _unless_taken(connection, feed, update.moved_to),
            "failures": update.failures,
            "trouble": update.trouble,
            "next_check_at": update.next_check_at,
        }
    connection.execute(
        sa.update(feeds)
        .where(feeds.c.id == update.feed_id)
        .values(
            **looked,
            title=update.title if titled else now.title,
            site=update.site,
            language=update.language,
            state=update.state if stated and looked else now.state,
            fetched_at=update.at,
            succeeded_at=update.succeeded_at,
            newest_at=update.newest_at,
            gap=update.gap,
            claimed_until=None,
            # Once it works again, the owners would hear of its next death.
            dead_told_at=sa.null()
            if update.failures == 0 and update.state == "active"
            else feeds.c.dead_told_at,
        )
    )
    return added


def write(connection: Connection, feed: Feed, update: FeedUpdate) -> int:
    """Write down the articles of a look, or of a portion of it; returns how many are new.

    A new article that another transaction has stored meanwhile is left out: this may run twice.
    """
    added = 0
    seen_at = _seen_at(connection, update)
    # Since it was claimed the operator may have taken up what until then was a reader's alone.
    private = connection.execute(sa.select(feeds.c.private).where(feeds.c.id == feed.id)).scalar()
    feed = replace(feed, private=bool(private))
    for article in update.new:
        if recognised(article.entry, article.keys, known(connection, feed.id, article.keys)) is None:
            _add(connection, feed, update, article, seen_at)
            added += 1
    for change in update.changed:
        _change(connection, feed, update, change)
    return added


def _seen_at(connection: Connection, update: FeedUpdate) -> datetime:
    """When what is new counts as first seen: never before what was written down earlier.

    A digest covers all up to the newest story that it saw; of two looks that went on side by side, the one written
    last may have been made first, and would be skipped by whoever got a digest in between.
    """
    newest = connection.execute(sa.select(sa.func.max(stories.c.first_seen_at))).scalar()
    return update.at if newest is None or newest < update.at else newest + timedelta(microseconds=1)


def _unless_taken(connection: Connection, feed: Feed, address: str) -> str:
    """`address`, unless another feed is fetched from there already."""
    if not address or address == feed.moved_to:
        return address
    taken = sa.select(feeds.c.id).where(
        feeds.c.id != feed.id, sa.or_(feeds.c.url == address, feeds.c.moved_to == address)
    )
    return feed.moved_to if connection.execute(taken).first() else address


def _add(
    connection: Connection, feed: Feed, update: FeedUpdate, article: NewArticle, seen_at: datetime
) -> None:
    story_id = _story_for(connection, feed, update, article, seen_at)
    entry = article.entry
    statement = sa.insert(articles).values(
        feed_id=feed.id,
        story_id=story_id,
        guid=entry.guid,
        published_at=entry.published,
        first_seen_at=update.at,
        shown_at=article.shown_at,
        **_words(feed, entry, article.content_hash),
    )
    article_id = connection.execute(statement.returning(articles.c.id)).scalar_one()
    _write_keys(connection, feed, update, article_id, article.keys)
    _write_text(connection, update, article_id, entry)
    search.index(connection, article_id, entry.title, entry.teaser, entry.blocks)
    sources = (
        sa.select(sa.func.count(articles.c.feed_id.distinct()))
        .where(articles.c.story_id == story_id)
        .scalar_subquery()
    )
    connection.execute(sa.update(stories).where(stories.c.id == story_id).values(sources=sources))


def _words(feed: Feed, entry: Entry, content_hash: str) -> dict[str, Any]:
    """The columns that an article's telling decides."""
    return {
        "url": entry.url,
        "title": entry.title,
        "teaser": entry.teaser,
        "author": entry.author,
        "image": entry.image,
        "language": entry.language or feed.language,
        "categories": entry.categories,
        "content_hash": content_hash,
    }


def _story_for(
    connection: Connection, feed: Feed, update: FeedUpdate, article: NewArticle, seen_at: datetime
) -> int:
    """The story that an article belongs to, made if there is none; its keys are left for those that follow."""
    keys = own_keys(article.story_keys, feed.id) if feed.private else article.story_keys
    rows = connection.execute(sa.select(story_keys).where(story_keys.c.key.in_(keys)))
    found = match(keys, [KnownKey(row.key, row.story_id, row.seen_at) for row in rows], update.at)
    story_id = found.story_id if found else None
    if story_id is None:
        statement = sa.insert(stories).values(
            title=article.entry.title,
            desk=feed.desk,
            language=article.entry.language or feed.language,
            first_seen_at=seen_at,
            shown_at=article.shown_at,
            # Its first telling has left the archive: this is no news any more.
            backlog=article.backlog or found is not None,
            private_feed_id=feed.id if feed.private else None,
        )
        story_id = connection.execute(statement.returning(stories.c.id)).scalar_one()
    else:
        news = sa.update(stories).where(stories.c.id == story_id)
        connection.execute(
            news.where(stories.c.shown_at > article.shown_at).values(shown_at=article.shown_at)
        )
    for key in keys:
        row = {"key": key, "seen_at": update.at, "story_id": story_id}
        connection.execute(insert(story_keys).values(row).on_conflict_do_nothing())
    return story_id


def _change(connection: Connection, feed: Feed, update: FeedUpdate, change: ChangedArticle) -> None:
    statement = sa.update(articles).where(articles.c.id == change.id)
    words = _words(feed, change.entry, change.content_hash)
    if not connection.execute(statement.values(changes=articles.c.changes + 1, **words)).rowcount:
        return  # it has left the archive meanwhile
    _write_keys(connection, feed, update, change.id, change.keys)
    _write_text(connection, update, change.id, change.entry)
    search.index(connection, change.id, change.entry.title, change.entry.teaser, change.entry.blocks)
    told = sa.select(articles.c.story_id).where(articles.c.id == change.id).scalar_subquery()
    first = sa.select(sa.func.min(articles.c.id)).where(articles.c.story_id == stories.c.id).scalar_subquery()
    lead = sa.update(stories).where(stories.c.id == told, first == change.id)
    connection.execute(lead.values(title=change.entry.title))


def _write_keys(
    connection: Connection, feed: Feed, update: FeedUpdate, article_id: int, keys: tuple[str, ...]
) -> None:
    """Write down what an article is known by; an address that another one had stands for this one from now on."""
    rows = [{"feed_id": feed.id, "key": key, "article_id": article_id, "seen_at": update.at} for key in keys]
    statement = insert(article_keys)
    again = statement.on_conflict_do_update(
        index_elements=["feed_id", "key"],
        set_={"seen_at": statement.excluded.seen_at, "article_id": statement.excluded.article_id},
    )
    connection.execute(again, rows)


def _write_text(connection: Connection, update: FeedUpdate, article_id: int, entry: Entry) -> None:
    """Keep the feed's text where it is the whole one; else its page may be asked again if it gave none before."""
    if not entry.complete:
        failed = sa.delete(full_texts).where(
            full_texts.c.article_id == article_id, full_texts.c.blocks.is_(None)
        )
        connection.execute(failed)
        return
    row = {
        "article_id": article_id,
        "blocks": [[block.kind.value, block.text] for block in entry.blocks],
        "origin": "feed",
        "trouble": None,
        "fetched_at": update.at,
        "try_again_at": None,
    }
    statement = insert(full_texts).values(row)
    connection.execute(statement.on_conflict_do_update(index_elements=["article_id"], set_=row))


def own_keys(keys: tuple[str, ...], feed_id: int) -> tuple[str, ...]:
    """Keys under which a private feed's stories are known: to itself alone, so that it joins no other's story."""
    return tuple(f"{key}:{feed_id}" for key in keys)


def story_at(connection: Connection, keys: tuple[str, ...]) -> int | None:
    """The story that left one of these keys; None where none did or it is no longer kept."""
    statement = sa.select(sa.func.max(story_keys.c.story_id)).where(story_keys.c.key.in_(keys))
    return connection.execute(statement).scalar()


@dataclass(frozen=True, slots=True)
class Place:
    """Where an article stands: its story, and when it appeared."""

    story_id: int
    shown_at: datetime


def stories_of(connection: Connection, ids: Iterable[int], followed: Sequence[int] = ()) -> dict[int, Place]:
    """The story of each of these articles that may be shown to who follows these private feeds."""
    statement = sa.select(articles.c.id, articles.c.story_id, articles.c.shown_at).join(stories)
    rows = connection.execute(statement.where(articles.c.id.in_(list(ids)), shown_to(followed)))
    return {row.id: Place(row.story_id, row.shown_at) for row in rows}


def categories_of(connection: Connection, story_id: int) -> list[str]:
    """What the papers have filed a story under, the first reporter's categories first."""
    rows = connection.execute(
        sa.select(articles.c.categories).where(articles.c.story_id == story_id).order_by(articles.c.id)
    )
    return [category for row in rows for category in row.categories]


def counts(connection: Connection) -> dict[str, int]:
    """How many articles are kept."""
    return {"kept": connection.execute(sa.select(sa.func.count()).select_from(articles)).scalar_one()}
