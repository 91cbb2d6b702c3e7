"""What a reader wants to see of what is followed: words and phrases looked for, never patterns of the reader's own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

from bot.domain.cleaning import plain
from bot.domain.searching import BEGINNING, MOST_TERMS, folded
from bot.domain.words import weighty

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

FIELDS: Final = ("title", "text", "author", "category")
"""Where the words of a filter are looked for."""
MOST: Final = 20
"""Filters of one item."""
LONGEST: Final = 200
"""UTF-16 units of what a reader writes to be looked for."""
LOOKED_THROUGH: Final = 5000
"""Characters of a field that are looked through; the archive's index takes about as many."""
_QUOTED: Final = re.compile('["“”„«»]([^"“”„«»]*)["“”„«»]')

_CYRILLIC: Final = re.compile("[а-яё]", re.IGNORECASE)


@lru_cache(maxsize=50_000)
def needles(query: str) -> tuple[str, ...]:
    """What a query looks for: every word by itself, and what stands in quotes as a phrase; at most 16 of them.

    Each is folded as the archive's index reads it, so none of it is syntax.
    """
    query = plain(query[: 4 * LONGEST], LONGEST)
    phrases = [folded(quoted) for quoted in _QUOTED.findall(query)]
    words = folded(_QUOTED.sub(" ", query)).split()
    return tuple(dict.fromkeys(one for one in (*phrases, *words) if one))[:MOST_TERMS]


@lru_cache(maxsize=50_000)
def stems_of(needle: str, language: str) -> frozenset[str]:
    """What the forms of a needle's words have in common in a language; none for words that say nothing by themselves."""
    return frozenset(word.stem for word in weighty(needle, language))


class Field:
    """One field of an article, in which words are looked for.

    Args:
        text: what stands there; of a longer one the first 5,000 characters count.
        language: a two-letter code; words of a language that we know are found in all their forms.
    """

    def __init__(self, text: str, language: str = "") -> None:
        self.text = text[:LOOKED_THROUGH]
        self.language = language

    @cached_property
    def words(self) -> str:
        """The folded words, with a space before and behind each."""
        return f" {folded(self.text)} "

    @cached_property
    def stems(self) -> frozenset[str]:
        """What the forms of its words have in common."""
        return frozenset(word.stem for word in weighty(self.text, self.language))

    def has(self, needle: str) -> bool:
        """Whether a needle stands here: a phrase as it is; a word also in other forms, and as a beginning.

        Only words of four letters or more count as beginnings, as in a search.
        """
        if f" {needle} " in self.words:
            return True
        if " " in needle:
            return False
        if len(needle) >= BEGINNING and f" {needle}" in self.words:
            return True
        return not self.stems.isdisjoint(stems_of(needle, self.language))


@dataclass(frozen=True)
class Article:
    """An article as filters and followed words look at it.

    Attributes:
        id: its number; 0 for none.
        private_feed_id: its feed, where that is private.
        backlog: whether its story was no news when it came.
    """

    id: int
    story_id: int
    feed_id: int
    private_feed_id: int | None
    backlog: bool
    title: str
    text: str
    author: str
    categories: tuple[str, ...]
    language: str
    first_seen_at: datetime
    shown_at: datetime

    @cached_property
    def spoken(self) -> str:
        """Its language; where nobody tells, Russian for Cyrillic letters and else English, to know words' forms by."""
        return self.language or ("ru" if _CYRILLIC.search(self.title + self.text) else "en")

    @cached_property
    def fields(self) -> dict[str, tuple[Field, ...]]:
        """What filters look into, by its name; each category is a field of its own."""
        return {
            "title": (Field(self.title, self.spoken),),
            "text": (Field(self.text, self.spoken),),
            "author": (Field(self.author),),
            "category": tuple(Field(category, self.spoken) for category in self.categories),
        }

    def has(self, needle: str) -> bool:
        """Whether a needle stands in the headline or the text."""
        return any(field.has(needle) for name in ("title", "text") for field in self.fields[name])


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter.

    Attributes:
        id: its number; 0 for one that is only tried out.
        follow_id: the item that it belongs to; None where it counts for all.
        field: one of `FIELDS`.
        words: what is looked for, as its reader wrote it.
        keep: whether only what has one of the words is shown, instead of what has none.
    """

    id: int
    follow_id: int | None
    field: str
    words: str
    keep: bool

    def fits(self, article: Article) -> bool:
        """Whether one of its words or phrases stands in its field."""
        fields = article.fields[self.field]
        return any(field.has(needle) for needle in needles(self.words) for field in fields)


def passes(filters: Iterable[Filter], article: Article) -> bool:
    """Whether an article is shown: no filter takes it out, and one of those that let in does so if there are any."""
    wanted = []
    for one in filters:
        if one.keep:
            wanted.append(one)
        elif one.fits(article):
            return False
    return not wanted or any(one.fits(article) for one in wanted)
