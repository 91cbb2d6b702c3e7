"""Real servers on loopback, clocks that stand, and the folder of captured data where there is one."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from bot.feeds.fetch import Fetcher

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.feeds.servers import Conversation, Handler, Open, Serve, Talk

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
def serve(stack: AsyncExitStack) -> Serve:
    """Starts an HTTP server that answers every request with one handler; gives its address without a path."""

    async def start(handler: Handler) -> str:
        runner = web.ServerRunner(web.Server(handler))  # type: ignore[arg-type] # it wants BaseRequest
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        return f"http://127.0.0.1:{port}"

    return start


@pytest.fixture
def talk(stack: AsyncExitStack) -> Talk:
    """Starts a bare TCP server for answers that no HTTP library would give; gives its address without a path."""

    async def start(conversation: Conversation) -> str:
        tasks: set[asyncio.Task[None]] = set()

        async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            try:
                await reader.readuntil(b"\r\n\r\n")
                await conversation(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                pass
            finally:
                tasks.discard(task)
                writer.close()
                with contextlib.suppress(ConnectionError):
                    await writer.wait_closed()

        server = await asyncio.start_server(converse, "127.0.0.1", 0)

        async def stop() -> None:
            server.close()
            for task in list(tasks):
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        stack.push_async_callback(stop)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    return start


@pytest.fixture
def fetcher(stack: AsyncExitStack) -> Open:
    """Opens a fetcher that may go to loopback, and closes it after the test."""

    async def start(**changes: Any) -> Fetcher:
        settings: dict[str, Any] = {
            "user_agent": "TestNewsroom/1.0",
            "clock": lambda: NOW,
            "allowed": (ip_network("127.0.0.0/8"),),
        }
        return await stack.enter_async_context(Fetcher(**settings | changes))

    return start


@pytest.fixture(scope="session")
def captured() -> Path:
    """The folder of captured feeds, pages and lists, which lies beside a checkout or is not there at all."""
    folder = Path(__file__).parents[3] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"there is no captured data in {folder}")
    return folder
