"""What stands around a story: how others tell it, the same affair, the same subject."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.domain import message as m
from bot.domain.message import Message, Text
from bot.views.lists import headline, meta, numbers, source
from bot.views.voice import HEADLINE

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from bot.domain.message import Rows
    from bot.domain.news import Listing, StoryLine
    from bot.views.voice import Voice


def related(
    voice: Voice, listing: Listing, lines: Sequence[StoryLine], opened: Collection[int] = ()
) -> Message:
    """The stories of a list of the kind `related` in their groups, each with the words that it really shares.

    Args:
        voice: who reads.
        listing: the snapshot; its `about` holds how others tell the story, and what the stories have in common.
        lines: those of its stories that are still in the archive.
        opened: stories that the reader has opened.
    """
    by_id = {line.id: line for line in lines}
    places = {
        place: story_id
        for place, story_id in enumerate(listing.story_ids, 1)
        if story_id is not None and story_id in by_id
    }
    affair = set(listing.about.get("affair", ()))
    shared: dict[str, list[str]] = listing.about.get("words", {})

    def group(key: str, *, same_affair: bool) -> list[Text]:
        own = [
            _beside(voice, place, by_id[story_id], shared.get(str(story_id), []))
            for place, story_id in places.items()
            if (story_id in affair) == same_affair
        ]
        return [voice(key), *own] if own else []

    tellings = [_telling(voice, one) for one in listing.about.get("tellings", ())]
    blocks = [
        voice("related.title", title=voice.foreign(str(listing.about.get("title", "")), HEADLINE)),
        *([voice("related.story"), *tellings] if tellings else []),
        *group("related.affair", same_affair=True),
        *group("related.subject", same_affair=False),
    ]
    if len(blocks) == 1:
        blocks.append(voice("related.none"))
    story_id = int(listing.about.get("of", 0))
    follow = voice.button("button.follow", "follow", "story", story_id)
    way_back = voice.button("button.to_story", "open", story_id)
    ways: Rows = ((way_back, follow),)
    if affair:
        ways = ((follow, voice.button("button.timeline", "timeline", story_id)), (way_back,))
    return Message(m.join("\n\n", blocks), (*numbers(places, opened), *ways))


def timeline(
    voice: Voice, listing: Listing, lines: Sequence[StoryLine], opened: Collection[int] = ()
) -> Message:
    """The stories of an affair, the first of them first, each under its day and hour; the arguments as for `related`."""
    by_id = {line.id: line for line in lines}
    places = {
        place: story_id
        for place, story_id in enumerate(listing.story_ids, 1)
        if story_id is not None and story_id in by_id
    }
    story_id = int(listing.about.get("of", 0))
    title = voice.foreign(str(listing.about.get("title", "")), HEADLINE)
    blocks = [voice("related.timeline", title=title)]
    for place, one in places.items():
        line = by_id[one]
        marked = (voice("related.this"),) if one == story_id else ()
        blocks.append(m.join("\n", (headline(voice, place, line), meta(voice, line), *marked)))
    follow = voice.button("button.follow", "follow", "story", story_id)
    way_back = voice.button("button.to_story", "open", story_id)
    return Message(m.join("\n\n", blocks), (*numbers(places, opened), (follow,), (way_back,)))


def _beside(voice: Voice, place: int, line: StoryLine, words: list[str]) -> Text:
    reason = voice.words.comma.join(voice.foreign(word) for word in words)
    lines = (headline(voice, place, line), meta(voice, line), voice("related.words", words=reason))
    return m.join("\n", lines if reason else lines[:2])


def _telling(voice: Voice, telling: dict[str, Any]) -> Text:
    """The headline of another paper, which leads to its page."""
    url = str(telling["url"])
    title = voice.foreign(str(telling["title"]), HEADLINE) or voice.label("story.untitled")
    at = voice.time(datetime.fromtimestamp(float(telling["at"]), UTC))
    told = voice("list.meta", source=source(voice, str(telling["source"]), url), time=at)
    return m.join("\n", (voice.line("• " + m.bold(m.link(title, url))), told))
