"""Reads a folder of captured feeds as the newsroom does, and compares what it keeps with what feedparser reads.

The feeds are served on eight loopback addresses to the real newsroom with an empty database. Headlines, links and
dates of the articles that it kept are compared with feedparser's of the same bytes and headers, after the same
cleaning: headlines as plain text, links that can be linked, dates within reason. JSON feeds, which feedparser does
not read, are compared with their own fields. Then readers of all languages get digests of these stories through the
playground's Bot API, leaf through the newest ones and read one story of each feed.

Needs a folder with `feeds/real` in it; pages of articles are taken from `articles/html`.
"""

from __future__ import annotations

import argparse
import asyncio
import calendar
import io
import json
import logging
import sys
import tempfile
import time
import warnings
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import feedparser
import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parents[1]))  # for `bench` and `tests`, which are no packages

from bench._corpus import DATA, Web, kind_of, languages, newsroom
from bot.domain.links import safe_url
from bot.feeds.entries import MOST_ENTRIES, credible
from bot.feeds.html import text_of
from bot.playground.people import CAST, crowd
from bot.storage import readers
from bot.storage.tables import articles, feeds, full_texts, stories
from tests.feeds.heartbeat import heartbeat

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.town import Town

Told: TypeAlias = tuple[str, str, datetime | None]
"""What is compared of an article: headline, link, date."""
SHORT: Final = 10
"""In a short run every tenth feed is read."""
PARTS: Final = ("headline", "link", "date")


@dataclass
class Report:
    """What came of it.

    Attributes:
        differences: each as one line, under what differs.
        crashes: feeds that met a bug of ours.
        refused: calls that the Bot API refused, or of which it dropped a part.
    """

    feeds: int = 0
    with_articles: int = 0
    entries: int = 0
    equal: int = 0
    differences: dict[str, list[str]] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)
    crashes: int = 0
    seconds: float = 0.0
    stall: float = 0.0
    busy: float = 0.0
    digests: int = 0
    pages: int = 0
    read: int = 0
    whole: int = 0
    calls: int = 0
    refused: list[Any] = field(default_factory=list)


async def measure(data: Path, every: int = 1) -> Report:
    """Serve and read every `every`-th captured feed, and give readers what came of it."""
    paths = sorted((data / "feeds" / "real").iterdir())[::every]
    pages = [path.read_bytes() for path in sorted((data / "articles" / "html").glob("*.html"))]
    captured = Web({path.name: path.read_bytes() for path in paths}, pages)
    spoken, report = languages(data), Report(feeds=len(paths))
    people = [*CAST, *crowd(len({spoken[name] for name in captured.feeds}))]
    with tempfile.TemporaryDirectory() as folder:
        async with newsroom(Path(folder), captured, spoken, people) as town:
            async with heartbeat() as heart:
                began = time.perf_counter()
                await town.news()
                report.seconds = time.perf_counter() - began
            report.stall, report.busy = heart.longest, heart.busiest
            await _compare(town, captured, report)
            await _hand_out(town, [person.id for person in people], report)
            report.calls, report.refused = len(town.telegram.calls), town.refused()
    return report


# Reading


async def _compare(town: Town, captured: Web, report: Report) -> None:
    kept = await town.app.db.read(_kept)
    for name, body in captured.feeds.items():
        url = captured.url(name)
        ours, trouble = kept[url]
        if trouble:
            report.failures[trouble["key"]] += 1
            report.crashes += trouble["key"] == "source.ours"
        report.with_articles += bool(ours)
        expected = (
            as_json(body, url, town.clock())
            if body.lstrip()[:1] == b"{"
            else as_xml(name, body, url, town.clock())
        )
        report.entries += len(expected)
        report.equal += len(expected)
        for what, line in differences(expected, ours):
            report.equal -= what != "not in the reference"
            report.differences.setdefault(what, []).append(f"{name}: {line}")


def _kept(connection: sa.Connection) -> dict[str, tuple[list[Told], dict[str, Any] | None]]:
    """What the newsroom keeps of each feed: its articles in the document's order, and its trouble."""
    rows = connection.execute(sa.select(feeds.c.id, feeds.c.url, feeds.c.trouble)).all()
    found: dict[int, list[Told]] = {row.id: [] for row in rows}
    for row in connection.execute(sa.select(articles).order_by(articles.c.id)):
        found[row.feed_id].append((row.title, row.url, row.published_at))
    return {row.url: (found[row.id], row.trouble) for row in rows}


