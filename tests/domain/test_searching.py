"""Words for the index and words in bold: both follow SQLite's tokenizer."""

from __future__ import annotations

import sqlite3
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.searching import LONGEST_TERM, MOST_TERMS, hits, indexable, terms

TEXTS = st.text(st.sampled_from("aAéİßяЯёйдом東京都タイไทยकि -'\"*:^().,\n1２9"), max_size=40)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("Sanctions  and OIL", ("sanctions", "and", "oil")),
        ("oil oil OIL", ("oil",)),
        ('"C++" AND title:x*', ("c", "and", "title", "x")),
        ("O'Brien foo-bar", ("o", "brien", "foo", "bar")),
        ("a\0b", ("a", "b")),
        ("ёлка", ("ёлка",)),
        ("e\u0301", ("é",)),
        ("東京 タワー", ("東京", "タワー")),
        ("*** --- \u2069", ()),
        ("x" * 100, ("x" * 64,)),
    ],
)
def test_a_query_becomes_words(query: str, words: tuple[str, ...]) -> None:
    assert terms(query) == words


@given(st.text(st.characters(), max_size=200))
def test_no_query_breaks_its_bounds(query: str) -> None:
    words = terms(query)
    assert len(words) <= MOST_TERMS
    assert all(0 < len(word) <= LONGEST_TERM for word in words)
    assert len(set(words)) == len(words)


@given(TEXTS, st.lists(TEXTS, max_size=3).map(" ".join))
def test_hits_are_in_order_and_apart(text: str, query: str) -> None:
    spans = hits(text, terms(query))
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(one[1] < other[0] for one, other in pairwise(spans))


@pytest.mark.parametrize(
    ("text", "query", "bold"),
    [
        ("Russia and the Russians", "russia", ["Russia", "Russians"]),
        ("Водомер вернулся в школу", "в", ["в"]),
        ("The art of Arthur", "art", ["art"]),
        ("Café at night", "cafe", ["Café"]),
        ("Ёлка и ели", "елка", ["Ёлка"]),
        ("Елка и ели", "ёлка", ["Елка"]),
        ("İstanbul", "istanbul", ["İstanbul"]),
        ("мои и мой", "мой", ["мой"]),
        ("東京都知事", "東京 京都", ["東京都"]),
        ("東京と東京", "東京", ["東京", "東京"]),
        ("İ東京", "東京", ["東京"]),
        ("nothing here", "elsewhere", []),
    ],
)
def test_the_words_that_were_found_are_bold(text: str, query: str, bold: list[str]) -> None:
    assert [text[start:end] for start, end in hits(text, terms(query))] == bold


@pytest.mark.parametrize(
    ("word", "other"),
    [("cafe", "café"), ("мои", "мой"), ("елка", "ёлка"), ("lodz", "łódź"), ("istanbul", "İstanbul")],
)
def test_bold_is_what_the_index_finds(word: str, other: str) -> None:
    with sqlite3.connect(":memory:") as index:
        index.execute("CREATE VIRTUAL TABLE t USING fts5(a, tokenize = 'unicode61 remove_diacritics 2')")
        index.execute("INSERT INTO t VALUES (?)", (indexable(other),))
        found = index.execute("SELECT count(*) FROM t WHERE t MATCH ?", (f'"{indexable(word)}"',)).fetchone()[
            0
        ]
    index.close()
    assert bool(hits(other, (word,))) == bool(found)


def test_scripts_without_spaces_are_indexed_by_pairs() -> None:
    assert indexable("東京都 news").split() == ["東京", "京都", "news"]
    assert indexable("ไทย").split() == ["ไท", "ทย"]
    assert indexable("京").split() == ["京"]
    assert indexable("Ёлка 2026") == "Елка 2026"
