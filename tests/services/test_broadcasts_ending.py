"""How broadcasts come to rest and to their end: what may not leave any more, what still may, and what is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.domain.broadcasts import Event, State
from bot.domain.delivery import Outcome, Receipt
from bot.playground.faults import DropAfter, refuse
from bot.storage import broadcasts, claims, stories, unknowns
from tests.services.broadcasting import Broadcasting, interrupted
from tests.services.post_office import HOUR

if TYPE_CHECKING:
    from bot.storage.claims import Delivery
    from bot.storage.database import Connection

BLOCKED = refuse(403, "Forbidden: bot was blocked by the user")
BUSY = Receipt(Outcome.RETRY, retry_after=1)
ARRIVED = Receipt(Outcome.SENT, sent_id=99)


def go_on(number: int, connection: Connection) -> None:
    """An editor presses Go on, and all that rested is due again."""
    assert broadcasts.happen(connection, number, Event.GO_ON)
    broadcasts.change(connection, number, (State.SENDING,), rested_at=None)


async def leaving(few: Broadcasting) -> list[Delivery]:
    """Everything that is due is on the wire."""
    ledger, now = few.office.worker._ledger, few.office.clock()
    claimed = await few.office.db.write(claims.claim, ledger.epoch, now, now + HOUR, 10)
    for one in claimed.leaving:
        assert await ledger.begin(one.id)
    return claimed.leaving


async def in_doubt(few: Broadcasting) -> tuple[int, int]:
    """The number of one that has begun, and a delivery of it of which nobody knows whether it arrived."""
    few.office.telegram.faults.add("sendMessage", DropAfter(), chat=few.office.chats[1])
    number = await few.sent()
    await few.office.worker.drain()
    (doubt,) = await few.office.db.read(unknowns.page, 9, 0)
    return number, doubt.id


async def test_what_goes_on_before_all_was_put_off_is_put_off_no_further(few: Broadcasting) -> None:
    number, now = await few.sent(), few.office.clock()
    # The newsroom ended before it had put off anything.
    await few.office.db.write(lambda c: broadcasts.happen(c, number, Event.PAUSE, rested_at=now))
    async with interrupted(few, lambda c: go_on(number, c)) as campaigns:
        await campaigns.go_on()
    assert (await few.found(number)).state is State.SENDING
    assert await few.office.worker.drain() == 5


async def test_a_pause_that_an_editor_ends_at_once_puts_off_nothing(few: Broadcasting) -> None:
    number = await few.sent()
    async with interrupted(few, lambda c: go_on(number, c), after=1) as campaigns:
        paused = await campaigns.pause(few.update(), await few.editor(), number)
    assert paused.broadcast.state is State.SENDING
    assert await few.office.worker.drain() == 5
    assert (await few.finish(number)).broadcast.state is State.DONE


@pytest.mark.parametrize("writes", [1, 2])
async def test_a_pause_between_two_steps_of_its_beginning_owes_it_to_nobody(
    few: Broadcasting, writes: int
) -> None:
    number, editor = await few.prepared(), await few.editor()
    await few.broadcasts.send(few.update(), editor, number, None)
    few.office.clock.advance(seconds=10)

    def pause(connection: Connection) -> None:
        assert broadcasts.happen(connection, number, Event.PAUSE, rested_at=few.office.clock())

    async with interrupted(few, pause, after=writes) as campaigns:
        assert await campaigns.go_on() == 0
    assert await few.states(number) == {}
    await few.tick(3600)
    assert await few.office.worker.drain() == 0
    await few.campaigns.resume(few.update(), editor, number)
    standing = await few.finish(number)
    assert (standing.how.sent, standing.broadcast.owed) == (5, 5)


async def test_when_it_began_and_for_how_many_stays_as_it_was_after_a_pause(few: Broadcasting) -> None:
    number = await few.sent(await few.story_prepared(await few.printed()))
    begun = await few.found(number)
    await few.campaigns.pause(few.update(), await few.editor(), number)
    few.office.clock.advance(hours=1)
    await few.campaigns.resume(few.update(), await few.editor(), number)
    ended = (await few.finish(number)).broadcast
    assert (ended.begun_at, ended.total) == (begun.begun_at, 5)


async def test_only_the_message_of_its_own_editor_shows_how_it_goes(few: Broadcasting) -> None:
    other, number = await few.appoint(1), await few.sent()
    await few.campaigns.shown(other, await few.campaigns.look(other, number), 4711)
    await few.finish(number)
    assert few.board().startswith("It was sent.")
    assert (await few.found(number)).message_id == few.boards[0]


async def test_what_a_crash_kept_from_being_put_off_is_put_off_by_the_next_tick(few: Broadcasting) -> None:
    number, now = await few.sent(), few.office.clock()
    await few.office.db.write(lambda c: broadcasts.happen(c, number, Event.PAUSE, rested_at=now))
    await few.campaigns.go_on()
    assert await few.office.worker.drain() == 0
    await few.campaigns.resume(few.update(), await few.editor(), number)
    assert (await few.finish(number)).how.sent == 5


async def test_what_a_crash_kept_from_being_stopped_is_stopped_by_the_next_tick(few: Broadcasting) -> None:
    number = await few.sent()
    await few.office.db.write(lambda c: broadcasts.happen(c, number, Event.STOP))
    await few.campaigns.go_on()
    assert (await few.look(number)).how.cancelled == 5
    assert (await few.found(number)).state is State.STOPPED


async def test_it_has_not_ended_while_an_editor_has_one_sent_again(few: Broadcasting) -> None:
    number, delivery = await in_doubt(few)

    def again(connection: Connection) -> None:
        assert unknowns.send_again(connection, [delivery], few.office.clock()) == [delivery]

    async with interrupted(few, again) as campaigns:
        await campaigns.go_on()
    assert (await few.found(number)).state is State.SPREAD, "one is owed it still"
    standing = await few.finish(number)
    assert (standing.broadcast.state, standing.how.sent, standing.how.unknown) == (State.DONE, 5, 0)
    assert few.board().startswith("It was sent.\nThe trains run again.\nArrived: 5")


async def test_it_has_not_ended_while_one_is_on_its_way_or_is_tried_again(few: Broadcasting) -> None:
    for place in range(2, 5):
        await few.change(place, editors=False)
    number = await few.sent()
    first, second = await leaving(few)
    await few.office.worker._ledger.end(first, ARRIVED, 0.5)
    for receipt in (BUSY, ARRIVED):
        await few.tick(3)
        assert (await few.found(number)).state is State.SPREAD
        await few.office.worker._ledger.end(second, receipt, 0.5)
        await few.tick(3)
        if receipt is BUSY:
            assert await few.states(number) == {"sent": 1, "retry": 1}
            assert (await few.found(number)).state is State.SPREAD
            (second,) = await leaving(few)
    ended = await few.look(number)
    assert (ended.broadcast.state, ended.how.sent) == (State.DONE, 2)


@pytest.mark.parametrize("event", [Event.STOP, Event.PAUSE])
async def test_what_was_sent_again_is_tried_until_it_arrives_whatever_became_of_the_broadcast(
    few: Broadcasting, event: Event
) -> None:
    await few.change(2, quiet=(0, 23 * 60))
    number, delivery = await in_doubt(few)
    editor = await few.editor()
    await (few.campaigns.stop if event is Event.STOP else few.campaigns.pause)(few.update(), editor, number)
    waits = "cancelled" if event is Event.STOP else "planned"
    assert await few.states(number) == {"sent": 3, "unknown": 1, waits: 1}
    assert (await few.sent_again(delivery)).done == 1
    (again,) = await leaving(few)
    await few.office.worker._ledger.end(again, BUSY, 0.5)
    assert await few.states(number) == {"sent": 3, "retry": 1, waits: 1}
    few.office.clock.advance(seconds=10)
    assert await few.office.worker.drain() == 1, "and nothing else leaves"
    assert await few.states(number) == {"sent": 4, waits: 1}


async def test_what_comes_back_to_one_that_has_stopped_by_itself_rests_until_it_goes_on(
    few: Broadcasting,
) -> None:
    for place in range(2, 5):
        await few.change(place, editors=False)
    number, now = await few.sent(), few.office.clock()
    first, second = await leaving(few)
    await few.office.db.write(lambda c: broadcasts.happen(c, number, Event.HOLD, rested_at=now))
    await few.office.worker._ledger.end(first, ARRIVED, 0.5)
    await few.office.worker._ledger.end(second, BUSY, 0.5)
    assert await few.states(number) == {"sent": 1, "retry": 1}
    few.office.clock.advance(hours=30)
    assert await few.office.worker.drain() == 0, "it rests before the next tick sees to it"
    await few.campaigns.resume(few.update(), await few.editor(), number)
    assert (await few.finish(number)).how.sent == 2


async def test_who_opened_it_counts_if_it_may_have_brought_them_there(few: Broadcasting) -> None:
    faults, chats = few.office.telegram.faults, few.office.chats
    faults.add("sendMessage", BLOCKED, chat=chats[1])
    faults.add("sendMessage", DropAfter(), chat=chats[2])
    story = await few.printed()
    await few.change(3, editors=False)
    number = await few.sent(await few.story_prepared(story))
    await few.office.worker.drain()
    for place in (1, 2, 3, 4):
        await few.office.db.write(stories.tell, chats[place], [story], "opened", few.office.clock())
    standing = await few.finish(number)
    assert (standing.how.sent, standing.how.unknown, standing.how.gone) == (2, 1, 1)
    assert standing.opened == 2, "one in doubt and one for certain; the others found it elsewhere"


async def test_who_opened_it_before_it_began_was_not_brought_there_by_it(few: Broadcasting) -> None:
    story, editor = await few.printed(), await few.editor()
    first = few.office.chats[1]
    await few.office.db.write(stories.tell, first, [story], "opened", few.office.clock())
    number = await few.story_prepared(story)
    await few.broadcasts.choose(editor, number, again=True)
    few.office.clock.advance(minutes=1)
    standing = await few.finish(await few.sent(number))
    assert (standing.how.sent, standing.opened) == (5, 0)


async def test_one_for_which_nobody_is_left_is_over_at_once(few: Broadcasting) -> None:
    number = await few.prepared()
    for place in range(5):
        await few.change(place, editors=False)
    await few.sent(number)
    ended = await few.look(number)
    assert (ended.broadcast.state, ended.broadcast.owed) == (State.DONE, 0)
    assert ended.broadcast.ended_at == few.office.clock()


async def test_what_waits_for_the_end_of_quiet_hours_is_news_for_as_long_afterwards(
    few: Broadcasting,
) -> None:
    await few.change(1, quiet=(0, 23 * 60))
    number = await few.sent()
    assert (await few.look(number)).how.waiting == 5
    await few.office.worker.drain()
    few.office.clock.advance(hours=15, minutes=30)
    assert (await few.finish(number)).how.sent == 5


async def test_what_came_too_late_is_counted_and_named_in_the_report(few: Broadcasting) -> None:
    number = await few.sent()
    # Its reader's quiet hours begin while it waits, and the newsroom does not run for long.
    await few.change(1, quiet=(0, 23 * 60))
    await few.office.worker.drain()
    few.office.clock.advance(days=2)
    await few.office.worker.drain()
    standing = await few.finish(number)
    assert (standing.how.sent, standing.how.failed) == (4, 1)
    report = await few.campaigns.report(await few.editor(), number)
    assert report.missed is not None
    assert f"{few.office.chats[1]},expired," in report.missed.content.decode()
