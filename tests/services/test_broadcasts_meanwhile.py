"""Broadcasts and what happens beside them: pauses, corrections, stories taken down, crashes, and one that fails."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.broadcasts import Event, State
from bot.domain.message import Message, Text
from bot.errors import UserError
from bot.gateway.board import show
from bot.playground.faults import Hold, refuse
from bot.storage import broadcasts, claims, editing
from tests.services.broadcasting import Broadcasting, interrupted, open_broadcasting
from tests.services.post_office import HOUR

if TYPE_CHECKING:
    from pathlib import Path

    import sqlalchemy as sa

BUSY = refuse(429, "Too Many Requests: retry after 60", retry_after=60)


async def brought(few: Broadcasting) -> tuple[int, int]:
    """A story, and the broadcast of it, which has begun."""
    story = await few.printed()
    return story, await few.sent(await few.story_prepared(story))


async def taken_down(few: Broadcasting, story: int) -> None:
    await few.office.db.write(lambda c: editing.withdraw(c, story, on=True))


async def is_restless(few: Broadcasting, number: int) -> bool:
    return await few.office.db.read(broadcasts.is_restless, number, few.office.clock())


async def test_what_is_paused_again_while_it_wakes_goes_on_resting(few: Broadcasting) -> None:
    number, editor, clock = await few.sent(), await few.editor(), few.office.clock
    await few.campaigns.pause(few.update(), editor, number)
    clock.advance(seconds=60)
    await few.campaigns.resume(few.update(), editor, number)
    rested_at = (await few.found(number)).rested_at

    def pause(connection: sa.Connection) -> None:
        assert broadcasts.happen(connection, number, Event.PAUSE, rested_at=rested_at)

    async with interrupted(few, pause) as campaigns:
        await campaigns.go_on()
    assert (await few.found(number)).state is State.PAUSED
    assert not await is_restless(few, number)
    assert await few.office.worker.drain() == 0
    await few.campaigns.resume(few.update(), editor, number)
    assert (await few.finish(number)).how.sent == 5


async def test_two_pauses_both_count_for_what_was_not_awake_between_them(few: Broadcasting) -> None:
    number, editor, clock = await few.sent(), await few.editor(), few.office.clock
    await few.campaigns.pause(few.update(), editor, number)
    clock.advance(hours=13)
    await few.campaigns.resume(few.update(), editor, number)
    rested_at = (await few.found(number)).rested_at
    assert rested_at is not None
    assert await few.office.db.write(broadcasts.wake, number, rested_at, clock(), 2) == 2
    await few.campaigns.pause(few.update(), editor, number)
    clock.advance(hours=1)
    await few.campaigns.resume(few.update(), editor, number)
    assert (await few.finish(number)).how.sent == 5, "nothing is too old"


async def test_one_does_not_go_on_when_its_correction_has_just_begun(few: Broadcasting) -> None:
    number, editor = await few.sent(), await few.editor()
    few.office.telegram.faults.add("sendMessage", BUSY, chat=few.office.chats[2])
    await few.office.worker.drain()
    await few.campaigns.pause(few.update(), editor, number)
    repair = await few.corrections.draft(few.update(), editor, 5005, number, "small", "Wrong.")

    def send(connection: sa.Connection) -> None:
        assert broadcasts.happen(connection, repair.broadcast.id, Event.SEND)

    async with interrupted(few, send) as campaigns:
        with pytest.raises(UserError) as refused:
            await campaigns.resume(few.update(), editor, number)
    assert refused.value.key == "campaign.correcting"
    assert (await few.found(number)).state is State.PAUSED


async def test_a_story_taken_down_after_all_are_owed_it_reaches_nobody_else(few: Broadcasting) -> None:
    await few.change(3, quiet=(0, 23 * 60))
    story, number = await brought(few)
    assert (await few.found(number)).state is State.SPREAD
    await few.office.worker.drain()
    await taken_down(few, story)
    await few.tick()
    few.office.clock.advance(hours=16)
    standing = await few.finish(number)
    assert (standing.broadcast.state, standing.how.sent, standing.how.cancelled) == (State.STOPPED, 4, 1)
    assert standing.broadcast.why == {"key": "campaign.why_story"}


async def test_a_story_taken_down_during_a_pause_is_not_woken(few: Broadcasting) -> None:
    story, number = await brought(few)
    await few.campaigns.pause(few.update(), await few.editor(), number)
    await taken_down(few, story)
    await few.campaigns.resume(few.update(), await few.editor(), number)
    standing = await few.finish(number)
    assert (standing.broadcast.state, standing.how.cancelled) == (State.STOPPED, 5)


async def test_a_correction_stops_when_there_is_no_text_any_more_and_others_begin(few: Broadcasting) -> None:
    story, number = await brought(few)
    few.office.telegram.faults.add("sendMessage", BUSY, chat=few.office.chats[2])
    await few.office.worker.drain()
    editor, board = await few.editor(), few.boards[0]
    await few.campaigns.pause(few.update(), editor, number)
    repair = await few.corrections.draft(few.update(), editor, 5005, number, "small", "Wrong.")
    await few.corrections.send(few.update(), editor, repair.broadcast.id, board)
    await taken_down(few, story)
    other = await few.prepared(Message(Text("Another one.")))
    await few.broadcasts.send(few.update(), editor, other, None)
    await few.tick(10)
    assert (await few.found(other)).state is State.SPREAD
    await few.tick(3)
    stopped = await few.found(repair.broadcast.id)
    assert (stopped.state, stopped.why) == (State.STOPPED, {"key": "campaign.why_story"})
    assert (await few.found(number)).state is State.PAUSED


async def test_one_that_cannot_be_read_does_not_keep_the_others_waiting(few: Broadcasting) -> None:
    broken, other = await few.prepared(), await few.prepared(Message(Text("Another one.")))
    for number in (broken, other):
        await few.broadcasts.send(few.update(), await few.editor(), number, None)
    await few.office.db.write(lambda c: broadcasts.change(c, broken, (State.GRACE,), document={"text": 0}))
    await few.tick(10)
    assert await few.states(broken) == {}
    assert (await few.found(other)).state is State.SPREAD


async def test_a_board_that_is_not_answered_does_not_hold_the_tick(few: Broadcasting) -> None:
    office, hold = few.office, Hold()

    async def board(chat_id: int, message_id: int, message: Message) -> bool:
        return await show(office.sender, chat_id, message_id, message)

    few.campaigns.show_on(board, patience=timedelta(milliseconds=20))
    number = await few.sent()
    office.telegram.faults.add("editMessageText", hold)
    await office.worker.drain()
    await few.tick(3)
    assert hold.reached.is_set()
    assert (await few.found(number)).state is State.DONE
    hold.release()
    office.telegram.faults.clear()
    await few.tick(3)
    assert few.board().startswith("It was sent."), "it is shown later"


async def test_a_crash_of_the_newsroom_is_no_failure_of_what_it_was_sending(tmp_path: Path) -> None:
    async with open_broadcasting(tmp_path, people_=300) as many:
        number = await many.sent()
        epoch, now = many.office.worker._ledger.epoch, many.office.clock()
        claimed = await many.office.db.write(claims.claim, epoch, now, now + HOUR, 20)
        for one in claimed.leaving:
            assert await many.office.worker._ledger.begin(one.id)
        await many.office.colleague().recover()
        assert await many.states(number) == {"unknown": 20}
        await many.tick(3)
        assert (await many.found(number)).state is State.SENDING
