"""Choosing what goes into a digest: the widest told first, every desk in turn, an end in sight."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.domain.news import desk_order

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.news import StoryLine

MOST: Final = 12
"""Stories in one digest: with three entities a story they stay under the 100 that Telegram keeps."""
FEWEST: Final = 3
"""With fewer new stories a digest waits, unless its reader chose otherwise."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What a digest shows.

    Attributes:
        stories: the chosen ones, desk by desk.
        left_out: how many more each desk had, the fullest first.
        rest: the stories left out, in the same order.
    """

    stories: tuple[StoryLine, ...]
    left_out: tuple[tuple[str, int], ...] = ()
    rest: tuple[StoryLine, ...] = ()


def select(candidates: Iterable[StoryLine], most: int = MOST) -> Selection:
    """Choose at most `most` of `candidates`.

    The desks take turns, each with its best story: the one told by most sources, then the newest.
    """
    ranked = sorted(candidates, key=lambda story: (-story.sources, -story.shown_at.timestamp(), story.id))
    by_desk: dict[str, list[StoryLine]] = {}
    for story in ranked:
        by_desk.setdefault(story.desk, []).append(story)
    desks = sorted(by_desk, key=desk_order)
    longest = max((len(stories) for stories in by_desk.values()), default=0)
    turns = [by_desk[desk][n] for n in range(longest) for desk in desks if n < len(by_desk[desk])]
    chosen = {story.id for story in turns[:most]}
    rest = [story for desk in desks for story in by_desk[desk] if story.id not in chosen]
    counts = Counter(story.desk for story in rest)
    return Selection(
        tuple(story for desk in desks for story in by_desk[desk] if story.id in chosen),
        tuple(sorted(counts.items(), key=lambda item: (-item[1], desk_order(item[0])))),
        tuple(rest),
    )
