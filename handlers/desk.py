"""The editors' desk in the chat; rights are asked anew at every press."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.buttons import token
from bot.domain.doctor import advice
from bot.domain.people import Right, may
from bot.domain.sampling import Nearby
from bot.errors import UserError
from bot.services.people import ENTRIES
from bot.views import adding as adding_view
from bot.views import desk as view
from bot.views import editing as editing_view
from bot.views import people as people_view
from handlers import campaigns, following, moderation, numbers, settings

if TYPE_CHECKING:
    from telegram import Update

    from bot.domain.message import Message
    from bot.domain.news import Reader
    from handlers.context import Context


async def desk(update: Update, context: Context) -> None:
    """/desk: how the newsroom does; to everybody else this is no command."""
    reader = await context.known()
    if reader is None or not await context.newsroom.people.allowed(reader.chat_id, Right.DESK):
        await settings.unknown(update, context)
        return
    await context.send(await _home(context, reader))


async def log(update: Update, context: Context) -> None:
    """/log: what was done at the desk."""
    reader = await context.known()
    if reader is None or not await context.newsroom.people.allowed(reader.chat_id, Right.LOG):
        await settings.unknown(update, context)
        return
    await context.send(await _log(context, 0))


async def show(context: Context, place: str, page: int) -> None:
    """A door of the desk, in its place."""
    reader = await context.reader()
    needed = {"home": Right.DESK, "people": Right.PEOPLE, "log": Right.LOG}
    needed |= {"reports": Right.COMMENTS, "stories": Right.STORIES, "numbers": Right.NUMBERS}
    needed |= {"broadcasts": Right.BROADCAST}
    await context.newsroom.people.check(reader.chat_id, needed.get(place, Right.FEEDS))
    newsroom, voice = context.newsroom, context.voice()
    match place:
        case "home":
            await context.turn(await _home(context, reader))
        case "log":
            await context.turn(await _log(context, page))
        case "numbers":
            await numbers.page(context)
        case "people":
            await context.turn(people_view.people(voice, await newsroom.people.everybody(), page))
        case "broadcasts":
            await campaigns.listing(context)
        case "reports":
            await moderation.queue(context, 0)
        case "stories":
            await context.turn(editing_view.concerns(voice, await newsroom.editing.concerns(), page))
        case "failing":
            await context.turn(view.feeds(voice, (await newsroom.desk.state()).failing, page, "failing"))
        case "feeds":
            await context.turn(view.feeds(voice, await newsroom.desk.feeds(), page, "feeds"))
        case _:
            raise UserError("error.old_button")


async def feed(context: Context, feed_id: int) -> None:
    """One feed, in the list's place."""
    reader = await context.reader()
    await context.newsroom.people.check(reader.chat_id, Right.FEEDS)
    await context.turn(view.feed(context.voice(), await context.newsroom.desk.feed(feed_id)))


async def ask(context: Context, feed_id: int, what: str) -> None:
    """A question before a feed is changed."""
    reader = await context.reader()
    await context.newsroom.people.check(reader.chat_id, Right.FEEDS)
    card = await context.newsroom.desk.feed(feed_id)
    match what:
        case "remove":
            await context.turn(view.remove(context.voice(), card))
        case "texts":
            await context.turn(view.texts(context.voice(), card))
        case "name":
            await context.newsroom.desk.ask_name(context.update_id, reader, feed_id)
            await context.turn(view.ask_name(context.voice(), card))
        case _:
            await context.turn(view.desks(context.voice(), card, await context.newsroom.desk.desks()))


async def name(context: Context, feed_id: int) -> None:
    """Take a message for the name of a feed that was asked for; where it is none, the next one is waited for."""
    reader, newsroom, update_id = await context.reader(), context.newsroom.desk, context.update_id
    try:
        card = await newsroom.rename(update_id, reader, feed_id, context.words)
    except UserError as wrong:
        asked = await newsroom.ask_name(update_id, reader, feed_id)
        await context.send(view.ask_name(context.voice(), asked, wrong))
        return
    await context.send(view.feed(context.voice(), card, "name"))


async def cure(context: Context, feed_id: int) -> None:
    """What stands at the address that the doctor found for a feed."""
    reader, newsroom = await context.reader(), context.newsroom
    await newsroom.people.check(reader.chat_id, Right.FEEDS)
    address = advice((await newsroom.desk.feed(feed_id)).feed).url
    if not address:
        raise UserError("error.old_button")
    looking = newsroom.adding.look(context.update_id, reader, address)
    voice = context.voice()
    try:
        found = await following.waiting(context, address, looking)
    except UserError as wrong:
        await context.send(adding_view.no_cure(voice, wrong, feed_id))
        return
    if isinstance(found, Nearby):
        await context.send(adding_view.no_cure(voice, UserError("source.not_a_feed"), feed_id))
    else:
        await context.send(adding_view.cure(voice, found.sample, feed_id))


async def change(context: Context, feed_id: int, what: str, more: str) -> None:
    """Change a feed, and show it as it is now."""
    reader, newsroom = await context.reader(), context.newsroom.desk
    match what:
        case "try":
            card = await newsroom.try_now(context.update_id, reader, feed_id)
        case "pause" | "resume":
            card = await newsroom.pause(context.update_id, reader, feed_id, on=what == "pause")
        case "remove":
            card = await newsroom.remove(context.update_id, reader, feed_id)
        case "texts":
            card = await newsroom.show_texts(context.update_id, reader, feed_id, more)
        case "take":
            card = await newsroom.take_advice(context.update_id, reader, feed_id)
        case "return":
            card = await newsroom.old_address(context.update_id, reader, feed_id)
        case "desk":
            name = next((one for one in await context.newsroom.desk.desks() if token(one) == more), "")
            card = await newsroom.move(context.update_id, reader, feed_id, name)
        case _:
            raise UserError("error.old_button")
    await context.turn(view.feed(context.voice(), card, what))


async def _home(context: Context, reader: Reader) -> Message:
    newsroom = context.newsroom
    role = await newsroom.people.role(reader.chat_id)
    rights = frozenset(right for right in Right if may(role, right))
    reports = await newsroom.moderation.waiting() if newsroom.moderation else 0
    state, hours = await newsroom.desk.state(), await newsroom.numbers.hours()
    return view.home(context.voice(), newsroom.name, state, rights, reports, hours)


async def _log(context: Context, page: int) -> Message:
    return view.log(context.voice(), await context.newsroom.people.deeds(page), page, ENTRIES)
