"""Keeping to Telegram's pace: 28 messages a second in all but for those that are paid for, one a second for a chat.

28 and not 30, since the network's jitter makes 31 of 30 in some second; and no more than 30 behind the door, since a
stall makes 31 of 28. Answers to readers go before pushes. After a 429 nothing goes to that chat before the deadline,
and nothing at all when a second chat is refused; deadlines only ever move later.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, Final

from bot.gateway.door import Door, Lane

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from bot.gateway.door import Flight

RATE: Final = 28.0
"""Messages a second over all chats."""
LIMIT: Final = 30
"""Messages that Telegram takes in any one second (Bots FAQ)."""
CHAT_RATE: Final = 1.0
"""Messages a second in one private chat, in the long run."""
CHAT_BURST: Final = 3
"""Messages that a private chat takes at once after a pause."""
GROUP_LIMIT: Final = 20
"""Messages that a group or a channel takes in a minute (Bots FAQ); their ids are negative."""
GROUP_SECONDS: Final = 60.5
"""That minute, and a little for the way there."""
_LATE: Final = 0.02
"""Seconds by which a late wake-up is made up for. Without that each one is lost for good, and of a thousand messages a
second 710 leave (measured); what comes closer together for it, the door keeps within the limit.
"""


class MustRest(Exception):
    """The chat must rest for longer than the caller has patience."""


class Book:
    """When the next message may leave; pure arithmetic over seconds of a monotonic clock."""

    def __init__(
        self,
        rate: float = RATE,
        chat_rate: float = CHAT_RATE,
        chat_burst: int = CHAT_BURST,
        *,
        paid: float = 0.0,
    ) -> None:
        self._step = 1.0 / rate
        self.paid = paid
        self._next_paid = float("-inf")
        self._slow_until = float("-inf")
        self._groups: dict[int, deque[float]] = {}
        self.limit = max(1, round(rate * LIMIT / RATE))
        self._chat_step = 1.0 / chat_rate
        self._grace = (chat_burst - 1) * self._chat_step
        self._next = float("-inf")
        self._chats: dict[int, float] = {}
        self._halts: dict[int, float] = {}
        self._halt = float("-inf")

    def ready_at(self, chat_id: int) -> float:
        """The earliest moment at which a message to this chat may leave."""
        return max(self.free_at(), self.rested_at(chat_id))

    def rested_at(self, chat_id: int) -> float:
        """The earliest moment at which this chat takes one more, whatever goes to others."""
        paced = self._chats.get(chat_id, float("-inf")) - self._grace
        group = self._groups.get(chat_id)
        if group is not None and len(group) == GROUP_LIMIT:
            paced = max(paced, group[0] + GROUP_SECONDS)
        return max(paced, self._halts.get(chat_id, float("-inf")))

    def halted_until(self, chat_id: int) -> float:
        """The end of the last 429 that holds this chat."""
        return max(self._halt, self._halts.get(chat_id, float("-inf")))

    def resume(self, halts: Mapping[int, float], halt: float, slow_until: float) -> None:
        """Keep to what was so before a restart: chats that rest until then, all of them, and half the pace."""
        self._halts |= halts
        self._halt = max(self._halt, halt)
        self._slow_until = slow_until

    def rests_until(self, chat_id: int) -> float:
        """The end of the last 429 of this chat alone."""
        return self._halts.get(chat_id, float("-inf"))

    def halted_for_all_until(self) -> float:
        """The end of the last 429 that holds everybody."""
        return self._halt

    def free_at(self, *, paid: bool = False) -> float:
        """The earliest moment at which a message to any chat may leave, or one that is `paid` for."""
        return max(self._next_paid if paid else self._next, self._halt)

    def take(self, chat_id: int, now: float, since: float | None = None, *, paid: bool = False) -> None:
        """Note that a message to this chat leaves at `now`; `since` then it was there and its chat was free."""
        due = max(now if since is None else min(max(since, self._halt), now), now - _LATE)
        if paid:
            self._next_paid = max(self._next_paid, due) + 1.0 / self.paid
        else:
            self._next = max(self._next, due) + self._step * (2.0 if now < self._slow_until else 1.0)
        if chat_id < 0:
            self._groups.setdefault(chat_id, deque(maxlen=GROUP_LIMIT)).append(now)
        self._chats[chat_id] = max(self._chats.get(chat_id, now), now) + self._chat_step
        if len(self._chats) > 10_000:
            self._chats = {chat: until for chat, until in self._chats.items() if until > now}
            self._halts = {chat: until for chat, until in self._halts.items() if until > now}

    def counted(self, messages: int, *, paid: bool = False) -> None:
        """Note that what left was so many messages."""
        if paid:
            self._next_paid += (messages - 1) / self.paid
        else:
            self._next += (messages - 1) * self._step

    def refused(self, chat_id: int, until: float, now: float) -> None:
        """Note a 429: this chat waits until then; everybody does if another chat was refused and still waits."""
        if any(chat != chat_id and end > now for chat, end in self._halts.items()):
            self._halt = max(self._halt, until)
        self._halts[chat_id] = max(self._halts.get(chat_id, until), until)


@dataclass(slots=True, eq=False)
class _Waiter:
    chat_id: int
    number: int
    turn: asyncio.Future[None]
    patience: float = float("inf")
    ready_at: float = 0.0


class _Line:
    """Those who wait in one lane: a queue for each chat, and of the queues' heads who may go first.

    A head whose chat is free stands in `_ready` by its arrival, any other rests until its chat is free again. An
    entry whose waiter is no head any more (it went, or gave up) is dropped when it is met; so no step looks at more
    than the top of a heap, however many wait.
    """

    def __init__(self, book: Book, *, paid: bool = False) -> None:
        self._book = book
        self._paid = paid
        self._queues: dict[int, deque[_Waiter]] = {}
        self._ready: list[tuple[int, int]] = []
        self._resting: list[tuple[float, int, int]] = []

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))

    def add(self, waiter: _Waiter, now: float) -> None:
        """Stand at the end of the chat's queue."""
        queue = self._queues.setdefault(waiter.chat_id, deque())
        queue.append(waiter)
        waiter.ready_at = now
        if len(queue) == 1:
            self._place(waiter, now)

    def remove(self, waiter: _Waiter, now: float) -> None:
        """Leave, whether served or not; the next one of that chat becomes its head."""
        queue = self._queues.get(waiter.chat_id, deque())
        if waiter not in queue:
            return
        was_head = queue[0] is waiter
        queue.remove(waiter)
        if not queue:
            del self._queues[waiter.chat_id]
        elif was_head:
            self._place(queue[0], now)

    def dismiss(self, chat_id: int, seconds: float) -> None:
        """Let those wait no longer who have not so much patience with a chat."""
        for waiter in tuple(self._queues.get(chat_id, ())):
            if waiter.patience < seconds and not waiter.turn.done():
                waiter.turn.set_exception(MustRest())

    def serve(self, now: float) -> bool:
        """Let the first one through whose chat is free; False where there is none."""
        while self._resting and self._resting[0][0] <= now:
            _, number, chat_id = heappop(self._resting)
            if head := self._head(chat_id, number):
                self._place(head, now)
        while self._ready:
            number, chat_id = heappop(self._ready)
            head = self._head(chat_id, number)
            if head is None:
                continue
            if head.turn.done():
                self.remove(head, now)
            elif self._book.rested_at(chat_id) > now:
                self._place(head, now)
            else:
                self._book.take(chat_id, now, head.ready_at, paid=self._paid)
                self.remove(head, now)
                head.turn.set_result(None)
                return True
        return False

    def wakes_at(self) -> float:
        """The earliest moment at which a chat may be free, as far as is known; infinite where nobody waits."""
        if self._ready:
            return float("-inf")
        return self._resting[0][0] if self._resting else float("inf")

    def _place(self, head: _Waiter, now: float) -> None:
        rested_at = self._book.rested_at(head.chat_id)
        head.ready_at = max(head.ready_at, rested_at)
        if rested_at <= now:
            heappush(self._ready, (head.number, head.chat_id))
        else:
            heappush(self._resting, (rested_at, head.number, head.chat_id))

    def _head(self, chat_id: int, number: int) -> _Waiter | None:
        queue = self._queues.get(chat_id)
        return queue[0] if queue and queue[0].number == number else None


