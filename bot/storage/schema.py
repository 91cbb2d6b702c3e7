"""What tables are made of: strict ones with named keys, of the column types of this house."""

from __future__ import annotations

import sqlalchemy as sa

from bot.storage.dialect import Whole

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""All tables; those of `bot/storage/tables.py` and of what it imports."""


def table(
    name: str, *parts: sa.schema.SchemaItem, rowid: bool = True, autoincrement: bool = False
) -> sa.Table:
    """A strict table.

    Without row ids its rows lie in the order of their primary key, and that key is kept once; with `autoincrement` the
    id of a row that is gone is never given again.
    """
    return sa.Table(
        name,
        metadata,
        *parts,
        sqlite_strict=True,
        sqlite_with_rowid=rowid,
        sqlite_autoincrement=autoincrement,
    )


def identity() -> sa.Column[int]:
    """The number of a row."""
    return sa.Column("id", Whole, primary_key=True)


def words(name: str) -> sa.Column[str]:
    """A text, empty where nothing was said."""
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def foreign(
    name: str, target: str, *, nullable: bool = False, on_delete: str = "CASCADE", primary: bool = False
) -> sa.Column[int]:
    """A row of another table; with `primary` it is this row's own key as well."""
    key = sa.ForeignKey(target, ondelete=on_delete)
    if primary:
        return sa.Column(name, Whole, key, primary_key=True, autoincrement=False)
    return sa.Column(name, Whole, key, nullable=nullable)
