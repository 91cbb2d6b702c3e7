"""How much memory the newsroom takes: 300 feeds and 50,000 readers, after polling, composing and answering.

The newsroom is the real program. Feeds and Telegram are served by this process; each feed has a host of its own on
loopback. Memory is what the kernel says (resident, from /proc), for the main process and for its parsing processes.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sqlite3
import sys
import tempfile
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from aiohttp import web

from bot.domain.news import DESKS
from bot.playground.playground import Playground
from bot.playground.serving import serve
from bot.storage import migrate
from bot.storage.database import engine
from bot.storage.tables import plans, readers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

ROOT: Final = Path(__file__).parents[1]
TOKEN: Final = "1000000001:memory_and_nothing_else_uses_this"
LIMIT: Final = 350
"""MB that the main process may take at most."""
ITEMS: Final = 30
PARAGRAPH: Final = (
    "The master of the port explained why the old crane has to be moved before the winter storms come. "
)
TALKERS: Final = 60


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def main() -> None:
    """Measure, and print the table; exits with 1 if the main process took more than its limit."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--feeds", type=int, default=300, help="(%(default)s)")
    arguments.add_argument("--readers", type=int, default=50_000, help="(%(default)s)")
    arguments.add_argument("--due", type=int, default=2000, help="of them with a digest due (%(default)s)")
    arguments.add_argument("--short", action="store_true", help="40 feeds, 5,000 readers, 200 digests")
    given = arguments.parse_args()
    if given.short:
        given.feeds, given.readers, given.due = 40, 5000, 200
    with tempfile.TemporaryDirectory() as folder:
        highest = asyncio.run(measure(Path(folder), given.feeds, given.readers, given.due))
    sys.exit(highest > LIMIT)


async def measure(folder: Path, feeds: int, crowd: int, due: int) -> float:
    """Run everything; the most that the main process took, in MB."""
    telegram = Playground(token=TOKEN, clock=now, flood=False, keep_messages=2)
    people = telegram.add_people(due + TALKERS)
    async with serve(telegram) as url, papers() as port:
        await asyncio.to_thread(prepare, folder, people, crowd)
        write_list(folder / "feeds.opml", feeds, port)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", cwd=folder, env=environment(folder, url), stdout=asyncio.subprocess.DEVNULL
        )  # fmt: skip
        print(f"{'MB':28}{'main':>8}{'highest':>9}{'parsing processes':>19}")
        try:
            await telegram.wait_for(lambda: telegram.calls.of("getMe"), 60)
            line("after the start", process.pid)
            read = "SELECT count(*) FROM feeds WHERE succeeded_at IS NOT NULL"
            await until(folder, read, feeds)
            line(f"after {feeds} feeds", process.pid)
            await asyncio.to_thread(make_due, folder, people[:due])
            await until(folder, "SELECT count(*) FROM editions", due)
            line(f"after {due:,} digests", process.pid)
            await talk(telegram, people[due:])
            highest = line(f"after {4 * TALKERS} answers", process.pid)
        finally:
            process.terminate()
            await process.wait()
    with closing(sqlite3.connect(folder / "news.db")) as raw:
        counts = [
            raw.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("readers", "articles")
        ]
    print("{:,} readers and {:,} articles in the database".format(*counts))
    return highest


