"""Stories at the editors' desk; rights are asked anew at every press."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.buttons import token
from bot.errors import UserError
from bot.views import editing as view
from handlers import lists

if TYPE_CHECKING:
    from bot.domain.message import Message
    from bot.domain.news import Reader
    from handlers.context import Context


async def sheet(context: Context, story_id: int, *, anew: bool = False) -> None:
    """A story as editors see it, in its place or in a new message."""
    shown = await context.newsroom.editing.sheet(await context.reader(), story_id)
    message = view.sheet(context.voice(), shown)
    if anew:
        await context.send(message)
    else:
        await context.turn(message)


async def ask(context: Context, story_id: int, what: str) -> None:
    """A question before a story is changed."""
    reader, editing, voice = await context.reader(), context.newsroom.editing, context.voice()
    shown = await editing.sheet(reader, story_id)
    match what:
        case "down":
            await context.turn(view.ask_down(voice, shown))
        case "desk":
            await context.turn(view.desks(voice, shown, await context.newsroom.desk.desks()))
        case "split":
            await context.turn(view.ask_split(voice, shown))
        case "headline" | "merge":
            await editing.ask(context.update_id, reader, what, story_id)
            await context.turn(view.ask_words(voice, shown, what))
        case _:
            raise UserError("error.old_button")


async def change(context: Context, story_id: int, what: str, more: str) -> None:
    """Change a story, and show it as it is now."""
    reader, editing, update_id = await context.reader(), context.newsroom.editing, context.update_id
    match what:
        case "down" | "back":
            shown = await editing.withdraw(update_id, reader, story_id, on=what == "down")
        case "original":
            shown = await editing.name(update_id, reader, story_id, "")
        case "settle":
            shown = await editing.settle(update_id, reader, story_id)
        case "desk":
            name = next((one for one in await context.newsroom.desk.desks() if token(one) == more), None)
            if name is None:
                raise UserError("error.old_button")
            shown = await editing.move(update_id, reader, story_id, name)
        case "merge":
            shown = await editing.merge(update_id, reader, story_id, int(more or 0))
        case "split":
            shown = await editing.split(update_id, reader, story_id, int(more or 0))
        case _:
            raise UserError("error.old_button")
    await context.turn(view.sheet(context.voice(), shown, what))


async def answer(context: Context, kind: str, story_id: int) -> None:
    """Take a message for the headline, or for the story to merge with, that was asked for.

    Where it is none, the next one is waited for.
    """
    reader, editing = await context.reader(), context.newsroom.editing
    try:
        message = await _answered(context, reader, kind, story_id)
    except UserError as wrong:
        asked = await editing.ask(context.update_id, reader, kind, story_id)
        message = view.ask_words(context.voice(), asked, kind, wrong)
    await context.send(message)


async def _answered(context: Context, reader: Reader, kind: str, story_id: int) -> Message:
    editing, voice = context.newsroom.editing, context.voice()
    if kind == "headline":
        shown = await editing.name(context.update_id, reader, story_id, context.words)
        return view.sheet(voice, shown, "headline")
    other = await lists.meant(context)
    if other is None:
        raise UserError("edit.which")
    return view.ask_merge(voice, *await editing.pair(reader, story_id, other))
