"""Looking at feeds: claim what is due, fetch and parse, decide, store in portions, the feed's new state last."""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import replace
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
    from bot.domain.updates import FeedUpdate, Policy
    from bot.feeds.reading import FeedReader
    from bot.storage.database import Connection, Database

log = logging.getLogger(__name__)

AT_ONCE: Final = 16
"""Feeds looked at side by side."""
PATIENCE: Final = 2.0
"""Seconds after which feeds that have become due are looked for, while others are still under way."""
LEASE: Final = timedelta(minutes=5)
"""How long a claim lasts: a look takes 30 s at most, the rest is for a busy machine."""
PORTION: Final = 50
"""Articles written in one transaction; the writer serves readers between two (an article takes it 2 ms, measured)."""


class FeedPoller:
    """The feeds' worker.

    Args:
        db: the database.
        clock: the time.
        reader: fetches and parses.
        policy: the operator's pace, and what counts as news.
        chance: a random number from 0 to 1, for drifting apart.
        patience: seconds after which feeds that have become due are looked for, while others are still under way.
        has_room: whether there is room for more articles; while there is none, no look is begun.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        reader: FeedReader,
        policy: Policy,
        chance: Callable[[], float] = random.random,
        *,
        patience: float = PATIENCE,
        has_room: Callable[[], bool] = lambda: True,
    ) -> None:
        self._db = db
        self._clock = clock
        self._reader = reader
        self._policy = policy
        self._chance = chance
        self._patience = patience
        self._has_room = has_room
        self._stopping = False

    async def poll_due(self) -> int:
        """Look at every feed that is due; returns how many articles are new.

        Raises:
            DatabaseError: nothing can be claimed; the looks that were under way have been finished first.
        """
        added = 0
        running: set[asyncio.Task[int]] = set()
        try:
            while True:
                running |= {
                    asyncio.create_task(self._look(feed)) for feed in await self._claimed(len(running))
                }
                if not running:
                    return added
                # One slow feed holds one place and not the round, and not those that become due meanwhile.
                done, running = await asyncio.wait(
                    running, timeout=self._patience, return_when=asyncio.FIRST_COMPLETED
                )
                added += sum(task.result() for task in done)
        except DatabaseError:
            await asyncio.gather(*running)
            raise
        finally:
            for task in running:
                task.cancel()

    async def _claimed(self, running: int) -> list[Feed]:
        """As many due feeds as there are places beside `running` looks."""
        if self._stopping or running >= AT_ONCE or not self._has_room():
            return []
        now = self._clock()
        return await self._db.write(feeds.claim_due, now, now + LEASE, AT_ONCE - running)

    def stop(self) -> None:
        """Begin no more looks; those under way are finished by `poll_due`."""
        self._stopping = True

    async def _look(self, feed: Feed) -> int:
        """One feed from its claim to its outcome; nothing that a feed does may reach the others."""
        work_id.set(f"feed {feed.id}")
        try:
            try:
                return await self._taken(feed, await self._fetched(feed))
            except DatabaseError:
                raise
            except Exception as error:  # a bug of ours that this feed met: it is kept on the feed
                log.exception("a feed could not be read")
                trouble = {"key": "source.ours", "cause": type(error).__name__}
                return await self._taken(feed, FeedLook(trouble=trouble))
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

    async def _taken(self, feed: Feed, look: FeedLook) -> int:
        """Decide what a look means and write it down; returns how many articles are new."""
        now, chance = self._clock(), self._chance()

        def decided(connection: Connection) -> FeedUpdate:
            # In a reading thread: telling 500 articles apart takes longer than the event loop should wait.
            known = articles.known(connection, feed.id, {key for own in document_keys(look) for key in own})
            return decide(feed, look, known, now, self._policy, chance)

        rest, added = await self._db.read(decided), 0
        while len(rest.new) + len(rest.changed) > PORTION:
            new = rest.new[:PORTION]
            portion = replace(rest, new=new, changed=rest.changed[: PORTION - len(new)])
            added += await self._db.write(articles.write, feed, portion)
            rest = replace(rest, new=rest.new[len(new) :], changed=rest.changed[len(portion.changed) :])
        return added + await self._db.write(articles.store, feed, rest)
