"""Looks at one feed for tests: what it brings, what is known of it, and what that is decided to mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.articles import Entry, FeedDocument
from bot.domain.identity import content_hash
from bot.domain.news import Feed
from bot.domain.rhythm import Pace
from bot.domain.updates import FeedLook, FeedUpdate, KnownArticle, Policy, decide, document_keys

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
POLICY = Policy(Pace(timedelta(minutes=5), timedelta(hours=4)))
TROUBLE = {"key": "source.status", "status": 500}
HOME = "https://herald.example"


def feed(**changes: Any) -> Feed:
    """A feed that was looked at an hour ago."""
    known = Feed(
        id=7,
        url=HOME + "/rss",
        title="Herald",
        desk="World",
        language="en",
        country="GB",
        site=HOME,
        state="active",
        etag='"1"',
        last_modified="then",
        body_hash="hash",
        moved_to="",
        added_at=NOW - timedelta(days=9),
        fetched_at=NOW - timedelta(hours=1),
        succeeded_at=NOW - timedelta(hours=1),
        newest_at=NOW - timedelta(hours=1),
        gap=3600.0,
        failures=0,
        trouble=None,
        next_check_at=NOW,
    )
    return replace(known, **changes)


def entry(n: int, *, hours: float | None = 1, **changes: Any) -> Entry:
    """The n-th article, published so many hours ago."""
    published = None if hours is None else NOW - timedelta(hours=hours)
    return replace(
        Entry(f"id-{n}", f"{HOME}/{n}", f"Headline number {n} of today", published=published), **changes
    )


def look(*entries: Entry, **changes: Any) -> FeedLook:
    document = FeedDocument("The Herald", HOME, "de", entries)
    return replace(FeedLook(document, etag='"2"', last_modified="now", body_hash="new"), **changes)


def decided(
    seen: FeedLook, known: dict[str, KnownArticle] | None = None, now: datetime = NOW, **changes: Any
) -> FeedUpdate:
    return decide(feed(**changes), seen, known or {}, now, POLICY, 0.0)


def known_as(*entries: Entry, **changes: Any) -> dict[str, KnownArticle]:
    """The keys that a look at these entries has left."""
    return {
        key: replace(KnownArticle(n, content_hash(one), title=one.title), **changes)
        for n, (one, keys) in enumerate(zip(entries, document_keys(look(*entries)), strict=True))
        for key in keys
    }
