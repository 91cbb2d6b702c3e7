"""Times of day as people write them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.written import minute_of_day

TIMES = {
    480: (
        "8",
        "08",
        "8:00",
        "08:00",
        "8.00",
        "8h",
        "8 h",
        "8h00",
        "8 Uhr",
        "8 am",
        "8 a.m.",
        "8AM",
        "8 ч",
        "8点",
        "٨:٠٠",
    ),
    1215: ("20:15", "20.15", "20,15", "20h15", "8:15 pm", "8:15 p.m.", "20点15分"),
    0: ("0", "0:00", "12 am", "12:00am"),
    720: ("12", "12 pm", "12:00"),
}
NO_TIMES = (
    "",
    "Berlin",
    "24",
    "25:00",
    "8:60",
    "13 pm",
    "0 am",
    "-8",
    "8:0",
    "8:000",
    "123",
    "eight",
    "8 or 9",
    "8m",
    ":30",
)


def test_every_usual_way_of_writing_a_time_is_understood() -> None:
    for minute, ways in TIMES.items():
        assert {way: minute_of_day(way) for way in ways} == dict.fromkeys(ways, minute)


def test_what_is_no_time_is_none() -> None:
    assert {said: minute_of_day(said) for said in NO_TIMES} == dict.fromkeys(NO_TIMES)


@given(st.text(max_size=20))
def test_any_words_give_a_minute_of_the_day_or_none(said: str) -> None:
    minute = minute_of_day(said)
    assert minute is None or 0 <= minute < 24 * 60
