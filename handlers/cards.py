"""The card of a story, which several conversations show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.views.story import Copy, card

if TYPE_CHECKING:
    from bot.domain.message import Message
    from bot.domain.news import Reader
    from bot.services.reading import OpenedStory
    from handlers.context import Context


def counted(context: Context, opened: OpenedStory) -> int | None:
    """How many comments there are to read; None where the newsroom takes none."""
    return opened.comments if context.newsroom.comments is not None else None


async def card_of(context: Context, reader: Reader, story_id: int) -> Message:
    """A story at a glance, as it is now.

    Raises:
        UserError: the story has left the archive.
    """
    reading = context.newsroom.reading
    opened = await reading.look(reader, story_id)
    tags = await reading.tags(opened.line)
    copy = Copy(
        opened.line, opened.telling, opened.saved, context.home, reader.page, tags, counted(context, opened)
    )
    return card(context.voice(reader), copy)
