"""The page of numbers and the captions of its pictures, in every language, with the nastiest headlines."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from bot.domain.desk import Figures, State
from bot.domain.numbers import CAPACITY, HOUR, KINDS, Hour, Opened, Overview, People, Series
from bot.domain.people import Right
from bot.playground.rules.formatted import caption_text
from bot.views import choices, desk, welcome
from bot.views import numbers as view
from tests.views.screens import LONGEST, NASTY, NOW, TELLING, VOICES, checked, commands_in, reader

if TYPE_CHECKING:
    from bot.views.voice import Voice

EN = VOICES["en"]
BEGIN = NOW.replace(minute=0)
SERIES = (
    Series("readers", (10**6, 3), (date(2025, 11, 1), date(2026, 11, 24))),
    Series("hours", (0,) * 20 + (10**6, 2, 0, 1)),
    Series("feeds", (10**4, 1, 2, 3, 4)),
)


@pytest.fixture(params=sorted(VOICES))
def voice(request: pytest.FixtureRequest) -> Voice:
    return VOICES[request.param]


def full(**at: float) -> list[Hour]:
    """A day of hours, some of them so full, by their hour in Kyiv: `h8=0.9`."""
    shares = [at.get(f"h{(9 + n) % 24}", 0.0) for n in range(24)]
    return [Hour(BEGIN + n * HOUR, round(share * CAPACITY)) for n, share in enumerate(shares)]


def page(*titles: str, hours: tuple[Hour, ...] = ()) -> Overview:
    stories = tuple(Opened(n, title, 10 - n) for n, title in enumerate(titles, 1))
    return Overview(People(4210, 31, 9, 1900), stories, hours)


def test_the_page_says_everything_in_words() -> None:
    shown = checked(view.numbers(EN, page("One", "", hours=(Hour(BEGIN, 3902), Hour(BEGIN + HOUR, 1)))))
    assert shown.text.plain == (
        "Numbers\n4210 readers · 31 new, 9 gone this week\nOf them active in the last 7 days: 1900\n\n"
        "Most opened in the last 7 days\n1. One\nOpened by readers: 9\n2. Without a headline\nOpened by readers: 8\n\n"
        "Fullest hours of the next day\nAn hour can carry 100,800 digests.\n"
        "09:00 · digests: 3902, 4\u00a0% full\n10:00 · digests: 1, 1\u00a0% full"
    )
    assert [[button.label for button in row] for row in shown.rows] == [
        ["1", "2"],
        ["Over time", "By hour"],
        ["Feed health", "Desk"],
    ]


def test_a_new_newsroom_has_plain_words_for_nothing(voice: Voice) -> None:
    shown = checked(view.numbers(voice, Overview(People(0, 0, 0, 0), (), tuple(full()))))
    for key in ("numbers.unopened", "numbers.no_digests"):
        assert voice(key).plain in shown.text.plain
    for kind in KINDS:
        assert checked(view.nothing_to_draw(voice, Series(kind, ()))).text.plain


@pytest.mark.parametrize("voice", TELLING, ids=lambda voice: voice.language)
@pytest.mark.parametrize("text", [*NASTY.values(), *LONGEST])
def test_no_headline_breaks_the_page(voice: Voice, text: str) -> None:
    shown = view.numbers(voice, page(*[text] * 5, hours=tuple(full(h8=2, h9=2, h10=3))))
    checked(shown)
    assert commands_in(shown) == []


def test_a_caption_tells_all_that_its_picture_shows(voice: Voice) -> None:
    for series in SERIES:
        words = view.caption(voice, series).plain
        assert caption_text(words, "", None).text == words
        assert len(words) <= 1024, "Telegram takes no longer caption"
        shown = {series.values[0], series.values[-1], max(series.values)}
        told = (
            shown if series.kind == "readers" else set(series.values) if series.kind == "feeds" else {10**6}
        )
        assert all(str(number) in words for number in told)
    assert "Kyiv" in view.caption(EN, SERIES[1]).plain
    assert "20:00" in view.caption(EN, SERIES[1]).plain


def test_the_desk_says_how_full_the_fullest_hour_is_and_warns(voice: Voice) -> None:
    state = State((), [], Figures(NOW, 4210, 31, 0, 9), NOW)
    rights = frozenset(Right)

    def lines(hours: list[Hour]) -> list[str]:
        shown = checked(desk.home(voice, "The Quiet Hour", state, rights, 0, hours))
        assert "office:numbers:0" in [button.data for row in shown.rows for button in row]
        return shown.text.plain.splitlines()

    calm, crowded = lines(full(h8=0.04, h9=0.01)), lines(full(h8=0.8))
    words = voice("office.hour", time="T", share=4).plain.removeprefix("\u200f").removeprefix("T")
    assert calm[-1].endswith(words)
    assert calm[0] == crowded[0] == lines(full())[0], "all well"
    people = voice("office.readers", 4210, joined=31, gone=9).plain
    assert calm[1] == people
    warned = lines(full(h8=0.85))
    assert warned[0] != calm[0]
    assert "08:00" in warned[1]
    assert "85" in warned[1]
    assert warned[2] == people


def test_around_a_crowded_hour_other_times_are_offered(voice: Voice) -> None:
    crowded = full(h8=0.9, h20=1.2)

    def labels(message: object) -> list[str]:
        return [button.label for row in message.rows for button in row]  # type: ignore[attr-defined]

    newcomer, mine = reader(step="hour"), reader(digest_minutes=(480,))
    first = checked(welcome.hour(voice, crowded))
    # 1.2 hours of digests at 20:00 leave little for 21:00, which takes them.
    assert labels(first)[:6] == ["07:00", "07:40", "09:00", "18:00", "19:40", "21:00"]
    assert "08:00" in first.text.plain
    assert "20:00" in first.text.plain
    every = labels(checked(welcome.hour(voice, crowded, everything=True)))
    assert {"07:40", "19:40"} < set(every)
    assert not {"08:00", "20:00"} & set(every)
    usual = checked(welcome.place(voice, newcomer, crowded)).rows[-1][0]
    assert usual.data == "set:first:460"
    kept = labels(checked(choices.hour(voice, mine, crowded)))
    assert "✓ 08:00" in kept
    assert "20:00" not in kept
    several = labels(checked(choices.hours(voice, reader(digest_minutes=(480, 1205)), crowded)))
    assert {"✓ 08:00", "✓ 20:05", "19:40"} < set(several)
    assert "20:00" not in several
    for calm in (welcome.hour(voice), welcome.hour(voice, full(h8=0.5))):
        assert calm == welcome.hour(voice, ())
