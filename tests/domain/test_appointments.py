"""Days and hours as people write them, on the clocks of their places."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.appointments import appointment

KYIV = ZoneInfo("Europe/Kyiv")
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
"""Noon in Kyiv."""


def read(said: str, now: datetime = NOW, zone: ZoneInfo = KYIV) -> datetime | None:
    return appointment(said, now, zone, {"today", "сегодня"}, {"tomorrow", "завтра"})


@pytest.mark.parametrize(
    ("said", "day", "hour", "minute"),
    [
        ("18:30", 24, 16, 30),
        ("8", 25, 6, 0),
        ("12", 25, 10, 0),
        ("today 18:30", 24, 16, 30),
        ("Today, 6 pm", 24, 16, 0),
        ("Завтра 9.00", 25, 7, 0),
        ("25.11 8:00", 25, 6, 0),
        ("25.11. 8:00", 25, 6, 0),
        ("25/11/2026 8", 25, 6, 0),
        ("2026-11-30 8:00", 30, 6, 0),
        ("today 8:00", 24, 6, 0),
    ],
)
def test_what_people_write_is_read(said: str, day: int, hour: int, minute: int) -> None:
    assert read(said) == datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_a_date_without_a_year_is_the_next_one() -> None:
    assert read("1.2. 8:00") == datetime(2027, 2, 1, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "said", ["", "soon", "tomorrow", "31.2. 8:00", "25:00", "8 tomorrow later", "99.99 8:00"]
)
def test_what_is_no_time_is_none(said: str) -> None:
    assert read(said) is None


def test_the_clock_that_is_meant_is_that_of_the_day() -> None:
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert read("tomorrow 9:00", before) == datetime(2026, 3, 29, 6, tzinfo=UTC), "summer time has begun"
    assert read("tomorrow 3:30", before) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC), (
        "an hour that is skipped"
    )
