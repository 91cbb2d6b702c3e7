"""Kills the newsroom again and again while readers talk to it and digests go out, and counts what was lost or doubled.

The newsroom is the real program in a process of its own. Telegram is the playground's Bot API in this one, so that it
outlives every kill and its log of calls says what was really delivered. Readers save and open stories, switch desks,
ask for lists and digests; every effect is counted by triggers in the database, which see also what is undone or done
over again. Kills come at seeded moments: while the program starts, when an update has just been handed over, before
and after a message is accepted, and between.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import sqlite3
import sys
import tempfile
from collections import Counter
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final

import aiohttp
import sqlalchemy as sa
from aiohttp import web

sys.path.insert(0, str(Path(__file__).parents[1]))  # for `bench`, which is no package

from bench._reckoning import TRIGGERS, Command, Report, count_commands, count_digests, is_whole, show
from bot.domain.buttons import sealed
from bot.domain.news import Reader
from bot.playground.faults import DropAfter, DropBefore, Hold, refuse
from bot.playground.people import Person
from bot.playground.playground import Playground
from bot.playground.serving import serve
from bot.storage import meta, migrate, readers
from bot.storage.database import Database
from bot.storage.tables import articles, feeds, stories

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROOT: Final = Path(__file__).parents[1]
TOKEN: Final = "1000000001:kills_and_nothing_else_uses_this"
TALKERS: Final = 6
STORIES: Final = 400
STRANGERS: Final = 7_300_000_000
NO_MESSAGE: Final = 1
"""A message id whose message is gone: a press on it changes settings all the same."""


@dataclass(slots=True)
class Campaign:
    """A newsroom under attack.

    Args:
        folder: where its database is.
        seed: decides about moments and commands.
        faults: whether Telegram also drops answers and refuses with 429 and 500, and others poll with the same token.
    """

    folder: Path
    seed: int = 1
    faults: bool = False
    telegram: Playground = field(init=False)
    report: Report = field(default_factory=Report)
    commands: list[Command] = field(default_factory=list)
    subscribers: list[int] = field(default_factory=list)
    _chance: random.Random = field(init=False)
    _talkers: list[int] = field(init=False)
    _key: bytes = b""
    _environment: dict[str, str] = field(default_factory=dict)
    _fresh: dict[int, list[int]] = field(default_factory=dict)
    _switched: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self.telegram = Playground(token=TOKEN, clock=now, flood=False, keep_calls=None)

    @property
    def path(self) -> Path:
        """The database."""
        return self.folder / "news.db"

    async def run(self, kills: int, digests: int = 8) -> Report:
        """Kill so often, with so many digests coming due in each life, then let it finish and count."""
        self._talkers = self.telegram.add_people(TALKERS + kills * digests)
        self.subscribers = self._talkers[TALKERS:]
        self._talkers = self._talkers[:TALKERS]
        routes = [web.get("/rss", serve_feed)]
        async with serve(self.telegram, routes=routes) as url:
            await self._prepare(url)
            for life in range(kills):
                await self._one_life(self.subscribers[life * digests : (life + 1) * digests])
            await self._last_life()
        with closing(sqlite3.connect(self.path)) as raw:
            count_commands(self.report, raw, self.telegram.calls, self.commands, faults=self.faults)
            count_digests(self.report, raw, self.telegram.calls, self.subscribers)
        self.report.conflicts = sum(call.status == HTTPStatus.CONFLICT for call in self.telegram.calls)
        return self.report

    async def _prepare(self, url: str) -> None:
        """A database with stories and readers in it, and the settings."""
        migrate.migrate(self.path)
        file = self.folder / "feeds.opml"
        outline = f'<outline type="rss" text="Herald" xmlUrl="{url}/rss" language="en"/>'
        file.write_text(f'<opml version="2.0"><body><outline text="World">{outline}</outline></body></opml>')
        self._environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": url,
            "DATABASE_URL": f"sqlite:///{self.path}",
            "FEEDS_FILE": str(file),
            "FETCH_ALLOW_NETWORKS": "127.0.0.0/8",
            "HTTP_PORT": "0",
            "POLL_INTERVAL_MIN": "1",
            "POLL_INTERVAL_MAX": "2",
            "LOG_LEVEL": "WARNING",
        }
        db = Database(self.path)
        await db.write(lambda c: print_stories(c, f"{url}/rss"))
        people = [*self._talkers, *self.subscribers]
        await db.write(lambda c: [readers.add(c, reader(chat)) for chat in people])
        self._key = await db.read(meta.button_key)
        await db.close()
        with closing(sqlite3.connect(self.path)) as raw:
            raw.executescript(TRIGGERS)
        for chat in self._talkers:
            self._fresh[chat] = self._chance.sample(range(1, STORIES + 1), STORIES)

    async def _one_life(self, subscribers: list[int]) -> None:
        """Start the newsroom, let readers talk and digests come due, and kill it at some moment."""
        moment = self._chance.choice(("start", "handed over", "held", "accepted", "between", "between"))
        self._talk(self._chance.randrange(6))
        mark = len(self.telegram.calls)
        hold = Hold(before=moment == "held")
        try:
            async with self._newsroom() as process:
                if moment == "start":
                    await asyncio.sleep(self._chance.uniform(0.2, 1.4))
                else:
                    await self._seen(mark, "getMe", 1)
                if process.returncode is None:
                    await self._owe(subscribers)
                    self._talk(self._chance.randrange(8))
                    await self._until(moment, hold, self._chance.choice((None, *subscribers)))
        finally:
            hold.release()
            self.telegram.faults.clear()
        self.report.kills += 1
        self.report.bad_ends += process.returncode != -signal.SIGKILL
        self.report.damaged += not await asyncio.to_thread(is_whole, self.path)

    async def _until(self, moment: str, hold: Hold, chat: int | None) -> None:
        """Wait for the moment to kill; `chat` is whose message is held."""
        if self.faults:
            for _ in range(self._chance.randrange(4)):
                fault = self._chance.choice((DropBefore(), DropAfter(), TOO_MANY, BROKEN, BROKEN))
                self.telegram.faults.add("sendMessage", fault)
            for _ in range(self._chance.randrange(3)):
                await self._poll_beside()
        mark = len(self.telegram.calls)
        match moment:
            case "handed over":
                self._talk(3)
                await self._seen(mark, "getUpdates", 1)
            case "held" | "accepted":
                self.telegram.faults.add("sendMessage", hold, chat=chat)
                with suppress(TimeoutError):
                    async with asyncio.timeout(1.5):
                        await hold.reached.wait()
            case "between":
                await self._seen(mark, "sendMessage", self._chance.randrange(1, 12))
        await asyncio.sleep(self._chance.uniform(0, 0.03))

    async def _poll_beside(self) -> None:
        """A second program polls with the same token: the newsroom's own poll ends with a conflict, of which it bears two."""
        url = f"{self._environment['TELEGRAM_API_URL']}/bot{TOKEN}/getUpdates"
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            await answer.read()

    async def _seen(self, mark: int, method: str, count: int) -> None:
        """Wait until so many calls of a method have come since `mark`, or until nothing more seems to come."""
        patience = 20.0 if method == "getMe" else 0.7
        with suppress(TimeoutError):
            await self.telegram.wait_for(
                lambda: sum(call.method == method for call in list(self.telegram.calls)[mark:]) >= count,
                patience,
            )

    @asynccontextmanager
    async def _newsroom(self) -> AsyncIterator[asyncio.subprocess.Process]:
        """The real program; however the block ends, it is killed then, unless it has ended before."""
        with (self.folder / "log.txt").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot",
                "run",
                cwd=self.folder,
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _owe(self, subscribers: list[int]) -> None:
        """Let digests come due, written beside the running newsroom as its command line writes."""
        db = Database(self.path, owner=False)

        def write(connection: sa.Connection) -> None:
            for chat in subscribers:
                readers.plan(connection, chat, now())

        await db.write(write)
        await db.close()

    def _talk(self, count: int) -> None:
        """Let readers say so many things, and a stranger start."""
        for _ in range(count):
            chat = self._chance.choice(self._talkers)
            what = self._chance.choice(("save", "save", "told", "switch", "switch", "list", "digest"))
            key = 0
            match what:
                case "save":
                    key = self._fresh[chat].pop()
                    self.telegram.say(chat, f"/save s{key}")
                case "told":
                    key = self._fresh[chat].pop()
                    self.telegram.say(chat, f"/read s{key}")
                case "switch":
                    self._switched[chat] += 1
                    on = self._switched[chat] % 2
                    self.telegram.press_data(
                        chat, NO_MESSAGE, sealed(f"set:desks:World:{on}", self._key, chat)
                    )
                case "list":
                    self.telegram.say(chat, "/latest")
                case "digest":
                    self.telegram.say(chat, "/digest")
            update_id = self.telegram._exchange.state.last_update  # noqa: SLF001 - what Telegram numbered it
            self.commands.append(
                Command(what, chat, update_id if what in {"list", "digest"} else key, update_id)
            )
        if count > 4:
            stranger = STRANGERS + len(self.commands)
            self.telegram.add_person(Person(stranger, "Stranger"))
            self.telegram.start(stranger)
            update_id = self.telegram._exchange.state.last_update  # noqa: SLF001 - as above
            self.commands.append(Command("reader", stranger, 0, update_id))

    async def _last_life(self) -> None:
        """Let the newsroom finish everything, and end it in peace."""
        async with self._newsroom() as process, asyncio.timeout(180):
            while self.telegram.waiting_updates or await asyncio.to_thread(self._open):
                if process.returncode is not None:
                    raise RuntimeError((self.folder / "log.txt").read_text()[-2000:])
                await asyncio.sleep(0.1)
            process.terminate()
            self.report.bad_ends += await process.wait() != 0
        self.report.damaged += not await asyncio.to_thread(is_whole, self.path)

    def _open(self) -> int:
        """How much is not at its end."""
        statement = """SELECT (SELECT count(*) FROM inbox WHERE done_at IS NULL)
            + (SELECT count(*) FROM deliveries WHERE state IN ('planned', 'claimed', 'sending', 'retry'))
            + (SELECT count(*) FROM plans WHERE due_at <= ?)"""
        with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as raw:
            found: int = raw.execute(statement, (int(now().timestamp() * 1e6),)).fetchone()[0]
        return found


