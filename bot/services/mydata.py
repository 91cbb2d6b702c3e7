"""What is kept about a reader: handed out, or deleted."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.domain.message import Document
from bot.domain.schedule import local_day
from bot.storage import personal

if TYPE_CHECKING:
    from bot.domain.news import Reader
    from bot.domain.schedule import Clock
    from bot.storage.database import Database


class MyData:
    """A reader's rights over what is kept.

    Args:
        db: the database.
        clock: the time.
    """

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def document(self, reader: Reader) -> Document:
        """Everything that is kept about the reader, as JSON: rows by table, times in ISO 8601."""
        found = await self._db.read(personal.everything, reader.chat_id)
        written = json.dumps(found, ensure_ascii=False, indent=1, default=_plain)
        day = local_day(self._clock(), ZoneInfo(reader.zone))
        # Half a surrogate pair, which a JSON file cannot hold, becomes a question mark.
        content = written.encode("utf-8", "replace")
        return Document(f"my-data-{day.isoformat()}.json", content, "application/json")

    async def erase(self, chat_id: int) -> None:
        """Delete everything about a reader; who is not there any more stays so."""
        await self._db.write(personal.erase, chat_id)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
