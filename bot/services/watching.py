"""What comes in for those who follow it: at once through the outbox, in the digest, or in lists alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.domain.following import PUSHES, PUSHES_IN, SILENT_FOR, Find, Watch, strongest
from bot.services.related import relations
from bot.storage import follows, fresh, outbox, readers, stories
from bot.views import pushes as view
from bot.views.voice import Voice

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.domain.message import Message
    from bot.domain.news import Reader, StoryLine
    from bot.domain.schedule import Clock
    from bot.storage.database import Connection, Database

PORTION: Final = 20
"""Articles compared with what is followed in one go (measured with 50,000 followed words: 20 ms an article)."""
GROUP: Final = 100
"""Finds written in one transaction; between two the writer serves others."""
STORIES: Final = 20
"""Followed stories whose affair is looked up in one run of the tick: each takes some milliseconds."""
LOOK_AGAIN: Final = timedelta(minutes=10)
"""How often a followed story is looked at."""
ASKED: Final = 50
"""Readers asked in one run whether to go on with a story."""
GOOD_FOR: Final = timedelta(hours=6)
"""A push that could not be sent for so long is no news any more; the list of its item has it."""
ASKING_FOR: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class _Portion:
    """What was found for whom.

    Attributes:
        finds: what was found.
        until: the article up to which all were compared; 0 where that was not what was done.
        looked: the followed stories that were looked at.
    """

    finds: tuple[Find, ...]
    until: int = 0
    looked: tuple[int, ...] = ()


class Watching:
    """The follow tick.

    Args:
        db: the database.
        clock: the time.
        portion: articles compared in one go.
    """

    def __init__(self, db: Database, clock: Clock, *, portion: int = PORTION) -> None:
        self._db = db
        self._clock = clock
        self._portion = portion

    async def watch(self) -> int:
        """Bring what is new to those who follow it; returns how many finds there were."""
        brought = 0
        while portion := await self._db.read(self._compare):
            brought += await self._take(portion)
        now = self._clock()
        if portion := await self._db.read(_affairs, now):
            brought += await self._take(portion)
        if await self._db.read(follows.silent_stories, now - SILENT_FOR, 1):
            await self._db.write(self._ask)
        return brought

    async def _take(self, portion: _Portion) -> int:
        """Write a portion down, so many finds at a time; what is repeated after a crash was known already."""
        ordered = sorted(portion.finds, key=lambda find: (find.follow.chat_id, find.story_id))
        taken = 0
        for start in range(0, len(ordered), GROUP):
            taken += await self._db.write(self._record, ordered[start : start + GROUP])
        await self._db.write(_note, portion, self._clock())
        return taken

    def _compare(self, connection: Connection) -> _Portion | None:
        """The next articles, compared with what is followed; None where there are none."""
        seen = fresh.seen(connection)
        new = fresh.after(connection, seen, self._portion) if seen is not None else []
        if not new:
            return None
        watched = follows.watching(connection, {article.feed_id for article in new})
        filters = follows.filters_of(connection, {follow.chat_id for follow in watched})
        watch = Watch(watched, filters)
        found = [find for article in new for find in watch.finds(article)]
        return _Portion(tuple(found), until=new[-1].id)

    def _record(self, connection: Connection, found: Sequence[Find]) -> int:
        """Write down what was found, and owe what comes at once."""
        now = self._clock()
        known = follows.known(connection, found)
        new = {
            (find.follow.id, find.story_id): find
            for find in found
            if (find.follow.id, find.story_id) not in known
        }
        settled = _settle(connection, list(new.values()), now)
        follows.keep(connection, [find for group in settled for find in group.finds], now)
        _owe(connection, [group for group in settled if group.way == "push"], now)
        return len(new)

    def _ask(self, connection: Connection) -> None:
        """Ask the readers of stories of which nothing was heard whether to go on."""
        now = self._clock()
        for follow in follows.silent_stories(connection, now - SILENT_FOR, ASKED):
            follows.asked(connection, follow.id, now)
            reader = readers.get(connection, follow.chat_id)
            if reader is not None and reader.state == "active":
                asked = view.still(Voice.of(reader, now), follow, follows.sent_about(connection, follow))
                dedupe = f"still:{follow.id}:{now.date()}"
                outbox.owe(connection, follow.chat_id, asked, dedupe, now, ASKING_FOR)


@dataclass(frozen=True, slots=True)
class _Group:
    """One story for one reader, with the items that have brought it, and how it comes.

    Attributes:
        number: of the pushes of this hour; 0 for what is none.
    """

    reader: Reader
    story_id: int
    finds: tuple[Find, ...]
    way: str
    number: int = 0


def _note(connection: Connection, portion: _Portion, now: datetime) -> None:
    """Note how far everything was compared, and which stories were looked at."""
    if portion.until:
        fresh.see(connection, portion.until)
    if portion.looked:
        follows.looked(connection, portion.looked, now)


def _affairs(connection: Connection, now: datetime) -> _Portion | None:
    """What is new of the affairs of followed stories; None where it is not time to look."""
    due = follows.stories_to_look_at(connection, now - LOOK_AGAIN, STORIES)
    if not due:
        return None
    found: list[Find] = []
    told: dict[int, list[int]] = {}
    for follow in due:
        story_id = follow.story_id or 0
        if story_id not in told:
            told[story_id] = [one.story_id for one in relations(connection, story_id, now) if one.same_affair]
        new = stories.candidates_of(connection, told[story_id]).values()
        found += [
            Find(follow, one.id, follow.way)
            for one in new
            if min(one.first_seen_at, one.shown_at) > follow.made_at
        ]
    return _Portion(tuple(found), looked=tuple(follow.id for follow in due))


def _settle(connection: Connection, new: Sequence[Find], now: datetime) -> list[_Group]:
    """How each story comes to each reader: once, at once only so often in an hour, and what was told stays quiet."""
    by_story: dict[tuple[int, int], list[Find]] = {}
    for find in new:
        by_story.setdefault((find.follow.chat_id, find.story_id), []).append(find)
    chats = {chat_id for chat_id, _ in by_story}
    pushed = Counter(follows.pushed(connection, chats, now - PUSHES_IN))
    known = {chat_id: reader for chat_id in chats if (reader := readers.get(connection, chat_id))}
    told = stories.told_to(connection, list(chats), now - timedelta(days=8))
    settled = []
    for (chat_id, story_id), finds in by_story.items():
        reader = known.get(chat_id)
        if reader is None:
            continue
        way, number = strongest(find.way for find in finds), 0
        if story_id in told.get(chat_id, ()):
            way = "silent"
        elif way == "push" and (reader.state != "active" or pushed[chat_id] >= PUSHES):
            way = "digest"
        elif way == "push":
            pushed[chat_id] += 1
            number = pushed[chat_id]
        same_way = tuple(replace(find, way=way) for find in finds)
        settled.append(_Group(reader, story_id, same_way, way, number))
    return settled


def _owe(connection: Connection, groups: Sequence[_Group], now: datetime) -> None:
    """Owe the stories that come at once; they count as told, so that no digest repeats them."""
    lines = {line.id: line for line in stories.lines(connection, {group.story_id for group in groups})}
    groups = [group for group in groups if group.story_id in lines]
    made = [_message(connection, group, lines[group.story_id], now) for group in groups]
    message_ids = outbox.keep_all(connection, made, now)
    debts = [
        outbox.Debt(
            message_id,
            group.reader.chat_id,
            f"follow:{group.reader.chat_id}:{group.story_id}",
            story_id=group.story_id,
        )
        for group, message_id in zip(groups, message_ids, strict=True)
    ]
    outbox.plan_all(connection, debts, now, now + GOOD_FOR)
    told = [(group.reader.chat_id, group.story_id) for group in groups]
    stories.tell_all(connection, told, "push", now)


def _message(connection: Connection, group: _Group, line: StoryLine, now: datetime) -> Message:
    items = [find.follow for find in group.finds]
    story = next((item for item in items if item.kind == "story"), None)
    reply_to = follows.sent_about(connection, story) if story else None
    last = group.number == PUSHES
    return view.push(Voice.of(group.reader, now), line, items, last=last, reply_to=reply_to)
