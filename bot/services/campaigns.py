"""Broadcasts on their way: begun, tried out, judged, paused and stopped."""

from __future__ import annotations

import asyncio
import csv
import io
import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from bot.charts.drawing import draw_course
from bot.domain.broadcasts import (
    AHEAD,
    FINAL,
    GOING,
    LAST,
    RESTING,
    TOO_LATE,
    UNTRIED,
    Broadcast,
    Event,
    Op,
    Stage,
    State,
    limit,
    next_stage,
    verdict,
)
from bot.domain.campaigns import Report, Standing, course
from bot.domain.message import Document
from bot.domain.people import Deed, Right
from bot.errors import DatabaseError, UserError
from bot.services.boards import PATIENCE, Boards, shown_of, standing_of
from bot.services.drafts import content, get, note_deed, title_of
from bot.services.spreading import GOOD_FOR, TAKEN_DOWN
from bot.storage import audience, broadcasts, inbox, outbox, people, readers
from bot.views import campaign as view
from bot.views.voice import Voice

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.news import Reader
    from bot.domain.schedule import Clock
    from bot.services.boards import Board
    from bot.services.drafts import Rules
    from bot.services.people import People
    from bot.services.spreading import Spreading
    from bot.storage.database import Connection, Database

log = logging.getLogger(__name__)

BATCH: Final = 200
"""Deliveries that are put off or cancelled in one transaction."""
MOST_MISSED: Final = 50_000
"""Chats in a report."""
_WINDOW: Final = timedelta(minutes=10)
"""How far back the last endings are looked for."""


