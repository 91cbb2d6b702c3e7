"""When a digest is due: at a place's own clock, whatever that clock does twice a year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from bot.domain.places import clock_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from zoneinfo import ZoneInfo

    from bot.domain.news import Reader

Clock: TypeAlias = "Callable[[], datetime]"
"""What tells the time, in UTC; handed to whoever needs it."""

LATE: Final = timedelta(minutes=10)
"""A digest that leaves later than this after its hour says so."""
PAST_MIDNIGHT: Final = timedelta(hours=1)
"""How far into the next day a digest may still leave; later it would be yesterday's paper."""
DAY: Final = timedelta(days=1)
MONDAY: Final = 0
"""As `date.weekday` counts."""
WEEKDAYS: Final = {
    "daily": frozenset(range(7)),
    "weekends": frozenset({5, 6}),
    **{str(day): frozenset({day}) for day in range(7)},
}
"""The days on which digests come, by what readers choose: all, Saturday and Sunday, or one weekday by its number."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """When a reader's digests are planned.

    Attributes:
        minutes: the hours, as minutes after midnight; none for no digest.
        zone: whose clock counts.
        weekdays: on which days; Monday is 0.
    """

    minutes: tuple[int, ...]
    zone: ZoneInfo
    weekdays: frozenset[int] = WEEKDAYS["daily"]


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """One planned hour: at most one edition is made for it."""

    day: date
    minute: int


def timetable(reader: Reader) -> Timetable:
    """When this reader's digests are planned."""
    return Timetable(reader.digest_minutes, clock_of(reader.zone), WEEKDAYS[reader.days])


def at_clock(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The moment in UTC when the clock of `zone` shows `minute` minutes after midnight on `day`.

    A time that the clock skips gives the moment it would have been (the clock then shows more); a time that the
    clock shows twice gives the first one.
    """
    local = datetime.combine(day, time(minute // 60, minute % 60), zone)
    return local.astimezone(UTC)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The date on the calendar of `zone` at `moment`."""
    return moment.astimezone(zone).date()


def next_slot(after: datetime, table: Timetable) -> tuple[datetime, Slot]:
    """The first planned moment later than `after`, and its hour: the last one, where several fall together.

    Raises:
        ValueError: the timetable has no hours.
    """
    if not table.minutes:
        raise ValueError("a timetable without hours is never due")
    # An evening hour that the clock skips lies on the next day, maybe after that day's first hours: the day before is
    # looked at as well, and so is the day after the one that is found.
    day = local_day(after, table.zone) - DAY
    while True:
        later = [(at, slot) for at, slot in _planned(day, table) if at > after]
        if later:
            later += [(at, slot) for at, slot in _planned(day + DAY, table) if at > after]
            first = min(at for at, _ in later)
            return max(one for one in later if one[0] == first)
        day += DAY


def next_due(after: datetime, table: Timetable) -> datetime:
    """The first planned moment later than `after`.

    Raises:
        ValueError: the timetable has no hours.
    """
    return next_slot(after, table)[0]


def _planned(day: date, table: Timetable) -> Iterator[tuple[datetime, Slot]]:
    """The moments planned for a day, in no order: an hour that the clock skips comes after later ones."""
    if day.weekday() in table.weekdays:
        for minute in table.minutes:
            yield at_clock(day, minute, table.zone), Slot(day, minute)


def missed(since: datetime, until: datetime, table: Timetable) -> int:
    """How many digests would have come after `since` and up to `until`; hours that fall together count once."""
    # A clock that is put back just after midnight shows the day before once more: the next one's first hours are over.
    day, last = local_day(since, table.zone) - DAY, local_day(until, table.zone) + DAY
    due: set[datetime] = set()
    while day <= last:
        due.update(at for at, _ in _planned(day, table) if since < at <= until)
        day += DAY
    return len(due)


@dataclass(frozen=True, slots=True)
class Turn:
    """What to do about a plan that is due.

    Attributes:
        edition: the planned hour to compose a digest for; None for none.
        late_since: when it should have left, where that is worth an apology.
        next_due_at: when to look again.
    """

    edition: Slot | None
    late_since: datetime | None
    next_due_at: datetime


def turn(now: datetime, table: Timetable) -> Turn:
    """Decide about a plan whose time has come.

    After a time of standing still there is one digest, for the last planned hour of the current local day; what was
    missed before is not made up for, and a digest whose day has just ended may still leave within an hour.
    """
    following = next_due(now, table)
    today = local_day(now, table.zone)
    # Not only today and the day before: a clock that is put back just after midnight has shown the next day already,
    # and one that skips a whole day shows the day after that.
    begun = [
        (at, slot)
        for day in (today - 2 * DAY, today - DAY, today, today + DAY)
        for at, slot in _planned(day, table)
        if at <= now and (day >= today or now - at <= PAST_MIDNIGHT)
    ]
    if not begun:
        return Turn(None, None, following)
    at, slot = max(begun)
    return Turn(slot, at if now - at > LATE else None, following)


def days_later(now: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The midnight with which the local day begins that comes so many days after today."""
    return at_clock(local_day(now, zone) + days * DAY, 0, zone)


def next_monday(now: datetime, zone: ZoneInfo) -> datetime:
    """The midnight with which the next local Monday begins; on a Monday that of the week after."""
    return days_later(now, 7 - (local_day(now, zone).weekday() - MONDAY) % 7, zone)
