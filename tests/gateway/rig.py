"""The gateway against Telegram on loopback, with a clock that only looks and pauses move."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

from bot.domain.message import Message, Text
from bot.gateway.pacing import Book, Pacer
from bot.gateway.request import Api, Limits
from bot.gateway.sender import Sender
from bot.playground.people import CAST
from bot.playground.playground import Playground
from bot.playground.serving import serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from bot.domain.delivery import Receipt

TOKEN = "1000000001:AAgateway_token_that_must_never_be_seen"
MAYA = CAST[0].id
KEY = b"k" * 32
SHORT = Limits(connect=0.2, answer=0.3)
"""Patience of tests in which an answer never comes."""


@dataclass(slots=True)
class Patience:
    """A monotonic clock that every look moves on by a millisecond, and every pause by its length."""

    now: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        self.now += 0.001
        return self.now

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


@dataclass(slots=True)
class Gateway:
    """A sender, and Telegram at the other end."""

    telegram: Playground
    url: str
    api: Api
    sender: Sender
    patience: Patience

    async def push(self, message: Message | None = None) -> Receipt:
        async def before() -> bool:
            return True

        receipt = await self.sender.deliver(MAYA, message or Message(Text("News")), before)
        assert receipt is not None
        return receipt

    def shown(self) -> list[str]:
        """What Maya sees of the bot."""
        return [m["text"] for m in self.telegram.messages(MAYA) if m["from"]["is_bot"]]

    def asked(self, method: str = "sendMessage") -> list[dict[str, Any]]:
        """The parameters of each call of a method."""
        return [call.params for call in self.telegram.calls if call.method == method]


@asynccontextmanager
async def open_gateway(
    limits: Limits | None = None, url: str = "", token: str = TOKEN
) -> AsyncIterator[Gateway]:
    """The gateway; with `url`, Telegram is looked for there instead."""
    telegram = Playground(
        token=TOKEN, clock=lambda: datetime(2026, 11, 26, 6, 40, tzinfo=UTC), flood=False, keep_calls=None
    )
    async with serve(telegram) as base:
        telegram.start(MAYA)
        api = Api(url or base, token, limits=limits)
        patience = Patience()
        pacer = Pacer(Book(rate=1000, chat_rate=1000), clock=patience)
        try:
            yield Gateway(telegram, base, api, Sender(api, pacer, KEY, patience.pause), patience)
        finally:
            await api.close()


@asynccontextmanager
async def _server(
    handle: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await handle(reader, writer)
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


@asynccontextmanager
async def raw_server(answer: Callable[[int], bytes]) -> AsyncIterator[str]:
    """A server that reads a request, writes what `answer` gives for its number (from 0), and closes."""
    asked = count()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        await reader.readexactly(int(length[1]) if length else 0)
        writer.write(answer(next(asked)))
        await writer.drain()

    async with _server(handle) as url:
        yield url


@asynccontextmanager
async def trickling_server() -> AsyncIterator[str]:
    """A server whose answer comes byte by byte and never ends."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b" ")
            await asyncio.sleep(0.02)

    async with _server(handle) as url:
        yield url
