"""Choosing for a digest: every desk in turn, an end in sight, and counts that add up."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.digest import LISTED, MOST, Candidate, select
from bot.domain.news import desk_order

NOW = datetime(2026, 11, 24, 7, tzinfo=UTC)
DESKS = ("World", "Science", "Sport", "Gardening", "")


def candidate(number: int, desk: str, sources: int = 1, minutes: int = 0) -> Candidate:
    at = NOW - timedelta(minutes=minutes)
    return Candidate(number, desk, "en", at, at, sources)


STORIES = st.lists(
    st.tuples(st.sampled_from(DESKS), st.integers(1, 5), st.integers(0, 99)), max_size=150
).map(lambda drawn: [candidate(n, *one) for n, one in enumerate(drawn, 1)])


@given(STORIES)
def test_nothing_is_chosen_twice_and_the_counts_add_up(stories: list[Candidate]) -> None:
    found = select(stories)
    assert len(found.stories) == min(len(stories), MOST)
    chosen = [story.id for story in found.stories]
    rest = [story.id for story in found.rest]
    assert len({*chosen, *rest}) == len(chosen) + len(rest)
    assert sum(count for _, count in found.left_out) == len(stories) - len(chosen)
    assert len(rest) == min(len(stories) - len(chosen), LISTED)
    there = Counter(story.desk for story in stories)
    told = Counter(story.desk for story in found.stories)
    assert dict(found.left_out) == {desk: count for desk in there if (count := there[desk] - told[desk])}


@given(STORIES)
def test_no_desk_has_two_more_than_another_that_has_some_left(stories: list[Candidate]) -> None:
    found = select(stories)
    told = Counter(story.desk for story in found.stories)
    for desk, _ in found.left_out:
        assert told[desk] + 1 >= max(told.values())


@given(STORIES)
def test_desks_stand_in_the_papers_order_and_the_widest_told_come_first(stories: list[Candidate]) -> None:
    found = select(stories)
    order = [desk_order(story.desk) for story in found.stories]
    assert order == sorted(order)
    for one, other in pairwise(found.stories):
        if one.desk == other.desk:
            assert (one.sources, one.shown_at) >= (other.sources, other.shown_at)
    left = dict(found.left_out)
    assert list(left.values()) == sorted(left.values(), reverse=True)


def test_one_full_desk_fills_the_digest() -> None:
    found = select([candidate(n, "World", minutes=n) for n in range(20)])
    assert [story.id for story in found.stories] == list(range(12))
    assert found.left_out == (("World", 8),)
    assert [story.id for story in found.rest] == list(range(12, 20))


def test_no_news_is_no_digest() -> None:
    assert select([]).stories == ()
