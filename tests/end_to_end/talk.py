"""What the conversations about comments share: readers who are no newcomers, an editor, and words that are posted."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.playground.people import EDITH
from bot.storage.comment_tables import comments
from tests.end_to_end.conftest import print_morning
from tests.town import READER, RUSSIAN, Papers, Town, TownClock, labels, open_town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

STORY = "s1"


@asynccontextmanager
async def edited_town(folder: Path, **settings: Any) -> AsyncIterator[Town]:
    """A town with an editor, where Maya and Irina have been readers for some days."""
    clock, papers = TownClock(), Papers()
    print_morning(papers, clock)
    async with open_town(folder, clock=clock, papers=papers, admin_ids=str(EDITH), **settings) as town:
        await town.news()
        for person in (READER, RUSSIAN):
            await town.join(person)
        await town.after(lambda: town.telegram.start(EDITH), EDITH)
        clock.advance(days=2)
        yield town
        assert town.refused() == [], "Telegram refused a call"


async def open_comments(town: Town, person: int = READER, story: str = STORY) -> dict[str, Any]:
    """Ask for what readers say of a story."""
    return await town.say(f"/comments {story}", person)


WRITE = ("Write the first", "Write", "Написать первым", "Написать")
FIRST_NAME = ("My first name", "Моё имя")


async def begin(town: Town, person: int = READER) -> dict[str, Any]:
    """Press Write under the comments of the story; the question for the words."""
    shown = await open_comments(town, person)
    label = next(one for row in labels(shown) for one in row if one in WRITE)
    asked = await town.press(label, person, shown)
    name = next((one for row in labels(asked) for one in row if one in FIRST_NAME), None)
    return await town.press(name, person, asked) if name else asked


async def post(town: Town, text: str, person: int = READER) -> dict[str, Any]:
    """Write a comment on the story; what the author is shown."""
    await begin(town, person)
    return await town.say(text, person)


async def reply(town: Town, number: int, text: str, person: int = RUSSIAN) -> dict[str, Any]:
    """Answer a comment of the first page by its number there."""
    shown = await open_comments(town, person)
    asked = await town.press("Reply" if person != RUSSIAN else "Ответить", person, shown)
    prompt = await town.press(str(number), person, asked)
    name = next((one for row in labels(prompt) for one in row if one in FIRST_NAME), None)
    if name:
        await town.press(name, person, prompt)
    return await town.say(text, person)


async def all_texts(town: Town) -> list[str]:
    """Every comment that is kept, the oldest first."""
    statement = sa.select(comments.c.text).order_by(comments.c.id)
    return list(await town.app.db.read(lambda connection: connection.execute(statement).scalars()))
