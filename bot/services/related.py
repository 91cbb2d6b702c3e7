"""Which stories belong to a story: of the same affair first, then of the same subject."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.domain.related import Kin, kin, terms
from bot.storage import articles, search

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from bot.domain.schedule import Clock
    from bot.storage.database import Connection, Database

WINDOW: Final = 20_000
"""Articles looked through, the newest ones: about three weeks of a newsroom with 60 feeds."""
COMMON: Final = 400
"""Articles of the window from which on a word says too little."""
MOST: Final = 5
"""Stories that are shown; more is filler."""
FADING: Final = 30.0
"""Days after which a story counts half as much as one of today."""


KEPT: Final = 500
"""Stories whose neighbours are remembered."""
FRESH: Final = timedelta(minutes=10)
"""How long they are: by then another paper may have told more."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A story beside another one: whether it is of the same affair, and the words that both have."""

    story_id: int
    same_affair: bool
    words: tuple[str, ...]


def relations(
    connection: Connection,
    story_id: int,
    now: datetime,
    followed: Sequence[int] = (),
    *,
    most: int = MOST,
) -> list[Relation]:
    """The stories around a story, at most `most`; none rather than one that has little to do with it.

    Args:
        connection: a transaction.
        story_id: the story.
        now: the time; what is older counts less.
        followed: the private feeds whose stories may be among them.
        most: how many.
    """
    told = search.words_of(connection, story_id)
    if told is None:
        return []
    asked = terms(told.title, told.body, told.language)
    newest = search.newest(connection)
    after = max(0, newest - WINDOW)
    holders = {one.stem: search.holders(connection, one.stem, one.said, after, COMMON) for one in asked}
    telling = {stem: ids for stem, ids in holders.items() if len(ids) < COMMON}
    found = kin(asked, telling, newest - after)
    stories = articles.stories_of(connection, [one.article_id for one in found], followed)

    def rank(one: Kin) -> tuple[bool, float]:
        age = max(0.0, (now - stories[one.article_id].shown_at).total_seconds() / 86_400)
        return (one.of_the_affair, one.likeness / (1 + age / FADING))

    ranked = sorted((one for one in found if one.article_id in stories), key=rank, reverse=True)
    return _once_each(((stories[one.article_id].story_id, one) for one in ranked), story_id, most)


def _once_each(ranked: Iterable[tuple[int, Kin]], story_id: int, most: int) -> list[Relation]:
    seen = {story_id}
    chosen: list[Relation] = []
    for other, one in ranked:
        if other not in seen and len(chosen) < most:
            seen.add(other)
            chosen.append(Relation(other, one.of_the_affair, one.words))
    return chosen


class Nearest:
    """The public stories nearest to a story, looked up once for all who read it: a push sends many to one story.

    Args:
        db: the database.
        clock: the time.
    """

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._kept: dict[int, tuple[datetime, asyncio.Task[list[Relation]]]] = {}

    async def of(self, story_id: int) -> list[int]:
        """Their ids, the nearest first."""
        now = self._clock()
        since, task = self._kept.get(story_id, (now, None))
        if task is None or now - since >= FRESH or (task.done() and task.exception() is not None):
            task = asyncio.create_task(self._db.read(relations, story_id, now))
            self._kept.pop(story_id, None)
            self._kept[story_id] = (now, task)
            if len(self._kept) > KEPT:
                del self._kept[next(iter(self._kept))]
        # A reader who goes away takes the answer from nobody.
        return [one.story_id for one in await asyncio.shield(task)]
