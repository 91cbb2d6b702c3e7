"""What readers follow, and which of them a new article is for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.domain.filters import needles, passes, stems_of
from bot.domain.searching import BEGINNING, LONGEST_TERM

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from bot.domain.filters import Article, Filter

MOST: Final = 50
"""Items that one reader may follow."""
WAYS: Final = ("push", "digest", "silent")
"""How what is followed reaches its reader, the strongest first: at once, in the digest, in lists alone."""
PUSHES: Final = 10
"""Pushes of one reader in `PUSHES_IN`; what else comes goes into the digest."""
PUSHES_IN: Final = timedelta(hours=1)
SILENT_FOR: Final = timedelta(days=14)
"""Days without a word on a followed story after which its reader is asked whether to go on."""


@dataclass(frozen=True, slots=True)
class Follow:
    """One item that a reader follows.

    Attributes:
        kind: `feed`, `words` or `story`.
        words: what is looked for, where these are words.
        name: what its reader calls it.
        way: one of `WAYS`.
        heard_at: when it last brought something, or was begun.
        asked_at: when its reader was asked whether to go on; None where that is not open.
        message_id: the last message about it, to which the next one replies; None for none.
        private: whether it is a feed that is for its followers alone.
    """

    id: int
    chat_id: int
    kind: str
    feed_id: int | None
    story_id: int | None
    words: str
    name: str
    way: str
    made_at: datetime
    heard_at: datetime
    looked_at: datetime
    asked_at: datetime | None
    message_id: int | None
    private: bool = False


@dataclass(frozen=True, slots=True)
class Find:
    """Something new for an item that is followed; `way` is how it shall reach the reader."""

    follow: Follow
    story_id: int
    way: str


class Watch:
    """All that is followed, made ready for looking at articles.

    Words are looked up by the first of them, so that an article is compared with the few items that it may fit.

    Args:
        follows: what is followed; stories are left out, since their updates are found another way.
        filters: the filters of each chat.
    """

    def __init__(self, follows: Iterable[Follow], filters: Mapping[int, tuple[Filter, ...]]) -> None:
        self._filters = filters
        self._of_feed: defaultdict[int, list[Follow]] = defaultdict(list)
        self._of_word: defaultdict[str, list[Follow]] = defaultdict(list)
        self._needles: dict[int, tuple[str, ...]] = {}
        self._of_stem: dict[str, dict[str, list[Follow]]] = {}
        for follow in follows:
            if follow.kind == "feed" and follow.feed_id is not None:
                self._of_feed[follow.feed_id].append(follow)
            elif follow.kind == "words" and (wanted := needles(follow.words)):
                self._needles[follow.id] = wanted
                self._of_word[wanted[0].partition(" ")[0]].append(follow)

    def finds(self, article: Article) -> list[Find]:
        """The items that a new article is for.

        What was published before an item was followed is no news to its reader, and neither is an archive's.
        """
        if article.backlog:
            return []
        own = self._of_feed.get(article.feed_id, [])
        told = {follow.chat_id for follow in own}
        worded = [
            follow
            for follow in self._perhaps(article)
            if article.private_feed_id is None or follow.chat_id in told
            if all(article.has(needle) for needle in self._needles[follow.id])
        ]
        return [
            Find(follow, article.story_id, follow.way)
            for follow in (*own, *worded)
            if min(article.first_seen_at, article.shown_at) > follow.made_at
            and passes(self._filters_of(follow), article)
        ]

    def _filters_of(self, follow: Follow) -> list[Filter]:
        return [one for one in self._filters.get(follow.chat_id, ()) if one.follow_id in {None, follow.id}]

    def _perhaps(self, article: Article) -> list[Follow]:
        """The followed words whose first one may stand in the article."""
        if not self._of_word:
            return []
        fields = (*article.fields["title"], *article.fields["text"])
        words = {word for field in fields for word in field.words.split()}
        beginnings = {
            word[:end] for word in words for end in range(BEGINNING, min(len(word), LONGEST_TERM) + 1)
        }
        of_stem = self._stems(article.spoken)
        stems = {stem for field in fields for stem in field.stems} & of_stem.keys()
        found = [
            follow for word in (words | beginnings) & self._of_word.keys() for follow in self._of_word[word]
        ]
        found += [follow for stem in stems for follow in of_stem[stem]]
        return [follow for _, follow in sorted({follow.id: follow for follow in found}.items())]

    def _stems(self, language: str) -> dict[str, list[Follow]]:
        """The followed words by their stems in a language."""
        if language not in self._of_stem:
            of_stem: defaultdict[str, list[Follow]] = defaultdict(list)
            for word, follows in self._of_word.items():
                for stem in stems_of(word, language):
                    of_stem[stem] += follows
            self._of_stem[language] = dict(of_stem)
        return self._of_stem[language]


def strongest(ways: Iterable[str]) -> str:
    """The strongest of several ways: a story that two items bring comes once."""
    return min(ways, key=WAYS.index)
