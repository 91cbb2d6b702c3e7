"""Updates worked on: written down first, then one after the other for a chat and side by side between chats."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from bot.errors import DatabaseError
from bot.logs import work_id
from bot.storage import inbox
from bot.storage.inbox import Received

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from bot.domain.schedule import Clock
    from bot.storage.database import Connection, Database

log = logging.getLogger(__name__)

MOST: Final = 1000
"""Updates held in memory; while there are more, no further ones are asked for."""
IN_LANE: Final = 20
"""Updates of one chat that wait for each other; what comes beyond is left undone, so that others need not wait."""
PAUSE: Final = 5.0
"""Seconds between two tries to write updates down, while the database takes nothing."""


class Inbox:
    """The way of an update from Telegram to its outcome.

    Args:
        db: the database.
        clock: the time.
        lane_of: the chat that a raw update belongs to.
        work: does what an update asks for and returns its outcome; it may raise.
        pause: seconds between two tries to write updates down, while the database takes nothing.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        lane_of: Callable[[dict[str, Any]], int],
        work: Callable[[Received], Awaitable[str]],
        *,
        pause: float = PAUSE,
    ) -> None:
        self._db = db
        self._clock = clock
        self._lane_of = lane_of
        self._work = work
        self._pause = pause
        self._lanes: dict[int, deque[Received]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._held = 0
        self._room = asyncio.Event()
        self._room.set()

    async def resume(self) -> int:
        """Take up what an earlier run received and did not finish; returns how many."""
        waiting = await self._db.read(inbox.unfinished)
        await self._take(waiting)
        return len(waiting)

    async def receive(self, updates: Iterable[dict[str, Any]]) -> None:
        """Write updates down and start on them; returns when they are safe and there is room for more."""
        now = self._clock()
        received = {
            update["update_id"]: Received(update["update_id"], self._lane_of(update), update, now)
            for update in updates
        }
        new = await self._write_down(received.values())
        await self._take(one for one in received.values() if one.update_id in new)
        await self._room.wait()

    async def _write_down(self, received: Iterable[Received]) -> set[int]:
        """The ids that are new; while the database takes nothing, Telegram keeps the updates."""
        while True:
            try:
                return set(await self._db.write(inbox.receive, received))
            except DatabaseError as error:
                log.error("updates wait, because they cannot be written down: %s", error)  # noqa: TRY400 - as below
            await asyncio.sleep(self._pause)

    async def _take(self, received: Iterable[Received]) -> None:
        """Start on what there is room for in its lane, and finish the rest at once."""
        too_many = [one for one in received if not self._hold(one)]
        if too_many:
            chats = {one.lane for one in too_many}
            log.warning("%d messages of %d chats left undone: they are too many", len(too_many), len(chats))
            await self._finish(too_many, "too many")

    def _hold(self, one: Received) -> bool:
        """Put an update into its lane; False if that is full."""
        lane = self._lanes.get(one.lane)
        if lane is None:
            lane = self._lanes[one.lane] = deque()
            task = asyncio.create_task(self._serve(one.lane, lane))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if len(lane) >= IN_LANE:
            return False
        lane.append(one)
        self._count(1)
        return True

    def _count(self, more: int) -> None:
        self._held += more
        if self._held < MOST:
            self._room.set()
        else:
            self._room.clear()

    async def _serve(self, number: int, lane: deque[Received]) -> None:
        """Work on one chat's updates in their order, until there are none."""
        try:
            while lane:
                await self._one(lane[0])
                lane.popleft()
                self._count(-1)
        finally:
            del self._lanes[number]
            self._count(-len(lane))

    async def _one(self, received: Received) -> None:
        work_id.set(f"update {received.update_id}")
        try:
            outcome = await self._work(received)
        except Exception as error:
            log.exception("an update failed")
            outcome = f"failed: {type(error).__name__}"
        await self._finish([received], outcome)

    async def _finish(self, received: Iterable[Received], outcome: str) -> None:
        """Write an outcome down; where that fails, the updates are taken up again at the next start."""
        now = self._clock()

        def write(connection: Connection) -> None:
            for one in received:
                inbox.finish(connection, one.update_id, now, outcome)

        try:
            await self._db.write(write)
        except DatabaseError as error:
            log.error("an update's outcome was not written down: %s", error)  # noqa: TRY400 - one sentence says it
        except Exception:
            log.exception("an update's outcome was not written down")

    def held(self) -> int:
        """How many updates are being worked on or wait their turn."""
        return self._held

    async def drain(self) -> None:
        """Wait until everything that was received is done."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def stop(self) -> None:
        """Give up what is still being worked on; it is taken up again at the next start."""
        for task in self._tasks:
            task.cancel()
