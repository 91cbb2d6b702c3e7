"""Correcting and withdrawing what was sent to many: each is a broadcast of its own, which changes what another sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.domain.broadcasts import (
    CORRECTABLE,
    DELETABLE,
    FINAL,
    GRACE,
    LONGEST_NOTE,
    Broadcast,
    Event,
    Op,
    State,
)
from bot.domain.campaigns import Repair
from bot.domain.cleaning import plain
from bot.domain.delivery import State as Sent
from bot.domain.people import Right
from bot.errors import UserError
from bot.services.drafts import content, get, media_of, note_deed, title_of
from bot.storage import audience, broadcasts, inbox, questions

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.news import Reader
    from bot.domain.schedule import Clock
    from bot.services.people import People
    from bot.storage.database import Connection, Database

KIND: Final = "amend"
"""What is asked here in words."""
WHAT: Final = ("small", "serious", "withdraw")
"""Corrections that only change the text, those that are told as well, and withdrawals."""
_SOME: Final = 1_000
"""Deliveries that one statement cancels."""
_DEEDS: Final = {Op.CORRECT: "corrected", Op.WITHDRAW: "recalled", Op.DELETE: "unsent"}


class Corrections:
    """Changing what readers have.

    Args:
        db: the database.
        clock: the time.
        people: who may.
    """

    def __init__(self, db: Database, clock: Clock, people: People) -> None:
        self._db = db
        self._clock = clock
        self._people = people

    async def check(self, editor: Reader, broadcast_id: int) -> Broadcast:
        """See to it that what a broadcast has sent can be changed; returns it.

        Raises:
            UserError: the editor may not (any more), nothing of it has arrived, messages of it may still leave, or a
                change is on its way.
        """
        await self._people.check(editor.chat_id, Right.BROADCAST)
        return await self._db.read(_correctable, broadcast_id)

    async def ask(self, update_id: int, editor: Reader, broadcast_id: int, what: str) -> None:
        """Ask for the words of a correction or withdrawal: one of `WHAT`; the next message brings them.

        Raises:
            UserError: as `check`.
        """
        await self.check(editor, broadcast_id)
        if what not in WHAT:
            raise UserError("error.old_button")
        about = {"broadcast_id": broadcast_id, "what": what}
        await self._db.write(questions.ask, editor.chat_id, update_id, KIND, about, self._clock())

    async def draft(
        self, update_id: int, editor: Reader, origin_message: int, broadcast_id: int, what: str, said: str
    ) -> Repair:
        """Prepare a change with these words; the same message of the editor's prepares it once.

        Raises:
            UserError: as `check`, or there are no words.
        """
        parent = await self.check(editor, broadcast_id)
        note = plain(said, LONGEST_NOTE)
        if not note:
            raise UserError("edit.no_words")
        new = broadcasts.New(
            editor.chat_id,
            origin_message,
            parent.story_id,
            note,
            parent_id=parent.id,
            op=Op.WITHDRAW if what == "withdraw" else Op.CORRECT,
            serious=what == "serious",
        )

        def write(connection: Connection) -> Broadcast:
            now = self._clock()
            inbox.apply(connection, update_id, now)
            return broadcasts.draft(connection, new, now)

        return await self._db.read(self._repair, await self._db.write(write))

    async def look(self, editor: Reader, broadcast_id: int) -> Repair:
        """A change as it stands.

        Raises:
            UserError: the editor may not (any more), or there is no such change.
        """
        await self._people.check(editor.chat_id, Right.BROADCAST)
        return await self._db.read(lambda c: self._repair(c, get(c, broadcast_id)))

    def _repair(self, connection: Connection, found: Broadcast) -> Repair:
        parent = get(connection, found.parent_id or 0)
        every, newer = audience.count_reached(connection, parent.id, self._clock() - DELETABLE)
        unknown = broadcasts.progress(connection, parent).unknown
        line = content(connection, parent) if found.op is Op.CORRECT else None
        messages = newer if found.op is Op.DELETE else every
        return Repair(found, parent, line, title_of(connection, parent), messages, every - messages, unknown)

    async def choose(self, editor: Reader, broadcast_id: int, what: str) -> Repair:
        """Explain a withdrawal in the place of the text, or delete it: `withdraw` or `delete`.

        Raises:
            UserError: as `look`, it has begun, or an album shall be deleted.
        """
        await self._people.check(editor.chat_id, Right.BROADCAST)
        withdrawals = (Op.WITHDRAW, Op.DELETE)

        def write(connection: Connection) -> None:
            found = get(connection, broadcast_id)
            if found.op not in withdrawals or what not in withdrawals:
                raise UserError("error.old_button")
            # Of an album only the first message is known, so the others would stay.
            if what == Op.DELETE and len(media_of(get(connection, found.parent_id or 0))) > 1:
                raise UserError("error.old_button")
            if not broadcasts.change(connection, found.id, (State.DRAFT,), op=Op(what)):
                raise UserError("broadcast.no_draft")

        await self._db.write(write)
        return await self.look(editor, broadcast_id)

    async def send(
        self, update_id: int, editor: Reader, broadcast_id: int, message_id: int | None
    ) -> Broadcast:
        """Let a change go out in ten seconds; a second press begins nothing anew.

        Raises:
            UserError: as `look`, it was given up, messages of its parent are on the wire, or `check` would refuse it
                by now.
        """
        found = await self.look(editor, broadcast_id)

        def write(connection: Connection) -> Broadcast:
            one, now = get(connection, broadcast_id), self._clock()
            if one.state is State.DRAFT:
                _let_nothing_leave(connection, _correctable(connection, found.parent.id), now)
                values = {"message_id": message_id, "starts_at": now + GRACE, "total": found.messages}
                broadcasts.happen(connection, one.id, Event.SEND, **values)
                inbox.apply(connection, update_id, now)
                note_deed(connection, editor, _DEEDS[one.op], found.title, now)
            elif one.state is State.STOPPED and one.begun_at is None:
                raise UserError("broadcast.no_draft")
            return get(connection, broadcast_id)

        return await self._db.write(write)


def _correctable(connection: Connection, broadcast_id: int) -> Broadcast:
    found = get(connection, broadcast_id)
    if found.op is not Op.SEND:
        raise UserError("error.old_button")
    if found.state not in CORRECTABLE:
        raise UserError("campaign.still_going")
    if any(one.state not in FINAL for one in broadcasts.corrections(connection, found.id)):
        raise UserError("campaign.correcting")
    if not audience.reached(connection, found.id, 0, 1):
        raise UserError("campaign.nothing_left")
    return found


def _let_nothing_leave(connection: Connection, parent: Broadcast, now: datetime) -> None:
    """See to it that no message with the old text leaves once a change has begun: the change would not reach it.

    What editors have sent again of one that has ended is cancelled.

    Raises:
        UserError: some are on the wire, or have not been put off yet.
    """
    if parent.state in FINAL:
        while broadcasts.cancel(connection, parent.id, now, _SOME):
            pass
    on_the_wire = broadcasts.unended(connection, parent.id, Sent.CLAIMED, Sent.SENDING)
    if on_the_wire or broadcasts.is_restless(connection, parent.id, now):
        raise UserError("campaign.on_the_wire")
