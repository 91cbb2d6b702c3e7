"""Settings: every label shows the value in force; a tap opens one small choice, Back returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain import message as m
from bot.domain.buttons import data
from bot.domain.message import Button, Message
from bot.texts.catalogue import own_name
from bot.views import less
from bot.views.voice import ALONE, LEFT, turns
from bot.views.welcome import day_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.domain.message import Text
    from bot.domain.news import Reader
    from bot.views.voice import Voice


def settings(voice: Voice, reader: Reader, due: datetime | None) -> Message:
    """The one settings message; a long value has a row to itself, since at the largest font two would be cut."""
    if reader.state == "stopped":
        return less.stopped(voice)
    hours = _listed(
        voice, "settings.digest", [voice.hour(minute) for minute in reader.digest_minutes], "settings.off"
    )
    languages_read = _listed(voice, "settings.read", [own_name(code) for code in reader.languages])
    desks_wanted = _listed(voice, "settings.desks", [voice.desk(name) for name in reader.desks])
    pause = ("button.end_pause", "set", "state", "active") if reader.state == "paused" else _PAUSE
    rows = (
        (_value(voice, "settings.digest", hours, "hour"),),
        (
            _value(voice, "settings.days", days(voice, reader.days), "days"),
            _value(voice, "settings.stories", str(less.most(reader)), "stories"),
        ),
        (_value(voice, "settings.place", voice.words.place(reader.zone), "place"),),
        (_value(voice, "settings.read", languages_read, "languages"),),
        (_value(voice, "settings.desks", desks_wanted, "desks"),),
        (_value(voice, "settings.few", voice.label(f"settings.few_{reader.few}"), "few"),),
        (_sound(voice, reader), _value(voice, "settings.quiet", quiet(voice, reader), "quiet")),
        (_editors(voice, reader),),
        (_value(voice, "settings.page", voice.label(f"settings.page_{reader.page}"), "page"),),
        (_value(voice, "settings.language", own_name(voice.words.language), "language"),),
        (voice.button("button.following", "items", 0), voice.button("button.filters", "filters", 0)),
        (voice.button(*pause), voice.button("button.my_data", "ask", "data")),
    )
    return Message(m.join("\n", (voice("settings.title"), _next(voice, reader, due))), rows)


_PAUSE = ("button.pause", "ask", "pause")


def _next(voice: Voice, reader: Reader, due: datetime | None) -> Text:
    """When the next digest comes, or why none does."""
    if reader.state == "paused":
        return less.paused_until(voice, reader)
    if due is None:
        return voice("settings.no_digest")
    clock = voice.words.clock(due, voice.zone)
    place = voice.words.place(reader.zone)
    return voice("settings.next", day=day_name(voice, due), time=clock, place=place)


def _value(voice: Voice, key: str, value: str, screen: str) -> Button:
    return Button(voice.fitted(key, "value", value), data("ask", screen))


def _sound(voice: Voice, reader: Reader) -> Button:
    """Of two values a tap chooses the other one; the button says which, so that a second half of a tap does nothing."""
    now, other = ("on", "off") if reader.sound else ("off", "on")
    return Button(voice.label(f"settings.sound_{now}"), data("set", "sound", other))


def _editors(voice: Voice, reader: Reader) -> Button:
    """Likewise, for what editors send to many readers."""
    now, other = ("on", "off") if reader.editors else ("off", "on")
    return Button(voice.label(f"settings.editors_{now}"), data("set", "editors", other))


def days(voice: Voice, chosen: str) -> str:
    """On which days digests come, in a word that fits a shared row."""
    return (
        voice.words.weekday(int(chosen), short=True) if chosen.isdecimal() else voice.label(f"days.{chosen}")
    )


def quiet(voice: Voice, reader: Reader) -> str:
    """The quiet hours as `22–07`, or the word for none."""
    return voice.label("settings.off") if reader.quiet is None else span(reader.quiet)


def span(hours: tuple[int, int]) -> str:
    """From one hour to another, as `22–07`."""
    return "–".join(f"{minute // 60:02}" for minute in hours)


def _sided(voice: Voice, name: str) -> str:
    """A name that keeps what follows it on its side: between letters from right to left a number would change over."""
    return name if voice.words.right_to_left or not turns(name) else name + LEFT


def _listed(voice: Voice, key: str, names: Sequence[str], none: str = "settings.all") -> str:
    """As many names as fit the label of `key`, and how many more there are."""
    if not names:
        return voice.label(none)
    names = [_sided(voice, name) for name in names]
    room = ALONE - len(voice.label(key, value=""))
    shown = names[0]
    for count, name in enumerate(names[1:], 1):
        left = len(names) - count
        longer = f"{shown}{voice.words.comma}{name}"
        if len(longer if left == 1 else f"{longer} +{left - 1}") > room:
            return f"{shown} +{left}"
        shown = longer
    return shown
