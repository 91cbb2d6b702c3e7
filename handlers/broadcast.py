"""Sending a story to many readers; rights are asked anew at every press."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.broadcasts import State
from bot.domain.people import Right
from bot.errors import UserError
from bot.views import broadcast as view
from handlers import lists, settings

if TYPE_CHECKING:
    from telegram import Update

    from bot.domain.broadcasts import Broadcast
    from bot.domain.message import Message
    from bot.services.broadcasts import Preflight
    from handlers.context import Context


async def broadcast(update: Update, context: Context) -> None:
    """/broadcast, with a story and what the editors say to it; to everybody else this is no command."""
    reader = await context.known()
    if reader is None or not await context.newsroom.people.allowed(reader.chat_id, Right.BROADCAST):
        await settings.unknown(update, context)
        return
    which, _, note = context.words.partition(" ")
    story_id = await context.newsroom.lists.meant(reader, which, context.reply_to)
    if story_id is None and context.addresses and context.addresses[0].endswith(which):
        story_id = await lists.linked(context)
    if story_id is None:
        raise UserError("broadcast.what")
    found = await context.newsroom.broadcasts.draft(context.update_id, reader, story_id, note)
    await context.send(view.story(context.voice(), found.line, found.broadcast.note))
    await context.send(_preflight(context, found))


async def choose(context: Context, broadcast_id: int, language: str, *, on: bool) -> None:
    """A language ticked or unticked; the numbers change with it."""
    reader = await context.reader()
    found = await context.newsroom.broadcasts.choose(reader, broadcast_id, language, on=on)
    await context.turn(_preflight(context, found))


async def send(context: Context, broadcast_id: int) -> None:
    """Begin to send; this message shows how it goes."""
    reader, newsroom = await context.reader(), context.newsroom.broadcasts
    begun = await newsroom.send(context.update_id, reader, broadcast_id, context.message_id)
    await _show(context, begun)


async def stop(context: Context, broadcast_id: int) -> None:
    """Give a draft up, or send no more of what is being sent."""
    reader = await context.reader()
    stopped = await context.newsroom.broadcasts.stop(context.update_id, reader, broadcast_id)
    await _show(context, stopped)


async def _show(context: Context, shown: Broadcast) -> None:
    if shown.state is State.STOPPED and shown.begun_at is None:
        await context.turn(view.given_up(context.voice()))
        return
    how = await context.newsroom.broadcasts.progress(shown.id)
    await context.turn(view.progress(context.voice(), shown, how))


def _preflight(context: Context, found: Preflight) -> Message:
    return view.preflight(context.voice(), found.broadcast, found.line, found.audience)
