"""What the oracle does to calls: one fault each, drawn by the seed, the row and the count of calls for that row.

So the same seed gives a row the same fate in whatever order calls come.
"""

from __future__ import annotations

import random
from typing import Final

NONE: Final = ""
DROP_BEFORE: Final = "drop_before"
DROP_AFTER: Final = "drop_after"
CUT: Final = "cut"
LATE: Final = "late"
SLOW: Final = "slow"
GARBAGE: Final = "garbage"
HTML: Final = "html"
ERROR_500: Final = "500"
ERROR_504: Final = "504"
TOO_MANY_0: Final = "429_0"
TOO_MANY_1: Final = "429_1"
TOO_MANY_60: Final = "429_60"
TOO_MANY_3600: Final = "429_3600"
TOO_MANY: Final = "429_none"
BLOCKED: Final = "blocked"
MIGRATED: Final = "migrated"
CONTENT: Final = "content"
NEVER: Final = "never"
REVOKED: Final = "revoked"

FAULTS: Final = {
    DROP_BEFORE: "the connection is reset, nothing is accepted",
    DROP_AFTER: "accepted, and the connection is reset without an answer",
    CUT: "accepted, and the connection is reset in the middle of the answer",
    LATE: "accepted at once, answered after some seconds",
    SLOW: "accepted after some seconds, also if nobody waits any more",
    GARBAGE: "status 200 with a body that is no JSON, accepted or not",
    HTML: "status 502 with a page, accepted or not",
    ERROR_500: "status 500 in Telegram's words, accepted or not",
    ERROR_504: "status 504 without a word, accepted or not",
    TOO_MANY_0: "429 with retry_after 0",
    TOO_MANY_1: "429 with retry_after 1",
    TOO_MANY_60: "429 with retry_after 60",
    TOO_MANY: "429 without a number",
    BLOCKED: "403, from then on for that chat",
    MIGRATED: "400 with a new chat id, from then on for that chat",
    CONTENT: "400 about entities",
}
"""The faults that are mixed, and what each does."""
ALONE: Final = {
    NEVER: "no answer comes, accepted or not",
    TOO_MANY_3600: "429 with retry_after 3600",
    REVOKED: "401, from one call on, for some seconds, whatever the chat",
}
"""Those that only runs of their own meet: the first two last long, the other is no row's fate."""

DOUBTFUL: Final = frozenset(
    {DROP_BEFORE, DROP_AFTER, CUT, GARBAGE, HTML, ERROR_500, ERROR_504, TOO_MANY, NEVER}
)
"""After these nobody can know whether the message arrived."""
TIMES: Final = 3
"""How many calls of a row may meet a fault, so that every row comes to an end."""


def fate(seed: int, row: int, nth: int, share: float, kinds: tuple[str, ...]) -> tuple[str, float]:
    """The fault of the `nth` call for a row, and a number from 0 to 1 that decides what it leaves open.

    Args:
        seed: of the run.
        row: the number of the delivery.
        nth: which call for it, from 1.
        share: of calls that meet a fault, from 0 to 1.
        kinds: which faults there are.
    """
    if not kinds or nth > TIMES:
        return NONE, 0.0
    chance = random.Random(f"{seed}:{row}:{nth}")
    if chance.random() >= share:
        return NONE, 0.0
    return chance.choice(kinds), chance.random()
