"""The newsroom in numbers: its readers, what they open, and how full the hours of digests are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.domain.broadcasts import A_SECOND
from bot.domain.doctor import ailment
from bot.domain.schedule import DAY, at_clock, local_day

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from bot.domain.news import Feed
    from bot.domain.schedule import Timetable

CAPACITY: Final = A_SECOND * 3600
"""Digests that can be sent in an hour."""
CROWDED: Final = 0.8
"""The share of its capacity from which on an hour is too full to be offered."""
HOUR: Final = timedelta(hours=1)
STEP: Final = 20
"""Minutes between the times that are looked at around a crowded one."""
FURTHEST: Final = 120
"""Minutes from a crowded time beyond which a time is none beside it any more."""
_MINUTES: Final = 24 * 60
KINDS: Final = ("readers", "hours", "feeds")
"""The pictures there are."""
STATES: Final = ("fine", "new", "failing", "paused", "gone")
"""How a feed can be."""


@dataclass(frozen=True, slots=True)
class People:
    """The readers, and what has changed since the moment asked for.

    Attributes:
        readers: those who get messages.
        joined: those of them who joined since then.
        gone: who stopped, blocked the bot or had everything deleted since then.
        seen: those of the readers who opened or asked for something since then.
    """

    readers: int
    joined: int
    gone: int
    seen: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A story, and how many different readers opened it."""

    story_id: int
    title: str
    readers: int


@dataclass(frozen=True, slots=True)
class Hour:
    """What an hour has to carry.

    Attributes:
        at: when it begins, in UTC.
        digests: how many are planned in it.
        before: how many the hours before it leave over.
    """

    at: datetime
    digests: int
    before: int = 0

    @property
    def share(self) -> float:
        """How full it is; 1 for as much as it can carry."""
        return (self.digests + self.before) / CAPACITY

    @property
    def crowded(self) -> bool:
        """Whether it is too full to be offered."""
        return self.share > CROWDED


@dataclass(frozen=True, slots=True)
class Overview:
    """What the page of numbers says: the last week, and the hours of the next day."""

    people: People
    opened: tuple[Opened, ...]
    hours: tuple[Hour, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """What a picture shows.

    Attributes:
        kind: one of `KINDS`: readers over time, what is opened by hour of the day, or feeds by `STATES`.
        values: the numbers: one a day, one an hour, or one a state.
        days: the days, of readers over time.
    """

    kind: str
    values: tuple[int, ...]
    days: tuple[date, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw yet: a line has two ends."""
        return len(self.values) < 2 or not any(self.values)


def hours(planned: Iterable[tuple[Timetable, int]], now: datetime) -> tuple[Hour, ...]:
    """The hour that is now and the 23 after it, from how many readers have which timetable."""
    begin = now.replace(minute=0, second=0, microsecond=0)
    wanted: dict[tuple[ZoneInfo, int], Counter[frozenset[int]]] = {}
    for table, readers in planned:
        for minute in table.minutes:
            wanted.setdefault((table.zone, minute), Counter())[table.weekdays] += readers
    due = [0] * 24
    for (zone, minute), by_days in wanted.items():
        for day, at in _moments(begin, minute, zone):
            due[(at - begin) // HOUR] += sum(
                readers for weekdays, readers in by_days.items() if day.weekday() in weekdays
            )
    found: list[Hour] = []
    left = 0
    for number, digests in enumerate(due):
        found.append(Hour(begin + number * HOUR, digests, left))
        left = max(0, left + digests - CAPACITY)
    return tuple(found)


def _moments(begin: datetime, minute: int, zone: ZoneInfo) -> list[tuple[date, datetime]]:
    """When the clock of `zone` shows `minute` within a day from `begin`, with the local day that it counts for."""
    today = local_day(begin, zone)
    # The day before for an hour that the clock skipped, the last one for a day of 23 hours.
    days = [today + ahead * DAY for ahead in (-1, 0, 1, 2)]
    moments = [(day, at_clock(day, minute, zone)) for day in days]
    return [(day, at) for day, at in moments if begin <= at < begin + DAY]


def fullest(known: Sequence[Hour], most: int) -> list[Hour]:
    """Up to `most` hours that carry something, the fullest first."""
    carrying = [hour for hour in known if hour.digests + hour.before]
    return sorted(carrying, key=lambda hour: (-hour.share, hour.at))[:most]


def offered(
    minutes: Iterable[int],
    zone: ZoneInfo,
    known: Sequence[Hour],
    keep: Collection[int] = (),
) -> tuple[int, ...]:
    """Times of the day to choose from: instead of one in a crowded hour the nearest ones before and after it.

    An hour is the machine's, so what helps lies outside it. Where none lies near, the time stays: better late than never.

    Args:
        minutes: what would be offered, as minutes after midnight.
        zone: whose clock they are on.
        known: the hours of the next day.
        keep: times that stay whatever their hour: the reader has them.
    """
    crowded = {hour.at for hour in known if hour.crowded}

    def is_crowded(minute: int) -> bool:
        return any(
            at.replace(minute=0, second=0, microsecond=0) in crowded
            for _, at in _moments(known[0].at, minute, zone)
        )

    if not crowded:
        return tuple(sorted({*minutes, *keep}))
    found: set[int] = set(keep)
    for minute in minutes:
        if minute in found or not is_crowded(minute):
            found.add(minute)
            continue
        beside = {
            next((one for one in _beside(minute, way) if not is_crowded(one)), None) for way in (-STEP, STEP)
        }
        found |= {one for one in beside if one is not None} or {minute}
    return tuple(sorted(found))


def _beside(minute: int, step: int) -> list[int]:
    """The times before or after one, the nearest first."""
    return [(minute + n * step) % _MINUTES for n in range(1, FURTHEST // abs(step) + 1)]


def by_hour(openings: Mapping[datetime, int], zone: ZoneInfo) -> tuple[int, ...]:
    """How much was opened in each hour of the day on the clock of `zone`, from how much was at each moment."""
    counted = [0] * 24
    for at, number in openings.items():
        counted[at.astimezone(zone).hour] += number
    return tuple(counted)


def health(feeds: Iterable[Feed], now: datetime) -> tuple[int, ...]:
    """How many feeds are in each of `STATES`."""
    counted = Counter(_state(feed, now) for feed in feeds)
    return tuple(counted[state] for state in STATES)


def _state(feed: Feed, now: datetime) -> str:
    if feed.state != "active":
        return feed.state
    if ailment(feed, now) is not None:
        return "failing"
    return "fine" if feed.newest_at else "new"
