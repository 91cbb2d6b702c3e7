"""Lists of feeds in and out by chat: read, checked, followed together, and handed back."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from bot.domain.following import MOST
from bot.domain.links import host_of
from bot.domain.news import FeedEntry
from bot.domain.subscriptions import Contents, Report
from bot.errors import SourceError, UserError
from bot.feeds.opml import OpmlFeed, write_opml
from bot.services import finding
from bot.services.following import Subject, begin
from bot.storage import feeds, follows, inbox, questions

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.domain.news import Reader
    from bot.domain.schedule import Clock
    from bot.feeds.reading import FeedReader
    from bot.storage.database import Connection, Database

LARGEST: Final = 1024 * 1024
"""Bytes of a list that comes by chat."""


class Subscriptions:
    """A reader's list of feeds as a document.

    Args:
        db: the database.
        clock: the time.
        pages: looks at addresses, and reads documents where they can do no harm.
    """

    def __init__(self, db: Database, clock: Clock, pages: FeedReader) -> None:
        self._db = db
        self._clock = clock
        self._pages = pages

    async def read(self, reader: Reader, data: bytes) -> Contents:
        """What a document holds.

        Raises:
            UserError: it is no list of feeds, or too large.
        """
        if len(data) > LARGEST:
            raise UserError("opml.too_large")
        try:
            document = await self._pages.list_of_feeds(data)
        except SourceError:
            raise UserError("opml.unreadable") from None

        def read(connection: Connection) -> tuple[set[str], int]:
            own = follows.of_chat(connection, reader.chat_id)
            known = [feed for item in own if item.feed_id and (feed := feeds.get(connection, item.feed_id))]
            return {address for feed in known for address in (feed.url, feed.address)}, MOST - len(own)

        followed, room = await self._db.read(read)
        new = [
            FeedEntry(one.url, one.title, language=one.language, site=one.site)
            for one in document.feeds
            if one.url not in followed
        ]
        found = len(document.feeds)
        return Contents(
            found,
            found - len(new),
            tuple(new[: max(room, 0)]),
            max(len(new) - max(room, 0), 0),
            document.broken_at,
        )

    async def check(
        self, update_id: int, reader: Reader, contents: Contents, told: Callable[[int], Awaitable[None]]
    ) -> Report:
        """Look which of the new feeds live, telling now and then how many were looked at."""
        wrong = await finding.check(self._pages, contents.new, told)
        living = [asdict(one) for one in contents.new if one.url not in wrong]
        question = await self._db.write(
            questions.ask, reader.chat_id, update_id, "feeds", {"feeds": living}, self._clock()
        )

        return report_of(contents, wrong, question.id)

    async def follow_all(self, update_id: int, reader: Reader, question_id: int) -> int:
        """Follow all feeds of a list that was checked, as far as there is room; returns how many.

        Raises:
            UserError: it is too late for that.
        """

        def write(connection: Connection) -> int:
            now = self._clock()
            question = questions.get(connection, reader.chat_id, question_id)
            if question is None or question.kind != "feeds":
                raise UserError("error.old_button")
            if not inbox.apply(connection, update_id, now):
                return len(question.about["feeds"])
            room = MOST - follows.count(connection, reader.chat_id)
            entries = [FeedEntry(**one) for one in question.about["feeds"]][: max(room, 0)]
            taken = [
                begin(connection, reader.chat_id, Subject(feed=one, name=one.title), now) for one in entries
            ]
            return sum(not one.known for one in taken)

        return await self._db.write(write)

    async def export(self, reader: Reader, title: str) -> tuple[bytes, int]:
        """The feeds that a reader follows as an OPML document, and how many they are."""

        def read(connection: Connection) -> list[OpmlFeed]:
            return [
                OpmlFeed(feed.url, item.name, feed.desk, feed.site, feed.language, feed.country)
                for item in follows.of_chat(connection, reader.chat_id)
                if item.feed_id and (feed := feeds.get(connection, item.feed_id))
            ]

        own = await self._db.read(read)
        return write_opml(title, own), len(own)


def report_of(contents: Contents, wrong: dict[str, str], question_id: int) -> Report:
    """What checking a list has shown: how many of its new feeds live, and the names of the others."""

    def named(kind: str) -> tuple[str, ...]:
        return tuple(one.title or host_of(one.url) for one in contents.new if wrong.get(one.url) == kind)

    living = len(contents.new) - len(wrong)
    return Report(contents, living, named("dead"), named("no_feed"), question_id)
