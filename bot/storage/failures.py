"""SQLite's complaints as sentences for the operator."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Final

from bot.errors import DatabaseBusy, DatabaseDamaged, DatabaseError, DatabaseFull

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError

_SENTENCES: Final[tuple[tuple[str, type[DatabaseError], str], ...]] = (
    (
        "SQLITE_BUSY",
        DatabaseBusy,
        "The database is locked by another program. Stop it, or try again in a moment.",
    ),
    (
        "SQLITE_LOCKED",
        DatabaseBusy,
        "The database is locked by another program. Stop it, or try again in a moment.",
    ),
    ("SQLITE_FULL", DatabaseFull, "The disk is full; nothing more can be written. Free some space."),
    (
        "SQLITE_READONLY",
        DatabaseFull,
        "The database may not be written. Check the file's and its folder's permissions.",
    ),
    (
        "SQLITE_IOERR",
        DatabaseFull,
        "The disk does not take or give the database's data. Check the disk and its space.",
    ),
    (
        "SQLITE_NOTADB",
        DatabaseDamaged,
        "The file is not a database. Restore a backup: paperboy restore PATH.",
    ),
    ("SQLITE_CORRUPT", DatabaseDamaged, "The database is damaged. Restore a backup: paperboy restore PATH."),
    (
        "SQLITE_CANTOPEN",
        DatabaseError,
        "The database file cannot be opened. Check that its folder exists and may be written.",
    ),
)


def translate(error: DBAPIError) -> DatabaseError | None:
    """The error as one of ours where an operator could mend it; None where it would be our own bug."""
    origin = error.orig
    name = getattr(origin, "sqlite_errorname", "") or ""
    for code, kind, sentence in _SENTENCES:
        if name.startswith(code):
            return kind(sentence)
    if isinstance(origin, sqlite3.DatabaseError) and "not a database" in str(origin):
        return DatabaseDamaged("The file is not a database. Restore a backup: paperboy restore PATH.")
    return None
