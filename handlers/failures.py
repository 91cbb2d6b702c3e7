"""What a reader hears when something fails, and what is written down about it."""

from __future__ import annotations

import logging
import secrets

from telegram import Update

from bot.domain.delivery import Outcome
from bot.domain.message import Message
from bot.errors import UserError
from bot.gateway.failures import CallFailed, outcome
from bot.views import lists as list_view
from bot.views import notices
from handlers.context import Context, work

log = logging.getLogger(__name__)


async def failed(update: object, context: Context) -> None:
    """Word the failure for the reader and record the update's outcome; never raises."""
    error = context.error
    if not isinstance(update, Update) or error is None or update.effective_chat is None:
        return
    try:
        if isinstance(error, UserError):
            work.get().outcome = f"refused: {error.key}"
            await context.send(await _worded(context, error))
        elif isinstance(error, CallFailed):
            await _call_failed(context, error)
        else:
            number = secrets.token_hex(2).upper()
            work.get().outcome = f"failed: {type(error).__name__}"
            log.error("failure %s", number, exc_info=error)
            await context.known()
            await context.send(notices.problem(context.voice(), UserError("error.ours", number=number)))
    except Exception:
        log.exception("a failure could not be told to its reader")


async def _worded(context: Context, error: UserError) -> Message:
    """The sentence, in the reader's language; where it is "which one?", with the newest list under it."""
    reader = await context.known()
    voice = context.voice()
    if error.key == "error.which" and reader is not None:
        try:
            shown = await context.newsroom.lists.newest(reader)
        except UserError as none_yet:
            return notices.problem(voice, none_yet)
        rows = list_view.stories(voice, shown.listing, shown.lines, opened=shown.opened).rows
        return Message(voice("error.which"), rows)
    return notices.problem(voice, error)


async def _call_failed(context: Context, error: CallFailed) -> None:
    what = outcome(error)
    work.get().outcome = f"{what.value}: {error.description}"[:200]
    if what is Outcome.GONE:
        await context.newsroom.readers.blocked(context.update_id, context.chat_id, blocked=True)
    else:
        log.warning("an answer was not delivered (%s): %s", what.value, error)
