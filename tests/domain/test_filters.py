"""Filters: what they find and hide, whatever a reader or an article writes."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.cleaning import plain
from bot.domain.filters import FIELDS, LONGEST, Article, Field, Filter, needles, passes
from tests.views.screens import NASTY

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


def article(title: str = "A goal in the last minute", text: str = "", **fields: object) -> Article:
    told = {
        "id": 1,
        "story_id": 1,
        "feed_id": 1,
        "private_feed_id": None,
        "backlog": False,
        "author": "Jane Doe",
        "categories": ("Football", "World Cup"),
        "language": "en",
        "first_seen_at": NOW,
        "shown_at": NOW,
    }
    return Article(title=title, text=text, **(told | fields))  # type: ignore[arg-type]


def without(words: str, field: str = "title") -> Filter:
    return Filter(0, None, field, words, keep=False)


def only(words: str, field: str = "title") -> Filter:
    return Filter(0, None, field, words, keep=True)


@pytest.mark.parametrize(
    ("query", "looked_for"),
    [
        ("goal", ("goal",)),
        ("Goal  GOAL", ("goal",)),
        ('"last minute" goal', ("last minute", "goal")),
        ("«Последняя минута» гол", ("последняя минута", "гол")),
        ('"unclosed phrase', ("unclosed", "phrase")),
        ("C++ O'Brien title:x^2 *", ("c", "o", "brien", "title", "x", "2")),
        ("ёлка", ("елка",)),
        ("北京市", ("北京", "京市")),
        ("", ()),
        ('"" !?', ()),
    ],
)
def test_a_query_is_words_and_phrases_and_no_syntax(query: str, looked_for: tuple[str, ...]) -> None:
    assert needles(query) == looked_for


@pytest.mark.parametrize(
    ("words", "language", "text"),
    [
        ("goals", "en", "The goal of it"),
        ("санкции", "ru", "Новых санкций не будет"),
        ("Zeppelin", "", "Zeppelins over the town"),
        ("cafe", "fr", "Un café"),
        ('"last minute"', "en", "in the last, minute"),
        ("京市", "", "北京市"),
    ],
)
def test_words_are_found_in_their_forms(words: str, language: str, text: str) -> None:
    assert all(Field(text, language).has(needle) for needle in needles(words))


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("goa", "A goal"),
        ('"last minutes"', "the last minute"),
        ("ford", "affordable"),
        ('"minute last"', "last minute"),
    ],
)
def test_parts_of_words_and_other_phrases_are_not(words: str, text: str) -> None:
    assert not any(Field(text, "en").has(needle) for needle in needles(words))


def test_of_several_exclusions_one_is_enough_and_of_several_inclusions_too() -> None:
    assert passes([], article())
    assert not passes([without("tennis"), without("goal")], article())
    assert passes([without("tennis")], article())
    assert passes([only("tennis"), only("goal")], article())
    assert not passes([only("tennis")], article())
    assert not passes([only("goal"), without("minute")], article())


def test_each_field_is_looked_into_by_itself() -> None:
    shown = article("Goal", "A long text")
    for field, words in zip(FIELDS, ("goal", "long", '"jane doe"', "football"), strict=True):
        for other in FIELDS:
            assert passes([without(words, other)], shown) == (other != field)


def test_a_phrase_does_not_reach_from_one_category_into_the_next() -> None:
    assert passes([without('"football world"', "category")], article())
    assert not passes([without('"world cup"', "category")], article())


def test_where_nobody_tells_the_language_the_letters_do() -> None:
    assert not passes([without("санкции")], article("Отмена санкций", language=""))
    assert not passes([without("goals")], article(language=""))


@given(st.text(max_size=400), st.text(max_size=400), st.sampled_from(FIELDS), st.booleans())
def test_nothing_that_anybody_writes_breaks_a_filter(words: str, text: str, field: str, keep: bool) -> None:  # noqa: FBT001 - drawn
    shown = article(text, text, author=text, categories=(text,))
    one = Filter(0, None, field, words, keep)
    assert passes([one], shown) == (one.fits(shown) == keep)
    assert len(needles(words)) <= 16


@given(st.text(max_size=100))
def test_what_stands_in_a_text_is_found_there(text: str) -> None:
    cleaned = plain(text)
    assert all(Field(cleaned).has(needle) for needle in needles(cleaned))


@pytest.mark.parametrize("text", [*NASTY.values(), "a" * 10**6, "а́" * 10**5, "(a+)+$" * 10**5, "北" * 10**5])
def test_hostile_words_and_texts_take_no_time(text: str) -> None:
    began = time.process_time()
    shown = article(text, text, author=text, categories=(text,) * 10)
    for field in FIELDS:
        passes([without(text, field), only(text, field)], shown)
    assert time.process_time() - began < 1
    assert all(len(needle) <= LONGEST * 2 for needle in needles(text))
