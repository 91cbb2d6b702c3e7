"""Reading as services see it: an address goes in, a parsed document comes out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.updates import FeedLook
from bot.errors import NotReadable
from bot.feeds.discover import named_feeds
from bot.feeds.documents import read_feed
from bot.feeds.extract import read_page
from bot.feeds.fetch import PAGES
from bot.feeds.opml import read_opml

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.articles import FeedDocument, FullText
    from bot.feeds.fetch import Fetcher
    from bot.feeds.opml import OpmlDocument
    from bot.feeds.workers import Workers


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands at an address.

    Attributes:
        url: where it stands, after what has moved for good.
        document: the feed that it is; None for a page.
        named: the addresses of the feeds that a page names.
    """

    url: str
    document: FeedDocument | None
    named: tuple[str, ...] = ()


class FeedReader:
    """Fetches and parses.

    Args:
        fetcher: the way out to the web, open.
        workers: where parsing is done, open.
        clock: the time.
    """

    def __init__(self, fetcher: Fetcher, workers: Workers, clock: Callable[[], datetime]) -> None:
        self._fetcher = fetcher
        self._workers = workers
        self._clock = clock

    async def feed(
        self, url: str, *, etag: str = "", last_modified: str = "", known_hash: str = ""
    ) -> FeedLook:
        """Look at a feed once.

        Args:
            url: its address.
            etag: the ETag of the last answer; empty for none.
            last_modified: its Last-Modified, likewise.
            known_hash: the hash of the last body that could be parsed; the same body is not parsed again, since many
                servers never say "not modified".

        Returns:
            What it brought: a document, or `unchanged`; `trouble` is never set here.

        Raises:
            SourceError: it could not be fetched or is no feed; see `Fetcher.fetch`, `read_feed` and `Workers.run`.
        """
        fetched = await self._fetcher.fetch(url, etag=etag, last_modified=last_modified)
        body_hash = known_hash if fetched.not_modified else hashlib.sha256(fetched.body).hexdigest()
        unchanged = fetched.not_modified or body_hash == known_hash
        document = None
        if not unchanged:
            document = await self._workers.run(
                read_feed, fetched.body, fetched.content_type, fetched.final_url, self._clock()
            )
        return FeedLook(
            document=document,
            unchanged=unchanged,
            etag=fetched.etag,
            last_modified=fetched.last_modified,
            body_hash=body_hash,
            moved_to=fetched.moved_to,
            fresh_for=fetched.fresh_for,
        )

    async def page(self, url: str) -> FullText:
        """Read the text of a web page.

        Raises:
            SourceError: it could not be fetched, is no page or has no text; see `Fetcher.fetch`, `read_page` and
                `Workers.run`.
        """
        fetched = await self._fetcher.fetch(url, accept=PAGES)
        return await self._workers.run(read_page, fetched.body, fetched.content_type, fetched.final_url)

    async def standing(self, url: str) -> Standing:
        """See what stands at an address: a feed, or a page that may name feeds.

        Raises:
            SourceError: nothing that could be read; see `Fetcher.fetch`, `read_feed` and `Workers.run`.
        """
        fetched = await self._fetcher.fetch(url)
        source = (fetched.body, fetched.content_type, fetched.final_url)
        try:
            document = await self._workers.run(read_feed, *source, self._clock())
        except NotReadable as error:
            if error.key != "source.not_a_feed":
                raise
            return Standing(fetched.final_url, None, await self._workers.run(named_feeds, *source))
        return Standing(fetched.moved_to or url, document)

    async def list_of_feeds(self, data: bytes) -> OpmlDocument:
        """Read an OPML document.

        Raises:
            SourceError: it is none; see `read_opml` and `Workers.run`.
        """
        return await self._workers.run(read_opml, data)
