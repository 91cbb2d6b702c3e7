"""Lists of stories, and what a number in the chat means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from bot.domain.clustering import story_keys
from bot.domain.searching import terms
from bot.errors import UserError
from bot.services import day
from bot.services.filtering import stories_followed
from bot.services.pressing import note_press, pressed_twice
from bot.services.related import Nearest, relations
from bot.services.showing import to_show
from bot.storage import articles, follows, inbox, lists, readers, search, stories

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.news import Listing, Reader, StoryLine
    from bot.domain.schedule import Clock
    from bot.services.pressing import Origin
    from bot.storage.database import Connection, Database

SNAPSHOT: Final = 100
"""Stories in one list: ten pages. Only a shelf has as many as its reader has saved."""
OF_THE_WEEK: Final = 20
"""Stories in the best of the week: two pages, of which the first is enough for most."""
AFFAIR: Final = 11
"""Stories of an affair beside the one from which it is seen."""
OTHERS: Final = 3
"""Other papers whose headlines stand beside a story's own."""
_STORY: Final = re.compile(r"s(\d{1,15})", re.IGNORECASE)
_PLACE: Final = re.compile(r"[#№]?\s?(\d{1,6})[.)]?")
"""A place in a list as people write it: `3`, `3.` as the list itself has it, `#3`."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A list with what a view needs of it."""

    listing: Listing
    lines: list[StoryLine]
    opened: set[int]


