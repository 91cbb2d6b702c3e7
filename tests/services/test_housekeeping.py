"""Housekeeping keeps the archive at its size, and forgets nothing that somebody still needs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.message import Message, Text
from bot.services import housekeeping
from bot.services.housekeeping import Housekeeping
from bot.storage import inbox, migrate, outbox, stories
from bot.storage.database import Database
from bot.storage.inbox import Received
from bot.storage.outbox import Debt
from tests.storage.archive import DAY, HOUR, NOW, Archive, entry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime
    from pathlib import Path

    from bot.storage.database import Connection


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    migrate.migrate(tmp_path / "news.db")
    opened = Database(tmp_path / "news.db")
    yield opened
    await opened.close()


def keeper(db: Database, at: datetime) -> Housekeeping:
    return Housekeeping(db, lambda: at, timedelta(days=90))


def fill(connection: Connection) -> None:
    """Twelve stories, of which one is saved; updates, lists and messages, all of one day."""
    archive = Archive(connection)
    archive.look(archive.feed(), *(entry(f"story-{n}") for n in range(12)))
    archive.reader()
    stories.save(connection, 7, 1, NOW, keep=True)
    inbox.receive(connection, [Received(n, 7, {}, NOW) for n in range(4)])
    for n in range(3):
        inbox.finish(connection, n, NOW, "answered")
    for n in range(4):
        archive.listing(7, n + 2)
    message = outbox.keep(connection, Message(Text("Good morning")), NOW)
    for n in range(3):
        outbox.plan(connection, Debt(message, 7, str(n)), NOW, NOW + HOUR)
    outbox.drop_for(connection, 7, NOW, "blocked")


def left(connection: Connection) -> dict[str, int]:
    archive = Archive(connection)
    return {
        name: archive.count(name)
        for name in ("inbox", "deliveries", "messages", "lists", "stories", "articles")
    }


async def test_nothing_of_today_goes(db: Database) -> None:
    await db.write(fill)
    before = await db.read(left)
    assert set((await keeper(db, NOW + HOUR).tidy()).values()) == {0}
    assert await db.read(left) == before


@pytest.mark.parametrize("batch", [1, 2, 500])
async def test_everything_has_its_own_age(db: Database, batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "BATCH", batch)
    await db.write(fill)
    removed = {"updates": 0, "deliveries": 0, "lists": 0, "stories": 0}
    assert await keeper(db, NOW + 3 * DAY).tidy() == removed | {"updates": 3}
    assert await keeper(db, NOW + 8 * DAY).tidy() == removed | {"deliveries": 3}
    assert await keeper(db, NOW + 31 * DAY).tidy() == removed | {"lists": 3}
    assert await keeper(db, NOW + 91 * DAY).tidy() == removed | {"stories": 10}
    assert await db.read(left) == {
        "inbox": 1,
        "deliveries": 0,
        "messages": 0,
        "lists": 1,
        "stories": 2,
        "articles": 2,
    }


async def test_what_has_left_is_not_told_again(db: Database) -> None:
    await db.write(fill)
    await keeper(db, NOW + 91 * DAY).tidy()

    def look(connection: Connection) -> int:
        archive = Archive(connection)
        feed = archive.found("https://herald.example/rss")
        return archive.look(feed, *(entry(f"story-{n}") for n in range(12)), at=NOW + 91 * DAY)

    assert await db.write(look) == 0
