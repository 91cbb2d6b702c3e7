"""Connections that only lead where the guard allows: judged when the name is resolved and again when it connects."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.feeds.addresses import Network, may_connect

if TYPE_CHECKING:
    from aiohappyeyeballs import AddrInfoType

_LONGEST_HEADER: Final = 16_384
_MOST_HEADERS: Final = 100
_LOOKUPS: Final = 64
"""Names looked up at a time."""


class Refused(OSError):
    """The guard's no, in the form in which it passes through the HTTP client."""


class SystemResolver(AbstractResolver):
    """The system's own name service, in threads of its own.

    The event loop's few shared threads would all be held by a handful of names whose servers never answer: the
    system waits for these for ten seconds and more, and nothing can call it back.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_LOOKUPS, thread_name_prefix="names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """All addresses of `host`.

        Raises:
            OSError: there is no such name, or nobody answered.
        """
        look_up = partial(socket.getaddrinfo, host, port, family, socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, look_up)
        return [
            ResolveResult(
                hostname=host,
                host=str(place[0]),
                port=int(place[1]),
                family=kind,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for kind, _, protocol, _, place in found
        ]

    async def close(self) -> None:
        """Let go of the threads; one that still waits for an answer ends with it."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class GuardedResolver(AbstractResolver):
    """Looks names up, all or nothing: one forbidden address among several refuses the name.

    This closes the door to a name that answers with a public and a private address in turn. The socket judges once
    more, since addresses written as numbers never come here.

    Args:
        resolver: who really looks names up.
        allowed: networks that are open although private.
    """

    def __init__(self, resolver: AbstractResolver, allowed: tuple[Network, ...]) -> None:
        self._resolver = resolver
        self._allowed = allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of `host`.

        Raises:
            Refused: one of them is forbidden.
            OSError: there is no such name.
        """
        found = await self._resolver.resolve(host, port, family)
        if not all(may_connect(each["host"], port, self._allowed) for each in found):
            raise Refused
        return found

    async def close(self) -> None:
        """Close the inner resolver."""
        await self._resolver.close()


def open_session(
    user_agent: str, allowed: tuple[Network, ...], resolver: AbstractResolver, *, guarded: bool
) -> aiohttp.ClientSession:
    """An HTTP client that keeps nothing between two fetches: no cookies, no connections, no proxy of the environment.

    Args:
        user_agent: who we say we are.
        allowed: networks that are open although private.
        resolver: who looks names up.
        guarded: whether addresses are judged; not for hosts that the program itself stands for.
    """

    def judged(info: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, place = info
        if guarded and not may_connect(str(place[0]), int(place[1]), allowed):
            raise Refused
        return socket.socket(family, kind, protocol)

    connector = aiohttp.TCPConnector(
        resolver=GuardedResolver(resolver, allowed) if guarded else resolver,
        socket_factory=judged,
        limit=0,  # turns.py counts
        force_close=True,
        use_dns_cache=False,
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": user_agent},
        timeout=aiohttp.ClientTimeout(total=None),  # the fetch as a whole has one
        auto_decompress=False,
        trust_env=False,
        max_line_size=_LONGEST_HEADER,
        max_field_size=_LONGEST_HEADER,
        max_headers=_MOST_HEADERS,
    )


def caused_by(error: BaseException, kind: type[BaseException]) -> bool:
    """Whether an error of this kind stands behind what the client raised."""
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, kind):
        seen = seen.__cause__
    return seen is not None
