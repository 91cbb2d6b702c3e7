"""Keeping the archive at its size: what is old goes, what is saved or listed stays, and what was told is not told again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.storage import inbox, lists, outbox, stories

if TYPE_CHECKING:
    from bot.domain.schedule import Clock
    from bot.storage.database import Database

BATCH: Final = 500
"""Rows removed in one transaction: the writer serves readers in between."""
UPDATES: Final = timedelta(days=2)
"""Telegram repeats no update after 24 hours."""
DELIVERIES: Final = timedelta(days=7)
LISTS: Final = timedelta(days=30)
"""How long a number in an old list can be answered."""


class Housekeeping:
    """What is done once in a while.

    Args:
        db: the database.
        clock: the time.
        retention: how long stories are kept.
    """

    def __init__(self, db: Database, clock: Clock, retention: timedelta) -> None:
        self._db = db
        self._clock = clock
        self._retention = retention

    async def tidy(self) -> dict[str, int]:
        """Remove what is too old; returns how many rows of each kind went."""
        now = self._clock()
        removed = {"updates": await self._db.write(inbox.prune, now - UPDATES)}
        for name, prune, before in (
            ("deliveries", outbox.prune, now - DELIVERIES),
            ("lists", lists.prune, now - LISTS),
            ("stories", stories.prune, now - self._retention),
        ):
            removed[name] = 0
            while gone := await self._db.write(prune, before, BATCH):
                removed[name] += gone
        return removed
