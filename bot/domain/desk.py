"""What the editors' desk shows: how the newsroom does, and how each feed does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.doctor import ailment

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.doctor import Ailment
    from bot.domain.news import Feed


@dataclass(frozen=True, slots=True)
class Figures:
    """How the newsroom does.

    Attributes:
        last_story_at: when the newest story was first seen; None before the first.
        readers: those who get messages.
        joined: those of them who joined since the moment asked for.
        unknown: deliveries of which nobody knows whether they arrived, and that no editor has settled.
        gone: who stopped, blocked the bot or had everything deleted since then.
    """

    last_story_at: datetime | None
    readers: int
    joined: int
    unknown: int
    gone: int = 0


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something that is wrong with the newsroom.

    Attributes:
        kind: the kind of work that waits for too long, `disk`, or `database`.
        plain: the same in English, for the operator's pages.
        since: when the oldest piece of work was due.
        free: MiB that are free on the disk.
    """

    kind: str
    plain: str
    since: datetime | None = None
    free: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """How the newsroom does: what is wrong, the feeds, and the figures of the last week."""

    trouble: tuple[Wrong, ...]
    feeds: list[Feed]
    figures: Figures
    at: datetime

    @property
    def failing(self) -> list[Feed]:
        """The feeds that suffer from something."""
        return [feed for feed in self.feeds if ailment(feed, self.at) is not None]

    @property
    def active(self) -> int:
        """How many feeds are looked at."""
        return sum(feed.state == "active" for feed in self.feeds)


@dataclass(frozen=True, slots=True)
class FeedCard:
    """A feed as the desk shows it.

    Attributes:
        days: how many articles came on each of the last days, the oldest first.
        gives: `full`, `teasers` or `cut`, what its articles carry; empty while it has told too little.
        followers: how many readers follow it by itself.
        stories: how many it has told.
        ailment: what it suffers from; None for a sound one.
    """

    feed: Feed
    days: tuple[int, ...]
    gives: str = ""
    followers: int = 0
    stories: int = 0
    ailment: Ailment | None = None
