"""/digest: what is new, before the hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.views import notices

if TYPE_CHECKING:
    from telegram import Update

    from handlers.context import Context


async def digest(_update: Update, context: Context) -> None:
    """What is new since the last digest, now."""
    reader = await context.reader()
    made = await context.newsroom.digests.on_demand(context.update_id, reader)
    if made is None:
        voice = context.voice()
        await context.send(notices.nothing_new(voice, reader.covered_until, reader.desks))
        return
    listing, message = made
    await context.newsroom.lists.note_shown(listing.id, await context.send(message))
