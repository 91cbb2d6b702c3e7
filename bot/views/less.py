"""Less before nothing: fewer days, fewer stories, a pause, a stop; each is taken back by one tap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.domain.buttons import data
from bot.domain.choices import PAUSES
from bot.domain.digest import STORIES
from bot.domain.message import Button, Message
from bot.views.voice import grid
from bot.views.welcome import day_name

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.message import Rows, Text
    from bot.domain.news import Reader
    from bot.views.voice import Voice

ONCE_A_WEEK: Final = "5"
"""Saturday, when there is time to read."""


def too_much(voice: Voice, reader: Reader) -> Message:
    """Many who want to stop want less, not nothing: that is offered first, as far as there is less than now."""
    if reader.state == "stopped":
        return stopped(voice)
    if reader.state == "paused":
        return Message(paused_until(voice, reader), (_end_of_pause(voice), _stop(voice)))
    offers: list[Button] = []
    if reader.digest_minutes:
        if reader.days == "daily":
            offers.append(_less(voice, "button.weekends", "days", "weekends", reader.days))
        if not reader.days.isdecimal():
            offers.append(_less(voice, "button.weekly", "days", ONCE_A_WEEK, reader.days))
        offers.append(_less(voice, "button.pause_week", "pause", "week", "active"))
        if reader.stories != "few":
            offers.append(_less(voice, "button.fewer", "stories", "few", reader.stories))
    return Message(voice("stop.question" if offers else "stop.sure"), (*grid(offers, 2), _stop(voice)))


def _less(voice: Voice, key: str, field: str, value: str, before: str) -> Button:
    """A button that also carries what is in force, so that its answer can offer to go back to that."""
    return Button(voice.label(key), data("less", field, value, before))


def pause(voice: Voice) -> Message:
    """How long nothing shall come."""
    lengths = [_less(voice, f"button.pause_{one}", "pause", one, "active") for one in PAUSES]
    back = (voice.button("button.back", "ask", "settings"),)
    return Message(voice("pause.question"), (*grid(lengths, 2), back, _stop(voice)))


def done(voice: Voice, reader: Reader, field: str, before: str, due: datetime | None) -> Message:
    """What has become less, and the one tap that takes it back; of one who has stopped meanwhile nothing has."""
    if reader.state == "stopped":
        return stopped(voice)
    undo = "state" if field == "pause" else field
    below: tuple[Button, ...] = (
        voice.button("button.undo", "set", undo, before),
        voice.button("button.settings", "go", "settings"),
    )
    match field:
        case "pause":
            return Message(paused_until(voice, reader), (below,))
        case "stories":
            return Message(voice("less.stories", most(reader)), (below,))
        case _:
            other: Rows = ((voice.button("button.other_day", "ask", "days"),),)
            return Message(
                _fewer_days(voice, reader, due), (below, *(other if reader.days.isdecimal() else ()))
            )


def _fewer_days(voice: Voice, reader: Reader, due: datetime | None) -> Text:
    text = voice("less.weekly" if reader.days.isdecimal() else "less.weekends")
    if due is None:
        return text
    clock = voice.words.clock(due, voice.zone)
    place = voice.words.place(reader.zone)
    return text + "\n" + voice("settings.next", day=day_name(voice, due), time=clock, place=place)


def most(reader: Reader) -> int:
    """How many stories the reader's digest has at most."""
    return STORIES[reader.stories]


def paused_until(voice: Voice, reader: Reader) -> Text:
    """How long nothing comes."""
    if reader.paused_until is None:
        return voice("pause.open")
    return voice("pause.until", day=day_name(voice, reader.paused_until))


def stopped(voice: Voice) -> Message:
    """After stopping: what is kept, and the way back."""
    again = (voice.button("button.start_again", "set", "state", "active"),)
    return Message(voice("stop.done"), (again, (voice.button("button.my_data", "ask", "data"),)))


def _end_of_pause(voice: Voice) -> tuple[Button]:
    return (voice.button("button.end_pause", "set", "state", "active"),)


def _stop(voice: Voice) -> tuple[Button]:
    return (voice.button("button.stop_all", "set", "state", "stopped"),)
