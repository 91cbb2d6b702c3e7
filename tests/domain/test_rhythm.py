"""How often a feed is asked: the silence ladder, the server's own wishes, failures, and a random addition."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.rhythm import JITTER, LONGEST_WAIT, Pace, after_failure, after_success, mean_gap

PACE = Pace(timedelta(minutes=5), timedelta(hours=4))
HOUR = 3600.0
seconds = st.floats(0, 10 * 365 * 86_400, allow_nan=False)
chances = st.floats(0, 1)
paces = st.builds(
    lambda shortest, more: Pace(timedelta(seconds=shortest), timedelta(seconds=shortest + more)),
    st.integers(1, 86_400),
    st.integers(0, 864_000),
)


def wait(
    silence: timedelta | None = None,
    gap: float | None = None,
    asked: tuple[float | None, ...] = (),
    pace: Pace = PACE,
) -> timedelta:
    return after_success(pace, silence=silence, gap=gap, asked=asked, chance=0.0)


@pytest.mark.parametrize(
    ("days", "hours"),
    [(400, 4), (30, 4), (29.9, 2), (14, 2), (13.9, 1), (7, 1)],
)
def test_the_longer_a_feed_is_silent_the_less_it_is_asked(days: float, hours: float) -> None:
    assert wait(timedelta(days=days), gap=60.0) == timedelta(hours=hours)


def test_a_feed_that_speaks_is_asked_twice_between_two_articles() -> None:
    assert wait(timedelta(hours=1), gap=HOUR) == timedelta(minutes=30)
    assert wait(timedelta(hours=1), gap=1.0) == PACE.shortest
    assert wait(timedelta(days=6), gap=40 * HOUR) == PACE.longest / 4


def test_of_an_unknown_feed_the_quarter_of_the_longest_is_taken() -> None:
    assert wait() == wait(timedelta(days=1)) == PACE.longest / 4


def test_the_longest_wish_of_feed_and_server_goes_before_our_own_rhythm() -> None:
    assert wait(gap=HOUR, asked=(None, None)) == timedelta(minutes=30)
    assert wait(gap=HOUR, asked=(600.0, None)) == timedelta(minutes=30)
    assert wait(gap=HOUR, asked=(2 * HOUR, HOUR)) == timedelta(hours=2)
    assert wait(gap=HOUR, asked=(None, 3 * HOUR)) == timedelta(hours=3)


def test_a_wish_of_half_a_day_and_more_is_cut_at_the_longest() -> None:
    assert wait(gap=HOUR, asked=(12 * HOUR,)) == PACE.longest
    assert wait(gap=HOUR, asked=(1e300,)) == PACE.longest


@given(
    paces,
    st.none() | st.builds(timedelta, seconds=st.floats(-86_400, 1e8)),
    st.none() | seconds,
    st.lists(st.none() | seconds, max_size=3),
    chances,
)
def test_the_operators_bounds_and_the_random_addition_hold_always(
    pace: Pace, silence: timedelta | None, gap: float | None, asked: list[float | None], chance: float
) -> None:
    told = after_success(pace, silence=silence, gap=gap, asked=asked, chance=chance)
    plainly = after_success(pace, silence=silence, gap=gap, asked=asked, chance=0.0)
    assert pace.shortest <= plainly <= pace.longest
    assert plainly <= told <= plainly * (1 + JITTER)


def test_each_failure_in_a_row_doubles_the_wait_up_to_a_day() -> None:
    waits = [after_failure(PACE, failures=n, retry_after=None, chance=0.0) for n in range(1, 30)]
    assert waits[:4] == [timedelta(minutes=minutes) for minutes in (5, 10, 20, 40)]
    assert waits[9:] == [LONGEST_WAIT] * 20
    assert waits == sorted(waits)


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        (0.0, timedelta(minutes=5)),
        (60.0, timedelta(minutes=5)),
        (7200.0, timedelta(hours=2)),
        (86_400.0, timedelta(days=1)),
        (8_640_000.0, timedelta(days=1)),
    ],
)
def test_a_server_that_names_its_time_is_obeyed_up_to_a_day(asked: float, waits: timedelta) -> None:
    assert after_failure(PACE, failures=1, retry_after=asked, chance=0.0) == waits


@given(paces, st.integers(1, 10**6), st.none() | seconds, chances)
def test_a_failing_feed_waits_a_day_at_most_and_never_less_than_it_was_told(
    pace: Pace, failures: int, retry_after: float | None, chance: float
) -> None:
    told = after_failure(pace, failures=failures, retry_after=retry_after, chance=chance)
    least = min(max(pace.shortest, timedelta(seconds=retry_after or 0)), LONGEST_WAIT)
    assert least <= told <= LONGEST_WAIT * (1 + JITTER)


def test_the_gap_is_the_mean_over_the_newest_twenty() -> None:
    start = datetime(2026, 11, 24, tzinfo=UTC)
    hourly = [start - timedelta(hours=n) for n in range(20)]
    older = [start - timedelta(days=100 * n) for n in range(1, 5)]
    assert mean_gap(hourly) == HOUR
    assert mean_gap([*older, *reversed(hourly)]) == HOUR
    assert mean_gap([start]) is mean_gap([]) is None
    assert mean_gap([start, start]) == 0.0
