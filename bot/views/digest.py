"""The digest: one message, grouped by desk, with an end that says what was left out."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from bot.domain import cleaning
from bot.domain import message as m
from bot.domain.buttons import data
from bot.domain.message import TEXT_LIMIT, Button, Message, Rows, Text
from bot.views import lists

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from bot.domain.digest import Selection
    from bot.domain.news import StoryLine
    from bot.views.voice import Voice

TEASER: Final = 160
"""UTF-16 units of one story's teaser in the folded part."""
WORDS_A_MINUTE: Final = 220
_PARTS: Final = ((5, "night"), (12, "morning"), (18, "afternoon"), (24, "evening"))


def digest(
    voice: Voice, selection: Selection[StoryLine], *, late_since: datetime | None = None, before: str = ""
) -> Message:
    """A digest of what was selected.

    Args:
        voice: who reads, and when.
        selection: the stories, desk by desk, and what was left out.
        late_since: when it should have left, where that is worth an apology.
        before: the hour of the regular digest, where this one was asked for early; else empty.
    """
    title = _title(voice)
    if late_since is not None:
        title = m.join("\n", (voice("digest.late", time=voice.time(late_since)), title))
    blocks = [title, *_desks(voice, selection.stories)]
    end = [_end(voice, selection)]
    if before:
        end.append(voice("digest.early", time=before))
    room = TEXT_LIMIT - len(m.join("\n\n", (*blocks, *end))) - 120
    brief = _in_brief(voice, selection.stories, room)
    text = m.join("\n\n", (*blocks, brief, m.join("\n", end)))
    minutes = max(1, round(len(text.plain.split()) / WORDS_A_MINUTE))
    count = voice("digest.count", len(selection.stories), minutes=voice.label("minutes", minutes))
    blocks[0] = m.join("\n", (title, count))
    text = m.join("\n\n", (*blocks, brief, m.join("\n", end)))
    left_out = sum(number for _, number in selection.left_out)
    return Message(text, rows(voice, [story.id for story in selection.stories], left_out))


def rows(voice: Voice, story_ids: Sequence[int], left_out: int, opened: Collection[int] = ()) -> Rows:
    """The keyboard under a digest: its numbers, what was left out, settings."""
    below = [voice.button("button.settings", "go", "settings")]
    if left_out:
        below.insert(0, Button(voice.label("button.left_out", count=left_out), data("rest")))
    return (*lists.numbers(dict(enumerate(story_ids, 1)), opened), tuple(below))


def _title(voice: Voice) -> Text:
    local = voice.now.astimezone(voice.zone)
    part = next(name for hour, name in _PARTS if local.hour < hour)
    day = voice.words.weekday_and_day(local.date())
    return voice("digest.title", day=day[:1].upper() + day[1:], part=voice.label(f"digest.{part}"))


def _desks(voice: Voice, stories: Sequence[StoryLine]) -> list[Text]:
    blocks = []
    for desk, group in groupby(enumerate(stories, 1), key=lambda place: place[1].desk):
        lines = [m.bold(voice.desk(desk).upper())]
        for number, story in group:
            lines += (lists.headline(voice, number, story), lists.meta(voice, story))
        blocks.append(m.join("\n", lines))
    return blocks


def _in_brief(voice: Voice, stories: Sequence[StoryLine], room: int) -> Text:
    """The teasers, folded: what the reader has in a tunnel. One quotation, since each shows three lines folded."""
    with_teaser = [(number, story) for number, story in enumerate(stories, 1) if story.teaser]
    if not with_teaser:
        return Text()
    each = min(TEASER, room // len(with_teaser) - 8)
    if each < 40:
        return Text()
    parts = [
        m.bold(f"{number}. ") + voice.foreign(cleaning.plain(story.teaser), each)
        for number, story in with_teaser
    ]
    return m.folded(m.join(" ", (voice("digest.in_brief"), *parts)))


def _end(voice: Voice, selection: Selection[StoryLine]) -> Text:
    if not selection.left_out:
        return voice("digest.end")
    counts = ", ".join(f"{voice.desk(desk)} {count}" for desk, count in selection.left_out)
    return voice("digest.end_left_out", desks=counts)
