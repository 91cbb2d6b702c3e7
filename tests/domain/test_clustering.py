"""Which articles tell one story: the same page, or the same telling headline within three days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.clustering import TITLE_WINDOW, KnownKey, match, story_keys

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PAGE = "https://herald.example/bridge"


def known(key: str, story_id: int | None = 1, hours: float = 1) -> KnownKey:
    return KnownKey(key, story_id, NOW - timedelta(hours=hours))


@pytest.mark.parametrize(
    "other",
    [
        "http://www.herald.example/bridge/",
        "https://m.herald.example/bridge?utm_source=feed#top",
        "https://herald.example/bridge/amp",
    ],
)
def test_one_page_under_several_addresses_is_one_story(other: str) -> None:
    assert story_keys("One", PAGE) == story_keys("Two", other)


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Bridge over the Orrin closed", "BRIDGE over the Orrin: closed!"),
        ("Мост через Оррин закрыт наводнением", "Мост через «Оррин» закрыт наводнением…"),
        ("奥林河大桥因洪水关闭三天以上", "奥林河大桥因洪水关闭三天以上!"),
    ],
)
def test_one_headline_is_one_story_whatever_its_signs(title: str, other: str) -> None:
    first, second = story_keys(title, ""), story_keys(other, "")
    assert first == second != ()


@pytest.mark.parametrize(
    "title",
    [
        "",
        "Morning briefing",
        "News in brief",
        "Live updates",
        "今日新闻",
        "Пресс-релиз",
        "Internationalisation",
    ],
)
def test_a_headline_that_names_no_event_is_no_key(title: str) -> None:
    assert story_keys(title, "") == ()
    assert len(story_keys(title, PAGE)) == 1


def test_a_headline_counts_for_three_days_and_a_page_for_ever() -> None:
    page, title = story_keys("Bridge over the Orrin closed", PAGE)
    inside, outside = TITLE_WINDOW / timedelta(hours=1), TITLE_WINDOW / timedelta(hours=1) + 0.1
    assert match((title,), [known(title, hours=inside)], NOW) is not None
    assert match((title,), [known(title, hours=outside)], NOW) is None
    assert match((page,), [known(page, hours=10_000)], NOW) is not None


def test_keys_of_others_say_nothing() -> None:
    page, title = story_keys("Bridge over the Orrin closed", PAGE)
    assert match((page,), [known(title), known("u:other")], NOW) is None
    assert match((), [known(page)], NOW) is None


def test_a_story_that_is_kept_goes_before_the_trace_of_one_that_is_gone_and_then_the_latest() -> None:
    page, title = story_keys("Bridge over the Orrin closed", PAGE)
    gone, kept, later = known(page, None, 1), known(title, 2, 20), known(page, 3, 10)
    assert match((page, title), [gone, kept], NOW) == kept
    assert match((page, title), [kept, later, gone], NOW) == later
    assert match((page, title), [gone], NOW) == gone


def test_a_front_page_is_nobodys_story() -> None:
    assert story_keys("One", "https://herald.example/") == ()


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_headline_and_address_give_at_most_two_keys_always_the_same(title: str, url: str) -> None:
    keys = story_keys(title, url)
    assert len(keys) <= 2
    assert keys == story_keys(title, url)


@given(st.text(max_size=60), st.text(min_size=1, max_size=60))
def test_an_address_that_cannot_be_linked_makes_no_two_articles_one(title: str, junk: str) -> None:
    assert not any(key.startswith("u:") for key in story_keys(title, "javascript:" + junk))
