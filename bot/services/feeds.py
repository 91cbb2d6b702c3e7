"""The list of feeds: from a file at every start, and by the operator's hand."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from bot.domain.links import safe_url
from bot.domain.news import FeedEntry
from bot.errors import NotReadable, OperatorError
from bot.feeds.opml import OpmlFeed, read_opml, write_opml
from bot.storage import feeds

if TYPE_CHECKING:
    from pathlib import Path

    from bot.domain.news import Feed
    from bot.domain.schedule import Clock
    from bot.storage.database import Connection, Database


@dataclass(frozen=True, slots=True)
class Imported:
    """What reading a list of feeds brought: how many it names, how many are new, and addresses left out."""

    named: int
    new: int
    refused: tuple[str, ...]


class FeedList:
    """Adding, removing and listing feeds.

    Args:
        db: the database.
        clock: the time.
    """

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def load(self, data: bytes, name: str) -> Imported:
        """Add the feeds of an OPML file that are new; nothing is removed by it.

        Raises:
            OperatorError: the file is no OPML.
        """
        entries, refused = read_entries(data, name)
        new = await self._db.write(feeds.add, entries, self._clock())
        return Imported(len(entries), new, refused)

    async def add(self, entry: FeedEntry) -> bool:
        """Add one feed, or take up again one that was removed; False if it is in use already.

        Raises:
            OperatorError: the address cannot be fetched.
        """
        url = safe_url(entry.url) or entry.url
        if not url.startswith(("http://", "https://")):
            raise OperatorError(
                f"{entry.url} is no address of a feed; it must begin with http:// or https://."
            )

        def write(connection: Connection) -> bool:
            now = self._clock()
            return feeds.add(connection, [entry], now) > 0 or feeds.revive(connection, entry.url, now)

        return await self._db.write(write)

    async def remove(self, address: str) -> Feed:
        """Stop fetching a feed; its stories stay.

        Raises:
            OperatorError: there is no such feed.
        """

        def write(connection: Connection) -> Feed | None:
            found = feeds.find(connection, address)
            if found is not None:
                feeds.remove(connection, found.id)
            return found

        removed = await self._db.write(write)
        if removed is None or removed.state == "removed":
            raise OperatorError(
                f"No feed with the address {address} is in use. `paperboy feeds list` shows all."
            )
        return removed

    async def every(self) -> list[Feed]:
        """All feeds in use, by desk."""
        return await self._db.read(feeds.every)

    async def export(self, title: str) -> bytes:
        """All feeds in use as an OPML file."""
        return write_opml(
            title,
            [
                OpmlFeed(feed.url, feed.title, feed.desk, feed.site, feed.language, feed.country)
                for feed in await self.every()
            ],
        )


def read_entries(data: bytes, name: str) -> tuple[list[FeedEntry], tuple[str, ...]]:
    """The feeds that an OPML file names, and the addresses in it that cannot be fetched.

    Raises:
        OperatorError: the file is no OPML.
    """
    try:
        document = read_opml(data)
    except NotReadable as error:
        raise OperatorError(f"{name} is not a list of feeds (OPML): {error}.") from None
    entries, refused = [], []
    for feed in document.feeds:
        if feed.url.startswith(("http://", "https://")):
            entries.append(FeedEntry(feed.url, feed.title, feed.desk, feed.language, feed.country, feed.site))
        else:
            refused.append(feed.url)
    return entries, tuple(refused)


def catalogue(path: Path | None) -> tuple[bytes, str]:
    """The operator's list of feeds, or the built-in one; with the name to call it by.

    Raises:
        OperatorError: the file cannot be read.
    """
    if path is None:
        return resources.files("bot.feeds").joinpath("catalogue.opml").read_bytes(), "the built-in catalogue"
    try:
        return path.read_bytes(), str(path)
    except OSError as error:
        raise OperatorError(f"FEEDS_FILE {path} cannot be read: {error.strerror}.") from None
