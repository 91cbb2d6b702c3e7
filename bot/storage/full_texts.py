"""What reading an article's page brought: its text, or why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.storage import search
from bot.storage.tables import articles, full_texts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.domain.articles import Block


def keep(connection: Connection, article_id: int, blocks: Sequence[Block], now: datetime) -> None:
    """Keep the text that the article's page gave; it is found by the words of the text from now on."""
    texts = [[block.kind.value, block.text] for block in blocks]
    row = {"blocks": texts, "origin": "page", "trouble": None, "fetched_at": now, "try_again_at": None}
    article = _write(connection, article_id, row)
    if article is not None:
        search.index(connection, article_id, article.title, article.teaser, blocks)


def keep_failure(
    connection: Connection,
    article_id: int,
    trouble: dict[str, Any],
    now: datetime,
    try_again_at: datetime | None,
) -> None:
    """Keep why there is no text, and when to ask again (None: not before the article changes)."""
    row = {"blocks": None, "origin": "", "trouble": trouble, "fetched_at": now, "try_again_at": try_again_at}
    _write(connection, article_id, row)


def _write(connection: Connection, article_id: int, row: dict[str, Any]) -> Any:  # noqa: ANN401 - a row
    """Write a row for an article and return the article; None, and nothing written, where it has left the archive."""
    wanted = sa.select(articles.c.title, articles.c.teaser).where(articles.c.id == article_id)
    article = connection.execute(wanted).first()
    if article is not None:
        statement = insert(full_texts).values(article_id=article_id, **row)
        connection.execute(statement.on_conflict_do_update(index_elements=["article_id"], set_=row))
    return article
