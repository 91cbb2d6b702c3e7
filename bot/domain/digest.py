"""Choosing what goes into a digest: the widest told first, every desk in turn, an end in sight."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from bot.domain.news import desk_order

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from bot.domain.news import Reader

STORIES: Final = {"few": 5, "usual": 12}
"""The most stories in one digest, as readers choose; with three entities a story they stay under the 100 that Telegram
keeps."""
MOST: Final = STORIES["usual"]
FEWEST: Final = 3
"""With fewer new stories a digest waits, unless its reader chose otherwise."""
LISTED: Final = 100
"""Stories left out that are kept to be listed: ten pages of a list. A large newsroom leaves out a thousand a day."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A new story, with no more of it than choosing needs: there may be tens of thousands.

    Attributes:
        first_seen_at: when we learned of it; what is new goes by this.
        shown_at: the date to show.
        sources: how many feeds tell it.
    """

    id: int
    desk: str
    language: str
    first_seen_at: datetime
    shown_at: datetime
    sources: int


class Ranked(Protocol):
    """What the order of stories goes by; a `Candidate` has it, and so has a `StoryLine`."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def desk(self) -> str:
        """The desk it belongs to."""

    @property
    def shown_at(self) -> datetime:
        """The date to show."""

    @property
    def sources(self) -> int:
        """How many feeds tell it."""


S = TypeVar("S", bound=Ranked)


@dataclass(frozen=True, slots=True)
class Selection(Generic[S]):
    """What a digest shows.

    Attributes:
        stories: the chosen ones, desk by desk.
        left_out: how many more each desk had, the fullest first.
        rest: the best of the stories left out, desk by desk; at most `LISTED`.
    """

    stories: tuple[S, ...]
    left_out: tuple[tuple[str, int], ...] = ()
    rest: tuple[S, ...] = ()


def wanted(reader: Reader, news: Iterable[Candidate], told: Collection[int]) -> list[Candidate]:
    """What of the news is new for this reader, in his or her languages and desks.

    Args:
        reader: who; stories seen before `covered_until` are no news.
        news: all that may be new.
        told: the stories that the reader was told already, or has opened.
    """
    languages, desks = {*reader.languages, ""}, reader.desks
    return [
        story
        for story in news
        if story.first_seen_at > reader.covered_until
        and (not desks or story.desk in desks)
        and (len(languages) == 1 or story.language in languages)
        and story.id not in told
    ]


def select(candidates: Iterable[S], most: int = MOST, followed: Collection[int] = ()) -> Selection[S]:
    """Choose at most `most` of `candidates`.

    The desks take turns, each with its best story: one that something `followed` has brought, then the one told by
    most sources, then the newest.
    """

    def rank(story: S) -> tuple[bool, int, float, int]:
        return (story.id not in followed, -story.sources, -story.shown_at.timestamp(), story.id)

    ranked = sorted(candidates, key=rank)
    by_desk: dict[str, list[S]] = {}
    for story in ranked:
        by_desk.setdefault(story.desk, []).append(story)
    desks = sorted(by_desk, key=desk_order)
    longest = max((len(stories) for stories in by_desk.values()), default=0)
    turns = [by_desk[desk][n] for n in range(longest) for desk in desks if n < len(by_desk[desk])]
    chosen = {story.id for story in turns[:most]}
    listed = {story.id for story in turns[most : most + LISTED]}
    counts = Counter(story.desk for story in turns[most:])
    return Selection(
        tuple(story for desk in desks for story in by_desk[desk] if story.id in chosen),
        tuple(sorted(counts.items(), key=lambda item: (-item[1], desk_order(item[0])))),
        tuple(story for desk in desks for story in by_desk[desk] if story.id in listed),
    )