TOO_MANY: Final = refuse(429, "Too Many Requests: retry after 1", retry_after=1)
BROKEN: Final = refuse(500, "Internal Server Error: restart")


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def reader(chat: int) -> Reader:
    """A reader who has chosen everything but switched desks, with a digest at this very minute."""
    at = now()
    minute = at.hour * 60 + at.minute
    asked = at - timedelta(days=1)
    return Reader(
        chat, "Reader", "en", "UTC", ("en",), ("Science", "World"), (minute,), "send", "short", "active", "done",
        at, at, asked, None,
    )  # fmt: skip


def print_stories(connection: sa.Connection, url: str) -> None:
    """Stories with a text in them, so that opening one asks nobody."""
    at = now() - timedelta(minutes=5)
    feed = {"id": 1, "url": url, "title": "Herald", "desk": "World", "added_at": at, "next_check_at": at}
    connection.execute(sa.insert(feeds).values(feed))
    for number in range(1, STORIES + 1):
        seen = at + timedelta(milliseconds=number)
        times = {"first_seen_at": seen, "shown_at": seen}
        title = f"Something happened in town number {number}"
        desk = ("World", "Science")[number % 2]
        connection.execute(
            sa.insert(stories).values(id=number, title=title, desk=desk, language="en", **times)
        )
        words = {"title": title, "teaser": "A short report.", "language": "en"}
        connection.execute(
            sa.insert(articles).values(id=number, feed_id=1, story_id=number, **words, **times)
        )


