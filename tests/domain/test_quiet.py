"""Quiet hours: in the reader's own zone, over midnight, and on nights in which the clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.quiet import Manner, Wishes, manner, quiet_until
from tests.domain.test_schedule import BERLIN, moments, utc, zones

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

NIGHT = (22 * 60, 7 * 60)
NOON = (12 * 60, 14 * 60)


@pytest.mark.parametrize(
    ("hour", "ends"),
    [(20, None), (21, 30), (23, 30), (30, None), (31, None)],
)
def test_over_midnight(hour: int, ends: int | None) -> None:
    evening = utc(2026, 11, 24)
    found = quiet_until(evening + timedelta(hours=hour), NIGHT, BERLIN)
    assert found == (None if ends is None else evening + timedelta(hours=ends))


@pytest.mark.parametrize(("hour", "is_quiet"), [(10, False), (11, True), (12, True), (13, False)])
def test_within_a_day(hour: int, is_quiet: bool) -> None:  # noqa: FBT001 - a row of the table
    found = quiet_until(utc(2026, 11, 24, hour), NOON, BERLIN)
    assert found == (utc(2026, 11, 24, 13) if is_quiet else None)


def test_a_night_in_which_the_clock_changes_ends_by_the_clock() -> None:
    spring = utc(2026, 3, 28, 21)
    assert quiet_until(spring, NIGHT, BERLIN) == spring + timedelta(hours=8)
    autumn = utc(2026, 10, 24, 20)
    assert quiet_until(autumn, NIGHT, BERLIN) == autumn + timedelta(hours=10)


def test_without_quiet_hours_it_is_never_quiet() -> None:
    assert quiet_until(utc(2026, 11, 24, 2), None, BERLIN) is None


spans = st.tuples(st.integers(0, 23), st.integers(0, 23)).filter(lambda pair: pair[0] != pair[1])


@given(moments, spans.map(lambda pair: (pair[0] * 60, pair[1] * 60)), zones)
def test_what_is_held_is_let_go_when_the_clock_shows_the_end(
    moment: datetime, quiet: tuple[int, int], zone: ZoneInfo
) -> None:
    ends = quiet_until(moment, quiet, zone)
    local = moment.astimezone(zone)
    changes = {
        at.astimezone(zone).utcoffset() for at in (moment - timedelta(days=1), moment + timedelta(days=1))
    }
    if len(changes) == 1:
        minute = local.hour * 60 + local.minute
        begin, end = quiet
        shown = begin <= minute < end if begin < end else minute >= begin or minute < end
        assert (ends is not None) == shown
    if ends is not None:
        assert moment < ends <= moment + timedelta(hours=26)
        assert quiet_until(ends, quiet, zone) is None, "held once, and not again"
        if len(changes) == 1:
            shown_end = ends.astimezone(zone)
            assert shown_end.hour * 60 + shown_end.minute == quiet[1]


NIGHTLY = utc(2026, 11, 24, 23)
DAILY = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "sound", "own_hour", "expected"),
    [
        (DAILY, True, False, Manner()),
        (DAILY, False, False, Manner(silent=True)),
        (DAILY, True, True, Manner()),
        (NIGHTLY, True, True, Manner(silent=True)),
        (NIGHTLY, True, False, Manner(held_until=utc(2026, 11, 25, 6))),
        (NIGHTLY, False, False, Manner(held_until=utc(2026, 11, 25, 6))),
    ],
)
def test_a_push_is_held_and_a_digest_comes_at_its_hour_without_a_sound(
    now: datetime,
    sound: bool,  # noqa: FBT001 - a row of the table
    own_hour: bool,  # noqa: FBT001 - likewise
    expected: Manner,
) -> None:
    assert manner(now, Wishes(sound, NIGHT, BERLIN), own_hour=own_hour) == expected
