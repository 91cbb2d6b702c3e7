"""Whom a broadcast reaches: what editors aim it at, what readers have chosen, and how many came before it today."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.broadcasts import LATELY, State
from bot.domain.message import Message, Text
from bot.errors import UserError
from bot.playground.faults import DropAfter, refuse
from bot.services.drafts import Rules
from bot.storage import stories, unseen
from tests.services.broadcasting import Broadcasting, open_broadcasting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

NO_SUCH_PEER = refuse(400, "Bad Request: PEER_ID_INVALID")
ALL_DAY = (0, 23 * 60)


@pytest.fixture
async def once_a_day(tmp_path: Path) -> AsyncIterator[Broadcasting]:
    """A newsroom in which a reader gets one broadcast a day."""
    async with open_broadcasting(tmp_path, rules=Rules(cap=1)) as opened:
        yield opened


async def counted(few: Broadcasting, number: int) -> tuple[int, int, int, int]:
    """How many get it, had it, want nothing from the editors, and have had enough today."""
    found = (await few.broadcasts.look(await few.editor(), number)).audience
    return found.readers, found.had, found.unwilling, found.over


async def owed(few: Broadcasting, number: int) -> list[int]:
    """The places of those who are owed it once it has begun."""
    await few.sent(number)
    rows = [row for row in await few.office.rows() if row.broadcast_id == number]
    return sorted(few.office.chats.index(row.chat_id) for row in rows)


async def test_it_goes_to_who_reads_one_of_its_languages_or_has_chosen_none(few: Broadcasting) -> None:
    await few.change(1, languages=("de",))
    await few.change(2, languages=("en", "fr"))
    await few.change(3, languages=("ru",))
    number, editor = await few.prepared(), await few.editor()
    for language in ("de", "ru", "fr", "de"):
        await few.broadcasts.choose_language(editor, number, language, on=True)
    chosen = await few.broadcasts.choose_language(editor, number, "ru", on=False)
    assert chosen.broadcast.aim.languages == ("fr", "de"), "each once, and none that was taken back"
    assert await counted(few, number) == (4, 0, 0, 0)
    assert await owed(few, number) == [0, 1, 2, 4]


async def test_a_story_goes_to_who_reads_its_language(few: Broadcasting) -> None:
    await few.change(1, languages=("de",))
    await few.change(2, languages=("de", "en"))
    number = await few.story_prepared(await few.printed("de"))
    await few.change(3, languages=("en",))
    assert await counted(few, number) == (4, 0, 0, 0)
    assert await owed(few, number) == [0, 1, 2, 4]


async def test_a_story_in_a_language_that_nobody_knows_goes_to_all(few: Broadcasting) -> None:
    await few.change(1, languages=("de",))
    number = await few.story_prepared(await few.printed(""))
    assert await owed(few, number) == [0, 1, 2, 3, 4]


async def test_a_desks_broadcast_goes_to_who_reads_it_or_has_chosen_no_desks(few: Broadcasting) -> None:
    await few.change(1, desks=("Sport",))
    await few.change(2, desks=("Sport", "World"))
    number = await few.prepared()
    await few.broadcasts.choose(await few.editor(), number, desk="World")
    assert await counted(few, number) == (4, 0, 0, 0)
    assert await owed(few, number) == [0, 2, 3, 4]


async def test_lately_are_the_last_thirty_days(few: Broadcasting) -> None:
    now, minute = few.office.clock(), timedelta(minutes=1)
    await few.change(1, seen_at=now - LATELY - minute)
    await few.change(2, seen_at=now - LATELY + minute)
    number = await few.prepared()
    assert await counted(few, number) == (5, 0, 0, 0)
    await few.broadcasts.choose(await few.editor(), number, lately=True)
    assert await counted(few, number) == (4, 0, 0, 0)
    assert await owed(few, number) == [0, 2, 3, 4]


async def test_who_wants_nothing_from_the_editors_gets_nothing_however_it_is_aimed(few: Broadcasting) -> None:
    story = await few.printed()
    await few.change(1, editors=False)
    await few.office.db.write(stories.tell, few.office.chats[1], [story], "digest", few.office.clock())
    number = await few.story_prepared(story)
    await few.broadcasts.choose(await few.editor(), number, again=True, urgent=True)
    assert await counted(few, number) == (4, 0, 1, 0)
    assert await owed(few, number) == [0, 2, 3, 4]


async def test_who_had_the_story_gets_it_again_only_where_editors_say_so(few: Broadcasting) -> None:
    story = await few.printed()
    await few.office.db.write(stories.tell, few.office.chats[1], [story], "digest", few.office.clock())
    number = await few.story_prepared(story)
    assert await counted(few, number) == (4, 1, 0, 0)
    assert await owed(few, number) == [0, 2, 3, 4]
    await few.finish(number)
    second = await few.story_prepared(story)
    await few.broadcasts.choose(await few.editor(), second, again=True)
    assert await counted(few, second) == (5, 0, 0, 0)
    assert await owed(few, second) == [0, 1, 2, 3, 4]


async def test_who_does_not_get_news_gets_no_broadcast(few: Broadcasting) -> None:
    await few.change(1, state="paused")
    await few.change(2, state="blocked")
    await few.change(3, step="hour")
    number = await few.prepared()
    assert await counted(few, number) == (2, 0, 0, 0)
    assert await owed(few, number) == [0, 4]


async def test_what_is_urgent_is_held_by_no_quiet_hours_and_makes_no_sound_in_them(few: Broadcasting) -> None:
    await few.change(1, quiet=ALL_DAY)
    number, editor = await few.prepared(), await few.editor()
    calm = (await few.broadcasts.look(editor, number)).audience
    assert (calm.readers, calm.quiet) == (5, 1)
    urgent = (await few.broadcasts.choose(editor, number, urgent=True)).audience
    assert (urgent.readers, urgent.quiet, urgent.quiet_until) == (5, 0, None)
    await few.sent(number)
    assert (await few.found(number)).at_once == 5
    assert await few.office.worker.drain() == 5
    sent = [few.office.telegram.calls.of("sendMessage", chat)[-1] for chat in few.office.chats]
    assert [call.params["disable_notification"] for call in sent] == [False, True, False, False, False]


async def test_what_was_stopped_before_it_left_is_none_of_the_days_broadcasts(
    once_a_day: Broadcasting,
) -> None:
    few = once_a_day
    first = await few.sent()
    stopped = await few.campaigns.stop(few.update(), await few.editor(), first)
    assert (stopped.broadcast.state, stopped.how.cancelled) == (State.STOPPED, 5)
    second = await few.prepared(Message(Text("The second.")))
    assert await counted(few, second) == (5, 0, 0, 0)
    assert await owed(few, second) == [0, 1, 2, 3, 4]


async def test_what_may_have_arrived_counts_for_the_day_and_what_certainly_did_not_does_not(
    once_a_day: Broadcasting,
) -> None:
    few = once_a_day
    await few.change(3, quiet=ALL_DAY)
    chats, faults = few.office.chats, few.office.telegram.faults
    faults.add("sendMessage", DropAfter(), chat=chats[1])
    faults.add("sendMessage", NO_SUCH_PEER, chat=chats[2])
    first = await few.sent()
    await few.office.worker.drain()
    assert await few.states(first) == {"sent": 2, "unknown": 1, "failed": 1, "planned": 1}
    second = await few.prepared(Message(Text("The second.")))
    assert await counted(few, second) == (1, 0, 0, 4), "what quiet hours hold is today's as well"
    assert await owed(few, second) == [2]


async def test_without_a_cap_a_reader_gets_any_number(tmp_path: Path) -> None:
    async with open_broadcasting(tmp_path, rules=Rules(cap=0)) as few:
        for text in ("One.", "Two.", "Three.", "Four."):
            await few.finish(await few.sent(await few.prepared(Message(Text(text)))))
        last = await few.prepared(Message(Text("The last.")))
        assert await counted(few, last) == (5, 0, 0, 0)
        assert await owed(few, last) == [0, 1, 2, 3, 4]


async def test_a_correction_is_none_of_the_days_broadcasts(tmp_path: Path) -> None:
    async with open_broadcasting(tmp_path, rules=Rules(cap=2)) as few:
        first, editor = await few.sent(), await few.editor()
        await few.finish(first)
        repair = await few.corrections.draft(few.update(), editor, 5005, first, "serious", "It was false.")
        await few.corrections.send(few.update(), editor, repair.broadcast.id, few.boards[0])
        await few.tick(10)
        await few.finish(repair.broadcast.id)
        second = await few.prepared(Message(Text("The second.")))
        assert await counted(few, second) == (5, 0, 0, 0)


async def test_a_story_is_told_to_those_who_are_owed_it_and_to_nobody_else(few: Broadcasting) -> None:
    story = await few.printed()
    await few.change(1, editors=False)
    number = await few.story_prepared(story)
    assert await owed(few, number) == [0, 2, 3, 4]
    told = await few.office.db.read(
        lambda c: stories.told_to(c, few.office.chats, few.office.clock() - timedelta(days=1))
    )
    assert told == {few.office.chats[place]: {story} for place in (0, 2, 3, 4)}
    await few.campaigns.stop(few.update(), await few.editor(), number)
    unseen_by = await few.office.db.read(unseen.owed, few.office.chats)
    assert unseen_by == {few.office.chats[place]: [story] for place in (0, 2, 3, 4)}, "it is news again"


async def test_a_story_goes_out_once_at_a_time_unless_it_is_meant_for_who_had_it(few: Broadcasting) -> None:
    story = await few.printed()
    first, second = await few.story_prepared(story), await few.story_prepared(story)
    assert first != second
    for press in range(2):
        await few.sent(first)
        if not press:
            with pytest.raises(UserError) as refused:
                await few.sent(second)
            assert refused.value.key == "broadcast.running"
    await few.campaigns.pause(few.update(), await few.editor(), first)
    with pytest.raises(UserError):
        await few.sent(second)
    await few.broadcasts.choose(await few.editor(), second, again=True)
    assert await owed(few, second) == [0, 1, 2, 3, 4]
