"""Time that passes faster: a minute's wait after a 429 need not take a minute of the machine.

A process in quick time has a wall clock and an event loop that agree with each other, and with those of the lives before.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectors import SelectorKey


@dataclass(frozen=True, slots=True)
class QuickTime:
    """A clock.

    Attributes:
        speed: how many seconds pass in one of the machine's.
        began: the machine's monotonic clock when the run began, the same in all processes.
        at: what time it was then, in seconds since 1970.
        wrong: when the wall clock is wrong: from and until, in seconds since the run began, and by how many seconds.
    """

    speed: float
    began: float
    at: float
    wrong: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def now(self) -> datetime:
        """The time, as the wall clock has it."""
        since = self.monotonic() - self.began
        first, last, seconds = self.wrong
        return datetime.fromtimestamp(self.at, UTC) + timedelta(
            seconds=since + (seconds if first <= since < last else 0.0)
        )

    def monotonic(self) -> float:
        """Seconds of a monotonic clock."""
        return self.began + (time.monotonic() - self.began) * self.speed

    def loop(self) -> asyncio.AbstractEventLoop:
        """An event loop of this time."""
        return _Loop(self)


class _Selector(selectors.DefaultSelector):
    """Waits, of the machine's time, only as long as it takes."""

    def __init__(self, speed: float) -> None:
        super().__init__()
        self._speed = speed

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        """Wait for events."""
        return super().select(timeout if timeout is None else timeout / self._speed)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, clock: QuickTime) -> None:
        super().__init__(_Selector(clock.speed))
        self._quick = clock

    def time(self) -> float:
        """The loop's clock."""
        return self._quick.monotonic()
