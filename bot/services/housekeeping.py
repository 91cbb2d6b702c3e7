"""Keeping the archive at its size: what is old goes, what is saved stays, and what was told is not told again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.domain.clustering import TITLE_WINDOW
from bot.domain.moving import VALID_FOR
from bot.services.numbers import DAYS
from bot.storage import feeds, inbox, lists, moving, numbers, outbox, questions, stories, unseen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.domain.schedule import Clock
    from bot.storage.database import Database

BATCH: Final = 200
"""Rows removed in one transaction: the writer serves readers in between (measured with 740,000 rows of who was told
what: 3 ms of work for half of the transactions, 12 ms for 99 of 100, and 63 ms for the longest)."""
FEW: Final = 10
"""The same for stories and lists, which take many rows along."""
UPDATES: Final = timedelta(days=2)
"""Telegram repeats no update after 24 hours."""
DELIVERIES: Final = timedelta(days=7)
TOLD: Final = timedelta(days=8)
"""A digest looks back seven days and leaves out what its reader was told in that time."""
OPENINGS: Final = timedelta(days=1)
"""A double press is over within seconds."""
QUESTIONS: Final = timedelta(days=1)
"""How long the buttons of an offer, and what takes a removal back, mean something."""
BRIEF: Final = timedelta(days=3)
"""How long a list that the next one replaces is kept, and how long any list keeps its stories from leaving."""
LISTS: Final = timedelta(days=30)
"""How long a number in an old digest can be answered."""


class Housekeeping:
    """What is done once in a while.

    Args:
        db: the database.
        clock: the time.
        retention: how long stories are kept.
        batch: rows removed in one transaction.
        few: stories and lists removed in one transaction.
    """

    def __init__(
        self, db: Database, clock: Clock, retention: timedelta, *, batch: int = BATCH, few: int = FEW
    ) -> None:
        self._db = db
        self._clock = clock
        self._retention = retention
        self._batch = batch
        self._few = few

    async def tidy(self) -> dict[str, int]:
        """Note how many readers there are today, and remove what is too old; returns how many rows of each kind went."""
        now = self._clock()
        # Counted outside the writer, which serves readers meanwhile.
        await self._db.write(numbers.note_day, now, await self._db.read(numbers.active))
        removed = {}
        for name, prune, age in (
            ("updates", inbox.prune, UPDATES),
            ("deliveries", outbox.prune, DELIVERIES),
            ("messages", outbox.prune_messages, DELIVERIES),
            ("owed stories", unseen.prune, DELIVERIES),
            ("editions", lists.prune_editions, LISTS),
            ("openings", lists.prune_openings, OPENINGS),
            ("codes", moving.prune_codes, timedelta()),
            ("tries", moving.prune_tries, VALID_FOR),
            ("questions", questions.prune, QUESTIONS),
            ("told", stories.prune_told, TOLD),
            ("headlines", stories.prune_headlines, TITLE_WINDOW),
            ("days", numbers.prune_days, DAYS),
        ):
            removed[name] = 0
            while gone := await self._db.write(prune, now - age, self._batch):
                removed[name] += gone
        removed |= {"lists": await self._lists(now), "stories": await self._stories(now)}
        # Whoever deletes everything about himself or herself follows nothing any more, and tells nobody so.
        await self._db.write(feeds.rest_unfollowed)
        return removed | {"feeds": await self._db.write(feeds.forget_unfollowed)}

    async def _lists(self, now: datetime) -> int:
        removed = 0
        old = await self._db.read(lists.old, now - BRIEF, now - LISTS)
        for ids in _batches(old, self._few):
            removed += await self._db.write(lists.remove, ids)
        return removed

    async def _stories(self, now: datetime) -> int:
        """Looked for outside the writer, which would see the same saved stories again for each batch."""
        before, listed_since = now - self._retention, now - BRIEF
        removed = 0
        leaving = await self._db.read(stories.leaving, before, listed_since)
        for ids in _batches(leaving, self._few):
            while await self._db.write(stories.loosen, ids, before, listed_since, self._batch):
                pass
            removed += await self._db.write(stories.remove, ids, before, listed_since)
        return removed


def _batches(ids: list[int], size: int) -> Iterator[list[int]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
