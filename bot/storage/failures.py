"""SQLite's complaints as sentences for the operator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.errors import DatabaseBusy, DatabaseDamaged, DatabaseError, DatabaseFull

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError

_LOCKED: Final = "The database is locked by another program. Stop it, or try again in a moment."
_DAMAGED: Final = "The database is damaged. Restore a backup: paperboy restore PATH."
_SENTENCES: Final[tuple[tuple[str, type[DatabaseError], str], ...]] = (
    ("SQLITE_BUSY", DatabaseBusy, _LOCKED),
    ("SQLITE_LOCKED", DatabaseBusy, _LOCKED),
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
    ("SQLITE_CORRUPT", DatabaseDamaged, _DAMAGED),
    (
        "SQLITE_CANTOPEN",
        DatabaseError,
        "The database file cannot be opened. Check that its folder exists and may be written.",
    ),
)


def translate(error: DBAPIError | UnicodeDecodeError) -> DatabaseError | None:
    """The error as one of ours where an operator could mend it; None where it would be our own bug.

    In a damaged file even the text of SQLite's complaint may be none, which the driver raises as UnicodeDecodeError.
    """
    if isinstance(error, UnicodeDecodeError):
        return DatabaseDamaged(_DAMAGED)
    name = getattr(error.orig, "sqlite_errorname", "")
    for code, kind, sentence in _SENTENCES:
        if name.startswith(code):
            return kind(sentence)
    # The driver's own complaint about a text that is none any more has no code of SQLite's.
    return DatabaseDamaged(_DAMAGED) if "Could not decode to UTF-8" in str(error.orig) else None