class Campaigns:
    """Broadcasts on their way.

    Args:
        db: the database.
        clock: the time.
        people: who may.
        spreading: owes them to readers.
        rules: what the operator has decided.
    """

    def __init__(
        self, db: Database, clock: Clock, people: People, spreading: Spreading, rules: Rules
    ) -> None:
        self._db = db
        self._clock = clock
        self._people = people
        self._spreading = spreading
        self._rules = rules
        self._boards = Boards(db, clock)

    def show_on(self, board: Board, patience: timedelta = PATIENCE) -> None:
        """Show how broadcasts go there; one showing is waited for so long."""
        self._boards.show_on(board, patience)

    async def look(self, editor: Reader, broadcast_id: int) -> Standing:
        """How a broadcast goes.

        Raises:
            UserError: the editor may not (any more), or there is no such broadcast.
        """
        await self._people.check(editor.chat_id, Right.BROADCAST)
        return await self._db.read(lambda c: standing_of(c, get(c, broadcast_id), self._clock()))

    async def pause(self, update_id: int, editor: Reader, broadcast_id: int) -> Standing:
        """Let nothing more leave for now.

        Raises:
            UserError: as `look`.
        """
        await self._happen(update_id, editor, broadcast_id, Event.PAUSE, "broadcastpaused")
        await self._rest(broadcast_id)
        return await self.look(editor, broadcast_id)

    async def resume(self, update_id: int, editor: Reader, broadcast_id: int) -> Standing:
        """Go on with what was paused, or with what has stopped by itself: it is judged anew.

        Raises:
            UserError: as `look`, or its correction is on its way.
        """
        await self._happen(update_id, editor, broadcast_id, Event.GO_ON, "broadcastresumed")
        return await self.look(editor, broadcast_id)

    async def stop(self, update_id: int, editor: Reader, broadcast_id: int) -> Standing:
        """Send no more of it; what left has left, and who does not get it has not been told.

        Raises:
            UserError: as `look`.
        """
        await self._happen(update_id, editor, broadcast_id, Event.STOP, "stopped")
        found = await self._db.read(get, broadcast_id)
        if found.state is State.STOPPING:
            await self._stopping(found)
        return await self.look(editor, broadcast_id)

    async def _happen(
        self, update_id: int, editor: Reader, broadcast_id: int, event: Event, deed: str
    ) -> None:
        """Let something happen to a broadcast, once, and write it down; nothing where it cannot."""
        await self._people.check(editor.chat_id, Right.BROADCAST)

        def write(connection: Connection) -> None:
            found, now = get(connection, broadcast_id), self._clock()
            values: dict[str, Any] = {}
            if event is Event.PAUSE:
                # What a pause before has put off may not all be awake yet; it has rested since then.
                values = {"rested_at": found.rested_at or now}
            elif event is Event.GO_ON:
                if any(one.state not in FINAL for one in broadcasts.corrections(connection, found.id)):
                    raise UserError("campaign.correcting")
                values = {"judged_from": now, "why": None}
            if broadcasts.happen(connection, found.id, event, **values):
                inbox.apply(connection, update_id, now)
                note_deed(connection, editor, deed, title_of(connection, found), now)

        await self._db.write(write)

    async def shown(self, editor: Reader, standing: Standing, message_id: int) -> None:
        """Note that a message shows this; if it is its editor's, it shows from now on how the broadcast goes."""
        found = standing.broadcast
        if found.editor_id == editor.chat_id:
            values = {"shown": shown_of(standing), "shown_at": self._clock(), "message_id": message_id}
            await self._db.write(lambda c: broadcasts.change(c, found.id, State, **values))

    async def report(self, editor: Reader, broadcast_id: int) -> Report:
        """How a broadcast went: its numbers, a picture, and the chats that it did not reach for certain.

        Raises:
            UserError: as `look`, or the picture could not be drawn.
        """
        standing = await self.look(editor, broadcast_id)
        found = standing.broadcast
        begun_at = found.begun_at or found.made_at
        went = course(begun_at, await self._db.read(broadcasts.arrivals, found.id), standing.how)
        try:
            picture = await asyncio.to_thread(draw_course, went)
        except Exception:
            log.exception("the picture of broadcast %d could not be drawn", found.id)
            raise UserError("numbers.undrawn") from None
        rows = await self._db.read(broadcasts.missed, found.id, MOST_MISSED)
        missed = Document("chats.csv", _table(rows), "text/csv") if rows else None
        opened = await self._db.read(broadcasts.opened, found)
        standing = replace(standing, opened=opened)
        return Report(standing, went, Document("course.png", picture, "image/png"), missed)

    async def go_on(self) -> int:
        """The tick: take each broadcast a step further, and show how it goes; returns how many readers were owed one."""
        owed, found = 0, await self._db.read(broadcasts.open_ones)
        for one in found:
            try:
                owed += await self._step(one)
            except DatabaseError:
                raise
            except Exception:
                # The others go on.
                log.exception("broadcast %d could not be taken a step further", one.id)
        await self._boards.tell(one.id for one in found)
        return owed

    async def _step(self, found: Broadcast) -> int:
        match found.state:
            case State.SCHEDULED | State.GRACE if found.starts_at is None or found.starts_at <= self._clock():
                await self._begin(found)
                found = await self._db.read(get, found.id)
                return await self._sending(found) if found.state is State.SENDING else 0
            case State.SENDING:
                return await self._sending(found)
            case State.SPREAD:
                await self._spread(found)
            case State.PAUSED | State.HELD:
                await self._rest(found.id)
            case State.STOPPING:
                await self._stopping(found)
        return 0

    async def _begin(self, found: Broadcast) -> None:
        now = self._clock()
        if found.starts_at is not None and now - found.starts_at > TOO_LATE:
            await self._hold(found, {"key": "campaign.why_late"})
            return
        await self._db.write(lambda c: broadcasts.happen(c, found.id, Event.BEGIN))

    async def _counted(self, found: Broadcast) -> Broadcast:
        """A broadcast that has begun, with how many it is for; few are not tried out first."""
        if found.begun_at is not None:
            return found
        now = self._clock()
        if found.op is Op.SEND:
            total = (await self._db.read(audience.count, found, self._rules.cap, now)).readers
        else:
            await self._spreading.prepare(found)
            total, _ = await self._db.read(audience.count_reached, found.parent_id or 0, now)
        stage = Stage.FEW if total >= UNTRIED else Stage.ALL
        values = {"begun_at": now, "total": total, "stage": stage}
        await self._db.write(lambda c: broadcasts.change(c, found.id, (State.SENDING,), **values))
        return await self._db.read(get, found.id)

    async def _sending(self, found: Broadcast) -> int:
        if await self._stopped(found):
            return 0
        found = await self._woken(await self._counted(found))
        if found.state is not State.SENDING:
            return 0
        now = self._clock()
        # Before it is judged: what is answered by now has been counted.
        waiting = await self._db.read(broadcasts.unanswered, found.id, now)
        if await self._judged(found):
            return 0
        stage = next_stage(found, waiting, now)
        if stage is not found.stage:
            await self._db.write(lambda c: broadcasts.change(c, found.id, (State.SENDING,), stage=stage))
        most = limit(stage, found.total)
        room = AHEAD - waiting if most is None else min(AHEAD - waiting, most - found.at_once)
        owed, found = await self._spreading.go_on(found, room)
        if found.state is State.SPREAD and not found.owed:
            await self._spread(found)
        return owed

    async def _spread(self, found: Broadcast) -> None:
        if await self._stopped(found):
            return
        found = await self._woken(found)
        if await self._judged(found):
            return

        await self._end(found, Event.END)

    async def _woken(self, found: Broadcast) -> Broadcast:
        """What rested is due again."""
        if found.rested_at is None:
            return found
        while await self._db.write(self._wake_some, found.id):
            pass
        return await self._db.read(get, found.id)

    def _wake_some(self, connection: Connection, broadcast_id: int) -> int:
        found = get(connection, broadcast_id)
        if found.state not in GOING or found.rested_at is None:
            # It was paused again: what is not awake yet goes on resting.
            return 0
        woken = broadcasts.wake(connection, found.id, found.rested_at, self._clock(), BATCH)
        if not woken:
            broadcasts.change(connection, found.id, GOING, rested_at=None)
        return woken

    async def _rest(self, broadcast_id: int) -> None:
        """Put off what may leave; mostly that has been done."""
        if not await self._db.read(broadcasts.is_restless, broadcast_id, self._clock()):
            return
        while await self._db.write(self._rest_some, broadcast_id):
            pass

    def _rest_some(self, connection: Connection, broadcast_id: int) -> int:
        if get(connection, broadcast_id).state not in RESTING:
            return 0
        return broadcasts.rest(connection, broadcast_id, self._clock(), BATCH)

    async def _stopped(self, found: Broadcast) -> bool:
        """Whether the story of a broadcast was taken down; then it stops."""
        if found.op is not Op.SEND:
            return False
        try:
            await self._db.read(content, found)
        except UserError:
            if await self._db.write(lambda c: broadcasts.happen(c, found.id, Event.STOP, why=TAKEN_DOWN)):
                await self._stopping(found)
            return True
        return False

    async def _stopping(self, found: Broadcast) -> None:
        """Cancel what has not left, so many at a time; what is on its way is waited for."""
        while await self._db.write(broadcasts.cancel, found.id, self._clock(), BATCH):
            pass

        await self._end(found, Event.STAND_STILL)

    async def _end(self, found: Broadcast, event: Event) -> None:
        """Let it end when all its deliveries have."""

        def write(connection: Connection) -> None:
            if not broadcasts.unended(connection, found.id):
                broadcasts.happen(connection, found.id, event, ended_at=self._clock(), up_to=None)

        if not await self._db.read(broadcasts.unended, found.id):
            await self._db.write(write)

    async def _judged(self, found: Broadcast) -> bool:
        """Whether too many of its last messages have failed; then it stops by itself."""
        since = max(one for one in (found.begun_at, found.judged_from, self._clock() - _WINDOW) if one)
        why = verdict(await self._db.read(broadcasts.last_endings, found.id, since, LAST))
        if why is not None:
            await self._hold(found, why)
        return why is not None

    async def _hold(self, found: Broadcast, why: dict[str, Any]) -> None:
        """Stop by itself, and say so to its editor."""

        def write(connection: Connection) -> None:
            now = self._clock()
            rested_at = get(connection, found.id).rested_at or now
            if not broadcasts.happen(connection, found.id, Event.HOLD, why=why, rested_at=rested_at):
                return
            title = title_of(connection, found)
            people.note(connection, Deed(now, 0, people.NOBODY, "held", {"story": title}))
            editor = readers.get(connection, found.editor_id) if found.editor_id is not None else None
            if editor is not None and editor.state == "active":
                told = view.held(Voice.of(editor, now), get(connection, found.id), title)
                dedupe = f"held:{found.id}:{now.isoformat()}"
                outbox.owe(connection, editor.chat_id, told, dedupe, now, GOOD_FOR, own_hour=True)

        await self._db.write(write)
        await self._rest(found.id)


def _table(rows: list[tuple[int, str, str, datetime | None]]) -> bytes:
    """Chats as a table for a spreadsheet."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(("chat", "state", "reason", "at"))
    writer.writerows((chat, state, reason, at.isoformat() if at else "") for chat, state, reason, at in rows)
    return file.getvalue().encode()
