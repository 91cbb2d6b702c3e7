"""When a digest is due: at a place's own clock, whatever that clock does twice a year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

Clock: TypeAlias = "Callable[[], datetime]"
"""What tells the time, in UTC; handed to whoever needs it."""

LATE: Final = timedelta(minutes=10)
"""A digest that leaves later than this after its hour says so."""
PAST_MIDNIGHT: Final = timedelta(hours=1)
"""How far into the next day a digest may still leave; later it would be yesterday's paper."""


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


def next_due(after: datetime, minute: int, zone: ZoneInfo) -> datetime:
    """The first moment later than `after` at which the clock of `zone` shows `minute`."""
    day = local_day(after, zone)
    due = at_clock(day, minute, zone)
    while due <= after:
        day += timedelta(days=1)
        due = at_clock(day, minute, zone)
    return due


@dataclass(frozen=True, slots=True)
class Turn:
    """What to do about a plan that is due.

    Attributes:
        edition: the local day to compose a digest for; None for none.
        late_since: when it should have left, where that is worth an apology.
        next_due_at: when to look again.
    """

    edition: date | None
    late_since: datetime | None
    next_due_at: datetime


def turn(due_at: datetime, now: datetime, minute: int, zone: ZoneInfo) -> Turn:
    """Decide about a plan whose time has come.

    After a time of standing still there is one digest for the current local day; days that were wholly missed
    are not made up for, and a digest whose day has just ended may still leave within an hour.
    """
    following = next_due(now, minute, zone)
    today = local_day(now, zone)
    if local_day(due_at, zone) < today and now - due_at > PAST_MIDNIGHT:
        due_at = at_clock(today, minute, zone)
        if due_at > now:
            return Turn(None, None, due_at)
    late = due_at if now - due_at > LATE else None
    return Turn(local_day(due_at, zone), late, following)
