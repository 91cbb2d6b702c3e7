"""Who lets a broadcast go out: no way leads past the second editor, and what was given up or begun stays so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.broadcasts import ALONE_AFTER, FARTHEST, GRACE, State
from bot.domain.message import Message, Text
from bot.errors import UserError
from bot.services.drafts import Rules
from tests.services.broadcasting import SAID, Broadcasting, open_broadcasting

if TYPE_CHECKING:
    from pathlib import Path


async def refused(few: Broadcasting, number: int, place: int = 0) -> str:
    """Why an editor may not confirm it."""
    with pytest.raises(UserError) as why:
        await few.broadcasts.confirm(few.update(), await few.editor(place), number)
    return why.value.key


async def test_a_draft_is_not_sent_by_confirming_it(careful: Broadcasting) -> None:
    other, number = await careful.appoint(1), await careful.prepared()
    for editor in (other, await careful.editor()):
        found = await careful.broadcasts.confirm(careful.update(), editor, number)
        assert found.state is State.DRAFT
    assert await careful.tick(10) == 0
    assert await careful.deeds() == []


async def test_a_second_confirmation_changes_nothing(careful: Broadcasting) -> None:
    other, number = await careful.appoint(1), await careful.prepared()
    await careful.broadcasts.send(careful.update(), await careful.editor(), number, None)
    first = await careful.broadcasts.confirm(careful.update(), other, number)
    careful.office.clock.advance(seconds=5)
    for editor in (other, await careful.editor()):
        again = await careful.broadcasts.confirm(careful.update(), editor, number)
        assert (again.state, again.starts_at) == (State.GRACE, first.starts_at)
    assert (await careful.deeds()).count("confirmed") == 1


async def test_what_was_refused_is_confirmed_by_nobody(careful: Broadcasting) -> None:
    other, number = await careful.appoint(1), await careful.prepared()
    await careful.broadcasts.send(careful.update(), await careful.editor(), number, None)
    await careful.broadcasts.give_up(careful.update(), await careful.editor(), number)
    found = await careful.broadcasts.confirm(careful.update(), other, number)
    assert found.state is State.STOPPED
    assert await careful.tick(100) == 0
    assert await careful.deeds() == ["stopped", "asked"]


async def test_what_is_confirmed_after_its_time_goes_out_in_ten_seconds(careful: Broadcasting) -> None:
    other, number = await careful.appoint(1), await careful.prepared()
    at = careful.office.clock() + timedelta(hours=1)
    await careful.broadcasts.send(careful.update(), await careful.editor(), number, None, at)
    careful.office.clock.advance(hours=6)
    confirmed = await careful.broadcasts.confirm(careful.update(), other, number)
    assert (confirmed.state, confirmed.starts_at) == (State.GRACE, careful.office.clock() + GRACE)
    assert await careful.tick(9) == 0, "there is time to stop it"
    assert await careful.tick(1) == 5


async def test_a_colleague_who_left_keeps_nobody_waiting(careful: Broadcasting) -> None:
    other, number = await careful.appoint(1), await careful.prepared()
    await careful.change(1, state="stopped")
    await careful.broadcasts.send(careful.update(), await careful.editor(), number, None)
    assert await careful.office.rows() == [], "nobody can be asked"
    assert (await careful.broadcasts.look(await careful.editor(), number)).alone
    assert await refused(careful, number) == "broadcast.confirm_later"
    await careful.change(1, state="active")
    careful.office.clock.advance(seconds=ALONE_AFTER.total_seconds())
    assert await refused(careful, number) == "broadcast.other_confirms", "there is a colleague again"
    assert (await careful.broadcasts.confirm(careful.update(), other, number)).state is State.GRACE


async def test_where_no_number_is_set_nobody_confirms(tmp_path: Path) -> None:
    async with open_broadcasting(tmp_path, rules=Rules(confirm_over=0)) as few:
        await few.appoint(1)
        begun = await few.broadcasts.send(few.update(), await few.editor(), await few.prepared(), None)
        assert begun.state is State.GRACE


async def test_how_a_message_came_is_no_part_of_it(few: Broadcasting) -> None:
    first = await few.prepared(replace(SAID, silent=True, reply_to=7))
    assert await few.prepared() == first, "the same is said"
    await few.finish(await few.sent(first))
    for call in few.office.telegram.calls.of("sendMessage", few.office.chats[1]):
        assert not call.params["disable_notification"]
        assert "reply_parameters" not in call.params


async def test_only_what_was_to_go_out_is_logged_when_it_is_given_up(few: Broadcasting) -> None:
    draft, planned = await few.prepared(), await few.prepared(Message(Text("Planned.")))
    editor = await few.editor()
    await few.broadcasts.give_up(few.update(), editor, draft)
    assert await few.deeds() == []
    await few.broadcasts.send(few.update(), editor, planned, None, few.office.clock() + timedelta(hours=2))
    await few.broadcasts.give_up(few.update(), editor, planned)
    await few.broadcasts.give_up(few.update(), editor, planned)
    assert await few.deeds() == ["stopped", "scheduled"]
    await few.tick(7200)
    assert await few.states(planned) == {}


async def test_what_has_begun_is_not_given_up_any_more(few: Broadcasting) -> None:
    number = await few.sent()
    found = await few.broadcasts.give_up(few.update(), await few.editor(), number)
    assert found.state is State.SPREAD
    assert await few.deeds() == ["broadcast"]
    assert (await few.finish(number)).how.sent == 5


async def test_a_press_on_what_was_stopped_after_it_began_is_answered_as_it_stands(few: Broadcasting) -> None:
    number, editor = await few.sent(), await few.editor()
    await few.campaigns.stop(few.update(), editor, number)
    again = await few.broadcasts.send(few.update(), editor, number, 5)
    assert (again.state, again.message_id) == (State.STOPPED, few.boards[0])
    given_up = await few.prepared(Message(Text("Something else.")))
    await few.broadcasts.give_up(few.update(), editor, given_up)
    with pytest.raises(UserError) as why:
        await few.broadcasts.send(few.update(), editor, given_up, 5)
    assert why.value.key == "broadcast.no_draft"


async def test_it_can_be_planned_for_thirty_days_and_no_longer(few: Broadcasting) -> None:
    editor = await few.editor()
    now = few.office.clock()
    assert few.broadcasts.moment(editor, "2026-12-24 8:00") == now + FARTHEST
    for said in ("2026-12-24 8:01", "2026-11-24 8:00"):
        with pytest.raises(UserError) as why:
            few.broadcasts.moment(editor, said)
        assert why.value.key == "campaign.past_time"
    assert few.broadcasts.moment(editor, "2026-11-24 8:01") == now + timedelta(minutes=1)


async def test_the_desk_lists_what_went_out_and_no_drafts_and_no_changes(few: Broadcasting) -> None:
    number, editor = await few.sent(), await few.editor()
    await few.finish(number)
    await few.prepared(Message(Text("A draft.")))
    repair = await few.corrections.draft(few.update(), editor, 5005, number, "small", "It was false.")
    await few.corrections.send(few.update(), editor, repair.broadcast.id, None)
    listed = await few.broadcasts.last(editor, 9)
    assert [(one.id, title) for one, title in listed] == [(number, "The trains run again.")]
