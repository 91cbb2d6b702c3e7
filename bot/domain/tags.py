"""What a story is tagged with: words that its feed gave it, or that it says most, and that lead to other stories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import regex

from bot.domain.cleaning import plain
from bot.domain.related import terms
from bot.domain.words import weighty

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

MOST: Final = 2
"""Tags of a card: two fit one row."""
LONGEST: Final = 13
"""Characters of a tag, which shares its row and stands behind a sign."""
_NAME: Final = regex.compile(r"(?<=[\p{L}\p{N},] )\p{Lu}[\p{L}\p{M}'’-]+(?: \p{Lu}[\p{L}\p{M}'’-]+){0,2}")
"""Words with a capital letter where no sentence begins."""


def candidates(
    categories: Iterable[str],
    desk: str,
    title: str,
    body: str,
    language: str,
    dull: Collection[str] = (),
) -> list[str]:
    """What a story may be tagged with, the likeliest first; no name that is one of the `dull` words.

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
    weights = {term.stem: term.weight for term in terms(title, body, language)}
    for name in sorted(set(_NAME.findall(body)), key=lambda name: (-_weight(name, weights, language), name)):
        if _is_handy(name) and name.lower() not in dull:
            found.setdefault(" ".join(word.stem for word in weighty(name, language)), name)
    return list(found.values())


def _is_handy(label: str) -> bool:
    """Whether a label fits its button, and a button's data can hold it."""
    return len(label) <= LONGEST and not {":", "~"} & set(label)


def _weight(name: str, weights: Mapping[str, float], language: str) -> float:
    """What the weightiest word of a name weighs in the story; a name of several words goes before its parts."""
    words = [weights.get(word.stem, 0.0) for word in weighty(name, language)]
    return max(words, default=0.0) + 0.01 * len(words)
