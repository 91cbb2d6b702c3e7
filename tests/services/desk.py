"""A desk for tests: digests composed from a database of stories, on a clock that stands until it is moved."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa

from bot.services.digests import Digests
from bot.storage import inbox, readers, stories
from bot.storage.database import Database
from bot.storage.inbox import Received
from bot.storage.tables import articles, editions, feeds, list_items
from bot.storage.tables import deliveries as deliveries_table
from bot.storage.tables import lists as lists_table
from bot.storage.tables import messages as messages_table
from bot.storage.tables import stories as stories_table
from tests.fresh import database
from tests.storage.archive import somebody

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from bot.domain.news import Reader

SEVEN = datetime(2026, 11, 24, 7, tzinfo=UTC)
EIGHT = SEVEN + timedelta(hours=1)
MAYA = 7_100_000_001
DAY = timedelta(days=1)
P = ParamSpec("P")
T = TypeVar("T")


class Interrupted(Database):
    """A database in which something else is written just before the next write of whoever uses it.

    Attributes:
        meanwhile: what is written.
        before_words: the same, before the next time that the words of stories are read.
    """

    meanwhile: Callable[[sa.Connection], Any] | None = None
    before_words: Callable[[sa.Connection], Any] | None = None

    async def read(
        self, work: Callable[Concatenate[sa.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        if work is stories.lines and self.before_words is not None:
            first, self.before_words = self.before_words, None
            await super().write(first)
        return await super().read(work, *args, **kwargs)

    async def write(
        self, work: Callable[Concatenate[sa.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        first, self.meanwhile = self.meanwhile, None
        if first is not None:
            await super().write(first)
        return await super().write(work, *args, **kwargs)


@dataclass(slots=True)
class Desk:
    """Digests over a database with one feed, on a clock that stands until it is moved."""

    db: Interrupted
    now: datetime = SEVEN
    digests: Digests = field(init=False)
    last_update: int = 0

    def __post_init__(self) -> None:
        self.digests = Digests(self.db, lambda: self.now)

    async def print(self, count: int, desk: str = "World", language: str = "en", **more: Any) -> list[int]:
        """So many stories appear now; their ids."""
        told = {"desk": desk, "language": language, **more}
        return await self.db.write(lambda c: print_stories(c, self.now, count, **told))

    async def join(self, chat_id: int = MAYA, **choices: Any) -> Reader:
        """A reader with a digest at eight, whose news begin a day ago."""
        usual = {"zone": "UTC", "covered_until": self.now - DAY}
        reader = somebody(chat_id, self.now, **usual | choices)
        due = EIGHT if reader.zone == "UTC" else self.now
        await self.db.write(readers.add, reader)
        await self.db.write(readers.plan, chat_id, due)
        return reader

    async def compose(self, at: datetime | None = None) -> int:
        self.now = at or self.now
        return await self.digests.compose_due()

    async def ask(self) -> list[int] | None:
        """A digest on demand; the stories in it."""
        self.last_update += 1
        update = Received(self.last_update, MAYA, {"update_id": self.last_update}, self.now)
        await self.db.write(inbox.receive, [update])
        return await self.again()

    async def again(self) -> list[int] | None:
        """The same update once more."""
        reader = await self.db.read(readers.get, MAYA)
        assert reader is not None
        made = await self.digests.on_demand(self.last_update, reader)
        return None if made is None else [one for one in made[0].story_ids if one is not None]

    async def rows(self, table: sa.Table) -> list[Any]:
        return await self.db.read(lambda c: list(c.execute(sa.select(table).order_by(*table.primary_key))))

    async def texts(self) -> list[str]:
        """All digests that were composed, the oldest first."""

        def read(connection: sa.Connection) -> list[str]:
            joined = sa.select(messages_table.c.document).join(deliveries_table)
            return [str(row.document) for row in connection.execute(joined.order_by(deliveries_table.c.id))]

        return await self.db.read(read)

    async def told(self, chat_id: int = MAYA) -> list[int]:
        """The stories in all digests of a chat, in their order."""

        def read(connection: sa.Connection) -> list[int]:
            joined = (
                sa.select(list_items.c.story_id).join(lists_table).where(lists_table.c.chat_id == chat_id)
            )
            return list(connection.execute(joined.order_by(list_items.c.list_id)).scalars())

        return await self.db.read(read)

    async def places(self) -> dict[int, int]:
        """The stories of the only list, by their numbers."""
        return {row.position: row.story_id for row in await self.rows(list_items)}

    async def days(self, chat_id: int = MAYA) -> list[str]:
        return [row.local_date for row in await self.rows(editions) if row.chat_id == chat_id]

    async def due_at(self, chat_id: int = MAYA) -> datetime | None:
        return await self.db.read(readers.due_at, chat_id)


def print_stories(
    connection: sa.Connection,
    now: datetime,
    count: int,
    desk: str = "World",
    language: str = "en",
    **more: Any,
) -> list[int]:
    """So many stories appear; their ids."""
    ids = []
    for number in range(count):
        seen = now - timedelta(microseconds=count - number)
        row = {"title": f"Story {number}", "desk": desk, "language": language}
        times = {"first_seen_at": seen, "shown_at": seen}
        story = sa.insert(stories_table).values(**row | times | more).returning(stories_table.c.id)
        story_id = connection.execute(story).scalar_one()
        title = {"title": f"Headline {story_id}", "teaser": "Words."}
        connection.execute(sa.insert(articles).values(feed_id=1, story_id=story_id, **title, **times))
        ids.append(story_id)
    return ids


def prune(story_id: int) -> Callable[[sa.Connection], object]:
    """What takes a story out of the archive."""
    return lambda connection: connection.exec_driver_sql(f"DELETE FROM stories WHERE id = {story_id}")


@asynccontextmanager
async def open_desk(folder: Path) -> AsyncIterator[Desk]:
    database(folder / "news.db")
    db = Interrupted(folder / "news.db")
    row = {"url": "http://herald.example/rss", "title": "Herald", "added_at": SEVEN, "next_check_at": SEVEN}
    await db.write(lambda c: c.execute(sa.insert(feeds).values(row)))
    try:
        yield Desk(db)
    finally:
        await db.close()
