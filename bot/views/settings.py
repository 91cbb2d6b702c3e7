"""Settings: every label shows the value in force; a tap opens one small choice, Back returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain import message as m
from bot.domain.buttons import data
from bot.domain.message import Button, Message
from bot.texts.catalogue import LANGUAGES, own_name
from bot.views.voice import grid
from bot.views.welcome import clocks, day_name, ticks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.domain.news import Offer, Reader
    from bot.views.voice import Voice


def settings(voice: Voice, reader: Reader, due: datetime | None) -> Message:
    """The one settings message."""
    if reader.state != "active":
        return stopped(voice)
    if due is None or reader.digest_minute is None:
        first, hour = voice("settings.no_digest"), voice.label("settings.off")
    else:
        hour = voice.hour(reader.digest_minute)
        first = voice(
            "settings.next", day=day_name(voice, due), time=hour, place=voice.words.place(reader.zone)
        )
    text = m.join("\n", (voice("settings.title"), first))
    few = voice.label("settings.few_send" if reader.few == "send" else "settings.few_wait")
    rows = [
        _value(voice, "settings.digest", hour, "hour"),
        _value(voice, "settings.place", voice.words.place(reader.zone), "place"),
        _value(
            voice, "settings.read", _listed(voice, [own_name(code) for code in reader.languages]), "languages"
        ),
        _value(voice, "settings.desks", _listed(voice, [voice.desk(name) for name in reader.desks]), "desks"),
        (
            Button(
                voice.label("settings.few", value=few),
                data("set", "few", "wait" if reader.few == "send" else "send"),
            ),
        ),
        _value(voice, "settings.language", own_name(voice.words.language), "language"),
        (voice.button("button.stop", "ask", "stop"),),
    ]
    return Message(text, tuple(rows))


def _value(voice: Voice, key: str, value: str, screen: str) -> tuple[Button]:
    return (Button(voice.label(key, value=value), data("ask", screen)),)


def _listed(voice: Voice, names: Sequence[str]) -> str:
    """Names with commas, cut so that a label stays on one line of a phone."""
    if not names:
        return voice.label("settings.all")
    shown = names[0]
    for count, name in enumerate(names[1:], 1):
        longer = f"{shown}, {name}"
        if len(longer) > 22:
            return f"{shown} +{len(names) - count}"
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
    return Message(
        voice("settings.which_clock"),
        (*clocks(voice, reader.zone, voice.now, everything=everything), _back(voice)),
    )


def hour(voice: Voice, reader: Reader) -> Message:
    """When the digest comes; the hour in force is ticked."""
    buttons = [
        Button(
            f"✓ {voice.hour(minute)}" if reader.digest_minute == minute else voice.hour(minute),
            data("set", "hour", minute),
        )
        for minute in range(0, 24 * 60, 60)
    ]
    none = voice.button("button.no_digest", "set", "hour", "none")
    return Message(voice("welcome.hour"), (*grid(buttons, 4), (none,), _back(voice)))


def language(voice: Voice) -> Message:
    """The interface's language."""
    buttons = [
        Button(
            f"✓ {own_name(code)}" if code == voice.words.language else own_name(code),
            data("set", "language", code),
        )
        for code in LANGUAGES
    ]
    return Message(voice("settings.which_language"), (*grid(buttons, 2), _back(voice)))


def stop(voice: Voice, reader: Reader) -> Message:
    """Many who want to stop want less, not nothing: that is offered first."""
    rows = [(voice.button("button.stop_all", "set", "state", "stopped"),)]
    if reader.digest_minute is not None:
        rows.insert(0, (voice.button("button.no_digest", "set", "hour", "none"),))
    rows.insert(len(rows) - 1, (voice.button("button.fewer_desks", "ask", "desks"),))
    rows.insert(len(rows) - 1, _back(voice))
    return Message(voice("stop.question"), tuple(rows))


def stopped(voice: Voice) -> Message:
    """After stopping: what is kept, and the way back."""
    return Message(voice("stop.done"), ((voice.button("button.start_again", "set", "state", "active"),),))


def _back(voice: Voice) -> tuple[Button]:
    return (voice.button("button.back", "ask", "settings"),)
