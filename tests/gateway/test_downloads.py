"""Files in: what a reader sends is fetched, and never more of it than was said."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.gateway.failures import CallFailed
from bot.playground.faults import Answer
from tests.gateway.rig import MAYA, SHORT, TOKEN, open_gateway

if TYPE_CHECKING:
    from tests.gateway.rig import Gateway

CONTENT = bytes(range(256)) * 1000


def sent(gateway: Gateway, content: bytes = CONTENT) -> str:
    message = gateway.telegram.send_document(MAYA, "feeds.opml", "text/x-opml", content)
    return str(message["document"]["file_id"])


@pytest.mark.parametrize("room", [len(CONTENT), 10**7])
async def test_a_file_is_fetched_whole(gateway: Gateway, room: int) -> None:
    assert await gateway.sender.fetch(sent(gateway), room) == CONTENT


async def test_of_a_file_that_is_too_large_no_more_is_read(gateway: Gateway) -> None:
    with pytest.raises(CallFailed, match="larger"):
        await gateway.sender.fetch(sent(gateway), len(CONTENT) - 1)


async def test_a_file_that_telegram_does_not_know_is_refused(gateway: Gateway) -> None:
    with pytest.raises(CallFailed, match="invalid file_id"):
        await gateway.sender.fetch("unknown", 100)


@pytest.mark.parametrize("told", [b"{}", b'{"file_path":7}', b'{"file_path":"../../getMe"}', b"[]"])
async def test_a_file_without_a_sound_path_is_none(gateway: Gateway, told: bytes) -> None:
    gateway.telegram.faults.add("getFile", Answer(200, b'{"ok":true,"result":' + told + b"}"))
    with pytest.raises(CallFailed, match="no file"):
        await gateway.sender.fetch(sent(gateway), 100)


async def test_a_file_that_is_gone_is_told_without_the_token(gateway: Gateway) -> None:
    gateway.telegram.faults.add(
        "getFile", Answer(200, b'{"ok":true,"result":{"file_path":"documents/gone"}}')
    )
    with pytest.raises(CallFailed, match="status 404") as failed:
        await gateway.sender.fetch(sent(gateway), 100)
    assert TOKEN not in str(failed.value)


async def test_a_broken_connection_is_told_without_the_token() -> None:
    async def breaking(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        if b"getFile" in asked:
            body = b'{"ok":true,"result":{"file_path":"documents/x"}}'
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
            writer.write(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(breaking, "127.0.0.1", 0)
    async with (
        server,
        open_gateway(SHORT, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as gateway,
    ):
        with pytest.raises(CallFailed, match="connection") as failed:
            await gateway.sender.fetch("x", 100)
        assert TOKEN not in str(failed.value)
