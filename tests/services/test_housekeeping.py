"""Housekeeping keeps the archive at its size, and forgets nothing that somebody still needs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.message import Message, Text
from bot.domain.schedule import Slot
from bot.services import housekeeping
from bot.services.digests import LONGEST_BACK
from bot.services.housekeeping import Housekeeping
from bot.storage import inbox, lists, outbox, stories
from bot.storage.inbox import Received
from bot.storage.outbox import Debt
from tests.storage.archive import DAY, HOUR, NOW, Archive, entry

if TYPE_CHECKING:
    from datetime import datetime

    from bot.storage.database import Connection, Database


def keeper(db: Database, at: datetime, size: int = 200) -> Housekeeping:
    return Housekeeping(db, lambda: at, timedelta(days=90), batch=size, few=size)


def fill(connection: Connection) -> None:
    """Twelve stories, of which one is saved, one opened and two were told; all else likewise of one day."""
    archive = Archive(connection)
    archive.look(archive.feed(), *(entry(f"story-{n}") for n in range(12)))
    archive.reader()
    stories.save(connection, 7, 1, NOW, keep=True)
    inbox.receive(connection, [Received(n, 7, {}, NOW) for n in range(4)])
    for n in range(3):
        inbox.finish(connection, n, NOW, "answered")
    for n in range(4):
        archive.listing(7, n + 2, message_id=40 + n)
    digest = lists.add(connection, lists.New(7, "digest", {}, (2, 3)), NOW)
    lists.add_editions(connection, [(7, Slot(NOW.date(), 480), digest.id)], NOW)
    lists.note_opening(connection, 7, "41:2", 3, NOW)
    stories.tell(connection, 7, [2, 3], "digest", NOW)
    stories.tell(connection, 7, [3], "opened", NOW)
    message, _ = outbox.keep_all(connection, [Message(Text("Good morning")), Message(Text("Unsent"))], NOW)
    debts = [Debt(message, 7, str(n)) for n in range(3)]
    outbox.plan_all(connection, debts, NOW, NOW + HOUR)
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
async def test_everything_has_its_own_age(db: Database, batch: int) -> None:
    await db.write(fill)

    async def gone(days: int) -> dict[str, int]:
        removed = await keeper(db, NOW + days * DAY + HOUR, batch).tidy()
        return {name: number for name, number in removed.items() if number}

    assert await gone(1) == {"openings": 1}
    assert await gone(2) == {"updates": 3}
    assert await gone(3) == {"lists": 3, "headlines": 12}, "the last list stays, and the digest"
    assert await gone(7) == {"deliveries": 3, "messages": 2}
    assert await gone(8) == {"told": 1}, "what was opened is still known"
    assert await gone(30) == {"editions": 1, "lists": 2}
    assert await gone(90) == {"stories": 11}
    assert await db.read(left) == {
        "inbox": 1,
        "deliveries": 0,
        "messages": 0,
        "lists": 0,
        "stories": 1,
        "articles": 1,
    }


async def test_a_list_keeps_its_stories_for_three_days_and_then_shows_what_is_left(db: Database) -> None:
    await db.write(fill)

    def show(connection: Connection) -> int:
        listing = lists.add(connection, lists.New(7, "digest", {}, (5, 1, 6)), NOW + 89 * DAY)
        return listing.id

    made = await db.write(show)
    await keeper(db, NOW + 91 * DAY).tidy()
    kept = await db.read(lists.get, 7, made)
    assert kept is not None
    assert kept.story_ids == (5, 1, 6)
    await keeper(db, NOW + 93 * DAY).tidy()
    kept = await db.read(lists.get, 7, made)
    assert kept is not None
    assert kept.story_ids == (None, 1), "one is saved"


def test_what_a_digest_looks_back_for_is_still_known_to_be_told() -> None:
    assert housekeeping.TOLD > LONGEST_BACK


async def test_what_has_left_is_not_told_again(db: Database) -> None:
    await db.write(fill)
    await keeper(db, NOW + 91 * DAY).tidy()

    def look(connection: Connection) -> int:
        archive = Archive(connection)
        feed = archive.found("https://herald.example/rss")
        return archive.look(feed, *(entry(f"story-{n}") for n in range(12)), at=NOW + 91 * DAY)

    assert await db.write(look) == 0
