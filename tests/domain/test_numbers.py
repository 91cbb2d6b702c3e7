"""How full hours are, which times are offered around a crowded one, and what the pictures count."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import broadcasts
from bot.domain.numbers import (
    CAPACITY,
    CROWDED,
    FURTHEST,
    HOUR,
    STATES,
    Hour,
    Series,
    by_hour,
    fullest,
    health,
    hours,
    offered,
)
from bot.domain.schedule import WEEKDAYS, Timetable, at_clock
from bot.gateway.pacing import RATE
from bot.storage.numbers import QUARTER
from tests.domain.looks import feed

NOW = datetime(2026, 11, 24, 5, 40, tzinfo=UTC)
"""A Tuesday."""
DAY = timedelta(days=1)
KYIV, KOLKATA, UTC_ZONE = ZoneInfo("Europe/Kyiv"), ZoneInfo("Asia/Kolkata"), ZoneInfo("UTC")


def day(**full: float) -> list[Hour]:
    """The hours from five o'clock on, of which some are so full: `h6=0.9`."""
    begin = NOW.replace(minute=0)
    shares = [full.get(f"h{(begin + n * HOUR).hour}", 0.0) for n in range(24)]
    return [Hour(begin + n * HOUR, round(share * CAPACITY)) for n, share in enumerate(shares)]


def test_an_hour_carries_what_the_outbox_sends_in_it() -> None:
    assert broadcasts.A_SECOND == RATE, "the pace that is kept is the one that is counted with"
    assert CAPACITY == 100_800


def test_digests_are_counted_in_the_hour_of_their_readers_clock() -> None:
    planned = [
        (Timetable((480, 1200), KYIV), 10),
        (Timetable((450,), KOLKATA), 5),
        (Timetable((480,), KYIV, WEEKDAYS["weekends"]), 1000),
        (Timetable((480,), KYIV, WEEKDAYS["2"]), 3),
        (Timetable((480,), KYIV, WEEKDAYS["1"]), 4),
    ]
    found = hours(planned, NOW)
    assert len(found) == 24
    assert found[0].at == NOW.replace(minute=0)
    carried = {hour.at.hour: hour.digests for hour in found if hour.digests}
    # 08:00 in Kyiv is 06:00; Tuesday's is still to come, Wednesday's lies beyond the day. 07:30 in Kolkata is 02:00.
    assert carried == {6: 14, 18: 10, 2: 5}


def test_what_an_hour_cannot_carry_is_left_to_the_next() -> None:
    planned = [(Timetable((360,), UTC_ZONE), CAPACITY + 10), (Timetable((420,), UTC_ZONE), 5)]
    six, seven, eight = hours(planned, NOW)[1:4]
    assert (six.digests, six.before, six.crowded) == (CAPACITY + 10, 0, True)
    assert (seven.digests, seven.before, seven.crowded) == (5, 10, False)
    assert (eight.digests, eight.before) == (0, 0)
    assert fullest(hours(planned, NOW), 9) == [six, seven]


@given(
    st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    st.sampled_from([KYIV, KOLKATA, UTC_ZONE, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("America/St_Johns")]),
    st.lists(st.integers(0, 1439), min_size=1, max_size=3, unique=True),
)
def test_a_daily_hour_falls_into_the_next_day_once_whatever_the_clock_does(
    now: datetime, zone: ZoneInfo, minutes: list[int]
) -> None:
    begin = now.replace(minute=0, second=0, microsecond=0)
    local = [moment.astimezone(zone) for moment in (begin - DAY, begin, begin + DAY, begin + 2 * DAY)]
    counted = sum(hour.digests for hour in hours([(Timetable(tuple(minutes), zone), 1)], now))
    if len({moment.utcoffset() for moment in local}) == 1:
        assert counted == len(minutes)
    else:
        # A day of 23 hours has no room for some, one of 25 has the edge of the next day.
        assert 0 <= counted <= 2 * len(minutes)


