"""What people write where a button was expected: a time of day."""

from __future__ import annotations

import re
from typing import Final

_TIME: Final = re.compile(
    r"(?P<hour>\d{1,2})(?:\s*[:.,hчг点點时時]\s*(?P<minute>\d{2})?)?\s*(?:(?P<half>[ap])\.?\s*m\.?|uhr|分)?",
    re.IGNORECASE,
)
_HALF_DAY: Final = 12


def minute_of_day(said: str) -> int | None:
    """Minutes after midnight that `8`, `8:30`, `20.15`, `20h`, `8 pm` or `7点30` mean; None for anything else."""
    found = _TIME.fullmatch(" ".join(said.split()))
    if found is None:
        return None
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if found["half"]:
        if not 1 <= hour <= _HALF_DAY:
            return None
        hour = hour % _HALF_DAY + (_HALF_DAY if found["half"].lower() == "p" else 0)
    return hour * 60 + minute if hour < 2 * _HALF_DAY and minute < 60 else None
