"""Copies of the database, and what happens when the disk is nearly full."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot.domain.people import Person, Role
from bot.errors import DatabaseError
from bot.services.safekeeping import MIB, Room, Safekeeping
from bot.storage import backup, desk, migrate, people, readers, search
from bot.storage.database import Database
from bot.storage.tables import deliveries
from tests.storage.archive import Archive, entry, somebody

if TYPE_CHECKING:
    from pathlib import Path

NIGHT = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
"""Four in the morning in Kyiv."""
OWNER = 7


class Keeper:
    """A newsroom's safekeeping, on a clock and a disk that are what a test says."""

    def __init__(self, db: Database, *, keep: int = 3) -> None:
        self.now = NIGHT
        self.free = 10_000 * MIB
        self.room = Room(db.path.parent, 500 * MIB, lambda _: self.free)
        self.work = Safekeeping(
            db, lambda: self.now, ZoneInfo("Europe/Kyiv"), self.room, keep=keep, owners=(OWNER, 8)
        )

    async def night(self, days: int = 1) -> Path | None:
        self.now += timedelta(days=days)
        return await self.work.back_up()

    def names(self) -> list[str]:
        return [path.name for path in self.work.copies()]


async def told(db: Database) -> list[tuple[int, str]]:
    statement = sa.select(deliveries.c.chat_id, deliveries.c.dedupe).order_by(deliveries.c.id)
    return await db.read(lambda c: [(row.chat_id, row.dedupe) for row in c.execute(statement)])


async def test_every_night_a_copy_is_made_and_the_oldest_goes(db: Database) -> None:
    keeper = Keeper(db)
    assert await keeper.work.back_up() == keeper.work.folder / "news-2026-11-25.db"
    assert await keeper.work.back_up() is None, "once a night"
    (keeper.work.folder / "mine.db").touch()
    (keeper.work.folder / "news-before-0002.db").touch()
    for _ in range(4):
        assert await keeper.night()
    assert keeper.names() == ["news-2026-11-27.db", "news-2026-11-28.db", "news-2026-11-29.db"]
    assert (keeper.work.folder / "mine.db").exists(), "what is not ours stays"
    assert (keeper.work.folder / "news-before-0002.db").exists()


async def test_a_copy_is_made_at_night_or_when_the_machine_wakes_up(db: Database) -> None:
    keeper = Keeper(db)
    keeper.now = NIGHT - timedelta(hours=2)
    assert await keeper.work.back_up() is None, "two in the morning is too early"
    keeper.now = NIGHT + timedelta(hours=12)
    assert await keeper.work.back_up()


async def test_no_copies_are_made_where_none_are_wanted(db: Database) -> None:
    keeper = Keeper(db, keep=0)
    assert await keeper.work.back_up() is None
    assert not keeper.work.folder.exists()


