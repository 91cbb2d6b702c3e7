"""Lists of stories: latest, search, saved, what a digest left out, and the three of the first evening."""

from __future__ import annotations

from datetime import UTC, datetime
from math import ceil
from typing import TYPE_CHECKING, Final

from bot.domain import message as m
from bot.domain.buttons import data, token
from bot.domain.links import host_of
from bot.domain.message import Button, Message, Rows, Text
from bot.domain.searching import hits
from bot.views.voice import HEADLINE, grid, part, ticked

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from bot.domain.news import Listing, StoryLine
    from bot.views.voice import Voice

NUMBERS: Final = 5
"""Number buttons in one row."""
PAGE: Final = 10
"""Stories on one page of a list."""
SOURCE: Final = 40
"""UTF-16 units of a source's name in a line."""
_WAYS_ON: Final = 4
"""Words that a search without a find offers to leave out."""


def headline(voice: Voice, number: int, story: StoryLine, bold_words: tuple[str, ...] = ()) -> Text:
    """`1. Headline`, bold and linked to its page; of a found story only the searched words are bold."""
    title = voice.foreign(story.title or story.teaser or voice.label("story.untitled"), HEADLINE)
    if not bold_words:
        return voice.line(m.bold(f"{number}. " + m.link(title, story.url)))
    pieces: list[m.Styled] = []
    end = 0
    for start, stop in hits(title, bold_words):
        pieces += (title[end:start], m.bold(title[start:stop]))
        end = stop
    return voice.line(f"{number}. " + m.link(m.concat((*pieces, title[end:])), story.url))


def meta(voice: Voice, story: StoryLine) -> Text:
    """`Source · 06:40 · 5 sources`."""
    values: dict[str, m.Styled | int] = {
        "source": source(voice, story.source, story.url),
        "time": voice.time(story.shown_at),
    }
    if story.sources > 1:
        return voice("list.meta_sources", story.sources, **values)
    return voice("list.meta", **values)


def source(voice: Voice, name: str, url: str) -> str:
    """Who tells it: the feed's name, or the site's where the feed has none."""
    return voice.foreign(name, SOURCE) or voice.foreign(host_of(url), SOURCE) or voice.desk("")


def numbers(places: Mapping[int, int], opened: Collection[int] = ()) -> Rows:
    """One button a story; a tick marks what was opened. `places` maps positions to stories.

    At most five stand in a row, and the rows are of about one length: a lone button at the end would be as wide as five.
    """
    buttons = [
        Button(ticked(str(place), on=story_id in opened), data("open", story_id))
        for place, story_id in places.items()
    ]
    rows = max(1, ceil(len(buttons) / NUMBERS))
    return grid(buttons, ceil(len(buttons) / rows))


