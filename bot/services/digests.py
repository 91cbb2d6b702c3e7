"""Digests: composed once for each planned hour of a reader, and owed to the chat in the same transaction."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from zlib import crc32

from bot.domain.digest import FEWEST, Candidate, Selection
from bot.domain.schedule import timetable, turn
from bot.services.composing import Snapshot
from bot.services.presence import call_back, end_pauses, replan
from bot.storage import follows, inbox, lists, outbox, readers, stories, unseen
from bot.storage.outbox import Lane
from bot.views import digest as view
from bot.views.voice import Voice

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from bot.domain.message import Message
    from bot.domain.news import Listing, Reader
    from bot.domain.schedule import Clock, Slot, Turn
    from bot.storage.database import Connection, Database

log = logging.getLogger(__name__)

GOOD_FOR: Final = timedelta(hours=6)
"""A digest that could not be sent for so long is no news any more."""
BATCH: Final = 200
"""Readers looked at together."""
GROUP: Final = 20
"""Readers written in one transaction; between two the writer serves others."""
LONGEST_BACK: Final = timedelta(days=7)
"""How far back a digest looks for a reader who had none for long (a pause, or few news)."""
AHEAD: Final = timedelta(minutes=1)
"""How long before its hour a digest is composed, so that at the hour there is only sending left to do."""
LATER: Final = timedelta(hours=1)
"""When a digest that could not be composed is tried again."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """What is to be done for a reader whose plan is due; `plan` is None where it cannot be told."""

    reader: Reader
    due_at: datetime
    plan: Turn | None = None
    selection: Selection[Candidate] | None = None

    @property
    def fewest(self) -> int:
        """Stories without which its reader wants no digest."""
        return 1 if self.reader.few == "send" else FEWEST


@dataclass(frozen=True, slots=True)
class _Digest:
    """A digest of one planned hour, ready to be kept and owed."""

    reader: Reader
    slot: Slot
    due_at: datetime
    selection: Selection[Candidate]
    message: Message


@dataclass(frozen=True, slots=True)
class _Done:
    """A reader's turn worked out: the next one, and the digest where there is enough for one."""

    reader: Reader
    due_at: datetime
    next_due_at: datetime
    digest: _Digest | None = None


class _Changed(Exception):
    """The reader got other news while a digest was being composed."""


class Digests:
    """Composing digests.

    Args:
        db: the database.
        clock: the time.
        batch: readers looked at together.
        ahead: how long before their hour digests are composed.
    """

    def __init__(
        self, db: Database, clock: Clock, *, batch: int = BATCH, ahead: timedelta = timedelta()
    ) -> None:
        self._db = db
        self._clock = clock
        self._batch = batch
        self._ahead = ahead

    async def compose_due(self) -> int:
        """End the pauses that are over, and compose the digests of all readers whose hour has come, or is near.

        Returns:
            How many digests were made.
        """
        while await self._db.read(readers.pauses_over, self._clock(), 1):
            await self._db.write(end_pauses, self._clock(), GROUP)
        made = 0
        snapshot: Snapshot | None = None
        while due := await self._db.read(readers.due, self._clock() + self._ahead, self._batch):
            now = self._clock()
            since = _back(min(reader.covered_until for reader, _ in due), now)
            if snapshot is None or not snapshot.serves(since, now):
                snapshot = await self._look(since, now)
            made += await self._compose(snapshot, due, now)
        return made

    async def _look(self, since: datetime, now: datetime) -> Snapshot:
        return Snapshot(since, now, await self._db.read(stories.candidates, since))

    async def _compose(self, snapshot: Snapshot, due: list[tuple[Reader, datetime]], now: datetime) -> int:
        told = await self._db.read(stories.told_to, [reader.chat_id for reader, _ in due], snapshot.since)
        followed = await self._db.read(_followed, [reader for reader, _ in due])
        choices = []
        for reader, due_at in due:
            news = (told.get(reader.chat_id, ()), followed.get(reader.chat_id, ()))
            choices.append(_choose(snapshot, reader, due_at, news, max(now, due_at)))
            # Each takes up to some milliseconds, and others wait for their answers.
            await asyncio.sleep(0)
        missing = snapshot.missing(choice.selection for choice in choices if choice.selection is not None)
        snapshot.learn(await self._db.read(stories.lines, missing))
        made = 0
        for start in range(0, len(choices), GROUP):
            group = []
            for choice in choices[start : start + GROUP]:
                group.append(_render(snapshot, choice, max(now, choice.due_at)))
                await asyncio.sleep(0)
            made += await self._db.write(_write, group, snapshot.covers, now)
        return made

    async def on_demand(self, update_id: int, reader: Reader) -> tuple[Listing, Message] | None:
        """What is new for a reader who asks before the hour; None if nothing is.

        A digest that is composed already and waits for its hour is taken back: the reader wants it now.
        """
        await self._db.write(_take_back, reader.chat_id, self._clock())
        while True:
            now = self._clock()
            current = await self._db.read(readers.get, reader.chat_id) or reader
            snapshot = await self._look(_back(current.covered_until, now), now)
            told = await self._db.read(stories.told_to, [current.chat_id], snapshot.since)
            followed = await self._db.read(_followed, [current])
            news = (told.get(current.chat_id, ()), followed.get(current.chat_id, ()))
            selection = snapshot.choose(current, *news)
            try:
                listing = await self._db.write(
                    _write_asked_for, update_id, current, selection, snapshot.covers, now
                )
            except _Changed:
                continue
            return None if listing is None else (listing, await self._again(current, listing, now))

    async def _again(self, reader: Reader, listing: Listing, now: datetime) -> Message:
        """A digest's message from what was kept of it, so that an answer that was lost can be given again."""
        shown = [one for one in listing.story_ids if one is not None]
        lines = await self._db.read(stories.lines, shown)
        counts = tuple((desk, int(count)) for desk, count in listing.about.get("left_out", ()))
        voice = Voice.of(reader, now)
        due = await self._db.read(readers.due_at, reader.chat_id)
        before = view.next_hour(voice, reader, due) if due is not None else ""
        return view.digest(voice, Selection(tuple(lines), counts), before=before, waits=reader.few == "wait")


