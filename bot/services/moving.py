"""Moving to another account: a code that is shown once, and what becomes of both accounts when it is used."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from bot.domain.moving import ALPHABET, LENGTH, TRIES, VALID_FOR, fingerprint, written
from bot.errors import UserError
from bot.services.presence import FIRST_LOOK_BACK, call_back, replan
from bot.storage import inbox, moving, outbox, readers, unseen
from bot.views import mydata
from bot.views.voice import Voice

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.news import Reader
    from bot.domain.schedule import Clock
    from bot.storage.database import Connection, Database

GOOD_FOR: Final = timedelta(days=2)
"""How long the old account is tried to be told."""
_MOVING: Final = (
    "language",
    "zone",
    "languages",
    "desks",
    "digest_minutes",
    "days",
    "stories",
    "few",
    "page",
    "sound",
    "editors",
    "quiet",
    "step",
    "opened_story_id",
)
"""The fields of a reader that go along."""


class Moving:
    """Moving a reader's choices, shelf and past to another account.

    Args:
        db: the database.
        clock: the time.
    """

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def code(self, reader: Reader) -> str:
        """A new code, which is valid for an hour and once; an earlier one is valid no more."""
        code = written("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))
        ends = self._clock() + VALID_FOR
        await self._db.write(moving.issue, reader.chat_id, fingerprint(code), ends)
        return code

    async def move(self, update_id: int, reader: Reader, code: str) -> Reader:
        """Move to this account whatever the one has that showed the code.

        Returns:
            The reader with what has been moved here.

        Raises:
            UserError: it is no code that is valid now, or one of this account, or too many were tried.
        """
        moved = await self._db.write(self._move, update_id, reader, code)
        if isinstance(moved, str):
            raise UserError(moved)
        return moved

    def _move(self, connection: Connection, update_id: int, reader: Reader, code: str) -> Reader | str:
        """The reader, or the key of what is wrong: raising here would undo that a try is noted."""
        now = self._clock()
        if moving.tries(connection, reader.chat_id, now - VALID_FOR) >= TRIES:
            return "move.too_many"
        is_first = inbox.apply(connection, update_id, now)
        found, used_by = moving.owner(connection, fingerprint(code), now) or (None, None)
        old = readers.get(connection, found) if found is not None else None
        if old is not None and used_by == reader.chat_id:
            return readers.get(connection, reader.chat_id) or reader
        if old is None or used_by is not None:
            if is_first:
                moving.note_try(connection, reader.chat_id, now)
            return "move.wrong"
        if old.chat_id == reader.chat_id:
            return "move.same"
        moving.use(connection, fingerprint(code), reader.chat_id)
        return self._hand_over(connection, old, reader, now)

    def _hand_over(self, connection: Connection, old: Reader, new: Reader, now: datetime) -> Reader:
        values: dict[str, Any] = {name: getattr(old, name) for name in _MOVING}
        since = old.covered_until
        if old.state != "active":
            since = max(since, now - FIRST_LOOK_BACK)
        moved = replace(
            new,
            state="active",
            away_since=None,
            paused_until=None,
            seen_at=now,
            covered_until=since,
            **values,
        )
        # What has not left does not arrive any more: the new account gets it.
        call_back(connection, old.chat_id, now)
        unseen.unsee(connection, outbox.unsent(connection, old.chat_id), now)
        moving.hand_over(connection, old.chat_id, new.chat_id)
        _keep(connection, moved, now)
        outbox.drop_for(connection, old.chat_id, now, "the reader has moved to another account")
        # Whoever had stopped or paused is told as well: nothing else would say that somebody had the code.
        state = "blocked" if old.state == "blocked" else "active"
        left = replace(old, state=state, digest_minutes=(), paused_until=None, missed=0, opened_story_id=None)
        _keep(connection, left, now)
        message = mydata.moved_away(Voice.of(old, now))
        # Without the new account's number: the old one's deliveries are not the new one's to delete.
        dedupe = f"moved:{old.chat_id}:{now.timestamp()}"
        outbox.owe(connection, old.chat_id, message, dedupe, now, GOOD_FOR, own_hour=True)
        return moved


def _keep(connection: Connection, reader: Reader, now: datetime) -> None:
    readers.keep(connection, reader)
    replan(connection, reader, now)
