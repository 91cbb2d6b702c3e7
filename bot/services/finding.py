"""Finding out what stands at an address that a reader names, and which of many addresses are still feeds."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bot.domain.news import FeedEntry
from bot.errors import SourceError, UserError
from bot.feeds.addresses import fetchable
from bot.feeds.discover import usual_feeds

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.domain.articles import FeedDocument
    from bot.feeds.reading import FeedReader, Standing

OFFERED: Final = 3
"""Feeds of a site that are offered."""
PATIENCE: Final = 40.0
"""Seconds for all that is asked about one address."""
AT_ONCE: Final = 8
"""Feeds of a list checked side by side."""
TELLING: Final = 3.0
"""Seconds between two words on how far the checking is."""
CHECKING: Final = 60.0
"""Seconds for checking a list; what was not reached by then counts as living."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found at an address.

    Attributes:
        feed: the feed that stands there, or that the page there names as its only one.
        nearby: the feeds that may be meant; none where there is one.
        documents: what was read at each of them, by its address.
    """

    feed: FeedEntry | None = None
    nearby: tuple[FeedEntry, ...] = ()
    documents: dict[str, FeedDocument] = field(default_factory=dict, compare=False)


def as_address(said: str) -> str:
    """What somebody wrote, as the address that is fetched.

    Raises:
        UserError: it is none, or of a form that leads where we do not go.
    """
    has_scheme = "://" in said
    url = fetchable(said if has_scheme else f"https://{said}")
    if not url:
        raise UserError("source.refused" if has_scheme else "source.no_address")
    return url


async def find(pages: FeedReader, address: str) -> Found:
    """Find the feed at an address, or those of the site around it.

    Raises:
        SourceError: nothing there can be read.
    """
    there = await pages.standing(address)
    if there.document is not None:
        entry = _entry(there)
        return Found(entry, documents={entry.url: there.document} if entry else {})
    named = await _living(pages, there.named)
    if len(named) == 1:
        return Found(named[0][0], documents={entry.url: document for entry, document in named})
    found = (named or await _living(pages, usual_feeds(there.url)))[:OFFERED]
    return Found(
        nearby=tuple(entry for entry, _ in found),
        documents={entry.url: document for entry, document in found},
    )


async def _living(pages: FeedReader, addresses: Sequence[str]) -> tuple[tuple[FeedEntry, FeedDocument], ...]:
    """Those of these addresses at which a feed stands, with what it says, in their order, each feed once."""

    async def look(address: str) -> tuple[FeedEntry, FeedDocument] | None:
        try:
            there = await pages.standing(address)
        except SourceError:
            return None
        entry = _entry(there)
        return (entry, there.document) if entry is not None and there.document is not None else None

    tasks = [asyncio.create_task(look(address)) for address in addresses]
    if not tasks:
        return ()
    try:
        await asyncio.wait(tasks, timeout=PATIENCE)
        found = [task.result() for task in tasks if task.done()]
    finally:
        for task in tasks:
            task.cancel()
    return tuple({one[0].url: one for one in found if one is not None}.values())


def _entry(there: Standing) -> FeedEntry | None:
    document, url = there.document, fetchable(there.url)
    if document is None or not url:
        return None
    return FeedEntry(url, document.title, language=document.language, site=document.site)


async def check(
    pages: FeedReader,
    feeds: Sequence[FeedEntry],
    told: Callable[[int], Awaitable[None]],
    *,
    seconds: float = CHECKING,
    every: float = TELLING,
) -> dict[str, str]:
    """What is wrong with which of these feeds: address to `dead` or `no_feed`.

    Args:
        pages: the way out to the web.
        feeds: what is checked, 8 side by side.
        told: called now and then with how many were checked.
        seconds: for all of it.
        every: seconds between two calls of `told`.
    """
    wrong: dict[str, str] = {}
    room = asyncio.Semaphore(AT_ONCE)

    async def look(feed: FeedEntry) -> None:
        async with room:
            if trouble := await _trouble(pages, feed):
                wrong[feed.url] = trouble

    waiting = {asyncio.create_task(look(feed)) for feed in feeds}
    everything = list(waiting)
    try:
        async with asyncio.timeout(seconds):
            while waiting:
                _, waiting = await asyncio.wait(waiting, timeout=every)
                if waiting:
                    await told(len(everything) - len(waiting))
    except TimeoutError:
        pass
    finally:
        for task in everything:
            task.cancel()
    await asyncio.gather(*everything, return_exceptions=True)
    return wrong


async def _trouble(pages: FeedReader, feed: FeedEntry) -> str:
    """What is wrong with a feed; empty where it can be read."""
    try:
        there = await pages.standing(feed.url)
    except SourceError as error:
        return "no_feed" if error.key in _NO_FEED else "dead"
    return "" if there.document is not None else "no_feed"


_NO_FEED: Final = frozenset({"source.not_a_feed", "source.empty", "source.parse_slow", "source.encoding"})
"""Troubles of an address at which something stands that is no feed."""
