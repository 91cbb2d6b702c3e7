"""The feed doctor: what a feed suffers from, and which other address would cure it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.articles import Entry, FeedDocument
from bot.domain.doctor import Advice, Ailment, advice, ailment, best, kept, silent, wants_another
from bot.domain.news import Feed, FeedEntry

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TITLES = ["One", "Two", "Three"]


def feed(**more: Any) -> Feed:
    told: dict[str, Any] = {
        "id": 1,
        "url": "https://herald.example/rss",
        "title": "The Herald",
        "desk": "World",
    }
    rest = {"language": "en", "country": "", "site": "", "state": "active", "etag": "", "last_modified": ""}
    state = {"body_hash": "", "moved_to": "", "added_at": NOW - 99 * DAY, "fetched_at": NOW}
    times = {"succeeded_at": NOW, "newest_at": NOW - HOUR, "gap": 3600.0, "failures": 0, "trouble": None}
    return Feed(**told | rest | state | times | {"next_check_at": NOW} | more)


def failing(since: timedelta, key: str = "source.unwell") -> Feed:
    return feed(failures=9, trouble={"key": key}, succeeded_at=NOW - since)


def document(*titles: str, at: datetime = NOW) -> FeedDocument:
    return FeedDocument("The Herald", entries=tuple(Entry(one, "", one, published=at) for one in titles))


@pytest.mark.parametrize(
    ("gap", "waited", "expected"),
    [
        (HOUR, 2 * DAY, False),  # a weekend
        (HOUR, 3 * DAY + HOUR, True),
        (DAY, 7 * DAY, False),
        (DAY, 8 * DAY + HOUR, True),
        (30 * DAY, 99 * DAY, False),  # a quarterly
        (None, 13 * DAY, False),
        (None, 15 * DAY, True),
    ],
)
def test_a_feed_is_silent_by_its_own_rhythm(
    gap: timedelta | None, waited: timedelta, *, expected: bool
) -> None:
    one = feed(gap=gap.total_seconds() if gap else None, newest_at=NOW - waited)
    assert silent(one, NOW) is expected
    assert (ailment(one, NOW) is Ailment.SILENT) is expected


def test_a_feed_that_never_told_anything_is_silent_after_two_weeks() -> None:
    assert not silent(feed(newest_at=None, gap=None, added_at=NOW - 13 * DAY), NOW)
    assert silent(feed(newest_at=None, gap=None, added_at=NOW - 15 * DAY), NOW)
    assert not silent(feed(newest_at=None, gap=None, succeeded_at=None), NOW), "it was never looked at"


def test_the_worst_is_told_first() -> None:
    assert ailment(feed(), NOW) is None
    assert ailment(feed(state="gone", failures=3), NOW) is Ailment.GONE
    assert ailment(failing(HOUR), NOW) is Ailment.FAILING
    assert ailment(failing(HOUR, "source.robot_check"), NOW) is Ailment.BLOCKED
    assert ailment(feed(advice=kept(Advice(cut=True))), NOW) is Ailment.CUT
    for state in ("paused", "removed", "idle"):
        assert ailment(feed(state=state, failures=3), NOW) is None


def test_another_address_is_looked_for_when_a_feed_is_ill_for_good() -> None:
    assert not wants_another(feed(), NOW)
    assert not wants_another(failing(HOUR), NOW), "servers are restarted"
    assert wants_another(failing(DAY), NOW)
    assert wants_another(failing(DAY, "source.robot_check"), NOW)
    assert wants_another(feed(state="gone"), NOW)
    assert wants_another(feed(newest_at=NOW - 9 * DAY), NOW)
    assert not wants_another(feed(advice=kept(Advice(cut=True))), NOW)


def test_the_best_cure_tells_the_same_stories() -> None:
    sick = failing(2 * DAY)
    sport = FeedEntry("https://herald.example/sport", "Sport"), document("Goal", "Match", "Race", "Win")
    news = FeedEntry("https://herald.example/news", "News"), document("Two", "three.", "Four")
    assert best(sick, [sport, news], TITLES, set()) == Advice("https://herald.example/news", "News", 3, 2)
    assert best(sick, [sport, news], TITLES, {"https://herald.example/news"}) == Advice(), (
        "it is here already"
    )
    assert best(sick, [sport], TITLES, set()).url == sport[0].url, "the only one of its host"
    elsewhere = FeedEntry("https://other.example/rss", "Other"), document("Goal")
    assert best(sick, [elsewhere], TITLES, set()) == Advice()
    assert best(sick, [(news[0], document())], TITLES, set()) == Advice(), "an empty one cures nothing"
    assert best(sick, [], TITLES, set()) == Advice()


def test_a_silent_feed_is_cured_only_by_something_newer() -> None:
    sick = feed(newest_at=NOW - 9 * DAY)
    entry = FeedEntry("https://herald.example/news", "News")
    assert best(sick, [(entry, document(*TITLES, at=NOW - 9 * DAY))], TITLES, set()) == Advice()
    assert best(sick, [(entry, document(*TITLES, at=NOW - DAY))], TITLES, set()).same == 3


def test_advice_is_kept_and_none_is_nothing() -> None:
    found = Advice("https://new.example/rss", "New", 12, 3)
    assert advice(feed(advice=kept(found))) == found
    assert kept(Advice()) is None
    assert advice(feed()) == Advice()
