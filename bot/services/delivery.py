"""Draining the outbox: every row is claimed, committed as being sent, sent once, and its outcome recorded."""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from bot.domain.delivery import Outcome, Receipt, after
from bot.domain.quiet import manner
from bot.errors import DatabaseError
from bot.logs import work_id
from bot.services.presence import suspend
from bot.storage import meta, outbox

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.domain.message import Message
    from bot.domain.schedule import Clock
    from bot.storage.database import Connection, Database
    from bot.storage.outbox import Delivery

log = logging.getLogger(__name__)

AT_ONCE: Final = 64
"""Deliveries under way side by side; also the most that a crash can leave unknown."""
LEASE: Final = timedelta(seconds=120)
"""How long a claim lasts: 64 messages at 28 a second take three seconds, the rest is for a slow answer."""
LOOK: Final = 1.0
"""Seconds after which what has come due is claimed although nothing under way has ended."""


class Sender(Protocol):
    """What pushes a message; the gateway has one."""

    async def deliver(
        self, chat_id: int, message: Message, before: Callable[[], Awaitable[bool]]
    ) -> Receipt | None:
        """Send once, after `before` agreed; None if it did not."""


class Deliveries:
    """The outbox's worker.

    Args:
        db: the database.
        clock: the time.
        sender: what pushes a message.
        chance: a random number from 0 to 1, for spreading retries.
        look: seconds after which what has come due is claimed although nothing under way has ended.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        sender: Sender,
        chance: Callable[[], float] = random.random,
        *,
        look: float = LOOK,
    ) -> None:
        self._db = db
        self._clock = clock
        self._sender = sender
        self._chance = chance
        self._look = look
        self._epoch = 0
        self._running: set[asyncio.Task[bool]] = set()
        self._stopping = False

    async def recover(self) -> tuple[int, int]:
        """Begin a new epoch; returns how many rows of the last run were planned again and how many are unknown."""

        def write(connection: Connection) -> tuple[int, int]:
            self._epoch = meta.next_epoch(connection)
            return self._recover(connection)

        return await self._db.write(write)

    def _recover(self, connection: Connection) -> tuple[int, int]:
        again, unknown = outbox.recover(connection, self._epoch, self._clock())
        if unknown:
            log.warning("%d messages were on their way, and nobody knows if they arrived", unknown)
        return again, unknown

    async def drain(self) -> int:
        """Send everything that is due; returns how many messages arrived.

        Raises:
            DatabaseError: nothing can be claimed; what was under way has been finished first.
        """
        arrived = 0
        try:
            while True:
                # A slow answer, or a chat that must rest, holds one place and not the others.
                if len(self._running) <= AT_ONCE // 2 and not self._stopping:
                    claimed = await self._db.write(self._claim, AT_ONCE - len(self._running))
                    self._running |= {asyncio.create_task(self._deliver(delivery)) for delivery in claimed}
                if not self._running:
                    return arrived
                done, self._running = await asyncio.wait(
                    self._running, timeout=self._look, return_when=asyncio.FIRST_COMPLETED
                )
                arrived += sum(task.result() for task in done)
        except DatabaseError:
            await asyncio.gather(*self._running)
            raise
        finally:
            for task in self._running:
                task.cancel()

    def _claim(self, connection: Connection, most: int) -> list[Delivery]:
        self._recover(connection)
        now = self._clock()
        claimed = outbox.claim(connection, self._epoch, now, now + LEASE, most)
        leaving, held = [], {}
        for delivery in claimed:
            how = manner(now, delivery.wishes, own_hour=delivery.own_hour)
            if how.held_until is not None:
                held[delivery.id] = how.held_until
            else:
                silent = how.silent or delivery.message.silent
                leaving.append(replace(delivery, message=replace(delivery.message, silent=silent)))
        outbox.hold(connection, held, self._epoch, now)
        return leaving

    def stop(self) -> None:
        """Begin nothing more; what is on its way is waited for by `drain`."""
        self._stopping = True

    async def _deliver(self, delivery: Delivery) -> bool:
        """One delivery from its claim to its outcome; whatever happens to it may not reach the others."""
        work_id.set(f"delivery {delivery.id}")
        try:
            receipt = await self._send(delivery)
            if receipt is None:
                await self._db.write(outbox.give_back, self._epoch, [delivery.id])
                return False
            await self._db.write(self._record, delivery, receipt, self._chance())
        except DatabaseError as error:
            # The row stays as it is until its lease is over, and is then what `outbox.recover` makes of it.
            log.error("a delivery was not written down: %s", error)  # noqa: TRY400 - one sentence says it
            return False
        return receipt.outcome is Outcome.SENT

    async def _send(self, delivery: Delivery) -> Receipt | None:
        async def before() -> bool:
            if self._stopping:
                return False
            return await self._db.write(outbox.start, delivery.id, self._epoch, self._clock())

        try:
            return await self._sender.deliver(delivery.chat_id, delivery.message, before)
        except DatabaseError:
            raise
        except Exception as error:
            log.exception("a delivery failed")
            return Receipt(Outcome.UNKNOWN, reason=f"failed: {type(error).__name__}")

    def _record(self, connection: Connection, delivery: Delivery, receipt: Receipt, chance: float) -> None:
        now = self._clock()
        transition = after(receipt, delivery.attempts + 1, delivery.expires_at, now, chance)
        outbox.finish(connection, delivery.id, self._epoch, transition, now)
        if receipt.outcome is Outcome.GONE:
            suspend(connection, delivery.chat_id, now, receipt.reason)
        elif receipt.outcome in {Outcome.FAILED, Outcome.UNKNOWN, Outcome.STOP}:
            log.warning("delivery %d is %s: %s", delivery.id, transition.state, receipt.reason)
