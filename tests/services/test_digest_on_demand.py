"""A digest that is asked for before its hour: what is new now, and nothing of it again later."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.storage import inbox, lists, readers, stories
from bot.storage.inbox import Received
from bot.storage.tables import list_items, told
from bot.storage.tables import lists as lists_table
from tests.services.desk import DAY, EIGHT, MAYA, SEVEN, prune

if TYPE_CHECKING:
    import sqlalchemy as sa

    from tests.services.desk import Desk


async def test_a_digest_asked_for_leaves_the_rest_for_the_hour(desk: Desk) -> None:
    early = await desk.print(4)
    await desk.join()
    assert sorted(await desk.ask() or []) == early
    assert await desk.ask() is None
    assert await desk.compose(EIGHT) == 0
    assert await desk.days() == [], "asking early does not use up the day"
    desk.now += timedelta(hours=1)
    late = await desk.print(3)
    assert await desk.compose(EIGHT + DAY) == 1
    assert sorted(await desk.told()) == [*early, *late]


async def test_the_same_question_again_gives_the_same_answer_and_no_second_effect(desk: Desk) -> None:
    await desk.print(3)
    await desk.join()
    first = await desk.ask()
    desk.now += timedelta(minutes=1)
    await desk.print(3)
    assert await desk.again() == first
    assert len(await desk.rows(told)) == 3
    assert len(await desk.ask() or []) == 3


async def test_a_digest_asked_for_while_one_is_composed_is_not_told_twice(desk: Desk) -> None:
    await desk.print(4)
    reader = await desk.join()
    desk.last_update = 1
    desk.now = EIGHT

    def asked(connection: sa.Connection) -> None:
        found = stories.candidates(connection, reader.covered_until)
        new = lists.New(MAYA, "digest", {}, tuple(story.id for story in found))
        lists.add(connection, new, EIGHT, update_id=1)
        stories.tell(connection, MAYA, new.story_ids, "digest", EIGHT)
        readers.cover(connection, {MAYA: found[-1].first_seen_at})

    desk.db.meanwhile = asked
    assert await desk.compose() == 0
    assert len(await desk.told()) == 4
    assert await desk.due_at() == EIGHT + DAY


async def test_a_digest_composed_while_one_is_asked_for_is_not_told_twice(desk: Desk) -> None:
    ids = await desk.print(4)
    await desk.join()
    desk.last_update = 7
    await desk.db.write(inbox.receive, [Received(7, MAYA, {"update_id": 7}, desk.now)])
    seen = (await desk.db.read(stories.candidates, SEVEN - DAY))[-1].first_seen_at
    desk.db.meanwhile = lambda c: readers.cover(c, {MAYA: seen})
    assert await desk.again() is None
    assert len(ids) == 4
    assert await desk.rows(list_items) == []


@pytest.mark.parametrize("already", [2, 4])
async def test_another_digest_made_while_one_is_asked_for_leaves_only_what_it_did_not_bring(
    desk: Desk, already: int
) -> None:
    ids = await desk.print(4)
    await desk.join()
    tries = 0

    def another(connection: sa.Connection) -> None:
        found = stories.candidates(connection, SEVEN - DAY)[:already]
        new = lists.New(MAYA, "digest", {}, tuple(story.id for story in found))
        lists.add(connection, new, desk.now)
        stories.tell(connection, MAYA, new.story_ids, "digest", desk.now)
        readers.cover(connection, {MAYA: max(story.first_seen_at for story in found)})

    def before_it_is_kept(_: sa.Connection) -> None:
        nonlocal tries
        tries += 1
        desk.db.meanwhile = another

    desk.last_update = 7
    await desk.db.write(inbox.receive, [Received(7, MAYA, {"update_id": 7}, desk.now)])
    # The first write looks for what was composed beforehand, the second one keeps the digest.
    desk.db.meanwhile = before_it_is_kept
    brought = await desk.again()
    assert tries == 1
    assert sorted(brought or []) == ids[already:]
    assert sorted(await desk.told()) == ids, "each story once"
    assert len(await desk.rows(lists_table)) == (1 if already == 4 else 2)
    assert await desk.again() == brought
    assert sorted(await desk.told()) == ids


async def test_a_story_pruned_while_a_digest_is_asked_for_is_simply_missing(desk: Desk) -> None:
    ids = await desk.print(4)
    await desk.join()
    await desk.db.write(inbox.receive, [Received(7, MAYA, {"update_id": 7}, desk.now)])
    desk.last_update = 7
    desk.db.meanwhile = prune(ids[-1])
    assert sorted(await desk.again() or []) == ids[:-1]
