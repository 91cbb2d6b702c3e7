"""Settings in the chat: one message, one small choice at a time; less, stopping, and help."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from bot.errors import UserError
from bot.views import choices, less, mydata, notices, welcome
from bot.views import settings as view
from handlers import start

if TYPE_CHECKING:
    from telegram import Update

    from bot.domain.message import Message
    from bot.domain.news import Reader
    from handlers.context import Context


GUESSED: Final = (
    *notices.COMMANDS,
    "read",
    "related",
    "brief",
    "save",
    "follow",
    "export",
    "privacy",
    "move",
    "start",
)
"""The commands that may have been meant; those of the desk are nobody's business."""
LIKENESS: Final = 0.6
"""How alike two words are where one may have been meant, from 0 to 1."""


async def settings(_update: Update, context: Context) -> None:
    """/settings."""
    reader = await context.reader()
    due = await context.newsroom.readers.due_at(context.chat_id)
    await context.send(view.settings(context.voice(), reader, due))


async def stop(_update: Update, context: Context) -> None:
    """/stop: less is offered before nothing."""
    reader = await context.reader()
    await context.send(less.too_much(context.voice(), reader))


async def help_page(_update: Update, context: Context) -> None:
    """/help."""
    await context.known()
    await context.send(
        notices.help_page(
            context.voice(), context.newsroom.name, comments=context.newsroom.comments is not None
        )
    )


async def unknown(_update: Update, context: Context) -> None:
    """A command that there is not, or not for this person: the one that may have been meant, and the way to all."""
    await context.known()
    asked = context.command.lower()
    near = get_close_matches(asked, GUESSED, 1, LIKENESS)
    await context.send(notices.unknown(context.voice(), near[0] if near else ""))


async def ask(context: Context, screen: str, detail: int) -> None:
    """A button that opens one choice; `detail` is what was chosen on the screen before."""
    await _show(context, await context.reader(), screen, detail)


async def _show(context: Context, reader: Reader, screen: str, detail: int = 0) -> None:
    voice, readers = context.voice(reader), context.newsroom.readers
    match screen:
        case "settings":
            message = view.settings(voice, reader, await readers.due_at(context.chat_id))
        case "languages" | "desks" | "hour" | "hours":
            message = await _choice(context, reader, screen, detail)
        case "quiet_to" if detail in choices.HOURS:
            message = choices.quiet_to(voice, detail)
        case "stop":
            message = less.too_much(voice, reader)
        case "pause":
            message = less.pause(voice)
        case "data":
            message = mydata.kept(voice)
        case "erase" | "erase_again":
            runs_it = await context.newsroom.mydata.runs_it(context.chat_id)
            message = mydata.erase(voice, again=screen == "erase_again", runs_it=runs_it)
        case _ if screen in choices.SCREENS:
            message = choices.SCREENS[screen](voice, reader)
        case _:
            raise UserError("error.old_button")
    await context.turn(message)


async def _choice(context: Context, reader: Reader, screen: str, page: int) -> Message:
    """A choice that needs to know what is on offer, of which there may be several pages."""
    voice, newsroom = context.voice(reader), context.newsroom
    match screen:
        case "languages":
            return choices.languages(voice, reader, await newsroom.readers.offer(), page)
        case "desks":
            return choices.desks(voice, reader, await newsroom.readers.offer(), page)
        case "hour":
            return choices.hour(voice, reader, await newsroom.numbers.hours())
        case _:
            return choices.hours(voice, reader, await newsroom.numbers.hours())


async def clock(context: Context, minutes: str, more: str) -> None:
    """The reader told what time it is: which of the places with that clock?"""
    await context.reader()
    if not minutes.removeprefix("-").isdecimal():
        raise UserError("error.old_button")
    await context.turn(welcome.cities(context.voice(), int(minutes), everything=more == "more"))


async def tick(context: Context, field: str, value: str, *, on: bool) -> None:
    """A language, a desk or an hour ticked or unticked; the screen it stands on shows the new state."""
    before = await context.reader()
    after = await context.newsroom.readers.toggle(context.update_id, context.chat_id, field, value, on=on)
    if field == "hours":
        await _show(context, after or before, field)
    else:
        await start.show_ticked(context, after or before, field, value)


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


async def choose_less(context: Context, field: str, value: str, before: str) -> None:
    """A button that makes something less; the answer has the one that takes it back."""
    known = await context.reader()
    reader = await context.newsroom.readers.choose(context.update_id, context.chat_id, field, value) or known
    due = await context.newsroom.readers.due_at(context.chat_id)
    await context.turn(less.done(context.voice(reader), reader, field, before, due))
