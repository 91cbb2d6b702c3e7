"""Broadcasts until they begin: prepared once, confirmed by a second editor, and timed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.domain.broadcasts import GRACE, Aim, State
from bot.domain.message import Message, Text
from bot.errors import UserError
from bot.services.drafts import Rules
from bot.storage import broadcasts
from tests.services.broadcasting import SAID, Broadcasting, open_broadcasting

if TYPE_CHECKING:
    from pathlib import Path


async def test_one_message_of_an_editor_prepares_one(few: Broadcasting) -> None:
    first = await few.prepared(origin=7)
    assert await few.prepared(Message(Text("Something else.")), origin=7) == first


async def test_the_same_content_is_one_broadcast_for_a_day(few: Broadcasting) -> None:
    await few.appoint(1)
    first = await few.prepared()
    second = await few.broadcasts.draft_message(few.update(), await few.editor(1), 5, SAID)
    assert second.broadcast.id == first
    assert second.alike == ((await few.editor()).first_name, few.office.clock())
    few.office.clock.advance(hours=25)
    assert await few.prepared(place=1) != first


async def test_what_was_given_up_can_be_prepared_again(few: Broadcasting) -> None:
    first = await few.prepared()
    await few.broadcasts.give_up(few.update(), await few.editor(), first)
    assert await few.prepared() != first


async def test_a_second_press_and_a_second_editor_begin_nothing_anew(few: Broadcasting) -> None:
    await few.appoint(1)
    number = await few.prepared()
    begun = await few.broadcasts.send(few.update(), await few.editor(), number, 1)
    assert (begun.state, begun.starts_at) == (State.GRACE, few.office.clock() + GRACE)
    few.office.clock.advance(seconds=5)
    again = await few.broadcasts.send(few.update(), await few.editor(1), number, 2)
    assert (again.starts_at, again.message_id) == (begun.starts_at, 1)
    assert await few.tick(4.9) == 0, "nothing leaves before"
    assert await few.tick(0.1) == 5
    assert (await few.deeds()).count("broadcast") == 1


async def test_a_second_editor_confirms_what_goes_to_many(careful: Broadcasting) -> None:
    other = await careful.appoint(1)
    number = await careful.prepared()
    editor = await careful.editor()
    waits = await careful.broadcasts.send(careful.update(), editor, number, 1)
    assert waits.state is State.WAITING
    await careful.broadcasts.send(careful.update(), editor, number, 1)
    await careful.tick(3600)
    assert (await careful.found(number)).state is State.WAITING
    await careful.office.worker.drain()
    asked = careful.office.telegram.last(other.chat_id)
    assert asked["text"].endswith("The trains run again.")
    assert "wants to send this to readers: 5." in asked["text"]
    labels = [button["text"] for row in asked["reply_markup"]["inline_keyboard"] for button in row]
    assert labels == ["Confirm", "Do not send", "Send a copy to me"]
    with pytest.raises(UserError) as refused:
        await careful.broadcasts.confirm(careful.update(), editor, number)
    assert refused.value.key == "broadcast.other_confirms"
    confirmed = await careful.broadcasts.confirm(careful.update(), other, number)
    assert confirmed.state is State.GRACE
    assert confirmed.starts_at == careful.office.clock() + GRACE
    assert await careful.tick(10) == 5
    assert await careful.deeds() == ["confirmed", "asked"]


async def test_nobody_confirms_alone_what_another_has_drafted(careful: Broadcasting) -> None:
    other = await careful.appoint(1)
    number = await careful.prepared()
    alike = await careful.broadcasts.draft_message(careful.update(), other, 7777, SAID)
    assert alike.broadcast.id == number
    waits = await careful.broadcasts.send(careful.update(), other, number, None)
    assert (waits.state, waits.editor_id) == (State.WAITING, other.chat_id)
    with pytest.raises(UserError) as refused:
        await careful.broadcasts.confirm(careful.update(), other, number)
    assert refused.value.key == "broadcast.other_confirms"
    told = [row.chat_id for row in await careful.office.rows() if row.dedupe.startswith("confirm:")]
    assert told == [careful.office.chats[0]], "who has asked is not asked"
    confirmed = await careful.broadcasts.confirm(careful.update(), await careful.editor(), number)
    assert confirmed.state is State.GRACE


async def test_the_message_that_has_prepared_another_one_is_no_hindrance(few: Broadcasting) -> None:
    other = await few.appoint(1)
    number = await few.prepared(origin=7)
    own = await few.prepared(Message(Text("Something else.")), place=1, origin=7)
    begun = await few.broadcasts.send(few.update(), other, number, 5)
    assert (begun.state, begun.editor_id, begun.message_id) == (State.GRACE, other.chat_id, 5)
    assert await few.prepared(place=1, origin=7) == own


async def test_the_only_editor_confirms_after_a_quarter_of_an_hour(careful: Broadcasting) -> None:
    number, editor = await careful.prepared(), await careful.editor()
    assert (await careful.broadcasts.look(editor, number)).alone
    await careful.broadcasts.send(careful.update(), editor, number, 1)
    careful.office.clock.advance(minutes=14)
    with pytest.raises(UserError) as refused:
        await careful.broadcasts.confirm(careful.update(), editor, number)
    assert refused.value.key == "broadcast.confirm_later"
    assert refused.value.values["time"] == "08:15"
    careful.office.clock.advance(minutes=1)
    assert (await careful.broadcasts.confirm(careful.update(), editor, number)).state is State.GRACE


async def test_what_is_planned_keeps_its_time_when_it_is_confirmed(careful: Broadcasting) -> None:
    other = await careful.appoint(1)
    number, editor = await careful.prepared(), await careful.editor()
    at = careful.broadcasts.moment(editor, "12:30")
    await careful.broadcasts.send(careful.update(), editor, number, 1, at)
    confirmed = await careful.broadcasts.confirm(careful.update(), other, number)
    assert (confirmed.state, confirmed.starts_at) == (State.SCHEDULED, at)


async def test_a_second_editor_may_refuse_and_the_first_sees_it(careful: Broadcasting) -> None:
    other = await careful.appoint(1)
    number = await careful.prepared()
    board = await careful.office.sender.send(careful.office.chats[0], Message(Text("Waits.")))
    careful.boards.append(board)
    await careful.broadcasts.send(careful.update(), await careful.editor(), number, board)
    refused = await careful.broadcasts.give_up(careful.update(), other, number)
    assert refused.state is State.STOPPED
    await careful.tick(3)
    assert careful.board() == "Nothing was sent."
    assert await careful.tick(100) == 0


async def test_few_readers_need_no_second_editor(tmp_path: Path) -> None:
    async with open_broadcasting(tmp_path, rules=Rules(confirm_over=5)) as few:
        begun = await few.broadcasts.send(few.update(), await few.editor(), await few.prepared(), 1)
        assert begun.state is State.GRACE


async def test_the_time_is_on_the_editors_clock_and_lies_ahead(few: Broadcasting) -> None:
    editor = await few.editor()
    for said, key in (
        ("whenever", "campaign.bad_time"),
        ("today 7:00", "campaign.past_time"),
        ("2027-11-24 8:00", "campaign.past_time"),
    ):
        with pytest.raises(UserError) as refused:
            few.broadcasts.moment(editor, said)
        assert refused.value.key == key
    at = few.broadcasts.moment(editor, "tomorrow 8:00")
    await few.change(0, zone="Asia/Tokyo", language="de")
    there = few.broadcasts.moment(await few.editor(), "morgen 8:00")
    assert (at - there).total_seconds() == 9 * 3600


async def test_whom_it_is_for_changes_while_it_is_a_draft(few: Broadcasting) -> None:
    number, editor = await few.prepared(), await few.editor()
    await few.broadcasts.choose_language(editor, number, "en", on=True)
    chosen = await few.broadcasts.choose(editor, number, desk="World", lately=True)
    assert chosen.broadcast.aim == Aim(("en",), "World", lately=True)
    await few.broadcasts.send(few.update(), editor, number, 1)
    with pytest.raises(UserError) as refused:
        await few.broadcasts.choose(editor, number, urgent=True)
    assert refused.value.key == "broadcast.no_draft"


async def test_a_reader_gets_no_more_a_day_than_the_cap_allows(tmp_path: Path) -> None:
    async with open_broadcasting(tmp_path, rules=Rules(cap=2)) as few:
        for text in ("One.", "Two."):
            await few.finish(await few.sent(await few.prepared(Message(Text(text)))))
        third = await few.prepared(Message(Text("Three.")))
        counted = (await few.broadcasts.look(await few.editor(), third)).audience
        assert (counted.readers, counted.over) == (0, 5)
        await few.change(4, zone="Pacific/Kiritimati")
        few.office.clock.advance(hours=2, minutes=30)
        counted = (await few.broadcasts.look(await few.editor(), third)).audience
        assert (counted.readers, counted.over) == (1, 4), "there it is tomorrow"
        number = await few.sent(third)
        assert await few.states(number) == {"planned": 1}


async def test_drafts_are_no_business_of_the_tick(few: Broadcasting) -> None:
    await few.prepared()
    assert not await few.office.db.read(broadcasts.open_ones)