def _back(covered_until: datetime, now: datetime) -> datetime:
    """From where on news is looked for."""
    return max(covered_until, now - LONGEST_BACK)


def _followed(connection: Connection, due: Sequence[Reader]) -> dict[int, list[Candidate]]:
    """For each chat what its next digest brings whatever it covers: what was owed and never came, and what is followed."""
    found = unseen.owed(connection, [reader.chat_id for reader in due])
    since = {reader.chat_id: reader.covered_until for reader in due}
    for chat_id, ids in follows.for_digests(connection, since).items():
        found[chat_id] = list(dict.fromkeys((*found.get(chat_id, ()), *ids)))
    known = stories.candidates_of(connection, {one for ids in found.values() for one in ids})
    return {chat_id: [known[one] for one in ids if one in known] for chat_id, ids in found.items()}


def _choose(
    snapshot: Snapshot,
    reader: Reader,
    due_at: datetime,
    news: tuple[Collection[int], Sequence[Candidate]],
    now: datetime,
) -> _Choice:
    """What is due for a reader, of whose `news` some was told and some is followed; a failure is this reader's alone."""
    if not reader.digest_minutes:
        return _Choice(reader, due_at)
    try:
        plan = turn(now, timetable(reader))
        selection = snapshot.choose(reader, *news)
    except Exception:
        log.exception("the digest of chat %d could not be composed", reader.chat_id)
        return _Choice(reader, due_at)
    fewest = 1 if reader.few == "send" else FEWEST
    enough = plan.edition is not None and len(selection.stories) >= fewest
    return _Choice(reader, due_at, plan, selection if enough else None)


def _render(snapshot: Snapshot, choice: _Choice, now: datetime) -> _Done:
    """The turn with its message, likewise."""
    reader, plan, selection = choice.reader, choice.plan, choice.selection
    if plan is None:
        return _Done(reader, choice.due_at, now + LATER)
    if plan.edition is None or selection is None:
        return _Done(reader, choice.due_at, plan.next_due_at)
    selection = snapshot.still_there(selection)
    if len(selection.stories) < choice.fewest:
        return _Done(reader, choice.due_at, plan.next_due_at)
    try:
        message = snapshot.render(reader, selection, now, plan.late_since)
    except Exception:
        log.exception("the digest of chat %d could not be composed", reader.chat_id)
        return _Done(reader, choice.due_at, now + LATER)
    digest = _Digest(reader, plan.edition, choice.due_at, selection, message)
    return _Done(reader, choice.due_at, plan.next_due_at, digest)


