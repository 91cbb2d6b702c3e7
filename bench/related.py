"""How good and how quick `/related` is: 772 labelled news texts among a large archive.

    python bench/related.py [--articles N] [--short]

The texts (ECB+: 66 stories in 35 topics) are looked for in ../shared/data/stories. Others made of their words are added
around them until the archive has so many articles; none of them tells anything, so none may be found.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from bot.app import utc_now
from bot.domain.articles import Block, BlockKind
from bot.services.related import MOST, relations
from bot.storage import migrate, search
from bot.storage.database import engine
from bot.storage.tables import articles, feeds, stories

if TYPE_CHECKING:
    from datetime import datetime

DATA: Final = Path(__file__).resolve().parents[1] / "../shared/data/stories/ecbplus-dev.jsonl"
NOISE_WORDS: Final = 120


def texts() -> list[dict[str, Any]]:
    """The labelled texts with a headline and a body, in no order."""
    found = []
    for line in DATA.open(encoding="utf-8"):
        one = json.loads(line)
        lines = [part for part in one["text"].split("\n") if part.strip() and not part.startswith("http")]
        found.append(one | {"title": lines[0][:200], "body": "\n".join(lines[1:])})
    random.Random(3).shuffle(found)
    return found


def add(connection: sa.Connection, number: int, title: str, body: str, now: datetime) -> None:
    """One article that tells one story."""
    times = {"first_seen_at": now, "shown_at": now}
    connection.execute(sa.insert(stories).values(id=number, title=title, language="en", **times))
    row = {"id": number, "feed_id": 1, "story_id": number, "title": title, "language": "en", **times}
    connection.execute(sa.insert(articles).values(row))
    search.index(connection, number, title, "", (Block(BlockKind.PARAGRAPH, body),))


def fill(connection: sa.Connection, labelled: list[dict[str, Any]], size: int) -> dict[int, dict[str, Any]]:
    """An archive of `size` articles, the labelled ones among its newest; these by their ids."""
    now, chance = utc_now(), random.Random(5)
    row = {"id": 1, "url": "https://a.example/rss", "title": "Wire", "added_at": now, "next_check_at": now}
    connection.execute(sa.insert(feeds).values(row))
    words = [word for one in labelled for word in one["body"].split()]
    noise = max(0, size - len(labelled))
    for number in range(1, noise + 1):
        made = " ".join(chance.choices(words, k=NOISE_WORDS))
        add(connection, number, made[:80], made, now)
    placed = {}
    for number, one in enumerate(labelled, noise + 1):
        add(connection, number, one["title"], one["body"], now)
        placed[number] = one
    return placed


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=50_000, help="in the archive (%(default)s)")
    parser.add_argument("--short", action="store_true", help="5,000 articles")
    options = parser.parse_args()
    if not DATA.is_file():
        sys.exit("There are no labelled texts: this needs the captured stories.")
    labelled = texts()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "news.db"
        migrate.migrate(path)
        with engine(path).begin() as connection:
            placed = fill(connection, labelled, 5000 if options.short else options.articles)
            report(connection, placed)


def report(connection: sa.Connection, placed: dict[int, dict[str, Any]]) -> None:
    """Ask for what belongs to each labelled text, and count what comes."""
    found: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    took, empty = [], 0
    for number, one in placed.items():
        began = time.perf_counter()
        around = relations(connection, number, utc_now())
        took.append(1000 * (time.perf_counter() - began))
        empty += not around
        for relation in around:
            other = placed.get(relation.story_id)
            kind = "noise" if other is None else "same story" if other["story"] == one["story"] else ""
            kind = kind or ("same topic" if other and other["topic"] == one["topic"] else "another topic")
            found[relation.same_affair][kind] += 1
    kinds = ("same story", "same topic", "another topic", "noise")
    table = Table("called", *kinds)
    for affair, name in ((True, "the same affair"), (False, "the same subject")):
        whole = found[affair].total() or 1
        table.add_row(name, *(f"{found[affair][kind]} ({found[affair][kind] / whole:.1%})" for kind in kinds))
    Console().print(table)
    took.sort()
    print(f"at most {MOST} each; nothing found for {empty} of {len(placed)}")
    print(f"median {statistics.median(took):.1f} ms, 99 of 100 under {took[int(len(took) * 0.99)]:.1f} ms")


if __name__ == "__main__":
    main()
