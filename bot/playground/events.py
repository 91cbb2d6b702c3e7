"""What the chat page hears: a stream of events that every listener reads at its own pace (WHATWG Server-sent events).

Events stand in one ring, and a listener is only a place in it: a slow or dead one costs nothing, and one that has
fallen out of the ring is sent away to begin anew.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from bot.playground.bell import Bell

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

KEEP_ALIVE: Final = 15.0
"""Seconds between two signs of life."""

RING: Final = 1_000
"""Events that are kept."""


class _Event(NamedTuple):
    number: int
    name: str
    data: dict[str, Any]


class Events:
    """The ring of events.

    Args:
        epoch: tells one run of the server from another; part of every event's id.
        keep_alive: seconds without an event until a comment is sent.
    """

    def __init__(self, epoch: int, keep_alive: float = KEEP_ALIVE) -> None:
        self._epoch = epoch
        self._keep_alive = keep_alive
        self._ring: deque[_Event] = deque(maxlen=RING)
        self._last = 0
        self._bell = Bell()
        self._closed = False

    def publish(self, name: str, data: dict[str, Any]) -> None:
        """Add an event."""
        self._last += 1
        self._ring.append(_Event(self._last, name, data))
        self._bell.ring()

    def close(self) -> None:
        """End all streams."""
        self._closed = True
        self._bell.ring()

    async def listen(self, last_id: str = "") -> AsyncGenerator[bytes, None]:
        """Events as they are sent, from the one after `last_id` on, else from now on.

        Ends when the stream is closed, or when the listener was too slow to be told everything.
        """
        seen = self._place(last_id)
        yield f"retry: 1000\nid: {self._epoch}-{seen}\n\n".encode()
        while True:
            news = await self._news(seen)
            if self._closed:
                return
            if not news:
                yield b": still here\n\n"
                continue
            if self._ring and self._ring[0].number > seen + 1:
                return
            for event in [event for event in self._ring if event.number > seen]:
                seen = event.number
                yield self._encode(event)

    def _place(self, last_id: str) -> int:
        epoch, _, number = last_id.partition("-")
        known = epoch == str(self._epoch) and number.isascii() and number.isdecimal()
        oldest = self._ring[0].number - 1 if self._ring else self._last
        return int(number) if known and oldest <= int(number) <= self._last else self._last

    async def _news(self, seen: int) -> bool:
        """Wait for an event after `seen`; False where it takes too long or the stream is closed."""
        try:
            async with asyncio.timeout(self._keep_alive):
                while self._last <= seen and not self._closed:
                    await self._bell.wait()
        except TimeoutError:
            return False
        return self._last > seen

    def _encode(self, event: _Event) -> bytes:
        data = json.dumps(event.data, ensure_ascii=False, separators=(",", ":"))
        return f"id: {self._epoch}-{event.number}\nevent: {event.name}\ndata: {data}\n\n".encode()
