"""What a feed gives, judged by one look at it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.articles import Block, BlockKind, Entry, FeedDocument
from bot.domain.news import FeedEntry
from bot.domain.sampling import Sample, gives, likely_desk, same_headlines, sampled
from tests.domain.test_doctor import feed

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HERALD = FeedEntry("https://herald.example/rss", "The Herald")
TEXT = (Block(BlockKind.PARAGRAPH, "All of it."),)


def entry(title: str, hours: float | None = None, *, complete: bool = False) -> Entry:
    at = None if hours is None else NOON - timedelta(hours=hours)
    return Entry(title, "", title, published=at, blocks=TEXT if complete else (), complete=complete)


def test_the_newest_three_headlines_are_shown_whatever_their_order() -> None:
    found = sampled(HERALD, FeedDocument(entries=tuple(entry(f"{n} old", n) for n in (5, 1, 3, 0, 4))))
    assert found.headlines == ("0 old", "1 old", "3 old")
    undated = sampled(HERALD, FeedDocument(entries=tuple(entry(name) for name in "abcd")))
    assert undated.headlines == ("a", "b", "c"), "in the document's order"


@pytest.mark.parametrize(
    ("hours", "a_day"),
    [([0, 24], 1.0), ([0, 6, 12, 18, 24], 4.0), ([0, 240], 0.1), ([0, 0.5], None), ([3], None), ([], None)],
)
def test_stories_a_day_are_counted_by_their_dates(hours: list[float], a_day: float | None) -> None:
    found = sampled(HERALD, FeedDocument(entries=tuple(entry(f"{n}", n) for n in hours)))
    assert found.a_day == pytest.approx(a_day)
    assert found.stories == len(hours)


def test_full_texts_are_what_most_articles_carry() -> None:
    def gave(full: int, bare: int) -> bool:
        entries = [entry("x", n, complete=True) for n in range(full)] + [entry("y", n) for n in range(bare)]
        return sampled(HERALD, FeedDocument(entries=tuple(entries))).full

    assert gave(3, 2)
    assert not gave(2, 2)
    assert not gave(0, 0)


def test_a_sample_can_be_kept() -> None:
    found = sampled(HERALD, FeedDocument(entries=(entry("a", 0), entry("b", 30))))
    assert Sample.brought_back(found.kept()) == found


def test_a_desk_is_guessed_by_name_by_address_and_by_the_sites_other_feeds() -> None:
    known = [feed(desk="Health")]
    assert likely_desk(FeedEntry("https://x.example/a", "Herald Science"), known) == "Science"
    assert likely_desk(FeedEntry("https://x.example/sport/rss"), known) == "Sport"
    assert likely_desk(FeedEntry("https://herald.example/other"), known) == "Health"
    assert likely_desk(FeedEntry("https://herald.example/other"), [*known, feed(desk="World")]) == ""
    assert likely_desk(FeedEntry("https://x.example/a"), known) == ""
    assert likely_desk(FeedEntry("https://transportweekly.example/a"), known) == "", (
        "a part of a word says nothing"
    )


def test_headlines_are_the_same_whatever_their_case_and_signs() -> None:
    document = FeedDocument(entries=(entry("Storm hits coast!"), entry("Other"), entry("")))
    assert same_headlines(document, ["STORM HITS COAST", ""]) == 1


@pytest.mark.parametrize(
    ("flags", "given"),
    [
        ("", ""),
        ("11", ""),
        ("111", "full"),
        ("000", "teasers"),
        ("1" * 30, "full"),
        ("0" * 30, "teasers"),
        ("0" * 10 + "1" * 20, "cut"),
        ("0" * 9 + "1" * 21, "teasers"),
        ("0" * 10 + "1" * 14 + "0" * 6, "teasers"),
        ("0" * 10 + "1" * 10, "teasers"),
    ],
)
def test_a_feed_that_gives_only_beginnings_of_late_is_noticed(flags: str, given: str) -> None:
    assert gives([flag == "1" for flag in flags]) == given