def stories(
    voice: Voice, listing: Listing, lines: Sequence[StoryLine], page: int = 0, opened: Collection[int] = ()
) -> Message:
    """One page of a list with its buttons.

    Args:
        voice: who reads.
        listing: the snapshot.
        lines: those of its stories that are still in the archive.
        page: from 0; one too many shows the last.
        opened: stories that the reader has opened.
    """
    by_id = {line.id: line for line in lines}
    page = min(page, max(len(listing.story_ids) - 1, 0) // PAGE)
    first = page * PAGE
    words = tuple(listing.about.get("words", ()))
    places = {
        place: story_id
        for place, story_id in enumerate(listing.story_ids[first : first + PAGE], first + 1)
        if story_id is not None and story_id in by_id
    }
    here = _here(listing, by_id)
    blocks: list[Text] = []
    for place, story_id in places.items():
        if story_id == here:
            blocks.append(voice("list.here", time=voice.time(_last_look(listing))))
        line = by_id[story_id]
        blocks.append(m.join("\n", (headline(voice, place, line, words), meta(voice, line))))
    text = m.join("\n\n", (_title(voice, listing), *(blocks or [_empty(voice, listing)])))
    return Message(text, (*numbers(places, opened), *_below(voice, listing, page)))


def _last_look(listing: Listing) -> datetime:
    """When the reader last looked at such a list; long ago where this was the first time."""
    return datetime.fromtimestamp(float(listing.about.get("here", 0)), UTC)


def _here(listing: Listing, by_id: Mapping[int, StoryLine]) -> int | None:
    """The first story that was there at the last look, if something new stands above it."""
    last = _last_look(listing)
    kept = [by_id[one] for one in listing.story_ids if one is not None and one in by_id]
    known = next((line for line in kept if line.first_seen_at <= last), None)
    return known.id if known and known is not kept[0] else None


def _title(voice: Voice, listing: Listing) -> Text:
    match listing.kind:
        case "search":
            query = voice.foreign(str(listing.about.get("query", "")), 60)
            if not listing.story_ids:
                return voice("list.search_none", query=query)
            if listing.about.get("beyond"):
                return voice("list.search_beyond", n=len(listing.story_ids), query=query)
            return voice("list.search", len(listing.story_ids), query=query)
        case "latest":
            desk = str(listing.about.get("desk", ""))
            return voice("list.latest", desk=voice.desk(desk)) if desk else voice("list.latest_all")
        case "followed":
            name = voice.foreign(str(listing.about.get("name", "")), 60)
            return voice("list.followed", name=name or voice.label("follow.unnamed"))
        case kind:
            return voice(f"list.{kind}")


def _empty(voice: Voice, listing: Listing) -> Text:
    if listing.story_ids or listing.kind not in {"latest", "saved", "search", "week", "followed"}:
        return voice("list.gone")
    if listing.kind == "search":
        return voice("list.search_empty", len(listing.about.get("words", ())))
    return voice(f"list.{listing.kind}_empty")


def _below(voice: Voice, listing: Listing, page: int) -> Rows:
    rows: list[tuple[Button, ...]] = []
    turn = []
    if page > 0:
        turn.append(voice.button("button.newer", "list", listing.id, page - 1))
    if (page + 1) * PAGE < len(listing.story_ids):
        turn.append(voice.button("button.older", "list", listing.id, page + 1))
    rows.append(tuple(turn))
    if listing.kind == "latest":
        change = voice.button("button.desks", "desks", listing.id)
        rows.append((change, voice.button("button.refresh", "again", listing.id)))
    if listing.story_ids:
        rows.append(_follow(voice, listing))
    else:
        rows += [_everywhere(voice, listing), *_without(voice, listing)]
        rows += [_follow(voice, listing), _elsewhere(voice, listing)]
    return tuple(row for row in rows if row)


def _without(voice: Voice, listing: Listing) -> Rows:
    """The search with one word less, for each of its first words; of a single word nothing would be left."""
    words = list(listing.about.get("words", ()))
    if len(words) < 2:
        return ()
    return tuple(
        (Button(voice.fitted("button.without", "word", word), data("without", listing.id, place)),)
        for place, word in enumerate(words[:_WAYS_ON])
    )


def _everywhere(voice: Voice, listing: Listing) -> tuple[Button, ...]:
    """The search in all languages, where it finds more there."""
    found = int(listing.about.get("elsewhere", 0))
    number = f"{found}+" if listing.about.get("beyond") else str(found)
    return (
        (Button(voice.label("button.everywhere", n=number), data("everywhere", listing.id)),) if found else ()
    )


def _follow(voice: Voice, listing: Listing) -> tuple[Button, ...]:
    """What was searched: more of it may come yet."""
    return (
        (voice.button("button.follow_it", "follow", "list", listing.id),) if listing.kind == "search" else ()
    )


def _elsewhere(voice: Voice, listing: Listing) -> tuple[Button, ...]:
    settings = voice.button("button.settings", "go", "settings")
    if listing.kind == "latest":
        return (settings,)
    return (voice.button("button.latest", "go", "latest"), settings)


def desks(voice: Voice, listing: Listing, names: Sequence[str], page: int = 0) -> Message:
    """Choosing the desk of the latest stories; the one that is shown is ticked."""
    shown = str(listing.about.get("desk", ""))
    these, page, more = part(names, page)
    everything = Button(ticked(voice.label("desks.all"), on=not shown), data("desk", listing.id))
    buttons = [
        Button(ticked(voice.desk(name), on=name == shown), data("desk", listing.id, token(name)))
        for name in these
    ]
    back = voice.button(
        "button.back", *(("desks", listing.id, page - 1) if page else ("list", listing.id, 0))
    )
    onward = (voice.button("button.more", "desks", listing.id, page + 1),) if more else ()
    rows = grid(buttons if page else [everything, *buttons], 2)
    return Message(voice("list.which_desk"), (*rows, (back, *onward)))


def which(voice: Voice, shown: Message) -> Message:
    """The newest list once more, under the question which of its stories is meant."""
    return Message(m.join("\n\n", (voice("error.which"), shown.text)), shown.rows)
