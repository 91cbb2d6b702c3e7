"""What can be chosen, and that nothing else can."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.choices import MOST_HOURS, chosen, ticked_hours
from bot.domain.moving import ALPHABET, LENGTH, WRITTEN, fingerprint, written
from bot.domain.news import Reader
from tests.domain.test_schedule import utc
from tests.storage.archive import somebody

TUESDAY = utc(2026, 11, 24, 12)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("hour", "1200", {"digest_minutes": (1200,), "step": "done"}),
        ("hour", "none", {"digest_minutes": (), "step": "done"}),
        ("days", "weekends", {"days": "weekends"}),
        ("days", "6", {"days": "6"}),
        ("stories", "few", {"stories": "few"}),
        ("sound", "off", {"sound": False}),
        ("sound", "on", {"sound": True}),
        ("quiet", "1320-420", {"quiet": (1320, 420)}),
        ("quiet", "off", {"quiet": None}),
        ("state", "stopped", {"state": "stopped"}),
        ("pause", "week", {"state": "paused", "paused_until": utc(2026, 12, 1)}),
        ("pause", "monday", {"state": "paused", "paused_until": utc(2026, 11, 30)}),
        ("pause", "open", {"state": "paused", "paused_until": None}),
    ],
)
def test_a_choice_sets_what_it_says(field: str, value: str, expected: dict[str, object]) -> None:
    assert chosen(somebody(), field, value, TUESDAY) == expected


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("days", "7"),
        ("days", "sometimes"),
        ("stories", "12"),
        ("sound", "loud"),
        ("quiet", "1320"),
        ("quiet", "1320-1320"),
        ("quiet", "1320-1440"),
        ("quiet", "-420"),
        ("pause", "year"),
        ("hour", "²"),
        ("hour", "00480"),
        ("state", "paused"),
        ("missed", "0"),
        ("languages", "en"),
    ],
)
def test_what_is_not_on_offer_sets_nothing(field: str, value: str) -> None:
    assert chosen(somebody(), field, value, TUESDAY) == {}


def test_who_has_stopped_is_not_paused() -> None:
    assert chosen(somebody(state="stopped"), "pause", "week", TUESDAY) == {}


@given(st.text(max_size=12), st.text(max_size=12))
def test_whatever_a_button_says_only_fields_of_a_reader_are_set(field: str, value: str) -> None:
    assert set(chosen(somebody(), field, value, TUESDAY)) <= set(Reader.__slots__)


@given(st.lists(st.tuples(st.integers(-10, 1500), st.booleans()), max_size=20))
def test_hours_are_few_in_order_and_each_once(taps: list[tuple[int, bool]]) -> None:
    reader = somebody()
    for minute, on in taps:
        hours = ticked_hours(reader, str(minute), on=on)
        assert len(hours) <= MOST_HOURS
        assert hours == tuple(sorted(set(hours)))
        assert all(0 <= hour < 1440 for hour in hours)
        reader = somebody(digest_minutes=hours)


def test_one_hour_too_many_changes_nothing() -> None:
    full = somebody(digest_minutes=(480, 840, 1200))
    assert ticked_hours(full, "540", on=True) == full.digest_minutes
    assert ticked_hours(full, "840", on=True) == full.digest_minutes
    assert ticked_hours(full, "840", on=False) == (480, 1200)


@given(st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH))
def test_a_code_is_known_however_it_is_written(letters: str) -> None:
    shown = written(letters)
    assert WRITTEN.search(shown)
    assert (
        len({fingerprint(one) for one in (shown, letters, f" {shown.lower()} ", shown.replace("-", " "))})
        == 1
    )


@pytest.mark.parametrize(
    "words", ["well-made-team", "ABCD-EFGH", "ABCD-EFGH-JKMN and more", "2024-2025-2026"]
)
def test_what_only_looks_like_a_code_is_searched_for(words: str) -> None:
    assert not WRITTEN.search(words)
