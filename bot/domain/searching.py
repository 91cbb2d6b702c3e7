"""Words for the full-text index and for a query, the same for both."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import regex

MOST_TERMS: Final = 16
LONGEST_TERM: Final = 64
"""Characters of a query's word; longer ones are cut."""

_WORD: Final = regex.compile(r"[\p{L}\p{N}\p{M}]+")
_DENSE: Final = re.compile(r"[぀-ヿ㐀-䶿一-鿿豈-﫿฀-๿]+")
"""Scripts written without spaces, in which SQLite's tokenizer finds no words: pairs of letters stand for them."""


def indexable(text: str) -> str:
    """`text` as the index should see it: runs of Chinese, Japanese or Thai letters become overlapping pairs."""
    return _DENSE.sub(lambda run: f" {' '.join(_pairs(run.group()))} ", text)


def _pairs(run: str) -> list[str]:
    return [run[n : n + 2] for n in range(len(run) - 1)] or [run]


def terms(query: str) -> tuple[str, ...]:
    """The words of a reader's query, each once, at most 16 of at most 64 characters; none of it is syntax."""
    found = _WORD.findall(unicodedata.normalize("NFC", query.replace("\0", " ")).lower())
    return tuple(dict.fromkeys(word[:LONGEST_TERM] for word in found))[:MOST_TERMS]


def hits(text: str, words: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where in `text` the words of a query stand, as (first, last + 1) in characters: whole words that begin so."""
    folded = text.lower()
    if len(folded) != len(text):
        return []
    found = []
    for match in _WORD.finditer(folded):
        if _DENSE.search(match.group()):
            found += [
                (match.start() + at, match.start() + at + len(w))
                for w in words
                if (at := match.group().find(w)) >= 0
            ]
        elif any(match.group().startswith(word) for word in words):
            found.append(match.span())
    return found