def as_xml(name: str, body: bytes, url: str, now: datetime) -> list[Told]:
    """The entries by feedparser's defaults, cleaned as ours are."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        headers = {"content-location": url, "content-type": kind_of(name)}
        parsed = feedparser.parse(io.BytesIO(body), response_headers=headers)
    told = []
    for entry in parsed.entries[:MOST_ENTRIES]:
        moment = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
        at = datetime.fromtimestamp(calendar.timegm(moment), UTC) if moment else None
        link = entry.get("feedburner_origlink") or entry.get("link", "")
        told.append((text_of(entry.get("title", ""), 500), safe_url(link, url), credible(at, now)))
    return told


def as_json(body: bytes, url: str, now: datetime) -> list[Told]:
    """The items of a JSON feed by their own fields."""
    told = []
    for item in json.loads(body)["items"]:
        date = item.get("date_published") or item.get("date_modified")
        at = datetime.fromisoformat(date).astimezone(UTC) if date else None
        link = item.get("url") or item.get("external_url") or ""
        told.append((text_of(item.get("title") or "", 500), safe_url(link, url), credible(at, now)))
    return told


def differences(expected: list[Told], ours: list[Told]) -> Iterable[tuple[str, str]]:
    """What differs and how, entry by entry: equal ones go first, then those that differ in one part."""
    theirs, left = list(expected), list(ours)
    for told in expected:
        if told in left:
            theirs.remove(told)
            left.remove(told)
    for told in list(theirs):
        for own in left:
            apart = [n for n in range(3) if told[n] != own[n]]
            if len(apart) == 1:
                theirs.remove(told)
                left.remove(own)
                yield PARTS[apart[0]], f"feedparser {told[apart[0]]!s}, ours {own[apart[0]]!s}"
                break
    for told in theirs:
        again = any(told[:2] == own[:2] for own in ours) or expected.count(told) > 1
        yield ("told twice" if again else "not kept"), f"{told}"
    for own in left:
        yield "not in the reference", f"{own}"


# Handing out


async def _hand_out(town: Town, people: list[int], report: Report) -> None:
    """Digests, lists and texts; the captured stories count as news, however old they are."""
    await town.app.db.write(lambda c: c.execute(sa.update(stories).values(backlog=False)))
    await _gather(town, people)
    town.clock.advance(hours=4)
    report.digests = await town.app.runner.run("compose")
    await town.app.runner.run("deliver")
    for person in people:
        report.pages += await _leaf(town, person)
    opened = await town.app.db.read(_one_of_each_feed)
    for number, story_id in enumerate(opened):
        await town.say(
            f"https://t.me/{town.telegram.bot['username']}?start=s{story_id}", people[number % len(people)]
        )
    report.read = len(opened)
    report.whole = await town.app.db.read(_with_text, opened)


async def _gather(town: Town, people: list[int]) -> None:
    """Readers go through the first conversation; the first reads everything, the others one language each."""
    rows = await town.app.db.read(lambda c: c.execute(sa.select(stories.c.language).distinct()).all())
    spoken = sorted(row.language for row in rows)
    for number, person in enumerate(people):
        await town.join(person)
        chosen = (spoken[number % len(spoken)],) if number else ()
        change = partial(readers.change, chat_id=person, languages=chosen, desks=(), few="send")
        await town.app.db.write(change)


async def _leaf(town: Town, person: int) -> int:
    """Turn all pages of the newest stories; returns how many there were."""
    message = await town.say("/latest", person)
    for page in range(1, 1000):
        rows = message["reply_markup"]["inline_keyboard"]
        older = [
            (row, column)
            for row, buttons in enumerate(rows)
            for column, button in enumerate(buttons)
            if button.get("callback_data", "").startswith("list:")
            and button["callback_data"].endswith(f":{page}")
        ]
        if not older:
            return page
        press = partial(town.telegram.press, person, message["message_id"], *older[0])
        message = await town.after(press, person)
    raise AssertionError("the list has no end")


def _one_of_each_feed(connection: sa.Connection) -> list[int]:
    statement = sa.select(sa.func.min(articles.c.story_id)).group_by(articles.c.feed_id)
    return sorted(set(connection.execute(statement).scalars()))


def _with_text(connection: sa.Connection, story_ids: list[int]) -> int:
    """How many of these stories have a text."""
    told = sa.select(articles.c.story_id).join(full_texts)
    statement = told.where(articles.c.story_id.in_(story_ids), full_texts.c.blocks.is_not(None)).distinct()
    return len(connection.execute(statement).all())


# Telling


def table(report: Report) -> str:
    """The report for people."""
    differing = {name: len(lines) for name, lines in sorted(report.differences.items())}
    rows = {
        "feeds": report.feeds,
        "feeds with articles": report.with_articles,
        "feeds that failed": dict(report.failures) or "none",
        "crashes": report.crashes,
        "entries of the reference": report.entries,
        "kept with equal headline, link and date": report.equal,
        "otherwise": differing or "none",
        "seconds for all feeds": f"{report.seconds:.1f}",
        "longest stall of the event loop": f"{1000 * report.stall:.0f} ms ({1000 * report.busy:.0f} ms its own work)",
        "digests sent": report.digests,
        "pages of newest stories": report.pages,
        "stories opened (with a text)": f"{report.read} ({report.whole})",
        "calls of the Bot API": report.calls,
        "calls refused, or with a part dropped": len(report.refused),
    }
    return "\n".join(f"| {name} | {value} |" for name, value in rows.items())


def main() -> None:
    """Measure and print the table."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--data", type=Path, default=DATA, help="the folder that holds feeds/real")
    arguments.add_argument("--short", action="store_true", help="every tenth feed only")
    arguments.add_argument("--list", action="store_true", help="show each difference")
    given = arguments.parse_args()
    if not (given.data / "feeds" / "real").is_dir():
        print(f"There are no captured feeds in {given.data}; nothing was measured.")
        return
    logging.disable()
    report = asyncio.run(measure(given.data, SHORT if given.short else 1))
    print(table(report))
    for call in report.refused:
        print(f"refused: {call}")
    for name, lines in sorted(report.differences.items()) if given.list else ():
        print(f"{name}:", *lines, sep="\n  ")


if __name__ == "__main__":
    main()
