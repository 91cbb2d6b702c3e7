"""Places: every one exists, and its clock can be found by what it shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.places import LIKELY, PLACES, guess, named, nearest, offset, offsets, sharing
from bot.texts.catalogue import LANGUAGES, city_names, words

MOMENTS = [datetime(2026, month, 15, 12, tzinfo=UTC) for month in (1, 4, 7, 10)]


@pytest.mark.parametrize("at", MOMENTS, ids=lambda at: f"{at:%B}")
def test_every_place_is_found_by_what_its_clock_shows(at: datetime) -> None:
    for minutes in offsets(at):
        for zone in sharing(minutes, at):
            local = at.astimezone(ZoneInfo(zone))
            assert f"{local:%H:%M}" == f"{at + timedelta(minutes=minutes):%H:%M}"
    assert sorted(zone for minutes in offsets(at) for zone in sharing(minutes, at)) == sorted(PLACES)


@pytest.mark.parametrize("at", MOMENTS, ids=lambda at: f"{at:%B}")
def test_no_two_buttons_show_the_same_time(at: datetime) -> None:
    shown = [f"{at + timedelta(minutes=minutes):%H:%M}" for minutes in offsets(at)]
    assert len(set(shown)) == len(shown)
    assert len(shown) <= 40, "eight rows of five"


@pytest.mark.parametrize("at", MOMENTS, ids=lambda at: f"{at:%B}")
def test_a_clock_that_is_read_off_is_found_though_it_is_some_minutes_off(at: datetime) -> None:
    for minutes in offsets(at):
        local = at + timedelta(minutes=minutes)
        for wrong in (-5, 0, 5):
            shown = local + timedelta(minutes=wrong)
            assert nearest(shown.hour * 60 + shown.minute, at) % 1440 == minutes % 1440


def test_a_city_is_known_in_the_readers_language_in_english_and_by_its_beginning() -> None:
    assert named("київ", city_names("uk", PLACES)) == ["Europe/Kyiv"]
    assert named("KIEV", {"Europe/Kyiv": {"Kyiv", "Kiev"}}) == ["Europe/Kyiv"]
    for language in LANGUAGES:
        names = city_names(language, PLACES)
        assert named("new york", names) == ["America/New_York"]
        assert all(zone in named(words(language).place(zone), names) for zone in PLACES)
    assert named("Sao Paulo", city_names("pt", PLACES)) == ["America/Sao_Paulo"]
    assert named("San", city_names("en", PLACES)) == ["America/Santiago", "America/Santo_Domingo"]
    for nowhere in ("", "  ", "?!", "Sa", "Atlantis"):
        assert named(nowhere, city_names("en", PLACES)) == [], nowhere


def test_a_name_that_is_written_out_comes_before_those_that_begin_so() -> None:
    names = {"A/Malibu": {"Malibu"}, "A/Mali": {"Mali", "Old Mali"}, "A/Ur": {"Ur"}, "A/Uruk": {"Uruk"}}
    assert named("mali", names) == ["A/Mali"]
    assert named("MÁLI", names) == ["A/Mali"]
    assert named("malib", names) == ["A/Malibu"]
    assert named("mal", names) == ["A/Malibu", "A/Mali"], "where none is called so"
    assert named("ur", names) == ["A/Ur"], "however short, where it is the whole name"
    assert named("ma", names) == []
    assert named("uru", names) == ["A/Uruk"]
    assert named("libu", names) == [], "a beginning and no other part"
    assert named("old-mali", names) == ["A/Mali"]


def test_a_clock_that_no_place_has_is_nowhere() -> None:
    assert sharing(17, MOMENTS[0]) == []


def test_offsets_follow_summer_time() -> None:
    assert offset("Europe/Kyiv", MOMENTS[0]) == 120
    assert offset("Europe/Kyiv", MOMENTS[2]) == 180
    assert offset("Asia/Kathmandu", MOMENTS[0]) == 345


def test_a_guess_is_the_operators_unless_the_app_says_more() -> None:
    assert guess("ru", "Asia/Almaty") == "Asia/Almaty"
    assert guess("ru-RU", "UTC") == "Europe/Moscow"
    assert guess("xx", "UTC") == "UTC"
    assert guess("", "UTC") == "UTC"
    assert set(LIKELY.values()) <= set(PLACES)


def test_every_place_has_a_name_of_its_own_in_every_language() -> None:
    for language in LANGUAGES:
        names = [words(language).place(zone) for zone in PLACES]
        assert len(set(names)) == len(names)
        assert all(name and "/" not in name and "_" not in name for name in names)
