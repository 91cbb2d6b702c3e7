"""Who tells a story: every paper with its headline, the first reporter first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.domain import message as m
from bot.domain.buttons import data
from bot.domain.cleaning import plain
from bot.domain.links import host_of
from bot.domain.message import Button, Message
from bot.views.lists import source
from bot.views.voice import ALONE, HEADLINE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.message import Text
    from bot.domain.news import Telling
    from bot.views.voice import Voice

MOST: Final = 6
"""Papers that have a button: as many rows as a thumb finds."""
LISTED: Final = 12
"""Papers that are named: the longest names and headlines of so many fit one message."""


def sources(voice: Voice, story_id: int, tellings: Sequence[Telling]) -> Message:
    """The papers that tell a story, each with its own headline, and a button that opens its text here."""
    shown = tellings[:LISTED]
    blocks = [
        voice("sources.title", len({one.source for one in tellings})),
        *(_line(voice, one) for one in shown),
    ]
    if len(tellings) > len(shown):
        blocks.append(voice("sources.more", len(tellings) - len(shown)))
    rows = tuple((_button(voice, "telling", story_id, one),) for one in shown[:MOST])
    doubt = ((voice.button("sources.not_one", "doubts", story_id),),) if len(tellings) > 1 else ()
    return Message(m.join("\n\n", blocks), (*rows, *doubt))


def differs(voice: Voice, story_id: int, tellings: Sequence[Telling]) -> Message:
    """Which paper tells another story?"""
    rows = tuple((_button(voice, "doubt", story_id, one),) for one in tellings[:LISTED])
    return Message(voice("sources.which"), (*rows, (_back(voice, story_id),)))


def doubted(voice: Voice, story_id: int) -> Message:
    """Thanks for having said so."""
    return Message(voice("sources.doubted"), ((_back(voice, story_id),),))


def _back(voice: Voice, story_id: int) -> Button:
    return voice.button("button.back", "whosays", story_id)


def _line(voice: Voice, telling: Telling) -> Text:
    title = voice.foreign(telling.title, HEADLINE) or voice.label("story.untitled")
    name = source(voice, telling.source, telling.url)
    facts = voice("list.meta", source=name, time=voice.time(telling.shown_at))
    return m.join("\n", (voice.line("• " + m.bold(m.link(title, telling.url))), facts))


def _button(voice: Voice, verb: str, story_id: int, telling: Telling) -> Button:
    name = plain(telling.source or host_of(telling.url), ALONE) or voice.label("desks.none")
    return Button(name, data(verb, story_id, telling.article_id))
