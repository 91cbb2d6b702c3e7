"""The feed doctor's round: sick feeds are looked after once a day, and another address is offered, never taken."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from bot.domain.doctor import Advice, best, kept, wants_another
from bot.domain.sampling import gives
from bot.errors import DatabaseError, SourceError
from bot.services import finding
from bot.storage import desk, feeds

if TYPE_CHECKING:
    from bot.domain.articles import FeedDocument
    from bot.domain.news import Feed, FeedEntry
    from bot.domain.schedule import Clock
    from bot.feeds.reading import FeedReader
    from bot.storage.database import Connection, Database

log = logging.getLogger(__name__)

AGAIN: Final = timedelta(days=1)
"""How often one feed is looked after."""
ROUND: Final = 500
"""Feeds looked after in one round: a sound one takes some milliseconds."""
PORTION: Final = 10
"""Sick ones among them; one may take 40 s."""
TITLES: Final = 200
"""Headlines of a feed by which another address is known to be the same paper's."""


class Doctor:
    """Looks after feeds.

    Args:
        db: the database.
        clock: the time.
        pages: looks at addresses.
    """

    def __init__(self, db: Database, clock: Clock, pages: FeedReader) -> None:
        self._db = db
        self._clock = clock
        self._pages = pages

    async def round(self) -> int:
        """Look after the public feeds whose turn it is; returns for how many there is advice."""
        advised = asked = 0
        for feed in await self._db.read(desk.unadvised, self._clock() - AGAIN, ROUND):
            asked += wants_another(feed, self._clock())
            if asked > PORTION:
                break
            try:
                found = await self._advice(feed)
            except DatabaseError:
                raise
            except Exception:  # a bug of ours that this feed met: the others have their turn all the same
                log.exception("feed %d could not be examined", feed.id)
                found = Advice()
            advised += found != Advice()
            await self._db.write(desk.advise, feed, kept(found), self._clock())
        return advised

    async def _advice(self, feed: Feed) -> Advice:
        if not wants_another(feed, self._clock()):
            given = await self._db.read(desk.given_in_full, feed.id)
            return Advice(cut=gives(given) == "cut")
        found = await self._elsewhere(feed)

        def known(connection: Connection) -> tuple[list[str], set[str]]:
            taken = {address for one in feeds.every(connection) for address in (one.url, one.address)}
            return desk.titles(connection, feed.id, TITLES), taken

        titles, taken = await self._db.read(known)
        return best(feed, found, titles, taken)

    async def _elsewhere(self, feed: Feed) -> list[tuple[FeedEntry, FeedDocument]]:
        """The feeds that its site names, or the folder it lies in, or its host; with what they say."""
        for address in dict.fromkeys((feed.site, urljoin(feed.url, "."), urljoin(feed.url, "/"))):
            if not address:
                continue
            try:
                found = await finding.find(self._pages, address)
            except SourceError as error:
                log.info("nothing at %s for feed %d: %s", urlsplit(address).hostname, feed.id, error)
                continue
            entries = [entry for entry in (found.feed, *found.nearby) if entry is not None]
            if entries:
                return [(entry, found.documents[entry.url]) for entry in entries]
        return []
