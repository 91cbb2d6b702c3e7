"""What a list of feeds is to the reader who sends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.domain.news import FeedEntry


@dataclass(frozen=True, slots=True)
class Contents:
    """What a list holds for a reader.

    Attributes:
        found: how many feeds it names.
        known: how many of them the reader follows.
        new: those that there is room for, to be checked.
        beyond: how many more are new than the reader may follow.
        broken_at: the line from which on feeds may have been lost; 0 for none.
    """

    found: int
    known: int
    new: tuple[FeedEntry, ...]
    beyond: int
    broken_at: int


@dataclass(frozen=True, slots=True)
class Report:
    """A list after checking: what may be followed, and the names of what is dead or no feed.

    Attributes:
        question_id: what its buttons refer to.
    """

    contents: Contents
    living: int
    dead: tuple[str, ...]
    no_feed: tuple[str, ...]
    question_id: int
