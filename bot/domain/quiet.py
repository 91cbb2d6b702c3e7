"""Quiet hours, and how a push may reach its reader: at once with or without a sound, or later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from bot.domain.schedule import DAY, at_clock, local_day

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

Quiet: TypeAlias = tuple[int, int]
"""From which minute after midnight to which; where the second is the smaller one, it is of the next day."""


def quiet_until(moment: datetime, quiet: Quiet | None, zone: ZoneInfo) -> datetime | None:
    """When the quiet hours end in which `moment` lies; None where it lies in none.

    They begin and end when the clock of `zone` first shows their hours, so on a night in which it changes they are
    longer or shorter.
    """
    if quiet is None:
        return None
    begin, end = quiet
    today = local_day(moment, zone)
    for day in (today - DAY, today):
        ends = at_clock(day if begin < end else day + DAY, end, zone)
        if at_clock(day, begin, zone) <= moment < ends:
            return ends
    return None


@dataclass(frozen=True, slots=True)
class Manner:
    """How a push may leave.

    Attributes:
        held_until: not before then; None for now.
        silent: without a sound.
    """

    held_until: datetime | None = None
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a reader wishes about pushes: whether they make a sound, and when it is quiet."""

    sound: bool
    quiet: Quiet | None
    zone: ZoneInfo


def manner(now: datetime, wishes: Wishes, *, own_hour: bool) -> Manner:
    """How a push may leave now.

    Args:
        now: the time.
        wishes: the reader's.
        own_hour: the reader chose the hour of this push, as that of a digest: quiet hours make it silent and do not
            hold it.
    """
    ends = quiet_until(now, wishes.quiet, wishes.zone)
    if ends is not None and not own_hour:
        return Manner(held_until=ends)
    return Manner(silent=not wishes.sound or ends is not None)
