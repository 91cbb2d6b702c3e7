"""What editors are shown of their broadcasts: before they begin, while they go, and afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bot.domain.broadcasts import A_SECOND

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from bot.domain.broadcasts import Audience, Broadcast, Progress
    from bot.domain.message import Document
    from bot.domain.news import StoryLine

FAILURES: Final = ("gone", "failed", "unknown")
"""Kinds of failures, as a picture lists them."""
_STEPS: Final = 60
"""Points of a picture, at most."""


@dataclass(frozen=True, slots=True)
class Preflight:
    """What is about to be sent, and to whom.

    Attributes:
        line: the story; None for a message of the editors' own.
        rate: messages a second at which it goes.
        minutes: how long its full text takes to read; 0 where it could not be fetched.
        alike: who prepared the same before, and when; None for nobody.
        alone: nobody else may confirm it.
    """

    broadcast: Broadcast
    line: StoryLine | None
    audience: Audience
    rate: int = A_SECOND
    minutes: int = 0
    alike: tuple[str, datetime] | None = None
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How a broadcast goes.

    Attributes:
        title: what it is called.
        rate: messages a second, lately; 0 where that is not known.
        opened: how many of its readers have opened the story.
        alone: while it waits for a second editor: there is none.
    """

    broadcast: Broadcast
    title: str
    how: Progress
    rate: float = 0.0
    opened: int = 0
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Repair:
    """A correction or withdrawal that is about to be sent.

    Attributes:
        parent: what it changes.
        messages: how many it changes.
        too_old: of a deletion, those that can be deleted no more; they stay.
        unknown: those of which nobody knows whether they arrived: they cannot be changed.
    """

    broadcast: Broadcast
    parent: Broadcast
    line: StoryLine | None
    title: str
    messages: int
    too_old: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Course:
    """How a broadcast went, for a picture.

    Attributes:
        begun_at: when it began.
        seconds: how long it took.
        arrived: how many had arrived by then, at evenly spaced moments.
        failures: how many of each of `FAILURES` there were.
    """

    begun_at: datetime
    seconds: int
    arrived: tuple[int, ...]
    failures: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """A broadcast afterwards.

    Attributes:
        picture: a PNG of its course.
        missed: the chats that it did not reach for certain, as a table; None where there are none.
    """

    standing: Standing
    course: Course
    picture: Document
    missed: Document | None


def course(begun_at: datetime, arrivals: Sequence[tuple[int, int]], how: Progress) -> Course:
    """The course of a broadcast.

    Args:
        begun_at: when it began.
        arrivals: how many arrived in each second, by seconds since 1970, in their order.
        how: how its deliveries ended.
    """
    first = int(begun_at.timestamp())
    seconds = max(1, (arrivals[-1][0] - first) if arrivals else 1)
    steps = min(_STEPS, seconds)
    arrived, so_far, place = [0], 0, 0
    for step in range(1, steps + 1):
        until = first + seconds * step / steps
        while place < len(arrivals) and arrivals[place][0] <= until:
            so_far += arrivals[place][1]
            place += 1
        arrived.append(so_far)
    failures = {"gone": how.gone, "failed": how.failed, "unknown": how.unknown}
    return Course(begun_at, seconds, tuple(arrived), failures)
