"""A day and an hour as people write them: `18:30`, `tomorrow 9:00`, `1.12. 8:00`, `2026-12-01 8:00`."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from bot.domain.schedule import DAY, at_clock, local_day
from bot.domain.written import minute_of_day

if TYPE_CHECKING:
    from collections.abc import Collection
    from zoneinfo import ZoneInfo

_LAST_FIRST: Final = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})")
_DAY_FIRST: Final = re.compile(r"(?P<day>\d{1,2})[./](?P<month>\d{1,2})(?:[./](?P<year>\d{4})?)?")


def appointment(
    said: str, now: datetime, zone: ZoneInfo, today: Collection[str], tomorrow: Collection[str]
) -> datetime | None:
    """The moment in UTC that is meant on the clock of `zone`; None where no hour can be read in it.

    A day behind which nothing else stands comes first. An hour alone is the next one; a date without a year is the next
    one, too. What names a day may lie in the past: the caller decides.

    Args:
        said: what was written.
        now: the time.
        zone: whose clock and calendar count.
        today: words for today, in small letters.
        tomorrow: words for tomorrow, likewise.
    """
    words = said.lower().replace(",", " ").split()
    for place in range(min(2, len(words))):
        minute = minute_of_day(" ".join(words[place:]))
        if minute is None:
            continue
        here = local_day(now, zone)
        if not place:
            at = at_clock(here, minute, zone)
            return at if at > now else at_clock(here + DAY, minute, zone)
        day = _day(words[0], here, today, tomorrow)
        return at_clock(day, minute, zone) if day else None
    return None


def _day(word: str, here: date, today: Collection[str], tomorrow: Collection[str]) -> date | None:
    if word in today:
        return here
    if word in tomorrow:
        return here + DAY
    found = _LAST_FIRST.fullmatch(word) or _DAY_FIRST.fullmatch(word)
    if found is None:
        return None
    try:
        day = date(int(found["year"] or here.year), int(found["month"]), int(found["day"]))
        return day if found["year"] or day >= here else day.replace(year=here.year + 1)
    except ValueError:
        return None
