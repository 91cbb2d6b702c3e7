"""What a reader hears when something fails, and what is written down about it."""

from __future__ import annotations

import logging
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from bot.domain.delivery import Outcome
from bot.errors import DatabaseError, UserError
from bot.gateway.failures import CallFailed, outcome
from bot.views import notices
from handlers.context import Context, work

if TYPE_CHECKING:
    from bot.domain.message import Message

log = logging.getLogger(__name__)


async def failed(_: object, context: Context) -> None:
    """Word the failure for the reader and record the update's outcome; never raises."""
    error = context.error
    try:
        if isinstance(error, CallFailed):
            await _call_failed(context, error)
        elif isinstance(error, Exception):
            await _tell_or_note(context, error)
    except Exception:
        log.exception("a failure could not be told to its reader")


async def _tell_or_note(context: Context, error: Exception) -> None:
    try:
        await _tell(context, error)
    except CallFailed as lost:
        await _call_failed(context, lost)


async def _tell(context: Context, error: Exception) -> None:
    """Say what went wrong: a UserError in its own words, anything else by a number that the log explains."""
    if isinstance(error, UserError):
        work.get().outcome = f"refused: {error.key}"
        await context.send(await _worded(context, error))
        return
    number = secrets.token_hex(2).upper()
    work.get().outcome = f"failed: {type(error).__name__}, number {number}"
    if isinstance(error, DatabaseError):
        log.error("failure %s: %s", number, error)
    else:
        log.error("failure %s", number, exc_info=error)
    with suppress(DatabaseError):
        await context.known()
    await context.send(notices.problem(context.voice(), UserError("error.ours", number=number)))


async def _worded(context: Context, error: UserError) -> Message:
    """The sentence, in the reader's language."""
    await context.known()
    return notices.problem(context.voice(), error)


async def _call_failed(context: Context, error: CallFailed) -> None:
    """Nothing more is said: it would fare no better, or come twice."""
    what = outcome(error)
    work.get().outcome = f"{what.value}: {error.description}"[:200]
    if what is not Outcome.GONE:
        log.warning("an answer was not delivered (%s): %s", what.value, error)
        return
    try:
        await context.newsroom.readers.lost(context.chat_id, error.description)
    except DatabaseError as broken:
        log.error("a reader who cannot be written to was not noted: %s", broken)  # noqa: TRY400 - one sentence says it
