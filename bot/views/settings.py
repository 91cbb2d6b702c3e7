"""Settings: every label shows the value in force; a tap opens one small choice, Back returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain import message as m
from bot.domain.buttons import data
from bot.domain.message import Button, Message
from bot.texts.catalogue import LANGUAGES, own_name
from bot.views.voice import ALONE, grid, ticked
from bot.views.welcome import clocks, day_name, ticks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.domain.news import Offer, Reader
    from bot.views.voice import Voice


def settings(voice: Voice, reader: Reader, due: datetime | None) -> Message:
    """The one settings message; each value has a row to itself, since at the largest font two would be cut."""
    if reader.state == "stopped":
        return stopped(voice)
    place_name = voice.words.place(reader.zone)
    if due is None or reader.digest_minute is None:
        first, hour_of_day = voice("settings.no_digest"), voice.label("settings.off")
    else:
        hour_of_day = voice.hour(reader.digest_minute)
        first = voice("settings.next", day=day_name(voice, due), time=hour_of_day, place=place_name)
    languages_read = [own_name(code) for code in reader.languages]
    desks_wanted = [voice.desk(name) for name in reader.desks]
    rows = (
        _value(voice, "settings.digest", hour_of_day, "hour"),
        _value(voice, "settings.place", place_name, "place"),
        _value(voice, "settings.read", _listed(voice, "settings.read", languages_read), "languages"),
        _value(voice, "settings.desks", _listed(voice, "settings.desks", desks_wanted), "desks"),
        _value(voice, "settings.few", voice.label(f"settings.few_{reader.few}"), "few"),
        _value(voice, "settings.page", voice.label(f"settings.page_{reader.page}"), "page"),
        _value(voice, "settings.language", own_name(voice.words.language), "language"),
        (voice.button("button.stop", "ask", "stop"),),
    )
    return Message(m.join("\n", (voice("settings.title"), first)), rows)


def _value(voice: Voice, key: str, value: str, screen: str) -> tuple[Button]:
    return (Button(voice.fitted(key, "value", value), data("ask", screen)),)


def _listed(voice: Voice, key: str, names: Sequence[str]) -> str:
    """As many names as fit the label of `key`, and how many more there are."""
    if not names:
        return voice.label("settings.all")
    room = ALONE - len(voice.label(key, value=""))
    shown = names[0]
    for count, name in enumerate(names[1:], 1):
        left = len(names) - count
        longer = f"{shown}, {name}"
        if len(longer if left == 1 else f"{longer} +{left - 1}") > room:
            return f"{shown} +{left}"
        shown = longer
    return shown


def languages(voice: Voice, reader: Reader, offer: Offer) -> Message:
    """What the reader reads."""
    buttons = ticks([(code, own_name(code)) for code in offer.languages], reader.languages, "languages")
    return Message(voice("settings.which_languages"), (*grid(buttons, 2), _back(voice)))


def desks(voice: Voice, reader: Reader, offer: Offer) -> Message:
    """What the digest is about."""
    buttons = ticks([(name, voice.desk(name)) for name in offer.desks], reader.desks, "desks")
    return Message(voice("settings.which_desks"), (*grid(buttons, 2), _back(voice)))


def place(voice: Voice, reader: Reader, *, everything: bool = False) -> Message:
    """What the reader's clock shows."""
    back = voice.button("button.back", "ask", "place") if everything else _back(voice)[0]
    return Message(
        voice("settings.which_clock"),
        (*clocks(voice, reader.zone, voice.now, everything=everything), (back,)),
    )


def hour(voice: Voice, reader: Reader) -> Message:
    """When the digest comes; the hour in force is ticked."""
    buttons = [
        Button(ticked(voice.hour(minute), on=reader.digest_minute == minute), data("set", "hour", minute))
        for minute in range(0, 24 * 60, 60)
    ]
    none = voice.button("button.no_digest", "set", "hour", "none")
    return Message(voice("welcome.hour"), (*grid(buttons, 4), (none,), _back(voice)))


def few(voice: Voice, reader: Reader) -> Message:
    """What to do on a day with few news."""
    return _one_of(voice, "few", ("wait", "send"), reader.few)


def page(voice: Voice, reader: Reader) -> Message:
    """How much of a text one message shows."""
    return _one_of(voice, "page", ("short", "long", "whole"), reader.page)


def _one_of(voice: Voice, field: str, values: Sequence[str], chosen: str) -> Message:
    rows = []
    for value in values:
        label = voice.label(f"settings.{field}_{value}")
        big = label[:1].upper() + label[1:]
        rows.append((Button(ticked(big, on=value == chosen), data("set", field, value)),))
    return Message(voice(f"settings.which_{field}"), (*rows, _back(voice)))


def language(voice: Voice) -> Message:
    """The interface's language."""
    buttons = [
        Button(ticked(own_name(code), on=code == voice.words.language), data("set", "language", code))
        for code in LANGUAGES
    ]
    return Message(voice("settings.which_language"), (*grid(buttons, 2), _back(voice)))


def stop(voice: Voice, reader: Reader) -> Message:
    """Many who want to stop want less, not nothing: that is offered first."""
    no_digest = (voice.button("button.no_digest", "set", "hour", "none"),)
    rows = (
        *((no_digest,) if reader.digest_minute is not None else ()),
        (voice.button("button.fewer_desks", "ask", "desks"),),
        _back(voice),
        (voice.button("button.stop_all", "set", "state", "stopped"),),
    )
    return Message(voice("stop.question"), rows)


def stopped(voice: Voice) -> Message:
    """After stopping: what is kept, and the way back."""
    return Message(voice("stop.done"), ((voice.button("button.start_again", "set", "state", "active"),),))


def _back(voice: Voice) -> tuple[Button]:
    return (voice.button("button.back", "ask", "settings"),)
