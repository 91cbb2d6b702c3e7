"""Ten thousand digests due at the same minute: how fast they are composed and sent, and how long a reader waits meanwhile.

The newsroom runs in a process of its own with its real pace. Telegram is the playground's Bot API in this one, with
its brakes on: it refuses what comes faster than Telegram would take it. Every three seconds somebody asks /latest.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from bot import app, config
from bot.domain.news import DESKS, Reader
from bot.gateway.pacing import RATE, Book, Pacer
from bot.gateway.request import Api
from bot.playground.flood import PER_SECOND, Flood
from bot.playground.playground import Playground
from bot.playground.serving import serve
from bot.storage import migrate, readers
from bot.storage.database import engine
from bot.storage.tables import articles, editions, feeds, stories

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT: Final = Path(__file__).parents[1]
TOKEN: Final = "1000000001:rush_and_nothing_else_uses_this"
ASKING: Final = 20
"""Readers who ask for /latest in turn; they have no digest."""
TASTES: Final = 64
"""Different combinations of language, place and desks in the crowd."""
EVERY: Final = 3.0
"""Seconds between two questions."""


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def main() -> None:
    """Measure, and print the figures; exits with 1 where a promise was not kept."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument(
        "--readers", type=int, default=10_000, help="with a digest due at once (%(default)s)"
    )
    arguments.add_argument("--stories", type=int, default=3000, help="of the last day (%(default)s)")
    arguments.add_argument("--rate", type=float, default=RATE, help="messages a second (%(default)s)")
    arguments.add_argument("--short", action="store_true", help="600 readers at 100 a second")
    arguments.add_argument("--newsroom", nargs=2, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.short:
        given.readers, given.rate = 600, 100.0
    if given.newsroom:
        path, url = given.newsroom
        asyncio.run(newsroom(path, url, given.rate))
        return
    gc.disable()  # a collection among ten thousand kept calls would hold up what arrives, and make bursts of it
    with tempfile.TemporaryDirectory() as folder:
        kept = asyncio.run(rush(Path(folder), given.readers, given.stories, given.rate))
    sys.exit(not kept)


async def rush(folder: Path, size: int, news: int, rate: float) -> bool:
    """Everything from the crowd to the figures; whether all promises were kept."""
    telegram = Playground(token=TOKEN, clock=now, keep_calls=None, keep_messages=3)
    limit = round(PER_SECOND * rate / RATE)
    telegram._exchange.flood = Flood(per_second=limit)  # noqa: SLF001 - a faster Telegram for a shorter run
    people = telegram.add_people(size + ASKING)
    async with serve(telegram) as url:
        await asyncio.to_thread(prepare, folder, people, news, size)
        process = await asyncio.create_subprocess_exec(
            sys.executable, __file__, "--rate", str(rate), "--newsroom", str(folder / "news.db"), url,
            env=environment(), stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        asked = await ask_until_all_have(telegram, people[:size], people[size:], size / rate * 2 + 60)
        process.send_signal(signal.SIGTERM)
        told, _ = await process.communicate()
    return report(folder, telegram, people[:size], asked, limit, json.loads(told))


def environment() -> dict[str, str]:
    """What the newsroom's process gets of this one's environment."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}


def prepare(folder: Path, people: list[int], news: int, size: int) -> None:
    """A database with a day's news and a crowd whose digests are due now."""
    path = folder / "news.db"
    migrate.migrate(path)
    at = now()
    (folder / "feeds.opml").write_text('<opml version="2.0"><body/></opml>')
    made = engine(path)
    with made.begin() as connection:
        add_news(connection, news, at)
        for number, chat in enumerate(people):
            readers.add(connection, reader(chat, number, at))
        for chat in people[:size]:
            readers.plan(connection, chat, at)
    made.dispose()


def add_news(connection: sa.Connection, count: int, at: datetime) -> None:
    """So many stories of the last day, from 300 feeds."""
    connection.execute(
        sa.insert(feeds),
        [
            {"url": f"http://127.0.0.1/{n}", "title": f"Paper {n}", "desk": DESKS[n % len(DESKS)], "language": "en",
             "added_at": at, "next_check_at": at + timedelta(days=1)}
            for n in range(1, 301)
        ],
    )  # fmt: skip
    rows: list[dict[str, Any]] = []
    for n in range(1, count + 1):
        seen = at - timedelta(days=1) * (count - n + 1) / (count + 1)
        rows.append({"id": n, "title": f"Story {n}", "desk": DESKS[n % len(DESKS)], "language": ("en", "en", "ru")[n % 3],
                     "first_seen_at": seen, "shown_at": seen, "sources": 1 + n % 4})  # fmt: skip
    connection.execute(sa.insert(stories), rows)
    words = "Officials said on Monday that the work would go on until the spring, and that nobody was hurt. "
    connection.execute(
        sa.insert(articles),
        [
            {"id": row["id"], "feed_id": row["id"] % 300 + 1, "story_id": row["id"], "url": f"http://127.0.0.1/a/{row['id']}",
             "title": f"Something of note happened in town number {row['id']} on Monday", "teaser": words * 2,
             "language": row["language"], "first_seen_at": row["first_seen_at"], "shown_at": row["shown_at"]}
            for row in rows
        ],
    )  # fmt: skip


def reader(chat: int, number: int, at: datetime) -> Reader:
    """One of the crowd, with one of its tastes."""
    taste = number % TASTES
    desks = tuple(desk for place, desk in enumerate(DESKS) if taste >> place % 5 & 1)
    zone = ("UTC", "Africa/Abidjan", "Atlantic/Reykjavik")[taste % 3]
    return Reader(
        chat, "Reader", ("en", "ru")[taste % 2], zone, ("en",) if taste % 2 else (), desks, (at.hour * 60 + at.minute,),
        "send", "short", "active", "done", at, at, at - timedelta(days=1), None,
    )  # fmt: skip


async def ask_until_all_have(
    telegram: Playground, crowd: list[int], asking: list[int], patience: float
) -> list[tuple[int, datetime]]:
    """Ask /latest every few seconds until everybody has a digest; who asked when."""
    asked: list[tuple[int, datetime]] = []
    deadline = time.monotonic() + patience
    await telegram.wait_for(lambda: telegram.calls.of("sendMessage"), 60)
    while time.monotonic() < deadline and arrived(telegram, crowd) < len(crowd):
        chat = asking[len(asked) % len(asking)]
        asked.append((chat, now()))
        telegram.say(chat, "/latest")
        await asyncio.sleep(EVERY)
    return asked


def arrived(telegram: Playground, crowd: Iterable[int]) -> int:
    """How many of the crowd have something in their chat."""
    return sum(1 for chat in crowd if telegram.messages(chat))


def report(
    folder: Path,
    telegram: Playground,
    crowd: list[int],
    asked: list[tuple[int, datetime]],
    limit: int,
    told: dict[str, Any],
) -> bool:
    """Print the figures; whether all promises were kept."""
    sends = telegram.calls.of("sendMessage")
    refused = sum(call.status == 429 for call in sends)
    taken = sorted(call.at for call in sends if call.message_id)
    took = (taken[-1] - taken[0]).total_seconds() if taken else 0.0
    each = Counter(call.chat for call in sends if call.message_id)
    widest = most_in_a_second(taken)
    waits = sorted(waited(telegram, asked))
    composed = composition(folder / "news.db")
    spread = (composed[-1] - composed[0]).total_seconds() if len(composed) > 1 else 0.0
    unanswered = len(asked) - len(waits)
    doubled = sum(each[chat] > 1 for chat in crowd)
    print(
        f"digests            {arrived(telegram, crowd):,} of {len(crowd):,} in {took:.0f} s, {doubled} doubled"
    )
    print(
        f"composed           {len(composed):,} in {spread:.1f} s, {len(composed) / max(spread, 1e-9):,.0f} a second"
    )
    print(
        f"sent               {len(taken) / max(took, 1e-9):.1f} a second; most in any second {told['left']} leaving, {widest} arriving (limit {limit}); {refused} refused"
    )
    print(
        f"/latest answered   {len(waits)} of {len(asked)}; p50 {quantile(waits, 0.5):.3f}, p99 {quantile(waits, 0.99):.3f}, longest {quantile(waits, 1):.3f} s"
    )
    print(
        f"processor          {told['cpu']:.1f} s, {told['cpu'] / max(len(taken), 1) * 1000:.2f} ms a message"
    )
    print(
        f"loop held          p99 {told['held_p99']:.0f}, longest {told['held']:.0f} ms of work between two looks; late p99 {told['late_p99']:.0f}, longest {told['late']:.0f} ms"
    )
    print(f"memory             {told['memory']:.0f} MB at most")
    return (
        not (refused or doubled or unanswered)
        and arrived(telegram, crowd) == len(crowd)
        and quantile(waits, 1) < 1
    )


def most_in_a_second(times: list[datetime]) -> int:
    """The most messages in any window of one second."""
    widest = start = 0
    for end, moment in enumerate(times):
        while moment - times[start] >= timedelta(seconds=1):
            start += 1
        widest = max(widest, end - start + 1)
    return widest


def waited(telegram: Playground, asked: list[tuple[int, datetime]]) -> Iterable[float]:
    """Seconds from each question to its answer."""
    for chat, since in asked:
        answers = [c.at for c in telegram.calls.of("sendMessage", chat) if c.message_id and c.at >= since]
        if answers:
            yield (min(answers) - since).total_seconds()


def composition(path: Path) -> list[datetime]:
    """When each digest was composed."""
    made = engine(path, read_only=True)
    with made.begin() as connection:
        found = sorted(connection.execute(sa.select(editions.c.composed_at)).scalars())
    made.dispose()
    return found


def quantile(values: list[float], share: float) -> float:
    """The value below which this share of the sorted `values` lies."""
    return values[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


async def newsroom(path: str, url: str, rate: float) -> None:
    """The newsroom, with a look at its event loop every 5 ms; prints what it took when it is ended."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    chosen = config.load(
        None,
        telegram_bot_token=TOKEN,
        telegram_api_url=url,
        database_url=f"sqlite:///{path}",
        feeds_file=Path(path).with_name("feeds.opml"),
        http_port=0,
        log_level="WARNING",
    )
    held: list[float] = []
    late: list[float] = []
    left: list[datetime] = []
    call = Api.call

    async def noted(api: Api, method: str, *given: Any, **more: Any) -> Any:  # noqa: ANN401 - as `Api.call` takes them
        if method == "sendMessage":
            left.append(now())
        return await call(api, method, *given, **more)

    Api.call = noted  # type: ignore[assignment, method-assign]
    async with app.open_app(chosen, pacer=Pacer(Book(rate=rate))) as running:
        await running.connected.wait()
        gc.collect()  # as the program does it
        gc.freeze()
        watching = asyncio.create_task(watch(held, late))
        await running.wait(stop)
        watching.cancel()
    used = resource.getrusage(resource.RUSAGE_SELF)
    held.sort()
    late.sort()
    figures = {"cpu": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss / 1024}
    figures |= {
        "held": quantile(held, 1),
        "held_p99": quantile(held, 0.99),
        "late": quantile(late, 1),
        "late_p99": quantile(late, 0.99),
    }
    print(json.dumps(figures | {"left": most_in_a_second(left)}))


async def watch(held: list[float], late: list[float]) -> None:
    """Note in ms how much work the loop's thread does between two looks, and how late each look is."""
    while True:
        work, clock = time.thread_time(), time.monotonic()
        await asyncio.sleep(0.005)
        held.append((time.thread_time() - work) * 1000)
        late.append((time.monotonic() - clock - 0.005) * 1000)


if __name__ == "__main__":
    main()
