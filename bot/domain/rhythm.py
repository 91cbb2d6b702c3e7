"""How often a feed is asked.

The silence ladder is CommaFeed's, the precedence of the server's own wishes miniflux's, the random addition
NewsBlur's; a ttl of twelve hours is cut at the maximum, since readers take such a feed for broken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

JITTER: Final = 0.1
"""The largest random addition, as a share of the interval: feeds that were added together drift apart."""
LONGEST_WAIT: Final = timedelta(hours=24)
"""The longest that a failing feed, or one that asked for it, is left alone."""
_LADDER: Final = ((timedelta(days=30), 1), (timedelta(days=14), 2), (timedelta(days=7), 4))


@dataclass(frozen=True, slots=True)
class Pace:
    """The operator's bounds on the time between two fetches of one feed."""

    shortest: timedelta = timedelta(minutes=5)
    longest: timedelta = timedelta(hours=4)


def after_success(
    pace: Pace, *, silence: timedelta | None, gap: float | None, asked: Sequence[float | None], chance: float
) -> timedelta:
    """How long to wait after a fetch that worked.

    Args:
        pace: the operator's bounds.
        silence: time since the newest article; None where there was none yet.
        gap: seconds between two articles on average; None while unknown.
        asked: what the feed and its server ask for, in seconds (ttl, Cache-Control, Expires).
        chance: a random number from 0 to 1.
    """
    wait = pace.longest / 4
    for limit, part in _LADDER:
        if silence is not None and silence >= limit:
            wait = pace.longest / part
            break
    else:
        if gap is not None:
            wait = min(timedelta(seconds=gap / 2), pace.longest / 4)
    wishes = [
        timedelta(seconds=min(wish, LONGEST_WAIT.total_seconds())) for wish in asked if wish is not None
    ]
    wait = min(max([wait, pace.shortest, *wishes]), max(pace.longest, pace.shortest))
    return wait * (1 + JITTER * chance)


def after_failure(pace: Pace, *, failures: int, retry_after: float | None, chance: float) -> timedelta:
    """How long to wait after the `failures`-th failure in a row: twice as long each time, at most a day.

    A server that names its own time (Retry-After) is obeyed up to a day.
    """
    wait = pace.shortest * float(2 ** min(failures - 1, 16))
    if retry_after is not None:
        wait = max(wait, timedelta(seconds=min(retry_after, LONGEST_WAIT.total_seconds())))
    return min(wait, LONGEST_WAIT) * (1 + JITTER * chance)


def mean_gap(times: Sequence[datetime]) -> float | None:
    """Seconds between two articles on average, over the newest 20; None for fewer than two."""
    newest = sorted(times)[-20:]
    if len(newest) < 2:
        return None
    return (newest[-1] - newest[0]).total_seconds() / (len(newest) - 1)
