"""What reading an article's page brought: its text, or why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.storage.tables import full_texts

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.domain.articles import Block


def keep(connection: Connection, article_id: int, blocks: Iterable[Block], now: datetime) -> None:
    """Keep the text that the article's page gave."""
    texts = [[block.kind.value, block.text] for block in blocks]
    row = {"blocks": texts, "origin": "page", "trouble": None, "fetched_at": now, "try_again_at": None}
    _write(connection, article_id, row)


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


def _write(connection: Connection, article_id: int, row: dict[str, Any]) -> None:
    statement = insert(full_texts).values(article_id=article_id, **row)
    known = (
        sa.exists().where(sa.column("id") == article_id).select_from(sa.table("articles", sa.column("id")))
    )
    if connection.execute(sa.select(known)).scalar():
        connection.execute(statement.on_conflict_do_update(index_elements=["article_id"], set_=row))
