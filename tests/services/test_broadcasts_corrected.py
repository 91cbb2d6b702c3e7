"""Corrections and withdrawals: what readers see in the place of what was sent, and what cannot be changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.domain.broadcasts import Op, State
from bot.errors import UserError
from bot.playground.faults import AnswerAfter, DropAfter
from bot.storage import people
from bot.storage.tables import deliveries
from tests.services.broadcasting import Broadcasting, open_broadcasting

if TYPE_CHECKING:
    from pathlib import Path

    from bot.domain.campaigns import Repair, Standing

WRONG = "The vote was 50 to 47, not 57 to 40."


async def carried_out(few: Broadcasting, repair: Repair) -> Standing:
    board = few.boards[0]
    await few.corrections.send(few.update(), await few.editor(), repair.broadcast.id, board)
    assert await few.tick(9) == 0, "it has ten seconds as well"
    await few.tick(1)
    return await few.finish(repair.broadcast.id)


async def test_a_small_correction_changes_what_was_sent_and_says_so(few: Broadcasting, done: int) -> None:
    await few.change(2, zone="Asia/Tokyo")
    before = len(few.office.telegram.calls.of("sendMessage"))
    repair = await few.drafted(done, "small", WRONG)
    assert (repair.messages, repair.unknown) == (5, 0)
    standing = await carried_out(few, repair)
    assert (standing.broadcast.state, standing.how.sent) == (State.DONE, 5)
    (shown,) = few.got(1)
    assert shown["text"] == f"Corrected 08:00: {WRONG}\n\nFrom the editors\n\nThe trains run again."
    assert few.got(2)[0]["text"].startswith("Corrected 17:00: "), "on the clock of the place"
    assert len(few.office.telegram.calls.of("sendMessage")) == before, "nobody hears of it"
    assert "corrected" in [deed.what for deed in await few.office.db.read(people.deeds, 9)]
    assert few.board().startswith("It was sent.\nCorrection of “The trains run again.”\nChanged: 5")


async def test_a_serious_one_is_also_told_as_an_answer(few: Broadcasting, done: int) -> None:
    standing = await carried_out(few, await few.drafted(done, "serious", WRONG))
    assert standing.how.sent == 5, "what changes is counted, not what tells of it"
    shown, told = few.got(3)
    assert shown["text"].startswith(f"Corrected 08:00: {WRONG}")
    assert told["text"] == f"Correction, 08:00: {WRONG}"
    assert told["reply_to_message"]["message_id"] == shown["message_id"]


async def test_what_is_withdrawn_says_why_and_keeps_nothing(few: Broadcasting, done: int) -> None:
    await carried_out(few, await few.drafted(done, "withdraw", "The report was false."))
    (shown,) = few.got(4)
    assert shown["text"] == "Withdrawn by the editors at 08:00: The report was false."
    assert not shown.get("reply_markup", {}).get("inline_keyboard")


async def test_deleting_is_the_second_choice_for_two_days(few: Broadcasting, done: int) -> None:
    old = sa.update(deliveries).where(deliveries.c.chat_id == few.office.chats[1])
    few.office.clock.advance(hours=47)
    long_ago = few.office.clock.now.replace(year=2025)
    await few.office.db.write(lambda c: c.execute(old.values(ended_at=long_ago)))
    repair = await few.drafted(done, "withdraw", WRONG)
    assert repair.broadcast.op is Op.WITHDRAW
    repair = await few.corrections.choose(await few.editor(), repair.broadcast.id, "delete")
    assert (repair.messages, repair.too_old) == (4, 1)
    standing = await carried_out(few, repair)
    assert standing.how.sent == 4
    assert [len(few.got(place)) for place in range(5)] == [0, 1, 0, 0, 0]
    assert few.got(1)[0]["text"].endswith("The trains run again.")


async def test_what_is_unknown_cannot_be_changed_and_is_said(few: Broadcasting) -> None:
    few.office.telegram.faults.add("sendMessage", DropAfter(), chat=few.office.chats[1])
    number = await few.sent()
    await few.finish(number)
    repair = await few.drafted(number, "small", WRONG)
    assert (repair.messages, repair.unknown) == (4, 1)
    assert (await carried_out(few, repair)).how.sent == 4


async def test_a_change_of_which_nobody_knows_is_made_again(few: Broadcasting, done: int) -> None:
    few.office.telegram.faults.add("editMessageText", DropAfter(), chat=few.office.chats[1])
    few.office.telegram.faults.add("editMessageText", AnswerAfter(502, b""), chat=few.office.chats[2])
    standing = await carried_out(few, await few.drafted(done, "small", WRONG))
    assert standing.how.sent == 5


async def test_a_message_that_its_reader_has_deleted_is_no_failure(few: Broadcasting, done: int) -> None:
    (row, *_) = [one for one in await few.office.rows() if one.chat_id == few.office.chats[1]]
    await few.office.sender._api.call(
        "deleteMessage", {"chat_id": few.office.chats[1], "message_id": row.sent_id}
    )
    standing = await carried_out(few, await few.drafted(done, "small", WRONG))
    assert (standing.how.sent, standing.how.failed) == (5, 0)


async def test_corrections_go_into_quiet_hours_without_a_sound(few: Broadcasting, done: int) -> None:
    await few.change(1, quiet=(0, 23 * 60))
    await carried_out(few, await few.drafted(done, "small", WRONG))
    assert few.got(1)[0]["text"].startswith("Corrected")


async def test_what_has_not_left_a_paused_one_learns_the_new_text(few: Broadcasting) -> None:
    await few.change(1, quiet=(0, 9 * 60))
    number, editor = await few.sent(), await few.editor()
    await few.office.worker.drain()
    with pytest.raises(UserError) as refused:
        await few.drafted(number, "small", WRONG)
    assert refused.value.key == "campaign.still_going"
    await few.campaigns.pause(few.update(), editor, number)
    changed = {
        "text": "The trains run again, from noon.",
        "entities": [],
        "rows": [],
        "preview": "",
        "silent": False,
    }
    await few.office.db.write(
        lambda c: c.exec_driver_sql(
            "UPDATE broadcasts SET document = json(?) WHERE id = ?",
            (json.dumps(changed), number),
        )
    )
    repair = await few.drafted(number, "small", WRONG)
    await few.corrections.send(few.update(), editor, repair.broadcast.id, None)
    with pytest.raises(UserError) as refused:
        await few.campaigns.resume(few.update(), editor, number)
    assert refused.value.key == "campaign.correcting"
    await few.tick(10)
    await few.finish(repair.broadcast.id)
    await few.campaigns.resume(few.update(), editor, number)
    few.office.clock.advance(hours=2)
    await few.finish(number)
    assert few.got(1)[0]["text"] == "From the editors\n\nThe trains run again, from noon."
    assert few.got(2)[0]["text"].startswith("Corrected")


async def test_withdrawing_a_paused_one_stops_it(few: Broadcasting) -> None:
    await few.change(1, quiet=(0, 9 * 60))
    number, editor = await few.sent(), await few.editor()
    await few.office.worker.drain()
    await few.campaigns.pause(few.update(), editor, number)
    await carried_out(few, await few.drafted(number, "withdraw", WRONG))
    assert (await few.found(number)).state is State.STOPPED
    assert few.got(1) == []
    assert few.got(2)[0]["text"].startswith("Withdrawn")


async def test_what_cannot_be_corrected_says_why(few: Broadcasting, done: int) -> None:
    editor = await few.editor()
    repair = await few.drafted(done, "small", WRONG)
    again = await few.corrections.draft(99, editor, repair.broadcast.origin_message, done, "small", "x")
    assert again.broadcast.id == repair.broadcast.id, "one message prepares one"
    with pytest.raises(UserError) as refused:
        await few.drafted(done, "small", "\u200b")
    assert refused.value.key == "edit.no_words"
    with pytest.raises(UserError) as refused:
        await few.corrections.choose(editor, repair.broadcast.id, "delete")
    assert refused.value.key == "error.old_button"
    await few.corrections.send(few.update(), editor, repair.broadcast.id, None)
    await few.corrections.send(few.update(), editor, repair.broadcast.id, None)
    with pytest.raises(UserError) as refused:
        await few.drafted(done, "small", WRONG)
    assert refused.value.key == "campaign.correcting"
    with pytest.raises(UserError) as refused:
        await few.corrections.ask(1, editor, repair.broadcast.id, "small")
    assert refused.value.key == "error.old_button", "a correction is not corrected"
    with pytest.raises(UserError) as refused:
        await few.corrections.look(editor, 99)
    assert refused.value.key == "error.old_button"


async def test_what_nobody_got_has_nothing_to_correct(few: Broadcasting) -> None:
    number = await few.sent()
    await few.campaigns.stop(few.update(), await few.editor(), number)
    with pytest.raises(UserError) as refused:
        await few.corrections.check(await few.editor(), number)
    assert refused.value.key == "campaign.nothing_left"


async def test_a_correction_can_be_given_up(few: Broadcasting, done: int) -> None:
    repair = await few.drafted(done, "small", WRONG)
    given_up = await few.broadcasts.give_up(few.update(), await few.editor(), repair.broadcast.id)
    assert given_up.state is State.STOPPED
    with pytest.raises(UserError) as refused:
        await few.corrections.send(few.update(), await few.editor(), repair.broadcast.id, None)
    assert refused.value.key == "broadcast.no_draft"
    assert (await few.corrections.check(await few.editor(), done)).id == done


async def test_many_corrections_are_tried_on_few_first(tmp_path: Path) -> None:
    async with open_broadcasting(tmp_path, people_=120) as many:
        number = await many.sent()
        await many.finish(number)
        repair = await many.drafted(number, "small")
        await many.corrections.send(many.update(), await many.editor(), repair.broadcast.id, None)
        await many.tick(10)
        assert await many.states(repair.broadcast.id) == {"planned": 20}
        assert (await many.finish(repair.broadcast.id)).how.sent == 120
