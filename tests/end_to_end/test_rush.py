"""A rush hour in little: hundreds of digests due at the same minute, and a reader who asks meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.domain.news import Reader
from bot.gateway.pacing import Book, Pacer
from bot.playground.flood import Flood
from bot.playground.playground import Playground
from bot.storage import outbox, readers
from bot.storage.tables import messages
from tests.end_to_end.conftest import print_morning
from tests.town import READER, TOKEN, Papers, TownClock, open_town

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from bot.storage.database import Connection

CROWD = 300
RATE = 100
"""Messages a second: a Telegram three and a half times as fast makes a test of seconds."""


def subscriber(chat_id: int, now: datetime) -> Reader:
    minute = now.hour * 60 + now.minute
    language = ("en", "ru")[chat_id % 2]
    return Reader(
        chat_id, "R", language, "UTC", (), (), (minute,), "send", "short", "active", "done", now, now,
        now - timedelta(days=1), None,
    )  # fmt: skip


async def longest_work(held: list[float]) -> None:
    """Note how many seconds of work the loop's thread does between two looks."""
    while True:
        before = time.thread_time()
        await asyncio.sleep(0)
        held.append(time.thread_time() - before)


async def sends(telegram: Playground, count: int, chat: int | None = None) -> None:
    """Wait until so many messages have been sent."""
    await telegram.wait_for(lambda: len(telegram.calls.of("sendMessage", chat)) >= count)


@pytest.mark.slow
async def test_a_crowd_is_served_at_telegrams_pace_and_nobody_waits_for_it(tmp_path: Path) -> None:
    clock, papers = TownClock(), Papers()
    print_morning(papers, clock)
    telegram = Playground(token=TOKEN, clock=clock, keep_calls=None)
    telegram._exchange.flood = Flood(per_second=RATE * 30 // 28)
    pace = Pacer(Book(rate=RATE))
    async with open_town(tmp_path, clock=clock, papers=papers, telegram=telegram, pacer=pace) as town:
        await town.news()
        await town.join()
        crowd = telegram.add_people(CROWD)

        def subscribe(connection: Connection) -> None:
            for chat_id in crowd:
                readers.add(connection, subscriber(chat_id, clock()))
                readers.plan(connection, chat_id, clock())

        await town.app.db.write(subscribe)
        telegram.calls.clear()
        held: list[float] = []
        watching = asyncio.create_task(longest_work(held))
        assert await town.app.runner.run("compose") == CROWD
        watching.cancel()
        assert max(held) < 0.1, "the event loop is held for no longer than a blink"
        assert (
            await town.app.db.read(lambda c: c.scalar(sa.select(sa.func.count()).select_from(messages))) == 2
        )

        delivering = asyncio.create_task(town.app.runner.run("deliver"))
        waits = []
        for sent in (30, 120, 210):
            await sends(telegram, sent)
            asked, before = time.monotonic(), len(telegram.calls.of("sendMessage", READER))
            telegram.say(READER, "/latest")
            await sends(telegram, before + 1, READER)
            waits.append(time.monotonic() - asked)
        assert await delivering == CROWD
        assert max(waits) < 1, "an answer goes before the pushes that wait"
        assert town.refused() == [], "Telegram's brakes were never touched"
        arrived = Counter(call.chat for call in telegram.calls.of("sendMessage"))
        assert {arrived[chat_id] for chat_id in crowd} == {1}
        assert (await town.app.db.read(outbox.counts)) == {"sent": CROWD}
