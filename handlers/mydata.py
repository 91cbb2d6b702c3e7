"""A reader's own data in the chat: what is kept, a file of it, moving it to another account, deleting it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import UserError
from bot.views import mydata as view

if TYPE_CHECKING:
    from telegram import Update

    from handlers.context import Context


async def privacy(_update: Update, context: Context) -> None:
    """/privacy: what is kept, and how to delete it."""
    reader = await context.known()
    await context.send(view.kept(context.voice(), known=reader is not None))


async def download(context: Context) -> None:
    """Everything that is kept, as a file."""
    reader = await context.reader()
    document = await context.newsroom.mydata.document(reader)
    await context.send_document(document, view.caption(context.voice()))


async def code(context: Context) -> None:
    """A new code for moving; worked on again it is another one, and the last one shown is valid."""
    reader = await context.reader()
    await context.turn(view.code(context.voice(), await context.newsroom.moving.code(reader)))


async def move(_update: Update, context: Context) -> None:
    """/move with a code, or the code alone, on the new account."""
    reader = await context.reader()
    if not context.words:
        raise UserError("move.how")
    moved = await context.newsroom.moving.move(context.update_id, reader, context.words)
    await context.send(view.moved_here(context.voice(moved)))


async def erase(context: Context) -> None:
    """Delete everything; who is gone already is told the same."""
    reader = await context.known()
    voice, mydata = context.voice(reader), context.newsroom.mydata
    runs_it = await mydata.runs_it(context.chat_id)
    await mydata.erase(context.chat_id)
    await context.turn(view.erased(voice, runs_it=runs_it))
