"""The hours of the digests: each planned hour once, whatever clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.places import PLACES
from bot.domain.schedule import (
    LATE,
    PAST_MIDNIGHT,
    WEEKDAYS,
    Slot,
    Timetable,
    at_clock,
    days_later,
    local_day,
    missed,
    next_due,
    next_monday,
    turn,
)

ODD = (
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Havana",  # its clock is put forward at midnight, and back to midnight
    "America/Scoresbysund",  # put forward an hour before midnight, so that hours of the evening are skipped
    "America/St_Johns",
    "Antarctica/Troll",  # two hours at a time
    "Asia/Beirut",
    "Asia/Gaza",
    "Atlantic/Azores",
    "Australia/Lord_Howe",  # half an hour at a time
    "Europe/Dublin",
    "Pacific/Chatham",
)
ZONES = sorted({*ODD, *PLACES[::6]})
MINUTES = (0, 30, 90, 120, 150, 179, 480, 1410, 1439)
FEWER = (0, 150, 1439)
"""For zones whose clocks change as those of many others do, or not at all."""
BERLIN, CAIRO = ZoneInfo("Europe/Berlin"), ZoneInfo("Africa/Cairo")
DAY = timedelta(days=1)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


def table(*minutes: int, zone: ZoneInfo = BERLIN, days: str = "daily") -> Timetable:
    return Timetable(minutes, zone, WEEKDAYS[days])


@pytest.mark.parametrize("name", ZONES)
def test_each_planned_hour_of_a_year_is_due_once(name: str) -> None:
    zone = ZoneInfo(name)
    for minute in MINUTES if name in ODD else FEWER:
        due = next_due(utc(2026, 1, 1), table(minute, zone=zone))
        slots = []
        while due < utc(2027, 1, 1):
            edition = turn(due, table(minute, zone=zone)).edition
            assert edition is not None
            assert at_clock(edition.day, edition.minute, zone) == due
            slots.append(edition)
            due = next_due(due, table(minute, zone=zone))
        assert slots == [Slot(slots[0].day + n * DAY, minute) for n in range(len(slots))], f"{name}, {minute}"


def test_there_are_zones_enough() -> None:
    assert len(ZONES) >= 30


def test_a_time_that_the_clock_skips_comes_an_hour_later_on_the_clock() -> None:
    due = at_clock(date(2026, 3, 29), 150, BERLIN)
    assert due == utc(2026, 3, 29, 1, 30)
    assert f"{due.astimezone(BERLIN):%H:%M}" == "03:30"


def test_a_time_that_the_clock_shows_twice_comes_the_first_time() -> None:
    assert at_clock(date(2026, 10, 25), 150, BERLIN) == utc(2026, 10, 25, 0, 30)
    assert next_due(utc(2026, 10, 25, 0, 30), table(150)) == utc(2026, 10, 26, 1, 30)


def test_a_day_that_begins_twice_has_one_digest() -> None:
    # In the night to 30 October 2026 the clock of Cairo goes from midnight back to 23:00.
    first = at_clock(date(2026, 10, 29), 1410, CAIRO)
    assert next_due(first, table(1410, zone=CAIRO)) - first == timedelta(hours=25)


def test_two_hours_that_a_clock_makes_one_moment_are_one_digest() -> None:
    # On 29 March 2026 the clock of Berlin skips 02:30, which then comes together with 03:30.
    night = table(150, 210)
    due = next_due(utc(2026, 3, 29), night)
    assert turn(due, night).edition == Slot(date(2026, 3, 29), 210)
    assert next_due(due, night) == utc(2026, 3, 30, 0, 30)


zones = st.sampled_from(ZONES).map(ZoneInfo)
hours = st.sets(st.integers(0, 1439), min_size=1, max_size=3).map(lambda found: tuple(sorted(found)))
tables = st.builds(Timetable, hours, zones, st.sampled_from(sorted(WEEKDAYS)).map(WEEKDAYS.__getitem__))
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware here


@given(tables, moments)
def test_the_next_due_moment_is_the_first_one(plan: Timetable, after: datetime) -> None:
    due = next_due(after, plan)
    today = local_day(after, plan.zone)
    every = [
        at_clock(day, minute, plan.zone)
        for day in (today + n * DAY for n in range(-2, 10))
        if day.weekday() in plan.weekdays
        for minute in plan.minutes
    ]
    assert due == min(at for at in every if at > after)


@given(tables, moments, st.integers(0, 60 * 24 * 40))
def test_what_was_missed_is_what_would_have_been_due(plan: Timetable, since: datetime, minutes: int) -> None:
    until = since + timedelta(minutes=minutes)
    came = 0
    due = next_due(since, plan)
    while due <= until:
        came += 1
        due = next_due(due, plan)
    assert missed(since, until, plan) == came


def _moments(plan: Timetable, since: datetime, until: datetime) -> list[datetime]:
    days = (until - since).days + 4
    first = local_day(since, plan.zone) - DAY
    every = [
        at_clock(first + n * DAY, minute, plan.zone)
        for n in range(days)
        if (first + n * DAY).weekday() in plan.weekdays
        for minute in plan.minutes
    ]
    return [at for at in every if since < at <= until]


def test_what_was_missed_is_counted_by_days_and_hours() -> None:
    tuesday = utc(2026, 11, 24, 12)
    assert missed(tuesday, tuesday + 6 * DAY, table(480)) == 6
    assert missed(tuesday, tuesday + 6 * DAY, table(480, 1200)) == 12
    assert missed(tuesday, tuesday + 6 * DAY, table(480, days="weekends")) == 2
    assert missed(tuesday, tuesday, table(480)) == 0
    assert missed(tuesday, tuesday + 6 * DAY, table()) == 0


def test_without_hours_nothing_is_ever_due() -> None:
    with pytest.raises(ValueError, match="never due"):
        next_due(utc(2026, 1, 1), table())


EIGHT = 480
DUE = utc(2026, 11, 24, 7)


@pytest.mark.parametrize(
    ("minutes_later", "late_since"), [(0, None), (9, None), (10, None), (11, DUE), (600, DUE)]
)
def test_a_digest_that_leaves_more_than_ten_minutes_after_its_hour_is_late(
    minutes_later: int, late_since: datetime | None
) -> None:
    found = turn(DUE + timedelta(minutes=minutes_later), table(EIGHT))
    assert found.edition == Slot(date(2026, 11, 24), EIGHT)
    assert found.late_since == late_since
    assert found.next_due_at == DUE + DAY
    assert timedelta(minutes=10) == LATE


def test_after_days_of_standing_still_there_is_one_digest_for_today() -> None:
    found = turn(DUE + timedelta(days=5, hours=2), table(EIGHT))
    assert found.edition == Slot(date(2026, 11, 29), EIGHT)
    assert found.late_since == DUE + 5 * DAY
    assert found.next_due_at == DUE + 6 * DAY


def test_of_several_hours_missed_on_one_day_the_last_one_is_made() -> None:
    found = turn(DUE + timedelta(hours=12, minutes=30), table(EIGHT, 840, 1200))
    assert found.edition == Slot(date(2026, 11, 24), 1200)
    assert found.next_due_at == DUE + DAY


def test_after_days_of_standing_still_and_before_the_hour_it_waits_for_the_hour() -> None:
    found = turn(DUE + timedelta(days=5, hours=-2), table(EIGHT))
    assert (found.edition, found.late_since, found.next_due_at) == (None, None, DUE + 5 * DAY)


def test_a_day_without_a_digest_makes_none_up() -> None:
    # 28 November 2026 is a Saturday.
    found = turn(DUE + timedelta(days=6, hours=2), table(EIGHT, days="weekends"))
    assert (found.edition, found.next_due_at) == (None, DUE + 11 * DAY)
    assert next_due(DUE, table(EIGHT, days="5")) == DUE + 4 * DAY


def test_a_digest_of_the_evening_may_leave_just_past_midnight_and_not_later() -> None:
    evening = utc(2026, 11, 24, 22, 50)  # 23:50 in Berlin
    soon = turn(evening + PAST_MIDNIGHT, table(1430))
    assert (soon.edition, soon.late_since) == (Slot(date(2026, 11, 24), 1430), evening)
    assert soon.next_due_at == evening + DAY
    later = turn(evening + PAST_MIDNIGHT + timedelta(minutes=1), table(1430))
    assert (later.edition, later.next_due_at) == (None, evening + DAY)


@given(tables, st.lists(st.integers(-3_000, 6_000), min_size=1, max_size=40))
@example(Timetable((1410,), ZoneInfo("America/Scoresbysund")), [12_930, 40, 40, 30, 1440])
def test_there_are_never_two_editions_of_one_planned_hour(plan: Timetable, steps: list[int]) -> None:
    """The clock is looked at after steps of minutes; a step back is a clock that was put right."""
    now = utc(2026, 3, 20)
    due = next_due(now, plan)
    editions: list[Slot] = []
    for step in steps:
        now += timedelta(minutes=step)
        if now < due:
            continue
        found = turn(now, plan)
        assert found.next_due_at > now
        if found.edition is not None:
            editions.append(found.edition)
            since = at_clock(found.edition.day, found.edition.minute, plan.zone)
            assert since <= now
            assert found.edition.day.weekday() in plan.weekdays
            assert (found.late_since is not None) == (now - since > LATE)
            assert found.edition.day == local_day(now, plan.zone) or now - since <= PAST_MIDNIGHT
        due = found.next_due_at
    assert len(set(editions)) == len(editions)


@given(tables, st.integers(0, 365), st.integers(1, 60))
def test_a_simulated_year_with_a_pause_has_each_planned_hour_once(
    plan: Timetable, start: int, days: int
) -> None:
    """The plan is looked at every time it is due; while the reader is away it is not, and then made anew."""
    begin = utc(2026, 1, 1)
    away, back = begin + start * DAY, begin + (start + days) * DAY
    editions = []
    due = next_due(begin, plan)
    while due < utc(2027, 1, 1):
        if away < due <= back:
            due = next_due(back, plan)
            continue
        edition = turn(due, plan).edition
        assert edition is not None
        editions.append(edition)
        due = next_due(due, plan)
    assert len(set(editions)) == len(editions)
    # Two hours that fall together count once, which can happen on the day when the clock is put forward.
    planned = len(set(_moments(plan, begin, utc(2026, 12, 31, 23, 59))))
    assert planned - len(set(_moments(plan, away, min(back, utc(2026, 12, 31, 23, 59))))) == len(editions)


@pytest.mark.parametrize(
    ("day", "monday"),
    [(23, 30), (24, 30), (28, 30), (29, 30)],
    ids=["Monday", "Tuesday", "Saturday", "Sunday"],
)
def test_a_pause_until_monday_ends_with_its_first_minute(day: int, monday: int) -> None:
    assert next_monday(utc(2026, 11, day, 12), BERLIN) == utc(2026, 11, monday - 1, 23)


def test_a_pause_of_a_week_ends_at_midnight_whatever_the_clock_does_meanwhile() -> None:
    assert days_later(utc(2026, 10, 20, 12), 7, BERLIN) == utc(2026, 10, 26, 23)
