"""What the editors' desk shows: how the newsroom does, and how each feed does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.news import Feed


@dataclass(frozen=True, slots=True)
class Figures:
    """How the newsroom does.

    Attributes:
        last_story_at: when the newest story was first seen; None before the first.
        readers: those who get messages.
        joined: those of them who joined since the moment asked for.
        unknown: deliveries of which nobody knows whether they arrived.
    """

    last_story_at: datetime | None
    readers: int
    joined: int
    unknown: int


@dataclass(frozen=True, slots=True)
class State:
    """How the newsroom does: what is wrong, the feeds, and the figures of the last week."""

    trouble: tuple[str, ...]
    feeds: list[Feed]
    figures: Figures

    @property
    def failing(self) -> list[Feed]:
        """The feeds whose last look failed, and those that are gone."""
        return [
            feed for feed in self.feeds if (feed.state == "active" and feed.failures) or feed.state == "gone"
        ]

    @property
    def active(self) -> int:
        """How many feeds are looked at."""
        return sum(feed.state == "active" for feed in self.feeds)


@dataclass(frozen=True, slots=True)
class FeedCard:
    """A feed as the desk shows it: `days` has how many articles came on each of the last days, the oldest first."""

    feed: Feed
    days: tuple[int, ...]
