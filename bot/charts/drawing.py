"""The charts of the desk's numbers as PNG: digits and marks only, since words stand in the caption, in any script.

Sizes are those of a phone: 1080 pixels wide, shown 360 wide, so that a digit of 42 pixels is read at 14.
"""

from __future__ import annotations

import io
from itertools import count
from typing import TYPE_CHECKING, Final

from bot.domain.campaigns import FAILURES
from bot.domain.numbers import STATES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.domain.campaigns import Course
    from bot.domain.numbers import Series

    Point = tuple[float, float]

WIDTH: Final = 1080
HEIGHT: Final = 720
SMOOTH: Final = 2
"""Everything is drawn so many times larger and then made smaller, which makes edges smooth."""
DIGITS: Final = 42
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 1040, 80, 630
_FAILED: Final = 70
"""Pixels of a row of failures."""
_GAP: Final = 18
"""Pixels between digits and what they stand beside."""
_STROKE: Final = 8
_PAPER: Final = "#ffffff"
_INK: Final = "#1f2933"
_GRID: Final = "#d5dbe1"
_FILL: Final = "#cfe3f7"
_BLUE: Final = "#1b62ab"
_COLOURS: Final = ("#2e7d4f", "#7b8794", "#c77700", "#52606d", "#b3261e")
"""One for each of `STATES`; their marks tell them apart without colours."""
_LINES: Final = 4
"""Lines across a chart, above the one at the bottom, at most."""


class _Sheet:
    """A white sheet on which pixels are counted as on the finished picture."""

    def __init__(self) -> None:
        # Loaded with the first picture: the newsroom starts without it, and most days nobody asks for one.
        from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 - as said above

        self._image = Image.new("RGB", (WIDTH * SMOOTH, HEIGHT * SMOOTH), _PAPER)
        self._pen = ImageDraw.Draw(self._image)
        self._font = ImageFont.load_default(DIGITS * SMOOTH)
        self._small = Image.Resampling.LANCZOS

    def line(self, points: Sequence[Point], colour: str, width: int) -> None:
        """A line through points."""
        self._pen.line(_large(points), fill=colour, width=width * SMOOTH, joint="curve")

    def area(self, points: Sequence[Point], colour: str) -> None:
        """What lies between points."""
        self._pen.polygon(_large(points), fill=colour)

    def dot(self, middle: Point, radius: float, colour: str) -> None:
        """A full circle."""
        (x, y), size = middle, radius
        self._pen.ellipse(_large([(x - size, y - size), (x + size, y + size)]), fill=colour)

    def text(self, at: Point, digits: str, anchor: str) -> None:
        """Digits; the two letters of `anchor` say which point of them lies at `at` (Pillow, "Text anchors")."""
        (place,) = _large([at])
        self._pen.text(place, digits, fill=_INK, font=self._font, anchor=anchor)

    def width(self, digits: str) -> float:
        """How wide digits are."""
        return float(self._pen.textlength(digits, font=self._font)) / SMOOTH

    def png(self) -> bytes:
        """The finished picture."""
        file = io.BytesIO()
        self._image.resize((WIDTH, HEIGHT), self._small).save(file, "PNG")
        return file.getvalue()


def _large(points: Sequence[Point]) -> list[Point]:
    return [(x * SMOOTH, y * SMOOTH) for x, y in points]


def draw(series: Series) -> bytes:
    """The picture of a series that is not empty: a PNG of 1080 by 720 pixels."""
    sheet = _Sheet()
    match series.kind:
        case "readers":
            _over_time(sheet, series)
        case "hours":
            _by_hour(sheet, series.values)
        case _:
            _by_state(sheet, series.values)
    return sheet.png()


def draw_course(course: Course) -> bytes:
    """The picture of a broadcast: how many had arrived when, in seconds or minutes, and below it the failures."""
    sheet = _Sheet()
    rows = [(kind, course.failures.get(kind, 0)) for kind in FAILURES]
    bottom = _BOTTOM - _FAILED * len(rows)
    left, height = _scale(sheet, max(*course.arrived, 1), bottom)
    right = _RIGHT - _GAP
    last = max(1, len(course.arrived) - 1)
    points = [(left + (right - left) * at / last, height(number)) for at, number in enumerate(course.arrived)]
    sheet.area([(points[0][0], bottom), *points, (points[-1][0], bottom)], _FILL)
    sheet.line(points, _BLUE, _STROKE)
    sheet.text((_RIGHT, points[-1][1] - _GAP), str(course.arrived[-1]), "rs")
    minutes, seconds = divmod(course.seconds, 60)
    sheet.text((left, bottom + _GAP), "0:00", "la")
    sheet.text((_RIGHT, bottom + _GAP), f"{minutes}:{seconds:02}", "ra")
    _failures(sheet, rows, bottom + _FAILED)
    return sheet.png()


