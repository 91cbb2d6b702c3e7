from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot import config
from bot.playground.playground import Playground
from bot.playground.serving import serve
from tests.operator.console import TOKEN, Paperboy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path


@pytest.fixture
def paperboy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paperboy:
    """The command line in an empty folder, with no settings but those that a test makes."""
    for name in config.Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("HTTP_PORT=0\n")
    return Paperboy(tmp_path)


@contextmanager
def open_telegram(port: int = 0, token: str = TOKEN) -> Iterator[str]:
    """A Bot API on loopback, in a thread of its own; gives its address."""
    started: list[str] = []
    ready, loop = threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()

    async def run() -> None:
        playground = Playground(token=token, clock=lambda: datetime.now(UTC))
        async with serve(playground, port=port) as url:
            started.append(url)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    try:
        assert ready.wait(10)
        yield started[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


@pytest.fixture(scope="session")
def telegram() -> Iterator[str]:
    with open_telegram() as url:
        yield url


@pytest.fixture
def telegram_at() -> Callable[[int], AbstractContextManager[str]]:
    """Opens a Bot API on a port of the test's choice."""
    return open_telegram
