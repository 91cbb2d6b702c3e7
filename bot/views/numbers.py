"""The page of numbers, and what is said to its pictures."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Final

from bot.domain import message as m
from bot.domain.message import Message
from bot.domain.numbers import CAPACITY, KINDS, STATES, fullest
from bot.views.lists import numbers as places
from bot.views.voice import HEADLINE, grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.message import Text
    from bot.domain.numbers import Hour, Opened, Overview, Series
    from bot.views.voice import Voice

HOURS: Final = 3
"""The fullest hours that are told."""


def numbers(voice: Voice, shown: Overview) -> Message:
    """Figures in words first, then the doors to the pictures."""
    people = shown.people
    readers = voice("office.readers", people.readers, joined=people.joined, gone=people.gone)
    title = m.join("\n", (voice("numbers.title"), readers, voice("numbers.seen", n=people.seen)))
    pictures = [voice.button(f"numbers.chart_{kind}", "chart", kind) for kind in KINDS]
    desk = voice.button("office.home", "office", "home", 0)
    stories = {number: one.story_id for number, one in enumerate(shown.opened, 1)}
    text = m.join("\n\n", (title, _opened(voice, shown.opened), _hours(voice, shown.hours)))
    return Message(text, (*places(stories), *grid([*pictures, desk], 2)))


def _opened(voice: Voice, opened: Sequence[Opened]) -> Text:
    if not opened:
        return voice("numbers.unopened")
    lines = [voice("numbers.opened")]
    for number, one in enumerate(opened, 1):
        title = voice.foreign(one.title, HEADLINE) or voice.label("story.untitled")
        lines += [voice.line(m.bold(f"{number}. {title}")), voice("numbers.openers", n=one.readers)]
    return m.join("\n", lines)


def _hours(voice: Voice, hours: Sequence[Hour]) -> Text:
    lines = [
        voice("numbers.hour", time=voice.time(hour.at), n=hour.digests, share=share(hour))
        for hour in fullest(hours, HOURS)
    ]
    return m.join(
        "\n",
        (
            voice("numbers.capacity", n=voice.words.decimal(CAPACITY)),
            *(lines or [voice("numbers.no_digests")]),
        ),
    )


def share(hour: Hour) -> int:
    """How full an hour is, in per cent, rounded up."""
    return ceil(100 * hour.share)


def caption(voice: Voice, series: Series) -> Text:
    """What a picture shows, in words: it is all that a screen reader has of it."""
    values = series.values
    match series.kind:
        case "readers":
            begin, end = (voice.words.day_and_year(day) for day in (series.days[0], series.days[-1]))
            return voice(
                "numbers.caption_readers",
                begin=begin,
                end=end,
                first=values[0],
                last=values[-1],
                most=max(values),
            )
        case "hours":
            best = max(range(len(values)), key=values.__getitem__)
            place = voice.words.place(voice.zone.key)
            return voice(
                "numbers.caption_hours",
                place=place,
                all=sum(values),
                time=voice.hour(60 * best),
                most=values[best],
            )
        case _:
            return voice("numbers.caption_feeds", **dict(zip(STATES, values, strict=True)))


def nothing_to_draw(voice: Voice, series: Series) -> Message:
    """Why there is no picture yet."""
    return Message(voice(f"numbers.empty_{series.kind}"))
