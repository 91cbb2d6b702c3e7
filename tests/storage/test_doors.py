"""The two doors: many readers that cannot write, one writer that commits for a group."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy.engine.interfaces import CacheStats

from bot.errors import DatabaseBusy, DatabaseDamaged, DatabaseError, DatabaseTaken
from bot.storage.database import Database, engine, is_free, own
from bot.storage.tables import meta

if TYPE_CHECKING:
    from pathlib import Path

    from bot.storage.database import Connection


def note(connection: Connection, name: str) -> str:
    connection.execute(sa.insert(meta).values(name=name, value="x"))
    return name


def names(connection: Connection) -> set[str]:
    return set(connection.execute(sa.select(meta.c.name)).scalars()) - {"button_key", "epoch"}


class Gate:
    """A function that holds the writer until it is opened, so that what comes meanwhile makes one group."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self._open = threading.Event()

    def __call__(self, _connection: Connection) -> None:
        self.entered.set()
        assert self._open.wait(10)

    def open(self) -> None:
        self._open.set()


async def test_a_commit_that_is_refused_does_not_hold_up_the_next_one(db: Database) -> None:
    def orphan(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        connection.exec_driver_sql("INSERT INTO told (chat_id, story_id, how, at) VALUES (7, 7, 'push', 1)")

    with pytest.raises(sa.exc.IntegrityError):
        await db.write(orphan)
    assert await db.write(note, "after") == "after"
    assert await db.read(names) == {"after"}


async def closed(db: Database) -> Gate:
    gate = Gate()
    gate_task = asyncio.ensure_future(db.write(gate))
    await asyncio.to_thread(gate.entered.wait, 10)
    gate_task.add_done_callback(lambda done: done.exception())
    return gate


async def test_what_was_written_can_be_read_when_the_call_returns(db: Database) -> None:
    assert await db.write(note, "one") == "one"
    assert await db.read(names) == {"one"}


async def test_functions_that_wait_share_one_commit(db: Database) -> None:
    gate = await closed(db)
    commits = 0

    def counted(_connection: Connection) -> None:
        nonlocal commits
        commits += 1

    sa.event.listen(db._write_engine, "commit", counted)
    waiting = [asyncio.ensure_future(db.write(note, str(n))) for n in range(50)]
    await asyncio.sleep(0)
    gate.open()
    assert await asyncio.gather(*waiting) == [str(n) for n in range(50)]
    assert commits == 2, "one for the gate, one for the fifty"


async def test_a_function_that_fails_undoes_only_itself(db: Database) -> None:
    def half(connection: Connection) -> None:
        note(connection, "half")
        raise ValueError("no more")

    gate = await closed(db)
    waiting = [db.write(note, "before"), db.write(half), db.write(note, "after")]
    tasks = [asyncio.ensure_future(one) for one in waiting]
    await asyncio.sleep(0)
    gate.open()
    before, failed, after = await asyncio.gather(*tasks, return_exceptions=True)
    assert (before, after) == ("before", "after")
    assert isinstance(failed, ValueError)
    assert await db.read(names) == {"before", "after"}


async def test_a_broken_rule_of_the_tables_is_the_callers_own_error(db: Database) -> None:
    await db.write(note, "one")
    with pytest.raises(sa.exc.IntegrityError):
        await db.write(note, "one")


async def test_an_error_does_not_tell_what_was_to_be_written(db: Database) -> None:
    await db.write(note, "a reader's words")
    with pytest.raises(sa.exc.IntegrityError) as error:
        await db.write(note, "a reader's words")
    assert "INSERT INTO meta" in str(error.value)
    assert "reader" not in str(error.value)


async def test_a_cancelled_caller_never_reaches_the_transaction(db: Database) -> None:
    gate = await closed(db)
    caller = asyncio.ensure_future(db.write(note, "kept"))
    await asyncio.sleep(0)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    gate.open()
    await db.write(note, "next")
    assert await db.read(names) == {"kept", "next"}


async def test_a_cancelled_caller_whose_function_fails_bothers_nobody(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_connection: Connection) -> None:
        raise ValueError

    gate = await closed(db)
    caller = asyncio.ensure_future(db.write(fails))
    await asyncio.sleep(0)
    caller.cancel()
    gate.open()
    assert await db.write(note, "next") == "next"
    del caller
    gc.collect()
    assert not caplog.records, "asyncio complains of failures that nobody looked at"


async def test_readers_cannot_write(db: Database) -> None:
    with pytest.raises(DatabaseError, match="may not be written"):
        await db.read(note, "never")


async def test_a_reader_sees_one_moment_from_its_first_statement_on(db: Database, path: Path) -> None:
    entered, go_on = threading.Event(), threading.Event()

    def twice(connection: Connection) -> tuple[set[str], set[str]]:
        first = names(connection)
        entered.set()
        assert go_on.wait(10)
        return first, names(connection)

    reading = asyncio.ensure_future(db.read(twice))
    await asyncio.to_thread(entered.wait, 10)
    await db.write(note, "meanwhile")
    go_on.set()
    assert await reading == (set(), set())


async def test_writing_begins_by_taking_the_lock(db: Database, path: Path) -> None:
    gate = await closed(db)
    other = sqlite3.connect(path, timeout=0)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.close()
    gate.open()


async def test_a_lock_of_another_program_is_waited_for_and_then_told(db: Database, path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    with pytest.raises(DatabaseBusy, match="locked by another program"):
        await db.write(note, "never")
    assert time.monotonic() - began >= 0.2
    other.rollback()
    other.close()
    assert await db.write(note, "later") == "later", "the writer goes on"


async def test_closing_lets_queued_work_finish(path: Path) -> None:
    db = Database(path)
    gate = await closed(db)
    waiting = [asyncio.ensure_future(db.write(note, str(n))) for n in range(200)]
    await asyncio.sleep(0)
    closing = asyncio.ensure_future(db.close())
    gate.open()
    assert len(await asyncio.gather(*waiting)) == 200
    await closing
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM meta").fetchone() == (202,)
    connection.close()
    assert not path.with_name(f"{path.name}-wal").exists(), "the last to close settles the log"


async def test_a_closed_database_answers_at_once(path: Path) -> None:
    db = Database(path)
    await db.close()
    with pytest.raises(DatabaseError, match="closed"):
        await db.write(note, "never")
    with pytest.raises(DatabaseError, match="closed"):
        await db.read(names)
    await db.close()


def test_only_one_newsroom_owns_a_database(path: Path) -> None:
    first = Database(path)
    with pytest.raises(DatabaseBusy, match="Another newsroom is running"):
        Database(path)
    beside = Database(path, owner=False)
    beside.close_now()
    first.close_now()
    Database(path).close_now()


def test_who_finds_a_database_taken_is_told_by_which_process(path: Path) -> None:
    lock = path.with_name(f"{path.name}.lock")
    lock.write_text("98765432109876\n")
    first = Database(path)
    assert lock.read_text() == f"{os.getpid()}\n", "and nothing is left of the last one"
    with pytest.raises(DatabaseTaken, match=rf"running on \S+/news\.db \(process {os.getpid()}\)\. Stop it"):
        own(path)
    lock.write_text("")
    with pytest.raises(DatabaseTaken, match=r"running on \S+/news\.db\. Stop it"):
        own(path)
    first.close_now()


def test_a_database_is_free_while_nobody_owns_it(path: Path) -> None:
    assert is_free(path)
    assert is_free(path), "asking takes nothing"
    first = Database(path)
    assert not is_free(path)
    first.close_now()
    assert is_free(path)
    Database(path, owner=False).close_now()
    assert is_free(path), "whoever only looks owns nothing"


def test_the_lock_ends_with_its_process_however_that_ends(path: Path) -> None:
    script = (
        "import pathlib, sys, time; from bot.storage.database import own; "
        f"own(pathlib.Path({str(path)!r})); print('owned', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"owned\n"
        with pytest.raises(DatabaseBusy):
            own(path)
        holder.kill()
    Database(path).close_now()


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "news.db.lock").mkdir()
    with pytest.raises(DatabaseError, match="cannot be written to"):
        own(tmp_path / "news.db")


def test_what_is_no_database_is_told_and_the_lock_given_back(path: Path) -> None:
    path.write_bytes(b"no database at all" * 100)
    for _ in range(2):
        with pytest.raises(DatabaseDamaged, match="not a database"):
            Database(path)


async def test_a_path_may_hold_any_letters(empty: Path, tmp_path: Path) -> None:
    odd = shutil.copyfile(empty, tmp_path / "my news?mode=memory#1 %41.db")
    db = Database(odd)
    await db.write(note, "kept")
    await db.close()
    with sqlite3.connect(odd) as connection:
        assert connection.execute("SELECT 1 FROM meta WHERE name = 'kept'").fetchone()
    connection.close()


@pytest.mark.parametrize("pages", [0, 1000])
def test_only_the_newsroom_checkpoints(path: Path, pages: int) -> None:
    made = engine(path, checkpoint=pages > 0)
    with made.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar() == pages
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2, (
            "FULL: what was told is on the disk"
        )
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    made.dispose()


def test_what_one_engine_has_compiled_no_other_compiles_again(path: Path) -> None:
    statement = sa.select(meta.c.value).where(meta.c.name == "compiled once").limit(3)
    found = []
    for read_only in (False, True):
        made = engine(path, read_only=read_only)
        with made.begin() as connection:
            found.append(connection.execute(statement).context.cache_hit)
        made.dispose()
    assert found == [CacheStats.CACHE_MISS, CacheStats.CACHE_HIT]
