"""What a reader follows: feeds, words and stories; how each reaches the reader, and what is taken back."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from bot.domain.cleaning import plain
from bot.domain.filters import Filter, needles
from bot.domain.following import MOST, WAYS, Follow
from bot.domain.links import host_of
from bot.domain.news import FeedEntry
from bot.errors import SourceError, UserError
from bot.services import finding
from bot.services.finding import Found
from bot.services.showing import to_show
from bot.storage import feeds, follows, fresh, inbox, lists, questions, stories

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.news import Reader
    from bot.domain.schedule import Clock
    from bot.feeds.reading import FeedReader
    from bot.storage.database import Connection, Database
    from bot.storage.questions import Question

LONGEST_NAME: Final = 100
"""UTF-16 units of an item's name."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What shall be followed: a feed, words, or a story."""

    feed: FeedEntry | None = None
    words: str = ""
    story_id: int = 0
    name: str = ""
    way: str = "digest"


@dataclass(frozen=True, slots=True)
class Taken:
    """An item that is followed now; `known` where it was before."""

    follow: Follow
    known: bool


@dataclass(frozen=True, slots=True)
class Item:
    """An item with its filters."""

    follow: Follow
    filters: tuple[Filter, ...]


class Following:
    """Beginning to follow, changing it, and ending it.

    Args:
        db: the database.
        clock: the time.
        pages: looks at addresses.
    """

    def __init__(self, db: Database, clock: Clock, pages: FeedReader) -> None:
        self._db = db
        self._clock = clock
        self._pages = pages

    async def site(self, address: str) -> Found:
        """The feed that is meant by an address, or those around it.

        Raises:
            UserError: it is no address, cannot be read, or has no feed.
        """
        url = finding.as_address(address)
        known = await self._db.read(feeds.find, url)
        if known is not None and known.state == "active":
            return Found(FeedEntry(known.url, known.title))
        try:
            found = await finding.find(self._pages, url)
        except SourceError as error:
            raise UserError(error.key, **error.values) from None
        if found.feed is None and not found.nearby:
            raise UserError("follow.no_feed")
        return found

    async def follow(
        self, update_id: int, reader: Reader, subject: Subject, message_id: int | None = None
    ) -> Taken:
        """Follow something; what is followed already stays as it is.

        Args:
            update_id: the update that asked for it.
            reader: who follows.
            subject: what.
            message_id: the message about it, to which news of a story reply.

        Raises:
            UserError: there are no words, the story has left the archive, or the reader follows 50 items.
        """

        def write(connection: Connection) -> Taken:
            now = self._clock()
            is_first = inbox.apply(connection, update_id, now)
            return begin(connection, reader.chat_id, subject, now, message_id, is_first=is_first)

        return await self._db.write(write)

    async def words_of_list(self, reader: Reader, list_id: int) -> str:
        """The words of a search.

        Raises:
            UserError: that list is not kept any more.
        """
        listing = await self._db.read(lists.get, reader.chat_id, list_id)
        if listing is None or not listing.about.get("query"):
            raise UserError("error.old_button")
        return " ".join(map(str, listing.about.get("words", ())))

    async def offer(self, update_id: int, reader: Reader, found: tuple[FeedEntry, ...]) -> Question:
        """Keep what is offered, so that a button can mean it."""
        about = {"feeds": [asdict(entry) for entry in found]}
        return await self._db.write(questions.ask, reader.chat_id, update_id, "feeds", about, self._clock())

    async def offered(self, reader: Reader, question_id: int, place: int) -> Subject:
        """What a button of an offer means.

        Raises:
            UserError: the offer is not kept any more.
        """
        question = await self._db.read(questions.get, reader.chat_id, question_id)
        if question is None or question.kind != "feeds" or place >= len(question.about["feeds"]):
            raise UserError("error.old_button")
        return Subject(feed=FeedEntry(**question.about["feeds"][place]))

    async def ask_site(self, update_id: int, reader: Reader, address: str) -> Question:
        """Keep the address of a link, so that a button can mean it."""
        about = {"url": address}
        return await self._db.write(questions.ask, reader.chat_id, update_id, "site", about, self._clock())

    async def asked_site(self, reader: Reader, question_id: int) -> str:
        """The address that a button means.

        Raises:
            UserError: it is not kept any more.
        """
        question = await self._db.read(questions.get, reader.chat_id, question_id)
        if question is None or question.kind != "site":
            raise UserError("error.old_button")
        return str(question.about["url"])

    async def items(self, reader: Reader) -> list[Item]:
        """All that the reader follows, what was begun last first."""

        def read(connection: Connection) -> list[Item]:
            own = follows.filters_of(connection, [reader.chat_id]).get(reader.chat_id, ())
            return [_item(follow, own) for follow in reversed(follows.of_chat(connection, reader.chat_id))]

        return await self._db.read(read)

    async def item(self, reader: Reader, follow_id: int) -> Item:
        """One item.

        Raises:
            UserError: the reader does not follow it (any more).
        """
        return await self._db.read(_get, reader.chat_id, follow_id)

    async def change(self, update_id: int, reader: Reader, follow_id: int, **values: str) -> Item:
        """Set an item's `way` or `name`.

        Raises:
            UserError: the reader does not follow it (any more), or there is no such way.
        """
        if values.get("way", WAYS[0]) not in WAYS:
            raise UserError("error.old_button")
        if "name" in values:
            values["name"] = plain(values["name"], LONGEST_NAME)

        def write(connection: Connection) -> Item:
            item = _get(connection, reader.chat_id, follow_id)
            if all(values.values()) and inbox.apply(connection, update_id, self._clock()):
                follows.change(connection, reader.chat_id, follow_id, **values)
                return _get(connection, reader.chat_id, follow_id)
            return item

        return await self._db.write(write)

    async def go_on(self, update_id: int, reader: Reader, follow_id: int) -> Item:
        """Keep following a story of which nothing was heard for long.

        Raises:
            UserError: the reader does not follow it (any more).
        """

        def write(connection: Connection) -> Item:
            item, now = _get(connection, reader.chat_id, follow_id), self._clock()
            if inbox.apply(connection, update_id, now):
                follows.change(connection, reader.chat_id, follow_id, heard_at=now, asked_at=None)
            return item

        return await self._db.write(write)

    async def remove(self, update_id: int, reader: Reader, follow_id: int) -> Question:
        """Follow an item no more; the question that is returned can bring it back.

        Raises:
            UserError: the reader does not follow it (any more).
        """

        def write(connection: Connection) -> Question:
            now = self._clock()
            if not inbox.apply(connection, update_id, now):
                asked = questions.made_by(connection, update_id)
                if asked is not None:
                    return asked
            item = _get(connection, reader.chat_id, follow_id)
            about = _memory(connection, item)
            follows.remove(connection, reader.chat_id, follow_id)
            feeds.rest_unfollowed(connection)
            return questions.ask(connection, reader.chat_id, update_id, "removed", about, now)

        return await self._db.write(write)

    async def bring_back(self, update_id: int, reader: Reader, question_id: int) -> Taken:
        """Follow again what was removed, with its name, its way and its filters.

        Raises:
            UserError: it is too late for that.
        """

        def write(connection: Connection) -> Taken:
            now = self._clock()
            is_first = inbox.apply(connection, update_id, now)
            question = questions.get(connection, reader.chat_id, question_id)
            if question is None or question.kind != "removed":
                raise UserError("error.old_button")
            about = question.about
            feed = FeedEntry(**about["feed"]) if about["feed"] else None
            subject = Subject(feed, about["words"], about["story_id"] or 0, about["name"], about["way"])
            taken = begin(connection, reader.chat_id, subject, now, None, is_first=is_first)
            if not taken.known and is_first:
                for field, words, keep in about["filters"]:
                    follows.add_filter(
                        connection, reader.chat_id, Filter(0, taken.follow.id, field, words, keep)
                    )
            return taken

        return await self._db.write(write)


