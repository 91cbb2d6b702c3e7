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
    from bot.storage.database import Database

log = logging.getLogger(__name__)

MOST: Final = 1000
"""Updates held in memory; while there are more, no further ones are asked for."""
PAUSE: Final = 5.0
"""Seconds between two tries to write updates down, while the database takes nothing."""


class Inbox:
    """The way of an update from Telegram to its outcome.

    Args:
        db: the database.
        clock: the time.
        lane_of: the chat that a raw update belongs to.
        work: does what an update asks for and returns its outcome; it may raise.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        lane_of: Callable[[dict[str, Any]], int],
        work: Callable[[Received], Awaitable[str]],
    ) -> None:
        self._db = db
        self._clock = clock
        self._lane_of = lane_of
        self._work = work
        self._lanes: dict[int, deque[Received]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._held = 0
        self._room = asyncio.Event()
        self._room.set()

    async def resume(self) -> int:
        """Take up what an earlier run received and did not finish; returns how many."""
        waiting = await self._db.read(inbox.unfinished)
        self._hold(waiting)
        return len(waiting)

    async def receive(self, updates: Iterable[dict[str, Any]]) -> None:
        """Write updates down and start on them; returns when they are safe and there is room for more."""
        now = self._clock()
        received = {
            update["update_id"]: Received(update["update_id"], self._lane_of(update), update, now)
            for update in updates
        }
        new = await self._write_down(received.values())
        self._hold(one for one in received.values() if one.update_id in new)
        await self._room.wait()

    async def _write_down(self, received: Iterable[Received]) -> set[int]:
        """The ids that are new; while the database takes nothing, Telegram keeps the updates."""
        while True:
            try:
                return set(await self._db.write(inbox.receive, received))
            except DatabaseError as error:
                log.error("updates wait, because they cannot be written down: %s", error)  # noqa: TRY400 - as below
            await asyncio.sleep(PAUSE)

    def _hold(self, received: Iterable[Received]) -> None:
        for one in received:
            self._held += 1
            lane = self._lanes.get(one.lane)
            if lane is not None:
                lane.append(one)
                continue
            self._lanes[one.lane] = deque([one])
            task = asyncio.create_task(self._serve(one.lane))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if self._held >= MOST:
            self._room.clear()

    async def _serve(self, number: int) -> None:
        """Work on one chat's updates in their order, until there are none."""
        lane = self._lanes[number]
        while lane:
            await self._one(lane[0])
            lane.popleft()
            self._held -= 1
            if self._held < MOST:
                self._room.set()
        del self._lanes[number]

    async def _one(self, received: Received) -> None:
        work_id.set(f"update {received.update_id}")
        try:
            outcome = await self._work(received)
        except Exception as error:
            log.exception("an update failed")
            outcome = f"failed: {type(error).__name__}"
        try:
            await self._db.write(inbox.finish, received.update_id, self._clock(), outcome)
        except DatabaseError as error:
            log.error("an update's outcome was not written down: %s", error)  # noqa: TRY400 - one sentence says it

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
