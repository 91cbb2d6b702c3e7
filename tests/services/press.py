"""A press for tests: sites on several loopback addresses, a fetcher that may go there, and the newsroom's archive."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from aiohttp import web

from bot.domain.news import Feed, FeedEntry
from bot.domain.rhythm import Pace
from bot.domain.updates import Policy
from bot.feeds.fetch import Fetcher, Limits
from bot.feeds.reading import FeedReader
from bot.feeds.workers import Workers
from bot.services.poller import FeedPoller
from bot.services.reading import Reading
from bot.storage import feeds
from bot.storage.database import Database
from bot.storage.tables import articles, stories
from bot.storage.tables import feeds as feeds_table
from tests.fresh import database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
POLICY = Policy(Pace(timedelta(minutes=5), timedelta(hours=4)))
HOSTS = 4
TEXT = "The old crane has to be moved before the winter storms come, says the master of the port. " * 6


class StillClock:
    """Time that stands until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@dataclass
class Sites:
    """What the web answers, by path: in turn, the last answer for ever; and all that it was asked."""

    answers: dict[str, list[Any]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    port: int = 0

    def url(self, path: str, host: int = 1) -> str:
        return f"http://127.0.0.{host}:{self.port}{path}"

    def put(self, path: str, *answers: Any, host: int = 1) -> str:
        """Set what a path answers: documents, statuses with headers, or handlers; returns its address."""
        self.answers[path] = list(answers)
        return self.url(path, host)

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked.append((request.path, dict(request.headers)))
        left = self.answers.get(request.path, [404])
        answer = left.pop(0) if len(left) > 1 else left[0]
        if callable(answer):
            given: web.StreamResponse = await answer(request)
            return given
        if isinstance(answer, int):
            return web.Response(status=answer)
        if isinstance(answer, dict):
            return web.Response(**answer)
        kind = "text/html" if answer.startswith(b"<html") else "application/rss+xml"
        return web.Response(body=answer, content_type=kind)


@dataclass
class Press:
    """The archive and everything that fills it."""

    db: Database
    clock: StillClock
    sites: Sites
    fetcher: Fetcher
    reader: FeedReader
    poller: FeedPoller
    reading: Reading

    async def add(self, *urls: str) -> None:
        await self.db.write(
            feeds.add, [FeedEntry(url, desk="World", language="en") for url in urls], self.clock()
        )

    async def poll(self, **delta: float) -> int:
        """Look at what is due, after some time."""
        self.clock.advance(**delta)
        return await self.poller.poll_due()

    async def feed(self, url: str) -> Feed:
        found = await self.db.read(feeds.find, url)
        assert found is not None
        return found

    async def rows(self, statement: sa.Select[Any]) -> list[Any]:
        return await self.db.read(lambda connection: list(connection.execute(statement).mappings()))

    async def titles(self) -> list[str]:
        return [row["title"] for row in await self.rows(sa.select(articles).order_by(articles.c.id))]

    async def asked(self, times: int) -> bool:
        """Whether the sites were asked so often."""
        return len(self.sites.asked) >= times

    async def kept(self, count: int) -> bool:
        """Whether so many articles are in the archive."""
        return len(await self.titles()) >= count

    async def claimed(self) -> int:
        """How many feeds are being looked at."""
        held = feeds_table.c.claimed_until.is_not(None)
        return len(await self.rows(sa.select(feeds_table.c.id).where(held)))

    async def stories(self) -> list[Any]:
        return await self.rows(sa.select(stories).order_by(stories.c.id))


def rss(*titles: str, site: str = "https://herald.example", at: datetime = NOON, text: str = "") -> bytes:
    """A feed of headlines, the first one of now, the others each an hour older."""
    items = "".join(
        f"<item><guid isPermaLink='false'>{escape(title)}</guid><title>{escape(title)}</title>"
        f"<link>{site}/{escape(title.replace(' ', '-'))}</link><description>{text or 'A teaser.'}</description>"
        f"<pubDate>{format_datetime(at - timedelta(hours=n))}</pubDate></item>"
        for n, title in enumerate(titles)
    )
    return f"<rss version='2.0'><channel><title>Herald</title>{items}</channel></rss>".encode()


def page(text: str = TEXT) -> bytes:
    paragraphs = "".join(f"<p>{text}</p>" for _ in range(3))
    return (
        f"<html><head><title>Page</title></head><body><article>{paragraphs}</article></body></html>".encode()
    )


def holding(
    release: asyncio.Event, answer: bytes
) -> Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]:
    """A site that says nothing until it is released."""

    async def hold(_: web.BaseRequest) -> web.StreamResponse:
        await release.wait()
        return web.Response(body=answer, content_type="application/rss+xml")

    return hold


async def dripping(request: web.BaseRequest) -> web.StreamResponse:
    """A site that gives a byte every 20 ms, for ever."""
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.02)


async def until(what: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something has happened elsewhere."""
    async with asyncio.timeout(10):
        while not await what():  # noqa: ASYNC110 - what is watched rings no bell
            await asyncio.sleep(0.005)


@asynccontextmanager
async def open_press(folder: Path, *, seconds: float = 10.0) -> AsyncIterator[Press]:
    """A press whose fetches may take so many seconds."""
    path = database(folder / "news.db")
    clock, sites = StillClock(), Sites()
    async with AsyncExitStack() as stack:
        runner = web.ServerRunner(web.Server(sites.answer), shutdown_timeout=0.1)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        for host in range(1, HOSTS + 1):
            await web.TCPSite(runner, f"127.0.0.{host}", sites.port).start()
            sites.port = runner.addresses[0][1]
        db = Database(path)
        stack.push_async_callback(db.close)
        fetcher = Fetcher(
            user_agent="TestNewsroom/1.0",
            clock=clock,
            allowed=(ip_network("127.0.0.0/8"),),
            limits=Limits(seconds=seconds, bytes=200_000),
        )
        await stack.enter_async_context(fetcher)
        reader = FeedReader(fetcher, await stack.enter_async_context(Workers()), clock)
        poller = FeedPoller(db, clock, reader, POLICY, lambda: 0.0)
        yield Press(db, clock, sites, fetcher, reader, poller, Reading(db, clock, reader))
