"""Reads a folder of captured feeds as the newsroom does, beside feedparser with its default settings.

Prints how many files and articles were read, where headlines, links and dates differ from feedparser's (after the
same cleaning), what failed and how long it took. Needs a folder with `feeds/real` and `feeds/malformed` in it.
"""

from __future__ import annotations

import argparse
import calendar
import io
import time
import warnings
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import feedparser

from bot.domain.links import safe_url
from bot.errors import SourceError
from bot.feeds.documents import read_feed
from bot.feeds.html import text_of

DATA: Final = Path(__file__).parents[2] / "shared" / "data"
NOW: Final = datetime(2036, 1, 1, tzinfo=UTC)  # some captured feeds have dates in 2035
FROM: Final = "https://feeds.example.org/feed"


def main() -> None:
    """Read the corpus and print the table."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--data", type=Path, default=DATA, help="the folder that holds feeds/real")
    arguments.add_argument("--short", action="store_true", help="every fifth file only")
    arguments.add_argument("--list", action="store_true", help="show each difference")
    given = arguments.parse_args()
    if not (given.data / "feeds" / "real").is_dir():
        print(f"There are no captured feeds in {given.data}; nothing was measured.")
        return
    for kind in ("real", "malformed"):
        paths = sorted((given.data / "feeds" / kind).iterdir())[:: 5 if given.short else 1]
        report(kind, paths, listed=given.list)


def report(kind: str, paths: list[Path], *, listed: bool) -> None:
    """Read every file and print what came of it."""
    failures: Counter[str] = Counter()
    differing: Counter[str] = Counter()
    articles, slowest, seconds = 0, (0.0, ""), 0.0
    for path in paths:
        body = path.read_bytes()
        began = time.perf_counter()
        try:
            entries = read_feed(body, "", FROM, NOW).entries
        except SourceError as error:
            failures[error.key] += 1
            entries = ()
        took = time.perf_counter() - began
        seconds, slowest = seconds + took, max(slowest, (took, path.name))
        articles += len(entries)
        ours = [(entry.title, entry.url, entry.published) for entry in entries]
        for name, expected, given in differences(body, ours) if ours else ():
            differing[name] += 1
            if listed:
                print(f"  {path.name}: {name}: feedparser {expected!r}, ours {given!r}")
    print(
        f"{kind}: {len(paths)} files, {articles} articles, {seconds:.2f} s, slowest {slowest[0]:.2f} s ({slowest[1]})"
    )
    print(f"  differing from feedparser: {dict(differing) or 'nothing'}")
    print(f"  failures: {dict(failures) or 'none'}")


def differences(body: bytes, ours: list[tuple[str, str, Any]]) -> list[tuple[str, Any, Any]]:
    """Headlines, links and dates that feedparser reads in another way, and counts where these differ."""
    if body.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"{"):
        return []  # JSON, which feedparser does not read
    theirs = [told for entry in plainly_parsed(body) if any(told := as_told(entry)) or entry.get("summary")][
        :500
    ]
    if len(theirs) != len(ours):
        return [("count", len(theirs), len(ours))]
    names = ("title", "link", "date")
    return [
        (name, expected, given)
        for told, own in zip(theirs, ours, strict=True)
        for name, expected, given in zip(names, told, own, strict=True)
        if expected != given
    ]


def plainly_parsed(body: bytes) -> list[Any]:
    """The entries by feedparser's defaults."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        entries: list[Any] = feedparser.parse(
            io.BytesIO(body), response_headers={"content-location": FROM}
        ).entries
        return entries


def as_told(entry: dict[str, Any]) -> tuple[str, str, datetime | None]:
    """Headline, link and date, cleaned as ours are."""
    moment = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
    at = datetime.fromtimestamp(calendar.timegm(moment), UTC) if moment else None
    known = at if at and datetime(1990, 1, 1, tzinfo=UTC) <= at <= NOW else None
    link = entry.get("feedburner_origlink") or entry.get("link", "")
    return text_of(entry.get("title", ""), 500), safe_url(link, FROM), known


if __name__ == "__main__":
    main()
