"""The tags of a story: those of its candidates that lead to other stories as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.searching import terms
from bot.domain.tags import MOST, candidates
from bot.storage import articles, search
from bot.texts.catalogue import days_and_months

if TYPE_CHECKING:
    from bot.storage.database import Connection


def tags(connection: Connection, story_id: int, desk: str) -> tuple[str, ...]:
    """At most `MOST` words that lead from a story to others."""
    told = search.words_of(connection, story_id)
    if told is None:
        return ()
    categories = articles.categories_of(connection, story_id)
    found: list[str] = []
    dull = days_and_months(told.language)
    for tag in candidates(categories, desk, told.title, told.body, told.language, dull):
        if len(found) < MOST and len(search.stories_with(connection, terms(tag), (), 2)) > 1:
            found.append(tag)
    return tuple(found)
