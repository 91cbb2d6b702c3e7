"""When a change may begin, whom it reaches, and what is sent no more once it has: old words never follow new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.domain.broadcasts import Event, Op, State
from bot.errors import UserError
from bot.playground.faults import DropAfter
from bot.storage import broadcasts, editing, stories, unknowns
from tests.services.broadcasting import Broadcasting, interrupted

if TYPE_CHECKING:
    from bot.domain.campaigns import Repair
    from bot.storage.database import Connection

LATE = (0, 23 * 60)
TAKEN_DOWN = {"key": "campaign.why_story"}


async def send(few: Broadcasting, repair: Repair) -> int:
    """A change is on its way; its number."""
    await few.corrections.send(few.update(), await few.editor(), repair.broadcast.id, few.boards[0])
    return repair.broadcast.id


async def refused(few: Broadcasting, repair: Repair) -> str:
    """Why a change is not on its way."""
    with pytest.raises(UserError) as why:
        await send(few, repair)
    assert (await few.found(repair.broadcast.id)).state is State.DRAFT, "it can be tried again"
    return why.value.key


async def in_doubt(few: Broadcasting) -> int:
    (doubt,) = await few.office.db.read(unknowns.page, 9, 0)
    return doubt.id


async def test_no_change_begins_before_all_that_may_leave_was_put_off(few: Broadcasting) -> None:
    await few.change(1, quiet=LATE)
    number, now = await few.sent(), few.office.clock()
    await few.office.worker.drain()
    # The newsroom ended before it had put off what waits.
    await few.office.db.write(lambda c: broadcasts.happen(c, number, Event.PAUSE, rested_at=now))
    repair = await few.drafted(number, "withdraw")
    assert await refused(few, repair) == "campaign.on_the_wire"
    await few.tick()
    change = await send(few, repair)
    await few.tick(10)
    await few.finish(change)
    few.office.clock.advance(hours=20)
    await few.office.worker.drain()
    assert few.got(1) == [], "what had not left does not leave"
    assert few.got(2)[0]["text"].startswith("Withdrawn")


async def test_a_change_that_was_prepared_during_a_pause_does_not_begin_after_it(few: Broadcasting) -> None:
    await few.change(1, quiet=LATE)
    number, editor = await few.sent(), await few.editor()
    await few.office.worker.drain()
    await few.campaigns.pause(few.update(), editor, number)
    repair = await few.drafted(number, "small")
    await few.campaigns.resume(few.update(), editor, number)
    assert await refused(few, repair) == "campaign.still_going"
    assert (await few.found(number)).state is State.SENDING


async def test_one_change_begins_after_the_other(few: Broadcasting, done: int) -> None:
    first, second = await few.drafted(done, "small"), await few.drafted(done, "withdraw")
    change = await send(few, first)
    assert await refused(few, second) == "campaign.correcting"
    await few.tick(10)
    await few.finish(change)
    change = await send(few, second)
    await few.tick(10)
    assert (await few.finish(change)).how.sent == 5
    assert all(few.got(place)[0]["text"].startswith("Withdrawn") for place in range(5))


@pytest.mark.parametrize("what", ["small", "withdraw"])
async def test_what_was_changed_in_part_is_not_sent_again(few: Broadcasting, what: str) -> None:
    few.office.telegram.faults.add("sendMessage", DropAfter(), chat=few.office.chats[1])
    number = await few.sent()
    await few.finish(number)
    change = await send(few, await few.drafted(number, what))
    await few.tick(10)
    stopped = await few.campaigns.stop(few.update(), await few.editor(), change)
    assert (stopped.broadcast.state, stopped.how.cancelled) == (State.STOPPED, 4)
    tried = await few.sent_again(await in_doubt(few))
    assert (tried.done, tried.missed, tried.outdated) == (0, 0, 1), "its words were found wrong"
    assert await few.states(number) == {"sent": 4, "unknown": 1}


async def test_a_story_that_was_taken_down_is_not_sent_again_to_who_had_it_before(few: Broadcasting) -> None:
    story, first = await few.printed(), few.office.chats[1]
    await few.office.db.write(stories.tell, first, [story], "digest", few.office.clock())
    number = await few.story_prepared(story)
    await few.broadcasts.choose(await few.editor(), number, again=True)
    few.office.telegram.faults.add("sendMessage", DropAfter(), chat=first)
    await few.finish(await few.sent(number))
    await few.office.db.write(lambda c: editing.withdraw(c, story, on=True))
    assert (await few.sent_again(await in_doubt(few))).outdated == 1
    assert (await few.states(number))["unknown"] == 1
    await few.office.db.write(lambda c: editing.withdraw(c, story, on=False))
    assert (await few.sent_again(await in_doubt(few))).done == 1, "it is shown again"


async def test_what_was_sent_can_be_withdrawn_after_its_story_was_taken_down(few: Broadcasting) -> None:
    story = await few.printed()
    number = await few.sent(await few.story_prepared(story))
    await few.finish(number)
    await few.office.db.write(lambda c: editing.withdraw(c, story, on=True))
    change = await send(few, await few.drafted(number, "withdraw"))
    await few.tick(10)
    standing = await few.finish(change)
    assert (standing.broadcast.state, standing.how.sent) == (State.DONE, 5)
    assert few.got(4)[0]["text"].startswith("Withdrawn by the editors")


async def test_a_correction_of_a_story_that_is_taken_down_changes_nothing_more(few: Broadcasting) -> None:
    story = await few.printed()
    number = await few.sent(await few.story_prepared(story))
    await few.finish(number)
    change = await send(few, await few.drafted(number, "small"))
    await few.office.db.write(lambda c: editing.withdraw(c, story, on=True))
    await few.tick(10)
    await few.tick(3)
    stopped = await few.found(change)
    assert (stopped.state, stopped.why, stopped.owed) == (State.STOPPED, TAKEN_DOWN, 0)
    assert not any(few.got(place)[0]["text"].startswith("Corrected") for place in range(5))


@pytest.mark.parametrize("event", [Event.PAUSE, Event.STOP])
@pytest.mark.parametrize("writes", [1, 2])
async def test_a_change_that_is_stopped_between_two_steps_of_its_beginning_reaches_nobody(
    few: Broadcasting, done: int, event: Event, writes: int
) -> None:
    change = await send(few, await few.drafted(done, "withdraw"))
    few.office.clock.advance(seconds=10)

    def stop(connection: Connection) -> None:
        values = {"rested_at": few.office.clock()} if event is Event.PAUSE else {}
        assert broadcasts.happen(connection, change, event, **values)

    async with interrupted(few, stop, after=writes) as campaigns:
        assert await campaigns.go_on() == 0
    await few.tick(3)
    await few.office.worker.drain()
    assert await few.states(change) == {}
    assert not any(few.got(place)[0]["text"].startswith("Withdrawn") for place in range(5))


async def test_what_tells_of_a_serious_one_waits_for_the_end_of_quiet_hours(
    few: Broadcasting, done: int
) -> None:
    await few.change(1, quiet=LATE)
    change = await send(few, await few.drafted(done, "serious"))
    await few.tick(10)
    await few.office.worker.drain()
    (shown,) = few.got(1)
    assert shown["text"].startswith("Corrected"), "that makes no sound"
    assert len(few.got(2)) == 2
    await few.tick(3)
    assert (await few.found(change)).state is State.SPREAD
    few.office.clock.advance(hours=15)
    await few.finish(change)
    assert few.got(1)[1]["text"].startswith("Correction, ")


async def test_how_it_is_withdrawn_is_chosen_before_it_is_sent(few: Broadcasting, done: int) -> None:
    editor, repair = await few.editor(), await few.drafted(done, "withdraw")
    for what in ("correct", "send"):
        with pytest.raises(UserError) as why:
            await few.corrections.choose(editor, repair.broadcast.id, what)
        assert why.value.key == "error.old_button"
    await few.corrections.choose(editor, repair.broadcast.id, "delete")
    back = await few.corrections.choose(editor, repair.broadcast.id, "withdraw")
    assert (back.broadcast.op, back.messages) == (Op.WITHDRAW, 5)
    change = await send(few, repair)
    with pytest.raises(UserError) as why:
        await few.corrections.choose(editor, change, "delete")
    assert why.value.key == "broadcast.no_draft"
    await few.tick(10)
    await few.finish(change)
    assert [len(few.got(place)) for place in range(5)] == [1] * 5


async def test_nothing_else_is_asked_for_than_what_there_is(few: Broadcasting, done: int) -> None:
    editor = await few.editor()
    for attempt in (
        few.corrections.ask(few.update(), editor, done, "delete"),
        few.broadcasts.ask(few.update(), editor, "amend", done),
    ):
        with pytest.raises(UserError) as why:
            await attempt
        assert why.value.key == "error.old_button"


async def test_the_press_that_sent_a_change_is_answered_alike_however_it_ended(
    few: Broadcasting, done: int
) -> None:
    repair = await few.drafted(done, "small")
    change = await send(few, repair)
    await few.tick(10)
    await few.campaigns.stop(few.update(), await few.editor(), change)
    again = await few.corrections.send(few.update(), await few.editor(), change, 5)
    assert (again.state, again.message_id) == (State.STOPPED, few.boards[0])


@pytest.mark.parametrize("how", ["taken down", "renamed"])
async def test_a_change_tells_the_story_as_it_is_when_it_is_owed(few: Broadcasting, how: str) -> None:
    story = await few.printed()
    number = await few.sent(await few.story_prepared(story))
    await few.finish(number)
    change = await send(few, await few.drafted(number, "small"))

    def meanwhile(connection: Connection) -> None:
        if how == "renamed":
            editing.change(connection, story, headline="The true headline")
        else:
            editing.withdraw(connection, story, on=True)

    # It begins, its readers are counted, and then they are owed it.
    few.office.clock.advance(seconds=10)
    async with interrupted(few, meanwhile, after=2) as campaigns:
        await campaigns.go_on()
    standing = await few.finish(change)
    if how == "renamed":
        assert "The true headline" in few.got(4)[0]["text"]
    else:
        assert (standing.broadcast.state, standing.broadcast.why) == (State.STOPPED, TAKEN_DOWN)
        assert standing.how.sent == 0
