"""Draining the outbox: every row is claimed, committed as being sent, sent once, and its outcome recorded."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from bot.domain.delivery import Outcome, Receipt
from bot.domain.splitting import bare
from bot.errors import DatabaseError
from bot.logs import work_id
from bot.services.ledger import Ledger
from bot.storage import claims, ledger, meta
from bot.storage.claims import Fenced

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from bot.domain.message import Message
    from bot.domain.schedule import Clock
    from bot.storage.claims import Claimed, Delivery
    from bot.storage.database import Connection, Database

log = logging.getLogger(__name__)

AT_ONCE: Final = 64
"""Deliveries under way side by side where nothing is paid for; so many a crash can leave unknown."""
LEASE: Final = timedelta(seconds=120)
"""How long a claim lasts: 128 messages at 28 a second take five seconds, the rest is for a slow answer."""
LOOK: Final = 1.0
"""Seconds after which what has come due is claimed although nothing under way has ended."""
_MESSAGES: Final = 2_000
"""Rendered messages that are remembered: a digest takes about 15 KB."""


def at_once(paid_rate: int) -> int:
    """How many deliveries are under way side by side: at a pace that is paid for, as many as answers take to come.

    At a thousand a second that is half as many again as the gateway has connections: some always wait for a commit.
    """
    return max(AT_ONCE, paid_rate * 3 // 8)


class Sender(Protocol):
    """What pushes a message; the gateway has one."""

    async def deliver(
        self, chat_id: int, message: Message, before: Callable[[], Awaitable[bool]], *, paid: bool = False
    ) -> Receipt | None:
        """Send once, after `before` agreed; None if it did not, or if the chat must rest for long."""

    async def alter(
        self, chat_id: int, message_id: int, message: Message | None, before: Callable[[], Awaitable[bool]]
    ) -> Receipt | None:
        """Likewise show a message in the place of an earlier one, or for None delete that."""

    def rests(self, chat_id: int) -> float:
        """Seconds that this chat alone must rest after a 429; 0 for none."""

    def halted(self) -> float:
        """Seconds that every chat must rest after a 429; 0 for none."""


class Deliveries:
    """The outbox's worker.

    Args:
        db: the database.
        clock: the time.
        sender: what pushes a message.
        chance: a random number from 0 to 1, for spreading retries.
        look: seconds after which what has come due is claimed although nothing under way has ended.
        at_once: deliveries under way side by side.
        paid: whether broadcasts go at the pace that is paid for.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        sender: Sender,
        chance: Callable[[], float] = random.random,
        *,
        look: float = LOOK,
        at_once: int = AT_ONCE,
        paid: bool = False,
    ) -> None:
        self._db = db
        self._clock = clock
        self._sender = sender
        self._chance = chance
        self._look = look
        self._at_once = at_once
        self._paid = paid
        self._ledger = Ledger(db, clock)
        self._claimed: deque[Delivery] = deque()
        self._sending: dict[int, int] = {}
        self._known: dict[int, tuple[Message, str]] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._arrived = 0
        self._changed = asyncio.Event()
        self._stopping = False
        self._refused = False

    async def recover(self) -> tuple[int, int]:
        """Begin a new epoch; returns how many rows of the last run were planned again and how many are unknown."""

        def write(connection: Connection) -> tuple[int, int]:
            self._ledger.epoch = meta.next_epoch(connection)
            return self._recover(connection, {})

        return await self._db.write(write)

    def _under_way(self) -> dict[int, int]:
        """What this worker has claimed or is sending, each with its chat; taken before the writer's thread needs it."""
        return self._sending | {one.id: one.chat_id for one in self._claimed}

    def _recover(self, connection: Connection, under_way: Mapping[int, int]) -> tuple[int, int]:
        again, unknown = ledger.recover(connection, self._ledger.epoch, self._clock(), under_way)
        if unknown:
            log.warning("%d messages were on their way, and nobody knows if they arrived", unknown)
        return again, unknown

    async def drain(self) -> int:
        """Send everything that is due; returns how many messages arrived.

        Raises:
            DatabaseError: nothing can be claimed; what was under way has been finished first.
        """
        # One that is refused shows that all are; the next drain tries one again.
        tries = 1
        self._arrived = 0
        try:
            await self._db.write(self._recover, self._under_way())
            while True:
                alone = not self._workers
                idle = await self._fill(tries if self._refused else 2 * self._at_once)
                tries = 0
                done = {one for one in self._workers if one.done()}
                self._workers -= done
                for one in done:
                    one.result()
                if not self._workers and ((idle and alone and not self._claimed) or self._stopping):
                    return self._arrived
                self._changed.clear()
                if self._workers:
                    # A slow answer, or a chat that must rest, holds one place and not the others.
                    await self._wait()
        except Fenced as error:
            log.error("%s", error)  # noqa: TRY400 - one sentence says it
            self.stop()
            await self._finish()
            return self._arrived
        except DatabaseError:
            await self._finish()
            raise
        finally:
            for one in self._workers:
                one.cancel()
            await self._hand_back()

    async def _finish(self) -> None:
        """Wait for what is under way."""
        if self._workers:
            await asyncio.wait(self._workers)

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self._look):
                await self._changed.wait()
        except TimeoutError:
            return

    async def _fill(self, room: int) -> bool:
        """Claim what there is room for, and let as many work on it as may; returns whether nothing is due."""
        nothing = self._stopping or not room or self._sender.halted() > self._look
        if not nothing and len(self._claimed) <= self._at_once // 2:
            # What is found may all have to wait, or have ended; behind it there may be more.
            while (found := await self._claim_some(room - len(self._claimed))).looked_at:
                self._claimed += found.leaving
                if found.leaving:
                    break
            nothing = not found.leaving
            if self._refused and room > 1:
                # The token was refused while this was being claimed.
                await self._hand_back()
        if not self._stopping:
            idle = self._at_once - len(self._workers)
            self._workers |= {asyncio.create_task(self._work()) for _ in range(min(idle, len(self._claimed)))}
        return nothing

    async def _claim_some(self, most: int) -> Claimed:
        return await self._db.write(self._claim, most, self._under_way())

    def _claim(self, connection: Connection, most: int, under_way: Mapping[int, int]) -> Claimed:
        now = self._clock()
        if len(self._known) > _MESSAGES:
            self._known.clear()
        # How a message goes out may change while it is known.
        for message_id, mode in self._ledger.changed_messages.items():
            if message_id in self._known:
                self._known[message_id] = (self._known[message_id][0], mode)
        self._ledger.changed_messages.clear()
        epoch = self._ledger.epoch
        return claims.claim(connection, epoch, now, now + LEASE, most, under_way=under_way, known=self._known)

    def stop(self) -> None:
        """Begin nothing more; what is on its way is waited for by `drain`."""
        self._stopping = True
        self._changed.set()

    async def _work(self) -> None:
        """Deliver one after the other, as long as any is claimed.

        Nobody waits until the outcome of one is written down: where the next one begins at once, they share a commit.
        """
        last: asyncio.Future[bool] | None = None
        while self._claimed and not self._stopping:
            delivery = self._claimed.popleft()
            if len(self._claimed) == self._at_once // 2:
                self._changed.set()
            last = await self._deliver(delivery) or last
        if last is not None:
            await asyncio.wait([last])
        self._changed.set()

    async def _hand_back(self) -> None:
        """What was claimed and not begun is anybody's again."""
        left, self._claimed = self._claimed, deque()
        ids = [one.id for one in left]
        if ids:
            await self._db.write(ledger.give_back, self._ledger.epoch, ids)

    async def _deliver(self, delivery: Delivery) -> asyncio.Future[bool] | None:
        """Send one, and have its outcome written down; whatever happens to it may not reach the others.

        Returns:
            What is done when the outcome is written down; None where there is none.
        """
        work_id.set(f"delivery {delivery.id}")
        self._sending[delivery.id] = delivery.chat_id
        # What left before the token was refused may be answered after that, and says nothing about it.
        tries_token = self._refused
        written = None
        try:
            receipt = await self._send(delivery)
            if receipt is None:
                rest = self._sender.rests(delivery.chat_id)
                until = self._clock() + timedelta(seconds=rest) if rest else None
                await self._db.write(ledger.give_back, self._ledger.epoch, [delivery.id], until)
                return None
            written = self._ledger.end(delivery, receipt, self._chance())
            written.add_done_callback(partial(self._ended, delivery, receipt.outcome))
            if receipt.outcome is Outcome.STOP:
                # At once, before anybody takes another one.
                self._refused = True
                await self._hand_back()
            elif tries_token:
                self._refused = False
        except Exception as error:  # noqa: BLE001 - it may not reach the others
            self._not_written(error)
        finally:
            if written is None:
                del self._sending[delivery.id]
        return written

    def _ended(self, delivery: Delivery, outcome: Outcome, written: asyncio.Future[bool]) -> None:
        """The outcome of a delivery is written down, or could not be."""
        del self._sending[delivery.id]
        if (error := written.exception()) is not None:
            self._not_written(error)
        elif outcome is Outcome.SENT:
            self._arrived += 1

    def _not_written(self, error: BaseException) -> None:
        """Say so; the row stays as it is until nobody can work on it any more, and is then what `ledger.recover` makes of it."""
        if isinstance(error, Fenced):
            log.error("%s", error)
            self.stop()
        elif isinstance(error, DatabaseError):
            log.error("a delivery was not written down: %s", error)
        else:
            log.error("a delivery was not written down", exc_info=error)

    async def _send(self, delivery: Delivery) -> Receipt | None:
        begun = False

        async def before() -> bool:
            nonlocal begun
            begun = not self._stopping and await self._ledger.begin(delivery.id)
            return begun

        chat_id, target = delivery.chat_id, delivery.target
        message = bare(delivery.message) if delivery.plain else delivery.message
        try:
            if delivery.op == "send" or target is None:
                if target is not None:
                    message = replace(message, reply_to=target)
                paid = self._paid and delivery.broadcast_id is not None
                return await self._sender.deliver(chat_id, message, before, paid=paid)
            return await self._sender.alter(
                chat_id, target, message if delivery.op == "edit" else None, before
            )
        except DatabaseError:
            raise
        except Exception as error:
            log.exception("a delivery failed")
            if not begun and await self._ledger.begin(delivery.id):
                # Nothing has left: it is our own fault, and will be the next time, too.
                return Receipt(Outcome.FAILED, reason=f"failed: {type(error).__name__}")
            return Receipt(Outcome.UNKNOWN, reason=f"failed: {type(error).__name__}") if begun else None
