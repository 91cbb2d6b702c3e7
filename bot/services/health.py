"""How the newsroom is: what waits, for how long, and how much there is of everything."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.domain.desk import Wrong
from bot.errors import DatabaseError
from bot.services.safekeeping import MIB
from bot.storage import articles, feeds, inbox, outbox, readers

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.schedule import Clock
    from bot.services.safekeeping import Room
    from bot.storage.database import Connection, Database

LIMITS: Final = {
    "updates": timedelta(minutes=2),
    "feeds": timedelta(minutes=30),
    "digests": timedelta(minutes=15),
    "deliveries": timedelta(minutes=30),
}
"""How long each kind of work may be overdue before the newsroom counts as not ready."""


@dataclass(frozen=True, slots=True)
class Health:
    """A look at the newsroom.

    Attributes:
        ready: nothing is overdue for too long.
        wrong: what is wrong; empty where nothing is.
        overdue: for each kind of work how many seconds its oldest piece has been due.
        counts: how many feeds, articles, readers and deliveries there are, by name and state; empty unless
            they were asked for.
    """

    ready: bool
    wrong: tuple[Wrong, ...] = ()
    overdue: dict[str, float] = field(default_factory=dict)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def trouble(self) -> tuple[str, ...]:
        """What is wrong, in plain words."""
        return tuple(one.plain for one in self.wrong)


async def look(db: Database, clock: Clock, room: Room, *, counting: bool) -> Health:
    """How the newsroom is now; a database that does not answer is a trouble like any other.

    Counting reads whole tables, so it is for those who ask for figures.
    """
    now = clock()

    def read(connection: Connection) -> tuple[dict[str, datetime | None], dict[str, dict[str, int]]]:
        oldest = {
            "updates": inbox.oldest_open(connection),
            "feeds": feeds.oldest_due(connection, now),
            "digests": readers.oldest_plan(connection),
            "deliveries": _stuck_since(connection, now),
        }
        if not counting:
            return oldest, {}
        counted = {
            "feeds": feeds.counts(connection),
            "articles": articles.counts(connection),
            "readers": readers.counts(connection),
            "deliveries": outbox.counts(connection),
        }
        return oldest, counted

    try:
        oldest, counted = await db.read(read)
    except DatabaseError as error:
        return Health(ready=False, wrong=(Wrong("database", str(error)),))
    overdue = {
        kind: max(0.0, (now - since).total_seconds()) if since is not None else 0.0
        for kind, since in oldest.items()
    }
    late = [
        Wrong(kind, f"{kind} are overdue for {seconds:.0f} s", since=oldest[kind])
        for kind, seconds in overdue.items()
        if seconds > LIMITS[kind].total_seconds()
    ]
    nearly_full = [] if room.enough() else [_nearly_full(room.free() // MIB)]
    return Health(not late, (*late, *nearly_full), overdue, counted)


def _stuck_since(connection: Connection, now: datetime) -> datetime | None:
    """Since when something is due and nothing has come to its end; a long push that goes on is not overdue."""
    oldest = outbox.oldest_due(connection, now)
    last = outbox.last_end(connection)
    return max(oldest, last) if oldest is not None and last is not None else oldest


def _nearly_full(free: int) -> Wrong:
    return Wrong("disk", f"only {free} MiB are free on the disk", free=free)
