"""Captured documents served on loopback, and the real newsroom that reads them there and nowhere else."""

from __future__ import annotations

import csv
import gc
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zlib import crc32

from aiohttp import web
from yarl import URL

from bot import app
from bot.domain.news import DESKS
from bot.feeds.entries import language_code
from bot.feeds.opml import OpmlFeed, write_opml
from bot.gateway.pacing import Book, Pacer
from bot.playground.people import CAST
from bot.playground.playground import Playground
from bot.playground.serving import serve
from tests.town import TOKEN, Papers, Town, TownClock, on_loopback

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Sequence
    from datetime import datetime

    from bot.playground.people import Person

DATA: Final = Path(__file__).parents[2] / "shared" / "data"
HOSTS: Final = [f"127.0.0.{number}" for number in range(2, 10)]
"""Sites of the captured web: the newsroom asks one site for two documents at a time."""


@dataclass
class Web:
    """A web of captured documents: feeds at addresses of their own, and an article at every other address.

    Attributes:
        feeds: bytes by file name.
        pages: articles; every address outside of this machine gets one of them.
        clock: the newsroom's time.
        asked: when each feed was asked first.
    """

    feeds: dict[str, bytes]
    pages: Sequence[bytes] = ()
    clock: TownClock = field(default_factory=TownClock)
    asked: dict[str, datetime] = field(default_factory=dict)
    port: int = 0

    def url(self, name: str) -> str:
        """Where a feed is."""
        host = HOSTS[crc32(name.encode()) % len(HOSTS)]
        return str(URL.build(scheme="http", host=host, port=self.port, path=f"/{name}"))

    def local(self, url: str) -> str:
        """Where an address is really asked: nothing leaves this machine."""
        host = URL(url).host or ""
        number = crc32(url.encode()) % max(len(self.pages), 1)
        return url if host in HOSTS else f"http://{HOSTS[number % len(HOSTS)]}:{self.port}/pages/{number}"

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Web]:
        """Serve everything for the length of the block."""
        application = web.Application()
        application.add_routes([web.get("/pages/{number}", self._page), web.get("/{name}", self._feed)])
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        for host in HOSTS:
            await web.TCPSite(runner, host, self.port).start()
            self.port = runner.addresses[0][1]
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _feed(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.asked.setdefault(name, self.clock())
        return web.Response(body=self.feeds[name], headers={"Content-Type": kind_of(name)})

    async def _page(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        if number >= len(self.pages):
            return web.Response(status=404)
        return web.Response(body=self.pages[number], headers={"Content-Type": "text/html"})


def kind_of(name: str) -> str:
    """The media type that a captured feed is served with."""
    return "application/feed+json" if name.endswith(".json") else "application/xml"


def languages(data: Path) -> dict[str, str]:
    """The two-letter languages that captured feeds declare, by file name."""
    with (data / "feeds" / "index.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return {row["file"]: language_code(row["declared_language"]) for row in rows}


@asynccontextmanager
async def newsroom(
    folder: Path, captured: Web, spoken: dict[str, str], people: Collection[Person] = CAST
) -> AsyncIterator[Town]:
    """The real newsroom, whose whole web is `captured`, with a Bot API of its own; feeds take turns at the desks."""
    clock = captured.clock
    telegram = Playground(token=TOKEN, clock=clock, flood=False, keep_calls=None, people=people)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(captured.open())
        api = await stack.enter_async_context(serve(telegram))
        listed = [
            OpmlFeed(captured.url(name), name, DESKS[number % len(DESKS)], language=spoken.get(name, ""))
            for number, name in enumerate(captured.feeds)
        ]
        file = folder / "feeds.opml"
        file.write_bytes(write_opml("Captured feeds", listed))
        quick = Pacer(Book(rate=2000, chat_rate=2000))
        settings = on_loopback(folder, api, file)
        opened = app.open_app(settings, clock=clock, ticking=False, pacer=quick, rewrite=captured.local)
        running = await stack.enter_async_context(opened)
        await running.connected.wait()
        gc.collect()
        gc.freeze()  # as the program does
        stack.callback(gc.unfreeze)
        yield Town(running, telegram, Papers(), clock)
