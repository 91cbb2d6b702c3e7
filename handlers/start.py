"""The first conversation, and /start by one who is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.buttons import token
from bot.domain.people import CLAIM
from bot.domain.places import PLACES, named, nearest
from bot.domain.written import minute_of_day
from bot.errors import UserError
from bot.texts.catalogue import city_names
from bot.views import choices, notices, welcome
from bot.views.voice import CHOICES
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


async def answered(context: Context) -> bool:
    """Take words for the answer to the place or the hour of the first conversation; False where neither is asked.

    What is no answer brings the question again.
    """
    reader = await context.known()
    if reader is None or reader.step not in {"place", "hour"}:
        return False
    minute = minute_of_day(context.words)
    if reader.step == "place":
        await _placed(context, reader, minute)
    elif minute is None:
        await context.send(await _step(context, reader, "hour"))
    else:
        await _hour_told(context, reader, minute)
    return True


async def _placed(context: Context, reader: Reader, minute: int | None) -> None:
    """A reader wrote what time it is, or a city."""
    voice, readers = context.voice(reader), context.newsroom.readers
    cities = [] if minute is not None else named(context.words, city_names(reader.language, PLACES))
    if minute is not None:
        await context.send(welcome.cities(voice, nearest(minute, voice.now)))
    elif len(cities) == 1:
        there = await readers.choose(context.update_id, context.chat_id, "zone", cities[0]) or reader
        await context.send(await _step(context, there, "hour"))
    elif cities:
        await context.send(welcome.called_alike(voice, cities))
    else:
        hours = await context.newsroom.numbers.hours()
        await context.send(welcome.place(voice, reader, hours, unknown=True))


async def _hour_told(context: Context, reader: Reader, minute: int) -> None:
    """A reader wrote the hour of the digest: the first conversation ends with a message of its own."""
    newsroom = context.newsroom
    after = await newsroom.readers.choose(context.update_id, context.chat_id, "first", str(minute)) or reader
    shown = await newsroom.lists.first(context.update_id, after)
    due = await newsroom.readers.due_at(context.chat_id)
    message_id = await context.send(welcome.done(context.voice(after), after, due, shown.lines))
    await newsroom.lists.note_shown(shown.listing.id, message_id)


async def step(context: Context, name: str, page: int) -> None:
    """A button that leads to a step of the first conversation, or to a further page of it."""
    reader = await context.reader()
    if name not in welcome.STEPS:
        raise UserError("error.old_button")
    reader = await context.newsroom.readers.step(context.update_id, context.chat_id, name) or reader
    await show_step(context, reader, name, page)


async def show_step(context: Context, reader: Reader, name: str, page: int = 0) -> None:
    """Show a step, in the place of the one before."""
    await context.turn(await _step(context, reader, name, page))


async def show_ticked(context: Context, reader: Reader, field: str, value: str) -> None:
    """Show the languages or desks again, where the one of which `value` is the token stands."""
    offer = await context.newsroom.readers.offer()
    names = offer.languages if field == "languages" else offer.desks
    place = next((at for at, name in enumerate(names) if token(name) == value), 0)
    # The first page of languages has those that are chosen, wherever they stand.
    first = field == "languages" and reader.step != "done"
    await show_step(context, reader, field, 0 if first else place // CHOICES)


async def _step(context: Context, reader: Reader, name: str, page: int = 0) -> Message:
    """A step of the first conversation; for a reader who is known, the setting that it stands for."""
    voice = context.voice(reader)
    offer = await context.newsroom.readers.offer()
    done = reader.step == "done"
    match name:
        case "languages" if done:
            return choices.languages(voice, reader, offer, page)
        case "languages":
            return welcome.languages(voice, reader, offer, page, newsroom=context.newsroom.name)
        case "desks":
            shown = choices.desks if done else welcome.desks
            return shown(voice, reader, offer, page)
        case "place" if done:
            return choices.place(voice, reader, everything=page > 0)
        case "place":
            hours = await context.newsroom.numbers.hours()
            return welcome.place(voice, reader, hours, everything=page > 0)
        case _:
            hours = await context.newsroom.numbers.hours()
            if done:
                return choices.hour(voice, reader, hours)
            return welcome.hour(voice, hours, everything=page > 0)


async def finish(context: Context, reader: Reader) -> None:
    """The end: when the first digest comes, and three stories until then."""
    if context.message_id is None:
        return
    shown = await context.newsroom.lists.first(context.update_id, reader, context.message_id)
    due = await context.newsroom.readers.due_at(context.chat_id)
    await context.turn(welcome.done(context.voice(reader), reader, due, shown.lines))
