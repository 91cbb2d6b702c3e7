"""One address: taken, odd, or none at all."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web

from bot.errors import AddressTaken
from bot.web.server import Server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


def _has_ipv6() -> bool:
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            return False
    return True


async def hello(_request: web.Request) -> web.Response:
    return web.Response(text="hello")


def server(host: str = "127.0.0.1", port: int = 0) -> Server:
    return Server([web.get("/", hello)], host, port)


@pytest.fixture
async def running() -> AsyncIterator[Server]:
    made = server()
    await made.start()
    yield made
    await made.stop()


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost", "", "::", "::1"])
async def test_its_url_opens_it_whatever_it_listens_on(host: str) -> None:
    if ":" in host and not _has_ipv6():
        pytest.skip("this machine has no IPv6")
    made = server(host)
    await made.start()
    assert made.port > 0
    async with aiohttp.ClientSession() as session, session.get(made.url) as response:
        assert await response.text() == "hello"
    await made.stop()


async def test_a_port_that_is_taken_is_named_with_the_way_out(running: Server) -> None:
    with pytest.raises(AddressTaken, match="HTTP_PORT") as raised:
        await server(port=running.port).start()
    assert f"Port {running.port} on 127.0.0.1 is in use" in str(raised.value)
    async with aiohttp.ClientSession() as session, session.get(running.url) as response:
        assert response.status == 200, "the one that was there goes on"


async def test_where_the_port_does_not_matter_another_is_taken(running: Server) -> None:
    made = Server([], "127.0.0.1", running.port, or_another=True)
    await made.start()
    assert made.port not in {0, running.port}
    async with aiohttp.ClientSession() as session, session.get(made.url) as response:
        assert response.status == 404, "it is the new one that answers"
    await made.stop()


async def test_a_host_is_not_made_up_for_by_another_port() -> None:
    with pytest.raises(AddressTaken, match="HTTP_HOST"):
        await Server([], "192.0.2.1", 8080, or_another=True).start()


@pytest.mark.parametrize("host", ["no.such.host.invalid", "192.0.2.1", "127.0.0.1:8080", "..", "é", "a" * 80])
async def test_a_host_that_is_none_of_this_machine_is_named(host: str) -> None:
    with pytest.raises(AddressTaken, match="HTTP_HOST") as raised:
        await server(host).start()
    assert f"on {host} cannot be listened on" in str(raised.value)
    assert "None" not in str(raised.value)


async def test_stopping_twice_or_before_the_start_does_nothing() -> None:
    made = server()
    await made.stop()
    await made.stop()
