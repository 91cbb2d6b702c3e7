"""What fills a database in tests: feeds that are looked at, and readers."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.domain.articles import Block, BlockKind, Entry, FeedDocument
from bot.domain.news import Feed, FeedEntry, Reader
from bot.domain.rhythm import Pace
from bot.domain.updates import FeedLook, FeedUpdate, Policy, decide, document_keys
from bot.storage import articles, feeds, lists, readers, stories, tables
from bot.storage.database import engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from bot.domain.news import Listing, StoryLine
    from bot.storage.database import Connection

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
POLICY = Policy(Pace(timedelta(seconds=300), timedelta(seconds=14_400)))


def entry(slug: str, title: str = "", **fields: Any) -> Entry:
    """An article of this slug, an hour old."""
    told = {"guid": slug, "url": f"https://paper.example/{slug}", "title": title or f"Headline of the {slug}"}
    return Entry(**{**told, "published": NOW - HOUR, **fields})


def paragraphs(*texts: str) -> tuple[Block, ...]:
    return tuple(Block(BlockKind.PARAGRAPH, text) for text in texts)


def somebody(chat_id: int = 7, at: datetime = NOW, **fields: Any) -> Reader:
    """A reader who joined at a time and has left everything as it was offered."""
    offered = Reader(
        chat_id=chat_id,
        first_name="Maya",
        language="en",
        zone="Europe/Lisbon",
        languages=(),
        desks=(),
        digest_minutes=(480,),
        few="wait",
        page="short",
        state="active",
        step="done",
        joined_at=at,
        seen_at=at,
        covered_until=at,
        opened_story_id=None,
    )
    return replace(offered, **fields)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another program holds the database."""
    other = engine(path)
    with other.begin():
        yield
    other.dispose()


def taken_side_by_side(path: Path, claim: Callable[[Connection], Sequence[int]]) -> list[int]:
    """What four threads claim at once, each until nothing is left; sorted."""
    taken: list[int] = []

    def work() -> None:
        own = engine(path, busy=30)
        batch: Sequence[int] = (0,)
        while batch:
            with own.begin() as connection:
                batch = claim(connection)
            taken.extend(batch)
        own.dispose()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(taken)


class Archive:
    """The functions of the storage room on one transaction, with the arguments that most tests leave out."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def feed(self, name: str = "herald", desk: str = "World", language: str = "en") -> Feed:
        """A feed that was looked at before, so that what it brings now is news."""
        url = f"https://{name}.example/rss"
        feeds.add(self.connection, [FeedEntry(url, name.title(), desk, language)], NOW - DAY)
        self.connection.execute(
            sa.update(tables.feeds).where(tables.feeds.c.url == url).values(succeeded_at=NOW - HOUR)
        )
        return self.found(url)

    def found(self, url: str) -> Feed:
        feed = feeds.find(self.connection, url)
        assert feed is not None
        return feed

    def decided(self, feed: Feed, entries: Sequence[Entry], at: datetime = NOW, **look: Any) -> FeedUpdate:
        """What a look at `feed` means that brought these entries, with nothing written."""
        seen = FeedLook(document=FeedDocument(entries=tuple(entries)), **look)
        keys = {key for own in document_keys(seen) for key in own}
        return decide(feed, seen, articles.known(self.connection, feed.id, keys), at, POLICY, 0.5)

    def look(self, feed: Feed, *entries: Entry, at: datetime = NOW, **look: Any) -> int:
        """Look at `feed`, which has these entries now; returns how many are new."""
        current = self.found(feed.url)
        return articles.store(self.connection, current, self.decided(current, entries, at, **look))

    def reader(self, chat_id: int = 7, **fields: Any) -> Reader:
        return readers.add(self.connection, somebody(chat_id, **fields))

    def prune(self, before: datetime) -> int:
        """Remove the stories last told before that nobody saved and no list of the last three days shows."""
        since = before - 3 * DAY
        ids = stories.leaving(self.connection, before, since)
        return stories.remove(self.connection, ids, before, since)

    def listing(self, chat_id: int, *story_ids: int, at: datetime = NOW, **fields: Any) -> Listing:
        return lists.add(self.connection, lists.New(chat_id, "latest", {}, story_ids), at, **fields)

    def stories(self) -> list[StoryLine]:
        """All stories, the first ones first."""
        return stories.lines(self.connection, sorted(stories.latest(self.connection, (), (), 1000)))

    def story(self) -> StoryLine:
        (only,) = self.stories()
        return only

    def count(self, table: str) -> int:
        return int(self.connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one())
