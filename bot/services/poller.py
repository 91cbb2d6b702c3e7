"""Looking at feeds: claim what is due, fetch and parse, decide, store; every look ends in one write."""

from __future__ import annotations

import asyncio
import logging
import random
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.domain.updates import FeedLook, decide, document_keys
from bot.errors import DatabaseError, SourceError
from bot.logs import work_id
from bot.storage import articles, feeds

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.news import Feed
    from bot.domain.schedule import Clock
    from bot.domain.updates import Policy
    from bot.feeds.reading import FeedReader
    from bot.storage.database import Database

log = logging.getLogger(__name__)

AT_ONCE: Final = 16
"""Feeds looked at side by side."""
LEASE: Final = timedelta(minutes=5)
"""How long a claim lasts: a look takes 30 s at most, the rest is for a busy machine."""


class FeedPoller:
    """The feeds' worker.

    Args:
        db: the database.
        clock: the time.
        reader: fetches and parses.
        policy: the operator's pace, and what counts as news.
        chance: a random number from 0 to 1, for drifting apart.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        reader: FeedReader,
        policy: Policy,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._db = db
        self._clock = clock
        self._reader = reader
        self._policy = policy
        self._chance = chance
        self._stopping = False

    async def poll_due(self) -> int:
        """Look at every feed that is due; returns how many articles are new."""
        added = 0
        running: set[asyncio.Task[int]] = set()
        while not self._stopping:
            now = self._clock()
            free = AT_ONCE - len(running)
            claimed = await self._db.write(feeds.claim_due, now, now + LEASE, free) if free else []
            running |= {asyncio.create_task(self._look(feed)) for feed in claimed}
            if not running:
                break
            # One slow feed holds one place and not the round.
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            added += sum(task.result() for task in done)
        for task in running:
            added += await task
        return added

    def stop(self) -> None:
        """Begin no more looks; those under way are finished by `poll_due`."""
        self._stopping = True

    async def _look(self, feed: Feed) -> int:
        """One feed from its claim to its outcome; nothing that a feed does may reach the others."""
        work_id.set(f"feed {feed.id}")
        try:
            look = await self._fetched(feed)
            keys = {key for own in document_keys(look) for key in own}
            known = await self._db.read(articles.known, feed.id, keys) if keys else {}
            update = decide(feed, look, known, self._clock(), self._policy, self._chance())
            return await self._db.write(articles.store, feed, update)
        except DatabaseError as error:
            log.error("a look at a feed was not written down: %s", error)  # noqa: TRY400 - one sentence says it
            return 0

    async def _fetched(self, feed: Feed) -> FeedLook:
        try:
            return await self._reader.feed(
                feed.address, etag=feed.etag, last_modified=feed.last_modified, known_hash=feed.body_hash
            )
        except SourceError as error:
            trouble = {"key": error.key, **error.values}
            gone = error.key == "source.gone"
            return FeedLook(trouble=trouble, gone=gone, retry_after=error.retry_after)
        except Exception as error:
            # A bug of ours met by one feed: it is kept on the feed and must not stop the others.
            log.exception("a feed could not be read")
            return FeedLook(trouble={"key": "source.not_a_feed", "cause": type(error).__name__})
