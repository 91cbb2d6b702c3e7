"""A pressed button: read, checked, and given to the handler of its verb."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from telegram.constants import ChatType

from bot.domain.buttons import opened
from bot.errors import UserError
from handlers import digest, lists, reading, settings, start

if TYPE_CHECKING:
    from telegram import Update

    from bot.domain.buttons import Press
    from handlers.context import Context


OPENING: Final = frozenset({"go", "rest", "whole"})
"""Verbs that open a new message; what `open` does is kept with the story's own opening."""


async def press(update: Update, context: Context) -> None:
    """Do what a button says. One that is not ours, or not for this chat, does nothing but say so."""
    query, chat = update.callback_query, update.effective_chat
    await context.notice()
    if query is None or chat is None or chat.type != ChatType.PRIVATE:
        return
    found = opened(query.data or "", context.newsroom.button_key, context.chat_id)
    if found is None:
        raise UserError("error.old_button")
    if found.verb in OPENING:
        await _once(update, context, found)
    else:
        await _route(update, context, found)


async def _once(update: Update, context: Context, found: Press) -> None:
    """Open something new, unless this is the second half of a double press."""
    reader, origin = await context.known(), context.origin()
    what = ":".join((found.verb, *found.arguments))
    if reader is None or origin is None:
        await _route(update, context, found)
        return
    if await context.newsroom.lists.pressed_twice(context.update_id, reader, origin, what):
        return
    try:
        await _route(update, context, found)
    finally:
        await context.newsroom.lists.note_press(context.update_id, reader, origin, what)


async def _route(update: Update, context: Context, found: Press) -> None:  # noqa: C901, PLR0912 - one line a verb
    arguments = (*found.arguments, "", "", "")
    match found.verb:
        case "open":
            await reading.open_story(context, found.number(0))
        case "page":
            await reading.page(context, found.number(0), found.number(1))
        case "whole":
            await reading.whole(context, found.number(0))
        case "save":
            await reading.keep(context, found.number(0), wanted=arguments[1] == "1")
        case "list":
            await lists.page(context, found.number(0), found.number(1))
        case "again":
            await lists.again(context, found.number(0))
        case "desks":
            await lists.desks(context, found.number(0))
        case "desk":
            await lists.desk(context, arguments[1])
        case "without":
            await lists.without(context, found.number(0), found.number(1))
        case "rest":
            await lists.rest(context)
        case "step":
            await start.step(context, arguments[0], arguments[1])
        case "clock":
            await settings.clock(context, arguments[0], arguments[1])
        case "ask":
            await settings.ask(context, arguments[0])
        case "set":
            await settings.choose(context, arguments[0], arguments[1], arguments[2])
        case "go":
            await _go(update, context, arguments[0])
        case _:
            raise UserError("error.old_button")


async def _go(update: Update, context: Context, where: str) -> None:
    """A button that stands for a command, and like it answers with a new message."""
    match where:
        case "digest":
            await digest.digest(update, context)
        case "latest":
            await lists.latest(update, context)
        case "saved":
            await lists.saved(update, context)
        case "settings":
            await settings.settings(update, context)
        case "help":
            await settings.help_page(update, context)
        case "start":
            await start.start(update, context)
        case "list":
            await lists.newest(context)
        case _:
            raise UserError("error.old_button")
