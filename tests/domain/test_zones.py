"""Every clock of the tz database around each of its changes: each planned hour of each local day once.

`bench/zones.py` walks through whole decades; this goes to the days on which something can go wrong, and some others.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

import pytest

from bench.zones import DAY as SECONDS_A_DAY
from bench.zones import (
    EPOCH,
    FAULTS,
    READERS,
    WALKS,
    Dial,
    Look,
    dial,
    dials,
    judge,
    live,
    looks,
    planned,
    seconds,
)
from bot.domain.schedule import Slot, Timetable, at_clock, missed, next_due, turn

if TYPE_CHECKING:
    from collections import Counter

pytestmark = pytest.mark.no_cover

DAY = timedelta(days=1)
SPAN = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC))
SEED = 7
THRICE = "00:00 07:00 23:30"
REAL = {
    "Africa/Casablanca": [
        date(2012, 4, 29),
        date(2012, 7, 20),
        date(2012, 8, 20),
        date(2012, 9, 30),
    ],  # Ramadan
    "America/Havana": [
        date(2013, 3, 10),
        date(2013, 11, 3),
    ],  # midnight is skipped; midnight to 1:00 comes twice
    "America/Sao_Paulo": [
        date(2010, 10, 17),
        date(2011, 2, 20),
    ],  # likewise, but 23:00 to midnight comes twice
    "America/St_Johns": [date(2010, 3, 14), date(2010, 11, 7)],  # at 0:01, so that midnight comes twice
    "Antarctica/Casey": [date(2009, 10, 18), date(2010, 3, 5)],  # three hours
    "Asia/Beirut": [date(2012, 3, 25), date(2012, 10, 28)],
    "Pacific/Apia": [date(2011, 12, 30)],  # a day that never was
    "Pacific/Fakaofo": [date(2011, 12, 30)],
    "Pacific/Kwajalein": [date(1969, 10, 1), date(1993, 8, 21)],  # 23 hours twice; a day that never was
}


@pytest.fixture(scope="module")
def clocks() -> dict[Dial, list[str]]:
    """No clock is changed for less than a week: with shorter steps the bench finds the same ones."""
    return dials(*SPAN, step=7 * SECONDS_A_DAY)


def faults(tally: Counter[str]) -> dict[str, int]:
    return {one: tally[one] for one in FAULTS if tally[one]}


def around(moment: int, days: int) -> tuple[datetime, datetime]:
    return EPOCH + timedelta(seconds=moment) - days * DAY, EPOCH + timedelta(seconds=moment) + days * DAY


def test_all_zones_are_here(clocks: dict[Dial, list[str]]) -> None:
    assert {name for names in clocks.values() for name in names} == available_timezones()
    assert len(available_timezones()) > 500
    assert len(clocks) > 50
    assert sum(len(clock.begins) - 1 for clock in clocks) > 400, "changes"


@pytest.mark.parametrize("reader", READERS)
def test_around_each_change_of_each_clock_each_planned_hour_comes_once(
    clocks: dict[Dial, list[str]], reader: str
) -> None:
    chance = random.Random(f"{SEED} {reader}")
    bad = {}
    for clock, names in clocks.items():
        for moment in clock.begins[1:]:
            name, walk = chance.choice(names), chance.choice(WALKS)
            if found := faults(live(clock, name, reader, walk, around(moment, 2), SEED)):
                bad[name, walk, moment] = found
    assert bad == {}


def test_on_ordinary_days_of_each_zone_each_planned_hour_comes_once(clocks: dict[Dial, list[str]]) -> None:
    chance = random.Random(SEED)
    for clock, names in clocks.items():
        for name in names:
            span = around(chance.randrange(seconds(SPAN[0]), seconds(SPAN[1])), 4)
            reader, walk = chance.choice([one for one in READERS if one != THRICE]), chance.choice(WALKS)
            assert faults(live(clock, name, reader, walk, span, SEED)) == {}, (name, reader, walk, span)


@pytest.mark.parametrize("name", REAL)
def test_changes_that_really_were(name: str) -> None:
    for day in REAL[name]:
        span = around((day - EPOCH.date()).days * SECONDS_A_DAY, 4)
        clock = dial(name, *span)
        assert len(clock.begins) > 1
        for reader in READERS:
            assert faults(live(clock, name, reader, WALKS[0], span, SEED)) == {}, (day, reader)


APIA = ZoneInfo("Pacific/Apia")
GONE = date(2011, 12, 30)
"""A Friday that Samoa's calendar does not have."""


def days_and_times(table: Timetable, since: date, until: date) -> list[tuple[date, str]]:
    """The day each digest is for, and when it came by the clock."""
    begin, end = at_clock(since, 0, table.zone) - timedelta(seconds=1), at_clock(until, 0, table.zone)
    return [
        (look.edition.day, f"{datetime.fromtimestamp(look.now, table.zone):%d %H:%M}")
        for look in looks(table, begin, end, lambda due: due)
        if look.edition
    ]


