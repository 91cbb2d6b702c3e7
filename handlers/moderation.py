"""The editors' desk for comments in the chat, and what authors say to its decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import UserError
from bot.views import comments as comments_view
from bot.views import moderation as view
from handlers import settings

if TYPE_CHECKING:
    from telegram import Update

    from bot.services.moderation import Moderation
    from handlers.context import Context

QUESTIONS = frozenset({"hide", "mute", "ban"})
"""Decisions that something is asked about first."""


def desk(context: Context) -> Moderation:
    """The use cases.

    Raises:
        UserError: the newsroom takes no comments.
    """
    if context.newsroom.moderation is None:
        raise UserError("error.old_button")
    return context.newsroom.moderation


async def reports(update: Update, context: Context) -> None:
    """/reports: what waits for the editors; to everybody else this is no command."""
    reader = await context.known()
    if reader is None or not await desk(context).is_moderator(reader.chat_id):
        await settings.unknown(update, context)
        return
    case, place, number = await desk(context).queue(reader)
    await context.send(view.case(context.voice(), case, place, number))


async def queue(context: Context, place: int, done: str = "") -> None:
    """Another case, in its place."""
    reader = await context.reader()
    case, place, number = await desk(context).queue(reader, place)
    await context.turn(view.case(context.voice(), case, place, number, done))


async def ask(context: Context, comment_id: int, what: str, place: int) -> None:
    """Why, or for how long."""
    case = await desk(context).case(await context.reader(), comment_id)
    if what not in QUESTIONS:
        raise UserError("error.old_button")
    await context.turn(view.question(context.voice(), case, what, place))


async def judge(context: Context, comment_id: int, what: str, why: str, place: int) -> None:
    """Decide, and go on to the next case."""
    await desk(context).decide(context.update_id, await context.reader(), comment_id, what, why)
    await queue(context, place, what)


async def object_to(context: Context, comment_id: int) -> None:
    """An author does not agree."""
    await desk(context).object_to(context.update_id, await context.reader(), comment_id)
    await context.turn(comments_view.objected(context.voice()))
