from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from bot.storage import migrate
from bot.storage.database import Database, engine
from tests.fresh import database
from tests.storage.archive import Archive

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of the newest form with nothing in it; tests copy it."""
    return database(tmp_path_factory.mktemp("form") / "empty.db")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return database(tmp_path / "news.db")


@pytest.fixture
async def db(path: Path) -> AsyncIterator[Database]:
    opened = Database(path, busy=0.2)
    yield opened
    await opened.close()


@pytest.fixture
def archive(path: Path) -> Iterator[Archive]:
    """One long transaction on a database, and what fills it."""
    made = engine(path)
    with made.begin() as connection:
        yield Archive(connection)
    made.dispose()


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """A copy of the history, to which a test adds steps."""
    return shutil.copytree(
        migrate.SCRIPTS, tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__")
    )