async def test_a_copy_brings_everything_back(db: Database, tmp_path: Path) -> None:
    """The drill: what a copy holds is what was there, down to the words that find a story."""

    def fill(connection: sa.Connection) -> None:
        archive = Archive(connection)
        archive.look(
            archive.feed(), *(entry(f"story-{n}", f"Bridge number {n} is closed") for n in range(40))
        )
        archive.reader()

    await db.write(fill)
    copied = await Keeper(db).work.back_up()
    assert copied is not None
    await db.write(lambda c: c.exec_driver_sql("DELETE FROM stories"))
    target = tmp_path / "again" / "news.db"
    target.parent.mkdir()
    await asyncio.to_thread(backup.restore, copied, target)
    await asyncio.to_thread(migrate.migrate, target)
    restored = Database(target)
    try:
        counted = await restored.read(
            lambda c: {
                table: c.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()
                for table in ("feeds", "readers", "stories", "articles", "article_search")
            }
        )
        assert counted == {"feeds": 1, "readers": 1, "stories": 40, "articles": 40, "article_search": 40}
        assert len(await restored.read(search.stories_with, ("bridge",), (), 100)) == 40
    finally:
        await restored.close()
    with closing(sqlite3.connect(target)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.execute("INSERT INTO article_search (article_search) VALUES ('integrity-check')")


async def test_without_room_no_copy_is_made_and_the_owners_hear_of_it_once(db: Database) -> None:
    keeper = Keeper(db)
    await db.write(lambda c: [readers.add(c, somebody(OWNER)), readers.add(c, somebody(8, state="blocked"))])
    keeper.free = 500 * MIB + 1
    assert await keeper.work.back_up() is None
    assert await keeper.work.back_up() is None
    assert await told(db) == [(OWNER, f"owner:backup:2026-11-25:{OWNER}")]
    assert keeper.names() == []


async def test_a_copy_that_fails_is_told_and_counts_as_a_failure(db: Database) -> None:
    keeper = Keeper(db)
    await db.write(readers.add, somebody(OWNER))
    keeper.work.folder.mkdir()
    (keeper.work.folder / "news-2026-11-25.db.part").mkdir()
    with pytest.raises(DatabaseError):
        await keeper.work.back_up()
    assert await told(db) == [(OWNER, f"owner:backup:2026-11-25:{OWNER}")]


async def test_a_disk_that_is_nearly_full_is_told_once_a_day(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    keeper = Keeper(db)
    await db.write(readers.add, somebody(OWNER))
    assert await keeper.work.watch()
    assert await told(db) == []
    keeper.free = 499 * MIB
    assert not await keeper.work.watch()
    assert not await keeper.work.watch()
    assert len(await told(db)) == 1
    assert "only 499 MiB are free" in caplog.text
    keeper.now += timedelta(days=1)
    await keeper.work.watch()
    assert [dedupe for _, dedupe in await told(db)] == [
        f"owner:disk:2026-11-{day}:{OWNER}" for day in (25, 26)
    ]


async def test_room_is_what_the_disk_says(tmp_path: Path) -> None:
    assert Room(tmp_path, 0).free() > 0
    assert Room(tmp_path, 0).enough()
    assert not Room(tmp_path, 2**62).enough()


async def test_each_dead_feed_is_told_once_to_every_owner_until_it_lives_again(db: Database) -> None:
    keeper = Keeper(db)

    def fill(connection: sa.Connection) -> int:
        archive = Archive(connection)
        for chat_id in (OWNER, 9, 10):
            readers.add(connection, somebody(chat_id))
        people.appoint(connection, Person(9, Role.OWNER, "Nina", NIGHT))
        people.appoint(connection, Person(10, Role.EDITOR, "Ed", NIGHT))
        archive.feed("well")
        long_ago = NIGHT - timedelta(days=4)
        dead = archive.feed("/stop dead")
        desk.change(connection, dead.id, failures=9, succeeded_at=long_ago)
        desk.change(connection, archive.feed("lately").id, failures=9, succeeded_at=NIGHT - timedelta(days=2))
        desk.change(connection, archive.feed("gone").id, state="gone")
        desk.change(connection, archive.feed("paused").id, state="paused", failures=3, succeeded_at=long_ago)
        return dead.id

    dead = await db.write(fill)
    assert await keeper.work.mourn() == 2
    assert await keeper.work.mourn() == 0, "once"
    assert [chat for chat, _ in await told(db)] == [OWNER, 9, OWNER, 9], "editors have other cares"
    keeper.now += timedelta(days=2)
    assert await keeper.work.mourn() == 1, "the other one has been failing long enough by now"
    await db.write(lambda c: desk.change(c, dead, failures=0, succeeded_at=keeper.now, dead_told_at=None))
    keeper.now += timedelta(days=4)
    assert await keeper.work.mourn() == 0
    await db.write(lambda c: desk.change(c, dead, failures=1))
    assert await keeper.work.mourn() == 1, "it died once more"