class Lists:
    """Making lists, leafing through them, and finding a story by its place in one.

    Args:
        db: the database.
        clock: the time.
    """

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._nearest = Nearest(db, clock)

    async def latest(
        self, update_id: int, reader: Reader, desk: str = "", message_id: int | None = None
    ) -> Shown:
        """The newest stories of one desk, or of all that the reader reads; it knows when the reader last looked."""
        wanted = (desk,) if desk else ()

        def read(connection: Connection) -> list[int]:
            followed = () if desk else follows.private_feeds(connection, reader.chat_id)
            return stories.latest(connection, reader.languages, wanted, SNAPSHOT, followed)

        found = await self._db.read(read)
        looked = await self._db.read(lists.last_made, reader.chat_id, "latest")
        about = {"desk": desk} | ({"here": looked.timestamp()} if looked else {})
        return await self._keep(update_id, reader, "latest", about, found, message_id)

    async def first(
        self, update_id: int, reader: Reader, message_id: int | None = None, most: int = 3
    ) -> Shown:
        """A few stories for the end of the first conversation; `message_id` is the message that held it, if it shows them."""
        found = await self._db.read(stories.latest, reader.languages, reader.desks, most)
        return await self._keep(update_id, reader, "first", {}, found, message_id)

    async def saved(self, update_id: int, reader: Reader) -> Shown:
        """The reader's shelf, all of it: what is kept can be reached."""
        shelf = await self._db.read(stories.saved, reader.chat_id)
        return await self._keep(update_id, reader, "saved", {}, [line.id for line in shelf])

    async def search(self, update_id: int, reader: Reader, query: str, *, everywhere: bool = False) -> Shown:
        """Stories with all the words of a query, in the reader's languages or in all.

        A list without stories tells in its `elsewhere` how many there are in other languages; `beyond` says that there
        are more than are counted.

        Raises:
            UserError: the query has no words.
        """
        words = terms(query)
        if not words:
            raise UserError("notice.what_to_search")
        languages = () if everywhere else reader.languages
        followed = await self._db.read(follows.private_feeds, reader.chat_id)
        found = await self._db.read(search.stories_with, words, languages, SNAPSHOT + 1, followed)
        about: dict[str, Any] = {"query": " ".join(query.split())[:100], "words": list(words)}
        number = len(found)
        if languages and not found:
            number = len(await self._db.read(search.stories_with, words, (), SNAPSHOT + 1, followed))
            about["elsewhere"] = min(number, SNAPSHOT)
        if number > SNAPSHOT:
            about["beyond"] = True
        return await self._keep(update_id, reader, "search", about, found[:SNAPSHOT])

    async def related(self, update_id: int, reader: Reader, story_id: int) -> Shown:
        """What belongs to a story; `affair` says of how many it is the same affair, `words` what each has in common.

        Raises:
            UserError: the story has left the archive.
        """
        story_id = await self._db.read(to_show, reader.chat_id, story_id)
        followed = await self._db.read(follows.private_feeds, reader.chat_id)
        found = await self._db.read(relations, story_id, self._clock(), followed)
        first, *others = await self._db.read(stories.tellings, story_id) or (None,)
        if first is None:
            raise UserError("error.story_gone")
        about = {
            "of": story_id,
            "title": first.title,
            "tellings": [
                {"title": one.title, "source": one.source, "url": one.url, "at": one.shown_at.timestamp()}
                for one in others[:OTHERS]
            ],
            "affair": [one.story_id for one in found if one.same_affair],
            "words": {str(one.story_id): list(one.words) for one in found},
        }
        return await self._keep(update_id, reader, "related", about, [one.story_id for one in found])

    async def timeline(self, update_id: int, reader: Reader, story_id: int) -> Shown:
        """The affair that a story belongs to, from its first story to its last; `of` is the story itself.

        Raises:
            UserError: the story has left the archive.
        """
        story_id = await self._db.read(to_show, reader.chat_id, story_id)
        followed = await self._db.read(follows.private_feeds, reader.chat_id)

        def read(connection: Connection) -> list[StoryLine]:
            around = relations(connection, story_id, self._clock(), followed, most=AFFAIR)
            ids = [story_id, *(one.story_id for one in around if one.same_affair)]
            return sorted(stories.lines(connection, ids), key=lambda line: line.shown_at)

        lines = await self._db.read(read)
        about = {"of": story_id, "title": next(line.title for line in lines if line.id == story_id)}
        return await self._keep(update_id, reader, "timeline", about, [line.id for line in lines])

    async def beside(self, story_id: int, most: int) -> list[StoryLine]:
        """The public stories nearest to a story, for those who have read it; no list is made of them."""
        near = await self._nearest.of(story_id)
        return (await self._db.read(stories.lines, near))[:most]

    async def day(self, update_id: int, reader: Reader) -> Shown:
        """The last day's stories that most papers tell, of different desks; `sentences` has one of each."""
        since = self._clock() - timedelta(days=1)
        found = await self._db.read(day.chosen, since, reader.languages, reader.desks)
        about = {"sentences": {str(story_id): sentence for story_id, sentence in found}}
        return await self._keep(update_id, reader, "day", about, [story_id for story_id, _ in found])

    async def week(self, update_id: int, reader: Reader) -> Shown:
        """The last seven days' stories that most papers tell, for one who was away."""
        since = self._clock() - timedelta(days=7)
        found = await self._db.read(stories.busiest, since, reader.languages, reader.desks, OF_THE_WEEK)
        return await self._keep(update_id, reader, "week", {}, [story_id for story_id, _ in found])

    async def followed(self, update_id: int, reader: Reader, follow_id: int) -> Shown:
        """The stories of something that the reader follows, as its filters let them through.

        Raises:
            UserError: the reader does not follow it (any more).
        """
        follow, found = await self._db.read(stories_followed, reader.chat_id, follow_id, SNAPSHOT)
        about = {"name": follow.name, "follow": follow.id}
        return await self._keep(update_id, reader, "followed", about, found)

    async def rest(self, update_id: int, reader: Reader, message_id: int) -> Shown:
        """What the digest shown by a message left out.

        Raises:
            UserError: that message shows no digest that we know.
        """
        digest = await self._db.read(lists.shown_by, reader.chat_id, message_id)
        if digest is None or digest.kind != "digest":
            raise UserError("error.old_button")
        left = [int(one) for one in digest.about.get("rest", ())]
        return await self._keep(update_id, reader, "rest", {}, left)

    async def _keep(
        self,
        update_id: int,
        reader: Reader,
        kind: str,
        about: dict[str, Any],
        story_ids: Iterable[int],
        message_id: int | None = None,
    ) -> Shown:
        """Make a list of stories that were found before: the writer is no place to search in."""
        new = lists.New(reader.chat_id, kind, about, tuple(story_ids))

        def write(connection: Connection) -> Listing:
            now = self._clock()
            inbox.apply(connection, update_id, now)
            listing = lists.made_by(connection, update_id)
            if listing is None:
                listing = lists.add(connection, new, now, update_id=update_id, message_id=message_id)
                readers.change(connection, reader.chat_id, seen_at=now)
            return listing

        return await self._db.read(_shown, await self._db.write(write))

    async def page(self, reader: Reader, list_id: int) -> Shown:
        """A list as it was made.

        Raises:
            UserError: it was not shown to this reader, or is no longer kept.
        """

        def find(connection: Connection) -> Shown | None:
            listing = lists.get(connection, reader.chat_id, list_id)
            return _shown(connection, listing) if listing else None

        found = await self._db.read(find)
        if found is None:
            raise UserError("error.old_button")
        return found

    async def once_more(self, update_id: int, reader: Reader) -> Shown:
        """The list shown last, as a new list: the message that shows the old one keeps it.

        Raises:
            UserError: there was none yet.
        """
        old = await self._newest(reader)
        left = [one for one in old.story_ids if one is not None]
        return await self._keep(update_id, reader, old.kind, old.about, left)

    async def _newest(self, reader: Reader) -> Listing:
        """The list shown last to the reader.

        Raises:
            UserError: there was none yet.
        """
        listing = await self._db.read(lists.newest, reader.chat_id)
        if listing is None:
            raise UserError("error.no_list")
        return listing

    async def note_shown(self, list_id: int, message_id: int) -> None:
        """Note which message shows a list."""
        await self._db.write(lists.show, list_id, message_id)

    async def meant(self, reader: Reader, word: str, reply_to: int | None) -> int | None:
        """The story that a word means: `3`, `s123`, or nothing for the last opened one.

        Args:
            reader: who asks.
            word: what stood behind the command, or the whole message.
            reply_to: the message that was replied to; its list counts, else the newest one.

        Returns:
            The story's id; None where the word means none, such as words to search for.

        Raises:
            UserError: it cannot be told which story is meant, or there is none with that number.
        """
        word = word.strip()
        if not word:
            return reader.opened_story_id
        if match := _STORY.fullmatch(word):
            return int(match[1])
        if match := _PLACE.fullmatch(word):
            return await self._by_place(reader, int(match[1]), reply_to)
        return None

    async def _by_place(self, reader: Reader, place: int, reply_to: int | None) -> int:
        there = None
        if reply_to is not None:
            there = await self._db.read(lists.shown_by, reader.chat_id, reply_to)
        listing = there or await self._newest(reader)
        if not 1 <= place <= len(listing.story_ids):
            key = "error.number" if there is None else "error.number_there"
            raise UserError(key, n=len(listing.story_ids))
        story_id = listing.story_ids[place - 1]
        if story_id is None:
            raise UserError("error.story_gone")
        return story_id

    async def told_at(self, chat_id: int, address: str) -> int | None:
        """The story that is told at an address; None where we know none there that this reader may see."""

        def read(connection: Connection) -> int | None:
            keys = story_keys("", address)
            own = [
                key
                for feed_id in follows.private_feeds(connection, chat_id)
                for key in articles.own_keys(keys, feed_id)
            ]
            return articles.story_at(connection, (*keys, *own))

        return await self._db.read(read)

    async def pressed_twice(self, update_id: int, reader: Reader, origin: Origin, what: str) -> bool:
        """Whether this is the second half of a double press: what the button opens is there already."""
        return await self._db.read(pressed_twice, update_id, reader.chat_id, origin, what)

    async def note_press(self, update_id: int, reader: Reader, origin: Origin, what: str) -> None:
        """Note that what a button opens is there now."""
        await self._db.write(note_press, update_id, reader.chat_id, origin, what, self._clock())


def _shown(connection: Connection, listing: Listing) -> Shown:
    ids = [one for one in listing.story_ids if one is not None]
    return Shown(listing, stories.lines(connection, ids), stories.opened(connection, listing.chat_id, ids))
