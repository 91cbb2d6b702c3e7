"""A story as editors see it: who reports it, who read it, and what can be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

LONGEST: Final = 300
"""Characters of a headline that editors write."""


@dataclass(frozen=True, slots=True)
class Report:
    """One paper's article of a story; `doubts` is how many readers say that it tells another one."""

    id: int
    title: str
    url: str
    source: str
    shown_at: datetime
    doubts: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A story with its reports, the first reporter first.

    Attributes:
        headline: the editors' own; empty where the first reporter's stands.
        withdrawn: whether it was taken down.
        opened: how many readers have opened it.
        comments: how many there are to read.
    """

    id: int
    headline: str
    desk: str
    withdrawn: bool
    reports: tuple[Report, ...]
    opened: int
    comments: int

    @property
    def title(self) -> str:
        """The headline that readers see; empty where nobody gave one."""
        return self.headline or (self.reports[0].title if self.reports else "")


@dataclass(frozen=True, slots=True)
class Doubted:
    """A story of which readers say that an article in it tells another one."""

    id: int
    title: str
    readers: int


@dataclass(frozen=True, slots=True)
class Concerns:
    """The stories that editors may have to look at: those taken down (id and headline), and those doubted."""

    withdrawn: tuple[tuple[int, str], ...]
    doubted: tuple[Doubted, ...]
