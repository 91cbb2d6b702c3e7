"""Corrections and what is not in readers' hands as it was sent: what is on the wire, in doubt, plain, or an album."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.domain.broadcasts import Event, Op, State
from bot.domain.message import Kind, Media, Message, Text
from bot.domain.news import FeedEntry
from bot.errors import UserError
from bot.playground.faults import DropAfter, Hold
from bot.storage import broadcasts, editing, feeds, unknowns
from bot.storage.tables import messages
from tests.services.broadcasting import Broadcasting, open_broadcasting
from tests.services.desk import print_stories

if TYPE_CHECKING:
    from pathlib import Path

    from bot.domain.campaigns import Repair
    from bot.storage.database import Connection

PICTURE = Message(Text("The bridge is open."), media=(Media(Kind.PHOTO, "unknown"),))
"""Telegram refuses it: there is no such file. Readers get its words."""
ALBUM = Message(Text("The bridge is open."), media=PICTURE.media * 2)


async def send(few: Broadcasting, repair: Repair) -> None:
    editor = await few.editor()
    await few.corrections.send(few.update(), editor, repair.broadcast.id, few.boards[0])


async def changed(few: Broadcasting, number: int, what: str) -> dict[str, int]:
    """How the deliveries of a change have ended."""
    repair = await few.drafted(number, what)
    await send(few, repair)
    await few.tick(10)
    await few.finish(repair.broadcast.id)
    return await few.states(repair.broadcast.id)


async def in_doubt(few: Broadcasting) -> tuple[int, int]:
    """The number of one that has been sent, and a delivery of it of which nobody knows whether it arrived."""
    few.office.telegram.faults.add("sendMessage", DropAfter(), chat=few.office.chats[1])
    number = await few.sent()
    await few.finish(number)
    (doubt,) = await few.office.db.read(unknowns.page, 9, 0)
    return number, doubt.id


async def test_no_change_begins_while_a_message_is_on_the_wire(few: Broadcasting) -> None:
    number, hold = await few.sent(), Hold()
    few.office.telegram.faults.add("sendMessage", hold, chat=few.office.chats[2])
    draining = asyncio.create_task(few.office.worker.drain())
    await hold.reached.wait()
    await few.office.until({"sent": 4, "sending": 1})
    await few.campaigns.pause(few.update(), await few.editor(), number)
    repair = await few.drafted(number, "withdraw")
    with pytest.raises(UserError) as refused:
        await send(few, repair)
    assert refused.value.key == "campaign.on_the_wire"
    hold.release()
    await draining
    await send(few, repair)
    await few.tick(10)
    assert (await few.finish(repair.broadcast.id)).how.sent == 5
    assert all(few.got(place)[0]["text"].startswith("Withdrawn") for place in range(5))


async def test_what_was_sent_again_and_has_not_left_does_not_leave_any_more(few: Broadcasting) -> None:
    number, delivery = await in_doubt(few)
    await few.change(1, quiet=(0, 23 * 60))
    await few.sent_again(delivery)
    assert await changed(few, number, "withdraw") == {"sent": 4}
    assert await few.states(number) == {"sent": 4, "cancelled": 1}


async def test_what_was_withdrawn_since_is_not_sent_again(few: Broadcasting) -> None:
    number, delivery = await in_doubt(few)
    repair = await few.drafted(number, "withdraw")
    await send(few, repair)
    done = await few.sent_again(delivery)
    assert (done.done, done.missed, done.outdated) == (0, 0, 1)
    await few.tick(10)
    await few.finish(repair.broadcast.id)
    assert (await few.sent_again(delivery)).outdated == 1
    assert (await few.states(number))["unknown"] == 1, "it stays in doubt"


async def test_a_change_that_was_given_up_keeps_nothing_back(few: Broadcasting) -> None:
    number, delivery = await in_doubt(few)
    repair = await few.drafted(number, "small")
    await few.broadcasts.give_up(few.update(), await few.editor(), repair.broadcast.id)
    await few.drafted(number, "small")
    done = await few.sent_again(delivery)
    assert (done.done, done.outdated) == (1, 0)


async def test_a_story_that_was_taken_down_is_not_sent_again(few: Broadcasting) -> None:
    editor, now = await few.editor(), few.office.clock()

    def write(connection: Connection) -> tuple[int, int]:
        feeds.add(connection, [FeedEntry("https://x.example/rss", "Herald", "World", "en")], now)
        (story,) = print_stories(connection, now, 1)
        return story, broadcasts.draft(connection, broadcasts.New(editor.chat_id, 999, story), now).id

    story, number = await few.office.db.write(write)
    await few.office.db.write(
        lambda c: broadcasts.happen(c, number, Event.SEND, starts_at=now, message_id=None)
    )
    few.office.telegram.faults.add("sendMessage", DropAfter(), chat=few.office.chats[1])
    await few.finish(number)
    (doubt,) = await few.office.db.read(unknowns.page, 9, 0)
    await few.office.db.write(lambda c: editing.withdraw(c, story, on=True))
    assert (await few.sent_again(doubt.id)).outdated == 1
    await few.office.db.write(lambda c: editing.withdraw(c, story, on=False))
    assert (await few.sent_again(doubt.id)).done == 1


async def test_who_got_the_plain_words_of_a_picture_sees_the_change(tmp_path: Path) -> None:
    async with open_broadcasting(tmp_path, people_=25) as many:
        await many.change(1, quiet=(0, 9 * 60))
        number = await many.sent(await many.prepared(PICTURE))
        # Nobody has got the plain words before twenty were refused the picture.
        hold = Hold(before=True)
        many.office.telegram.faults.add("sendMessage", hold, times=24)
        draining = asyncio.create_task(many.office.worker.drain())
        modes = sa.select(messages.c.mode).where(messages.c.refused == 0, messages.c.accepted == 0)
        async with asyncio.timeout(30):
            # Rows ring no bell.
            while "plain" not in await many.office.db.read(  # noqa: ASYNC110
                lambda c: list(c.execute(modes).scalars())
            ):
                await asyncio.sleep(0)
        hold.release()
        await draining
        many.office.clock.advance(hours=2)
        await many.finish(number)
        assert await many.states(number) == {"sent": 25}
        assert await changed(many, number, "withdraw") == {"sent": 25}
        assert {many.got(place)[0]["text"][:9] for place in range(25)} == {"Withdrawn"}


async def test_an_album_cannot_be_deleted(few: Broadcasting) -> None:
    number = await few.sent(await few.prepared(ALBUM))
    await few.finish(number)
    repair, editor = await few.drafted(number, "withdraw"), await few.editor()
    with pytest.raises(UserError) as refused:
        await few.corrections.choose(editor, repair.broadcast.id, "delete")
    assert refused.value.key == "error.old_button"
    assert (await few.corrections.look(editor, repair.broadcast.id)).broadcast.op is Op.WITHDRAW
    assert (await few.found(number)).state is State.DONE
