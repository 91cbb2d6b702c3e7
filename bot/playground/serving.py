"""The playground on an address of its own."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import web

from bot.errors import AddressTaken

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from bot.playground.playground import Playground


@asynccontextmanager
async def serve(
    playground: Playground,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    routes: Iterable[web.AbstractRouteDef] = (),
) -> AsyncIterator[str]:
    """Serve a playground while the context is open, and close it after.

    Args:
        playground: what is served.
        host: the address to listen on.
        port: the port; 0 for a free one.
        routes: further routes beside the playground's own.

    Yields:
        The base address, such as `http://127.0.0.1:8081`.

    Raises:
        AddressTaken: the address cannot be listened on.
    """
    app = web.Application()
    app.add_routes([*playground.routes(), *routes])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    try:
        try:
            await site.start()
        except OSError as error:
            raise AddressTaken(f"{host}:{port} cannot be listened on: {error.strerror}") from None
        yield f"http://{host}:{runner.addresses[0][1]}"
    finally:
        await playground.close()
        await runner.cleanup()
