"""Copies of a live database, checked before anybody relies on them."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, contextmanager, suppress
from itertools import count
from typing import TYPE_CHECKING, Final

from bot import failpoints
from bot.errors import DatabaseDamaged, DatabaseError
from bot.storage.database import own

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Progress = Callable[[int, int], None]

PAGES_A_STEP: Final = 4096
"""Pages copied between two calls of `progress`: 16 MiB at SQLite's usual page size."""


def copy(source: Path, target: Path, *, replace: bool = False, progress: Progress | None = None) -> None:
    """Copy the database as it is at this moment, also while the newsroom writes to it, and check the copy.

    Args:
        source: the database; it is only read.
        target: the new file; it appears only when it is whole.
        replace: whether an existing file may be replaced.
        progress: called with pages done and pages in all.

    Raises:
        DatabaseError: nothing to copy, no place to copy to, or the copy is not sound.
    """
    if target.exists() and not replace:
        raise DatabaseError(f"{target} exists already; choose another name or remove it.")
    with _copied(source, target, progress) as part:
        failpoints.hit("backup, copied")
        part.replace(target)
    failpoints.hit("backup, in its place")


def restore(source: Path, target: Path, progress: Progress | None = None) -> Path | None:
    """Put the backup `source` in the place of the database `target`, which nobody may be using.

    The backup is copied beside the target and checked there; only then the two change places in one step, so that
    there is a whole database at `target` at any moment.

    Returns:
        Where the database that stood there is now; None where there was none.

    Raises:
        DatabaseError: the backup is not sound, or there is no room; nothing was changed then.
    """
    with _copied(source, target, progress) as part:
        kept = _keep(target) if target.exists() else None
        failpoints.hit("restore, the old one kept")
        # A log that is left here would be played into the restored file.
        for end in ("-wal", "-shm"):
            _beside(target, end).unlink(missing_ok=True)
        part.replace(target)
    failpoints.hit("restore, in its place")
    return kept


@contextmanager
def _copied(source: Path, target: Path, progress: Progress | None) -> Iterator[Path]:
    """A checked copy of `source` beside `target`, to be moved there; it is gone afterwards if it was not."""
    if not source.is_file():
        raise DatabaseError(f"There is no database at {source}.")
    if not target.parent.is_dir():
        raise DatabaseError(f"There is no folder {target.parent}.")
    part = _beside(target, ".part")
    try:
        part.unlink(missing_ok=True)
        _copy_pages(source, part, progress)
        check(part, source)
        yield part
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise DatabaseError(f"The copy of {source} to {target} failed: {error}.") from error
    except OSError as error:
        raise DatabaseError(f"The copy of {source} to {target} failed: {error.strerror}.") from error
    finally:
        for end in ("", "-journal"):
            with suppress(OSError):
                _beside(part, end).unlink(missing_ok=True)


def _copy_pages(source: Path, part: Path, progress: Progress | None) -> None:
    with _read_only(source) as origin, closing(sqlite3.connect(part)) as made:
        # Inside a read transaction the copy is of one moment; without it every write of the newsroom would make
        # SQLite begin the copy anew, and that of a large database would never end.
        origin.execute("BEGIN")
        origin.execute("SELECT 1 FROM sqlite_master").fetchone()
        origin.backup(
            made,
            pages=PAGES_A_STEP,
            progress=(lambda _status, left, total: progress(total - left, total)) if progress else None,
        )
        # One file alone, without a log beside it: it can be moved, and read where nothing can be written.
        made.execute("PRAGMA journal_mode = DELETE")


def _keep(path: Path) -> Path:
    """A second name for the database at `path`, with all that its log holds."""
    names = (f"{path.stem}-replaced{number or ''}{path.suffix}" for number in count())
    kept = next(name for name in map(path.with_name, names) if not name.exists())
    log, kept_log = _beside(path, "-wal"), _beside(kept, "-wal")
    if log.exists():
        # Before SQLite sees it: it removes the log of a file that it cannot read.
        shutil.copyfile(log, kept_log)
    if _settled(path):
        kept_log.unlink(missing_ok=True)
    try:
        os.link(path, kept)
    except OSError:
        shutil.copyfile(path, kept)
    return kept


def _settled(path: Path) -> bool:
    """Whether all that the log holds is in the file now."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error:
        return False
    return not busy


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Keep every newsroom away from the database meanwhile.

    Raises:
        DatabaseBusy: one is running on it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = own(path)
    try:
        yield
    finally:
        os.close(handle)


def check(path: Path, name: Path | None = None) -> None:
    """Look at every page and at the full-text index, which takes the place of a writer for a moment.

    Args:
        path: the database.
        name: what it is called in the sentence of a failure, where that is not its path.

    Raises:
        DatabaseDamaged: something is broken.
    """
    name = name or path
    check_pages(path, name)
    try:
        with closing(sqlite3.connect(path)) as connection:
            if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'article_search'").fetchone():
                # Without rank 1 an index out of step with its table goes unnoticed (measured, SQLite 3.40.1).
                connection.execute(
                    "INSERT INTO article_search(article_search, rank) VALUES ('integrity-check', 1)"
                )
                connection.rollback()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise DatabaseDamaged(f"{name} is not a sound database: {error}.") from error


def check_pages(path: Path, name: Path | None = None) -> None:
    """Look at every page, without keeping anybody from writing; otherwise as `check`.

    Raises:
        DatabaseDamaged: something is broken.
    """
    try:
        with _read_only(path) as connection:
            (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise DatabaseDamaged(f"{name or path} is not a sound database: {error}.") from error
    if found != "ok":
        raise DatabaseDamaged(f"{name or path} is not a sound database: {found}.")


@contextmanager
def _read_only(path: Path) -> Iterator[sqlite3.Connection]:
    uri = path.absolute().as_uri() + "?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as connection:
        yield connection


def _beside(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)
