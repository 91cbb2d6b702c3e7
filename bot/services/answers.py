"""Authors hear of answers: in one silent message, at most once an hour, and only who wants to."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.storage import commenters, outbox, readers, stories
from bot.views import comments as view
from bot.views.voice import Voice

if TYPE_CHECKING:
    from bot.domain.schedule import Clock
    from bot.storage.database import Connection, Database

BATCH: Final = 20
"""Readers told in one transaction."""
GOOD_FOR: Final = timedelta(days=1)
"""How long an answer is news to whom it was given."""


class Answers:
    """Telling authors what was answered.

    Args:
        db: the database.
        clock: the time.
    """

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def tell_due(self) -> int:
        """Owe a message to every author who has answers to hear of; returns how many messages."""
        told = 0
        while due := await self._db.read(commenters.untold, self._clock(), BATCH):
            told += await self._db.write(self._tell, due)
        return told

    def _tell(self, connection: Connection, due: list[int]) -> int:
        return sum(self._tell_one(connection, chat_id) for chat_id in due)

    def _tell_one(self, connection: Connection, chat_id: int) -> bool:
        """Owe a reader one message about all answers; who cannot be written to now does not hear of them."""
        now = self._clock()
        reader = readers.get(connection, chat_id)
        given = commenters.answers_to(connection, chat_id)
        if reader is None or reader.state != "active" or not given:
            commenters.note_told(connection, chat_id, None)
            return False
        titles = {line.id: line.title for line in stories.lines(connection, {one.story_id for one in given})}
        message = view.answers(Voice.of(reader, now), given, titles)
        outbox.owe(connection, chat_id, message, f"answers:{chat_id}:{given[-1].id}", now, GOOD_FOR)
        commenters.note_told(connection, chat_id, now)
        return True
