"""Which of those who follow something a new article is for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.filters import Filter
from bot.domain.following import Follow, Watch, strongest
from tests.domain.test_filters import NOW, article

HOUR = timedelta(hours=1)


def follow(number: int = 1, **fields: object) -> Follow:
    kept = {
        "chat_id": 7,
        "kind": "words",
        "feed_id": None,
        "story_id": None,
        "words": "",
        "name": "",
        "way": "digest",
        "made_at": NOW - HOUR,
        "heard_at": NOW - HOUR,
        "looked_at": NOW - HOUR,
        "asked_at": None,
        "message_id": None,
    }
    return Follow(id=number, **(kept | fields))  # type: ignore[arg-type]


def words(query: str, number: int = 1, **fields: object) -> Follow:
    return follow(number, words=query, **fields)


def feed(feed_id: int, number: int = 1, **fields: object) -> Follow:
    return follow(number, kind="feed", feed_id=feed_id, **fields)


def found(*items: Follow, filters: tuple[Filter, ...] = (), **fields: Any) -> list[int]:
    watch = Watch(items, {7: filters})
    return [find.follow.id for find in watch.finds(article(**fields))]


def test_an_article_is_for_who_follows_its_feed() -> None:
    assert found(feed(1), feed(2, 2), feed(1, 3, chat_id=8), feed_id=1) == [1, 3]


@pytest.mark.parametrize(
    "query", ["goals", "minute goal", '"last minute"', "minu", "GOAL", '"last minute" goals', "goal '"]
)
def test_an_article_is_for_who_follows_all_its_words(query: str) -> None:
    assert found(words(query)) == [1]


@pytest.mark.parametrize("query", ["goal tennis", '"minute last"', "min", "", '"" "…"'])
def test_a_word_that_is_missing_is_missed(query: str) -> None:
    assert found(words(query)) == []


def test_words_stand_in_the_headline_or_in_the_text() -> None:
    assert found(words("harbour goal"), text="Seen from the harbour") == [1]


def test_words_find_nothing_in_a_private_feed_that_their_reader_does_not_follow() -> None:
    private: dict[str, Any] = {"feed_id": 5, "private_feed_id": 5}
    assert found(words("goal"), **private) == []
    assert found(words("goal"), feed(5, 2, chat_id=8), **private) == [2]
    assert found(words("goal"), feed(5, 2), **private) == [2, 1]


def test_what_was_there_before_is_no_news() -> None:
    assert found(feed(1), shown_at=NOW - 2 * HOUR) == []
    assert found(feed(1), first_seen_at=NOW - HOUR) == []
    assert found(feed(1), backlog=True) == []


def test_filters_of_the_item_and_of_all_take_out() -> None:
    own = Filter(1, 1, "title", "goal", keep=False)
    other = Filter(2, 2, "title", "goal", keep=False)
    everywhere = Filter(3, None, "title", "minute", keep=False)
    assert found(feed(1), filters=(own,)) == []
    assert found(feed(1), filters=(other,)) == [1]
    assert found(feed(1), filters=(everywhere,)) == []


def test_a_followed_story_is_looked_up_another_way() -> None:
    assert found(follow(kind="story", story_id=1)) == []


@given(
    st.lists(st.text(max_size=30), max_size=8), st.text(max_size=200), st.sampled_from(["en", "ru", "", "xx"])
)
def test_the_index_of_first_words_misses_nothing(queries: list[str], text: str, language: str) -> None:
    items = [words(query, n) for n, query in enumerate(queries, 1)]
    told = article(text, language=language)
    one_by_one = [item.id for item in items if Watch([item], {}).finds(told)]
    assert sorted(find.follow.id for find in Watch(items, {}).finds(told)) == one_by_one


def test_the_strongest_way_wins() -> None:
    assert strongest(["silent", "push", "digest"]) == "push"
    assert strongest(["silent", "digest"]) == "digest"
