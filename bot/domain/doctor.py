"""The feed doctor: what a feed suffers from, and whether another address would cure it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from bot.domain.links import host_of
from bot.domain.sampling import same_headlines

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from bot.domain.articles import FeedDocument
    from bot.domain.news import Feed, FeedEntry

SILENT_AFTER: Final = timedelta(days=3)
"""No feed counts as silent before: weekends and holidays are no illness."""
SILENT_GAPS: Final = 8
"""Nor before so many of its usual gaps have passed: where stories come by chance, one in 3,000 waits is as long."""
SILENT_UNKNOWN: Final = timedelta(days=14)
"""Since when a feed is silent whose rhythm is not known."""
LASTING: Final = timedelta(days=1)
"""How long a feed has to fail before another address is looked for."""


class Ailment(StrEnum):
    """What a feed suffers from."""

    GONE = "gone"
    BLOCKED = "blocked"
    FAILING = "failing"
    SILENT = "silent"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class Advice:
    """What the doctor found for a feed, as it is kept in JSON.

    Attributes:
        url: another address, tested; empty for none.
        title: what the feed there calls itself.
        stories: how many articles stand there.
        same: how many of them have a headline that the feed has told.
        cut: whether the feed gave full texts until lately, and only their beginnings now.
    """

    url: str = ""
    title: str = ""
    stories: int = 0
    same: int = 0
    cut: bool = False


def ailment(feed: Feed, now: datetime) -> Ailment | None:
    """What a feed suffers from, the worst first; None for a sound one, and for one that shall not be looked at."""
    if feed.state == "gone":
        return Ailment.GONE
    if feed.state != "active":
        return None
    if feed.failures:
        robots = (feed.trouble or {}).get("key") == "source.robot_check"
        return Ailment.BLOCKED if robots else Ailment.FAILING
    if silent(feed, now):
        return Ailment.SILENT
    return Ailment.CUT if advice(feed).cut else None


def silent(feed: Feed, now: datetime) -> bool:
    """Whether a feed that can be read has told nothing for much longer than it usually does."""
    if feed.succeeded_at is None:
        return False
    waited = now - (feed.newest_at or feed.added_at)
    if feed.gap is None or feed.newest_at is None:
        return waited > SILENT_UNKNOWN
    return waited > max(SILENT_AFTER, SILENT_GAPS * timedelta(seconds=feed.gap))


def advice(feed: Feed) -> Advice:
    """What was found for a feed; none where nothing is kept."""
    return Advice(**(feed.advice or {}))


def wants_another(feed: Feed, now: datetime) -> bool:
    """Whether another address shall be looked for: the feed is gone, silent, or has failed for a day."""
    match ailment(feed, now):
        case Ailment.GONE | Ailment.SILENT:
            return True
        case Ailment.FAILING | Ailment.BLOCKED:
            return now - (feed.succeeded_at or feed.added_at) >= LASTING
        case _:
            return False


def best(
    feed: Feed,
    found: Sequence[tuple[FeedEntry, FeedDocument]],
    titles: Collection[str],
    taken: Collection[str],
) -> Advice:
    """The best of the feeds that stand elsewhere on a site; none where no one would be a cure.

    A cure holds articles, is no feed that the newsroom has, tells at least one story that this feed has told (or is
    the site's only feed on the same host), and where this one can be read, something newer than it does.

    Args:
        feed: which is ill.
        found: what was found, read.
        titles: headlines that the feed has told.
        taken: the addresses of all feeds of the newsroom.
    """
    cures = []
    for entry, document in found:
        same = same_headlines(document, titles)
        likely = same or (len(found) == 1 and host_of(entry.url) == host_of(feed.url))
        if likely and document.entries and entry.url not in taken and _newer(feed, document):
            cures.append(Advice(entry.url, entry.title or document.title, len(document.entries), same))
    return max(cures, key=lambda one: (one.same, one.stories), default=Advice())


def _newer(feed: Feed, document: FeedDocument) -> bool:
    """Whether a document tells something newer than a feed that can be read, but is silent."""
    if feed.failures or feed.state == "gone" or feed.newest_at is None:
        return True
    newest = max((entry.published for entry in document.entries if entry.published), default=None)
    return newest is not None and newest > feed.newest_at


def kept(found: Advice) -> dict[str, Any] | None:
    """Advice as it is kept; None for none."""
    return None if found == Advice() else asdict(found)