@pytest.mark.parametrize(
    ("minutes", "zone", "full", "wanted"),
    [
        ((420, 480, 540), UTC_ZONE, {}, (420, 480, 540)),
        ((420, 480, 540), UTC_ZONE, {"h8": 0.8}, (420, 480, 540)),
        ((420, 480, 540), UTC_ZONE, {"h8": 0.81}, (420, 460, 540)),
        ((480,), UTC_ZONE, {"h8": 0.9}, (460, 540)),
        ((480,), UTC_ZONE, {"h7": 0.9, "h8": 0.9}, (400, 540)),
        ((480,), UTC_ZONE, {"h6": 1, "h7": 1, "h8": 1, "h9": 1}, (600,)),
        ((480,), UTC_ZONE, {f"h{hour}": 1 for hour in range(24)}, (480,)),
        ((480,), KYIV, {"h6": 0.9}, (460, 540)),
        ((480,), KYIV, {"h8": 0.9}, (480,)),
        ((450,), KOLKATA, {"h2": 0.9}, (430, 510)),
        ((0, 1380), UTC_ZONE, {"h0": 0.9}, (60, 1380, 1420)),
    ],
)
def test_times_around_a_crowded_hour_are_offered(
    minutes: tuple[int, ...], zone: ZoneInfo, full: dict[str, float], wanted: tuple[int, ...]
) -> None:
    assert offered(minutes, zone, day(**full)) == wanted


def test_who_has_a_crowded_hour_keeps_it() -> None:
    assert offered((480,), UTC_ZONE, day(h8=1.0), (480, 1205)) == (480, 1205)
    assert offered((480,), UTC_ZONE, (), (75,)) == (75, 480)


@given(
    st.lists(st.integers(0, 71).map(lambda n: 20 * n), min_size=1, unique=True),
    st.sampled_from([UTC_ZONE, KYIV, KOLKATA, ZoneInfo("Asia/Kathmandu")]),
    st.lists(st.sampled_from([0.0, 0.5, CROWDED, 0.9, 2.0]), min_size=24, max_size=24),
    st.lists(st.integers(0, 1439), max_size=3),
)
def test_no_crowded_time_is_offered_while_there_is_another_near(
    minutes: list[int], zone: ZoneInfo, shares: list[float], keep: list[int]
) -> None:
    begin = NOW.replace(minute=0)
    known = [Hour(begin + n * HOUR, round(share * CAPACITY)) for n, share in enumerate(shares)]
    crowded = {hour.at.hour for hour in known if hour.crowded}

    def is_crowded(minute: int) -> bool:
        return at_clock(NOW.date(), minute, zone).hour in crowded

    found = offered(minutes, zone, known, keep)
    assert list(found) == sorted(set(found))
    assert set(keep) <= set(found)
    for minute in found:
        near = {(minute + away) % 1440 for away in range(-FURTHEST, FURTHEST + 1, 20)}
        assert minute in keep or not is_crowded(minute) or all(map(is_crowded, near))
    for minute in minutes:
        near = {(minute + away) % 1440 for away in range(-FURTHEST, FURTHEST + 1, 20)}
        assert near & set(found), "something near what would be offered is"


def test_what_is_opened_counts_in_the_hour_of_the_editors_clock() -> None:
    openings = {NOW.replace(minute=15 * n): 10**n for n in range(4)}
    assert by_hour(openings, KYIV) == tuple(1111 if hour == 7 else 0 for hour in range(24))
    assert by_hour(openings, KOLKATA) == tuple({10: 11, 11: 1100}.get(hour, 0) for hour in range(24))
    assert 3600 % QUARTER.total_seconds() == 0


def test_a_feed_counts_in_one_state() -> None:
    fine = replace(feed(), newest_at=NOW)
    feeds = [fine, fine, replace(fine, newest_at=None), replace(fine, failures=2)]
    feeds += [replace(fine, newest_at=NOW - 9 * DAY)]
    feeds += [replace(fine, state="paused"), replace(fine, state="gone", failures=1)]
    assert dict(zip(STATES, health(feeds, NOW), strict=True)) == {
        "fine": 2,
        "new": 1,
        "failing": 2,
        "paused": 1,
        "gone": 1,
    }


def test_a_line_needs_two_ends_and_a_bar_something_to_count() -> None:
    today = NOW.date()
    assert Series("readers", (5,), (today,)).empty
    assert Series("hours", (0,) * 24).empty
    assert not Series("readers", (0, 5), (today - DAY, today)).empty
    assert not Series("feeds", (0, 0, 0, 0, 1)).empty
