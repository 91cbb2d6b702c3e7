"""Who tells a story: every paper with its headline, the first reporter first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.domain import message as m
from bot.domain.buttons import data
from bot.domain.cleaning import both_ends
from bot.domain.links import host_of
from bot.domain.message import Button, Message
from bot.views.lists import source
from bot.views.voice import ALONE, HEADLINE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.message import Rows, Text
    from bot.domain.news import Telling
    from bot.views.voice import Voice

MOST: Final = 6
"""Papers that have a button: as many rows as a thumb finds."""
LISTED: Final = 12
"""Papers that are named: the longest names and headlines of so many fit one message."""


def sources(voice: Voice, story_id: int, tellings: Sequence[Telling]) -> Message:
    """The papers that tell a story, each with its own headline, and a button that opens its text here."""
    title = voice("sources.title", len({one.source for one in tellings}))
    rows = _buttons(voice, "telling", story_id, tellings[:MOST])
    doubt = ((voice.button("sources.not_one", "doubts", story_id),),) if len(tellings) > 1 else ()
    return Message(m.join("\n\n", (title, *_lines(voice, tellings))), (*rows, *doubt))


def differs(voice: Voice, story_id: int, tellings: Sequence[Telling]) -> Message:
    """Which paper tells another story?"""
    rows = _buttons(voice, "doubt", story_id, tellings[:LISTED])
    text = m.join("\n\n", (*_lines(voice, tellings), voice("sources.which")))
    return Message(text, (*rows, (_back(voice, story_id),)))


def doubted(voice: Voice, story_id: int) -> Message:
    """Thanks for having said so."""
    return Message(voice("sources.doubted"), ((_back(voice, story_id),),))


def _back(voice: Voice, story_id: int) -> Button:
    return voice.button("button.back", "whosays", story_id)


def _lines(voice: Voice, tellings: Sequence[Telling]) -> list[Text]:
    """The first papers by their numbers, and how many more there are."""
    lines = [_line(voice, place, one) for place, one in enumerate(tellings[:LISTED], 1)]
    more = len(tellings) - LISTED
    return [*lines, voice("sources.more", more)] if more > 0 else lines


def _line(voice: Voice, place: int, telling: Telling) -> Text:
    title = voice.foreign(telling.title, HEADLINE) or voice.label("story.untitled")
    name = source(voice, telling.source, telling.url)
    facts = voice("list.meta", source=name, time=voice.time(telling.shown_at))
    return m.join("\n", (voice.line(f"{place}. " + m.bold(m.link(title, telling.url))), facts))


def _buttons(voice: Voice, verb: str, story_id: int, tellings: Sequence[Telling]) -> Rows:
    return tuple(
        (Button(paper(voice, place, one.source, one.url), data(verb, story_id, one.article_id)),)
        for place, one in enumerate(tellings, 1)
    )


def paper(voice: Voice, place: int, name: str, url: str) -> str:
    """A paper on a button, by its number and, of a long name, both ends: papers of one house begin alike."""
    number = f"{place}. "
    return number + (both_ends(name or host_of(url), ALONE - len(number)) or voice.label("desks.none"))
