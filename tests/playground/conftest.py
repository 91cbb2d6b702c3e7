"""A playground served on loopback, a clock that only tests move, and a bot that speaks plain HTTP."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from playwright.async_api import async_playwright

from bot.playground.people import CAST, EDITH
from bot.playground.playground import Playground
from bot.playground.serving import serve
from tests.playground.phone import CHROMIUM

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from playwright.async_api import Browser

TOKEN = "1000000001:playground-test"
MAYA, IRINA, SALMA = (person.id for person in CAST[:3])


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 26, 6, 40, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


class Telegram:
    """A playground that is being served, and the bot's way to it."""

    maya, irina, salma, edith = MAYA, IRINA, SALMA, EDITH

    def __init__(self, playground: Playground, base: str, session: aiohttp.ClientSession) -> None:
        self.playground = playground
        self.base = base
        self.session = session

    @property
    def api(self) -> str:
        return f"{self.base}/bot{TOKEN}"

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        async with self.session.post(f"{self.api}/{method}", json=params) as response:
            answer: dict[str, Any] = await response.json()
            assert answer["ok"] == (response.status == 200)
            assert answer.get("error_code", 200) == response.status
            return answer

    async def ok(self, method: str, **params: Any) -> Any:
        answer = await self.call(method, **params)
        assert answer["ok"], answer
        return answer["result"]

    async def refused(self, method: str, **params: Any) -> str:
        answer = await self.call(method, **params)
        assert not answer["ok"], answer
        return str(answer["description"])

    async def send(self, text: str = "News", chat: int = MAYA, **params: Any) -> Any:
        return await self.ok("sendMessage", chat_id=chat, text=text, **params)

    async def updates(self, **params: Any) -> list[dict[str, Any]]:
        """What is waiting, all confirmed by the next call."""
        found: list[dict[str, Any]] = await self.ok("getUpdates", **params)
        if found:
            await self.ok("getUpdates", offset=found[-1]["update_id"] + 1)
        return found


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_telegram(clock: Clock) -> Callable[..., AbstractAsyncContextManager[Telegram]]:
    @asynccontextmanager
    async def opened(**options: Any) -> AsyncIterator[Telegram]:
        everything: dict[str, Any] = {"token": TOKEN, "clock": clock, "flood": False, "keep_calls": None}
        playground = Playground(**(everything | options))
        async with (
            serve(playground) as base,
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session,
        ):
            yield Telegram(playground, base, session)

    return opened


@pytest.fixture
async def telegram(
    open_telegram: Callable[..., AbstractAsyncContextManager[Telegram]],
) -> AsyncIterator[Telegram]:
    """The people of the cast, of whom Maya has pressed Start; no update waits."""
    async with open_telegram() as opened:
        opened.playground.start(MAYA)
        await opened.updates()
        opened.playground.calls.clear()
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        await launched.close()
