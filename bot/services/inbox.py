"""Updates worked on: written down first, then one after the other for a chat and side by side between chats."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from bot.errors import DatabaseError
from bot.logs import work_id
from bot.storage import inbox
from bot.storage.inbox import Received

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from datetime import datetime

    from bot.domain.schedule import Clock
    from bot.storage.database import Connection, Database

log = logging.getLogger(__name__)

T = TypeVar("T")

MOST: Final = 1000
"""Updates held in memory; while there are more, no further ones are asked for."""
IN_LANE: Final = 20
"""Updates of one chat that wait for each other; what comes beyond is left undone, so that others need not wait."""
WARNED: Final = timedelta(minutes=1)
"""How often the log tells of a flood."""
PAUSE: Final = 5.0
"""Seconds between two tries to write something down, while the database takes nothing."""


@dataclass(slots=True)
class _Lane:
    """The updates of one chat in their order; a full one takes no more until its last one has been excused."""

    updates: deque[Received] = field(default_factory=deque)
    full: bool = False


class Inbox:
    """The way of an update from Telegram to its outcome.

    Args:
        db: the database.
        clock: the time.
        lane_of: the chat that a raw update belongs to.
        work: does what an update asks for and returns its outcome; it may raise.
        excuse: says that an update and those after it were too many, and returns the outcome; it may raise.
        pause: seconds between two tries to write something down, while the database takes nothing.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        lane_of: Callable[[dict[str, Any]], int],
        work: Callable[[Received], Awaitable[str]],
        excuse: Callable[[Received], Awaitable[str]],
        *,
        pause: float = PAUSE,
    ) -> None:
        self._db = db
        self._clock = clock
        self._lane_of = lane_of
        self._work = work
        self._excuse = excuse
        self._pause = pause
        self._lanes: dict[int, _Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._held = 0
        self._left_undone = 0
        self._warned_at: datetime | None = None
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
        return set(await self._insist("updates wait", inbox.receive, received))

    async def _insist(self, what: str, write: Callable[..., T], *arguments: Any) -> T:  # noqa: ANN401 - the write's own
        """Write until the database takes it."""
        while True:
            try:
                return await self._db.write(write, *arguments)
            except DatabaseError as error:
                log.error("%s, because nothing can be written down: %s", what, error)  # noqa: TRY400 - one sentence says it
            await asyncio.sleep(self._pause)

    async def _take(self, received: Iterable[Received]) -> None:
        """Start on what there is room for in its lane, and finish the rest at once."""
        too_many = [one for one in received if not self._hold(one)]
        if too_many:
            self._left_undone += len(too_many)
            if self._warned_at is None or self._clock() - self._warned_at >= WARNED:
                log.warning("%d messages left undone: they were too many", self._left_undone)
                self._warned_at, self._left_undone = self._clock(), 0
            await self._finish(too_many, "too many")

    def _hold(self, one: Received) -> bool:
        """Put an update into its lane; False if that is full. The first one too many has a place, to be excused."""
        lane = self._lanes.get(one.lane)
        if lane is None:
            lane = self._lanes[one.lane] = _Lane()
            task = asyncio.create_task(self._serve(one.lane, lane))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if lane.full:
            return False
        lane.full = len(lane.updates) == IN_LANE
        lane.updates.append(one)
        self._count(1)
        return True

    def _count(self, more: int) -> None:
        self._held += more
        if self._held < MOST:
            self._room.set()
        else:
            self._room.clear()

    async def _serve(self, number: int, lane: _Lane) -> None:
        """Work on one chat's updates in their order, until there are none."""
        try:
            while lane.updates:
                too_many = lane.full and len(lane.updates) == 1
                await self._one(lane.updates[0], self._excuse if too_many else self._work)
                lane.updates.popleft()
                lane.full = lane.full and not too_many
                self._count(-1)
        finally:
            del self._lanes[number]
            self._count(-len(lane.updates))

    async def _one(self, received: Received, work: Callable[[Received], Awaitable[str]]) -> None:
        work_id.set(f"update {received.update_id}")
        try:
            outcome = await work(received)
        except Exception as error:
            log.exception("an update failed")
            outcome = f"failed: {type(error).__name__}"
        await self._finish([received], outcome)

    async def _finish(self, received: Iterable[Received], outcome: str) -> None:
        """Write an outcome down; until that is done, the chat's next update waits."""
        now = self._clock()

        def write(connection: Connection) -> None:
            for one in received:
                inbox.finish(connection, one.update_id, now, outcome)

        try:
            await self._insist("an update's outcome waits", write)
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
