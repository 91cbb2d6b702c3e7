"""The words of a text that carry its sense: without the little ones, and by their stems."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import regex
import snowballstemmer
from stop_words import AVAILABLE_LANGUAGES, get_stop_words

from bot.domain.searching import indexable

if TYPE_CHECKING:
    from collections.abc import Iterator

SHORTEST: Final = 3
"""Letters of a word that carries sense, in scripts with spaces between words."""
LONGEST: Final = 40

_WORD: Final = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:['’‑-][\p{L}\p{M}\p{N}]+)*")
_APOSTROPHE: Final = regex.compile(r"['’]\p{L}{1,2}$")
_NAMES: Final = {
    "ar": "arabic",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "he": "hebrew",
    "hi": "hindi",
    "hu": "hungarian",
    "id": "indonesian",
    "it": "italian",
    "ja": "japanese",
    "ko": "korean",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sk": "slovak",
    "sr": "serbian",
    "sv": "swedish",
    "tr": "turkish",
    "uk": "ukrainian",
    "vi": "vietnamese",
    "zh": "chinese",
}
"""What the two libraries call a language."""
_STEMMERS: Final = frozenset(snowballstemmer.algorithms())


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text.

    Attributes:
        stem: what its forms have in common, in lower case; words are the same where their stems are.
        said: the word as it stands in the text.
    """

    stem: str
    said: str


def weighty(text: str, language: str) -> Iterator[Word]:
    """The words of `text` in their order, without numbers, little words and words of one or two letters.

    Args:
        text: plain.
        language: a two-letter code; of one that we do not know, words are their own stems.
    """
    little = _little_words(language)
    for found in _WORD.finditer(indexable(text)):
        said = _APOSTROPHE.sub("", found.group())
        lower = said.lower()
        if not lower.isalpha() and not any(letter.isalpha() for letter in lower):
            continue
        if lower not in little and (len(lower) >= SHORTEST or _is_dense(lower)) and len(lower) <= LONGEST:
            yield Word(_stem(language, lower), said)


def _is_dense(word: str) -> bool:
    """Whether a word is a pair of letters of a script without spaces."""
    return len(word) == 2 and word[0] >= "\u3040"


@lru_cache(maxsize=64)
def _little_words(language: str) -> frozenset[str]:
    name = _NAMES.get(language, "")
    return frozenset(get_stop_words(name)) if name in AVAILABLE_LANGUAGES else frozenset()


@lru_cache(maxsize=50_000)
def _stem(language: str, word: str) -> str:
    # A stemmer keeps the word that it works on in itself, and several threads may be here: each call makes its own.
    name = _NAMES.get(language, "")
    return str(snowballstemmer.stemmer(name).stemWord(word)) if name in _STEMMERS else word
