"""Good manners towards other people's servers: so many fetches at one host, so many in all."""

from __future__ import annotations

from asyncio import Semaphore
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@dataclass(slots=True)
class _Host:
    places: Semaphore
    guests: int = 0


class Turns:
    """Hands out turns at hosts, first come, first served; a host without guests is forgotten.

    Args:
        per_host: places at one host.
        in_all: places at all hosts together.
    """

    def __init__(self, per_host: int, in_all: int) -> None:
        self._per_host = per_host
        self._in_all = Semaphore(in_all)
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def at(self, name: str) -> AsyncIterator[None]:
        """Wait for a place at the host `name`, and keep it for the length of the block.

        A place in the whole is taken only after one at the host, so a queue at a slow host holds nobody else up.
        """
        host = self._hosts.setdefault(name, _Host(Semaphore(self._per_host)))
        host.guests += 1
        try:
            async with host.places, self._in_all:
                yield
        finally:
            host.guests -= 1
            if not host.guests:
                del self._hosts[name]

    def __len__(self) -> int:
        """How many hosts are remembered."""
        return len(self._hosts)
