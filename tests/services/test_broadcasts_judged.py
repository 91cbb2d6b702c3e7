"""When a broadcast stops by itself: too many failures among its last endings, and a time that has long passed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.domain.broadcasts import GRACE, TOO_LATE, Event, Stage, State
from bot.domain.message import Message, Text
from bot.playground.faults import refuse
from bot.storage import broadcasts, people
from bot.storage.tables import readers as readers_table
from tests.services.broadcasting import Broadcasting, interrupted, open_broadcasting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime
    from pathlib import Path

BLOCKED = "Forbidden: bot was blocked by the user"
NINE = 9 * 60
SECOND = timedelta(seconds=1)


@pytest.fixture
async def some(tmp_path: Path) -> AsyncIterator[Broadcasting]:
    """So few that nothing is tried first: all are owed it at once."""
    async with open_broadcasting(tmp_path, people_=90) as opened:
        yield opened


def blocked(here: Broadcasting, *places: int) -> None:
    for place in places:
        here.office.telegram.faults.add("sendMessage", refuse(403, BLOCKED), chat=here.office.chats[place])


async def quiet_until(here: Broadcasting, minute: int, *places: int) -> None:
    chats = [here.office.chats[place] for place in places]
    wish = sa.update(readers_table).where(readers_table.c.chat_id.in_(chats)).values(quiet=(0, minute))
    await here.office.db.write(lambda c: c.execute(wish))


async def test_when_all_are_owed_it_and_many_wait_it_can_stop_by_itself(some: Broadcasting) -> None:
    await quiet_until(some, NINE, *range(20, 90))
    blocked(some, *range(10, 15))
    number = await some.sent()
    assert (await some.found(number)).state is State.SPREAD
    assert await some.office.worker.drain() == 15
    await some.tick(3)
    held = await some.found(number)
    assert held.state is State.HELD
    assert held.why == {"key": "campaign.why_gone", "share": 25, "reason": BLOCKED}
    assert "held" in [deed.what for deed in await some.office.db.read(people.deeds, 9)]
    some.office.clock.advance(hours=2)
    await some.office.worker.drain()
    assert await some.states(number) == {"sent": 15, "gone": 5, "planned": 70}, "the morning brings nothing"
    await some.campaigns.resume(some.update(), await some.editor(), number)
    standing = await some.finish(number)
    assert (standing.how.sent, standing.how.gone) == (85, 5)
    assert standing.broadcast.why is None, "an editor has decided that it is no trouble"


async def test_the_second_trial_is_judged_as_the_first_one(tmp_path: Path) -> None:
    async with open_broadcasting(tmp_path, people_=130) as many:
        blocked(many, *range(25, 40))
        number = await many.sent()
        await many.office.worker.drain()
        await many.tick(3)
        assert await many.states(number) == {"sent": 20, "planned": 20}
        assert (await many.found(number)).stage is Stage.PERCENT
        await many.office.worker.drain()
        await many.tick(3)
        held = await many.found(number)
        assert (held.state, held.owed) == (State.HELD, 40)
        assert await many.states(number) == {"sent": 25, "gone": 15}, "nobody else is owed it"


@pytest.mark.parametrize(("number", "state"), [(10, State.SPREAD), (11, State.HELD)])
async def test_a_fifth_of_the_last_fifty_may_fail_and_no_more(
    some: Broadcasting, number: int, state: State
) -> None:
    await quiet_until(some, 8 * 60 + 5, *range(39, 89))
    await quiet_until(some, NINE, 89)
    blocked(some, *range(45, 45 + number))
    broadcast = await some.sent()
    await some.office.worker.drain()
    await some.tick(290)
    assert await some.states(broadcast) == {"sent": 39, "planned": 51}
    await some.office.worker.drain()
    await some.tick(3)
    assert (await some.found(broadcast)).state is state, "those before them all arrived"


async def test_failures_of_an_hour_ago_are_no_reason_any_more(some: Broadcasting) -> None:
    await quiet_until(some, NINE, *range(20, 30))
    await quiet_until(some, 10 * 60, *range(30, 90))
    number = await some.sent()
    blocked(some, *range(10))
    await some.office.worker.drain()
    # Nothing looks at it for an hour, in which ten others are sent.
    some.office.clock.advance(hours=1)
    await some.office.worker.drain()
    await some.tick(3)
    assert await some.states(number) == {"sent": 20, "gone": 10, "planned": 60}
    assert (await some.found(number)).state is State.SPREAD


async def test_failures_of_another_one_are_no_reason(some: Broadcasting) -> None:
    await quiet_until(some, NINE, *range(80, 90))
    number = await some.sent()
    await some.office.worker.drain()
    blocked(some, *range(45, 75))
    other = await some.sent(await some.prepared(Message(Text("Another one."))))
    await some.office.worker.drain()
    await some.tick(3)
    assert (await some.found(other)).state is State.HELD
    assert (await some.found(number)).state is State.SPREAD


async def scheduled(few: Broadcasting, *, ahead: timedelta | None) -> tuple[int, datetime]:
    """One that is to go out so far ahead, or as soon as can be; and when that is."""
    number, editor, now = await few.prepared(), await few.editor(), few.office.clock()
    await few.broadcasts.send(few.update(), editor, number, None, now + ahead if ahead else None)
    return number, now + (ahead or GRACE)


@pytest.mark.parametrize("ahead", [None, timedelta(hours=3)])
async def test_what_could_not_begin_for_an_hour_begins_when_an_editor_says_so(
    few: Broadcasting, ahead: timedelta | None
) -> None:
    number, at = await scheduled(few, ahead=ahead)
    few.office.clock.now = at + TOO_LATE + SECOND
    assert await few.campaigns.go_on() == 0
    held = await few.found(number)
    assert (held.state, held.why) == (State.HELD, {"key": "campaign.why_late"})
    assert held.begun_at is None
    await few.office.worker.drain()
    told = few.office.telegram.last(few.office.chats[0])["text"]
    assert told.startswith("“The trains run again.” has stopped by itself.")
    await few.tick(3600)
    assert await few.states(number) == {}, "nobody is owed it"
    await few.campaigns.resume(few.update(), await few.editor(), number)
    assert (await few.finish(number)).how.sent == 5


@pytest.mark.parametrize("ahead", [None, timedelta(hours=3)])
async def test_what_is_less_than_an_hour_late_begins(few: Broadcasting, ahead: timedelta | None) -> None:
    number, at = await scheduled(few, ahead=ahead)
    few.office.clock.now = at + TOO_LATE
    assert await few.campaigns.go_on() == 5
    assert (await few.finish(number)).how.sent == 5


async def test_what_is_planned_does_not_begin_before_its_time(few: Broadcasting) -> None:
    number, at = await scheduled(few, ahead=timedelta(hours=3))
    few.office.clock.now = at - SECOND
    assert await few.campaigns.go_on() == 0
    few.office.clock.now = at
    assert await few.campaigns.go_on() == 5
    assert not (await few.found(number)).why


async def test_an_editor_who_left_is_not_told_that_it_has_stopped(few: Broadcasting) -> None:
    number, at = await scheduled(few, ahead=timedelta(hours=3))
    await few.change(0, state="stopped")
    few.office.clock.now = at + TOO_LATE + SECOND
    await few.campaigns.go_on()
    assert (await few.found(number)).state is State.HELD
    assert await few.office.rows() == []


async def test_what_an_editor_gives_up_meanwhile_has_not_stopped_by_itself(few: Broadcasting) -> None:
    number, at = await scheduled(few, ahead=timedelta(hours=3))
    few.office.clock.now = at + TOO_LATE + SECOND

    def give_up(connection: sa.Connection) -> None:
        assert broadcasts.happen(connection, number, Event.GIVE_UP)

    async with interrupted(few, give_up) as campaigns:
        await campaigns.go_on()
    assert (await few.found(number)).state is State.STOPPED
    assert await few.office.rows() == [], "its editor is told nothing"