def begin(
    connection: Connection,
    chat_id: int,
    subject: Subject,
    now: datetime,
    message_id: int | None = None,
    *,
    is_first: bool = True,
) -> Taken:
    """Follow something, inside a transaction; see `Following.follow`. What an update began before is not `known`."""
    new = _new(connection, chat_id, subject, now, message_id)
    name = _subject(new) if new.kind != "feed" or new.feed_id else ""
    before = follows.named(connection, chat_id, name) if name else None
    if before is not None:
        return Taken(before, known=is_first)
    if follows.count(connection, chat_id) >= MOST:
        raise UserError("follow.full", n=MOST)
    if subject.feed is not None:
        new = replace(new, feed_id=feeds.add_private(connection, subject.feed, now))
    fresh.begin(connection)
    follows.add(connection, new, _subject(new))
    made = follows.named(connection, chat_id, _subject(new))
    assert made is not None  # noqa: S101 - it was just written
    return Taken(made, known=False)


def _new(
    connection: Connection, chat_id: int, subject: Subject, now: datetime, message_id: int | None
) -> Follow:
    """The item as it would be written down; of a feed that nobody has yet the number is missing."""
    kind, feed_id, name = "feed", None, subject.name
    if subject.feed is not None:
        known = feeds.find(connection, subject.feed.url)
        feed_id = known.id if known else None
        title = plain(known.title if known else "") or plain(subject.feed.title)
        name = name or title or host_of(subject.feed.url)
    elif subject.story_id:
        subject = replace(subject, story_id=to_show(connection, chat_id, subject.story_id))
        found = stories.lines(connection, [subject.story_id])
        kind, name = "story", name or found[0].title or found[0].teaser
    else:
        if not needles(subject.words):
            raise UserError("follow.what")
        kind, name = "words", name or subject.words
    return Follow(
        id=0,
        chat_id=chat_id,
        kind=kind,
        feed_id=feed_id,
        story_id=subject.story_id or None,
        words=plain(subject.words, 200),
        name=plain(name, LONGEST_NAME),
        way=subject.way,
        made_at=now,
        heard_at=now,
        looked_at=now,
        asked_at=None,
        message_id=message_id,
    )


def _subject(follow: Follow) -> str:
    """What names an item among those of its reader."""
    if follow.kind == "words":
        return "words:" + "|".join(sorted(needles(follow.words)))
    return f"{follow.kind}:{follow.feed_id or follow.story_id}"


def _item(follow: Follow, own: tuple[Filter, ...]) -> Item:
    return Item(follow, tuple(one for one in own if one.follow_id == follow.id))


def _get(connection: Connection, chat_id: int, follow_id: int) -> Item:
    follow = follows.get(connection, chat_id, follow_id)
    if follow is None:
        raise UserError("follow.gone")
    return _item(follow, follows.filters_of(connection, [chat_id]).get(chat_id, ()))


def _memory(connection: Connection, item: Item) -> dict[str, Any]:
    """What brings an item back."""
    follow = item.follow
    feed = feeds.get(connection, follow.feed_id) if follow.feed_id else None
    return {
        "feed": {"url": feed.url, "title": feed.title} if feed else None,
        "words": follow.words,
        "story_id": follow.story_id,
        "name": follow.name,
        "way": follow.way,
        "filters": [[one.field, one.words, one.keep] for one in item.filters],
    }
