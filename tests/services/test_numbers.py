"""The numbers' service: what it remembers of days, how long it knows how full hours are, and a picture that fails."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from bot.domain.numbers import Series
from bot.errors import UserError
from bot.services.housekeeping import Housekeeping
from bot.services.numbers import FRESH, Numbers
from bot.storage import numbers, readers
from tests.feeds.heartbeat import heartbeat
from tests.storage.archive import DAY, NOW, somebody

if TYPE_CHECKING:
    from datetime import datetime

    from bot.storage.database import Database

LONDON = ZoneInfo("Europe/London")


class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


async def join(db: Database, chat_id: int) -> None:
    await db.write(readers.add, somebody(chat_id))


async def test_every_tidying_notes_the_readers_of_its_day_and_old_days_go(db: Database) -> None:
    clock = Clock()
    keeper, service = Housekeeping(db, clock, timedelta(days=90)), Numbers(db, clock)
    await db.write(numbers.note_day, NOW - 401 * DAY, 99)
    assert (await keeper.tidy())["days"] == 1
    for chat_id in (1, 2, 3):
        clock.now += DAY
        await join(db, chat_id)
        await keeper.tidy()
    await join(db, 4)
    series = await service.series("readers", LONDON)
    assert series.values == (0, 1, 2, 4), "today's is the number of now"
    assert [(day - NOW.date()).days for day in series.days] == [0, 1, 2, 3]


async def test_how_full_hours_are_is_looked_up_now_and_then(db: Database) -> None:
    clock = Clock()
    service = Numbers(db, clock)
    assert not any(hour.digests for hour in await service.hours())
    await join(db, 1)
    assert not any(hour.digests for hour in await service.hours())
    clock.now += FRESH
    assert sum(hour.digests for hour in await service.hours()) == 1
    clock.now -= DAY
    await join(db, 2)
    assert sum(hour.digests for hour in await service.hours()) == 2, "a clock that was set back is believed"


async def test_a_picture_that_cannot_be_drawn_is_told_in_words(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(UserError) as failed:
        await Numbers(db, Clock()).picture(Series("readers", (1, 2), ()))
    assert failed.value.key == "numbers.undrawn"
    assert "could not be drawn" in caplog.text


async def test_the_loop_goes_on_while_a_picture_is_drawn(db: Database) -> None:
    async with heartbeat() as heart:
        drawn = await Numbers(db, Clock()).picture(Series("hours", tuple(range(24))))
    assert drawn.kind == "image/png"
    assert heart.busiest < 0.05
