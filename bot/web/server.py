"""One HTTP server for everything that the newsroom serves."""

from __future__ import annotations

import errno
import logging
from typing import TYPE_CHECKING

from aiohttp import web

from bot.errors import AddressTaken

if TYPE_CHECKING:
    from collections.abc import Iterable

log = logging.getLogger(__name__)


class Server:
    """An aiohttp server on one address.

    Args:
        routes: what it serves.
        host: the address to listen on.
        port: the port; 0 takes any free one.
        or_another: whether any free port will do where that one is taken.
    """

    def __init__(
        self, routes: Iterable[web.AbstractRouteDef], host: str, port: int, *, or_another: bool = False
    ) -> None:
        application = web.Application(client_max_size=64 * 2**20)
        application.add_routes(routes)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        self._host = host
        self._or_another = or_another
        self.port = port

    @property
    def url(self) -> str:
        """Where a browser on this machine finds it."""
        host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(self._host, self._host)  # noqa: S104 - only compared
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            AddressTaken: the address cannot be listened on.
        """
        await self._runner.setup()
        try:
            await self._listen()
        except (OSError, UnicodeError) as error:
            await self._runner.cleanup()
            raise AddressTaken(self._refusal(error)) from None
        # A name may stand for an IPv6 and an IPv4 address, and with port 0 each gets a port of its own.
        addresses = sorted(self._runner.addresses, key=len)
        self.port = addresses[0][1]

    async def _listen(self) -> None:
        site = web.TCPSite(self._runner, self._host, self.port)
        try:
            await site.start()
        except OSError as error:
            if error.errno != errno.EADDRINUSE or not self._or_another:
                raise
            log.warning("port %d is in use by another program; any free one is taken instead", self.port)
            await site.stop()
            await web.TCPSite(self._runner, self._host, 0).start()

    def _refusal(self, error: OSError | UnicodeError) -> str:
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            return (
                f"Port {self.port} on {self._host} is in use. Another program, perhaps another newsroom, listens "
                "there; stop it or set HTTP_PORT to another number (0 takes any free one)."
            )
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        return (
            f"Port {self.port} on {self._host} cannot be listened on ({reason}). HTTP_HOST must be an address of this "
            "machine, and ports below 1024 often need a right of their own."
        )

    async def stop(self) -> None:
        """Stop listening and end open connections."""
        await self._runner.cleanup()