def environment(folder: Path, url: str) -> dict[str, str]:
    """The newsroom's settings."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_API_URL": url,
        "DATABASE_URL": f"sqlite:///{folder / 'news.db'}",
        "FEEDS_FILE": str(folder / "feeds.opml"),
        "FETCH_ALLOW_NETWORKS": "127.0.0.0/8",
        "HTTP_PORT": "0",
        "LOG_LEVEL": "ERROR",
    }


def prepare(folder: Path, people: list[int], crowd: int) -> None:
    """A database full of readers whose digests are due tomorrow."""
    migrate.migrate(folder / "news.db")
    at = now()
    chats = [*people, *range(8_000_000_000, 8_000_000_000 + crowd - len(people))]
    rows = [
        {"chat_id": chat, "first_name": "Reader", "language": ("en", "ru")[chat % 2], "zone": "UTC",
         "desks": DESKS[chat % 5 : chat % 5 + 3], "digest_minutes": (at.hour * 60 + at.minute,), "few": "send",
         "step": "done", "joined_at": at, "seen_at": at, "covered_until": at - timedelta(days=1)}
        for chat in chats
    ]  # fmt: skip
    made = engine(folder / "news.db")
    with made.begin() as connection:
        connection.execute(sa.insert(readers), rows)
        tomorrow = [{"chat_id": chat, "due_at": at + timedelta(days=1)} for chat in chats]
        connection.execute(sa.insert(plans), tomorrow)
    made.dispose()


def make_due(folder: Path, chats: list[int]) -> None:
    """Let digests come due, beside the running newsroom."""
    made = engine(folder / "news.db")
    with made.begin() as connection:
        connection.execute(sa.update(plans).where(plans.c.chat_id.in_(chats)).values(due_at=now()))
    made.dispose()


def write_list(path: Path, feeds: int, port: int) -> None:
    """The list of feeds."""
    outlines = "".join(
        f'<outline text="{DESKS[n % len(DESKS)]}"><outline type="rss" text="Paper {n}" language="en" '
        f'xmlUrl="http://127.1.{n // 200}.{n % 200 + 1}:{port}/{n}.rss"/></outline>'
        for n in range(feeds)
    )
    path.write_text(f'<opml version="2.0"><body>{outlines}</body></opml>')


@asynccontextmanager
async def papers() -> AsyncIterator[int]:
    """Feeds on all loopback addresses; the port."""
    application = web.Application()
    application.add_routes([web.get("/{n}.rss", feed)])
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "0.0.0.0", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def feed(request: web.Request) -> web.Response:
    """A feed of 30 items, each with its whole text, about 90 KB."""
    n = request.match_info["n"]
    text = "".join(f"<p>{PARAGRAPH * 3}</p>" for _ in range(10))
    items = "".join(
        f"<item><guid>{n}-{k}</guid><title>Paper {n} has found out something new, number {k}</title>"
        f"<link>http://{request.host}/{n}/{k}</link><pubDate>{format_datetime(now() - timedelta(minutes=k))}</pubDate>"
        f"<content:encoded><![CDATA[{text}]]></content:encoded></item>"
        for k in range(ITEMS)
    )
    head = "<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel>"
    body = f"{head}<title>Paper {n}</title>{items}</channel></rss>"
    return web.Response(text=body, content_type="application/rss+xml")


async def talk(telegram: Playground, people: list[int]) -> None:
    """Readers ask for lists, search and open stories, and get their answers."""
    for words in ("/latest", "/search crane", "/read s1", "/digest"):
        for chat in people:
            telegram.say(chat, words)
        await telegram.wait_for(lambda: not telegram.waiting_updates, 60)
    await telegram.wait_for(lambda: all(answers(telegram, chat) >= 4 for chat in people), 120)


def answers(telegram: Playground, chat: int) -> int:
    """How many messages a reader got."""
    return sum(1 for call in telegram.calls.of("sendMessage", chat) if call.message_id)


async def until(folder: Path, statement: str, count: int) -> None:
    """Wait until a figure in the database is so high."""
    async with asyncio.timeout(600):
        while True:
            with closing(sqlite3.connect(f"file:{folder / 'news.db'}?mode=ro", uri=True)) as raw:
                if raw.execute(statement).fetchone()[0] >= count:
                    return
            await asyncio.sleep(0.25)


def line(name: str, pid: int) -> float:
    """Print a line; the highest that the main process took so far, in MB."""
    workers = sum(resident(child, "VmRSS") for child in descendants(pid))
    highest = resident(pid, "VmHWM")
    print(f"{name:28}{resident(pid, 'VmRSS'):8.0f}{highest:9.0f}{workers:19.0f}")
    return highest


def resident(pid: int, what: str) -> float:
    """A figure of a process in MB (proc(5))."""
    for entry in Path(f"/proc/{pid}/status").read_text().splitlines():
        if entry.startswith(f"{what}:"):
            return int(entry.split()[1]) * 1024 / 1e6
    return 0.0


def descendants(pid: int) -> Iterator[int]:
    """The processes that a process has started, and theirs."""
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, children.read_text().split()):
            yield child
            yield from descendants(child)


if __name__ == "__main__":
    main()
