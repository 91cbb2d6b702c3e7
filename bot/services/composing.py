"""Composing digests from one snapshot of the news: what is the same for many readers is chosen and rendered once."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.domain.digest import STORIES, Candidate, Selection, select, wanted
from bot.views import digest as view
from bot.views.voice import Voice

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable
    from datetime import datetime

    from bot.domain.message import Message
    from bot.domain.news import Reader, StoryLine

KEPT: Final = 500
"""Digests remembered at once: one takes about 15 KB, and most readers of an hour share a few hundred."""


class Snapshot:
    """The news as it was at one moment, and the digests made of it so far.

    Args:
        since: stories first seen up to then are not in it.
        at: the moment.
        news: the stories, oldest first.
        kept: digests remembered at once.
    """

    def __init__(self, since: datetime, at: datetime, news: list[Candidate], *, kept: int = KEPT) -> None:
        self.since = since
        self.at = at
        self._news = news
        self._kept = kept
        self._seen = [story.first_seen_at for story in news]
        self._places = {story.id: place for place, story in enumerate(news)}
        self._lines: dict[int, StoryLine] = {}
        self._selections: dict[Hashable, Selection[Candidate]] = {}
        self._messages: dict[Hashable, Message] = {}

    def serves(self, since: datetime, now: datetime) -> bool:
        """Whether it holds all news since then, and is of this minute: a digest shows no seconds."""
        return self.since <= since and _minute(self.at) == _minute(now)

    @property
    def covers(self) -> datetime | None:
        """How far it reaches.

        That is its newest story and not the time of looking: a story that is just being written down may have been
        seen before that.
        """
        return self._seen[-1] if self._seen else None

    def choose(
        self, reader: Reader, told: Collection[int], followed: Iterable[Candidate] = ()
    ) -> Selection[Candidate]:
        """What a reader gets who was told these stories already, with what he or she follows, whatever its desk."""
        own = {story.id: story for story in followed if story.id not in told}
        start = bisect_right(self._seen, reader.covered_until)
        known = frozenset(one for one in told if self._places.get(one, -1) >= start)
        key = (reader.languages, reader.desks, reader.stories, start, known, tuple(own))
        if key not in self._selections:
            if len(self._selections) >= self._kept:
                self._selections.clear()
            news = own | {story.id: story for story in wanted(reader, self._news[start:], known)}
            self._selections[key] = select(news.values(), STORIES[reader.stories], own)
        return self._selections[key]

    def missing(self, selections: Iterable[Selection[Candidate]]) -> set[int]:
        """The stories of which the words are not here yet."""
        return {story.id for one in selections for story in one.stories if story.id not in self._lines}

    def learn(self, lines: Iterable[StoryLine]) -> None:
        """Take in the words of stories."""
        self._lines |= {line.id: line for line in lines}

    def still_there(self, selection: Selection[Candidate]) -> Selection[Candidate]:
        """A selection without the stories that left the archive before their words were learned."""
        return replace(selection, stories=tuple(one for one in selection.stories if one.id in self._lines))

    def render(
        self, reader: Reader, selection: Selection[Candidate], now: datetime, late_since: datetime | None
    ) -> Message:
        """The digest as this reader sees it, in one language and on one clock; the words must be here."""
        lines = tuple(self._lines[story.id] for story in selection.stories)
        key = (
            reader.language,
            reader.zone,
            _minute(now),
            late_since,
            selection.left_out,
            tuple(line.id for line in lines),
        )
        if key not in self._messages:
            if len(self._messages) >= self._kept:
                self._messages.clear()
            voice = Voice.of(reader, now)
            shown = Selection(lines, selection.left_out)
            self._messages[key] = view.digest(voice, shown, late_since=late_since)
        return self._messages[key]


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
