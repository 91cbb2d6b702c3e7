"""The program itself: how it stops when a supervisor tells it to."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bot.playground.faults import Hold
from bot.playground.playground import Playground
from bot.playground.serving import serve
from tests.town import READER, TOKEN, Papers, TownClock, opml

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


@asynccontextmanager
async def program(folder: Path, *arguments: str, **settings: str) -> AsyncIterator[tuple[Process, str]]:
    """`python -m bot run` in a folder of its own; gives the process and the address that it names."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "run",
        *arguments,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HTTP_PORT": "0", **settings},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            said = b""
            while b"The newsroom is open" not in (line := await process.stdout.readline()):
                assert line, f"it ended instead of opening: {said.decode()}"
                said += line
        yield process, next(word for word in line.decode().split() if word.startswith("http"))
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def stopped(process: Process, signals: int = 1) -> tuple[float, str]:
    """Tell it to stop; returns the seconds that it took, and its last words."""
    assert process.stdout is not None
    began = time.monotonic()
    for _ in range(signals):
        process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.05)
    async with asyncio.timeout(15):
        words = await process.stdout.read()
        await process.wait()
    return time.monotonic() - began, words.decode()


async def test_the_playground_stops_at_once_and_cleanly(tmp_path: Path) -> None:
    async with program(tmp_path, "--playground") as (process, url), aiohttp.ClientSession() as session:
        async with session.get(url.rstrip("/") + "/healthz") as response:
            assert response.status == 200
        stream = await session.get(url.rstrip("/") + "/playground/events")
        seconds, words = await stopped(process)
        stream.close()
    assert process.returncode == 0
    assert seconds < 5
    assert "Traceback" not in words


async def test_with_an_answer_under_way_it_stops_before_a_supervisor_kills_it(tmp_path: Path) -> None:
    papers = Papers()
    papers.paper("herald")
    telegram = Playground(token=TOKEN, clock=TownClock(), flood=False)
    async with papers.open(), serve(telegram) as api:
        feeds = tmp_path / "feeds.opml"
        feeds.write_text(opml({"herald": ("World", "en")}, papers), "utf-8")
        hold = Hold(before=True)
        telegram.faults.add("sendMessage", hold)
        telegram.start(READER)
        async with program(
            tmp_path,
            TELEGRAM_BOT_TOKEN=TOKEN,
            TELEGRAM_API_URL=api,
            DATABASE_URL="sqlite:///news.db",
            FEEDS_FILE=str(feeds),
            FETCH_ALLOW_NETWORKS="127.0.0.0/8",
        ) as (process, _):
            async with asyncio.timeout(10):
                await hold.reached.wait()
            seconds, words = await stopped(process, signals=2)
    assert process.returncode == 0
    assert seconds < 10
    assert "Traceback" not in words
    assert TOKEN not in words
    with sqlite3.connect(tmp_path / "news.db") as database:
        open_updates = database.execute("SELECT count(*) FROM inbox WHERE done_at IS NULL").fetchone()
    database.close()
    assert open_updates == (1,), "it is taken up again at the next start"
