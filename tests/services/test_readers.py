"""Readers: who is written to and who is not, and choices that are on offer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest

from bot.services.readers import Readers
from bot.storage import inbox

if TYPE_CHECKING:
    from bot.domain.news import Reader
    from bot.storage.database import Database

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MAYA = 7_100_000_001


class Desk:
    """The use cases, with an update of its own for each."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.readers = Readers(db, lambda: NOON, "en", "UTC")
        self._numbers = count(1)

    async def update(self) -> int:
        update_id = next(self._numbers)
        await self.db.write(inbox.receive, [inbox.Received(update_id, MAYA, {}, NOON)])
        return update_id

    async def choose(self, field: str, value: str) -> Reader | None:
        return await self.readers.choose(await self.update(), MAYA, field, value)

    async def blocked(self, *, blocked: bool) -> None:
        await self.readers.blocked(await self.update(), MAYA, blocked=blocked)

    async def start(self) -> Reader:
        return await self.readers.meet(await self.update(), MAYA, "Maya", "en")

    async def stands(self) -> tuple[str, bool]:
        """The reader's state, and whether a digest is planned."""
        reader = await self.readers.get(MAYA)
        assert reader is not None
        return reader.state, await self.readers.due_at(MAYA) is not None


@pytest.fixture
async def desk(db: Database) -> Desk:
    """Maya, who gets her digest at eight."""
    desk = Desk(db)
    await desk.start()
    await desk.choose("first", "480")
    assert await desk.stands() == ("active", True)
    return desk


async def test_who_blocked_the_bot_and_lets_it_in_again_gets_digests_as_before(desk: Desk) -> None:
    await desk.blocked(blocked=True)
    assert await desk.stands() == ("blocked", False)
    await desk.blocked(blocked=False)
    assert await desk.stands() == ("active", True)


async def test_who_writes_after_having_blocked_the_bot_gets_digests_as_before(desk: Desk) -> None:
    await desk.readers.lost(MAYA, "Forbidden")
    assert await desk.stands() == ("blocked", False)
    await desk.readers.heard(MAYA)
    assert await desk.stands() == ("active", True)


async def test_who_stopped_stays_stopped_whatever_comes_but_a_start(desk: Desk) -> None:
    await desk.choose("state", "stopped")
    await desk.blocked(blocked=True)
    await desk.blocked(blocked=False)
    assert await desk.stands() == ("stopped", False)
    await desk.readers.lost(MAYA, "Forbidden")
    await desk.readers.heard(MAYA)
    assert await desk.stands() == ("stopped", False)
    await desk.choose("hour", "540")
    assert await desk.stands() == ("stopped", False)
    await desk.choose("state", "active")
    assert await desk.stands() == ("active", True)
    await desk.choose("state", "stopped")
    assert (await desk.start()).state == "active"
    assert await desk.stands() == ("active", True)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("zone", "Mars/Olympus"),
        ("zone", "US/Samoa"),
        ("hour", "1440"),
        ("hour", "-1"),
        ("first", "x"),
        ("few", "never"),
        ("page", ""),
        ("language", "xx"),
        ("state", "blocked"),
        ("chat_id", "5"),
    ],
)
async def test_what_is_not_on_offer_changes_nothing(desk: Desk, field: str, value: str) -> None:
    before = await desk.readers.get(MAYA)
    assert await desk.choose(field, value) == before
    assert await desk.readers.get(MAYA) == before


@pytest.mark.parametrize(
    ("field", "value", "chosen"),
    [
        ("zone", "Europe/Berlin", "Europe/Berlin"),
        ("few", "send", "send"),
        ("page", "long", "long"),
        ("language", "ru", "ru"),
    ],
)
async def test_what_is_on_offer_is_kept(desk: Desk, field: str, value: str, chosen: str) -> None:
    changed = await desk.choose(field, value)
    assert getattr(changed, field) == chosen
    assert changed == await desk.readers.get(MAYA)


async def test_a_new_place_moves_the_next_digest(desk: Desk) -> None:
    before = await desk.readers.due_at(MAYA)
    await desk.choose("zone", "Europe/Berlin")
    after = await desk.readers.due_at(MAYA)
    assert before is not None
    assert after == before - timedelta(hours=1)


async def test_a_start_that_is_worked_on_again_finds_the_reader_as_it_left_her(desk: Desk) -> None:
    update_id = await desk.update()
    met = await desk.readers.meet(update_id, MAYA, "Maya", "en")
    assert await desk.readers.meet(update_id, MAYA, "May", "de") == met
