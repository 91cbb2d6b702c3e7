"""The small choices behind the settings; what is in force is ticked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.domain.buttons import data
from bot.domain.choices import MOST_HOURS
from bot.domain.digest import STORIES
from bot.domain.message import Button, Message
from bot.domain.numbers import offered
from bot.domain.schedule import WEEKDAYS
from bot.texts.catalogue import LANGUAGES, own_name
from bot.views.settings import span
from bot.views.voice import capital, grid, part, ticked
from bot.views.welcome import ask_hour, clocks, ticks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bot.domain.news import Offer, Reader
    from bot.domain.numbers import Hour
    from bot.views.voice import Voice

HOURS: Final = range(0, 24 * 60, 60)
"""Every hour of the day, in minutes after midnight."""
_TICKED_HOURS: Final = 3
"""Hours in one row: of four, a phone of 360 pixels cuts the one that is ticked."""
QUIET: Final = ((1260, 420), (1320, 420), (1320, 480), (1380, 420), (1380, 480), (0, 480))
"""Quiet hours that are offered first."""


def languages(voice: Voice, reader: Reader, offer: Offer, page: int = 0) -> Message:
    """What the reader reads."""
    shown, page, more = part(offer.languages, page)
    buttons = ticks([(code, own_name(code)) for code in shown], reader.languages, "languages")
    return _paged(voice, "languages", buttons, page, more=more)


def desks(voice: Voice, reader: Reader, offer: Offer, page: int = 0) -> Message:
    """What the digest is about."""
    shown, page, more = part(offer.desks, page)
    buttons = ticks([(name, voice.desk(name)) for name in shown], reader.desks, "desks")
    return _paged(voice, "desks", buttons, page, more=more)


def _paged(voice: Voice, field: str, buttons: Sequence[Button], page: int, *, more: bool) -> Message:
    """A page of choices; Back leads to the page before, and from the first one to the settings."""
    last = (voice.button("button.back", "ask", field, page - 1),) if page else back(voice)
    onward = (voice.button("button.more", "ask", field, page + 1),) if more else ()
    return Message(voice(f"settings.which_{field}"), (*grid(buttons, 2), (*last, *onward)))


def place(voice: Voice, reader: Reader, *, everything: bool = False) -> Message:
    """What the reader's clock shows."""
    below = voice.button("button.back", "ask", "place") if everything else back(voice)[0]
    return Message(
        voice("settings.which_clock"),
        (*clocks(voice, reader.zone, voice.now, everything=everything), (below,)),
    )


def hour(voice: Voice, reader: Reader, full: Sequence[Hour] = ()) -> Message:
    """When the digest comes: one hour, unless there are several already. `full` says how full the hours are."""
    if len(reader.digest_minutes) > 1:
        return hours(voice, reader, full)
    times = offered(HOURS, voice.zone, full, reader.digest_minutes)
    buttons = [
        Button(ticked(voice.hour(minute), on=minute in reader.digest_minutes), data("set", "hour", minute))
        for minute in times
    ]
    below = (voice.button("button.no_digest", "set", "hour", "none"),)
    several = (voice.button("button.several", "ask", "hours"),)
    text = ask_hour(voice, set(HOURS) - set(times))
    return Message(text, (*grid(buttons, _TICKED_HOURS), several, below, back(voice)))


def hours(voice: Voice, reader: Reader, full: Sequence[Hour] = ()) -> Message:
    """Several hours of one day, each ticked by itself; when there are as many as can be, none is added."""
    chosen = [str(minute) for minute in reader.digest_minutes]
    times = offered(HOURS, voice.zone, full, reader.digest_minutes)
    buttons = ticks([(str(minute), voice.hour(minute)) for minute in times], chosen, "hours")
    text = "settings.hours_full" if len(chosen) == MOST_HOURS else "settings.which_hours"
    return Message(voice(text, n=MOST_HOURS), (*grid(buttons, _TICKED_HOURS), back(voice)))


