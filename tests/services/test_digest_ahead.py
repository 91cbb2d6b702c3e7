"""Digests that are composed before their hour: what their readers decide meanwhile counts, and no story is lost."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.services.digests import AHEAD, Digests
from bot.services.presence import change, leave
from bot.storage import readers, unseen
from bot.storage import stories as stories_storage
from bot.storage.tables import deliveries, owed_again
from bot.storage.tables import stories as stories_table
from tests.services.desk import DAY, EIGHT, MAYA, Desk
from tests.services.test_moving import NEW, Removal

if TYPE_CHECKING:
    from bot.domain.news import Reader
    from bot.storage.database import Connection

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def early(desk: Desk) -> Desk:
    """A reader whose digest of eight was composed half a minute before."""
    desk.digests = Digests(desk.db, lambda: desk.now, ahead=AHEAD)
    await desk.join()
    await desk.print(4)
    assert await desk.compose(EIGHT - MINUTE * 2) == 0, "not so long before"
    assert await desk.compose(EIGHT - MINUTE / 2) == 1
    return desk


async def maya(desk: Desk) -> Reader:
    found = await desk.db.read(readers.get, MAYA)
    assert found is not None
    return found


async def states(desk: Desk) -> list[str]:
    return [row.state for row in await desk.rows(deliveries)]


async def test_it_waits_for_its_hour_and_leaves_within_a_second_of_it(early: Desk) -> None:
    (row,) = await early.rows(deliveries)
    assert EIGHT <= row.not_before < EIGHT + timedelta(seconds=1)
    assert (row.lane, row.state) == (1, "planned")
    assert await early.due_at() == EIGHT + DAY
    assert await early.compose(EIGHT) == 0, "there is one"


async def test_readers_of_one_hour_leave_in_another_order_each_day(desk: Desk) -> None:
    desk.digests = Digests(desk.db, lambda: desk.now, ahead=AHEAD)
    for chat in range(MAYA, MAYA + 8):
        await desk.join(chat)
    orders = []
    for day in range(3):
        desk.now = EIGHT + day * DAY - MINUTE * 2
        await desk.print(4)
        assert await desk.compose(EIGHT + day * DAY - MINUTE / 2) == 8
        rows = [row for row in await desk.rows(deliveries) if row.not_before > desk.now]
        orders.append([row.chat_id for row in sorted(rows, key=lambda row: row.not_before)])
    assert len({tuple(order) for order in orders}) == 3


async def test_who_moves_the_hour_gets_it_then_and_not_before(early: Desk) -> None:
    person = await maya(early)
    await early.db.write(lambda c: change(c, person, early.now, digest_minutes=(540,)))
    assert await states(early) == ["cancelled"]
    assert await early.due_at() == EIGHT + timedelta(hours=1)
    early.now = EIGHT + timedelta(hours=1) - MINUTE / 2
    assert await early.compose() == 1
    assert len((await early.told())[4:]) == 4, "the same stories"


async def test_who_changes_something_else_gets_it_all_the_same(early: Desk) -> None:
    person = await maya(early)
    await early.db.write(lambda c: change(c, person, early.now, few="send"))
    assert await states(early) == ["cancelled"]
    assert await early.due_at() == EIGHT
    assert await early.compose(EIGHT) == 1
    assert await states(early) == ["cancelled", "planned"]
    assert not await early.rows(owed_again), "the new one has its stories"


async def test_who_pauses_gets_nothing_and_loses_nothing(early: Desk) -> None:
    person = await maya(early)
    await early.db.write(lambda c: leave(c, person, early.now, "a pause", state="paused"))
    assert await states(early) == ["cancelled"]
    assert len(await early.rows(owed_again)) == 4


async def test_who_asks_has_it_at_once_and_nothing_comes_at_the_hour(early: Desk) -> None:
    asked = await early.ask()
    assert asked is not None
    assert len(asked) == 4
    assert await early.compose(EIGHT) == 0
    assert await states(early) == ["cancelled"]


async def test_who_moves_to_another_account_gets_it_there(early: Desk) -> None:
    removal = Removal(early)
    await early.join(NEW, step="languages", digest_minutes=())
    await removal.move(await removal.code())
    assert (await states(early))[0] == "cancelled"
    assert await early.compose(EIGHT) == 1
    assert await early.told(NEW) == await early.told(MAYA), "the same stories"
    assert not await early.rows(owed_again)


async def test_what_waited_for_an_account_that_is_left_comes_with_the_next_digest(desk: Desk) -> None:
    await desk.join()
    stories = await desk.print(4)
    assert await desk.compose(EIGHT) == 1
    removal = Removal(desk)
    await desk.join(NEW, step="languages", digest_minutes=())
    await removal.move(await removal.code())
    assert (await states(desk))[0] == "gone"
    assert [(row.chat_id, row.story_id) for row in await desk.rows(owed_again)] == [
        (NEW, story) for story in stories
    ]
    assert await desk.compose(EIGHT + DAY) == 1
    assert sorted(await desk.told(NEW)) == stories


async def test_what_the_new_account_knows_already_is_not_owed_to_it(desk: Desk) -> None:
    await desk.join()
    first, *others = await desk.print(4)
    assert await desk.compose(EIGHT) == 1
    await desk.join(NEW, step="languages", digest_minutes=())
    await desk.db.write(lambda c: stories_storage.tell(c, NEW, [first], "opened", EIGHT))
    removal = Removal(desk)
    await removal.move(await removal.code())
    assert [row.story_id for row in await desk.rows(owed_again)] == others


async def owe(desk: Desk, story: int) -> None:
    values = {"chat_id": MAYA, "story_id": story, "at": desk.now}
    await desk.db.write(lambda c: c.execute(sa.insert(owed_again).values(values)))


@pytest.mark.parametrize("why", ["withdrawn", "of a feed that is followed no more"])
async def test_what_may_not_be_shown_is_not_owed(desk: Desk, why: str) -> None:
    await desk.join(few="send", covered_until=EIGHT - MINUTE)
    (story,) = await desk.print(1)
    await owe(desk, story)
    assert await desk.db.read(unseen.owed, [MAYA]) == {MAYA: [story]}
    hidden_by = 0 if why == "withdrawn" else 1

    def hide(connection: Connection) -> None:
        values = {"private_feed_id": hidden_by}
        connection.execute(sa.update(stories_table).where(stories_table.c.id == story).values(values))

    await desk.db.write(hide)
    assert await desk.db.read(unseen.owed, [MAYA]) == {}
    assert await desk.compose(EIGHT) == 0, "no digest of nothing"
    assert await desk.ask() is None