def _write(connection: Connection, group: Sequence[_Done], covers: datetime | None, now: datetime) -> int:
    """Write turns down; returns how many digests there are.

    A turn whose plan or news have changed since they were read is left alone: it is looked at again.
    """
    found = readers.planned(connection, [done.reader.chat_id for done in group])
    slots = {done.reader.chat_id: done.digest.slot for done in group if done.digest}
    had = lists.with_edition(connection, slots)
    following: dict[int, datetime] = {}
    digests: list[_Digest] = []
    for done in group:
        chat_id = done.reader.chat_id
        current, due_at = found.get(chat_id, (None, None))
        if current is None or due_at != done.due_at or current.covered_until != done.reader.covered_until:
            continue
        if current.state != "active" or not current.digest_minutes:
            readers.plan(connection, chat_id, None)
        elif chat_id in had:
            replan(connection, current, now)
        else:
            following[chat_id] = done.next_due_at
            if done.digest is not None:
                digests.append(done.digest)
    readers.plan_all(connection, following)
    _keep(connection, digests, covers, now)
    return len(digests)


def _keep(connection: Connection, digests: Sequence[_Digest], covers: datetime | None, now: datetime) -> None:
    """Keep digests and owe them; their stories count as told, and the next ones begin where these end."""
    new = [_list(digest.reader, digest.selection) for digest in digests]
    list_ids = lists.add_all(connection, new, now)
    stories.tell_all(
        connection, [(one.chat_id, story) for one in new for story in one.story_ids], "digest", now
    )
    unseen.settle(connection, {one.chat_id: one.story_ids for one in new})
    readers.cover(connection, {one.reader.chat_id: _covered(one.reader, covers) for one in digests})
    message_ids = outbox.keep_all(connection, [digest.message for digest in digests], now)
    editions, debts = [], []
    for digest, list_id, message_id in zip(digests, list_ids, message_ids, strict=True):
        chat_id = digest.reader.chat_id
        editions.append((chat_id, digest.slot, list_id))
        # With its list: one that was called back is no reason against the one that is composed instead of it.
        # That an hour has one digest, its edition sees to.
        dedupe = f"digest:{chat_id}:{digest.slot.day}:{digest.slot.minute}:{list_id}"
        leaves = max(now, _leaves_at(digest, now))
        debts.append(
            outbox.Debt(
                message_id, chat_id, dedupe, list_id, own_hour=True, lane=Lane.DIGEST, not_before=leaves
            )
        )
    lists.add_editions(connection, editions, now)
    outbox.plan_all(connection, debts, now, now + GOOD_FOR)


def _leaves_at(digest: _Digest, now: datetime) -> datetime:
    """At its hour; those that were composed beforehand in another order each day, so that nobody is always the last."""
    if digest.due_at <= now:
        return digest.due_at
    place = crc32(f"{digest.reader.chat_id} {digest.slot.day}".encode()) % 1_000_000
    return digest.due_at + timedelta(microseconds=place)


def _take_back(connection: Connection, chat_id: int, now: datetime) -> None:
    if call_back(connection, chat_id, now):
        reader = readers.get(connection, chat_id)
        if reader is not None:
            replan(connection, reader, now)


def _write_asked_for(
    connection: Connection,
    update_id: int,
    reader: Reader,
    selection: Selection[Candidate],
    covers: datetime | None,
    now: datetime,
) -> Listing | None:
    """Keep a digest that was asked for; None where nothing is new.

    Raises:
        _Changed: another digest was made meanwhile.
    """
    current = readers.get(connection, reader.chat_id)
    if current is not None and current.covered_until != reader.covered_until:
        raise _Changed
    if not inbox.apply(connection, update_id, now):
        return lists.made_by(connection, update_id)
    if not selection.stories:
        return None
    new = _list(reader, selection)
    listing = lists.add(connection, new, now, update_id=update_id)
    stories.tell(connection, reader.chat_id, new.story_ids, "digest", now)
    unseen.settle(connection, {reader.chat_id: new.story_ids})
    readers.cover(connection, {reader.chat_id: _covered(reader, covers)})
    return listing


def _list(reader: Reader, selection: Selection[Candidate]) -> lists.New:
    """What is kept of a digest."""
    about = {
        "left_out": [list(pair) for pair in selection.left_out],
        "rest": [story.id for story in selection.rest],
    }
    return lists.New(reader.chat_id, "digest", about, tuple(story.id for story in selection.stories))


def _covered(reader: Reader, covers: datetime | None) -> datetime:
    """Where the next digest begins."""
    return max(reader.covered_until, covers) if covers else reader.covered_until