def days(voice: Voice, reader: Reader) -> Message:
    """On which days digests come."""
    buttons = [
        Button(ticked(capital(_day(voice, value)), on=value == reader.days), data("set", "days", value))
        for value in WEEKDAYS
    ]
    return Message(voice("settings.which_days"), (*grid(buttons, 2), back(voice)))


def _day(voice: Voice, value: str) -> str:
    return voice.words.weekday(int(value)) if value.isdecimal() else voice.label(f"days.{value}")


def stories(voice: Voice, reader: Reader) -> Message:
    """How many stories a digest has at most."""
    buttons = [
        Button(ticked(str(most), on=value == reader.stories), data("set", "stories", value))
        for value, most in STORIES.items()
    ]
    return Message(voice("settings.which_stories"), (tuple(buttons), back(voice)))


def few(voice: Voice, reader: Reader) -> Message:
    """What to do on a day with few news."""
    return _one_of(voice, "few", ("wait", "send"), reader.few)


def page(voice: Voice, reader: Reader) -> Message:
    """How much of a text one message shows."""
    return _one_of(voice, "page", ("short", "long", "whole"), reader.page)


def _one_of(voice: Voice, field: str, values: Sequence[str], chosen: str) -> Message:
    rows = []
    for value in values:
        label = capital(voice.label(f"settings.{field}_{value}"))
        rows.append((Button(ticked(label, on=value == chosen), data("set", field, value)),))
    return Message(voice(f"settings.which_{field}"), (*rows, back(voice)))


def language(voice: Voice, _reader: Reader) -> Message:
    """The interface's language."""
    buttons = [
        Button(ticked(own_name(code), on=code == voice.words.language), data("set", "language", code))
        for code in LANGUAGES
    ]
    return Message(voice("settings.which_language"), (*grid(buttons, 2), back(voice)))


def quiet(voice: Voice, reader: Reader) -> Message:
    """When pushes make no sound: a few usual spans, the one in force, none, or others."""
    offered = [*QUIET, *({reader.quiet} - {None, *QUIET})]
    buttons = [
        Button(ticked(span(one), on=one == reader.quiet), data("set", "quiet", f"{one[0]}-{one[1]}"))
        for one in offered
        if one is not None
    ]
    below = (
        Button(
            ticked(capital(voice.label("settings.off")), on=reader.quiet is None),
            data("set", "quiet", "off"),
        ),
        voice.button("button.other_hours", "ask", "quiet_from"),
    )
    return Message(voice("settings.which_quiet"), (*grid(buttons, 3), below, back(voice)))


def quiet_from(voice: Voice, _reader: Reader) -> Message:
    """When the quiet hours shall begin."""
    buttons = [Button(voice.hour(minute), data("ask", "quiet_to", minute)) for minute in HOURS]
    below = (voice.button("button.back", "ask", "quiet"),)
    return Message(voice("settings.quiet_from"), (*grid(buttons, 4), below))


def quiet_to(voice: Voice, begin: int) -> Message:
    """When they shall end."""
    buttons = [
        Button(voice.hour(minute), data("set", "quiet", f"{begin}-{minute}"))
        for minute in HOURS
        if minute != begin
    ]
    below = (voice.button("button.back", "ask", "quiet_from"),)
    return Message(voice("settings.quiet_to", time=voice.hour(begin)), (*grid(buttons, 4), below))


def back(voice: Voice) -> tuple[Button]:
    """The way back to the settings, alone in its row."""
    return (voice.button("button.back", "ask", "settings"),)


SCREENS: Final[Mapping[str, Callable[[Voice, Reader], Message]]] = {
    "place": place,
    "days": days,
    "stories": stories,
    "few": few,
    "page": page,
    "language": language,
    "quiet": quiet,
    "quiet_from": quiet_from,
}
"""Choices that need to know nothing but the reader."""
