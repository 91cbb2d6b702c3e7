"""Lists of stories: latest, search, saved, what a digest left out, and the three of the first evening."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.domain import message as m
from bot.domain.buttons import data
from bot.domain.message import Button, Message, Rows, Text
from bot.domain.searching import hits
from bot.views.voice import HEADLINE, grid

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from bot.domain.news import Listing, StoryLine
    from bot.views.voice import Voice

PAGE: Final = 10
"""Stories on one page of a list."""


def headline(voice: Voice, number: int, story: StoryLine, bold_words: tuple[str, ...] = ()) -> Text:
    """`1. Headline`, bold and linked to its page; of a found story only the searched words are bold."""
    title = voice.foreign(story.title or story.teaser or voice.label("story.untitled"), HEADLINE)
    if not bold_words:
        return m.bold(f"{number}. " + m.link(title, story.url))
    pieces: list[m.Styled] = []
    end = 0
    for start, stop in hits(title, bold_words):
        pieces += (title[end:start], m.bold(title[start:stop]))
        end = max(end, stop)
    return f"{number}. " + m.link(m.concat((*pieces, title[end:])), story.url)


def meta(voice: Voice, story: StoryLine) -> Text:
    """`Source · 06:40 · 5 sources`."""
    values: dict[str, m.Styled | int] = {
        "source": voice.foreign(story.source, 40),
        "time": voice.time(story.shown_at),
    }
    if story.sources > 1:
        return voice("list.meta_sources", story.sources, **values)
    return voice("list.meta", **values)


def numbers(places: Mapping[int, int], opened: Collection[int] = ()) -> Rows:
    """One button a story, five in a row; a tick marks what was opened. `places` maps positions to stories."""
    return grid(
        [
            Button(f"✓ {place}" if story_id in opened else str(place), data("open", story_id))
            for place, story_id in places.items()
        ],
        5,
    )


def stories(
    voice: Voice, listing: Listing, lines: Sequence[StoryLine], page: int = 0, opened: Collection[int] = ()
) -> Message:
    """One page of a list with its buttons.

    Args:
        voice: who reads.
        listing: the snapshot.
        lines: those of its stories that are still in the archive.
        page: from 0.
        opened: stories that the reader has opened.
    """
    by_id = {line.id: line for line in lines}
    first = page * PAGE
    words = tuple(listing.about.get("words", ()))
    places = {
        place: story_id
        for place, story_id in enumerate(listing.story_ids[first : first + PAGE], first + 1)
        if story_id is not None and story_id in by_id
    }
    blocks = [
        m.join("\n", (headline(voice, place, by_id[story_id], words), meta(voice, by_id[story_id])))
        for place, story_id in places.items()
    ]
    if not blocks:
        blocks = [voice(f"list.{listing.kind}_empty")]
    text = m.join("\n\n", (_title(voice, listing), *blocks))
    return Message(text, (*numbers(places, opened), *_below(voice, listing, page)))


def _title(voice: Voice, listing: Listing) -> Text:
    match listing.kind:
        case "search":
            found = voice.foreign(str(listing.about.get("query", "")), 60)
            return voice("list.search", len(listing.story_ids), query=found)
        case "latest":
            desk = str(listing.about.get("desk", ""))
            return voice("list.latest", desk=voice.desk(desk) if desk else voice.label("desk.all"))
        case kind:
            return voice(f"list.{kind}")


def _below(voice: Voice, listing: Listing, page: int) -> Rows:
    turn = []
    if page > 0:
        turn.append(voice.button("button.newer", "list", listing.id, page - 1))
    if (page + 1) * PAGE < len(listing.story_ids):
        turn.append(voice.button("button.older", "list", listing.id, page + 1))
    rows = [tuple(turn)] if turn else []
    if listing.kind == "latest":
        desk = str(listing.about.get("desk", ""))
        name = voice.desk(desk) if desk else voice.label("desk.all")
        rows.append(
            (
                Button(voice.label("button.desk", desk=name), data("desks", listing.id)),
                voice.button("button.refresh", "again", listing.id),
            )
        )
    if listing.kind == "search":
        rows += [
            (Button(voice.label("button.without", word=word[:16]), data("without", listing.id, place)),)
            for place, word in enumerate(listing.about.get("words", ()))
            if not listing.story_ids and len(listing.about["words"]) > 1
        ][:4]
    if not listing.story_ids:
        rows.append(
            (
                voice.button("button.latest", "go", "latest"),
                voice.button("button.settings", "ask", "settings"),
            )
        )
    return tuple(rows)


def desks(voice: Voice, listing: Listing, names: Sequence[str]) -> Message:
    """Choosing the desk of the latest stories."""
    buttons = [Button(voice.desk(name), data("desk", listing.id, name)) for name in names]
    everything = voice.button("desk.all", "desk", listing.id)
    back = voice.button("button.back", "list", listing.id, 0)
    return Message(voice("list.which_desk"), (*grid([everything, *buttons], 2), (back,)))
