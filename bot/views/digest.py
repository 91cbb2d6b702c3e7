"""The digest: one message, grouped by desk, with an end that says what was left out."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from bot.domain import cleaning
from bot.domain import message as m
from bot.domain.buttons import data
from bot.domain.message import TEXT_LIMIT, Button, Message, Rows, Text
from bot.domain.reading import WORDS_A_MINUTE
from bot.views import lists

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from bot.domain.digest import Selection
    from bot.domain.news import Reader, StoryLine
    from bot.views.voice import Voice

TEASERS: Final = (160, 120, 80, 40)
"""UTF-16 units of one story's teaser in the folded part: the most for which there is room."""
_COUNT: Final = 60
"""Room for the line that says how many stories and minutes there are."""
_DESKS: Final = 5
"""Desks whose left-out stories are counted by name."""
_PARTS: Final = ((5, "night"), (12, "morning"), (18, "afternoon"), (24, "evening"))


def digest(
    voice: Voice,
    selection: Selection[StoryLine],
    *,
    late_since: datetime | None = None,
    before: str = "",
    waits: bool = False,
) -> Message:
    """A digest of what was selected.

    Args:
        voice: who reads, and when.
        selection: the stories, desk by desk, and what was left out.
        late_since: when it should have left, where that is worth an apology.
        before: the hour of the regular digest, where this one was asked for early; else empty.
        waits: whether the regular digest waits for a third story.
    """
    title = _title(voice)
    if late_since is not None:
        title = m.join("\n", (voice("digest.late", time=voice.time(late_since)), title))
    blocks = [title, *_desks(voice, selection.stories)]
    end = [_end(voice, selection)]
    if before:
        end.append(voice("digest.early_waits" if waits else "digest.early", time=before))
    foot = m.join("\n", end)
    brief = _in_brief(voice, selection.stories, TEXT_LIMIT - len(m.join("\n\n", (*blocks, foot))) - _COUNT)
    words = len(m.join(" ", (*blocks, brief)).plain.split())
    minutes = voice.label("minutes", max(1, round(words / WORDS_A_MINUTE)))
    blocks[0] = m.join("\n", (title, voice("digest.count", len(selection.stories), minutes=minutes)))
    text = m.join("\n\n", (*blocks, brief, foot))
    return Message(
        text,
        rows(voice, [story.id for story in selection.stories], sum(count for _, count in selection.left_out)),
    )


def rows(voice: Voice, story_ids: Sequence[int], left_out: int, opened: Collection[int] = ()) -> Rows:
    """The keyboard under a digest: its numbers, what was left out, settings."""
    below = [voice.button("button.settings", "go", "settings")]
    if left_out:
        below.insert(0, Button(voice.label("button.left_out", count=left_out), data("rest")))
    return (*lists.numbers(dict(enumerate(story_ids, 1)), opened), tuple(below))


def next_hour(voice: Voice, reader: Reader, due: datetime) -> str:
    """The hour of the digest that is due; with its date where digests do not come every day."""
    return voice.words.clock(due, voice.zone) if reader.days == "daily" else voice.time(due).plain


def _title(voice: Voice) -> Text:
    local = voice.now.astimezone(voice.zone)
    part = next(name for hour, name in _PARTS if local.hour < hour)
    day = voice.words.weekday_and_day(local.date())
    return voice("digest.title", day=day[:1].upper() + day[1:], part=voice.label(f"digest.{part}"))


def _desks(voice: Voice, stories: Sequence[StoryLine]) -> list[Text]:
    blocks = []
    for desk, group in groupby(enumerate(stories, 1), key=lambda place: place[1].desk):
        lines = [voice.line(m.bold(cleaning.inert(voice.desk(desk).upper())))]
        for number, story in group:
            lines += (lists.headline(voice, number, story), lists.meta(voice, story))
        blocks.append(m.join("\n", lines))
    return blocks


def _in_brief(voice: Voice, stories: Sequence[StoryLine], room: int) -> Text:
    """The teasers, folded: what the reader has in a tunnel. One quotation, since each shows three lines folded."""
    with_teaser = [(number, story) for number, story in enumerate(stories, 1) if story.teaser]
    for most in TEASERS if with_teaser else ():
        parts = [m.bold(f"{number}. ") + voice.foreign(story.teaser, most) for number, story in with_teaser]
        brief = m.folded(m.join(" ", (voice("digest.in_brief"), *parts)))
        if len(brief) <= room:
            return brief
    return Text()


def _end(voice: Voice, selection: Selection[StoryLine]) -> Text:
    if not selection.left_out:
        return voice("digest.end")
    named, others = selection.left_out[:_DESKS], selection.left_out[_DESKS:]
    counts = [f"{voice.desk(desk)} {count}" for desk, count in named]
    if others:
        counts.append(voice.label("digest.other_desks", count=sum(count for _, count in others)))
    return voice("digest.end_left_out", desks=voice.listed(counts))
