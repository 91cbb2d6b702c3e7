"""Lists of feeds that are sent to the chat, and the one that is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.domain.message import Document
from bot.errors import UserError
from bot.gateway.failures import CallFailed
from bot.services.subscriptions import LARGEST
from bot.views import adding as desk_view
from bot.views import subscriptions as view
from handlers import adding, comments

if TYPE_CHECKING:
    from telegram import Document as Attached
    from telegram import Update

    from handlers.context import Context

_ENDINGS: Final = (".opml", ".xml")
_KINDS: Final = ("xml", "opml")
"""What the media type of a list of feeds has in it."""


async def document(update: Update, context: Context) -> None:
    """A document: a list of feeds is read, checked and offered to be followed; anything else is no text."""
    sent = context.event.message.document if context.event.message else None
    name, kind = (sent.file_name or "", sent.mime_type or "") if sent else ("", "")
    if sent is None or not (name.lower().endswith(_ENDINGS) or any(one in kind for one in _KINDS)):
        await comments.not_text(update, context)
        return
    reader, newsroom = await context.reader(), context.newsroom
    at_desk = await newsroom.adding.awaited(context.update_id, reader)
    service, report_of = (
        (newsroom.adding, desk_view.report) if at_desk else (newsroom.subscriptions, view.report)
    )
    try:
        contents = await service.read(reader, await _fetched(context, sent))
    except UserError as wrong:
        if not at_desk:
            raise
        await adding.refused(context, wrong)
        return
    voice, total = context.voice(), len(contents.new)
    shown = await context.send(view.checking(voice, 0, total))

    async def told(done: int) -> None:
        await context.change(shown, view.checking(voice, done, total))

    report = await service.check(context.update_id, reader, contents, told)
    await context.change(shown, report_of(voice, report))


async def _fetched(context: Context, sent: Attached) -> bytes:
    """What a document holds.

    Raises:
        UserError: it is too large, or Telegram does not give it.
    """
    if (sent.file_size or 0) > LARGEST:
        raise UserError("opml.too_large")
    try:
        return await context.rooms.sender.fetch(sent.file_id, LARGEST)
    except CallFailed:
        raise UserError("opml.unfetched") from None


async def follow_all(context: Context, question_id: int) -> None:
    """Follow all feeds of a list that was checked."""
    reader = await context.reader()
    number = await context.newsroom.subscriptions.follow_all(context.update_id, reader, question_id)
    await context.turn(view.followed(context.voice(), number))


async def export(_update: Update, context: Context) -> None:
    """/export: the feeds that the reader follows, as a document for any feed reader."""
    reader = await context.reader()
    content, number = await context.newsroom.subscriptions.export(reader, context.newsroom.name)
    if not number:
        raise UserError("opml.nothing")
    caption = context.voice()("opml.export", number)
    made = Document("following.opml", content, "text/x-opml")
    await context.send_document(made, caption)
