"""What the owners of a newsroom are told in the chat when something is wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.domain.people import Role
from bot.storage import outbox, people, readers
from bot.views import notices
from bot.views.voice import Voice

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from bot.storage.database import Connection

NAME: Final = 80
"""UTF-16 units of a name in such a message."""
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
        owners: those whom the operator named, by their Telegram ids, which are also those of their private chats; the
            others are known to the database.
        key: the sentence's, in the catalogues.
        values: what goes into its places.
        occasion: what it is about, such as `disk:2026-11-25`.
        now: the time.
    """
    named = {person.user_id for person in people.everybody(connection) if person.role is Role.OWNER}
    for owner in sorted(named.union(owners)):
        reader = readers.get(connection, owner)
        if reader is not None and reader.state == "active":
            voice = Voice.of(reader, now)
            said = {
                name: voice.foreign(one, NAME) if isinstance(one, str) else one
                for name, one in values.items()
            }
            told = notices.notice(voice, key, **said)
            outbox.owe(connection, owner, told, f"owner:{occasion}:{owner}", now, GOOD_FOR)