def test_a_day_that_never_was_has_no_digest() -> None:
    came = days_and_times(Timetable((420,), APIA), GONE - DAY, GONE + 2 * DAY)
    assert came == [(GONE - DAY, "29 07:00"), (GONE + DAY, "31 07:00")]


def test_the_only_day_of_a_week_that_never_was_is_the_next_one() -> None:
    came = days_and_times(Timetable((420,), APIA, frozenset({4})), GONE - 7 * DAY, GONE + 8 * DAY)
    assert came == [(GONE - 7 * DAY, "23 07:00"), (GONE, "31 07:00"), (GONE + 7 * DAY, "06 07:00")]


def test_a_day_that_is_shown_twice_has_one_digest() -> None:
    # On Kwajalein all of 30 September 1969 but its first hour came again.
    kwajalein, day = ZoneInfo("Pacific/Kwajalein"), date(1969, 9, 30)
    came = days_and_times(Timetable((420,), kwajalein), day - DAY, day + 2 * DAY)
    assert came == [(day - DAY, "29 07:00"), (day, "30 07:00"), (day + DAY, "01 07:00")]


def test_a_skipped_evening_hour_of_greenland_comes_after_midnight() -> None:
    day = date(2026, 3, 28)
    came = days_and_times(Timetable((1410,), ZoneInfo("America/Nuuk")), day, day + 2 * DAY)
    assert came == [(day, "29 00:30"), (day + DAY, "29 23:30")]


def test_midnight_comes_before_a_skipped_evening_hour() -> None:
    nuuk = Timetable((0, 1410), ZoneInfo("America/Nuuk"))
    evening = datetime(
        2026, 3, 29, 0, 45, tzinfo=UTC
    )  # a quarter of an hour before 23:00, when the clock is put forward
    assert next_due(evening, nuuk) == at_clock(date(2026, 3, 29), 0, nuuk.zone)


MIDNIGHT = Timetable((0,), ZoneInfo("America/St_Johns"))
PUT_BACK = datetime(2010, 11, 7, 2, 31, tzinfo=UTC)
"""When it was 0:01 on 7 November in St. John's, and then 23:01 on the 6th again."""


def test_a_digest_of_a_day_that_has_begun_and_is_taken_back_may_leave_late() -> None:
    assert turn(PUT_BACK + timedelta(minutes=2), MIDNIGHT).edition == Slot(date(2010, 11, 7), 0)


def test_a_digest_of_a_day_that_is_taken_back_counts_as_missed() -> None:
    assert missed(PUT_BACK - timedelta(hours=1), PUT_BACK + timedelta(minutes=2), MIDNIGHT) == 1


def test_the_evening_before_a_day_that_never_was_may_leave_just_past_midnight() -> None:
    evening = at_clock(GONE - DAY, 1430, APIA)
    assert turn(evening + timedelta(minutes=20), Timetable((1430,), APIA)).edition == Slot(GONE - DAY, 1430)


def reckoned(*seen: Look) -> dict[str, int]:
    """What the reckoning says of these looks at a plan for 8:00 UTC."""
    span = (datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 9, tzinfo=UTC))
    clock = dial("UTC", *span)
    return faults(judge(clock, planned(clock, Timetable((480,), ZoneInfo("UTC")), *span), list(seen)))


def eight(
    day: int, *, edition: int | None = None, after: int = 0, late: bool = False, again: bool = False
) -> Look:
    """A look at the plan for a day of May, so many minutes after 8:00."""
    due = seconds(datetime(2026, 5, day, 8, tzinfo=UTC))
    slot = None if edition is None else Slot(date(2026, 5, edition), 480)
    return Look(due, due + after * 60, slot, due if late else None, again)


def test_the_reckoning_finds_what_is_amiss() -> None:
    assert reckoned(eight(1, edition=1), eight(2, edition=2, after=30, late=True)) == {}
    assert reckoned(eight(1, edition=1), eight(2)) == {"missed": 1}
    assert reckoned(eight(1, edition=1), eight(3, edition=3)) == {"missed": 1}
    assert reckoned(eight(1, edition=1), eight(2, again=True)) == {"again": 1, "missed": 1}
    assert reckoned(eight(1, edition=1), eight(1, edition=1)) == {"doubled": 1, "wrong": 2}
    assert reckoned(eight(1, edition=2)) == {"missed": 1, "wrong": 1}
    assert reckoned(eight(1, edition=1, after=30)) == {"wrong": 1}, "no apology"
    assert reckoned(eight(1, edition=1, after=17 * 60, late=True)) == {"wrong": 1}, "yesterday's paper"
    assert reckoned(eight(1, after=17 * 60)) == {}
