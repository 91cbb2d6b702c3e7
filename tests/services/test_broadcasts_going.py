"""Broadcasts on their way: tried on few, judged, paused, stopped, and shown to their editors."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.domain.broadcasts import AHEAD, Stage, State
from bot.domain.delivery import Outcome, Receipt
from bot.domain.message import Message, Text
from bot.errors import UserError
from bot.playground.faults import Answer, DropAfter, Hold, refuse
from bot.storage import broadcasts, claims, outbox
from bot.storage.tables import deliveries
from bot.storage.tables import readers as readers_table
from tests.services.broadcasting import Broadcasting, open_broadcasting
from tests.services.post_office import HOUR

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.storage.claims import Delivery

BLOCKED = "Forbidden: bot was blocked by the user"


@pytest.fixture
async def many(tmp_path: Path) -> AsyncIterator[Broadcasting]:
    async with open_broadcasting(tmp_path, people_=300) as opened:
        yield opened


async def test_it_goes_to_twenty_then_to_one_in_a_hundred_then_to_all(many: Broadcasting) -> None:
    number = await many.sent()
    assert await many.states(number) == {"planned": 20}
    await many.tick(3)
    assert await many.states(number) == {"planned": 20}, "their answers are waited for"
    assert "Tried on the first 20" in many.board()
    await many.office.worker.drain()
    await many.tick()
    assert await many.states(number) == {"sent": 20, "planned": 20}
    await many.office.worker.drain()
    await many.tick(3)
    assert await many.states(number) == {"sent": 40, "planned": 260}
    standing = await many.finish(number)
    assert (standing.broadcast.state, standing.how.sent) == (State.DONE, 300)
    assert many.board().startswith("It was sent.\nThe trains run again.\nArrived: 300\nEnded at ")
    assert all(len(many.got(place)) == 1 for place in range(300))


async def test_a_trial_waits_a_minute_for_its_answers_and_no_longer(many: Broadcasting) -> None:
    number = await many.sent()
    await many.tick(59)
    assert await many.states(number) == {"planned": 20}
    await many.tick(1)
    assert await many.states(number) == {"planned": 40}


async def test_those_in_quiet_hours_are_owed_it_and_try_nothing(many: Broadcasting) -> None:
    quiet = many.office.chats[:50]
    await many.office.db.write(
        lambda c: c.execute(
            sa.update(readers_table).where(readers_table.c.chat_id.in_(quiet)).values(quiet=(0, 23 * 60))
        )
    )
    counted = (await many.broadcasts.look(await many.editor(), await many.prepared())).audience
    assert (counted.readers, counted.quiet) == (300, 50)
    assert counted.quiet_until is not None
    number = await many.sent()
    assert await many.states(number) == {"planned": 70}
    due = await many.office.db.read(broadcasts.unanswered, number, many.office.clock())
    assert due == 20
    assert await many.office.worker.drain() == 20
    for _ in range(3):
        await many.tick()
        await many.office.worker.drain()
    many.office.clock.now = counted.quiet_until
    standing = await many.finish(number)
    assert standing.how.sent == 300


async def test_with_fewer_than_a_hundred_readers_nothing_is_tried(few: Broadcasting) -> None:
    number = await few.sent()
    assert await few.states(number) == {"planned": 5}
    assert (await few.found(number)).state is State.SPREAD


async def test_it_stops_by_itself_says_why_and_goes_on_when_an_editor_says_so(many: Broadcasting) -> None:
    for chat in many.office.chats[10:15]:
        many.office.telegram.faults.add("sendMessage", refuse(403, BLOCKED), chat=chat)
    number = await many.sent()
    await many.office.worker.drain()
    await many.tick(3)
    held = await many.found(number)
    assert held.state is State.HELD
    assert held.why == {"key": "campaign.why_gone", "share": 25, "reason": BLOCKED}
    assert many.board().startswith("It has stopped by itself.")
    assert f"Of the last readers 25 % cannot be written to: {BLOCKED}" in many.board()
    await many.office.worker.drain()
    told = many.office.telegram.last(many.office.chats[0])
    assert told["text"].startswith("“The trains run again.” has stopped by itself.")
    assert await many.states(number) == {"sent": 15, "gone": 5}, "nothing more leaves"
    await many.tick(100)
    assert (await many.found(number)).state is State.HELD
    await many.campaigns.resume(many.update(), await many.editor(), number)
    standing = await many.finish(number)
    assert (standing.how.sent, standing.how.gone) == (295, 5), "it is judged by what came after"


async def on_the_wire(few: Broadcasting) -> Delivery:
    """One of the messages is being sent; the others are claimed."""
    epoch, now = few.office.worker._ledger.epoch, few.office.clock()
    claimed = await few.office.db.write(claims.claim, epoch, now, now + HOUR, 10)
    assert await few.office.worker._ledger.begin(claimed.leaving[0].id)
    return claimed.leaving[0]


async def test_what_is_on_the_wire_during_a_pause_waits_with_the_others(few: Broadcasting) -> None:
    number = await few.sent()
    one, editor = await on_the_wire(few), await few.editor()
    paused = await few.campaigns.pause(few.update(), editor, number)
    assert paused.broadcast.state is State.PAUSED
    assert await few.states(number) == {"sending": 1, "planned": 4}, "what was claimed is given back"
    await few.office.worker._ledger.end(one, Receipt(Outcome.RETRY, retry_after=1), 0.5)
    assert await few.states(number) == {"retry": 1, "planned": 4}
    few.office.clock.advance(hours=30)
    assert await few.office.worker.drain() == 0, "nothing leaves"
    await few.campaigns.resume(few.update(), editor, number)
    assert (await few.finish(number)).how.sent == 5


async def test_what_was_given_back_by_a_pause_cannot_begin(few: Broadcasting) -> None:
    number = await few.sent()
    epoch, now = few.office.worker._ledger.epoch, few.office.clock()
    claimed = await few.office.db.write(claims.claim, epoch, now, now + HOUR, 10)
    await few.campaigns.pause(few.update(), await few.editor(), number)
    for one in claimed.leaving:
        assert not await few.office.worker._ledger.begin(one.id)


async def test_a_paused_one_keeps_its_hours_and_is_news_for_longer(few: Broadcasting) -> None:
    number = await few.sent()
    before = await few.office.rows()
    await few.campaigns.pause(few.update(), await few.editor(), number)
    assert (await few.office.db.read(outbox.oldest_due, few.office.clock())) is None, "nothing is overdue"
    few.office.clock.advance(hours=1)
    await few.campaigns.resume(few.update(), await few.editor(), number)
    await few.campaigns.go_on()
    after = await few.office.rows()
    assert [row.not_before for row in after] == [row.not_before for row in before]
    assert {
        (row.expires_at - old.expires_at).total_seconds() for row, old in zip(after, before, strict=True)
    } == {3600.0}


async def test_stopping_waits_for_what_is_on_the_wire_and_cancels_what_comes_back(few: Broadcasting) -> None:
    number = await few.sent()
    one = await on_the_wire(few)
    stopping = await few.campaigns.stop(few.update(), await few.editor(), number)
    assert stopping.broadcast.state is State.STOPPING
    await few.tick(3)
    assert (await few.found(number)).state is State.STOPPING
    await few.office.worker._ledger.end(one, Receipt(Outcome.RETRY, retry_after=1), 0.5)
    assert await few.states(number) == {"cancelled": 5}, "in the same commit"
    await few.tick(3)
    stopped = await few.look(number)
    assert (stopped.broadcast.state, stopped.how.cancelled) == (State.STOPPED, 5)
    few.office.clock.advance(hours=1)
    assert await few.office.worker.drain() == 0
    assert (await few.look(number)).how == stopped.how, "the numbers are final"
    assert few.board().startswith("Stopped.")


async def test_what_arrives_after_a_stop_is_counted(few: Broadcasting) -> None:
    number, hold = await few.sent(), Hold()
    work = await few.office.held(hold)
    await few.campaigns.stop(few.update(), await few.editor(), number)
    await few.tick(3)
    hold.release()
    await work
    await few.tick(3)
    stopped = await few.look(number)
    assert stopped.broadcast.state is State.STOPPED
    assert stopped.how.sent >= 1
    assert stopped.how.sent + stopped.how.cancelled == 5


@pytest.mark.slow
async def test_of_many_a_portion_is_due_at_a_time(tmp_path: Path) -> None:
    async with open_broadcasting(tmp_path, people_=AHEAD + 100) as huge:
        number = await huge.sent()
        await huge.office.db.write(lambda c: broadcasts.change(c, number, (State.SENDING,), stage=Stage.ALL))
        await huge.tick()
        assert await huge.states(number) == {"planned": AHEAD}
        await huge.tick()
        assert await huge.states(number) == {"planned": AHEAD}
        stopped = await huge.campaigns.stop(huge.update(), await huge.editor(), number)
        assert (stopped.broadcast.state, stopped.how.cancelled) == (State.STOPPED, AHEAD)


async def test_the_editors_message_is_shown_anew_every_three_seconds_at_most(many: Broadcasting) -> None:
    await many.sent()
    shown = len(many.office.telegram.calls.of("editMessageText"))
    for _ in range(2):
        await many.office.worker.drain()
        await many.tick(1)
    assert len(many.office.telegram.calls.of("editMessageText")) == shown
    await many.tick(1)
    assert len(many.office.telegram.calls.of("editMessageText")) == shown + 1
    assert "40 of 300 (13 %)" in many.board()
    await many.tick(3)
    assert len(many.office.telegram.calls.of("editMessageText")) == shown + 1, "nothing has changed"


async def test_how_fast_it_goes_is_told(many: Broadcasting) -> None:
    number = await many.sent()
    await many.office.db.write(lambda c: broadcasts.change(c, number, (State.SENDING,), stage=Stage.ALL))
    await many.tick(3)
    few_done = sa.update(deliveries).where(deliveries.c.broadcast_id == number)
    ids = sa.select(deliveries.c.id).where(deliveries.c.broadcast_id == number).limit(87)
    done = few_done.where(deliveries.c.id.in_(ids)).values(state="sent", ended_at=many.office.clock())
    await many.office.db.write(lambda c: c.execute(done))
    await many.tick(3)
    assert "87 of 300 (29 %)\n29 a second, done about 08:00" in many.board()


async def test_an_end_that_could_not_be_shown_is_shown_later(few: Broadcasting) -> None:
    number = await few.sent()
    await few.office.worker.drain()
    few.office.telegram.faults.add("editMessageText", refuse(403, "Forbidden: nothing to see"), times=1)
    few.office.telegram.faults.add("editMessageText", Answer(500, b""), times=3)
    assert (await few.finish(number)).broadcast.state is State.DONE
    assert not await few.office.db.read(broadcasts.open_ones)


async def test_who_may_not_may_nothing(few: Broadcasting) -> None:
    number, stranger = await few.sent(), await few.editor(1)
    campaigns, drafts = few.campaigns, few.broadcasts
    for attempt in (
        campaigns.look(stranger, number),
        campaigns.pause(1, stranger, number),
        campaigns.resume(1, stranger, number),
        campaigns.stop(1, stranger, number),
        campaigns.report(stranger, number),
        drafts.draft_message(1, stranger, 5, Message(Text("x"))),
        drafts.look(stranger, number),
        drafts.choose(stranger, number, urgent=True),
        drafts.choose_language(stranger, number, "en", on=True),
        drafts.note(stranger, number, "x"),
        drafts.ask(1, stranger, "sendat", number),
        drafts.send(1, stranger, number, None),
        drafts.confirm(1, stranger, number),
        drafts.give_up(1, stranger, number),
        drafts.last(stranger, 1),
        few.corrections.ask(1, stranger, number, "small"),
        few.corrections.draft(1, stranger, 5, number, "small", "x"),
        few.corrections.look(stranger, number),
        few.corrections.choose(stranger, number, "delete"),
        few.corrections.send(1, stranger, number, None),
    ):
        with pytest.raises(UserError) as refused:
            await attempt
        assert refused.value.key == "office.not_yours"


async def test_a_report_has_a_picture_and_the_chats_it_did_not_reach(few: Broadcasting) -> None:
    gone, unknown = few.office.chats[3:5]
    few.office.telegram.faults.add("sendMessage", refuse(403, BLOCKED), chat=gone)
    few.office.telegram.faults.add("sendMessage", DropAfter(), chat=unknown)
    number = await few.sent()
    await few.finish(number)
    made = await few.campaigns.report(await few.editor(), number)
    assert made.picture.content.startswith(b"\x89PNG")
    assert dict(made.course.failures) == {"gone": 1, "failed": 0, "unknown": 1}
    assert made.missed is not None
    rows = list(csv.reader(io.StringIO(made.missed.content.decode())))
    assert rows[0] == ["chat", "state", "reason", "at"]
    assert [row[:2] for row in rows[1:]] == [[str(gone), "gone"], [str(unknown), "unknown"]]
    assert rows[1][2] == BLOCKED


async def test_its_numbers_outlive_its_deliveries(few: Broadcasting) -> None:
    number = await few.sent()
    await few.finish(number)
    await few.office.db.write(outbox.prune, few.office.clock(), 100)
    few.office.clock.advance(days=8)
    while await few.office.db.write(outbox.prune, few.office.clock(), 100):
        pass
    assert await few.states(number) == {}
    assert (await few.look(number)).how.sent == 5


async def test_an_editor_who_left_is_shown_nothing_and_it_goes_on(few: Broadcasting) -> None:
    number = await few.sent()
    await few.change(0, state="stopped")
    await few.office.worker.drain()
    for _ in range(3):
        await few.tick(3)
    assert (await few.found(number)).state is State.DONE
    assert not await few.office.db.read(broadcasts.open_ones)
