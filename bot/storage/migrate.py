"""Bringing a database to the form that this version of the program expects, after a backup."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

from bot.errors import DatabaseDamaged, DatabaseError, DatabaseNewer
from bot.storage import backup
from bot.storage.database import engine
from bot.storage.failures import translate

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

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


def migrate(path: Path) -> Migrated:
    """Make or bring up to date the database at `path`; a file with data in it is copied first.

    Raises:
        DatabaseNewer: a newer program has been here.
        DatabaseDamaged: not a database, or broken pages.
        DatabaseError: anything else that the operator must mend.
    """
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise DatabaseError(f"SQLite {sqlite3.sqlite_version} is too old; 3.37 or newer is needed.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _at(path) as connection:
            return _migrate(path, connection)
    except DBAPIError as error:
        raise translate(error) or error from error
    except OSError as error:
        raise DatabaseError(f"The folder {path.parent} cannot be used: {error.strerror}.") from error


@contextmanager
def _at(path: Path) -> Iterator[sa.Connection]:
    """A connection to the file, closed afterwards."""
    made = engine(path, checkpoint=True)
    try:
        with made.connect() as connection:
            yield connection
    finally:
        made.dispose()


def _migrate(path: Path, connection: sa.Connection) -> Migrated:
    _look_for_damage(path, connection)
    scripts = ScriptDirectory.from_config(_config(connection))
    head = scripts.get_current_head() or ""
    before = MigrationContext.configure(connection).get_current_revision() or ""
    if before and before not in {script.revision for script in scripts.walk_revisions()}:
        raise DatabaseNewer(
            f"The database {path} was written by a newer version of the program (revision {before}). "
            "Update the program, or restore a backup of this version."
        )
    connection.rollback()
    if before == head:
        return Migrated(before, head)
    copy = None
    if before:
        copy = path.with_name(f"{path.stem}-before-{head}{path.suffix}")
        backup.copy(path, copy, replace=True)
    with connection.begin():
        command.upgrade(_config(connection), "head")
    return Migrated(before, head, copy)


def _look_for_damage(path: Path, connection: sa.Connection) -> None:
    if path.stat().st_size <= QUICK_CHECK_LIMIT:
        found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        connection.rollback()
        if found != "ok":
            raise DatabaseDamaged(f"The database {path} is damaged. Restore a backup: paperboy restore PATH.")


def sqlite_version() -> tuple[int, int, int]:
    """The version of the SQLite that this Python brings."""
    return sqlite3.sqlite_version_info


def newest() -> str:
    """The revision that this version of the program works with."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return ScriptDirectory.from_config(config).get_current_head() or ""


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def revision(path: Path) -> str:
    """The revision of the database at `path`; empty for a new one.

    Raises:
        DatabaseError: as `migrate`.
    """
    try:
        with _at(path) as connection:
            return MigrationContext.configure(connection).get_current_revision() or ""
    except DBAPIError as error:
        raise translate(error) or error from error


def write_revision(path: Path, message: str) -> None:
    """Write a new step of the history from the difference between `tables.py` and the database at `path`."""
    with _at(path) as connection:
        command.revision(_config(connection), message=message, autogenerate=True)
