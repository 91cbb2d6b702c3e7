"""The hour of the digest: once a local day, whatever clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.places import PLACES
from bot.domain.schedule import LATE, PAST_MIDNIGHT, at_clock, local_day, next_due, turn

ODD = (
    "America/Havana",  # its clock is put forward at midnight, and back to midnight
    "America/St_Johns",
    "Antarctica/Troll",  # two hours at a time
    "Asia/Gaza",
    "Atlantic/Azores",
    "Australia/Lord_Howe",  # half an hour at a time
    "Pacific/Chatham",
)
ZONES = sorted({*ODD, *PLACES[::3], "Africa/Cairo", "Asia/Beirut", "Africa/Casablanca", "Europe/Dublin"})
MINUTES = (0, 30, 90, 120, 150, 179, 480, 1410, 1439)
BERLIN, CAIRO = ZoneInfo("Europe/Berlin"), ZoneInfo("Africa/Cairo")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize("name", ZONES)
def test_there_is_one_due_moment_on_every_local_day_of_a_year(name: str) -> None:
    zone = ZoneInfo(name)
    for minute in MINUTES:
        due = next_due(utc(2026, 1, 1), minute, zone)
        days = []
        while due < utc(2027, 1, 1):
            days.append(local_day(due, zone))
            due = next_due(due, minute, zone)
        assert days == [days[0] + timedelta(days=n) for n in range(len(days))], f"{name} at {minute}"


def test_there_are_zones_enough() -> None:
    assert len(ZONES) >= 30


def test_a_time_that_the_clock_skips_comes_an_hour_later_on_the_clock() -> None:
    due = at_clock(date(2026, 3, 29), 150, BERLIN)
    assert due == utc(2026, 3, 29, 1, 30)
    assert f"{due.astimezone(BERLIN):%H:%M}" == "03:30"


def test_a_time_that_the_clock_shows_twice_comes_the_first_time() -> None:
    assert at_clock(date(2026, 10, 25), 150, BERLIN) == utc(2026, 10, 25, 0, 30)
    assert next_due(utc(2026, 10, 25, 0, 30), 150, BERLIN) == utc(2026, 10, 26, 1, 30)


def test_a_day_that_begins_twice_has_one_digest() -> None:
    # In the night to 30 October 2026 the clock of Cairo goes from midnight back to 23:00.
    first = at_clock(date(2026, 10, 29), 1410, CAIRO)
    assert next_due(first, 1410, CAIRO) - first == timedelta(hours=25)


@given(
    st.sampled_from(ZONES),
    st.integers(0, 1439),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - made aware here
)
def test_the_next_due_moment_is_the_first_one(name: str, minute: int, after: datetime) -> None:
    zone = ZoneInfo(name)
    due = next_due(after, minute, zone)
    assert after < due <= after + timedelta(hours=26)
    assert due in {at_clock(local_day(after, zone) + timedelta(days=n), minute, zone) for n in (0, 1)}


EIGHT = 480
DUE = utc(2026, 11, 24, 7)


@pytest.mark.parametrize(
    ("minutes_later", "late_since"), [(0, None), (9, None), (10, None), (11, DUE), (600, DUE)]
)
def test_a_digest_that_leaves_more_than_ten_minutes_after_its_hour_is_late(
    minutes_later: int, late_since: datetime | None
) -> None:
    found = turn(DUE, DUE + timedelta(minutes=minutes_later), EIGHT, BERLIN)
    assert found.edition == date(2026, 11, 24)
    assert found.late_since == late_since
    assert found.next_due_at == DUE + timedelta(days=1)
    assert timedelta(minutes=10) == LATE


def test_after_days_of_standing_still_there_is_one_digest_for_today() -> None:
    found = turn(DUE, DUE + timedelta(days=5, hours=2), EIGHT, BERLIN)
    assert found.edition == date(2026, 11, 29)
    assert found.late_since == DUE + timedelta(days=5)
    assert found.next_due_at == DUE + timedelta(days=6)


def test_after_days_of_standing_still_and_before_the_hour_it_waits_for_the_hour() -> None:
    found = turn(DUE, DUE + timedelta(days=5, hours=-2), EIGHT, BERLIN)
    assert (found.edition, found.late_since, found.next_due_at) == (None, None, DUE + timedelta(days=5))


def test_a_digest_of_the_evening_may_leave_just_past_midnight_and_not_later() -> None:
    evening = utc(2026, 11, 24, 22, 50)  # 23:50 in Berlin
    soon = turn(evening, evening + PAST_MIDNIGHT, 1430, BERLIN)
    assert (soon.edition, soon.late_since) == (date(2026, 11, 24), evening)
    assert soon.next_due_at == evening + timedelta(days=1)
    later = turn(evening, evening + PAST_MIDNIGHT + timedelta(minutes=1), 1430, BERLIN)
    assert (later.edition, later.next_due_at) == (None, evening + timedelta(days=1))


@given(
    st.sampled_from(ZONES),
    st.integers(0, 1439),
    st.lists(st.integers(-3_000, 6_000), min_size=1, max_size=40),
)
def test_there_are_never_two_editions_of_one_local_day(name: str, minute: int, steps: list[int]) -> None:
    """The clock is looked at after steps of minutes; a step back is a clock that was put right."""
    zone, now = ZoneInfo(name), utc(2026, 3, 20)
    due = next_due(now, minute, zone)
    editions: list[date] = []
    for step in steps:
        now += timedelta(minutes=step)
        if now < due:
            continue
        found = turn(due, now, minute, zone)
        assert found.next_due_at > now
        if found.edition is not None:
            editions.append(found.edition)
            since = at_clock(found.edition, minute, zone)
            assert since <= now
            assert (found.late_since is not None) == (now - since > LATE)
            assert found.edition == local_day(now, zone) or now - since <= PAST_MIDNIGHT
        due = found.next_due_at
    assert editions == sorted(set(editions))
