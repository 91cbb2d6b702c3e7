"""What Telegram asked for and how the last run ended, kept for the next one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.storage import meta, outbox

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.schedule import Clock
    from bot.storage.database import Connection, Database

SLOW: Final = 60.0
"""Seconds after a crash in which only half as much is sent: nobody knows what left in its last second."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What holds from before, in seconds from now.

    Attributes:
        chats: how long each chat must rest after a 429.
        everybody: how long all must; 0 for not at all.
        slow: how long only half as much is sent; 0 after a run that ended well.
    """

    chats: dict[int, float] = field(default_factory=dict)
    everybody: float = 0.0
    slow: float = 0.0


class KeptPace:
    """The pace over restarts.

    Args:
        db: the database.
        clock: the time.
    """

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def open(self) -> Kept:
        """What holds from before; this run has begun, and not ended well yet."""

        def write(connection: Connection) -> Kept:
            now, found = self._clock(), meta.pace(connection)
            meta.keep_pace(connection, replace(found, ended=False))
            chats = {chat: _left(until, now, found) for chat, until in found.chats.items() if until > now}
            everybody = _left(found.everybody, now, found) if found.everybody else 0.0
            return Kept(chats, everybody, 0.0 if found.ended else SLOW)

        return await self._db.write(write)

    async def refused(self, chat_id: int, seconds: float) -> None:
        """Keep that a 429 asks for so long a rest; when a second chat is refused meanwhile, all rest."""

        def write(connection: Connection) -> None:
            now, found = self._clock(), meta.pace(connection)
            until = now + timedelta(seconds=seconds)
            chats = {chat: end for chat, end in found.chats.items() if end > now}
            everybody = _later(found.everybody, until) if chats.keys() - {chat_id} else found.everybody
            longest = max(seconds, found.longest) if chats else seconds
            chats[chat_id] = _later(chats.get(chat_id), until)
            meta.keep_pace(connection, meta.Pace(chats, everybody, ended=False, longest=longest))

        await self._db.write(write)

    async def close(self) -> None:
        """This run ends: well, unless deliveries have left whose answers it did not wait for."""

        def write(connection: Connection) -> None:
            ended = not outbox.is_sending(connection)
            meta.keep_pace(connection, replace(meta.pace(connection), ended=ended))

        await self._db.write(write)


def _left(until: datetime, now: datetime, kept: meta.Pace) -> float:
    """Seconds that are left of a rest, and never more than were asked for."""
    return min(max(0.0, (until - now).total_seconds()), kept.longest)


def _later(one: datetime | None, other: datetime) -> datetime:
    """Deadlines only ever move later."""
    return other if one is None else max(one, other)
