"""How long a page of comments takes, of a story with ten and of one with ten thousand.

    python bench/comments.py [--comments N] [--short]

The large story stands among 200 others with ten comments each. A page is what the newsroom reads from the database and
puts into words: its comments with names, votes and whom they answer, their number, and the number of pages.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from bot.app import utc_now
from bot.domain.comments import PAGE, State
from bot.services.comments import page_of_talk
from bot.storage import migrate
from bot.storage.comment_tables import commenters, comments, votes
from bot.storage.database import engine
from bot.storage.tables import articles, feeds, readers, stories
from bot.views import comments as view
from bot.views.voice import Voice

if TYPE_CHECKING:
    from datetime import datetime

SMALL: Final = 10
AUTHORS: Final = 500
OTHERS: Final = 200
"""Stories with a few comments each, so that the large one does not have the table to itself."""
ROUNDS: Final = 200
WORDS: Final = "I doubt that this decides anything, and would rather like to know what it costs. ".split()


def fill(connection: sa.Connection, numbers: list[int], now: datetime) -> None:
    """Stories with so many comments each, and the readers who wrote them."""
    times = {"first_seen_at": now, "shown_at": now}
    feed = {"id": 1, "url": "https://a.example/rss", "title": "Wire", "added_at": now, "next_check_at": now}
    connection.execute(sa.insert(feeds).values(feed))
    made = range(1, len(numbers) + 1)
    connection.execute(sa.insert(stories), [{"id": n, "title": f"Story {n}", **times} for n in made])
    connection.execute(
        sa.insert(articles),
        [{"id": n, "feed_id": 1, "story_id": n, "title": f"Story {n}", **times} for n in made],
    )
    chosen = {"language": "en", "zone": "UTC", "joined_at": now, "seen_at": now, "covered_until": now}
    people = range(1, AUTHORS + 1)
    connection.execute(sa.insert(readers), [{"chat_id": n, **chosen} for n in people])
    connection.execute(
        sa.insert(commenters),
        [{"chat_id": n, "name": f"Reader {n}", "folded": f"reader{n}", "named_at": now} for n in people],
    )
    talk(connection, numbers, now)


def talk(connection: sa.Connection, numbers: list[int], now: datetime) -> None:
    """All comments in a mixed order: half of them answer one of their story."""
    chance = random.Random(7)
    turns = [story_id for story_id, number in enumerate(numbers, 1) for _ in range(number)]
    chance.shuffle(turns)
    said: dict[int, list[tuple[int, int]]] = {}
    rows, liked = [], []
    for comment_id, story_id in enumerate(turns, 1):
        before = said.setdefault(story_id, [])
        parent, thread = chance.choice(before) if before and chance.random() < 0.5 else (None, comment_id)
        before.append((comment_id, thread))
        rows.append(
            {
                "id": comment_id,
                "story_id": story_id,
                "thread_id": thread,
                "parent_id": parent,
                "author_id": chance.randint(1, AUTHORS),
                "text": " ".join(chance.choices(WORDS, k=30)),
                "state": State.SHOWN,
                "posted_at": now,
                "update_id": comment_id,
            }
        )
        fans = chance.sample(range(1, AUTHORS + 1), chance.randint(0, 5))
        liked += [{"comment_id": comment_id, "chat_id": fan} for fan in fans]
    connection.execute(sa.insert(comments), rows)
    connection.execute(sa.insert(votes), liked)


def took(connection: sa.Connection, story_id: int, page: int, voice: Voice) -> tuple[float, float, float]:
    """Milliseconds for a page: reading it, median and 99 of 100; putting it into words, median."""
    reading, wording = [], []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        shown = page_of_talk(connection, 1, story_id, page)
        read = time.perf_counter()
        view.talk(voice, shown, 1)
        wording.append(1000 * (time.perf_counter() - read))
        reading.append(1000 * (read - began))
    return statistics.median(reading), sorted(reading)[int(ROUNDS * 0.99)], statistics.median(wording)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--comments", type=int, default=10_000, help="of the large story (%(default)s)")
    parser.add_argument("--short", action="store_true", help="1,000 comments")
    options = parser.parse_args()
    large = 1000 if options.short else options.comments
    now = utc_now()
    voice = Voice("en", ZoneInfo("UTC"), now)
    table = Table("comments", "page", "read: median", "99 of 100", "into words")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "news.db"
        migrate.migrate(path)
        with engine(path).begin() as connection:
            fill(connection, [SMALL, large, *([SMALL] * OTHERS)], now)
            for story_id, number in ((1, SMALL), (2, large)):
                last = (number - 1) // PAGE
                for page in sorted({0, last // 2, last}):
                    figures = [f"{figure:.2f} ms" for figure in took(connection, story_id, page, voice)]
                    table.add_row(f"{number:,}", f"{page + 1:,} of {last + 1:,}", *figures)
    Console().print(table)


if __name__ == "__main__":
    main()
