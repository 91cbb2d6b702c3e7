"""What a story is tagged with: words that its feed gave it, or that it says most, and that lead to other stories."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bot.domain.cleaning import plain
from bot.domain.related import terms
from bot.domain.words import weighty

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST: Final = 2
"""Tags of a card: two fit one row."""
LONGEST: Final = 14
"""Characters of a tag, which shares its row."""
_WEIGHTIEST: Final = 12
"""Words of a story among which names are looked for."""


def candidates(categories: Iterable[str], desk: str, title: str, body: str, language: str) -> list[str]:
    """What a story may be tagged with, the likeliest first.

    A category counts if the story speaks of it: what a feed files everything under says nothing. Then come names, which
    are words that the story writes with a capital letter also in the middle of its sentences.
    """
    spoken = {word.stem for word in weighty(f"{title}\n{body}", language)}
    desks = {word.stem for word in weighty(desk, language)}
    found: dict[str, str] = {}
    for category in categories:
        label = plain(category)
        stems = [word.stem for word in weighty(label, language)]
        if stems and spoken.issuperset(stems) and not desks.issuperset(stems) and _is_handy(label):
            found.setdefault(" ".join(stems), label)
    for term in terms(title, body, language)[:_WEIGHTIEST]:
        if _is_name(term.said, body) and _is_handy(term.said):
            found.setdefault(term.stem, term.said)
    return list(found.values())


def _is_handy(label: str) -> bool:
    """Whether a label fits its button, and a button's data can hold it."""
    return len(label) <= LONGEST and not {":", "~"} & set(label)


def _is_name(word: str, body: str) -> bool:
    """Whether a word has a capital letter where no sentence begins."""
    return word[:1].isupper() and re.search(rf"[\w,] {re.escape(word)}\b", body) is not None
