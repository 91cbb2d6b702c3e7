"""What a feed gives, judged by one look at it: what editors see before they take it in."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from bot.domain.identity import folded_title
from bot.domain.links import host_of
from bot.domain.news import DESKS, FeedEntry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from bot.domain.articles import FeedDocument
    from bot.domain.news import Feed

HEADLINES: Final = 3
"""Headlines that are shown."""
_DAY: Final = 86_400
_JUDGED: Final = 10
"""Articles by which it is judged whether a feed gives full texts."""
_BEFORE: Final = 20
"""Those before them, by which it is judged whether it used to."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What a feed gave at one look.

    Attributes:
        feed: how it names itself.
        headlines: its newest, at most three.
        stories: how many articles it held.
        a_day: how many it brings a day; None where their dates do not say.
        full: whether most of them carry their full text.
    """

    feed: FeedEntry
    headlines: tuple[str, ...]
    stories: int
    a_day: float | None
    full: bool

    def kept(self) -> dict[str, Any]:
        """As it is kept in JSON."""
        return asdict(self)

    @classmethod
    def brought_back(cls, kept: dict[str, Any]) -> Sample:
        """What was kept by `kept`."""
        return cls(**{**kept, "feed": FeedEntry(**kept["feed"]), "headlines": tuple(kept["headlines"])})


@dataclass(frozen=True, slots=True)
class Proposal:
    """A feed as it would be taken in.

    Attributes:
        question_id: what its buttons refer to.
        sample: what it gave.
        desk: the one it would be on.
        known: its number where the newsroom fetches it already; 0 where not.
    """

    question_id: int
    sample: Sample
    desk: str
    known: int = 0


@dataclass(frozen=True, slots=True)
class Nearby:
    """Feeds of which one may be meant."""

    question_id: int
    feeds: tuple[FeedEntry, ...]


def sampled(feed: FeedEntry, document: FeedDocument) -> Sample:
    """Judge a feed by its document; entries without a date count as old as they stand in it."""
    dated = sorted((entry.published for entry in document.entries if entry.published), reverse=True)
    titled = [entry for entry in document.entries if entry.title]
    titled.sort(key=lambda entry: entry.published.timestamp() if entry.published else 0.0, reverse=True)
    full = sum(bool(entry.blocks) and entry.complete for entry in document.entries)
    return Sample(
        feed,
        tuple(entry.title for entry in titled[:HEADLINES]),
        len(document.entries),
        _a_day(dated),
        full=2 * full > len(document.entries),
    )


def _a_day(dated: Sequence[datetime]) -> float | None:
    """Articles a day between the newest and the oldest; None where they lie less than an hour apart."""
    seconds = (dated[0] - dated[-1]).total_seconds() if dated else 0.0
    return (len(dated) - 1) * _DAY / seconds if seconds >= _DAY / 24 else None


def likely_desk(feed: FeedEntry, known: Iterable[Feed]) -> str:
    """The desk of a new feed: one that its name or address says, else that of its site's other feeds; empty for none."""
    said = set(re.findall(r"[a-z]+", f"{feed.title} {feed.url}".lower()))
    for desk in DESKS:
        if desk.lower() in said:
            return desk
    host = host_of(feed.url)
    others = {one.desk for one in known if one.desk and host_of(one.url) == host}
    return others.pop() if len(others) == 1 else ""


def same_headlines(document: FeedDocument, titles: Collection[str]) -> int:
    """How many articles of a document have a headline that is among `titles`."""
    known = {folded_title(title) for title in titles}
    return sum(folded_title(entry.title) in known for entry in document.entries if entry.title)


def gives(full: Sequence[bool]) -> str:
    """What a feed gives: `full`, `teasers`, or `cut` where it gave full texts until lately; empty for too little.

    Args:
        full: of its last articles, the newest first, whether the feed carried the whole text.
    """
    lately, before = full[:_JUDGED], full[_JUDGED : _JUDGED + _BEFORE]
    if len(lately) < HEADLINES:
        return ""
    if 2 * sum(lately) > len(lately):
        return "full"
    used_to = len(lately) == _JUDGED and len(before) == _BEFORE and 4 * sum(before) > 3 * len(before)
    return "cut" if used_to and not any(lately) else "teasers"
