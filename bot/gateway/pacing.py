"""Keeping to Telegram's pace: 28 messages a second in all, one a second for a chat after a burst of three.

28 and not 30, since the network's jitter makes 31 of 30 in some second. Answers to readers go before pushes. After
a 429 nothing goes to that chat before the deadline, and nothing at all when a second chat is refused; deadlines only
ever move later.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

RATE: Final = 28.0
"""Messages a second over all chats."""
CHAT_RATE: Final = 1.0
"""Messages a second in one private chat, in the long run."""
CHAT_BURST: Final = 3
"""Messages that a private chat takes at once after a pause."""
_LOOK: Final = 200
"""How many waiting pushes are looked at for one whose chat is free."""


class Lane(IntEnum):
    """Who goes first."""

    ANSWER = 0
    PUSH = 1


class Book:
    """When the next message may leave; pure arithmetic over seconds of a monotonic clock."""

    def __init__(
        self, rate: float = RATE, chat_rate: float = CHAT_RATE, chat_burst: int = CHAT_BURST
    ) -> None:
        self._step = 1.0 / rate
        self._chat_step = 1.0 / chat_rate
        self._grace = (chat_burst - 1) * self._chat_step
        self._next = float("-inf")
        self._chats: dict[int, float] = {}
        self._halts: dict[int, float] = {}
        self._halt = float("-inf")

    def ready_at(self, chat_id: int) -> float:
        """The earliest moment at which a message to this chat may leave."""
        chat = max(
            self._chats.get(chat_id, float("-inf")) - self._grace, self._halts.get(chat_id, float("-inf"))
        )
        return max(self.free_at(), chat)

    def free_at(self) -> float:
        """The earliest moment at which a message to any chat may leave."""
        return max(self._next, self._halt)

    def take(self, chat_id: int, now: float) -> None:
        """Note that a message to this chat leaves at `now`."""
        self._next = now + self._step
        self._chats[chat_id] = max(self._chats.get(chat_id, now), now) + self._chat_step
        if len(self._chats) > 10_000:
            self._chats = {chat: until for chat, until in self._chats.items() if until > now}
            self._halts = {chat: until for chat, until in self._halts.items() if until > now}

    def refused(self, chat_id: int, until: float, now: float) -> None:
        """Note a 429: this chat waits until then; everybody does if another chat was refused and still waits."""
        if any(chat != chat_id and end > now for chat, end in self._halts.items()):
            self._halt = max(self._halt, until)
        self._halts[chat_id] = max(self._halts.get(chat_id, until), until)


@dataclass(slots=True, eq=False)
class _Waiter:
    chat_id: int
    turn: asyncio.Future[None]


class Pacer:
    """Lets callers through one by one, in the order of the lanes.

    Args:
        book: the pace.
        clock: seconds of a monotonic clock.
    """

    def __init__(self, book: Book | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._book = book or Book()
        self._clock = clock
        self._lanes: tuple[deque[_Waiter], ...] = (deque(), deque())
        self._timer: asyncio.TimerHandle | None = None

    async def turn(self, chat_id: int, lane: Lane) -> None:
        """Wait until a message to this chat may leave; a cancelled caller gives up its place."""
        waiter = _Waiter(chat_id, asyncio.get_running_loop().create_future())
        self._lanes[lane].append(waiter)
        self._serve()
        try:
            await waiter.turn
        except asyncio.CancelledError:
            if waiter in self._lanes[lane]:
                self._lanes[lane].remove(waiter)
            raise

    def refused(self, chat_id: int, seconds: float) -> None:
        """Note a 429 that asks for `seconds`."""
        now = self._clock()
        self._book.refused(chat_id, now + seconds, now)

    def waiting(self) -> tuple[int, int]:
        """How many answers and how many pushes wait."""
        return len(self._lanes[Lane.ANSWER]), len(self._lanes[Lane.PUSH])

    def _serve(self) -> None:
        """Let through whoever may go now, then come back when the next one may."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while True:
            now = self._clock()
            found = self._first_ready(now)
            if found is None:
                break
            lane, waiter = found
            lane.remove(waiter)
            if not waiter.turn.done():
                self._book.take(waiter.chat_id, now)
                waiter.turn.set_result(None)
        upcoming = [self._book.ready_at(waiter.chat_id) for lane in self._lanes for waiter in _head(lane)]
        if upcoming:
            wait = max(0.0, min(upcoming) - now)
            self._timer = asyncio.get_running_loop().call_later(wait, self._serve)

    def _first_ready(self, now: float) -> tuple[deque[_Waiter], _Waiter] | None:
        if self._book.free_at() > now:
            return None
        for lane in self._lanes:
            for waiter in _head(lane):
                if self._book.ready_at(waiter.chat_id) <= now:
                    return lane, waiter
        return None


def _head(lane: deque[_Waiter]) -> list[_Waiter]:
    """The first waiters of a lane; one chat's messages keep their order because its first one is met first."""
    return [lane[n] for n in range(min(len(lane), _LOOK))]
