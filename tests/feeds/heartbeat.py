"""How long the event loop stood still."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

BEAT = 0.01


@dataclass
class Heartbeat:
    """What kept the beats of an event loop apart, in seconds.

    Attributes:
        longest: the longest pause between two beats, less the beat itself; what else the machine does is in it.
        busiest: the most time that the loop's own thread worked between two beats.
    """

    longest: float = 0.0
    busiest: float = 0.0

    async def beat(self) -> None:
        last, worked = time.perf_counter(), time.thread_time()
        while True:
            await asyncio.sleep(BEAT)
            now, work = time.perf_counter(), time.thread_time()
            self.longest = max(self.longest, now - last - BEAT)
            self.busiest = max(self.busiest, work - worked)
            last, worked = now, work


@asynccontextmanager
async def heartbeat() -> AsyncIterator[Heartbeat]:
    """Listen to the event loop for the length of the block."""
    heart = Heartbeat()
    task = asyncio.create_task(heart.beat())
    try:
        yield heart
    finally:
        task.cancel()
