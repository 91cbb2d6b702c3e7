"""Bringing a database to the form that this version of the program expects, after a backup."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

from bot import failpoints
from bot.errors import DatabaseDamaged, DatabaseError, DatabaseNewer
from bot.storage import backup
from bot.storage.database import engine
from bot.storage.failures import translate

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPTS: Final = Path(__file__).parent / "migrations"
"""The history: one file a step."""
QUICK_CHECK_LIMIT: Final = 256 * 2**20
"""Bytes of file up to which every start looks for broken pages (about a second for the largest)."""
OLDEST_SQLITE: Final = (3, 37, 0)
"""STRICT tables came with it."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """What `migrate` did: from which revision to which, and where the copy made before is (None: none needed)."""

    before: str
    after: str
    copy: Path | None = None


def migrate(path: Path, *, scripts: Path = SCRIPTS) -> Migrated:
    """Make or bring up to date the database at `path`; a file with data in it is copied first.

    Args:
        path: the file, which need not be there.
        scripts: the folder of the history to follow.

    Raises:
        DatabaseBusy: there is something to do, and a newsroom is running on it.
        DatabaseNewer: a newer program has been here.
        DatabaseDamaged: not a database, or broken pages.
        DatabaseError: anything else that the operator must mend.
    """
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise DatabaseError(f"SQLite {sqlite3.sqlite_version} is too old; 3.37 or newer is needed.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _at(path, read_only=True) as connection:
            _look_for_damage(path, connection)
            before = _recognised(path, connection, scripts)
        if before == newest(scripts):
            return Migrated(before, before)
        with backup.held(path), _at(path) as connection:
            return _upgrade(path, connection, before, scripts)
    except (DBAPIError, UnicodeDecodeError) as error:
        raise translate(error) or error from error
    except OSError as error:
        raise DatabaseError(f"The folder {path.parent} cannot be used: {error.strerror}.") from error


@contextmanager
def _at(path: Path, *, read_only: bool = False) -> Iterator[sa.Connection]:
    """A connection to the file, closed afterwards."""
    made = engine(path, read_only=read_only, checkpoint=True)
    try:
        with made.connect() as connection:
            yield connection
    finally:
        made.dispose()


def _look_for_damage(path: Path, connection: sa.Connection) -> None:
    if path.exists() and path.stat().st_size <= QUICK_CHECK_LIMIT:
        found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if found != "ok":
            raise DatabaseDamaged(f"The database {path} is damaged. Restore a backup: paperboy restore PATH.")


def _recognised(path: Path, connection: sa.Connection, scripts: Path) -> str:
    """The revision, unless a newer version or another program has written the database."""
    found = MigrationContext.configure(connection).get_current_revision() or ""
    steps = {script.revision for script in _history(scripts).walk_revisions()}
    if found and found not in steps:
        raise DatabaseNewer(
            f"The database {path} was written by a newer version of the program (revision {found}). "
            "Update the program, or restore a backup of this version."
        )
    if not found and sa.inspect(connection).get_table_names():
        raise DatabaseError(f"The database {path} belongs to another program; choose another file.")
    return found


def _upgrade(path: Path, connection: sa.Connection, before: str, scripts: Path) -> Migrated:
    copy = None
    if before:
        copy = path.with_name(f"{path.stem}-before-{newest(scripts)}{path.suffix}")
        backup.copy(path, copy, replace=True)
    raw: Any = connection.connection.driver_connection
    # A step that makes a table anew drops the old one, and with it, by their keys, all rows that point to it.
    raw.execute("PRAGMA foreign_keys = OFF")
    failpoints.hit("migrate, before a step")
    with connection.begin():
        command.upgrade(_config(connection, scripts), "head")
        if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise DatabaseDamaged(
                f"The database {path} has rows that point to nothing; it was left as it was."
            )
        failpoints.hit("migrate, before the commit")
    failpoints.hit("migrate, after the commit")
    return Migrated(before, newest(scripts), copy)


def sqlite_version() -> tuple[int, int, int]:
    """The version of the SQLite that this Python brings."""
    return sqlite3.sqlite_version_info


def newest(scripts: Path = SCRIPTS) -> str:
    """The revision that this version of the program works with."""
    return _history(scripts).get_current_head() or ""


@cache
def _history(scripts: Path) -> ScriptDirectory:
    """The steps of a folder, each of which is a module that is read and run."""
    return ScriptDirectory(str(scripts))


def revision(path: Path) -> str:
    """The revision of the database at `path`, which is only read; empty for one with nothing in it.

    Raises:
        DatabaseNewer: a newer program has been here.
        DatabaseError: another program's, or not to be read.
    """
    try:
        with _at(path, read_only=True) as connection:
            return _recognised(path, connection, SCRIPTS)
    except (DBAPIError, UnicodeDecodeError) as error:
        raise translate(error) or error from error


def _config(connection: sa.Connection, scripts: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.attributes["connection"] = connection
    return config


def write_revision(path: Path, message: str, *, scripts: Path = SCRIPTS) -> None:
    """Write a new step of the history from the difference between `tables.py` and the database at `path`."""
    with _at(path) as connection:
        command.revision(_config(connection, scripts), message=message, autogenerate=True)
