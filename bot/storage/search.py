"""Finding stories by words, in the archive's full-text index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.domain.searching import BEGINNING, indexable
from bot.storage.stories import shown_to
from bot.storage.tables import articles, stories

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from bot.domain.articles import Block

NEWEST = 400
"""Matching articles looked at, the newest first: ranking all of a large archive takes nine times as long
(measured at a million articles: 21 ms against 2.3 ms)."""


_LONGEST = 4000
"""Characters of an article's text that the index takes."""
_words = sa.table("article_search", sa.column("rowid"), sa.column("title"), sa.column("body"))


def index(connection: Connection, article_id: int, title: str, teaser: str, blocks: Sequence[Block]) -> None:
    """Make an article found by its words, and by its former ones no more."""
    connection.execute(sa.delete(_words).where(_words.c.rowid == article_id))
    body = "\n".join((teaser, *(block.text for block in blocks)))[:_LONGEST]
    row = {"rowid": article_id, "title": indexable(title), "body": indexable(body)}
    connection.execute(sa.insert(_words).values(row))


def stories_with(
    connection: Connection,
    words: Sequence[str],
    languages: Sequence[str],
    most: int,
    followed: Sequence[int] = (),
) -> list[int]:
    """The ids of stories that have all `words`, those with the words in their headline first, then the newest.

    Args:
        connection: a transaction.
        words: as `bot.domain.searching.terms` gives them; none of it is taken for query syntax.
        languages: the reader's; empty for all.
        most: at most so many.
        followed: the private feeds that the reader follows; stories of others are passed over while looking.
    """
    query = _expression(words)
    if not query:
        return []
    found = (
        sa.select(
            articles.c.story_id,
            sa.literal_column("bm25(article_search, 8.0, 1.0)", sa.REAL).label("rank"),
        )
        .select_from(
            _words.join(articles, articles.c.id == _words.c.rowid).join(
                stories, stories.c.id == articles.c.story_id
            )
        )
        .where(sa.literal_column("article_search").op("MATCH")(query), shown_to(followed))
        .order_by(_words.c.rowid.desc())
        .limit(NEWEST)
        .subquery()
    )
    statement = (
        sa.select(stories.c.id)
        .join(found, found.c.story_id == stories.c.id)
        .group_by(stories.c.id)
        .order_by(sa.func.min(sa.func.round(found.c.rank)), stories.c.shown_at.desc(), stories.c.id.desc())
        .limit(most)
    )
    if languages:
        statement = statement.where(stories.c.language.in_((*languages, "")))
    return list(connection.execute(statement).scalars())


def _expression(words: Sequence[str]) -> str:
    """An FTS5 query: every word quoted; a long enough word also finds longer ones that begin so."""
    parts = []
    for word in words:
        pieces = indexable(word).split()
        quoted = " ".join(pieces).replace('"', '""')
        star = "*" if len(pieces) == 1 and len(word) >= BEGINNING else ""
        parts.append(f'"{quoted}"{star}')
    return " AND ".join(parts)


def newest(connection: Connection) -> int:
    """The id of the newest article; 0 where there is none."""
    return connection.execute(sa.select(sa.func.max(articles.c.id))).scalar() or 0


def holders(connection: Connection, stem: str, said: str, after: int, most: int) -> list[int]:
    """The articles that have a word in some of its forms, the newest first.

    Args:
        connection: a transaction.
        stem: what its forms begin with.
        said: the word itself, whose end the stem may have changed.
        after: the id behind which articles are looked through.
        most: at most so many; a word that has as many is none that says much.
    """
    statement = sa.text(
        "SELECT rowid FROM article_search WHERE article_search MATCH :query AND rowid > :after"
        " ORDER BY rowid DESC LIMIT :most"
    )
    found = connection.execute(statement, {"query": _forms(stem, said), "after": after, "most": most})
    return list(found.scalars())


def _forms(stem: str, said: str) -> str:
    """An FTS5 query for a word and for whatever begins with its stem, where that is long enough to say something."""
    exact, begins = (indexable(word).replace('"', '""') for word in (said, stem))
    return f'"{exact}" OR "{begins}"*' if len(stem) >= BEGINNING else f'"{exact}"'


@dataclass(frozen=True, slots=True)
class Told:
    """The words by which a story is compared with others."""

    title: str
    body: str
    language: str


def words_of(connection: Connection, story_id: int) -> Told | None:
    """The words of a story's first article, as the index has them; None for a story that has left the archive."""
    statement = (
        sa.select(articles.c.title, _words.c.body, articles.c.language)
        .join_from(articles, _words, _words.c.rowid == articles.c.id)
        .where(articles.c.story_id == story_id)
        .order_by(articles.c.id)
        .limit(1)
    )
    row = connection.execute(statement).first()
    return Told(row.title, row.body, row.language) if row else None
