"""Filters of what is followed: what there is, what is asked, and what a new one would have hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.domain import message as m
from bot.domain.buttons import data
from bot.domain.filters import FIELDS
from bot.domain.message import Button, Message
from bot.views.pushes import name_of
from bot.views.voice import HEADLINE, grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.filters import Article, Filter
    from bot.domain.following import Follow
    from bot.domain.message import Text
    from bot.views.voice import Voice

WORDS: Final = 60
"""UTF-16 units of a filter's words in a line."""
SHOWN: Final = 5
"""Headlines that are shown of what a filter would have hidden."""


def filters(voice: Voice, item: Follow | None, own: Sequence[Filter]) -> Message:
    """The filters of an item, or of all; a number takes one away."""
    number = item.id if item else 0
    about = _of(voice, item)
    lines = [m.concat((f"{place}. ", _said(voice, one))) for place, one in enumerate(own, 1)] or [
        voice("filter.none")
    ]
    blocks = [about, m.join("\n", lines)]
    if own:
        blocks.append(voice("filter.how"))
    buttons = [Button(str(place), data("unfilter", number, one.id)) for place, one in enumerate(own, 1)]
    add = (
        voice.button("button.only_with", "fields", number, 1),
        voice.button("button.without_words", "fields", number, 0),
    )
    return Message(m.join("\n\n", blocks), (*grid(buttons, 5), add, (_back(voice, number),)))


def _of(voice: Voice, item: Follow | None) -> Text:
    return voice("filter.of", name=name_of(voice, item, WORDS)) if item else voice("filter.of_all")


def _back(voice: Voice, number: int) -> Button:
    return voice.button("button.back", *(("item", number) if number else ("items", 0)))


def _said(voice: Voice, one: Filter) -> Text:
    """A filter in words: `Only with “goal” in the headline`."""
    key = "filter.only" if one.keep else "filter.without"
    return voice(key, words=voice.foreign(one.words, WORDS), field=voice.label(f"filter.in_{one.field}"))


def fields(voice: Voice, number: int, *, keep: bool) -> Message:
    """Where the words are looked for."""
    buttons = [
        Button(voice.label(f"filter.field_{field}"), data("filter", number, field, int(keep)))
        for field in FIELDS
    ]
    back = voice.button("button.back", "filters", number)
    return Message(voice("filter.which_field"), (*grid(buttons, 2), (back,)))


def prompt(voice: Voice, number: int, field: str, *, keep: bool) -> Message:
    """The question for the words, which the next message answers."""
    key = "filter.ask_only" if keep else "filter.ask_without"
    cancel = voice.button("button.cancel", "filters", number)
    return Message(voice(key, field=voice.label(f"filter.in_{field}")), ((cancel,),))


def trial(voice: Voice, new: Filter, question_id: int, tried_on: int, hidden: Sequence[Article]) -> Message:
    """What a filter would have hidden of the last articles, and whether it is kept."""
    said = m.bold(_said(voice, new))
    counted = (
        voice("filter.would_hide", tried_on, hidden=len(hidden)) if tried_on else voice("filter.untried")
    )
    titles = [voice.line(m.concat(("• ", _headline(voice, one)))) for one in hidden[:SHOWN]]
    if len(hidden) > SHOWN:
        titles.append(voice("filter.more", len(hidden) - SHOWN))
    text = m.join("\n\n", (said, counted, m.join("\n", titles)))
    keep = voice.button("button.keep", "keep", question_id)
    return Message(text, ((keep, voice.button("button.cancel", "filters", new.follow_id or 0)),))


def _headline(voice: Voice, shown: Article) -> str:
    return voice.foreign(shown.title or shown.text, HEADLINE) or voice.label("story.untitled")
