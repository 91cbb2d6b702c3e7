"""Updates in: the long poll, which confirms what was received only when it has been written down."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from bot.errors import TelegramRefuses
from bot.gateway.failures import CallFailed
from bot.gateway.request import patiently

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.gateway.request import Api

log = logging.getLogger(__name__)

ALLOWED: Final = ("message", "edited_message", "callback_query", "my_chat_member")
"""The kinds of update that the newsroom asks for; Telegram keeps the choice (Bot API, getUpdates)."""
POLL: Final = 25
"""Seconds that one long poll waits; Telegram caps it at 50."""
CONFLICTS: Final = 3
"""So many conflicts in a row mean that another copy of the bot is polling for good."""
LONGEST_PAUSE: Final = 30.0


async def updates(api: Api, poll: int = POLL) -> AsyncIterator[list[dict[str, Any]]]:
    """Raw updates as they come, in groups.

    A group is confirmed to Telegram by the next poll, that is, when the caller asks for the next group: until then a
    crash loses nothing. Passing failures are waited out.

    Raises:
        TelegramRefuses: the token is not taken, or another copy of the bot keeps polling.
    """
    offset = 0
    failed = conflicts = 0
    while True:
        parameters = {"timeout": poll, "limit": 100, "allowed_updates": list(ALLOWED)}
        if offset:
            parameters["offset"] = offset
        try:
            group = await api.call("getUpdates", parameters, answer=poll + 15.0)
        except CallFailed as failure:
            conflicts = conflicts + 1 if failure.status == 409 else 0
            _refuse_for_good(failure, conflicts)
            failed += 1
            pause = failure.retry_after or min(LONGEST_PAUSE, 2.0 ** min(failed, 5) / 2)
            log.warning(
                "Telegram does not give updates (%s); trying again in %.0f s", failure.description, pause
            )
            await patiently(pause)
            continue
        failed = conflicts = 0
        if group:
            yield group
            offset = group[-1]["update_id"] + 1


def _refuse_for_good(failure: CallFailed, conflicts: int) -> None:
    if failure.status in {401, 404}:
        raise TelegramRefuses(
            "Telegram does not know this token (any more). Check TELEGRAM_BOT_TOKEN with BotFather."
        )
    if conflicts >= CONFLICTS:
        raise TelegramRefuses(
            "Another copy of this bot is running with the same token; each would see only a part of the messages. "
            "Stop one of them."
        )


def lane_of(update: dict[str, Any]) -> int:
    """The chat that an update belongs to; 0 for none. Updates of one lane are worked on in their order."""
    for kind in ALLOWED:
        inner = update.get(kind)
        if isinstance(inner, dict):
            holder = inner.get("message") if kind == "callback_query" else inner
            chat = holder.get("chat") if isinstance(holder, dict) else None
            sender = inner.get("from")
            for person in (chat, sender):
                if isinstance(person, dict) and isinstance(person.get("id"), int):
                    return int(person["id"])
    return 0
