"""Writing down what happens to deliveries: what gathers while one commit is made shares the next one."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from bot import failpoints
from bot.domain.delivery import Outcome, Receipt, State, after
from bot.services.presence import suspend
from bot.storage import broadcasts, ledger, migrating
from bot.storage.ledger import Ending

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.schedule import Clock
    from bot.storage.claims import Delivery
    from bot.storage.database import Connection, Database

log = logging.getLogger(__name__)

GATHER: Final = 0.025
"""Seconds from one commit to the next, in which more gathers while there is much to write: at a thousand messages a second
each commit would else hold a few rows, and commits take half a core (measured).
"""
FEW: Final = 2
"""Rows that the last commit had where nothing is gathered: at 28 messages a second there are no more, and none waits."""
FULL: Final = 128
"""Rows with which it is not waited any longer."""
_TOLD: Final = frozenset({Outcome.FAILED, Outcome.UNKNOWN, Outcome.STOP})
"""Outcomes that the log names one by one."""


class Ledger:
    """The two commits around each message: that it begins, and what became of it.

    Args:
        db: the database.
        clock: the time.
    """

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self.epoch = 0
        self._committed_at = 0.0
        self._shared = 0
        self._begins: list[tuple[int, asyncio.Future[bool]]] = []
        self._ends: list[tuple[Delivery, Receipt, float, asyncio.Future[bool]]] = []
        self._writing: asyncio.Task[None] | None = None
        self.changed_messages: dict[int, str] = {}

    async def begin(self, delivery_id: int) -> bool:
        """Commit that a message is about to leave; False where it may not.

        Raises:
            DatabaseError: it could not be written down.
        """
        written: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._begins.append((delivery_id, written))
        self._write()
        return await written

    def end(self, delivery: Delivery, receipt: Receipt, chance: float) -> asyncio.Future[bool]:
        """Commit what is known after an attempt; `chance` is a random number from 0 to 1, as `after` takes it.

        Nobody needs to wait for it: a message that begins afterwards leaves after the commit of this, since its beginning
        is in the same commit or in a later one. Where that commit fails, this one stays in doubt.

        Returns:
            What is done when it is written down; a DatabaseError where it could not be.
        """
        written: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._ends.append((delivery, receipt, chance, written))
        self._write()
        return written

    def _write(self) -> None:
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._flush())

    async def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        while self._begins or self._ends:
            if len(self._begins) + len(self._ends) < FULL:
                # What comes in the same moment shares the commit in any case.
                waits = self._committed_at + GATHER - loop.time() if self._shared > FEW else 0
                await asyncio.sleep(waits)
            self._committed_at = loop.time()
            begins, self._begins = self._begins, []
            ends, self._ends = self._ends, []
            self._shared = len(begins) + len(ends)
            waiting = [written for _, written in begins] + [written for *_, written in ends]
            try:
                begun = await self._db.write(self._settle, [one for one, _ in begins], ends)
            except Exception as error:  # noqa: BLE001 - it belongs to everybody who waits for it
                for written in waiting:
                    if not written.done():
                        written.set_exception(error)
                continue
            for delivery_id, written in begins:
                if not written.done():
                    written.set_result(delivery_id in begun)
            for *_, written in ends:
                if not written.done():
                    written.set_result(True)

    def _settle(
        self,
        connection: Connection,
        begins: list[int],
        ends: list[tuple[Delivery, Receipt, float, asyncio.Future[bool]]],
    ) -> set[int]:
        now = self._clock()
        begun = ledger.begin(connection, self.epoch, begins, now)
        failpoints.hit("settle, begun")
        endings = [_ending(delivery, receipt, chance, now) for delivery, receipt, chance, _ in ends]
        ledger.finish(connection, self.epoch, endings, now)
        others = [one for one in endings if one.transition.state is not State.SENT]
        broadcasts.hold_back(connection, others, now)
        failpoints.hit("settle, finished")
        self.changed_messages |= ledger.judge_messages(connection, others)
        for delivery, receipt, _, _ in ends:
            if receipt.outcome is not Outcome.SENT:
                self._follow_up(connection, delivery, receipt)
        return begun

    def _follow_up(self, connection: Connection, delivery: Delivery, receipt: Receipt) -> None:
        """What an answer says about the chat itself."""
        if receipt.outcome is Outcome.GONE:
            suspend(connection, delivery.chat_id, self._clock(), receipt.reason)
        elif receipt.outcome is Outcome.MIGRATED:
            migrating.move_chat(connection, delivery.chat_id, receipt.migrated_to)
            log.info("chat %d is now %d", delivery.chat_id, receipt.migrated_to)
        elif receipt.outcome in _TOLD:
            log.warning("delivery %d: %s, %s", delivery.id, receipt.outcome, receipt.reason)


def _ending(delivery: Delivery, receipt: Receipt, chance: float, now: datetime) -> Ending:
    transition = after(receipt, delivery.attempts + 1, delivery.expires_at, now, chance, plain=delivery.plain)
    if transition.state is State.UNKNOWN and delivery.op != "send":
        # A change may be made twice without harm, so what nobody knows is tried again.
        again = Receipt(Outcome.RETRY, reason=receipt.reason)
        transition = after(
            again, delivery.attempts + 1, delivery.expires_at, now, chance, plain=delivery.plain
        )
    return Ending(delivery, transition, receipt.about_content)
