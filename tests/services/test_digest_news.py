"""What is in a digest: everything new that its reader wants, once, and nothing that has left."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.domain.digest import MOST
from bot.services.lists import Lists
from bot.storage import stories
from bot.storage.tables import editions, list_items
from bot.storage.tables import lists as lists_table
from tests.services.desk import DAY, EIGHT, MAYA, prune
from tests.storage.archive import Archive, entry

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from tests.services.desk import Desk


async def test_being_listed_keeps_no_story_out_but_a_push_or_opening_it_does(desk: Desk) -> None:
    listed, pushed, opened, *rest = await desk.print(6)
    reader = await desk.join()
    await Lists(desk.db, lambda: desk.now).latest(1, reader)
    await desk.db.write(stories.tell, MAYA, [pushed], "push", desk.now)
    await desk.db.write(stories.tell, MAYA, [opened], "opened", desk.now)
    await desk.compose(EIGHT)
    made = (await desk.rows(editions))[0].list_id
    shown = {row.story_id for row in await desk.rows(list_items) if row.list_id == made}
    assert shown == {listed, *rest}


async def test_only_what_a_reader_wants_comes(desk: Desk) -> None:
    world = await desk.print(3)
    await desk.print(3, desk="Sport")
    await desk.print(3, language="ru")
    unknown = await desk.print(1, language="")
    await desk.print(3, backlog=True)
    await desk.join(languages=("en",), desks=("World", "Science"))
    await desk.compose(EIGHT)
    assert sorted(await desk.told()) == [*world, *unknown]


async def test_what_was_left_out_is_counted_and_the_best_of_it_is_kept(desk: Desk) -> None:
    await desk.print(150)
    await desk.join()
    await desk.compose(EIGHT)
    (listing,) = await desk.rows(lists_table)
    assert len(await desk.told()) == MOST
    assert listing.about["left_out"] == [["World", 138]]
    assert len(listing.about["rest"]) == 100
    assert not {*listing.about["rest"]} & {*await desk.told()}
    (text,) = await desk.texts()
    assert "138" in text


async def test_a_story_that_came_while_a_digest_was_composed_is_in_the_next(desk: Desk) -> None:
    first = await desk.print(3)
    await desk.join()
    await desk.compose(EIGHT)
    desk.now = EIGHT - timedelta(seconds=1)
    second = await desk.print(3)
    await desk.compose(EIGHT + DAY)
    assert sorted(await desk.told()) == [*first, *second]


async def test_a_look_that_is_written_down_after_a_later_one_is_not_skipped(desk: Desk) -> None:
    """Two looks at the same time: the one that ended first is written last, after a digest was composed."""

    def look(number: int, at: datetime) -> Callable[[sa.Connection], int]:
        def write(connection: sa.Connection) -> int:
            archive = Archive(connection)
            feed = archive.feed(f"paper{number}")
            return archive.look(feed, *(entry(f"{number}-{n}", published=at) for n in range(3)), at=at)

        return write

    desk.now = EIGHT
    await desk.join()
    await desk.db.write(look(1, EIGHT - timedelta(milliseconds=10)))
    await desk.compose()
    await desk.db.write(look(2, EIGHT - timedelta(milliseconds=20)))
    await desk.compose(EIGHT + DAY)
    assert len(await desk.told()) == 6


async def test_a_story_pruned_while_composing_is_simply_missing(desk: Desk) -> None:
    ids = await desk.print(4)
    await desk.join()
    desk.db.before_words = prune(ids[-1])
    assert await desk.compose(EIGHT) == 1
    (text,) = await desk.texts()
    assert f"Headline {ids[-1]}" not in text
    shown = await desk.places()
    assert sorted(shown.values()) == ids[:-1]
    assert all(f"{place}. Headline {story_id}" in text for place, story_id in shown.items())


async def test_a_story_pruned_after_it_was_composed_leaves_its_number_to_nobody(desk: Desk) -> None:
    ids = await desk.print(4)
    await desk.join()
    desk.db.meanwhile = prune(ids[-1])
    assert await desk.compose(EIGHT) == 1
    (text,) = await desk.texts()
    shown = await desk.places()
    assert sorted(shown.values()) == ids[:-1]
    assert all(f"{place}. Headline {story_id}" in text for place, story_id in shown.items())
