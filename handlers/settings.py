"""Settings in the chat: one message, one small choice at a time; stopping, and help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import UserError
from bot.views import notices, welcome
from bot.views import settings as view
from handlers import start

if TYPE_CHECKING:
    from telegram import Update

    from bot.domain.news import Reader
    from handlers.context import Context


async def settings(_update: Update, context: Context) -> None:
    """/settings."""
    reader = await context.reader()
    due = await context.newsroom.readers.due_at(context.chat_id)
    await context.send(view.settings(context.voice(), reader, due))


async def stop(_update: Update, context: Context) -> None:
    """/stop: less is offered before nothing."""
    reader = await context.reader()
    voice = context.voice()
    await context.send(view.stopped(voice) if reader.state == "stopped" else view.stop(voice, reader))


async def help_page(_update: Update, context: Context) -> None:
    """/help."""
    await context.known()
    await context.send(notices.help_page(context.voice(), context.newsroom.name))


async def ask(context: Context, screen: str) -> None:
    """A button that opens one choice."""
    await _show(context, await context.reader(), screen)


async def _show(context: Context, reader: Reader, screen: str) -> None:
    voice = context.voice(reader)
    match screen:
        case "settings":
            message = view.settings(voice, reader, await context.newsroom.readers.due_at(context.chat_id))
        case "languages":
            message = view.languages(voice, reader, await context.newsroom.readers.offer())
        case "desks":
            message = view.desks(voice, reader, await context.newsroom.readers.offer())
        case "place":
            message = view.place(voice, reader)
        case "hour":
            message = view.hour(voice, reader)
        case "few":
            message = view.few(voice, reader)
        case "page":
            message = view.page(voice, reader)
        case "language":
            message = view.language(voice)
        case "stop":
            message = view.stop(voice, reader)
        case _:
            raise UserError("error.old_button")
    await context.turn(message)


async def clock(context: Context, minutes: str, more: str) -> None:
    """The reader told what time it is: which of the places with that clock?"""
    await context.reader()
    if not minutes.removeprefix("-").isdecimal():
        raise UserError("error.old_button")
    await context.turn(welcome.cities(context.voice(), int(minutes), everything=more == "more"))


async def tick(context: Context, field: str, value: str, *, on: bool) -> None:
    """A language or a desk ticked or unticked; the screen it stands on shows the new state."""
    before = await context.reader()
    after = await context.newsroom.readers.toggle(context.update_id, context.chat_id, field, value, on=on)
    await start.show_step(context, after or before, field)


async def choose(context: Context, field: str, value: str) -> None:
    """A button that sets something, and leads to the screen that shows the new state.

    What comes next depends on the button alone, so that a press that is worked on again is answered as before.
    """
    before = await context.reader()
    reader = await context.newsroom.readers.choose(context.update_id, context.chat_id, field, value) or before
    if field == "first":
        await start.finish(context, reader)
    elif field == "state" or reader.step == "done":
        await _show(context, reader, "settings")
    else:
        await start.show_step(context, reader, reader.step)
