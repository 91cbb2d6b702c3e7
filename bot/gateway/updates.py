"""Updates in: the long poll, which confirms what was received only when it has been written down."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any, Final

from bot.domain.delivery import Outcome
from bot.errors import TelegramRefuses
from bot.gateway import content, failures
from bot.gateway.failures import CallFailed
from bot.gateway.request import LARGEST_ID, patiently

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from bot.gateway.request import Api

log = logging.getLogger(__name__)

ALLOWED: Final = ("message", "callback_query", "my_chat_member")
"""The kinds of update that the newsroom asks for; Telegram keeps the choice (Bot API, getUpdates)."""
POLL: Final = 25
"""Seconds that one long poll waits; Telegram caps it at 50."""
CONFLICTS: Final = 3
"""So many conflicts in a row mean that another copy of the bot is polling for good."""
LONGEST_PAUSE: Final = 30.0
_TELLS_WHICH: Final = frozenset({"message_id", "date", "chat", "reply_markup"})
"""What a press or a reply says of the message that it is about, and what is used of it."""
_SENDS_ON: Final = re.compile(r"/broadcast(@\w+)?(\s|$)", re.IGNORECASE)
"""A command that is about the content of the message that it replies to."""


async def updates(
    api: Api, poll: int = POLL, pause: Callable[[float], Awaitable[None]] = patiently
) -> AsyncGenerator[list[dict[str, Any]], None]:
    """Raw updates as they come, in groups, each with an `update_id`.

    A group is confirmed to Telegram by the next poll, that is, when the caller asks for the next group: until then a
    crash loses nothing. Passing failures are waited out.

    Args:
        api: the Bot API.
        poll: seconds that one long poll waits.
        pause: waits so many seconds after a failure.

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
            group = _usable(await api.call("getUpdates", parameters, answer=poll + 15.0))
        except CallFailed as failure:
            conflicts = conflicts + 1 if failure.status == 409 else 0
            _refuse_for_good(failure, conflicts)
            failed += 1
            wait = failure.retry_after or min(LONGEST_PAUSE, 2.0 ** min(failed, 6) / 2)
            log.warning(
                "Telegram does not give updates (%s); trying again in %.0f s", failure.description, wait
            )
            await pause(wait)
            continue
        if failed:
            log.info("Telegram gives updates again")
        failed = conflicts = 0
        if group:
            yield [bare(one) for one in group]
            offset = group[-1]["update_id"] + 1


def _usable(answer: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
    """The updates in an answer; what has no usable id is left out, and goes when a later one is confirmed.

    Raises:
        CallFailed: there is something, but no update in it.
    """
    found = answer if isinstance(answer, list) else [answer]
    group = [one for one in found if isinstance(one, dict) and _is_id(one.get("update_id"))]
    if found and not group:
        raise CallFailed("getUpdates", 200, "the result is no list of updates")
    return group


def _is_id(value: Any) -> bool:  # noqa: ANN401 - JSON
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST_ID


def _refuse_for_good(failure: CallFailed, conflicts: int) -> None:
    if failures.outcome(failure) is Outcome.STOP:
        raise TelegramRefuses(
            "Telegram does not know this token (any more). Check TELEGRAM_BOT_TOKEN with BotFather."
        )
    if conflicts >= CONFLICTS and "webhook" in failure.description.lower():
        raise TelegramRefuses(
            "Telegram hands this bot's messages to a webhook, which another program has set. Stop that program and "
            "have it delete the webhook (Bot API, deleteWebhook), or get a token of its own for this newsroom."
        )
    if conflicts >= CONFLICTS:
        raise TelegramRefuses(
            "Another copy of this bot is running with the same token; each would see only a part of the messages. "
            "Stop one of them."
        )


def bare(update: dict[str, Any]) -> dict[str, Any]:
    """The update without the words of the messages that it refers to: those of a press, of a reply and of a quotation.

    Nothing needs them, and they may be another reader's, who wants them deleted one day. Only what /broadcast replies
    to is kept, for what an editor wants to send on.
    """
    found = dict(update)
    press, message = found.get("callback_query"), found.get("message")
    if isinstance(press, dict):
        found["callback_query"] = press | _wordless(press, "message")
    if isinstance(message, dict):
        told = {name: value for name, value in message.items() if name not in {"quote", "external_reply"}}
        found["message"] = told | _wordless(message, "reply_to_message")
        replied, said = message.get("reply_to_message"), message.get("text")
        forwarded = "forward_origin" in message
        if isinstance(replied, dict) and isinstance(said, str) and _SENDS_ON.match(said) and not forwarded:
            found["message"]["reply_to_message"] |= content.kept(replied)
    return found


def _wordless(holder: dict[str, Any], name: str) -> dict[str, Any]:
    """The message under a name, with what tells which it is and the buttons below it."""
    message = holder.get(name)
    if not isinstance(message, dict):
        return {}
    return {name: {key: value for key, value in message.items() if key in _TELLS_WHICH}}


def lane_of(update: dict[str, Any]) -> int:
    """The chat that an update belongs to; 0 for none. Updates of one lane are worked on in their order."""
    for kind in ALLOWED:
        inner = update.get(kind)
        if isinstance(inner, dict):
            holder = inner.get("message") if kind == "callback_query" else inner
            chat = holder.get("chat") if isinstance(holder, dict) else None
            sender = inner.get("from")
            for person in (chat, sender):
                if isinstance(person, dict) and _is_id(person.get("id")):
                    return int(person["id"])
    return 0
