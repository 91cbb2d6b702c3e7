"""A post office for tests: Telegram on loopback, readers, and the outbox's worker between them."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.domain.message import Message, Text
from bot.gateway.pacing import Book, Pacer
from bot.gateway.request import Api
from bot.gateway.sender import Sender
from bot.playground.playground import Playground
from bot.playground.serving import serve
from bot.services.delivery import Deliveries
from bot.storage import outbox, readers
from bot.storage.database import Database
from bot.storage.tables import deliveries
from tests.fresh import database
from tests.services.press import StillClock
from tests.storage.archive import somebody
from tests.town import TOKEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.playground.faults import Hold

MORNING = datetime(2026, 11, 24, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass(slots=True)
class PostOffice:
    """Telegram, a database with readers in it, and the outbox's worker between them."""

    db: Database
    telegram: Playground
    clock: StillClock
    sender: Sender
    worker: Deliveries
    chats: list[int]

    async def owe(self, *chats: int, good_for: timedelta = HOUR, name: str = "d") -> None:
        """Owe each of these chats one message."""

        def write(connection: sa.Connection) -> None:
            for number, chat in enumerate(chats):
                (message,) = outbox.keep_all(
                    connection, [Message(Text(f"News {name} for {chat}"))], self.clock()
                )
                debt = outbox.Debt(message, chat, f"{name}:{number}:{chat}")
                outbox.plan_all(connection, [debt], self.clock(), self.clock() + good_for)

        await self.db.write(write)

    async def rows(self) -> list[Any]:
        return await self.db.read(lambda c: list(c.execute(sa.select(deliveries).order_by(deliveries.c.id))))

    async def row(self) -> Any:
        (row,) = await self.rows()
        return row

    async def states(self) -> list[str]:
        return [row.state for row in await self.rows()]

    async def until(self, counts: dict[str, int]) -> None:
        """Wait until so many rows are in these states."""
        async with asyncio.timeout(5):
            # Rows ring no bell.
            while await self.db.read(outbox.counts) != counts:  # noqa: ASYNC110
                await asyncio.sleep(0)

    def accepted(self, chat: int | None = None) -> int:
        """How many messages Telegram has taken."""
        return sum(1 for call in self.telegram.calls.of("sendMessage", chat) if call.message_id)

    async def held(self, hold: Hold, times: int = 1) -> asyncio.Task[int]:
        """Begin to deliver; returns the work when a message is on the wire and held there."""
        self.telegram.faults.add("sendMessage", hold, times=times)
        draining = asyncio.create_task(self.worker.drain())
        await hold.reached.wait()
        return draining

    async def one_sent(self) -> asyncio.Task[int]:
        """Begin to deliver; returns the work when Telegram has taken the first message."""
        draining = asyncio.create_task(self.worker.drain())
        await self.telegram.wait_for(lambda: self.accepted() == 1)
        return draining

    def hurry(self) -> None:
        """Everybody who waits at a slow pace gets a turn now."""
        self.sender._pacer._book = Book(rate=5000)
        self.sender._pacer._serve()

    def colleague(self, pacer: Pacer | None = None) -> Deliveries:
        """Another worker on the same outbox."""
        sender = self.sender if pacer is None else Sender(self.sender._api, pacer, b"k")
        return Deliveries(self.db, self.clock, sender, lambda: 0.5)


def quick() -> Pacer:
    """A pace that holds up nobody."""
    return Pacer(Book(rate=5000, chat_rate=5000))


def slow() -> Pacer:
    """A pace at which one message goes, and the next ones wait for longer than any test."""
    return Pacer(Book(rate=0.001))


async def give_up(work: asyncio.Task[int]) -> None:
    """End some work in mid-flight."""
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work


@asynccontextmanager
async def open_office(folder: Path, people: int = 3, pacer: Pacer | None = None) -> AsyncIterator[PostOffice]:
    """A post office with so many readers, at a quick pace unless another one is given."""
    clock = StillClock(MORNING)
    async with AsyncExitStack() as stack:
        database(folder / "news.db")
        db = Database(folder / "news.db", busy=0.05)
        stack.push_async_callback(db.close)
        telegram = Playground(token=TOKEN, clock=clock, flood=False, keep_calls=None)
        chats = telegram.add_people(people)
        await db.write(lambda c: [readers.add(c, somebody(chat, MORNING)) for chat in chats])
        api = Api(await stack.enter_async_context(serve(telegram)), TOKEN)
        stack.push_async_callback(api.close)
        sender = Sender(api, pacer or quick(), b"k")
        worker = Deliveries(db, clock, sender, lambda: 0.5)
        await worker.recover()
        yield PostOffice(db, telegram, clock, sender, worker, chats)
