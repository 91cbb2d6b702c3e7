"""How long the desk's numbers take in a newsroom of a million readers who have opened a million stories in a week.

    python bench/desk_numbers.py [--readers N] [--openings N] [--short]

Readers live in forty places and have one to three digests; one of twenty has left. Each figure is read as the newsroom
reads it, beside the writer on a connection of its own: first on a new one, then three times more.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from bot.app import utc_now
from bot.domain.numbers import hours
from bot.domain.places import PLACES
from bot.services.numbers import WEEK, overview
from bot.storage import migrate, numbers
from bot.storage.database import engine
from bot.storage.tables import readers, stories, told
from bot.views import numbers as view
from bot.views.voice import Voice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

STORIES: Final = 5_000
BATCH: Final = 20_000
TIMES: Final = ((480,), (420,), (540,), (1080,), (480, 1200), (420, 780, 1200))
STATES: Final = (*("active",) * 19, "blocked")
AGAIN: Final = 3


def people(number: int, chance: random.Random, now: datetime) -> Iterator[dict[str, Any]]:
    """Readers who came within a year, and looked in within a month."""
    for chat_id in range(1, number + 1):
        state = chance.choice(STATES)
        seen = now - chance.random() * timedelta(days=30)
        yield {
            "chat_id": chat_id,
            "first_name": f"Reader {chat_id}",
            "language": "en",
            "zone": PLACES[int(40 * chance.random() ** 2)],
            "languages": ("en",),
            "desks": ("World", "Science"),
            "digest_minutes": chance.choice(TIMES),
            "state": state,
            "step": "done",
            "joined_at": now - chance.random() * timedelta(days=365),
            "seen_at": seen,
            "covered_until": now,
            "away_since": None if state == "active" else seen,
        }


def opened(number: int, most: int, chance: random.Random, now: datetime) -> Iterator[dict[str, Any]]:
    """Openings of the last week: a few stories have most of them, and each reader opens a story once."""
    there: set[tuple[int, int]] = set()
    while len(there) < number:
        pair = chance.randint(1, most), 1 + int(STORIES * chance.random() ** 3)
        if pair not in there:
            there.add(pair)
            at = now - chance.random() * WEEK
            yield {"chat_id": pair[0], "story_id": pair[1], "how": "opened", "at": at}


def fill(connection: sa.Connection, number: int, openings: int, now: datetime) -> None:
    """The newsroom."""
    chance = random.Random(7)
    times = {"first_seen_at": now, "shown_at": now}
    rows = [{"id": n, "title": f"Story {n}", **times} for n in range(1, STORIES + 1)]
    connection.execute(sa.insert(stories), rows)
    for table, made in (
        (readers, people(number, chance, now)),
        (told, opened(openings, number, chance, now)),
    ):
        while batch := list(islice(made, BATCH)):
            connection.execute(sa.insert(table), batch)


def took(path: Path, work: Callable[[sa.Connection], object]) -> tuple[float, float]:
    """Milliseconds on a new connection, and the median of the times after."""
    made, spent = engine(path), []
    with made.connect() as connection:
        for _ in range(1 + AGAIN):
            began = time.perf_counter()
            work(connection)
            spent.append(1000 * (time.perf_counter() - began))
    made.dispose()
    return spent[0], statistics.median(spent[1:])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--readers", type=int, default=1_000_000, help="(%(default)s)")
    parser.add_argument("--openings", type=int, default=1_000_000, help="(%(default)s)")
    parser.add_argument("--short", action="store_true", help="20,000 of both")
    options = parser.parse_args()
    number, openings = (20_000, 20_000) if options.short else (options.readers, options.openings)
    now = utc_now()
    voice = Voice("en", ZoneInfo("Europe/Berlin"), now)
    works: dict[str, Callable[[sa.Connection], object]] = {
        "readers, new, gone, active": lambda connection: numbers.people(connection, now - WEEK),
        "most opened": lambda connection: numbers.most_opened(connection, now - WEEK, 5),
        "who has which hours": numbers.planned,
        "the same, and how full each hour is": lambda connection: hours(numbers.planned(connection), now),
        "opened by hour": lambda connection: numbers.opened_at(connection, now - WEEK),
        "the whole page, in words": lambda connection: view.numbers(voice, overview(connection, now)),
        "readers for the day's row": numbers.active,
    }
    table = Table("figure", "first", "then")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "news.db"
        migrate.migrate(path)
        made = engine(path)
        with made.begin() as connection:
            fill(connection, number, openings, now)
        made.dispose()
        for name, work in works.items():
            table.add_row(name, *(f"{spent:,.0f} ms" for spent in took(path, work)))
        size = path.stat().st_size / 2**20
    Console().print(f"{number:,} readers, {openings:,} openings, {size:,.0f} MiB")
    Console().print(table)


if __name__ == "__main__":
    main()
