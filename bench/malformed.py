"""Reads a folder of broken feeds with the real newsroom, and good feeds beside them, and tells what became of both.

All are served on eight loopback addresses. Three rounds, each with an empty database: the good feeds alone, and then
twice among the broken ones. Of each good feed the time from the newsroom's request to the committed outcome counts.
A heartbeat of 10 ms tells how long the event loop stood still at most; what else the machine does is in it, so the
time that the loop's own thread worked between two beats is given as well.

Needs a folder with `feeds/malformed` and `feeds/real` in it.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parents[1]))  # for `bench` and `tests`, which are no packages

from bench._corpus import DATA, Web, newsroom
from bot.storage.tables import articles, feeds
from bot.views.troubles import plainly
from tests.feeds.heartbeat import heartbeat

if TYPE_CHECKING:
    from collections.abc import Iterator

GOOD: Final = 10
"""Every tenth captured feed is read beside the broken ones."""
SHORT: Final = 4
"""In a short run every fourth broken feed is read."""


@dataclass
class Round:
    """What one round of looking at all feeds brought.

    Attributes:
        articles: how many there are, by feed.
        troubles: why a feed failed, by feed.
        waits: seconds that each good feed took.
        left: feeds without an outcome.
    """

    articles: dict[str, int] = field(default_factory=dict)
    troubles: dict[str, dict[str, Any]] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    left: int = 0
    seconds: float = 0.0
    stall: float = 0.0
    busy: float = 0.0


async def look(good: dict[str, bytes], broken: dict[str, bytes]) -> Round:
    """One round with an empty database; good feeds are spread among the broken ones."""
    captured = Web(dict(mixed(good, broken)))
    done = Round()
    with tempfile.TemporaryDirectory() as folder:
        async with newsroom(Path(folder), captured, {}) as town:
            async with heartbeat() as heart:
                began = time.perf_counter()
                await town.news()
                done.seconds = time.perf_counter() - began
            done.stall, done.busy = heart.longest, heart.busiest
            rows = await town.app.db.read(_outcomes)
    for name in captured.feeds:
        row = rows[captured.url(name)]
        done.articles[name] = row.articles
        done.left += row.fetched_at is None
        if row.trouble:
            done.troubles[name] = row.trouble
        if name in good and row.fetched_at:
            done.waits.append((row.fetched_at - captured.asked[name]).total_seconds())
    return done


def mixed(good: dict[str, bytes], broken: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """All feeds, each good one after its share of the broken ones."""
    share = len(broken) // len(good) + 1
    rest = iter(broken.items())
    for name, body in good.items():
        for _, each in zip(range(share), rest, strict=False):
            yield each
        yield name, body
    yield from rest


def _outcomes(connection: sa.Connection) -> dict[str, Any]:
    counted = sa.select(sa.func.count()).where(articles.c.feed_id == feeds.c.id).scalar_subquery()
    statement = sa.select(feeds.c.url, feeds.c.trouble, feeds.c.fetched_at, counted.label("articles"))
    return {row.url: row for row in connection.execute(statement)}


async def measure(data: Path, every: int = 1, rounds: int = 2) -> tuple[Round, list[Round]]:
    """The good feeds alone, and then so many rounds among every `every`-th broken one."""
    real = sorted((data / "feeds" / "real").iterdir())[::GOOD]
    bad = sorted((data / "feeds" / "malformed").iterdir())[::every]
    good = {"good-" + path.name: path.read_bytes() for path in real}
    broken = {path.name: path.read_bytes() for path in bad}
    return await look(good, {}), [await look(good, broken) for _ in range(rounds)]


def table(alone: Round, beside: list[Round]) -> str:
    """The rounds for people."""
    last = beside[-1]
    broken = [name for name in last.articles if not name.startswith("good-")]
    crashes = sum(trouble["key"] == "source.ours" for trouble in last.troubles.values())
    rows = {
        "broken feeds": len(broken),
        "crashes": crashes,
        "without an outcome": last.left,
        "broken feeds with articles": sum(last.articles[name] > 0 for name in broken),
        "broken feeds that failed, in plain words": len(last.troubles),
        "good feeds beside them": len(last.waits),
        "a good feed alone, median and longest": f"{median(alone.waits):.2f} s, {max(alone.waits):.2f} s",
        "a good feed beside, median and longest": ", ".join(
            f"{median(one.waits):.2f} s and {max(one.waits):.2f} s" for one in beside
        ),
        "seconds a round": ", ".join(f"{one.seconds:.1f}" for one in (alone, *beside)),
        "longest stall of the event loop a round": ", ".join(
            f"{1000 * one.stall:.0f} ms" for one in (alone, *beside)
        ),
        "of it the loop's own work at most": ", ".join(
            f"{1000 * one.busy:.0f} ms" for one in (alone, *beside)
        ),
    }
    return "\n".join(f"| {name} | {value} |" for name, value in rows.items())


def sentences(done: Round) -> str:
    """Every failure as an operator reads it, and how many feeds have it."""
    counts = Counter(plainly(trouble) for trouble in done.troubles.values())
    return "\n".join(f"{count:4} {sentence}" for sentence, count in counts.most_common())


def main() -> None:
    """Measure and print the table."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--data", type=Path, default=DATA, help="the folder that holds feeds/malformed")
    arguments.add_argument("--short", action="store_true", help="every fourth broken feed only")
    arguments.add_argument("--list", action="store_true", help="show every broken feed")
    arguments.add_argument("--rounds", type=int, default=2, help="rounds among the broken feeds")
    given = arguments.parse_args()
    if not (given.data / "feeds" / "malformed").is_dir():
        print(f"There are no broken feeds in {given.data}; nothing was measured.")
        return
    logging.disable()
    alone, beside = asyncio.run(measure(given.data, SHORT if given.short else 1, given.rounds))
    print(table(alone, beside), sentences(beside[-1]), sep="\n")
    if given.list:
        last = beside[-1]
        for name, count in last.articles.items():
            print(
                f"{name}: {count} articles. {plainly(last.troubles[name]) if name in last.troubles else ''}"
            )


if __name__ == "__main__":
    main()
