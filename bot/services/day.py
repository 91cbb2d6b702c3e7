"""The day in a few sentences: what most papers tell, and of each story the sentence that says most."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from bot.domain.articles import Block, BlockKind
from bot.domain.brief import brief
from bot.storage import stories

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from bot.domain.news import Telling
    from bot.storage.database import Connection

STORIES: Final = 5
OF_A_DESK: Final = 2
"""Stories of one desk, so that the day is more than its loudest subject."""
_LOOKED_AT: Final = 50


def chosen(
    connection: Connection, since: datetime, languages: Sequence[str], desks: Sequence[str]
) -> list[tuple[int, str]]:
    """The stories since then that most papers tell, at most `STORIES`, each with its sentence."""
    busiest = stories.busiest(connection, since, languages, desks, _LOOKED_AT)
    return [(story_id, _sentence(stories.tellings(connection, story_id))) for story_id in _spread(busiest)]


def _spread(busiest: Iterable[tuple[int, str]]) -> list[int]:
    """The first ones of different desks; where these are too few, whatever comes next."""
    of_desk: Counter[str] = Counter()
    first: list[int] = []
    later: list[int] = []
    for story_id, desk in busiest:
        of_desk[desk] += 1
        (first if of_desk[desk] <= OF_A_DESK else later).append(story_id)
    return [*first, *later][:STORIES]


def _sentence(tellings: list[Telling]) -> str:
    """The weightiest sentence of a story's text, else of its teaser, else its headline."""
    for told in tellings:
        blocks = told.blocks or (Block(BlockKind.PARAGRAPH, told.teaser),)
        for sentence in brief(blocks, told.language, 1):
            return sentence.text
    return tellings[0].title if tellings else ""
