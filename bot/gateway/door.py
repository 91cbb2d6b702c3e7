"""The door behind which no more messages are on their way than Telegram takes in a second."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_A_SECOND: Final = 1.01
"""A second, and a little for a message that gets there sooner than the quickest (of 50,400 at full pace one did)."""
_FLIGHTS: Final = 50
"""Answers of which the quickest tells how far away Telegram is."""


class Lane(IntEnum):
    """Who goes first."""

    ANSWER = 0
    PUSH = 1
    PAID = 2
    """What goes to many for a price, at a pace of its own (Bot API, allow_paid_broadcast)."""


@dataclass(slots=True)
class Flight:
    """A message behind the door, on its way since it `departed_at`."""

    departed_at: float
    clock: Callable[[], float]

    def departs(self) -> None:
        """What was before it is over: how long that took says nothing about how far away Telegram is."""
        self.departed_at = self.clock()


class Door:
    """What turns alone cannot promise: that no second sees more messages arrive than Telegram takes.

    Turns come evenly, but a slow disk, a busy machine or the network make bursts of them (measured at 28 a second: 31
    in some second). So a message counts until its answer, and then until a second has passed since it arrived, which
    was as long before its answer as the quickest of the last answers took: a steady distance to Telegram of
    up to a second costs nothing, only what comes late does. The last place is kept for an answer to a reader.

    Args:
        most: how many may count at once.
        clock: seconds of a monotonic clock.
    """

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        self._most = most
        self._clock = clock
        self._inside = 0
        self._flights: deque[float] = deque(maxlen=_FLIGHTS)
        self._ends: list[float] = []
        self._changed = asyncio.Event()

    async def enter(self, lane: Lane, messages: int = 1) -> Flight:
        """Wait until so many more may be on their way; the flight is to be given to `leave`."""
        places = self._most if lane is Lane.ANSWER else max(1, self._most - 1)
        while self._counting() + min(messages, places) > places:
            self._changed.clear()
            free = self._ends[0] + 0.001 - self._clock() if self._ends else None
            with suppress(TimeoutError):
                async with asyncio.timeout(free):
                    await self._changed.wait()
        self._inside += messages
        return Flight(self._clock(), self._clock)

    def leave(self, flight: Flight, messages: int = 1) -> None:
        """They have their answer, or none will come."""
        now = self._clock()
        self._inside -= messages
        self._flights.append(now - flight.departed_at)
        for _ in range(messages):
            heappush(self._ends, now - min(self._flights) + _A_SECOND)
        self._changed.set()

    def turn_back(self, messages: int = 1) -> None:
        """What came in leaves without having been sent."""
        self._inside -= messages
        self._changed.set()

    def _counting(self) -> int:
        while self._ends and self._ends[0] < self._clock():
            heappop(self._ends)
        return self._inside + len(self._ends)
