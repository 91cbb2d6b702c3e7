"""What the owners of a newsroom are told in the chat when something is wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from bot.storage import outbox, readers
from bot.storage.outbox import Debt
from bot.views import notices
from bot.views.voice import Voice

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from bot.storage.database import Connection

GOOD_FOR: Final = timedelta(days=1)
"""How long such a message is worth sending."""


def tell_owners(
    connection: Connection,
    owners: Collection[int],
    key: str,
    values: Mapping[str, int | str],
    occasion: str,
    now: datetime,
) -> None:
    """Owe every owner who talks with the bot a message; the same occasion is told once.

    Args:
        connection: a transaction.
        owners: their Telegram ids, which are also those of their private chats.
        key: the sentence's, in the catalogues.
        values: what goes into its places.
        occasion: what it is about, such as `disk:2026-11-25`.
        now: the time.
    """
    for owner in sorted(owners):
        reader = readers.get(connection, owner)
        if reader is not None and reader.state == "active":
            voice = Voice(reader.language, ZoneInfo(reader.zone), now)
            (message,) = outbox.keep_all(connection, [notices.notice(voice, key, **values)], now)
            debt = Debt(message, owner, f"owner:{occasion}:{owner}")
            outbox.plan_all(connection, [debt], now, now + GOOD_FOR)
