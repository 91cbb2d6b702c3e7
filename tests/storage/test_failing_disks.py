"""Disks that take no more: everybody hears of it, nothing is half kept, and the writer goes on afterwards."""

from __future__ import annotations

import asyncio
import os
import resource
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.errors import DatabaseDamaged, DatabaseError, DatabaseFull, DatabaseTaken
from bot.storage.database import is_free, own
from bot.storage.failures import translate
from bot.storage.tables import meta
from tests.storage.test_doors import closed, names, note

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.storage.database import Connection, Database


def fill(connection: Connection, name: str) -> None:
    note(connection, f"{name} began")
    connection.execute(sa.insert(meta).values(name=name, value="x" * 3_000_000))


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size` bytes meanwhile, as on a disk with so much room."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_full_disk_fails_the_whole_group_and_keeps_nothing_of_it(db: Database) -> None:
    def limit(connection: Connection, pages: int) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    await db.write(limit, 80)
    gate = await closed(db)
    tasks = [asyncio.ensure_future(one) for one in (db.write(fill, "much"), db.write(note, "little"))]
    await asyncio.sleep(0)
    gate.open()
    much, little = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(much, DatabaseFull)
    assert isinstance(little, DatabaseFull)
    assert "disk is full" in str(much)
    assert await db.read(names) == set()
    assert await db.write(note, "little") == "little", "the writer goes on"
    await db.write(limit, 10_000)
    await db.write(fill, "much")
    assert await db.read(names) == {"little", "much", "much began"}


async def test_a_disk_that_fails_at_the_commit_fails_the_whole_group(db: Database) -> None:
    await db.write(note, "before")
    gate = await closed(db)
    waiting = [db.write(note, "first"), db.write(fill, "much"), db.write(note, "last")]
    tasks = [asyncio.ensure_future(one) for one in waiting]
    await asyncio.sleep(0)
    with files_of_at_most(500_000):
        gate.open()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(answer) for answer in answers] == [DatabaseFull] * 3
    assert await db.read(names) == {"before"}
    assert await db.write(note, "after") == "after", "the writer goes on"
    assert await db.read(names) == {"before", "after"}


async def test_a_function_that_swallows_the_failure_cannot_keep_a_half(db: Database) -> None:
    def careless(connection: Connection) -> str:
        note(connection, "first half")
        try:
            for n in range(20):
                fill(connection, f"much {n}")
        except sa.exc.DBAPIError:
            return "all is well"
        return "the disk took it"

    with files_of_at_most(500_000):
        answer = (await asyncio.gather(db.write(careless), return_exceptions=True))[0]
    assert isinstance(answer, DatabaseFull)
    assert await db.read(names) == set()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("SQLITE_BUSY_SNAPSHOT", "DatabaseBusy"),
        ("SQLITE_LOCKED", "DatabaseBusy"),
        ("SQLITE_FULL", "DatabaseFull"),
        ("SQLITE_READONLY_DIRECTORY", "DatabaseFull"),
        ("SQLITE_IOERR_WRITE", "DatabaseFull"),
        ("SQLITE_NOTADB", "DatabaseDamaged"),
        ("SQLITE_CORRUPT_INDEX", "DatabaseDamaged"),
        ("SQLITE_CANTOPEN", "DatabaseError"),
    ],
)
def test_what_an_operator_can_mend_has_a_sentence(code: str, kind: str) -> None:
    origin = sqlite3.OperationalError("raw words of the library")
    origin.sqlite_errorname = code
    told = translate(sa.exc.DBAPIError("SELECT 1", {}, origin))
    assert isinstance(told, DatabaseError)
    assert type(told).__name__ == kind
    assert "raw words" not in str(told)
    assert str(told).endswith(".")


def test_what_would_be_our_own_bug_stays_what_it_is() -> None:
    origin = sqlite3.OperationalError("no such table: storys")
    origin.sqlite_errorname = "SQLITE_ERROR"
    assert translate(sa.exc.DBAPIError("SELECT 1", {}, origin)) is None


async def test_a_text_that_is_none_any_more_is_damage(db: Database) -> None:
    def read(connection: Connection) -> object:
        return connection.exec_driver_sql("SELECT CAST(x'ff' AS TEXT)").scalar()

    with pytest.raises(DatabaseDamaged):
        await db.read(read)


def test_a_newsroom_owns_its_database_though_its_number_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    with files_of_at_most(0):
        handle = own(path)
    with pytest.raises(DatabaseTaken, match=r"running on .*news\.db\. Stop"):
        own(path)
    os.close(handle)
    assert is_free(path)
