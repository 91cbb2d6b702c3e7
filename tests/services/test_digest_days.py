"""A digest a reader and local day, whatever the clocks, the newsroom and the reader do meanwhile."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from bot.domain.schedule import at_clock
from bot.services.presence import suspend
from bot.storage import readers
from bot.storage.tables import deliveries as deliveries_table
from bot.storage.tables import editions, told
from tests.services.desk import DAY, EIGHT, MAYA, SEVEN

if TYPE_CHECKING:
    import sqlalchemy as sa

    from tests.services.desk import Desk


async def test_a_digest_is_an_edition_a_list_a_debt_and_the_next_plan(desk: Desk) -> None:
    ids = await desk.print(4)
    await desk.join()
    assert await desk.compose(EIGHT - timedelta(seconds=1)) == 0
    assert await desk.compose(EIGHT) == 1
    (edition,) = await desk.rows(editions)
    assert (edition.chat_id, edition.local_date, edition.composed_at) == (MAYA, "2026-11-24", EIGHT)
    assert sorted(await desk.told()) == ids
    (owed,) = await desk.rows(deliveries_table)
    assert (owed.chat_id, owed.state, owed.list_id) == (MAYA, "planned", edition.list_id)
    assert owed.expires_at == EIGHT + timedelta(hours=6)
    assert {(row.story_id, row.how) for row in await desk.rows(told)} == {(one, "digest") for one in ids}
    assert await desk.due_at() == EIGHT + DAY


async def test_there_is_one_a_day_even_if_the_hour_is_moved(desk: Desk) -> None:
    await desk.print(4)
    await desk.join()
    await desk.compose(EIGHT)
    await desk.print(4)
    await desk.db.write(readers.plan, MAYA, EIGHT + timedelta(hours=2))
    assert await desk.compose(EIGHT + timedelta(hours=2)) == 0
    assert await desk.due_at() == EIGHT + DAY
    assert await desk.compose(EIGHT + DAY) == 1
    assert await desk.days() == ["2026-11-24", "2026-11-25"]
    assert len(await desk.told()) == 8


@pytest.mark.parametrize(
    ("zone", "around", "minute"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 150),
        ("Europe/Berlin", date(2026, 10, 25), 150),
        ("America/New_York", date(2026, 3, 8), 480),
        ("America/New_York", date(2026, 11, 1), 90),
        ("Australia/Lord_Howe", date(2026, 4, 5), 105),
        ("Africa/Cairo", date(2026, 4, 24), 0),
        ("Pacific/Kiritimati", date(2026, 6, 1), 1439),
        ("Asia/Kathmandu", date(2026, 6, 1), 1),
    ],
)
async def test_whatever_the_clocks_do_there_is_one_digest_on_each_local_day(
    desk: Desk, zone: str, around: date, minute: int
) -> None:
    place = ZoneInfo(zone)
    first = around - 3 * DAY
    desk.now = at_clock(first, minute, place)
    await desk.join(zone=zone, digest_minutes=(minute,))
    clocks = []
    for _ in range(7):
        desk.now = await desk.due_at() or desk.now
        await desk.print(3)
        assert await desk.compose() == 1
        clocks.append(desk.now.astimezone(place))
        desk.now += timedelta(hours=1)
        await desk.print(3)
        assert await desk.compose() == 0, "not twice where an hour comes twice"
    assert await desk.days() == [(first + n * DAY).isoformat() for n in range(7)]
    shown = [at.hour * 60 + at.minute for at in clocks if at.date() != around]
    assert shown == [minute] * 6


async def test_after_downtime_there_is_one_digest_with_an_apology_for_all_that_was_missed(desk: Desk) -> None:
    first = await desk.print(3)
    await desk.join()
    desk.now = SEVEN + 2 * DAY
    later = await desk.print(2)
    back = EIGHT + 3 * DAY + timedelta(hours=2)
    assert await desk.compose(back) == 1
    assert await desk.compose(back) == 0
    assert await desk.days() == ["2026-11-27"], "days that were wholly missed are not made up"
    assert sorted(await desk.told()) == [*first, *later]
    (text,) = await desk.texts()
    assert "The digest is late, sorry; it was due: 08:00." in text
    assert await desk.due_at() == EIGHT + 4 * DAY


async def test_back_before_the_hour_there_is_nothing_to_apologise_for(desk: Desk) -> None:
    await desk.print(3)
    await desk.join()
    assert await desk.compose(SEVEN + 3 * DAY) == 0
    assert await desk.due_at() == EIGHT + 3 * DAY
    assert await desk.compose(EIGHT + 3 * DAY) == 1
    (text,) = await desk.texts()
    assert "sorry" not in text


async def test_nothing_new_sends_nothing_and_asks_again_tomorrow(desk: Desk) -> None:
    await desk.join()
    assert await desk.compose(EIGHT) == 0
    assert await desk.rows(deliveries_table) == []
    assert await desk.due_at() == EIGHT + DAY


async def test_fewer_than_three_wait_for_more_unless_they_are_wanted(desk: Desk) -> None:
    few = await desk.print(2)
    await desk.join()
    await desk.join(MAYA + 1, few="send")
    assert await desk.compose(EIGHT) == 1
    assert await desk.told() == []
    assert sorted(await desk.told(MAYA + 1)) == few
    desk.now = EIGHT + timedelta(hours=5)
    more = await desk.print(1)
    assert await desk.compose(EIGHT + DAY) == 2
    assert sorted(await desk.told()) == [*few, *more], "what waited comes along"
    assert sorted(await desk.told(MAYA + 1)) == [*few, *more]


async def test_an_hour_moved_while_composing_counts(desk: Desk) -> None:
    await desk.print(3)
    await desk.join()

    def move(connection: sa.Connection) -> None:
        readers.change(connection, MAYA, digest_minutes=(1200,))
        readers.plan(connection, MAYA, EIGHT + timedelta(hours=12))

    desk.db.meanwhile = move
    assert await desk.compose(EIGHT) == 0
    assert await desk.due_at() == EIGHT + timedelta(hours=12)
    assert await desk.compose(EIGHT + timedelta(hours=12)) == 1


@pytest.mark.parametrize("how", ["stopped", "blocked", "no digest", "gone"])
async def test_who_leaves_while_composing_gets_nothing(desk: Desk, how: str) -> None:
    await desk.print(3)
    await desk.join()
    await desk.join(MAYA + 1)

    def leave(connection: sa.Connection) -> None:
        match how:
            case "stopped":
                readers.change(connection, MAYA, state="stopped")
            case "blocked":
                suspend(connection, MAYA, desk.now, "blocked")
            case "no digest":
                readers.change(connection, MAYA, digest_minutes=())
            case "gone":
                connection.exec_driver_sql(f"DELETE FROM readers WHERE chat_id = {MAYA}")

    desk.db.meanwhile = leave
    assert await desk.compose(EIGHT) == 1
    assert [row.chat_id for row in await desk.rows(deliveries_table)] == [MAYA + 1]
    assert await desk.due_at() is None
    assert await desk.compose(EIGHT + timedelta(hours=1)) == 0


async def test_a_plan_of_somebody_without_an_hour_is_dropped(desk: Desk) -> None:
    await desk.join(digest_minutes=())
    assert await desk.compose(EIGHT) == 0
    assert await desk.due_at() is None
