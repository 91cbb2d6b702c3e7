"""Several digests a day, on some days only, with more or fewer stories: each planned hour once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.services.presence import replan
from bot.storage import readers
from bot.storage.tables import editions
from tests.services.desk import DAY, EIGHT, MAYA, SEVEN

if TYPE_CHECKING:
    import sqlalchemy as sa

    from tests.services.desk import Desk

HOURS = (480, 840, 1200)


async def rhythm(desk: Desk) -> list[tuple[str, int]]:
    return [(row.local_date, row.minute) for row in await desk.rows(editions)]


async def change(desk: Desk, **values: object) -> None:
    def write(connection: sa.Connection) -> None:
        changed = readers.change(connection, MAYA, **values)
        assert changed is not None
        replan(connection, changed, desk.now)

    await desk.db.write(write)


async def run(desk: Desk, until: datetime) -> None:
    """News every hour, and a look at the plans every half an hour."""
    while desk.now < until:
        await desk.print(3)
        await desk.compose()
        desk.now += timedelta(minutes=30)
        await desk.compose()
        desk.now += timedelta(minutes=30)


async def test_three_a_day_are_three_editions_and_no_story_is_told_twice(desk: Desk) -> None:
    await desk.join(digest_minutes=HOURS)
    await run(desk, EIGHT + DAY + timedelta(hours=1))
    assert await rhythm(desk) == [
        ("2026-11-24", 480),
        ("2026-11-24", 840),
        ("2026-11-24", 1200),
        ("2026-11-25", 480),
    ]
    told = await desk.told()
    assert len(told) == len(set(told))
    assert await desk.due_at() == EIGHT + DAY + timedelta(hours=6)


async def test_an_hour_that_is_added_comes_today_and_one_that_was_had_does_not(desk: Desk) -> None:
    await desk.join()
    await run(desk, EIGHT + timedelta(hours=1))
    await change(desk, digest_minutes=(480, 1200))
    assert await desk.due_at() == EIGHT + timedelta(hours=12)
    # Travelling west, the reader meets eight o'clock again.
    await change(desk, digest_minutes=(480,), zone="America/New_York")
    assert await desk.due_at() == datetime(2026, 11, 25, 13, tzinfo=UTC)
    assert await rhythm(desk) == [("2026-11-24", 480)]


async def test_after_an_outage_over_several_hours_there_is_one_digest(desk: Desk) -> None:
    await desk.join(digest_minutes=HOURS)
    await desk.print(4)
    assert await desk.compose(EIGHT + timedelta(hours=7)) == 1
    assert await rhythm(desk) == [("2026-11-24", 840)]
    assert await desk.due_at() == EIGHT + timedelta(hours=12)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ("daily", [24, 25, 26, 27, 28, 29, 30]),
        ("weekends", [28, 29]),
        ("0", [30]),
        ("1", [24]),
    ],
)
async def test_digests_come_on_the_days_that_were_chosen(desk: Desk, days: str, expected: list[int]) -> None:
    await desk.join(days=days)
    await change(desk, days=days)
    await run(desk, EIGHT + 6 * DAY + timedelta(hours=1))
    assert await desk.days() == [f"2026-11-{day}" for day in expected]


async def test_a_digest_once_a_week_covers_the_week(desk: Desk) -> None:
    await desk.join(days="1")
    await desk.print(3)
    await desk.compose(EIGHT)
    first = await desk.told()
    desk.now = EIGHT + DAY
    early = await desk.print(2)
    desk.now = EIGHT + 6 * DAY
    late = await desk.print(2)
    assert await desk.compose(EIGHT + 7 * DAY) == 1
    assert sorted(await desk.told()) == sorted([*first, *early, *late])


async def test_fewer_stories_are_fewer_and_the_rest_is_named(desk: Desk) -> None:
    await desk.print(14)
    await desk.join(stories="few")
    await desk.join(MAYA + 1)
    assert await desk.compose(EIGHT) == 2
    assert (len(await desk.told()), len(await desk.told(MAYA + 1))) == (5, 12)
    texts = sorted(await desk.texts())
    assert any("Left out: World 9." in text for text in texts)
    assert any("Left out: World 2." in text for text in texts)


async def test_who_is_in_a_place_that_is_not_known_any_more_holds_up_nobody(desk: Desk) -> None:
    await desk.print(4)
    await desk.join()
    lost = MAYA + 1
    await desk.join(lost, zone="Mars/Olympus", state="paused", paused_until=SEVEN, digest_minutes=(480,))
    assert await desk.compose(SEVEN) == 0, "the pause is over"
    assert await desk.due_at(lost) == EIGHT, "by UTC's clock"
    assert await desk.compose(EIGHT) == 2
