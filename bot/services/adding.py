"""Taking feeds in at the desk: found, looked at, and only then added; one by one or as a whole list."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

from bot.domain.news import DESKS, FeedEntry
from bot.domain.people import Deed, Right
from bot.domain.sampling import Nearby, Proposal, Sample, likely_desk, sampled
from bot.domain.subscriptions import Contents, Report
from bot.errors import SourceError, UserError
from bot.services import finding
from bot.services.filtering import ANSWERED_IN
from bot.services.subscriptions import LARGEST, report_of
from bot.storage import desk, feeds, inbox, people, questions

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection
    from datetime import datetime

    from bot.domain.articles import FeedDocument
    from bot.domain.news import Reader
    from bot.domain.schedule import Clock
    from bot.feeds.reading import FeedReader
    from bot.services.people import People
    from bot.storage.database import Connection, Database

MOST: Final = 2000
"""Feeds of a list that are taken in at once."""
DESKS_SHOWN: Final = 60
"""Desks that can be chosen from: a message takes 100 buttons."""
_IN_USE: Final = frozenset({"active", "paused"})


class Adding:
    """Taking feeds in.

    Args:
        db: the database.
        clock: the time.
        pages: looks at addresses, and reads documents where they can do no harm.
        people: who may.
    """

    def __init__(self, db: Database, clock: Clock, pages: FeedReader, people: People) -> None:
        self._db = db
        self._clock = clock
        self._pages = pages
        self._people = people

    async def ask(self, update_id: int, editor: Reader) -> None:
        """Ask for an address or a list, which the next message brings.

        Raises:
            UserError: the editor may not (any more).
        """
        await self._people.check(editor.chat_id, Right.FEEDS)
        await self._db.write(questions.ask, editor.chat_id, update_id, "newfeed", {}, self._clock())

    async def awaited(self, update_id: int, reader: Reader) -> bool:
        """Whether the message of this update is what `ask` asked for."""
        since = self._clock() - ANSWERED_IN
        question = await self._db.read(questions.open_for, reader.chat_id, update_id, since)
        return question is not None and question.kind == "newfeed"

    async def look(self, update_id: int, editor: Reader, address: str) -> Proposal | Nearby:
        """Look at an address: the feed there as it would be taken in, or those around it.

        Raises:
            UserError: the editor may not; it is no address, cannot be read, or has no feed.
        """
        await self._people.check(editor.chat_id, Right.FEEDS)
        url = finding.as_address(address)
        try:
            found = await finding.find(self._pages, url)
        except SourceError as error:
            raise UserError(error.key, **error.values) from None
        if found.feed is not None:
            return await self._proposed(update_id, editor, found.feed, found.documents[found.feed.url])
        if not found.nearby:
            raise UserError("follow.no_feed")
        about = {"feeds": [asdict(entry) for entry in found.nearby]}
        asked = await self._db.write(questions.ask, editor.chat_id, update_id, "nearby", about, self._clock())
        return Nearby(asked.id, found.nearby)

    async def near(self, editor: Reader, question_id: int, place: int) -> str:
        """The address of one of the feeds that may be meant.

        Raises:
            UserError: they are not kept any more.
        """
        offered = (await self._kept(editor, question_id, "nearby"))["feeds"]
        if place >= len(offered):
            raise UserError("error.old_button")
        return str(offered[place]["url"])

    async def _proposed(
        self, update_id: int, editor: Reader, entry: FeedEntry, document: FeedDocument
    ) -> Proposal:
        def write(connection: Connection) -> Proposal:
            every = feeds.every(connection)
            sample = sampled(replace(entry, desk=entry.desk or likely_desk(entry, every)), document)
            about = sample.kept()
            asked = questions.ask(connection, editor.chat_id, update_id, "sample", about, self._clock())
            return Proposal(asked.id, sample, sample.feed.desk, _number(connection, entry.url))

        return await self._db.write(write)

    async def proposal(self, editor: Reader, question_id: int, name: str | None = None) -> Proposal:
        """A feed that was looked at, on the desk of that name or on the one that is likely.

        Raises:
            UserError: the editor may not (any more), or it is not kept any more.
        """
        await self._people.check(editor.chat_id, Right.FEEDS)
        sample = Sample.brought_back(await self._kept(editor, question_id, "sample"))
        known = await self._db.read(_number, sample.feed.url)
        return Proposal(question_id, sample, sample.feed.desk if name is None else name, known)

    async def add(self, update_id: int, editor: Reader, question_id: int, name: str) -> int:
        """Take a feed in that was looked at; returns its number. One that is here already stays as it is.

        Raises:
            UserError: as `proposal`.
        """
        shown = await self.proposal(editor, question_id, name)
        entry = replace(shown.sample.feed, desk=name)

        def write(connection: Connection) -> int:
            now = self._clock()
            if inbox.apply(connection, update_id, now) and _take_in(connection, [entry], now):
                about = {"feed": entry.title or entry.url, "desk": name}
                people.note(connection, Deed(now, editor.chat_id, editor.first_name, "added", about))
            return _number(connection, entry.url)

        return await self._db.write(write)

    async def read(self, editor: Reader, data: bytes) -> Contents:
        """What a list of feeds holds that is new.

        Raises:
            UserError: the editor may not; it is no list of feeds, or too large.
        """
        await self._people.check(editor.chat_id, Right.FEEDS)
        if len(data) > LARGEST:
            raise UserError("opml.too_large")
        try:
            document = await self._pages.list_of_feeds(data)
        except SourceError:
            raise UserError("opml.unreadable") from None
        here = await self._db.read(feeds.addresses)
        known = {url for url, (_, state, private) in here.items() if state in _IN_USE and not private}
        new = [
            FeedEntry(one.url, one.title, one.desk, one.language, one.country, one.site)
            for one in document.feeds
            if one.url not in known
        ]
        found, beyond = len(document.feeds), max(len(new) - MOST, 0)
        return Contents(found, found - len(new), tuple(new[:MOST]), beyond, document.broken_at)

    async def check(
        self, update_id: int, editor: Reader, contents: Contents, told: Callable[[int], Awaitable[None]]
    ) -> Report:
        """Look which of the new feeds live, telling now and then how many were looked at."""
        wrong = await finding.check(self._pages, contents.new, told)
        living = [asdict(one) for one in contents.new if one.url not in wrong]
        about = {"feeds": living}
        asked = await self._db.write(questions.ask, editor.chat_id, update_id, "list", about, self._clock())
        return report_of(contents, wrong, asked.id)

    async def add_all(self, update_id: int, editor: Reader, question_id: int) -> tuple[int, int]:
        """Take in all living feeds of a list; returns how many were new, and what the button to undo it refers to.

        Raises:
            UserError: the editor may not (any more), or the list is not kept any more.
        """
        await self._people.check(editor.chat_id, Right.FEEDS)
        kept = await self._kept(editor, question_id, "list")

        def write(connection: Connection) -> tuple[int, int]:
            now = self._clock()
            inbox.apply(connection, update_id, now)
            for made in questions.of_kind(connection, editor.chat_id, "added"):
                if made.about["list"] == question_id:
                    return len(made.about["feeds"]), made.id
            new = _take_in(connection, [FeedEntry(**one) for one in kept["feeds"]], now)
            about: dict[str, Any] = {"list": question_id, "feeds": new}
            asked = questions.ask(connection, editor.chat_id, update_id, "added", about, now)
            if new:
                told = {"n": len(new)}
                people.note(connection, Deed(now, editor.chat_id, editor.first_name, "listed", told))
            return len(new), asked.id

        return await self._db.write(write)

    async def take_back(self, update_id: int, editor: Reader, question_id: int) -> int:
        """Put the feeds that a list brought back to what they were before; returns how many there were.

        Raises:
            UserError: the editor may not (any more), or it is too late.
        """
        await self._people.check(editor.chat_id, Right.FEEDS)
        added = (await self._kept(editor, question_id, "added"))["feeds"]

        def write(connection: Connection) -> None:
            now = self._clock()
            if not inbox.apply(connection, update_id, now):
                return
            undone = sum(
                _put_back(connection, feed_id, state, private=private) for feed_id, state, private in added
            )
            if undone:
                told = {"n": undone}
                people.note(connection, Deed(now, editor.chat_id, editor.first_name, "unlisted", told))

        await self._db.write(write)
        return len(added)

    async def _kept(self, editor: Reader, question_id: int, kind: str) -> dict[str, Any]:
        question = await self._db.read(questions.get, editor.chat_id, question_id)
        if question is None or question.kind != kind:
            raise UserError("error.old_button")
        return question.about


def desks_to_choose(used: Collection[str]) -> list[str]:
    """The desks that a feed can be put on: those that every language has a name for, then the newsroom's own."""
    return [*DESKS, *sorted({name for name in used if name} - set(DESKS))][:DESKS_SHOWN]


