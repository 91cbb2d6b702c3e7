"""The first conversation: languages, desks, clock; one message, edited in place, each step with a good default."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.domain import message as m
from bot.domain.buttons import data, token
from bot.domain.message import Button, Message, Rows, Text
from bot.domain.numbers import offered
from bot.domain.places import offset, offsets, sharing
from bot.texts.catalogue import own_name
from bot.views import lists
from bot.views.voice import ALONE, CHOICES, grid, part, ticked

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from bot.domain.news import Offer, Reader, StoryLine
    from bot.domain.numbers import Hour
    from bot.views.voice import Voice

HOURS: Final = (420, 480, 540, 1080, 1200)
"""Minutes after midnight that are offered first: 07:00, 08:00, 09:00, 18:00, 20:00."""
USUAL: Final = 480
"""08:00, which one press takes together with the guessed place."""
_ALIKE: Final = 8
"""Cities that are offered to who wrote the beginning of a name."""
STEPS: Final = ("languages", "desks", "place", "hour")


def ticks(names: Sequence[tuple[str, str]], chosen: Sequence[str], field: str) -> list[Button]:
    """A button a choice, ticked where it is chosen; a press says the new state and not "the other one"."""
    return [
        Button(ticked(label, on=value in chosen), data("set", field, token(value), int(value not in chosen)))
        for value, label in names
    ]


def languages(voice: Voice, reader: Reader, offer: Offer, page: int = 0, *, newsroom: str) -> Message:
    """Step 1: what the reader reads, each language by its own name.

    Page 0 has the likeliest, the pages after it have them all.
    """
    if page:
        shown, at, more = part(offer.languages, page - 1)
        page = at + 1
    else:
        shown = _first_languages(reader, offer)
        more = len(shown) < len(offer.languages)
    buttons = ticks([(code, own_name(code)) for code in shown], reader.languages, "languages")
    if more:
        buttons.append(voice.button("button.more", "step", "languages", page + 1))
    before = (voice.button("button.back", "step", "languages", page - 1),) if page else ()
    below = (*before, voice.button("button.next_step", "step", "desks"))
    text = m.join(
        "\n\n",
        (
            voice("welcome.title", newsroom=voice.foreign(newsroom)) + "\n" + voice("welcome.promise"),
            voice("welcome.languages"),
        ),
    )
    return Message(text, (*grid(buttons, 2), below))


def _first_languages(reader: Reader, offer: Offer) -> tuple[str, ...]:
    """Those chosen, then the others, five in all unless six is all there is or more are chosen."""
    chosen = [code for code in offer.languages if code in reader.languages]
    others = [code for code in offer.languages if code not in reader.languages]
    everything = (*chosen, *others)
    return everything if len(everything) <= 6 else everything[: max(5, min(len(chosen), CHOICES))]


def desks(voice: Voice, reader: Reader, offer: Offer, page: int = 0) -> Message:
    """Step 2: what the digest shall be about."""
    shown, page, more = part(offer.desks, page)
    buttons = ticks([(name, voice.desk(name)) for name in shown], reader.desks, "desks")
    if more:
        buttons.append(voice.button("button.more", "step", "desks", page + 1))
    below = (
        voice.button("button.back", "step", *(("desks", page - 1) if page else ("languages",))),
        voice.button("button.next_step", "step", "place"),
    )
    return Message(voice("welcome.desks"), (*grid(buttons, 2), below))


def place(
    voice: Voice,
    reader: Reader,
    hours: Sequence[Hour] = (),
    *,
    everything: bool = False,
    unknown: bool = False,
) -> Message:
    """Step 3: what the reader's clock shows; the last row takes the guess as it is.

    With `unknown` it is asked again, of somebody who wrote what is neither a time nor a city that is known.
    """
    rows: Rows = clocks(voice, reader.zone, voice.now, everything=everything)
    back = voice.button("button.back", "step", "place" if everything else "desks")
    usual = offered((USUAL,), voice.zone, hours)[0]
    label = voice.fitted("button.usual", "place", voice.words.place(reader.zone), time=voice.hour(usual))
    text = m.join("\n\n", (voice("welcome.place_unknown") if unknown else "", voice("welcome.place")))
    return Message(text, (*rows, (back,), (Button(label, data("set", "first", usual)),)))


def clocks(voice: Voice, zone: str, now: datetime, *, everything: bool = False) -> Rows:
    """Clock times to choose from: the guessed one and its neighbours, or those of the whole world."""
    known = offsets(now)
    here = offset(zone, now)
    near = [minutes for minutes in known if abs(minutes - here) <= 60 and (minutes - here) % 60 == 0]
    shown = known if everything else near
    buttons = [Button(_clock(now, minutes), data("clock", minutes)) for minutes in shown]
    if everything:
        return grid(buttons, 4)
    return (*grid(buttons, 3), (voice.button("button.other_time", "step", "place", "more"),))


def _clock(now: datetime, minutes: int) -> str:
    return (now + timedelta(minutes=minutes)).strftime("%H:%M")


def called_alike(voice: Voice, places: Sequence[str]) -> Message:
    """Which of the cities with such a name it is."""
    buttons = [Button(voice.words.place(zone)[:ALONE], data("set", "zone", zone)) for zone in places[:_ALIKE]]
    return Message(voice("welcome.city"), (*grid(buttons, 2), (_to_place(voice),)))


def cities(voice: Voice, minutes: int, *, everything: bool = False) -> Message:
    """Which of the places with that clock it is: they change to summer time on different days."""
    places = sharing(minutes, voice.now)
    shown = places if everything or len(places) <= 5 else places[:4]
    buttons = [Button(voice.words.place(zone)[:ALONE], data("set", "zone", zone)) for zone in shown]
    if len(shown) < len(places):
        buttons.append(voice.button("button.more_places", "clock", minutes, "more"))
    back = voice.button("button.back", "clock", minutes) if everything else _to_place(voice)
    return Message(voice("welcome.city"), (*grid(buttons, 2), (back,)))


def _to_place(voice: Voice) -> Button:
    return voice.button("button.back", "step", "place")


def hour(voice: Voice, hours: Sequence[Hour] = (), *, everything: bool = False) -> Message:
    """When the digest shall come; instead of a crowded hour there are times beside it."""
    usual = range(0, 24 * 60, 60) if everything else HOURS
    times = offered(usual, voice.zone, hours)
    buttons = [Button(voice.hour(minute), data("set", "first", minute)) for minute in times]
    if not everything:
        buttons.append(voice.button("button.other_hour", "step", "hour", "more"))
    none = voice.button("button.no_digest", "set", "first", "none")
    back = voice.button("button.back", "step", "hour") if everything else _to_place(voice)
    text = ask_hour(voice, set(usual) - set(times))
    return Message(text, (*grid(buttons, 4 if everything else 3), (none,), (back,)))


def ask_hour(voice: Voice, crowded: Collection[int]) -> Text:
    """The question for an hour, and why some are not offered."""
    if not crowded:
        return voice("welcome.hour")
    times = voice.words.comma.join(voice.hour(minute) for minute in sorted(crowded))
    return m.join("\n\n", (voice("welcome.hour"), voice("welcome.crowded", times=times)))


def done(voice: Voice, reader: Reader, due: datetime | None, lines: Sequence[StoryLine]) -> Message:
    """The end of the first conversation: when the first digest comes, if any does, and three stories at once."""
    if due is None:
        first, stories = voice("welcome.done_no_digest"), "welcome.to_begin_with"
    else:
        day, hour_of_day = day_name(voice, due), voice.words.clock(due, voice.zone)
        first = voice("welcome.done", day=day, time=hour_of_day, place=voice.words.place(reader.zone))
        stories = "welcome.until_then"
    more = voice(stories, len(lines)) if lines else voice("welcome.nothing_yet")
    blocks = [
        m.join("\n", (lists.headline(voice, number, line), lists.meta(voice, line)))
        for number, line in enumerate(lines, 1)
    ]
    text = m.join("\n\n", (m.join(" ", (first, more)), *blocks))
    places = {number: line.id for number, line in enumerate(lines, 1)}
    below = (voice.button("button.latest", "go", "latest"), voice.button("button.settings", "go", "settings"))
    return Message(text, (*lists.numbers(places), below))


def back(voice: Voice, reader: Reader, due: datetime | None) -> Message:
    """A known reader's /start: greeted, and asked nothing; whoever was away is told what is not made up for."""
    desks_chosen = voice.listed([voice.desk(name) for name in reader.desks]) or voice.label("desks.all")
    if due is None:
        plan = voice("welcome.back_no_digest", desks=desks_chosen)
    else:
        place_name = voice.words.place(reader.zone)
        plan = voice(
            "welcome.back_digest",
            time=voice.words.comma.join(voice.hour(minute) for minute in reader.digest_minutes),
            place=place_name,
            desks=desks_chosen,
        )
    lines = [voice("welcome.back"), plan]
    latest = voice.button("button.latest", "go", "latest")
    settings = voice.button("button.settings", "go", "settings")
    if not reader.missed:
        first = (voice.button("button.digest", "go", "digest"), latest)
        return Message(m.join("\n", lines), (first, (settings,)))
    lines.append(voice("welcome.missed", reader.missed))
    return Message(m.join("\n", lines), ((voice.button("button.week", "go", "week"),), (latest, settings)))


def invitation(voice: Voice, shown: Message) -> Message:
    """What a newcomer asked to see, and a word on what else there is."""
    text = m.join("\n\n", (shown.text, voice("welcome.new_here")))
    return Message(text, (*shown.rows, (voice.button("button.set_up", "go", "start"),)))


def day_name(voice: Voice, moment: datetime) -> str:
    """`today`, `tomorrow`, or the weekday and date, on the reader's calendar."""
    day = moment.astimezone(voice.zone).date()
    ahead = (day - voice.now.astimezone(voice.zone).date()).days
    if ahead in {0, 1}:
        return voice.label("date.today" if ahead == 0 else "date.tomorrow")
    return voice.words.weekday_and_day(day)
