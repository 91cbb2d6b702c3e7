"""The charts are pictures that Telegram takes, and that show what they are given."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from PIL import Image

from bot.charts.drawing import HEIGHT, WIDTH, draw
from bot.domain.numbers import KINDS, Series
from bot.playground.methods.sending import PHOTO_LIMIT, PHOTO_RATIO, PHOTO_SIDES
from bot.playground.rules.images import image_size

FIRST = date(2026, 11, 1)
EDGE = 24
"""Pixels at the edge in which nothing is drawn, so that nothing is cut."""


def readers(*values: int, apart: int = 1) -> Series:
    return Series("readers", values, tuple(FIRST + n * timedelta(days=apart) for n in range(len(values))))


SERIES = {
    "two days": readers(0, 1),
    "a year": readers(*(4000 + n % 90 for n in range(400))),
    "a million": readers(999_999, 1_000_000, apart=200),
    "less and less": readers(9, 5, 0),
    "a day": Series("hours", tuple(range(24))),
    "one hour": Series("hours", (0,) * 23 + (1_234_567,)),
    "first hour": Series("hours", (1,) + (0,) * 23),
    "feeds": Series("feeds", (58, 1, 2, 3, 0)),
    "one feed": Series("feeds", (0, 0, 0, 0, 1)),
    "many feeds": Series("feeds", (9_999, 10_000, 1, 0, 0)),
}


@pytest.mark.parametrize("name", SERIES)
def test_a_chart_is_a_photo_that_telegram_takes(name: str) -> None:
    series = SERIES[name]
    assert series.kind in KINDS
    assert not series.empty
    drawn = draw(series)
    assert drawn.startswith(b"\x89PNG\r\n\x1a\n")
    assert image_size(drawn) == (WIDTH, HEIGHT)
    assert len(drawn) < PHOTO_LIMIT / 50
    assert WIDTH + HEIGHT <= PHOTO_SIDES
    assert max(WIDTH, HEIGHT) <= PHOTO_RATIO * min(WIDTH, HEIGHT)
    picture = Image.open(io.BytesIO(drawn)).convert("L")
    inner = picture.point(lambda light: 255 if light < 250 else 0).getbbox()
    assert inner is not None
    left, top, right, bottom = inner
    assert left >= EDGE
    assert top >= EDGE
    assert right <= WIDTH - EDGE
    assert bottom <= HEIGHT - EDGE
    histogram = picture.histogram()
    assert sum(histogram[250:]) > 0.4 * WIDTH * HEIGHT, "the paper is white"


def test_a_higher_number_is_a_higher_bar() -> None:
    picture = Image.open(io.BytesIO(draw(Series("hours", (1, 4, *(0,) * 22))))).convert("RGB")
    rows = [picture.crop((0, y, WIDTH, y + 1)).getcolors(WIDTH) or () for y in range(HEIGHT)]
    blue = [sum(count for count, colour in row if colour == (27, 98, 171)) for row in rows]
    low, high = sum(map(bool, blue)), max(blue)
    assert low > 500, "the higher one is as high as the chart"
    assert high == pytest.approx(2 * blue[200], abs=4), "below, there are two bars as wide as the one above"


def test_the_library_is_loaded_with_the_first_picture_only() -> None:
    source = "import sys, bot.charts.drawing; sys.exit('PIL' in sys.modules)"
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", source], cwd=root, check=True)
