"""What goes to many readers, while it goes and afterwards; rights are asked anew at every press."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from bot.domain.broadcasts import UNBEGUN, Op, State
from bot.domain.message import from_document
from bot.errors import UserError
from bot.services.corrections import WHAT
from bot.views import broadcast as broadcast_view
from bot.views import campaign as view
from bot.views import corrections as corrections_view

if TYPE_CHECKING:
    from bot.domain.campaigns import Repair, Report, Standing
    from bot.domain.message import Message
    from handlers.context import Context

LISTED: Final = 8
"""Broadcasts on the desk's page."""


async def listing(context: Context) -> None:
    """The last broadcasts, in the desk's place."""
    found = await context.newsroom.broadcasts.last(await context.reader(), LISTED)
    await context.turn(view.listing(context.voice(), found))


async def look(context: Context, broadcast_id: int) -> None:
    """How a broadcast goes; this message shows it from now on, if it is the editor's own."""
    reader, newsroom = await context.reader(), context.newsroom
    standing = await newsroom.campaigns.look(reader, broadcast_id)
    if standing.broadcast.state is State.WAITING:
        alone = (await newsroom.broadcasts.look(reader, broadcast_id)).alone
        standing = replace(standing, alone=alone and standing.broadcast.editor_id == reader.chat_id)
    await _board(context, standing)


async def _board(context: Context, standing: Standing) -> None:
    message_id = await context.turn(view.board(context.voice(), standing))
    await context.newsroom.campaigns.shown(await context.reader(), standing, message_id)


async def pause(context: Context, broadcast_id: int) -> None:
    """Let nothing more leave for now."""
    reader = await context.reader()
    await _board(context, await context.newsroom.campaigns.pause(context.update_id, reader, broadcast_id))


async def resume(context: Context, broadcast_id: int) -> None:
    """Go on with what rests."""
    reader = await context.reader()
    await _board(context, await context.newsroom.campaigns.resume(context.update_id, reader, broadcast_id))


async def stop(context: Context, broadcast_id: int) -> None:
    """Give up what has not begun, or send no more of what is being sent."""
    reader, newsroom, update_id = await context.reader(), context.newsroom, context.update_id
    found = (await newsroom.campaigns.look(reader, broadcast_id)).broadcast
    if found.state in UNBEGUN:
        await newsroom.broadcasts.give_up(update_id, reader, broadcast_id)
        await _board(context, await newsroom.campaigns.look(reader, broadcast_id))
    else:
        await _board(context, await newsroom.campaigns.stop(update_id, reader, broadcast_id))


async def report(context: Context, broadcast_id: int) -> None:
    """How a broadcast went: a picture with its numbers, and the chats that it did not reach as a table."""
    reader = await context.reader()

    async def make() -> Report:
        return await context.newsroom.campaigns.report(reader, broadcast_id)

    made = await context.with_sign("upload_photo", make())
    voice = context.voice()
    await context.send_photo(made.picture, view.caption(voice, made.standing, made.course))
    if made.missed is not None:
        await context.send_document(made.missed, view.missed_caption(voice))


async def amend(context: Context, broadcast_id: int, what: str) -> None:
    """Ask how serious a correction is, then for its words."""
    reader, newsroom = await context.reader(), context.newsroom.corrections
    if what in WHAT:
        await newsroom.ask(context.update_id, reader, broadcast_id, what)
        await context.turn(corrections_view.ask(context.voice(), broadcast_id, what))
        return
    if what != "correct":
        raise UserError("error.old_button")
    await newsroom.check(reader, broadcast_id)
    await context.turn(corrections_view.how(context.voice(), broadcast_id))


async def answer(context: Context, about: dict[str, Any]) -> None:
    """Take a message for the words of a correction; what readers will see is shown first."""
    reader = await context.reader()
    drafted = await context.newsroom.corrections.draft(
        context.update_id,
        reader,
        context.message_id or 0,
        int(about["broadcast_id"]),
        about["what"],
        context.words,
    )
    if drafted.broadcast.state is not State.DRAFT:
        await look(context, drafted.broadcast.id)
        return
    voice = context.voice()
    shown = await context.send(_changed(context, drafted))
    await context.send(corrections_view.preflight(voice, drafted), reply_to=shown)


def _changed(context: Context, found: Repair) -> Message:
    voice = context.voice()
    if found.broadcast.op is Op.CORRECT:
        now = broadcast_view.content(voice, found.parent, found.line)
        return corrections_view.corrected(voice, found.broadcast, now)
    own = found.parent.document
    return corrections_view.withdrawn(voice, found.broadcast, from_document(own).media if own else ())


async def repair(context: Context, broadcast_id: int) -> None:
    """A correction before it begins, in its place."""
    found = await context.newsroom.corrections.look(await context.reader(), broadcast_id)
    await context.turn(corrections_view.preflight(context.voice(), found))


async def choose(context: Context, broadcast_id: int, what: str) -> None:
    """Explain a withdrawal, or delete what was sent."""
    reader = await context.reader()
    found = await context.newsroom.corrections.choose(reader, broadcast_id, what)
    await context.turn(corrections_view.preflight(context.voice(), found))


async def send(context: Context, broadcast_id: int) -> None:
    """Let a correction go out in ten seconds."""
    reader = await context.reader()
    await context.newsroom.corrections.send(context.update_id, reader, broadcast_id, context.message_id)
    await look(context, broadcast_id)
