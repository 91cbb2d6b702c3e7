"""What else is told of a story's affair: articles that share its weightiest words, weighed against the archive.

Measured with 772 news texts of 35 topics among 50,000 articles (`bench/related.py`): of what is called the same affair 1 in
100 is of another topic, of what is called the same subject 1 in 10.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING, Final

from bot.domain.words import weighty

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ASKED: Final = 30
"""Words of a story that the archive is asked about; of these the weightiest `KEPT` decide."""
KEPT: Final = 16
AFFAIR: Final = 0.40
"""Share of a story's weight that an article of the same affair has in common with it."""
SUBJECT: Final = 0.28
"""The same for an article of the same subject."""
FEWEST: Final = 3
"""Words in common below which the weight says nothing."""
REASONS: Final = 3
_IN_TITLE: Final = 2.0


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a story with what it weighs there, before the archive is asked how rare it is."""

    stem: str
    said: str
    weight: float


@dataclass(frozen=True, slots=True)
class Kin:
    """An article that shares words with a story.

    Attributes:
        article_id: the article.
        likeness: from 0 to 1, the share of the story's weight that it has in common.
        words: the weightiest words that they really share, as the story says them.
    """

    article_id: int
    likeness: float
    words: tuple[str, ...]

    @property
    def of_the_affair(self) -> bool:
        """Whether it tells of the same affair and not only of the same subject."""
        return self.likeness >= AFFAIR


def terms(title: str, body: str, language: str) -> list[Term]:
    """The words of a story that say most by themselves: said often, or in the headline; at most `ASKED`."""
    said: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for word in weighty(f"{title}\n{body}", language):
        counts[word.stem] += 1
        said.setdefault(word.stem, word.said)
    above = {word.stem for word in weighty(title, language)}
    found = [
        Term(stem, said[stem], (1 + log(count)) * (_IN_TITLE if stem in above else 1.0))
        for stem, count in counts.items()
    ]
    return sorted(found, key=lambda term: -term.weight)[:ASKED]


def kin(asked: Iterable[Term], holders: Mapping[str, Sequence[int]], total: int) -> list[Kin]:
    """The articles that share enough with a story, the likest first.

    Args:
        asked: the story's words.
        holders: for each stem the articles that have it; words left out are too common to say anything.
        total: how many articles were looked through.
    """
    weights = {
        term: term.weight * log((total + 1) / (len(holders[term.stem]) + 0.5))
        for term in asked
        if holders.get(term.stem)
    }
    kept = sorted(weights, key=lambda term: -weights[term])[:KEPT]
    whole = sum(weights[term] for term in kept)
    shared: dict[int, list[Term]] = {}
    for term in kept:
        for article_id in holders[term.stem]:
            shared.setdefault(article_id, []).append(term)
    found = [
        Kin(
            article_id, sum(weights[term] for term in own) / whole, tuple(term.said for term in own[:REASONS])
        )
        for article_id, own in shared.items()
        if len(own) >= FEWEST
    ]
    return sorted((one for one in found if one.likeness >= SUBJECT), key=lambda one: -one.likeness)
