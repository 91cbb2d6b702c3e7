"""The first conversation, and /start by one who is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.people import CLAIM
from bot.errors import UserError
from bot.views import choices, notices, welcome
from handlers import people
from handlers.cards import card_of

if TYPE_CHECKING:
    from telegram import Update

    from bot.domain.message import Message
    from bot.domain.news import Reader
    from handlers.context import Context


async def start(_update: Update, context: Context) -> None:
    """/start, alone or with a story from a link."""
    user, wanted = context.event.effective_user, context.words
    is_story = wanted.startswith("s") and wanted[1:].isdecimal()
    reader = await context.newsroom.readers.meet(
        context.update_id,
        context.chat_id,
        user.first_name if user else "",
        context.app_language,
        by_link=is_story,
    )
    if is_story:
        await _linked_story(context, reader, int(wanted[1:16]))
    elif wanted.startswith(CLAIM):
        await people.claim(context, reader, wanted.removeprefix(CLAIM))
    elif reader.step == "done":
        due = await context.newsroom.readers.due_at(context.chat_id)
        await context.send(welcome.back(context.voice(reader), reader, due))
    else:
        await context.send(await _step(context, reader, "languages"))


async def _linked_story(context: Context, reader: Reader, story_id: int) -> None:
    """A story that somebody shared, or a word that it is gone; then a word to a newcomer."""
    try:
        shown = await card_of(context, reader, story_id)
    except UserError as gone:
        shown = notices.problem(context.voice(reader), gone)
    await context.send(context.inviting(reader, shown))


async def asked_again(context: Context) -> bool:
    """Ask the question of the first conversation again that only a button answers; False where none is open."""
    reader = await context.known()
    if reader is None or reader.step not in {"place", "hour"}:
        return False
    await context.send(await _step(context, reader, reader.step))
    return True


async def step(context: Context, name: str, more: str) -> None:
    """A button that leads to a step of the first conversation."""
    reader = await context.reader()
    if name not in welcome.STEPS:
        raise UserError("error.old_button")
    reader = await context.newsroom.readers.step(context.update_id, context.chat_id, name) or reader
    await show_step(context, reader, name, everything=more == "more")


async def show_step(context: Context, reader: Reader, name: str, *, everything: bool = False) -> None:
    """Show a step, in the place of the one before."""
    await context.turn(await _step(context, reader, name, everything=everything))


async def _step(context: Context, reader: Reader, name: str, *, everything: bool = False) -> Message:
    """A step of the first conversation; for a reader who is known, the setting that it stands for."""
    voice = context.voice(reader)
    offer = await context.newsroom.readers.offer()
    done = reader.step == "done"
    match name:
        case "languages" if done:
            return choices.languages(voice, reader, offer)
        case "languages":
            return welcome.languages(voice, reader, offer, newsroom=context.newsroom.name, more=everything)
        case "desks":
            return choices.desks(voice, reader, offer) if done else welcome.desks(voice, reader, offer)
        case "place" if done:
            return choices.place(voice, reader, everything=everything)
        case "place":
            hours = await context.newsroom.numbers.hours()
            return welcome.place(voice, reader, hours, everything=everything)
        case _:
            hours = await context.newsroom.numbers.hours()
            if done:
                return choices.hour(voice, reader, hours)
            return welcome.hour(voice, hours, everything=everything)


async def finish(context: Context, reader: Reader) -> None:
    """The end: when the first digest comes, and three stories until then."""
    if context.message_id is None:
        return
    shown = await context.newsroom.lists.first(context.update_id, reader, context.message_id)
    due = await context.newsroom.readers.due_at(context.chat_id)
    await context.turn(welcome.done(context.voice(reader), reader, due, shown.lines))
