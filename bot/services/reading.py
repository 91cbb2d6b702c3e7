"""Reading a story in full: from its feed, else from its page, else its teaser and an honest line."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.domain.links import host_of
from bot.domain.news import PASSING
from bot.errors import SourceError
from bot.services.pressing import note_press, pressed_twice
from bot.services.showing import to_show
from bot.services.tags import tags
from bot.storage import comments, full_texts, inbox, readers, stories

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.news import Reader, StoryLine, Telling
    from bot.domain.schedule import Clock
    from bot.feeds.reading import FeedReader
    from bot.services.pressing import Origin
    from bot.storage.database import Connection, Database

log = logging.getLogger(__name__)

TRY_AGAIN: Final = timedelta(minutes=30)
"""When a page is asked again after a failure that another hour may mend."""
LATER: Final = timedelta(days=1)
"""The same after any other failure."""


@dataclass(frozen=True, slots=True)
class OpenedStory:
    """A story with the telling whose text is shown, and how many comments there are to read."""

    line: StoryLine
    telling: Telling
    saved: bool
    comments: int = 0


class Reading:
    """Opening stories and keeping them.

    Args:
        db: the database.
        clock: the time.
        pages: reads articles' pages.
    """

    def __init__(self, db: Database, clock: Clock, pages: FeedReader) -> None:
        self._db = db
        self._clock = clock
        self._pages = pages
        self._fetching: dict[int, asyncio.Task[None]] = {}

    async def open(
        self,
        update_id: int,
        reader: Reader,
        story_id: int,
        origin: Origin | None = None,
        *,
        how: str = "",
        article_id: int = 0,
    ) -> OpenedStory | None:
        """Open a story for reading: its text is fetched if need be, and the reader counts as having been told.

        Args:
            update_id: the update that asked for it.
            reader: who reads.
            story_id: what.
            origin: the button that was pressed, where it was one.
            how: what the button opens, where that is not the story's text.
            article_id: the paper's telling that is wanted; 0 for the first one that has a text.

        Returns:
            The story; None if this was the second half of a double press.

        Raises:
            UserError: the story has left the archive.
        """
        what = f"{how}{story_id}:{article_id}" if article_id else f"{how}{story_id}"
        if origin is not None and await self._db.read(pressed_twice, update_id, reader.chat_id, origin, what):
            return None
        story_id = await self._db.read(to_show, reader.chat_id, story_id)
        await self._fetch_if_needed(story_id, article_id)

        def write(connection: Connection) -> OpenedStory:
            now = self._clock()
            opened = _opened(connection, reader.chat_id, story_id, article_id)
            if inbox.apply(connection, update_id, now):
                stories.tell(connection, reader.chat_id, [story_id], "opened", now)
                readers.change(connection, reader.chat_id, opened_story_id=story_id, seen_at=now)
            if origin:
                note_press(connection, update_id, reader.chat_id, origin, what, now)
            return opened

        return await self._db.write(write)

    async def look(self, reader: Reader, story_id: int, article_id: int = 0) -> OpenedStory:
        """A story as it is now, in one paper's telling or the first that has a text; it counts not as opened.

        Raises:
            UserError: the story has left the archive.
        """
        return await self._db.read(_opened, reader.chat_id, story_id, article_id)

    async def prepare(self, story_id: int) -> None:
        """Have a story's text ready for those who will open it, as far as its papers give it."""
        await self._fetch_if_needed(story_id, 0)

    async def opened(self, reader: Reader, story_ids: list[int]) -> set[int]:
        """Which of these stories the reader has opened."""
        return await self._db.read(stories.opened, reader.chat_id, story_ids)

    async def save(self, update_id: int, reader: Reader, story_id: int, *, keep: bool) -> OpenedStory:
        """Put a story on the reader's shelf, or take it off.

        Raises:
            UserError: the story has left the archive.
        """

        def write(connection: Connection) -> OpenedStory:
            now = self._clock()
            kept = _opened(connection, reader.chat_id, story_id).line.id
            if inbox.apply(connection, update_id, now):
                stories.save(connection, reader.chat_id, kept, now, keep=keep)
            return _opened(connection, reader.chat_id, kept)

        return await self._db.write(write)

    async def tags(self, line: StoryLine) -> tuple[str, ...]:
        """Words that lead from a story to others."""
        return await self._db.read(tags, line.id, line.desk)

    async def tellings(self, reader: Reader, story_id: int) -> list[Telling]:
        """How the papers tell a story, the first reporter first.

        Raises:
            UserError: the story has left the archive.
        """
        return await self._db.read(
            lambda connection: stories.tellings(connection, to_show(connection, reader.chat_id, story_id))
        )

    async def host(self, story_id: int, article_id: int = 0) -> str:
        """The site that a story's text would be fetched from; empty if none has to be asked."""
        telling = _to_fetch(await self._db.read(_wanted, story_id, article_id), self._clock())
        return host_of(telling.url) if telling else ""

    async def _fetch_if_needed(self, story_id: int, article_id: int) -> None:
        telling = _to_fetch(await self._db.read(_wanted, story_id, article_id), self._clock())
        if telling is None:
            return
        # Many readers open the same story after a push: the page is asked once for all of them.
        task = self._fetching.get(telling.article_id)
        if task is None:
            task = asyncio.create_task(self._fetch(story_id, article_id))
            self._fetching[telling.article_id] = task
            task.add_done_callback(lambda _: self._fetching.pop(telling.article_id, None))
        await asyncio.shield(task)

    async def stop(self) -> None:
        """Give up the pages that are being asked; nothing is noted about them, and the next reader asks anew."""
        fetching = list(self._fetching.values())
        for task in fetching:
            task.cancel()
        await asyncio.gather(*fetching, return_exceptions=True)

    async def _fetch(self, story_id: int, article_id: int) -> None:
        """Ask the page, unless its text came while this reader was still finding out that there was none."""
        telling = _to_fetch(await self._db.read(_wanted, story_id, article_id), self._clock())
        if telling is None:
            return
        try:
            page = await self._pages.page(telling.url)
        except SourceError as error:
            log.info("no text from %s: %s", host_of(telling.url), error)
            wait = TRY_AGAIN if error.key in PASSING else LATER
            if error.retry_after is not None:
                wait = max(wait, timedelta(seconds=error.retry_after))
            await self._keep_failure(telling, {"key": error.key, **error.values}, wait)
        except Exception as error:
            # A bug of ours that this page met: its readers get the teaser.
            log.exception("no text from %s", host_of(telling.url))
            await self._keep_failure(telling, {"key": "source.ours", "cause": type(error).__name__}, LATER)
        else:
            await self._db.write(full_texts.keep, telling.article_id, page.blocks, self._clock())

    async def _keep_failure(self, telling: Telling, trouble: dict[str, str | int], wait: timedelta) -> None:
        now = self._clock()
        await self._db.write(full_texts.keep_failure, telling.article_id, trouble, now, now + wait)


def _opened(connection: Connection, chat_id: int, story_id: int, article_id: int = 0) -> OpenedStory:
    story_id = to_show(connection, chat_id, story_id)
    line = stories.lines(connection, [story_id])[0]
    tellings = _wanted(connection, story_id, article_id)
    best = next((telling for telling in tellings if telling.blocks), tellings[0])
    if line.headline and not article_id:
        best = replace(best, title=line.headline)
    saved = stories.is_saved(connection, chat_id, story_id)
    return OpenedStory(line, best, saved, comments.count(connection, story_id))


def _wanted(connection: Connection, story_id: int, article_id: int) -> list[Telling]:
    """The telling that is wanted, while it is there; else all of them."""
    tellings = stories.tellings(connection, story_id)
    return [telling for telling in tellings if telling.article_id == article_id] or tellings


def _to_fetch(tellings: list[Telling], now: datetime) -> Telling | None:
    """The first article whose page may have a text that we have not; None if there is a text or nobody to ask."""
    if any(telling.blocks for telling in tellings):
        return None
    for telling in tellings:
        rested = telling.try_again_at is not None and telling.try_again_at <= now
        if telling.url and (telling.trouble is None or rested):
            return telling
    return None
