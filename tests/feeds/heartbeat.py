"""How long the event loop stood still."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

BEAT = 0.01


@dataclass
class Heartbeat:
    """The longest pause between two beats, less the beat itself, in seconds."""

    longest: float = 0.0

    async def beat(self) -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(BEAT)
            now = time.perf_counter()
            self.longest = max(self.longest, now - last - BEAT)
            last = now


@asynccontextmanager
async def heartbeat() -> AsyncIterator[Heartbeat]:
    """Listen to the event loop for the length of the block."""
    heart = Heartbeat()
    task = asyncio.create_task(heart.beat())
    try:
        yield heart
    finally:
        task.cancel()


async def calmest(work: Callable[[], Awaitable[object]], times: int = 3, enough: float = 0.1) -> float:
    """The longest stall of the calmest of several runs: what the machine does beside us differs, what we do does not."""
    best = float("inf")
    for _ in range(times):
        async with heartbeat() as heart:
            await work()
        best = min(best, heart.longest)
        if best < enough:
            break
    return best
