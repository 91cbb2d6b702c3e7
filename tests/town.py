"""A town for tests: Telegram on loopback, papers on loopback, a clock that can be moved, and the real newsroom."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot import app, config
from bot.gateway.pacing import Book, Pacer
from bot.playground.playground import Playground
from bot.playground.serving import serve
from tests.fresh import database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

TOKEN = "1000000001:AAtest_token_that_must_never_be_seen_anywhere"
MORNING = datetime(2026, 11, 24, 4, 30, tzinfo=UTC)
READER = 7_100_000_001
"""Maya, whose app speaks English."""
RUSSIAN = 7_100_000_002
"""Ирина."""


class TownClock:
    """Time that runs, and can be moved on."""

    def __init__(self, start: datetime = MORNING) -> None:
        self._start = start
        self._began = time.monotonic()

    def __call__(self) -> datetime:
        return self._start + timedelta(seconds=time.monotonic() - self._began)

    def advance(self, **delta: float) -> None:
        self._start += timedelta(**delta)


@dataclass(slots=True)
class Paper:
    """A newspaper's site: a feed of items, and a page for each."""

    name: str
    items: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hold: asyncio.Event | None = None
    asked: list[str] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    """The papers whose feeds its front page names; empty for its own alone."""

    def print(
        self,
        slug: str,
        title: str,
        at: datetime,
        text: str = "",
        teaser: str = "",
        link: str = "",
        picture: str = "",
    ) -> None:
        told = {"slug": slug, "title": title, "at": at, "text": text, "teaser": teaser}
        self.items.insert(0, told | {"link": link, "picture": picture})


class Papers:
    """All papers of the town, on one loopback address."""

    def __init__(self) -> None:
        self.papers: dict[str, Paper] = {}
        self.url = ""

    def paper(self, name: str) -> Paper:
        return self.papers.setdefault(name, Paper(name))

    def feed_url(self, name: str) -> str:
        return f"{self.url}/{name}/rss"

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Papers]:
        application = web.Application()
        application.add_routes(
            [
                web.get("/{name}/", self._front),
                web.get("/{name}/rss", self._feed),
                web.get("/{name}/{slug}", self._page),
            ]
        )
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            for paper in self.papers.values():
                if paper.hold:
                    paper.hold.set()
            await runner.cleanup()

    async def _front(self, request: web.Request) -> web.Response:
        """A front page, which names the paper's feeds."""
        paper = self.papers[request.match_info["name"]]
        links = "".join(
            f'<link rel="alternate" type="application/rss+xml" href="{self.feed_url(name)}">'
            for name in paper.named or [paper.name]
        )
        html = f"<html><head><title>{paper.name}</title>{links}</head><body><p>News.</p></body></html>"
        return web.Response(text=html, content_type="text/html")

    async def _feed(self, request: web.Request) -> web.Response:
        paper = self.papers[request.match_info["name"]]
        paper.asked.append("rss")
        if paper.status != 200:
            return web.Response(status=paper.status, headers=paper.headers)
        items = "".join(self._item(paper, item) for item in paper.items)
        body = f"<rss version='2.0'><channel><title>{paper.name.title()}</title>{items}</channel></rss>"
        return web.Response(text=body, content_type="application/rss+xml", headers=paper.headers)

    def _item(self, paper: Paper, item: dict[str, Any]) -> str:
        link = item["link"] or f"{self.url}/{paper.name}/{item['slug']}"
        picture = f"<enclosure url='{item['picture']}' type='image/jpeg'/>" if item["picture"] else ""
        return (
            f"<item>{picture}<guid isPermaLink='false'>{item['slug']}</guid><title>{escape(item['title'])}</title>"
            f"<link>{escape(link)}</link><pubDate>{format_datetime(item['at'])}</pubDate>"
            f"<description>{escape(item['teaser'] or item['text'][:120])}</description></item>"
        )

    async def _page(self, request: web.Request) -> web.Response:
        paper = self.papers[request.match_info["name"]]
        paper.asked.append(request.match_info["slug"])
        if paper.hold is not None:
            await paper.hold.wait()
        item = next((one for one in paper.items if one["slug"] == request.match_info["slug"]), None)
        if item is None or not item["text"]:
            return web.Response(status=404)
        paragraphs = "".join(f"<p>{escape(part)}</p>" for part in item["text"].split("\n\n"))
        html = f"<html><head><title>{escape(item['title'])}</title></head><body><article>{paragraphs}</article></body></html>"
        return web.Response(text=html, content_type="text/html")


