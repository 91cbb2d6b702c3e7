"""No connection is made where none may be: canaries listen on loopback, and none of them is ever called."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.errors import AddressRefused, Unreachable
from bot.feeds.connection import GuardedResolver, Refused, SystemResolver

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.feeds.servers import Open, Serve


@dataclass
class Canary:
    """Listens on one port of 127.0.0.1 and ::1, and remembers who called."""

    port: int = 0
    calls: list[str] = field(default_factory=list)


@pytest.fixture
async def canary() -> AsyncIterator[Canary]:
    canary = Canary()

    async def sing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        canary.calls.append(str(writer.get_extra_info("sockname")))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecret")
        writer.close()
        await writer.wait_closed()

    first = await asyncio.start_server(sing, "127.0.0.1", 0)
    canary.port = first.sockets[0].getsockname()[1]
    servers = [first]
    if socket.has_ipv6:
        servers.append(await asyncio.start_server(sing, "::1", canary.port))
    yield canary
    for server in servers:
        server.close()
        await server.wait_closed()


class Names(AbstractResolver):
    """A name service of our own: names to addresses, and a note of what was asked."""

    def __init__(self, names: dict[str, list[str]]) -> None:
        self.names = names
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        if host not in self.names:
            raise OSError("no such name")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else family or socket.AF_INET,
                proto=0,
                flags=0,
            )
            for address in self.names[host]
        ]

    async def close(self) -> None:
        """Nothing to let go of."""


HOSTS = [
    # numbers in every base, and short forms
    "127.0.0.1",
    "2130706433",
    "0x7f000001",
    "017700000001",
    "0177.0.0.1",
    "0x7f.1",
    "127.1",
    "127.0.1",
    "0",
    "00000000",
    "0.0.0.0",
    # digits and dots of other scripts
    "１２７.0.0.1",
    "①②⑦.0.0.1",
    "127。0。0。1",
    "127．0．0．1",
    # IPv6, and IPv4 inside it
    "[::1]",
    "[::]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:a9fe:a9fe]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fe80::1%25eth0]",
    # metadata services
    "169.254.169.254",
    "169.254.170.2",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "[fd00:ec2::254]",
    "metadata.google.internal",
    # names
    "localhost",
    "localhost.",
    "LocalHost",
    "printer.local",
]
SPELLINGS = [
    "http://good@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\\@news.example.com/",
    "http://news.example.com\\@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}#@news.example.com/",
    "http://127.0.0.1:{port}?@news.example.com/",
    "http://127.0.\t0.1:{port}/",
    "http://127.0.0\n.1:{port}/",
    "\0http://127.0.0.1:{port}/",
    "http://127.0.0.1:80:{port}/",
    "http:127.0.0.1:{port}",
    "http:///127.0.0.1:{port}",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/",
    "ftp://127.0.0.1:{port}/",
]


@pytest.mark.parametrize("host", HOSTS)
async def test_no_form_of_a_private_host_is_connected_to(host: str, fetcher: Open, canary: Canary) -> None:
    with pytest.raises(AddressRefused) as refusal:
        await (await fetcher(allowed=())).fetch(f"http://{host}:{canary.port}/")
    assert refusal.value.key == "source.refused"
    assert refusal.value.values == {}
    assert canary.calls == []


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_no_odd_spelling_gets_by(spelling: str, fetcher: Open, canary: Canary) -> None:
    with pytest.raises(AddressRefused):
        await (await fetcher(allowed=())).fetch(spelling.format(port=canary.port))
    assert canary.calls == []


@pytest.mark.parametrize(
    "target", [*(f"http://{host}:{{port}}/" for host in HOSTS), *SPELLINGS, "//[::1]:{port}/"]
)
async def test_no_redirect_leads_to_a_private_host(
    target: str, fetcher: Open, serve: Serve, canary: Canary
) -> None:
    async def moved(_: web.Request) -> web.Response:
        # Header values hold no control characters; those spellings arrive percent-encoded or not at all.
        place = target.format(port=canary.port).replace("\0", "").replace("\n", "%0A")
        return web.Response(status=301, headers={"Location": place})

    ours = await serve(moved)
    open_fetcher = await fetcher(allowed=(), rewrite=lambda url: url.replace("http://news.example.com", ours))
    with pytest.raises(AddressRefused):
        await open_fetcher.fetch("http://news.example.com/feed")
    assert canary.calls == []


@pytest.mark.parametrize(
    "answer", [["127.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["::1"], ["2606:4700::1111", "::ffff:10.0.0.1"]]
)
async def test_a_public_name_with_a_private_record_is_refused_as_a_whole(
    answer: list[str], fetcher: Open, canary: Canary
) -> None:
    names = Names({"news.example.com": answer})
    with pytest.raises(AddressRefused):
        await (await fetcher(allowed=(), resolver=names)).fetch(f"http://news.example.com:{canary.port}/")
    assert names.asked == ["news.example.com"]
    assert canary.calls == []


async def test_a_name_is_looked_up_anew_at_every_hop_so_rebinding_between_them_fails(
    fetcher: Open, serve: Serve, canary: Canary
) -> None:
    async def moved(_: web.Request) -> web.Response:
        names.names["rebind.example.com"] = ["127.0.0.1"]
        return web.Response(status=302, headers={"Location": f"http://rebind.example.com:{canary.port}/"})

    names = Names({"rebind.example.com": ["93.184.216.34"]})
    ours = await serve(moved)
    open_fetcher = await fetcher(
        allowed=(), resolver=names, rewrite=lambda url: url.replace("http://news.example.com", ours)
    )
    with pytest.raises(AddressRefused):
        await open_fetcher.fetch("http://news.example.com/")
    assert names.asked == ["rebind.example.com"]
    assert canary.calls == []


async def test_what_the_guard_judged_is_what_is_connected_to(fetcher: Open, canary: Canary) -> None:
    """One look-up a request: there is no second answer that a name service could change."""
    names = Names({"news.example.com": ["127.0.0.1"]})
    open_fetcher = await fetcher(resolver=names)
    fetched = await open_fetcher.fetch(f"http://news.example.com:{canary.port}/")
    assert fetched.body == b"secret"
    assert names.asked == ["news.example.com"]
    assert len(canary.calls) == 1


async def test_the_operators_own_networks_are_reached_at_any_port(fetcher: Open, canary: Canary) -> None:
    open_fetcher = await fetcher(allowed=(ip_network("127.0.0.1/32"),))
    assert (await open_fetcher.fetch(f"http://127.0.0.1:{canary.port}/")).body == b"secret"
    assert (await open_fetcher.fetch(f"http://[::ffff:127.0.0.1]:{canary.port}/")).body == b"secret"
    with pytest.raises(AddressRefused):
        await open_fetcher.fetch(f"http://[::1]:{canary.port}/")
    assert all("::1'" not in call.replace("::ffff", "") for call in canary.calls)


@pytest.mark.parametrize("port", [22, 25, 6379, 5432])
async def test_ports_of_other_services_are_refused_on_public_hosts_too(port: int, fetcher: Open) -> None:
    with pytest.raises(AddressRefused):
        await (await fetcher(allowed=())).fetch(f"http://93.184.216.34:{port}/")


async def test_a_name_that_is_not_there_is_unreachable(fetcher: Open) -> None:
    with pytest.raises(Unreachable) as error:
        await (await fetcher(resolver=Names({}))).fetch("http://news.example.com/")
    assert error.value.key == "source.unreachable"


async def test_the_proxy_of_the_environment_is_not_used(
    fetcher: Open, canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
    with pytest.raises(AddressRefused):
        await (await fetcher(allowed=())).fetch("http://10.0.0.1/")
    assert canary.calls == []


async def test_the_systems_names_come_with_all_their_addresses(canary: Canary) -> None:
    resolver = SystemResolver()
    found = await resolver.resolve("localhost", canary.port, socket.AF_UNSPEC)
    assert {"127.0.0.1"} <= {each["host"] for each in found}
    assert {each["port"] for each in found} == {canary.port}
    guarded = GuardedResolver(resolver, ())
    with pytest.raises(Refused):
        await guarded.resolve("localhost", canary.port)
    await guarded.close()


async def test_only_a_rewritten_address_is_not_judged(fetcher: Open, canary: Canary) -> None:
    def ours(url: str) -> str:
        return url.replace("https://wire.example.com", f"http://127.0.0.1:{canary.port}")

    open_fetcher: Any = await fetcher(allowed=(), rewrite=ours)
    assert (await open_fetcher.fetch("https://wire.example.com/")).body == b"secret"
    with pytest.raises(AddressRefused):
        await open_fetcher.fetch(f"http://127.0.0.1:{canary.port}/")
    assert len(canary.calls) == 1
