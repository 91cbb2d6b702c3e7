"""The editors' desk: how the newsroom does, and what editors do with its feeds."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from bot.domain.cleaning import plain
from bot.domain.desk import FeedCard, State
from bot.domain.doctor import advice, ailment
from bot.domain.news import TEXTS
from bot.domain.people import Deed, Right
from bot.domain.sampling import gives
from bot.errors import UserError
from bot.services import health
from bot.services.adding import desks_to_choose
from bot.storage import desk, feeds, inbox, people, questions

if TYPE_CHECKING:
    from bot.domain.news import Feed, Reader
    from bot.domain.schedule import Clock
    from bot.services.people import People
    from bot.services.safekeeping import Room
    from bot.storage.database import Connection, Database

DAYS: Final = 14
"""Days of a feed that are shown."""
WEEK: Final = timedelta(days=7)
LONGEST_NAME: Final = 100
"""UTF-16 units of a feed's name."""


class Desk:
    """What editors see and do.

    Args:
        db: the database.
        clock: the time.
        room: on the disk.
        people: who may.
    """

    def __init__(self, db: Database, clock: Clock, room: Room, people: People) -> None:
        self._db = db
        self._clock = clock
        self._room = room
        self._people = people

    async def state(self) -> State:
        """How the newsroom does now."""
        looked = await health.look(self._db, self._clock, self._room, counting=False)
        figures = await self._db.read(desk.figures, self._clock() - WEEK)
        return State(looked.wrong, await self._db.read(feeds.every), figures, self._clock())

    async def feeds(self) -> list[Feed]:
        """All public feeds that were not removed, by desk and name."""
        return await self._db.read(feeds.every)

    async def desks(self) -> list[str]:
        """The names of the desks that a feed or a story can be put on."""
        return desks_to_choose({feed.desk for feed in await self.feeds()})

    async def feed(self, feed_id: int) -> FeedCard:
        """One feed with its last days.

        Raises:
            UserError: there is no such feed.
        """
        now = self._clock()

        def find(connection: Connection) -> FeedCard:
            seen = desk.seen_since(connection, feed_id, now - timedelta(days=DAYS))
            days = [0] * DAYS
            for at in seen:
                days[DAYS - 1 - min(DAYS - 1, (now - at).days)] += 1
            feed = _known(connection, feed_id)
            given = gives(desk.given_in_full(connection, feed_id))
            return FeedCard(
                feed, tuple(days), given, *desk.goes_with(connection, feed_id), ailment(feed, now)
            )

        return await self._db.read(find)

    async def try_now(self, update_id: int, editor: Reader, feed_id: int) -> FeedCard:
        """Let a feed be looked at at once, whatever its rhythm.

        Raises:
            UserError: as `_changed`.
        """
        now = self._clock()
        return await self._changed(update_id, editor, feed_id, "tried", next_check_at=now, state="active")

    async def pause(self, update_id: int, editor: Reader, feed_id: int, *, on: bool) -> FeedCard:
        """Let a feed rest, or take it up again.

        Raises:
            UserError: as `_changed`.
        """
        if on:
            return await self._changed(update_id, editor, feed_id, "paused", state="paused")
        now = self._clock()
        return await self._changed(update_id, editor, feed_id, "resumed", state="active", next_check_at=now)

    async def move(self, update_id: int, editor: Reader, feed_id: int, name: str) -> FeedCard:
        """Put a feed on another desk; what it has told stays where it is.

        Raises:
            UserError: as `_changed`.
        """
        return await self._changed(update_id, editor, feed_id, "moved", desk=name)

    async def rename(self, update_id: int, editor: Reader, feed_id: int, name: str) -> FeedCard:
        """Give a feed the name that readers see as its stories' source.

        Raises:
            UserError: as `_changed`, or the name has nothing to read.
        """
        words = plain(name, LONGEST_NAME)
        if not words:
            raise UserError("edit.no_words")
        return await self._changed(update_id, editor, feed_id, "renamed", title=words)

    async def ask_name(self, update_id: int, editor: Reader, feed_id: int) -> FeedCard:
        """Ask for a feed's name, which the next message brings.

        Raises:
            UserError: as `_changed`.
        """
        await self._people.check(editor.chat_id, Right.FEEDS)
        card = await self.feed(feed_id)
        about = {"feed_id": feed_id}
        await self._db.write(questions.ask, editor.chat_id, update_id, "feedname", about, self._clock())
        return card

    async def show_texts(self, update_id: int, editor: Reader, feed_id: int, texts: str) -> FeedCard:
        """Decide how much of a feed's stories readers may see here: one of `TEXTS`.

        Raises:
            UserError: as `_changed`, or there is no such choice.
        """
        if texts not in TEXTS:
            raise UserError("error.old_button")
        return await self._changed(update_id, editor, feed_id, f"shows{texts}", texts=texts)

    async def take_advice(self, update_id: int, editor: Reader, feed_id: int) -> FeedCard:
        """Fetch a feed from the address that the doctor found; a second press changes nothing.

        Raises:
            UserError: as `_changed`, or there is no advice any more.
        """
        await self._people.check(editor.chat_id, Right.FEEDS)
        card = await self.feed(feed_id)
        address = advice(card.feed).url
        if not address and await self._db.read(inbox.is_applied, update_id):
            return card
        if not address:
            raise UserError("error.old_button")
        return await self._readdressed(update_id, editor, feed_id, "redirected", address)

    async def old_address(self, update_id: int, editor: Reader, feed_id: int) -> FeedCard:
        """Fetch a feed again from the address it was added under.

        Raises:
            UserError: as `_changed`.
        """
        return await self._readdressed(update_id, editor, feed_id, "returned", "")

    async def _readdressed(
        self, update_id: int, editor: Reader, feed_id: int, what: str, moved_to: str
    ) -> FeedCard:
        """Fetch a feed from elsewhere, at once and as if for the first time."""
        now = self._clock()
        fresh = {"etag": "", "last_modified": "", "body_hash": "", "failures": 0, "trouble": None}
        return await self._changed(
            update_id,
            editor,
            feed_id,
            what,
            **fresh,
            moved_to=moved_to,
            state="active",
            next_check_at=now,
            advice=None,
        )

    async def remove(self, update_id: int, editor: Reader, feed_id: int) -> FeedCard:
        """Stop fetching a feed; its stories stay.

        Raises:
            UserError: as `_changed`.
        """
        return await self._changed(update_id, editor, feed_id, "removed", state="removed")

    async def _changed(
        self,
        update_id: int,
        editor: Reader,
        feed_id: int,
        what: str,
        **values: Any,  # noqa: ANN401 - columns of feeds
    ) -> FeedCard:
        """Change a feed and write down who did it.

        Raises:
            UserError: the editor may not (any more), there is no such feed, or another one has the new address.
        """
        await self._people.check(editor.chat_id, Right.FEEDS)

        def write(connection: Connection) -> None:
            feed = _known(connection, feed_id)
            now = self._clock()
            if inbox.apply(connection, update_id, now):
                address = values.get("moved_to")
                if address and feeds.addresses(connection).get(address, (feed_id,))[0] != feed_id:
                    raise UserError("adding.known")
                desk.change(connection, feed_id, **values)
                about = {"feed": feed.title or feed.url, "desk": str(values.get("desk", ""))}
                people.note(connection, Deed(now, editor.chat_id, editor.first_name, what, about))

        await self._db.write(write)
        return await self.feed(feed_id)


def _known(connection: Connection, feed_id: int) -> Feed:
    found = feeds.get(connection, feed_id)
    if found is None or found.private:
        raise UserError("error.old_button")
    return found
