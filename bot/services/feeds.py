"""The list of feeds: from a file at every start, and by the operator's hand."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from bot.domain.cleaning import plain
from bot.domain.news import FeedEntry
from bot.errors import NotReadable, OperatorError, TooLarge
from bot.feeds.addresses import fetchable
from bot.feeds.entries import language_code
from bot.feeds.opml import OpmlDocument, OpmlFeed, read_opml, write_opml
from bot.storage import feeds
from bot.views.troubles import plainly

if TYPE_CHECKING:
    from pathlib import Path

    from bot.domain.news import Feed
    from bot.domain.schedule import Clock
    from bot.storage.database import Connection, Database


@dataclass(frozen=True, slots=True)
class Imported:
    """What reading a list of feeds brought.

    Attributes:
        named: how many feeds it names.
        new: how many of them are new.
        refused: addresses left out, since they can be none of a feed.
        broken_at: the line from which on feeds may have been lost; 0 where the whole list was read.
    """

    named: int
    new: int
    refused: tuple[str, ...]
    broken_at: int

    @property
    def known(self) -> int:
        """How many were there before; those that were removed by hand stay removed."""
        return self.named - self.new


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
        document = read_list(data, name)
        entries = [
            FeedEntry(feed.url, feed.title, feed.desk, feed.language, feed.country, feed.site)
            for feed in document.feeds
        ]
        new = await self._db.write(feeds.add, entries, self._clock())
        return Imported(len(entries), new, document.refused, document.broken_at)

    async def add(self, entry: FeedEntry) -> bool:
        """Add one feed, or take up again one that was removed; False if it is in use already.

        Raises:
            OperatorError: the address cannot be fetched, or the language is none.
        """
        cleaned = _cleaned(entry)

        def write(connection: Connection) -> bool:
            now = self._clock()
            known = feeds.find(connection, cleaned.url)
            if known is None:
                return feeds.add(connection, [cleaned], now) > 0
            return feeds.revive(connection, known.id, cleaned, now)

        return await self._db.write(write)

    async def remove(self, address: str) -> Feed:
        """Stop fetching a feed; its stories stay.

        Raises:
            OperatorError: there is no such feed.
        """

        def write(connection: Connection) -> Feed | None:
            found = feeds.find(connection, fetchable(address) or address)
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


def read_list(data: bytes, name: str) -> OpmlDocument:
    """What an OPML file says.

    Raises:
        OperatorError: the file is no OPML.
    """
    try:
        return read_opml(data)
    except (NotReadable, TooLarge) as error:
        reason = plainly({"key": error.key, **error.values})
        raise OperatorError(f"{name} is not a list of feeds (OPML): {reason}") from None


def _cleaned(entry: FeedEntry) -> FeedEntry:
    url, language = fetchable(entry.url), language_code(entry.language)
    if not url:
        raise OperatorError(
            f"{entry.url} is no address of a feed. It must begin with http:// or https:// and hold no password."
        )
    if entry.language and not language:
        raise OperatorError(
            f"{entry.language} is no language; it must be a code of two letters such as en or uk."
        )
    return FeedEntry(
        url, plain(entry.title, 200), plain(entry.desk, 64), language, plain(entry.country).upper()
    )


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
