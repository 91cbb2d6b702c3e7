"""Lists are found beside the writer, and made once for an update."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.services.lists import Lists
from bot.services.related import FRESH
from bot.storage import stories
from tests.storage.archive import NOW, Archive, entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.news import Reader
    from bot.storage.database import Connection, Database


@pytest.fixture
async def reader(db: Database) -> Reader:
    def fill(connection: Connection) -> Reader:
        archive = Archive(connection)
        archive.look(archive.feed(), *(entry(f"bridge-{n}") for n in range(5)))
        somebody = archive.reader(languages=("en",), desks=("World",))
        stories.save(connection, 7, 2, NOW, keep=True)
        return somebody

    return await db.write(fill)


@pytest.fixture
def asked() -> Iterator[list[tuple[str, str]]]:
    """The statements of the database, each with the thread that it ran in."""
    seen: list[tuple[str, str]] = []

    def note(_connection: object, _cursor: object, statement: str, *_: Any) -> None:
        seen.append((threading.current_thread().name, statement))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    yield seen
    sa.event.remove(sa.Engine, "before_cursor_execute", note)


async def test_the_writer_does_not_search(db: Database, reader: Reader, asked: list[tuple[str, str]]) -> None:
    lists = Lists(db, lambda: NOW)
    made = [
        await lists.latest(1, reader, "World"),
        await lists.first(2, reader, 40),
        await lists.saved(3, reader),
        await lists.search(4, reader, "bridge"),
    ]
    assert [len(shown.lines) for shown in made] == [5, 3, 1, 5]
    written = [statement for thread, statement in asked if thread == "db-write"]
    assert any("INSERT INTO lists" in statement for statement in written)
    searches = ("article_search", "shown_at", "saves", "JOIN")
    assert not [statement for statement in written if any(word in statement for word in searches)]


async def test_an_update_that_comes_twice_makes_one_list(db: Database, reader: Reader) -> None:
    lists = Lists(db, lambda: NOW)
    first = await lists.latest(1, reader)
    assert (await lists.latest(1, reader)).listing == first.listing
    assert (await lists.latest(2, reader)).listing.id != first.listing.id


@pytest.mark.usefixtures("reader")
async def test_the_neighbours_of_a_story_are_looked_up_once_for_all_its_readers(
    db: Database, asked: list[tuple[str, str]]
) -> None:
    now = [NOW]
    lists = Lists(db, lambda: now[0])
    asked.clear()
    found = await asyncio.gather(*(lists.beside(1, 2) for _ in range(20)))
    assert all(one == found[0] for one in found)

    def searches() -> int:
        return sum("max(article_search" in statement or "MAX(" in statement.upper() for _, statement in asked)

    once = searches()
    assert once
    await lists.beside(1, 2)
    assert searches() == once
    now[0] += FRESH
    await lists.beside(1, 2)
    assert searches() == 2 * once, "another paper may have told more by then"


async def test_a_shelf_is_shown_whole_and_a_search_says_that_there_is_more(
    db: Database, reader: Reader
) -> None:
    def fill(connection: Connection) -> None:
        archive = Archive(connection)
        archive.look(archive.feed("lens"), *(entry(f"ferry-{n}") for n in range(101)))
        for one in stories.latest(connection, (), (), 200):
            stories.save(connection, 7, one, NOW, keep=True)

    await db.write(fill)
    lists = Lists(db, lambda: NOW)
    shelf = await lists.saved(1, reader)
    assert len(shelf.lines) == len(shelf.listing.story_ids) == 106
    await lists.note_shown(shelf.listing.id, 40)
    assert await lists.meant(reader, "106", None) == shelf.listing.story_ids[105]
    many = await lists.search(2, reader, "ferry")
    assert (len(many.lines), many.listing.about.get("beyond")) == (100, True)
    few = await lists.search(3, reader, "bridge")
    assert (len(few.lines), few.listing.about.get("beyond")) == (5, None)
    french = replace(reader, languages=("fr",))
    none = await lists.search(4, french, "ferry")
    assert (none.listing.about["elsewhere"], none.listing.about["beyond"]) == (100, True)
