"""Digests: composed once a reader and local day, and owed to the chat in the same transaction."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from bot.domain.digest import FEWEST, Selection, select
from bot.domain.schedule import local_day, turn
from bot.services.readers import replan
from bot.storage import inbox, lists, outbox, readers, stories
from bot.views import digest as view
from bot.views.voice import Voice

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from bot.domain.message import Message
    from bot.domain.news import Listing, Reader, StoryLine
    from bot.domain.schedule import Clock
    from bot.storage.database import Connection, Database

log = logging.getLogger(__name__)

GOOD_FOR: Final = timedelta(hours=6)
"""A digest that could not be sent for so long is no news any more."""
BATCH: Final = 200
"""Readers whose digests are composed from one look at the news."""
GROUP: Final = 20
"""Readers written in one transaction; between two the event loop serves others."""
LONGEST_BACK: Final = timedelta(days=7)
"""How far back a digest looks for a reader who had none for long (a pause, or few news)."""


@dataclass(frozen=True, slots=True)
class _Composed:
    """A reader's turn: what was selected and rendered, or only when to look again."""

    reader: Reader
    due_at: datetime
    next_due_at: datetime
    day: date | None = None
    selection: Selection | None = None
    message: Message | None = None
    covers: datetime | None = None


class Digests:
    """Composing digests.

    Args:
        db: the database.
        clock: the time.
    """

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def compose_due(self) -> int:
        """Compose the digests of all readers whose hour has come; returns how many digests were made."""
        made = 0
        while True:
            now = self._clock()
            due = await self._db.read(readers.due, now, BATCH)
            if not due:
                return made
            news = await self._news([reader for reader, _ in due], now)
            for start in range(0, len(due), GROUP):
                group = [_compose(reader, due_at, news, now) for reader, due_at in due[start : start + GROUP]]
                made += await self._db.write(_write_all, group, now)
                await asyncio.sleep(0)

    async def _news(self, due: list[Reader], now: datetime) -> _News:
        since = max(min(reader.covered_until for reader in due), now - LONGEST_BACK)

        def read(connection: Connection) -> _News:
            chats = [reader.chat_id for reader in due]
            return _News(stories.news(connection, since), stories.told_to(connection, chats, since))

        return await self._db.read(read)

    async def on_demand(self, update_id: int, reader: Reader) -> tuple[Listing, Message] | None:
        """What is new for a reader who asks before the hour; None if nothing is."""
        now = self._clock()

        def write(connection: Connection) -> Listing | None:
            current = readers.get(connection, reader.chat_id) or reader
            if not inbox.apply(connection, update_id, now):
                return lists.made_by(connection, update_id)
            since = max(current.covered_until, now - LONGEST_BACK)
            told = stories.told_to(connection, [reader.chat_id], since).get(reader.chat_id, set())
            news = _News(stories.news(connection, since), {reader.chat_id: told})
            selection = select(_wanted(current, news.stories, told))
            if not selection.stories:
                return None
            return _keep(connection, current, selection, news.covers, now, update_id=update_id)

        listing = await self._db.write(write)
        if listing is None:
            return None
        return listing, await self._again(reader, listing, now)

    async def _again(self, reader: Reader, listing: Listing, now: datetime) -> Message:
        """A digest's message from what was kept of it, so that an answer that was lost can be given again."""

        def read(connection: Connection) -> Selection:
            shown = [one for one in listing.story_ids if one is not None]
            rest = stories.lines(connection, listing.about.get("rest", ()))
            counts = tuple((desk, int(count)) for desk, count in listing.about.get("left_out", ()))
            return Selection(tuple(stories.lines(connection, shown)), counts, tuple(rest))

        selection = await self._db.read(read)
        hour = reader.digest_minute
        voice = Voice(reader.language, ZoneInfo(reader.zone), now)
        return view.digest(voice, selection, before="" if hour is None else voice.hour(hour))


