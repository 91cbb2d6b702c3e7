"""A story in a few of its own sentences, without any model: those whose words the whole text says most.

Measured with 300 news texts (`bench/brief.py`): the words of their summaries are met nearly as well as by TextRank
(0.561 and 0.574), at three times its pace, and hardly a sentence hangs in the air.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING, Final

import regex
from sentencex import segment

from bot.domain.articles import BlockKind
from bot.domain.words import weighty

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.articles import Block

SENTENCES: Final = 3
LONGEST: Final = 400
"""Characters of a sentence that is taken; what is longer is a list or no sentence."""
SHORTEST: Final = 25
_LENGTH: Final = 0.5
"""How much a long sentence pays for its length: 0 prefers the longest ones, 1 the shortest."""
_LEANING: Final = {
    "ar": "هو هي هم هذا هذه ذلك تلك لكن ولكن كما وهو وهي وهم",
    "de": "er sie es dies diese dieser dieses das sein seine seinen ihr ihre aber doch jedoch auch dabei damit deshalb",
    "en": "it he she they this these those that his her its their but however and so then also yet still instead",
    "es": "él ella ellos ellas esto este esta estos estas eso esa ese su sus pero también además así",
    "fr": "il elle ils elles ce cela cette cet ces son sa ses leur leurs mais cependant aussi toutefois ainsi",
    "ru": "он она они оно это этот эта эти его её их но однако также поэтому при",
    "uk": "він вона вони воно це цей ця ці його її їх але однак також тому проте",
    "zh": "他 她 它 这 那 但 然而 不过 而 因此",
}
"""Words at the beginning of a sentence that lean on the one before, by language."""
_LEANS: Final = 0.6
"""What is left of the weight of such a sentence."""
_FIRST: Final = regex.compile(r"[\p{L}\p{M}]+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as it stands in a text; `block` is the place of its paragraph."""

    block: int
    text: str


def sentences(blocks: Sequence[Block], language: str) -> list[Sentence]:
    """The sentences of a text in their order, without headings and code."""
    found = []
    for place, block in enumerate(blocks):
        if block.kind in {BlockKind.PARAGRAPH, BlockKind.QUOTE, BlockKind.ITEM}:
            cut = (piece.strip() for piece in segment(language or "en", block.text))
            found += [Sentence(place, piece) for piece in cut if piece]
    return found


def leans(sentence: str, language: str) -> bool:
    """Whether a sentence begins with a word that means something only behind the sentence before it."""
    first = _FIRST.search(sentence.casefold())
    words = _LEANING.get(language, "").split()
    if first is None:
        return False
    return first[0].startswith(tuple(words)) if language == "zh" else first[0] in words


def brief(blocks: Sequence[Block], language: str, most: int = SENTENCES) -> list[Sentence]:
    """The weightiest sentences in the text's order; all of them where there are no more than `most`."""
    told = [one for one in sentences(blocks, language) if SHORTEST <= len(one.text) <= LONGEST]
    if len(told) <= most:
        return told
    words = [[word.stem for word in weighty(one.text, language)] for one in told]
    said = Counter(word for own in words for word in own)
    spread = Counter(word for own in words for word in set(own))
    weights = {word: count * log(1 + len(told) / spread[word]) for word, count in said.items()}

    def score(place: int) -> float:
        own = words[place]
        weight: float = sum(weights[word] for word in set(own))
        if place and leans(told[place].text, language):
            weight *= _LEANS
        return weight / float(max(len(own), 1) ** _LENGTH)

    chosen = sorted(range(len(told)), key=score, reverse=True)[:most]
    return [told[place] for place in sorted(chosen)]
