"""Words for the full-text index and for a query, the same for both."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import regex

MOST_TERMS: Final = 16
LONGEST_TERM: Final = 64
"""Characters of a query's word; longer ones are cut."""

BEGINNING: Final = 4
"""A query's word of so many letters also finds longer words that begin so."""

_WORD: Final = regex.compile(r"[\p{L}\p{N}\p{M}]+")
_ACCENTS: Final = re.compile("(?<=[a-z])[\u0300-\u036f]+")
_YO: Final = str.maketrans("ёЁ", "еЕ")
"""Russian is written with and without the dots, and whoever searches does not know which."""
_DENSE: Final = re.compile(r"[぀-ヿ㐀-䶿一-鿿豈-﫿฀-๿]+")
"""Scripts written without spaces, in which SQLite's tokenizer finds no words: pairs of letters stand for them."""


def indexable(text: str) -> str:
    """`text` as the index should see it: runs of Chinese, Japanese or Thai letters become overlapping pairs."""
    return _DENSE.sub(lambda run: f" {' '.join(_pairs(run.group()))} ", text.translate(_YO))


def _pairs(run: str) -> list[str]:
    return [run[n : n + 2] for n in range(len(run) - 1)] or [run]


def terms(query: str) -> tuple[str, ...]:
    """The words of a reader's query, each once, at most 16 of at most 64 characters; none of it is syntax."""
    found = _WORD.findall(unicodedata.normalize("NFC", query.replace("\0", " ")).lower())
    return tuple(dict.fromkeys(word[:LONGEST_TERM] for word in found))[:MOST_TERMS]


def folded(text: str) -> str:
    """The words of a text in their order as the index reads them, with one space between."""
    return " ".join(_folded(word) for word in _WORD.findall(indexable(text)))


def hits(text: str, words: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where the words of a query stand in `text`, as the index finds them: (first, last + 1) in characters.

    The ranges are in order and do not touch each other.
    """
    folded = tuple(map(_folded, words))
    found: list[tuple[int, int]] = []
    for match in _WORD.finditer(text):
        if _DENSE.search(match.group()):
            found += _inside(match, words)
        elif any(_finds(word, _folded(match.group())) for word in folded):
            found.append(match.span())
    return _merged(sorted(found))


def _finds(word: str, other: str) -> bool:
    return other == word or (len(word) >= BEGINNING and other.startswith(word))


def _inside(match: regex.Match[str], words: tuple[str, ...]) -> list[tuple[int, int]]:
    """Every place of every word inside a run of letters without spaces."""
    lower = match.group().lower()
    run = lower if len(lower) == len(match.group()) else match.group()
    return [
        (match.start() + found.start(1), match.start() + found.end(1))
        for word in words
        for found in re.finditer(f"(?=({re.escape(word)}))", run)
    ]


def _folded(word: str) -> str:
    """A word as the index reads it: without case, and Latin letters without accents (unicode61, remove_diacritics 2)."""
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", word.lower()))
    return unicodedata.normalize("NFC", bare).translate(_YO)


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
