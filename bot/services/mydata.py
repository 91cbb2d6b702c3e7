"""What is kept about a reader: handed out, or deleted."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from bot.domain.message import Document
from bot.domain.places import clock_of
from bot.domain.schedule import local_day
from bot.storage import numbers, personal, readers

if TYPE_CHECKING:
    from bot.domain.news import Reader
    from bot.domain.schedule import Clock
    from bot.services.people import People
    from bot.storage.database import Connection, Database


class MyData:
    """A reader's rights over what is kept.

    Args:
        db: the database.
        clock: the time.
        people: who runs the newsroom, whose work there stays the newsroom's.
    """

    def __init__(self, db: Database, clock: Clock, people: People) -> None:
        self._db = db
        self._clock = clock
        self._people = people

    async def document(self, reader: Reader) -> Document:
        """Everything that is kept about the reader, as JSON: rows by table, times in ISO 8601."""
        found = await self._db.read(personal.everything, reader.chat_id)
        written = json.dumps(found, ensure_ascii=False, indent=1, default=_plain)
        day = local_day(self._clock(), clock_of(reader.zone))
        # Half a surrogate pair, which a JSON file cannot hold, becomes a question mark.
        content = written.encode("utf-8", "replace")
        return Document(f"my-data-{day.isoformat()}.json", content, "application/json")

    async def erase(self, chat_id: int) -> None:
        """Delete everything about a reader; who is not there any more stays so.

        Who runs the newsroom keeps the role, and the log what was done; of anybody else it knows no name. What stays is a
        number: that somebody went, and on which day.
        """
        runs_it = await self.runs_it(chat_id)

        def write(connection: Connection) -> None:
            reader = readers.get(connection, chat_id)
            if reader is not None:
                gone = reader.state in {"stopped", "blocked"}
                numbers.note_erased(connection, (reader.away_since if gone else None) or self._clock())
            personal.erase(connection, chat_id, keep_deeds=runs_it)

        await self._db.write(write)

    async def runs_it(self, chat_id: int) -> bool:
        """Whether somebody runs the newsroom, and so cannot be forgotten there."""
        return await self._people.role(chat_id) is not None


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
