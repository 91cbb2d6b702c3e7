"""The desk's numbers: read beside the writer, drawn beside the event loop."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.charts.drawing import draw
from bot.domain.message import Document
from bot.domain.numbers import Overview, Series, by_hour, health, hours
from bot.errors import UserError
from bot.storage import feeds, numbers

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from bot.domain.numbers import Hour
    from bot.domain.schedule import Clock
    from bot.storage.database import Connection, Database

WEEK: Final = timedelta(days=7)
"""How far back the numbers look."""
DAYS: Final = timedelta(days=400)
"""How long a day is remembered: a year, and what came before it for comparison."""
FRESH: Final = timedelta(minutes=5)
"""How long it stays known how full the hours are; whoever chooses one in between finds them hardly fuller."""
OPENED: Final = 5
"""Stories on the page."""

log = logging.getLogger(__name__)


class Numbers:
    """What the newsroom can say of itself in numbers and pictures.

    Args:
        db: the database.
        clock: the time.
    """

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._known: tuple[datetime, tuple[Hour, ...]] | None = None
        self._looking = asyncio.Lock()

    async def overview(self) -> Overview:
        """The last week, and the hours of the next day."""
        return await self._db.read(overview, self._clock())

    async def hours(self) -> tuple[Hour, ...]:
        """How full the hours of the next day are, as of a few minutes ago at most."""
        async with self._looking:
            now = self._clock()
            if self._known is None or not self._known[0] <= now < self._known[0] + FRESH:
                self._known = now, await self._db.read(_hours, now)
            return self._known[1]

    async def series(self, kind: str, zone: ZoneInfo) -> Series:
        """What a picture shows, on the clock of `zone`.

        Raises:
            UserError: there is no such picture.
        """
        now = self._clock()
        match kind:
            case "readers":
                return await self._db.read(_over_time, now)
            case "hours":
                openings = await self._db.read(numbers.opened_at, now - WEEK)
                return Series(kind, by_hour(openings, zone))
            case "feeds":
                return Series(kind, health(await self._db.read(feeds.every), now))
            case _:
                raise UserError("error.old_button")

    async def picture(self, series: Series) -> Document:
        """The picture of a series that is not empty, as a PNG.

        Raises:
            UserError: it could not be drawn.
        """
        try:
            drawn = await asyncio.to_thread(draw, series)
        except Exception:
            log.exception("the picture %s could not be drawn", series.kind)
            raise UserError("numbers.undrawn") from None
        return Document(f"{series.kind}.png", drawn, "image/png")


def overview(connection: Connection, now: datetime) -> Overview:
    """The page's numbers, all of one moment."""
    since = now - WEEK
    opened = numbers.most_opened(connection, since, OPENED)
    return Overview(numbers.people(connection, since), tuple(opened), _hours(connection, now))


def _hours(connection: Connection, now: datetime) -> tuple[Hour, ...]:
    return hours(numbers.planned(connection), now)


def _over_time(connection: Connection, now: datetime) -> Series:
    """The days that were noted, and today as it is now."""
    known = dict(numbers.days_since(connection, now - DAYS)) | {now.date(): numbers.active(connection)}
    return Series("readers", tuple(known.values()), tuple(known))