def _failures(sheet: _Sheet, rows: Sequence[tuple[str, int]], top: float) -> None:
    """A row for each kind of failure: its mark, a bar, and how many there were."""
    signs = {
        "gone": ("gone", _COLOURS[4]),
        "failed": ("failing", _COLOURS[2]),
        "unknown": ("new", _COLOURS[1]),
    }
    left, most = _LEFT + _FAILED, max(1, *(number for _, number in rows))
    room = _RIGHT - left - _GAP - max(sheet.width(str(number)) for _, number in rows)
    for place, (kind, number) in enumerate(rows):
        middle = top + (place + 0.5) * _FAILED
        sign, colour = signs[kind]
        _mark(sheet, sign, (_LEFT + _FAILED / 2, middle), colour)
        end = left + room * number / most
        if number:
            above, below = middle - 0.25 * _FAILED, middle + 0.25 * _FAILED
            sheet.area([(left, above), (end, above), (end, below), (left, below)], colour)
        sheet.text((end + _GAP, middle), str(number), "lm")


def _scale(sheet: _Sheet, highest: int, bottom: float = _BOTTOM) -> tuple[float, Callable[[float], float]]:
    """Draw lines across with what they stand for; where the chart begins, and the height of a number."""
    step = _step(highest)
    top = step * max(1, -(-highest // step))
    marks = range(0, top + 1, step)
    left = _LEFT + max(sheet.width(str(mark)) for mark in marks) + _GAP

    def height(number: float) -> float:
        return bottom - (bottom - _TOP) * number / top

    for mark in marks:
        y = height(mark)
        sheet.line([(left, y), (_RIGHT, y)], _INK if mark == 0 else _GRID, 3)
        sheet.text((left - _GAP, y), str(mark), "rm")
    return left, height


def _step(highest: int) -> int:
    """A round number that goes into `highest` at most `_LINES` times: 1, 2 or 5 with noughts behind it."""
    tens = (int(f"1{'0' * noughts}") for noughts in count())
    return next(ten * digit for ten in tens for digit in (1, 2, 5) if highest <= _LINES * ten * digit)


def _over_time(sheet: _Sheet, series: Series) -> None:
    """A line over the days, which lie as far apart as they were."""
    left, height = _scale(sheet, max(series.values))
    first, last = series.days[0], series.days[-1]
    right = _RIGHT - _GAP
    span = max(1, (last - first).days)
    points = [
        (left + (right - left) * (day - first).days / span, height(number))
        for day, number in zip(series.days, series.values, strict=True)
    ]
    sheet.area([(points[0][0], _BOTTOM), *points, (points[-1][0], _BOTTOM)], _FILL)
    sheet.line(points, _BLUE, _STROKE)
    sheet.dot(points[-1], 1.5 * _STROKE, _BLUE)
    sheet.text((_RIGHT, points[-1][1] - _GAP), str(series.values[-1]), "rs")
    sheet.text((left, _BOTTOM + _GAP), first.isoformat(), "la")
    sheet.text((_RIGHT, _BOTTOM + _GAP), last.isoformat(), "ra")


def _by_hour(sheet: _Sheet, values: Sequence[int]) -> None:
    """A bar for each hour; every sixth is named, and the highest has its number on it."""
    left, height = _scale(sheet, max(values))
    room = (_RIGHT - left) / len(values)
    for hour, number in enumerate(values):
        begin, end = left + (hour + 0.12) * room, left + (hour + 0.88) * room
        if number:
            top = height(number)
            sheet.area([(begin, _BOTTOM), (begin, top), (end, top), (end, _BOTTOM)], _BLUE)
        if hour % 6 == 0:
            sheet.text(((begin + end) / 2, _BOTTOM + _GAP), f"{hour:02}", "ma")
    best = max(range(len(values)), key=values.__getitem__)
    digits = str(values[best])
    half = sheet.width(digits) / 2
    middle = min(max(left + (best + 0.5) * room, left + half), _RIGHT - half)
    sheet.text((middle, height(values[best]) - _GAP / 2), digits, "ms")


def _by_state(sheet: _Sheet, values: Sequence[int]) -> None:
    """A row for each state: its mark, a bar, and how many there are."""
    row = (HEIGHT - 2 * _LEFT) / len(values)
    left = _LEFT + row
    room = _RIGHT - left - _GAP - max(sheet.width(str(number)) for number in values)
    for number, (state, feeds) in enumerate(zip(STATES, values, strict=True)):
        middle, colour = _LEFT + (number + 0.5) * row, _COLOURS[number]
        _mark(sheet, state, (_LEFT + row / 2, middle), colour)
        end = left + room * feeds / max(values)
        if feeds:
            above, below = middle - 0.3 * row, middle + 0.3 * row
            sheet.area([(left, above), (end, above), (end, below), (left, below)], colour)
        sheet.text((end + _GAP, middle), str(feeds), "lm")


def _mark(sheet: _Sheet, state: str, middle: Point, colour: str) -> None:
    """The sign of a state, as the caption has it: ✓ fine, ● new, ▲ failing, ‖ paused, ✗ gone."""
    x, y = middle

    def stroke(*points: Point) -> None:
        sheet.line([(x + across, y + down) for across, down in points], colour, 11)

    match state:
        case "fine":
            stroke((-28, 2), (-8, 24), (28, -24))
        case "new":
            sheet.dot(middle, 20, colour)
        case "failing":
            sheet.area([(x - 28, y + 22), (x, y - 28), (x + 28, y + 22)], colour)
        case "paused":
            stroke((-12, -26), (-12, 26))
            stroke((12, -26), (12, 26))
        case _:
            stroke((-22, -22), (22, 22))
            stroke((-22, 22), (22, -22))
