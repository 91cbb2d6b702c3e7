"""Alembic's entry: runs the migrations on the connection that `bot.storage.migrate` hands over."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from sqlalchemy.types import TypeDecorator, TypeEngine

from bot.storage.tables import metadata


def ours(_object: object, name: str | None, kind: str, *_rest: Any) -> bool:  # noqa: ANN401 - Alembic's hook
    """Leave the full-text index's own tables alone; they belong to SQLite."""
    return not (kind == "table" and name is not None and name.startswith("article_search"))


def plainly(kind: str, thing: object, _context: object) -> str | Literal[False]:
    """Write our column types as what the database knows them by, so that old steps need no code of ours."""
    if kind == "type" and isinstance(thing, TypeDecorator):
        inner: TypeEngine[Any] = thing.impl_instance
        return "sa.Text()" if isinstance(inner, sa.Text) else "sa.Integer()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_object=ours,
    render_item=plainly,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