@dataclass(frozen=True, slots=True)
class _News:
    """All news of one snapshot, oldest first, and what each reader was told of it."""

    stories: list[StoryLine]
    told: dict[int, set[int]]

    @property
    def covers(self) -> datetime | None:
        """How far the snapshot reaches: to its newest story, and not to the time of looking.

        A story that is just being written down may have been seen before that time.
        """
        return self.stories[-1].first_seen_at if self.stories else None


def _wanted(reader: Reader, news: Iterable[StoryLine], told: set[int]) -> list[StoryLine]:
    """What of the news is new for this reader, in his or her languages and desks."""
    return [
        story
        for story in news
        if story.first_seen_at > reader.covered_until
        and story.id not in told
        and (not reader.languages or story.language in reader.languages or not story.language)
        and (not reader.desks or story.desk in reader.desks)
    ]


def _compose(reader: Reader, due_at: datetime, news: _News, now: datetime) -> _Composed:
    zone = ZoneInfo(reader.zone)
    if reader.digest_minute is None:
        return _Composed(reader, due_at, now + timedelta(days=1))
    plan = turn(due_at, now, reader.digest_minute, zone)
    if plan.edition is None:
        return _Composed(reader, due_at, plan.next_due_at)
    selection = select(_wanted(reader, news.stories, news.told.get(reader.chat_id, set())))
    fewest = 1 if reader.few == "send" else FEWEST
    if len(selection.stories) + len(selection.rest) < fewest:
        return _Composed(reader, due_at, plan.next_due_at)
    message = view.digest(Voice(reader.language, zone, now), selection, late_since=plan.late_since)
    return _Composed(reader, due_at, plan.next_due_at, plan.edition, selection, message, news.covers)


def _write_all(connection: Connection, group: list[_Composed], now: datetime) -> int:
    return sum(_write(connection, composed, now) for composed in group)


def _write(connection: Connection, composed: _Composed, now: datetime) -> bool:
    """Write one reader's turn down, unless the plan has changed since it was read; True for a digest."""
    reader = composed.reader
    if readers.due_at(connection, reader.chat_id) != composed.due_at:
        return False
    current = readers.get(connection, reader.chat_id)
    if current is None or current.state != "active" or current.digest_minute is None:
        readers.plan(connection, reader.chat_id, None)
        return False
    readers.plan(connection, reader.chat_id, composed.next_due_at)
    if composed.day is None or composed.selection is None or composed.message is None:
        return False
    if lists.has_edition(connection, reader.chat_id, composed.day):
        replan(connection, current, now)
        return False
    listing = _keep(connection, current, composed.selection, composed.covers, now)
    lists.add_edition(connection, reader.chat_id, composed.day, now, listing.id)
    message_id = outbox.keep(connection, composed.message, now)
    debt = outbox.Debt(message_id, reader.chat_id, f"digest:{reader.chat_id}:{composed.day}", listing.id)
    outbox.plan(connection, debt, now, now + GOOD_FOR)
    return True


def _keep(
    connection: Connection,
    reader: Reader,
    selection: Selection,
    covers: datetime | None,
    now: datetime,
    *,
    update_id: int | None = None,
) -> Listing:
    """Keep a digest's list; its stories count as told, and the next digest begins where this one ends."""
    about: dict[str, Any] = {
        "left_out": [list(pair) for pair in selection.left_out],
        "rest": [story.id for story in selection.rest],
    }
    ids = tuple(story.id for story in selection.stories)
    listing = lists.add(connection, lists.New(reader.chat_id, "digest", about, ids), now, update_id=update_id)
    stories.tell(connection, reader.chat_id, ids, "digest", now)
    covered = max(reader.covered_until, covers) if covers else reader.covered_until
    readers.change(connection, reader.chat_id, covered_until=covered)
    return listing


def day_of(reader: Reader, now: datetime) -> date:
    """The date on the reader's calendar."""
    return local_day(now, ZoneInfo(reader.zone))