@dataclass(slots=True)
class Town:
    """The newsroom with everything around it."""

    app: app.App
    telegram: Playground
    papers: Papers
    clock: TownClock

    async def say(self, text: str, person: int = READER, reply_to: int | None = None) -> dict[str, Any]:
        """Say something and wait for the answer; returns the newest message of the bot."""
        return await self.after(lambda: self.telegram.say(person, text, reply_to), person)

    async def press(
        self, label: str, person: int = READER, message: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Press the button with a label on the newest message that has it; returns the bot's newest message."""
        message_id, row, column = self.button(label, person, message)
        return await self.after(lambda: self.telegram.press(person, message_id, row, column), person)

    def button(
        self, label: str, person: int = READER, message: dict[str, Any] | None = None
    ) -> tuple[int, int, int]:
        """Where a button is: message, row and column."""
        messages = [message] if message else reversed(self.telegram.messages(person))
        for one in messages:
            for row, buttons in enumerate(one.get("reply_markup", {}).get("inline_keyboard", [])):
                for column, button in enumerate(buttons):
                    if button["text"] == label or (
                        label.endswith("…") and button["text"].startswith(label[:-1])
                    ):
                        return one["message_id"], row, column
        raise AssertionError(
            f"no button {label!r} in {[labels(one) for one in self.telegram.messages(person)]}"
        )

    async def after(self, act: Callable[[], Any], person: int = READER) -> dict[str, Any]:
        """Do something and wait until the newsroom has worked it off."""
        act()
        await self.settled()
        return self.telegram.last(person)

    async def settled(self) -> None:
        """Wait until every update has been confirmed and worked off."""
        async with asyncio.timeout(15):
            # Two rooms are watched from outside, and neither rings a bell for it.
            while self.telegram.waiting_updates or self.app.inbox.held():  # noqa: ASYNC110
                await asyncio.sleep(0.003)

    def message(self, message_id: int, person: int = READER) -> dict[str, Any]:
        """A message as the chat shows it now."""
        return next(one for one in self.telegram.messages(person) if one["message_id"] == message_id)

    async def update(self, number: int, **content: Any) -> None:
        """Let an update come that no client of the playground sends, and wait until it has been worked off."""
        await self.app.inbox.receive([{"update_id": 10**9 + number, **content}])
        await self.settled()

    async def news(self) -> int:
        """Look at all feeds that are due."""
        added = await self.app.runner.run("poll")
        assert isinstance(added, int)
        return added

    async def join(self, person: int = READER) -> dict[str, Any]:
        """Go through the first conversation by its lowest buttons; returns its last message."""
        await self.after(lambda: self.telegram.start(person), person)
        for _ in range(3):
            await self.press(labels(self.telegram.last(person))[-1][-1], person)
        return self.telegram.last(person)

    def refused(self) -> list[Any]:
        """All calls that Telegram refused, and those of which it dropped a part."""
        return [call for call in self.telegram.calls if call.status != 200 or call.dropped]


def labels(message: dict[str, Any]) -> list[list[str]]:
    """The keyboard under a message, as its labels."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [[button["text"] for button in row] for row in rows]


def opml(feeds: dict[str, tuple[str, str]], papers: Papers) -> str:
    """A list of feeds: paper to desk and language."""
    outlines = "".join(
        f'<outline text="{desk}"><outline type="rss" text="{name.title()}" xmlUrl="{papers.feed_url(name)}" '
        f'language="{language}"/></outline>'
        for name, (desk, language) in feeds.items()
    )
    return f'<opml version="2.0"><head><title>t</title></head><body>{outlines}</body></opml>'


def on_loopback(folder: Path, api: str, feeds_file: Path, **more: Any) -> config.Settings:
    """Settings of a newsroom that asks nobody but this machine."""
    return config.load(
        None,
        telegram_bot_token=TOKEN,
        telegram_api_url=api,
        database_url=f"sqlite:///{folder / 'news.db'}",
        feeds_file=feeds_file,
        fetch_allow_networks="127.0.0.0/8",
        http_port=0,
        **more,
    )


@asynccontextmanager
async def open_town(
    folder: Path,
    feeds: dict[str, tuple[str, str]] | None = None,
    *,
    clock: TownClock | None = None,
    papers: Papers | None = None,
    telegram: Playground | None = None,
    real_pace: bool = False,
    pacer: Pacer | None = None,
    stopping: float = app.STOPPING,
    **settings: Any,
) -> AsyncIterator[Town]:
    """The newsroom with Telegram and papers around it; papers and Telegram may be handed in to outlive it.

    With `real_pace` both the newsroom's pace and Telegram's brakes are as in life; `pacer` is another pace.
    `stopping` is how many seconds running work may take to finish at the end.
    """
    clock = clock or TownClock()
    telegram = telegram or Playground(token=TOKEN, clock=clock, keep_calls=None, flood=real_pace)
    papers = papers or Papers()
    async with papers.open(), serve(telegram) as url:
        database(folder / "news.db")
        file = folder / "feeds.opml"
        file.write_text(
            opml(feeds or {"herald": ("World", "en"), "lens": ("Science", "en")}, papers), "utf-8"
        )
        chosen = on_loopback(folder, url, file, **settings)
        quick = None if real_pace else pacer or Pacer(Book(rate=2000, chat_rate=2000))
        async with app.open_app(
            chosen, clock=clock, ticking=False, pacer=quick, stopping=stopping
        ) as running:
            async with asyncio.timeout(10):
                await running.connected.wait()
            yield Town(running, telegram, papers, clock)
