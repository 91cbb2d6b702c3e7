"""What a reader can choose, and what each choice sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bot.domain.digest import STORIES
from bot.domain.places import PLACES, clock_of
from bot.domain.reading import PAGE_UNITS
from bot.domain.schedule import WEEKDAYS, days_later, next_monday

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from bot.domain.news import Reader

MOST_HOURS: Final = 3
"""Digests on one day."""
PAUSES: Final = ("week", "monday", "open")
"""A week, until Monday, until the reader comes back."""
_DAY: Final = 24 * 60


def chosen(reader: Reader, field: str, value: str, now: datetime) -> dict[str, Any]:
    """The fields of a reader that a choice sets; none where the value is not on offer.

    Args:
        reader: who chooses.
        field: `first` is the hour that ends the first conversation; `hour` is the only one, or `none`; `pause` and
            `state` end what the reader gets. The others are fields of `Reader`.
        value: what was chosen, as its button carries it.
        now: the time, from which a pause runs.
    """
    match field:
        case "zone" if value in PLACES:
            return {"zone": value} if reader.step == "done" else {"zone": value, "step": "hour"}
        case "hour" | "first" if value == "none":
            return {"digest_minutes": (), "step": "done"}
        case "hour" | "first" if (minute := _minute(value)) is not None:
            return {"digest_minutes": (minute,), "step": "done"}
        case "state" if value == "stopped":
            return {"state": "stopped"}
        case "pause" if value in PAUSES and reader.state != "stopped":
            return {"state": "paused", "paused_until": _pause_ends(value, now, clock_of(reader.zone))}
        case "sound" if value in {"on", "off"}:
            return {"sound": value == "on"}
        case "editors" if value in {"on", "off"}:
            return {"editors": value == "on"}
        case "quiet" if value == "off" or _hours(value):
            return {"quiet": _hours(value)}
        case _ if value in _VALUES.get(field, ()):
            return {field: value}
        case _:
            return {}


_VALUES: Final = {"few": ("wait", "send"), "page": PAGE_UNITS, "days": WEEKDAYS, "stories": STORIES}


def ticked_hours(reader: Reader, value: str, *, on: bool) -> tuple[int, ...]:
    """The hours of the digest with one more or one less; one too many, or none of a day, changes nothing."""
    minute, hours = _minute(value), set(reader.digest_minutes)
    if minute is None or (on and len(hours | {minute}) > MOST_HOURS):
        return reader.digest_minutes
    return tuple(sorted(hours | {minute} if on else hours - {minute}))


def _minute(value: str) -> int | None:
    """A minute of the day; None for anything else."""
    is_one = value.isascii() and value.isdecimal() and len(value) <= 4 and int(value) < _DAY
    return int(value) if is_one else None


def _hours(value: str) -> tuple[int, int] | None:
    """Quiet hours as a button carries them, `1320-420`; None for anything else, or hours that never end."""
    begin, _, end = value.partition("-")
    first, last = _minute(begin), _minute(end)
    return (first, last) if first is not None and last is not None and first != last else None


def _pause_ends(value: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When a pause ends, at a local midnight; None for one that only its reader ends."""
    match value:
        case "week":
            return days_later(now, 7, zone)
        case "monday":
            return next_monday(now, zone)
        case _:
            return None
