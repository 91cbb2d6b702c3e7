"""How the bot presents itself: who it is, its description and its menu, in each language."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from bot.errors import TelegramRefuses
from bot.gateway.failures import CallFailed
from bot.gateway.request import patiently

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from bot.domain.message import Profile
    from bot.gateway.request import Api

log = logging.getLogger(__name__)

DEFAULT: Final = "en"
"""The language that is shown to everybody who has none of the others."""
LONGEST_PAUSE: Final = 60.0


async def introduce(
    first_call: Callable[[], Awaitable[None]], pause: Callable[[float], Awaitable[None]] = patiently
) -> None:
    """Make the first call, and wait until Telegram can be reached.

    Args:
        first_call: asks Telegram who the bot is; it may be made again.
        pause: waits so many seconds between two tries.

    Raises:
        TelegramRefuses: the token is not taken.
    """
    growing = 1.0
    while True:
        try:
            await first_call()
        except CallFailed as failure:
            if failure.status in {401, 404}:
                raise TelegramRefuses(
                    "Telegram does not know this token. Check TELEGRAM_BOT_TOKEN with BotFather, "
                    "and TELEGRAM_API_URL if you set it."
                ) from None
            wait = failure.retry_after or growing
            log.warning("Telegram cannot be reached (%s); trying again in %.0f s", failure.description, wait)
        else:
            return
        await pause(wait)
        growing = min(growing * 2, LONGEST_PAUSE)


async def present(api: Api, profiles: Mapping[str, Profile]) -> None:
    """Set description, short description and menu; what Telegram does not take now is set at the next start.

    The menu is that of private chats: in groups the bot is silent.
    """
    for language, profile in profiles.items():
        code = {} if language == DEFAULT else {"language_code": language}
        commands = [{"command": name, "description": words} for name, words in profile.commands]
        for method, parameters in (
            ("setMyCommands", {"commands": commands, "scope": {"type": "all_private_chats"}}),
            ("setMyDescription", {"description": profile.long}),
            ("setMyShortDescription", {"short_description": profile.short}),
        ):
            try:
                await api.call(method, parameters | code)
            except CallFailed as failure:
                log.warning("the bot's profile was not set: %s", failure)
