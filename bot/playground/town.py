"""The whole playground: Telegram on this machine, and the papers there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.playground.playground import Playground, new_token
from bot.playground.wire import Wire

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from bot.domain.schedule import Clock

KEPT: Final = 500
"""Messages of a chat that the playground keeps."""


@dataclass(frozen=True, slots=True)
class Town:
    """Telegram on this machine, the token for it, and the papers there."""

    telegram: Playground
    token: str
    wire: Wire


def open_town(clock: Clock, opened_at: datetime, journal: Path, bot_name: str, host: str) -> Town:
    """A town for a newsroom.

    Args:
        clock: the time.
        opened_at: when the town was opened first; its papers begin then.
        journal: the file that keeps its chats.
        bot_name: what the bot is called there.
        host: the address that it is served on, besides this machine's own names.
    """
    token = new_token()
    telegram = Playground(
        token=token, clock=clock, journal=journal, bot_name=bot_name, keep_messages=KEPT, hosts=(host,)
    )
    return Town(telegram, token, Wire(clock, opened_at))
