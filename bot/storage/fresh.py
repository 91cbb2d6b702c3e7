"""Articles as filters and followed words look at them: the fresh ones, and the last ones of an item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.domain.filters import Article
from bot.storage.tables import articles, meta, stories

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

_SEEN = "followed_until"
_words = sa.table("article_search", sa.column("rowid"), sa.column("body"))
_ARTICLES = sa.select(
    articles.c.id,
    articles.c.story_id,
    articles.c.feed_id,
    stories.c.private_feed_id,
    stories.c.backlog,
    articles.c.title,
    _words.c.body.label("text"),
    articles.c.author,
    articles.c.categories,
    articles.c.language,
    articles.c.first_seen_at,
    articles.c.shown_at,
).select_from(
    articles.join(stories, stories.c.id == articles.c.story_id).join(_words, _words.c.rowid == articles.c.id)
)


def _articles(connection: Connection, statement: sa.Select[Any]) -> list[Article]:
    rows = connection.execute(statement)
    return [Article(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping


def seen(connection: Connection) -> int | None:
    """The article up to which all were compared with what is followed; None while nothing was ever followed."""
    value = connection.execute(sa.select(meta.c.value).where(meta.c.name == _SEEN)).scalar()
    return int(value) if value is not None else None


def begin(connection: Connection) -> None:
    """Compare from now on, if that has not begun yet: what is there already is no news."""
    newest = connection.execute(sa.select(sa.func.max(articles.c.id))).scalar() or 0
    connection.execute(insert(meta).values(name=_SEEN, value=str(newest)).on_conflict_do_nothing())


def see(connection: Connection, article_id: int) -> None:
    """Note up to which article all were compared."""
    connection.execute(sa.update(meta).where(meta.c.name == _SEEN).values(value=str(article_id)))


def after(connection: Connection, article_id: int, most: int) -> list[Article]:
    """Up to `most` articles that came after one, in their order."""
    statement = _ARTICLES.where(articles.c.id > article_id)
    return _articles(connection, statement.order_by(articles.c.id).limit(most))


def of_feed(connection: Connection, feed_id: int, most: int) -> list[Article]:
    """The last articles of a feed, the newest first."""
    statement = _ARTICLES.where(articles.c.feed_id == feed_id)
    return _articles(connection, statement.order_by(articles.c.id.desc()).limit(most))


def of_stories(connection: Connection, story_ids: Iterable[int], most: int) -> list[Article]:
    """The last articles of these stories, the newest first."""
    statement = _ARTICLES.where(articles.c.story_id.in_(list(story_ids)))
    return _articles(connection, statement.order_by(articles.c.id.desc()).limit(most))
