"""A new database, a desk, a press and a post office, for the tests of every service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.services.drafts import Rules
from bot.storage.database import Database
from tests.fresh import database
from tests.services.broadcasting import Broadcasting, open_broadcasting
from tests.services.desk import Desk, open_desk
from tests.services.post_office import PostOffice, open_office, slow
from tests.services.press import Press, open_press

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with nothing in it."""
    return database(tmp_path / "news.db")


@pytest.fixture
async def db(path: Path) -> AsyncIterator[Database]:
    opened = Database(path)
    yield opened
    await opened.close()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path) as opened:
        yield opened


@pytest.fixture
async def press(tmp_path: Path) -> AsyncIterator[Press]:
    async with open_press(tmp_path) as opened:
        yield opened


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[PostOffice]:
    async with open_office(tmp_path) as opened:
        yield opened


@pytest.fixture
async def slow_office(tmp_path: Path) -> AsyncIterator[PostOffice]:
    """One that sends a single message; the next ones wait for `hurry`."""
    async with open_office(tmp_path, pacer=slow()) as opened:
        yield opened


@pytest.fixture
async def few(tmp_path: Path) -> AsyncIterator[Broadcasting]:
    """Broadcasts to a handful of readers."""
    async with open_broadcasting(tmp_path) as opened:
        yield opened


@pytest.fixture
async def careful(tmp_path: Path) -> AsyncIterator[Broadcasting]:
    """A newsroom in which a second editor confirms what goes to more than two."""
    async with open_broadcasting(tmp_path, rules=Rules(confirm_over=2)) as opened:
        yield opened


@pytest.fixture
async def done(few: Broadcasting) -> int:
    """A broadcast that has been sent."""
    number = await few.sent()
    await few.finish(number)
    return number