class Pacer:
    """Lets callers through one by one: answers first, then who came first of those whose chat is free.

    Args:
        book: the pace.
        clock: seconds of a monotonic clock.
    """

    def __init__(self, book: Book | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._book = book or Book()
        self._clock = clock
        self._lines = {lane: _Line(self._book, paid=lane is Lane.PAID) for lane in Lane}
        free, paid = Door(self._book.limit, clock), Door(max(1, round(self._book.paid)), clock)
        self._doors = {lane: paid if lane is Lane.PAID else free for lane in Lane}
        self._arrivals = count()
        self._timer: asyncio.TimerHandle | None = None

    async def turn(self, chat_id: int, lane: Lane, *, patience: float = float("inf")) -> None:
        """Wait until a message to this chat may leave; a cancelled caller gives up its place.

        Raises:
            MustRest: the chat was refused, and must rest for more seconds than there is patience.
        """
        if self.rests(chat_id) > patience:
            raise MustRest
        line = self._lines[self._open(lane)]
        turn = asyncio.get_running_loop().create_future()
        waiter = _Waiter(chat_id, next(self._arrivals), turn, patience)
        line.add(waiter, self._clock())
        self._serve()
        try:
            await waiter.turn
        except (asyncio.CancelledError, MustRest):
            line.remove(waiter, self._clock())
            raise

    @asynccontextmanager
    async def door(
        self, chat_id: int, lane: Lane, *, patience: float = float("inf"), messages: int = 1
    ) -> AsyncIterator[Flight]:
        """Pass the door for the time of one call, as soon as there are not too many behind it.

        Whoever finds there that a 429 has come since its turn takes another turn, after the halt. An album counts as
        many `messages` as it has parts. Whoever does something else before the call says when it `departs`.
        """
        door = self._doors[self._open(lane)]
        flight = await door.enter(lane, messages)
        while self.halted_for(chat_id):
            door.turn_back(messages)
            await self.turn(chat_id, lane, patience=patience)
            flight = await door.enter(lane, messages)
        self._book.counted(messages, paid=self._open(lane) is Lane.PAID)
        try:
            yield flight
        finally:
            door.leave(flight, messages)

    def _open(self, lane: Lane) -> Lane:
        """The lane itself; where nothing is paid for, what would be goes like any push."""
        return Lane.PUSH if lane is Lane.PAID and not self._book.paid else lane

    def refused(self, chat_id: int, seconds: float) -> None:
        """Note a 429 that asks for `seconds`."""
        now = self._clock()
        self._book.refused(chat_id, now + seconds, now)
        for line in self._lines.values():
            line.dismiss(chat_id, seconds)

    def resume(self, halts: Mapping[int, float], halt: float, slow: float) -> None:
        """Keep to what was so before a restart.

        Args:
            halts: for each chat that a 429 holds, the seconds that it still must rest.
            halt: the same for all chats; 0 for none.
            slow: seconds in which only half as much is sent; 0 for none.
        """
        now = self._clock()
        self._book.resume({chat: now + left for chat, left in halts.items()}, now + halt, now + slow)

    def halted_for(self, chat_id: int) -> float:
        """Seconds that a 429 still holds this chat; 0 for none."""
        return max(0.0, self._book.halted_until(chat_id) - self._clock())

    def rests(self, chat_id: int) -> float:
        """Seconds that a 429 still holds this chat alone; 0 for none."""
        return max(0.0, self._book.rests_until(chat_id) - self._clock())

    def halted(self) -> float:
        """Seconds that a 429 still holds every chat; 0 for none."""
        return max(0.0, self._book.halted_for_all_until() - self._clock())

    def waiting(self) -> tuple[int, int]:
        """How many answers and how many pushes wait."""
        return len(self._lines[Lane.ANSWER]), len(self._lines[Lane.PUSH]) + len(self._lines[Lane.PAID])

    def _serve(self) -> None:
        """Let through whoever may go now, then come back when the next one may."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        wakes_at = float("inf")
        for paid in (False, True):
            lines = [line for lane, line in self._lines.items() if (lane is Lane.PAID) == paid]
            now = self._clock()
            while self._book.free_at(paid=paid) <= now and any(line.serve(now) for line in lines):
                now = self._clock()
            ready_at = min(line.wakes_at() for line in lines)
            wakes_at = min(wakes_at, max(self._book.free_at(paid=paid), ready_at))
        if wakes_at < float("inf"):
            self._timer = asyncio.get_running_loop().call_later(wakes_at - self._clock(), self._serve)
