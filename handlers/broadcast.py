"""Preparing what goes to many readers; rights are asked anew at every press."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.domain.broadcasts import State
from bot.domain.buttons import token
from bot.domain.people import Right
from bot.errors import UserError
from bot.views import broadcast as view
from handlers import campaigns, lists, quoting, settings

if TYPE_CHECKING:
    from telegram import Update

    from bot.domain.campaigns import Preflight
    from bot.domain.news import Reader
    from handlers.context import Context


async def broadcast(update: Update, context: Context) -> None:
    """/broadcast, with a story and what the editors say to it, as a reply to what shall be sent, or alone.

    To everybody else this is no command.
    """
    reader = await context.known()
    if reader is None or not await context.newsroom.people.allowed(reader.chat_id, Right.BROADCAST):
        await settings.unknown(update, context)
        return
    if context.reply_to is not None and await _replied(context, reader):
        return
    if not context.words:
        await what(context)
        return
    await _draft(context, reader)


async def _replied(context: Context, reader: Reader) -> bool:
    """Prepare the story or the content of the message that the command replies to; the words go above it.

    Returns:
        False where the first word means another story.
    """
    newsroom, which = context.newsroom, context.words.partition(" ")[0]
    if which and await newsroom.lists.meant(reader, which, context.reply_to) is not None:
        return False
    if which and context.addresses and context.addresses[0].endswith(which):
        return False
    if (story_id := quoting.told(context)) is not None:
        await story(context, story_id, context.words)
        return True
    own = await quoting.quoted(context)
    if own is None:
        return False
    drafts, origin = newsroom.broadcasts, context.message_id or 0
    found = await drafts.draft_message(context.update_id, reader, origin, own)
    if context.words and found.broadcast.state is State.DRAFT:
        found = await drafts.note(reader, found.broadcast.id, context.words)
    await present(context, found)
    return True


async def what(context: Context, wrong: UserError | None = None) -> None:
    """Ask which story, in the place of the message whose button was pressed."""
    reader = await context.reader()
    await context.newsroom.broadcasts.ask(context.update_id, reader, "sendwhat")
    opened = None
    if reader.opened_story_id is not None:
        opened = await context.newsroom.broadcasts.line(reader, reader.opened_story_id)
    await context.turn(view.what(context.voice(), opened, wrong))


async def _draft(context: Context, reader: Reader) -> None:
    """Prepare the story that the first word means; the others are what the editors say to it."""
    which, _, note = context.words.partition(" ")
    story_id = await context.newsroom.lists.meant(reader, which, context.reply_to)
    if story_id is None and context.addresses and context.addresses[0].endswith(which):
        story_id = await lists.linked(context)
    if story_id is None:
        await what(context)
        return
    await story(context, story_id, note)


async def story(context: Context, story_id: int, note: str = "") -> None:
    """Prepare a story; its text is fetched beforehand."""
    reader, newsroom = await context.reader(), context.newsroom.broadcasts
    drafting = newsroom.draft(context.update_id, reader, context.message_id or 0, story_id, note)
    await present(context, await context.with_sign("typing", drafting))


async def present(context: Context, found: Preflight) -> None:
    """Show exactly what readers get, and below it to whom it goes; what has begun is shown as it goes."""
    if found.broadcast.state is not State.DRAFT:
        await campaigns.look(context, found.broadcast.id)
        return
    voice = context.voice()
    shown = await context.send(view.content(voice, found.broadcast, found.line))
    await context.send(view.preflight(voice, found), reply_to=shown)


async def look(context: Context, broadcast_id: int, where: str) -> None:
    """A broadcast as it stands, or whom a draft is for."""
    reader = await context.reader()
    standing = await context.newsroom.campaigns.look(reader, broadcast_id)
    found = standing.broadcast
    if found.state is not State.DRAFT:
        await campaigns.look(context, broadcast_id)
    elif found.parent_id is not None:
        await campaigns.repair(context, broadcast_id)
    else:
        await _turn(context, await context.newsroom.broadcasts.look(reader, broadcast_id), where)


async def _turn(context: Context, found: Preflight, where: str) -> None:
    voice = context.voice()
    match where:
        case "audience":
            await context.turn(view.audience(voice, found))
        case "desk":
            await context.turn(view.desks(voice, found, await context.newsroom.desk.desks()))
        case _:
            await context.turn(view.preflight(voice, found))


async def choose(context: Context, broadcast_id: int, what: str, *value: str) -> None:
    """Aim a draft, or take its words away; the numbers change with it."""
    reader, newsroom = await context.reader(), context.newsroom.broadcasts
    match what:
        case "lang":
            found = await newsroom.choose_language(reader, broadcast_id, value[0], on=value[1] == "1")
        case "desk":
            names = await context.newsroom.desk.desks()
            name = next((one for one in names if token(one) == value[0]), "") if value[0] else ""
            found = await newsroom.choose(reader, broadcast_id, desk=name)
        case "lately" | "again" | "urgent":
            found = await newsroom.choose(reader, broadcast_id, **{what: value[0] == "1"})
        case "note":
            await present(context, await newsroom.note(reader, broadcast_id, ""))
            return
        case _:
            raise UserError("error.old_button")
    await _turn(context, found, "audience")


async def ask(context: Context, broadcast_id: int, kind: str) -> None:
    """Ask for a story, for words, or for a time."""
    if kind == "sendwhat":
        await what(context)
        return
    reader, newsroom, voice = await context.reader(), context.newsroom.broadcasts, context.voice()
    await newsroom.ask(context.update_id, reader, kind, broadcast_id)
    if kind == "sendat":
        await context.turn(view.ask_time(voice, broadcast_id))
    else:
        await context.turn(view.ask_note(voice, await newsroom.look(reader, broadcast_id)))


async def answer(context: Context, kind: str, about: dict[str, Any]) -> None:
    """Take a message for what was asked; where it is none, the next one is waited for."""
    reader, newsroom, broadcast_id = (
        await context.reader(),
        context.newsroom.broadcasts,
        about["broadcast_id"],
    )
    if kind == "sendnote":
        await present(context, await newsroom.note(reader, broadcast_id, context.words))
    elif kind == "sendwhat":
        try:
            await _draft(context, reader)
        except UserError as wrong:
            await what(context, wrong)
    else:
        try:
            at = newsroom.moment(reader, context.words)
        except UserError as wrong:
            await newsroom.ask(context.update_id, reader, "sendat", broadcast_id)
            await context.send(view.ask_time(context.voice(), broadcast_id, wrong))
            return
        await newsroom.send(context.update_id, reader, broadcast_id, None, at)
        await campaigns.look(context, broadcast_id)


async def copy(context: Context, broadcast_id: int) -> None:
    """What readers get, as a message of its own."""
    found = await context.newsroom.broadcasts.look(await context.reader(), broadcast_id)
    await context.send(view.content(context.voice(), found.broadcast, found.line))


async def send(context: Context, broadcast_id: int) -> None:
    """Let it go out in ten seconds; this message shows how it goes."""
    reader = await context.reader()
    await context.newsroom.broadcasts.send(context.update_id, reader, broadcast_id, context.message_id)
    await campaigns.look(context, broadcast_id)


async def confirm(context: Context, broadcast_id: int) -> None:
    """Let go out what another editor has asked for."""
    reader = await context.reader()
    await context.newsroom.broadcasts.confirm(context.update_id, reader, broadcast_id)
    await campaigns.look(context, broadcast_id)