async def serve_feed(_request: web.Request) -> web.Response:
    """A feed that brings something each second."""
    number = int(now().timestamp())
    item = f"<item><guid>{number}</guid><title>Second {number} has come</title></item>"
    text = f"<rss version='2.0'><channel><title>Herald</title>{item}</channel></rss>"
    return web.Response(text=text, content_type="application/rss+xml")


async def attack(campaign: Campaign, kills: int) -> Report:
    """Run a campaign; SIGTERM ends it as Ctrl-C does, and its newsroom with it."""
    here = asyncio.current_task()
    assert here is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, here.cancel)
    return await campaign.run(kills)


def main() -> None:
    """Run a campaign without and one with faults, and print the table; exits with 1 if anything was lost."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--kills", type=int, default=200, help="of each campaign (%(default)s)")
    arguments.add_argument("--seed", type=int, default=1, help="decides about the moments (%(default)s)")
    arguments.add_argument("--short", action="store_true", help="10 kills of each campaign")
    given = arguments.parse_args()
    reports = []
    for name, faults in (("kills", False), ("kills and faults", True)):
        with tempfile.TemporaryDirectory() as folder:
            campaign = Campaign(Path(folder), given.seed, faults)
            try:
                report = asyncio.run(attack(campaign, 10 if given.short else given.kills))
            except (KeyboardInterrupt, asyncio.CancelledError):
                sys.exit("Ended before its time, and its newsroom with it.")
            reports.append((name, report))
    show(reports)
    sys.exit(not all(report.faultless() for _, report in reports))


if __name__ == "__main__":
    main()
