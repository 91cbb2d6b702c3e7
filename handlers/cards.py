"""The card of a story, which several conversations show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.views.story import Copy, card

if TYPE_CHECKING:
    from bot.domain.message import Message
    from bot.domain.news import Reader
    from handlers.context import Context


async def card_of(context: Context, reader: Reader, story_id: int) -> Message:
    """A story at a glance, as it is now.

    Raises:
        UserError: the story has left the archive.
    """
    reading = context.newsroom.reading
    opened = await reading.look(reader, story_id)
    tags = await reading.tags(opened.line)
    copy = Copy(opened.line, opened.telling, opened.saved, context.home, reader.page, tags)
    return card(context.voice(reader), copy)
