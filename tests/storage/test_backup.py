"""Copies of a living database, and putting one in its place."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from bot.errors import DatabaseBusy, DatabaseDamaged, DatabaseError
from bot.storage import backup
from bot.storage.database import Database, engine
from tests.storage.archive import Archive, entry
from tests.storage.test_failing_disks import files_of_at_most

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def write(path: Path, name: str, value: str = "x") -> None:
    with closing(sqlite3.connect(path, timeout=10)) as connection, connection:
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))


def names(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        found = {name for (name,) in connection.execute("SELECT name FROM meta")}
    return found - {"button_key", "epoch"}


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.endswith(".lock")}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "copies"
    folder.mkdir()
    return folder / "copy.db"


def test_a_copy_is_one_sound_file(path: Path, target: Path) -> None:
    write(path, "one")
    backup.copy(path, target)
    assert names(target) == {"one"}
    backup.check(target)
    assert files(target.parent) == {"copy.db"}
    with closing(sqlite3.connect(target)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_a_copy_holds_what_only_the_log_has_yet(path: Path, target: Path) -> None:
    """A newsroom that was killed leaves its last commits in the log."""
    script = (
        "import sqlite3, os, sys; c = sqlite3.connect(sys.argv[1]); c.execute(\"INSERT INTO meta VALUES ('late', '')\"); "
        "c.commit(); os._exit(9)"
    )
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert path.with_name("news.db-wal").stat().st_size > 0
    backup.copy(path, target)
    assert names(target) == {"late"}


def test_a_copy_is_made_while_another_thread_writes(path: Path, target: Path) -> None:
    db = Database(path)
    stop = threading.Event()

    def keep_writing() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with db._write_engine.begin() as connection:
                archive = Archive(connection)
                archive.look(
                    archive.feed(), entry(f"story-{number}", f"A bridge of number {number} was closed")
                )

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        for _ in range(5):
            backup.copy(path, target, replace=True)
    finally:
        stop.set()
        writer.join()
        db.close_now()
    backup.check(target)


def test_a_copy_is_of_one_moment_and_ends_although_others_write(path: Path, target: Path) -> None:
    db = Database(path)
    write(path, "before", "x" * 3 * 4096 * backup.PAGES_A_STEP)
    steps: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        steps.append((done, total))
        assert len(steps) < 100, "each write makes SQLite begin anew"
        write(path, f"during {len(steps)}")

    backup.copy(path, target, progress=progress)
    db.close_now()
    assert names(target) == {"before"}
    assert steps == sorted(steps)
    assert steps[-1][0] == steps[-1][1]


def test_a_file_that_is_there_is_not_replaced(path: Path, target: Path) -> None:
    target.write_text("something dear")
    with pytest.raises(DatabaseError, match="exists already"):
        backup.copy(path, target)
    assert target.read_text() == "something dear"


def test_what_cannot_be_copied_is_told(path: Path, target: Path, tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="There is no database at"):
        backup.copy(tmp_path / "missing.db", target)
    with pytest.raises(DatabaseError, match="There is no folder"):
        backup.copy(path, tmp_path / "missing" / "copy.db")
    with pytest.raises(DatabaseError, match="failed"):
        backup.copy(path, target.with_name("n" * 255))
    assert files(target.parent) == set()


def test_a_full_disk_leaves_no_half_a_copy(path: Path, target: Path) -> None:
    with files_of_at_most(100_000), pytest.raises(DatabaseError, match="failed"):
        backup.copy(path, target)
    assert files(target.parent) == set()


def test_a_leftover_of_a_copy_that_was_killed_is_no_hindrance(path: Path, target: Path) -> None:
    target.with_name("copy.db.part").write_bytes(b"half a copy")
    backup.copy(path, target)
    backup.check(target)
    assert files(target.parent) == {"copy.db"}


def damaged(path: Path) -> Path:
    pages = bytearray(path.read_bytes())
    pages[5 * 4096 : 6 * 4096] = random.Random(3).randbytes(4096)
    path.write_bytes(pages)
    return path


def test_a_damaged_database_gives_no_copy(path: Path, target: Path) -> None:
    with pytest.raises(DatabaseError, match=r"news\.db is not a sound database"):
        backup.copy(damaged(path), target)
    assert files(target.parent) == set()


def test_an_index_out_of_step_is_found(path: Path, target: Path) -> None:
    made = engine(path)
    with made.begin() as connection:
        archive = Archive(connection)
        archive.look(archive.feed(), entry("bridge"))
        connection.exec_driver_sql("DELETE FROM article_search_docsize")
    made.dispose()
    backup.check_pages(path)
    with pytest.raises(DatabaseDamaged):
        backup.check(path)


def test_looking_at_a_living_database_keeps_nobody_from_writing(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("BEGIN IMMEDIATE")
        backup.check_pages(path)


def test_what_is_no_database_is_no_sound_one(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"buy milk, " * 1000)
    with pytest.raises(DatabaseDamaged, match="not a sound database"):
        backup.check(path)
    with pytest.raises(DatabaseDamaged, match="not a sound database"):
        backup.check(tmp_path / "missing.db")


def test_restoring_into_an_empty_place(path: Path, target: Path) -> None:
    write(path, "kept")
    assert backup.restore(path, target) is None
    assert names(target) == {"kept"}
    assert files(target.parent) == {"copy.db"}


def test_restoring_keeps_what_was_there_beside_it(empty: Path, path: Path, target: Path) -> None:
    write(path, "from the backup")
    shutil.copyfile(empty, target)
    for number, name in enumerate(("copy-replaced.db", "copy-replaced1.db")):
        write(target, f"old {number}")
        kept = backup.restore(path, target)
        assert kept == target.with_name(name)
        assert f"old {number}" in names(kept)
        assert names(target) == {"from the backup"}
    assert files(target.parent) == {"copy.db", "copy-replaced.db", "copy-replaced1.db"}


def test_what_was_there_is_kept_with_the_last_commits_of_its_log(
    empty: Path, path: Path, target: Path
) -> None:
    shutil.copyfile(empty, target)
    copied = target.with_name("living.db")
    with closing(sqlite3.connect(target)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("INSERT INTO meta VALUES ('late', '')")
        connection.commit()
        for end in ("", "-wal"):
            shutil.copyfile(f"{target}{end}", f"{copied}{end}")
    kept = backup.restore(path, copied)
    assert kept is not None
    assert names(kept) == {"late"}
    assert names(copied) == set(), "nothing of the old log is played into the restored file"


def test_a_damaged_database_is_kept_with_its_log_and_replaced(empty: Path, path: Path, target: Path) -> None:
    write(path, "from the backup")
    target.write_bytes(b"rubbish" * 2000)
    target.with_name("copy.db-wal").write_bytes(b"what may be rescued")
    kept = backup.restore(path, target)
    assert kept is not None
    assert kept.read_bytes() == b"rubbish" * 2000
    assert kept.with_name(f"{kept.name}-wal").read_bytes() == b"what may be rescued"
    assert names(target) == {"from the backup"}
    assert not target.with_name("copy.db-wal").exists()


def test_where_files_cannot_be_linked_they_are_copied(
    empty: Path, path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    shutil.copyfile(empty, target)
    write(target, "old")
    kept = backup.restore(path, target)
    assert kept is not None
    assert names(kept) == {"old"}


@pytest.mark.parametrize("trouble", ["damaged", "missing", "full disk", "no database"])
def test_a_restore_that_fails_changes_nothing(empty: Path, path: Path, target: Path, trouble: str) -> None:
    shutil.copyfile(empty, target)
    write(target, "still here")
    before = contents(target.parent)
    match trouble:
        case "damaged":
            damaged(path)
        case "missing":
            path.unlink()
        case "no database":
            path.write_bytes(b"buy milk, " * 1000)
        case _:
            pass
    with files_of_at_most(100_000 if trouble == "full disk" else 10**8), pytest.raises(DatabaseError):
        backup.restore(path, target)
    assert contents(target.parent) == before


def test_there_is_a_whole_database_in_the_place_at_every_step(
    empty: Path, path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copyfile(empty, target)
    write(target, "old")
    write(path, "new")
    seen: list[set[str]] = []

    def watched(call: Callable[..., Any]) -> Callable[..., Any]:
        def watching(*arguments: Any, **options: Any) -> Any:
            seen.append(names(target))
            result = call(*arguments, **options)
            seen.append(names(target))
            return result

        return watching

    for owner, name in (
        (type(target), "replace"),
        (type(target), "unlink"),
        (os, "link"),
        (shutil, "copyfile"),
    ):
        monkeypatch.setattr(owner, name, watched(getattr(owner, name)))
    backup.restore(path, target)
    monkeypatch.undo()
    assert seen.count({"old"}) >= 7
    assert seen[-1] == {"new"}
    assert all(found in ({"old"}, {"new"}) for found in seen)


def test_a_newsroom_that_runs_keeps_its_database(path: Path) -> None:
    running = Database(path)
    with pytest.raises(DatabaseBusy, match="Another newsroom is running"), backup.held(path):
        pytest.fail("it was given away")
    running.close_now()
    with backup.held(path), pytest.raises(DatabaseBusy):
        Database(path)
