"""The newsroom in the playground: what it may read there, and who may speak for its bot."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import aiohttp

from bot import app, config
from bot.domain.news import FeedEntry
from bot.playground.people import CAST
from bot.playground.playground import new_token
from bot.services.feeds import FeedList
from bot.storage import feeds

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

MAYA = CAST[0].id


@asynccontextmanager
async def newsroom(folder: Path) -> AsyncIterator[app.App]:
    settings = config.load(None, database_url=f"sqlite:///{folder / 'news.db'}", http_port=0)
    async with app.open_app(settings, playground=True, ticking=False) as running:
        async with asyncio.timeout(10):
            await running.connected.wait()
        yield running


async def test_a_feed_of_this_machine_is_refused_and_the_sample_wire_is_read(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as running:
        addresses = [f"{running.server.url}/healthz", f"http://localhost:{running.server.port}/metrics"]
        for address in addresses:
            await FeedList(running.db, app.utc_now).add(FeedEntry(address))
        assert await running.runner.run("poll") > 20
        told = {feed.url: feed.trouble for feed in await running.db.read(feeds.every)}
        assert [told.pop(address) for address in addresses] == [{"key": "source.refused"}] * 2
        assert set(told.values()) == {None}


async def test_each_start_has_a_token_of_its_own_and_the_chats_stay(tmp_path: Path) -> None:
    assert new_token() != new_token()
    for start in range(2):
        async with newsroom(tmp_path) as running, aiohttp.ClientSession() as session:
            telegram = running.playground
            assert telegram is not None
            if not start:
                telegram.start(MAYA)
            assert await telegram.wait_for(partial(telegram.last, MAYA))
            async with session.get(f"{running.server.url}/bot1000000001:playground/getMe") as answer:
                assert answer.status == 401, "a token that is known to everybody"