def _number(connection: Connection, address: str) -> int:
    """The number of the public feed at an address that is in use; 0 for none."""
    feed_id, state, private = feeds.addresses(connection).get(address, (0, "", True))
    return feed_id if state in _IN_USE and not private else 0


def _take_in(connection: Connection, entries: list[FeedEntry], now: datetime) -> list[list[Any]]:
    """Add feeds, or take up again those that were removed, are gone or were a reader's alone.

    Returns:
        Of each feed that is new in this way its number, its state before, which is empty where it is all new, and whether
        it was a reader's alone.
    """
    here = feeds.addresses(connection)
    taken: list[list[Any]] = []
    fresh: dict[str, FeedEntry] = {}
    for entry in entries:
        feed_id, state, private = here.get(entry.url, (0, "", False))
        if not feed_id:
            fresh.setdefault(entry.url, entry)
        elif private:
            feeds.publish(connection, feed_id, entry, now)
            taken.append([feed_id, state, True])
        elif state not in _IN_USE:
            feeds.revive(connection, feed_id, entry, now)
            taken.append([feed_id, state, False])
    feeds.add(connection, fresh.values(), now)
    here = feeds.addresses(connection) if fresh else here
    return taken + [[here[url][0], "", False] for url in fresh if url in here]


def _put_back(connection: Connection, feed_id: int, state: str, *, private: bool) -> bool:
    """Undo what `_take_in` did with a feed; False where somebody has done something else with it since."""
    found = feeds.get(connection, feed_id)
    if found is None or found.private or found.state not in _IN_USE:
        return False
    if private:
        feeds.hide(connection, feed_id)
    desk.change(connection, feed_id, state=state or "removed")
    return True
