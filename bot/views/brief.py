"""Stories in a few of their own sentences, and where each of these stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.domain import message as m
from bot.domain.brief import brief
from bot.domain.buttons import data
from bot.domain.cleaning import inert
from bot.domain.message import Button, Entity, Message, Style, Text
from bot.views import story as story_view
from bot.views.lists import numbers, source

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from bot.domain.brief import Sentence
    from bot.domain.news import Listing, StoryLine
    from bot.views.story import Copy
    from bot.views.voice import Voice

SENTENCE: Final = 400
"""UTF-16 units of a sentence."""


def story(voice: Voice, copy: Copy) -> Message:
    """A story's weightiest sentences, each with a button that shows it in its place; without a text its teaser."""
    told = _told(copy)
    if not told:
        return story_view.page(voice, copy)
    lines = [voice.line(f"{n}. {voice.foreign(one.text, SENTENCE)}") for n, one in enumerate(told, 1)]
    title = m.link(voice.foreign(copy.telling.title, story_view.TITLE), copy.telling.url)
    facts = voice(
        "list.meta",
        source=source(voice, copy.telling.source, copy.telling.url),
        time=voice.time(copy.telling.shown_at),
    )
    head = m.join("\n", (voice("brief.title", title=title), facts))
    text = m.join("\n\n", (head, *lines, voice("brief.how")))
    places = tuple(Button(str(n), data("where", copy.story.id, n)) for n in range(1, len(told) + 1))
    read = voice.button("button.read", "open", copy.story.id)
    return Message(text, (places, (read, voice.button("button.related", "related", copy.story.id))))


def where(voice: Voice, copy: Copy, place: int) -> Message:
    """The page of the text on which the sentence with this number stands, in bold; the first one if it is gone."""
    told = _told(copy)
    wanted = inert(told[place - 1].text) if 1 <= place <= len(told) else ""
    for number, page in enumerate(copy.pages):
        if wanted and wanted in page.plain:
            return _emphasised(story_view.page(voice, copy, number), wanted)
    return story_view.page(voice, copy)


def day(voice: Voice, listing: Listing, lines: Sequence[StoryLine], opened: Collection[int] = ()) -> Message:
    """The last day in one sentence a story.

    Args:
        voice: who reads.
        listing: the snapshot; its `about` holds the sentences.
        lines: those of its stories that are still in the archive.
        opened: stories that the reader has opened.
    """
    by_id = {line.id: line for line in lines}
    sentences: dict[str, str] = listing.about.get("sentences", {})
    places = {
        place: story_id
        for place, story_id in enumerate(listing.story_ids, 1)
        if story_id is not None and story_id in by_id
    }
    told = []
    for place, story_id in places.items():
        line = by_id[story_id]
        sentence = voice.foreign(sentences.get(str(story_id)) or line.title, SENTENCE)
        teller = m.link(source(voice, line.source, line.url), line.url)
        told.append(voice("brief.sentence", place=place, sentence=sentence, source=teller))
    settings = voice.button("button.settings", "go", "settings")
    below = (voice.button("button.latest", "go", "latest"), settings)
    if not told:
        return Message(voice("brief.nothing"), (below,))
    return Message(m.join("\n\n", (voice("brief.day", len(told)), *told)), (*numbers(places, opened), below))


def _told(copy: Copy) -> list[Sentence]:
    return brief(copy.telling.blocks, copy.telling.language)


def _emphasised(message: Message, words: str) -> Message:
    """The message with these words of it in bold."""
    before = message.text.plain[: message.text.plain.index(words)]
    cover = Entity(Style.BOLD, m.units(before), m.units(words))
    entities = sorted((*message.text.entities, cover), key=lambda one: (one.offset, -one.length))
    return Message(Text(message.text.plain, tuple(entities)), message.rows)
