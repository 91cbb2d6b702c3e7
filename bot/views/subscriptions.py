"""Lists of feeds that come by chat: how far the checking is, what was found, and the document that goes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.domain import message as m
from bot.domain.message import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.message import Text
    from bot.domain.subscriptions import Report
    from bot.views.voice import Voice

NAMED: Final = 10
"""Feeds that are named of those that give nothing."""
NAME: Final = 60
"""UTF-16 units of a feed's name."""


def checking(voice: Voice, done: int, total: int) -> Message:
    """How far the checking is."""
    return Message(voice("opml.checking", total, done=done))


def report(voice: Voice, looked_at: Report) -> Message:
    """What a list holds, a line for each kind, and the question whether to follow it."""
    contents = looked_at.contents
    text = findings(voice, looked_at, voice("opml.known", contents.known) if contents.known else None)
    if not looked_at.living:
        return Message(text, ((voice.button("button.following", "go", "following"),),))
    every = voice.button("button.follow_all", "takeall", looked_at.question_id)
    return Message(text, ((every, voice.button("button.cancel", "items", 0)),))


def findings(voice: Voice, looked_at: Report, known: Text | None) -> Text:
    """What a list holds, a line for each kind; `known` is the line of what needs no looking at."""
    contents, living = looked_at.contents, looked_at.living
    dead, no_feed = looked_at.dead, looked_at.no_feed
    lines = [
        voice("opml.new", living),
        *([known] if known else []),
        *([voice("opml.dead", len(dead)), *_names(voice, dead)] if dead else []),
        *([voice("opml.no_feed", len(no_feed)), *_names(voice, no_feed)] if no_feed else []),
        *([voice("opml.beyond", contents.beyond)] if contents.beyond else []),
        *([voice("opml.broken", line=contents.broken_at)] if contents.broken_at else []),
    ]
    return m.join("\n\n", (voice("opml.found", contents.found), m.join("\n", lines)))


def _names(voice: Voice, names: Sequence[str]) -> list[Text]:
    shown = [
        voice.line(m.concat(("• ", voice.foreign(name, NAME) or voice.label("follow.unnamed"))))
        for name in names[:NAMED]
    ]
    more = len(names) - NAMED
    return [*shown, voice("filter.more", more)] if more > 0 else shown


def followed(voice: Voice, number: int) -> Message:
    """How many feeds of a list are followed now."""
    return Message(voice("opml.followed", number), ((voice.button("button.following", "go", "following"),),))
