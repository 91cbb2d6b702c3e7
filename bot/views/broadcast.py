"""What editors send to many readers: the message, the look before, and how it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.domain import message as m
from bot.domain.broadcasts import GOING
from bot.domain.buttons import data
from bot.domain.message import Button, Message, Text
from bot.texts.catalogue import own_name
from bot.views.lists import source
from bot.views.voice import HEADLINE, grid, ticked

if TYPE_CHECKING:
    from bot.domain.broadcasts import Audience, Broadcast, Progress
    from bot.domain.news import StoryLine
    from bot.views.voice import Voice

TEASER: Final = 400
"""UTF-16 units of the story's teaser."""
NOTE: Final = 1200
"""UTF-16 units of what the editors say; 500 characters have at most so many that are read."""
LANGUAGES: Final = 8
"""Languages that are offered, those that most readers read."""


def story(voice: Voice, line: StoryLine, note: str) -> Message:
    """A story from the editors, with what they say to it."""
    title = voice.foreign(line.title or line.teaser, HEADLINE) or voice.label("story.untitled")
    told = voice("list.meta", source=source(voice, line.source, line.url), time=voice.time(line.shown_at))
    head = m.join("\n", (voice.line(m.bold(m.link(title, line.url))), told))
    said = voice.line(voice.foreign(note, NOTE)) if note else Text()
    teaser = voice.line(voice.foreign(line.teaser, TEASER)) if line.title else Text()
    rows = (
        (voice.button("button.read", "open", line.id), voice.button("button.related", "related", line.id)),
        (
            Button(voice.label("button.save"), data("save", line.id, 1)),
            voice.button("button.settings", "go", "settings"),
        ),
    )
    return Message(m.join("\n\n", (voice("broadcast.from_editors"), said, head, teaser)), rows)


def preflight(voice: Voice, broadcast: Broadcast, line: StoryLine, audience: Audience) -> Message:
    """Who gets it, how long it takes, and the last word before it leaves."""
    title = voice.foreign(line.title, 60) or voice.label("story.untitled")
    facts = [
        voice("broadcast.to", n=audience.readers),
        voice("broadcast.takes", time=_span(voice, audience.seconds)),
    ]
    if audience.quiet:
        facts.append(voice("broadcast.quiet", n=audience.quiet))
    if audience.had:
        facts.append(voice("broadcast.had", n=audience.had))
    if audience.unwilling:
        facts.append(voice("broadcast.unwilling", n=audience.unwilling))
    read = sorted(audience.by_language, key=lambda code: (-audience.by_language[code], code))[:LANGUAGES]
    codes = dict.fromkeys((*broadcast.languages, *read))
    ticks = [_tick(broadcast, code) for code in codes]
    cancel = voice.button("button.cancel", "unsend", broadcast.id)
    send = (voice.button("broadcast.send", "sendout", broadcast.id),) if audience.readers else ()
    last = (cancel, *send)
    text = m.join(
        "\n\n", (voice("broadcast.title", title=title), m.join("\n", facts), voice("broadcast.which"))
    )
    return Message(text, (*grid(ticks, 2), last))


def _tick(broadcast: Broadcast, code: str) -> Button:
    on = code in broadcast.languages
    return Button(ticked(own_name(code), on=on), data("sendto", broadcast.id, code, int(not on)))


def _span(voice: Voice, seconds: int) -> str:
    """So many minutes, rounded up."""
    return voice.label("story.minutes", max(1, -(-seconds // 60)))


def progress(voice: Voice, broadcast: Broadcast, how: Progress) -> Message:
    """How far it is; while messages may still leave, it can be stopped."""
    lines = [voice(f"broadcast.is_{broadcast.state}"), voice("broadcast.sent", n=how.sent)]
    if how.waiting:
        lines.append(voice("broadcast.waiting", n=how.waiting))
    if how.missed:
        lines.append(voice("broadcast.missed", n=how.missed))
    if how.unknown:
        lines.append(voice("broadcast.unknown", n=how.unknown))
    if how.cancelled:
        lines.append(voice("broadcast.cancelled", n=how.cancelled))
    going = broadcast.state in GOING
    desk = voice.button("office.home", "office", "home", 0)
    rows = ((voice.button("broadcast.stop", "unsend", broadcast.id), desk),) if going else ((desk,),)
    return Message(m.join("\n", lines), rows)


def given_up(voice: Voice) -> Message:
    """A draft that is not sent."""
    return Message(voice("broadcast.given_up"), ((voice.button("office.home", "office", "home", 0),),))
