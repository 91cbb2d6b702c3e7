"""Draining the outbox: every row is claimed, committed as being sent, sent once, and its outcome recorded."""

from __future__ import annotations

import asyncio
import logging
import random
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from bot.domain.delivery import Outcome, after
from bot.logs import work_id
from bot.services.readers import suspend
from bot.storage import meta, outbox

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.domain.delivery import Receipt
    from bot.domain.message import Message
    from bot.domain.schedule import Clock
    from bot.storage.database import Connection, Database
    from bot.storage.outbox import Delivery

log = logging.getLogger(__name__)

AT_ONCE: Final = 64
"""Deliveries claimed together; also the most that a crash can leave unknown."""
LEASE: Final = timedelta(seconds=120)
"""How long a claim lasts: 64 messages at 28 a second take three seconds, the rest is for a slow answer."""


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
    """

    def __init__(
        self, db: Database, clock: Clock, sender: Sender, chance: Callable[[], float] = random.random
    ) -> None:
        self._db = db
        self._clock = clock
        self._sender = sender
        self._chance = chance
        self._epoch = 0
        self._stopping = False

    async def recover(self) -> tuple[int, int]:
        """Begin a new epoch; returns how many rows of the last run were planned again and how many are unknown."""

        def write(connection: Connection) -> tuple[int, int]:
            self._epoch = meta.next_epoch(connection)
            return outbox.recover(connection, self._epoch, self._clock())

        again, unknown = await self._db.write(write)
        if unknown:
            log.warning(
                "%d messages were on their way when the last run ended; nobody knows if they arrived", unknown
            )
        return again, unknown

    async def drain(self) -> int:
        """Send everything that is due; returns how many messages arrived."""
        arrived = 0
        while not self._stopping:
            now = self._clock()
            batch = await self._db.write(outbox.claim, self._epoch, now, now + LEASE, AT_ONCE)
            if not batch:
                break
            arrived += sum(await asyncio.gather(*(self._deliver(delivery) for delivery in batch)))
        return arrived

    def stop(self) -> None:
        """Begin nothing more; what is on its way is waited for by `drain`."""
        self._stopping = True

    async def _deliver(self, delivery: Delivery) -> bool:
        work_id.set(f"delivery {delivery.id}")

        async def before() -> bool:
            if self._stopping:
                return False
            return await self._db.write(outbox.start, delivery.id, self._epoch, self._clock())

        receipt = await self._sender.deliver(delivery.chat_id, delivery.message, before)
        if receipt is None:
            await self._db.write(outbox.give_back, self._epoch, [delivery.id])
            return False
        await self._db.write(self._record, delivery, receipt, self._chance())
        return receipt.outcome is Outcome.SENT

    def _record(self, connection: Connection, delivery: Delivery, receipt: Receipt, chance: float) -> None:
        now = self._clock()
        transition = after(receipt, delivery.attempts + 1, delivery.expires_at, now, chance)
        outbox.finish(connection, delivery.id, self._epoch, transition, now)
        if receipt.outcome is Outcome.GONE:
            suspend(connection, delivery.chat_id, now, receipt.reason)
        elif receipt.outcome in {Outcome.FAILED, Outcome.UNKNOWN, Outcome.STOP}:
            log.warning("delivery %d is %s: %s", delivery.id, transition.state, receipt.reason)
