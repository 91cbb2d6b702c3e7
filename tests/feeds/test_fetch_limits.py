"""Fetching from real servers on loopback that give too much, too slowly, nothing, or what is broken."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib

import pytest
from aiohttp import web

from bot.errors import NotReadable, SourceError, TooLarge, TooSlow, Unreachable
from bot.feeds.fetch import Limits
from tests.feeds.servers import Open, Serve, Talk, answering

MIB = 1024 * 1024


def packed(data: bytes, wbits: int) -> bytes:
    packer = zlib.compressobj(wbits=wbits)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("name", "wbits"), [("gzip", 31), ("X-GZip", 31), ("deflate", 15), ("deflate", -15), (" gzip ", 31)]
)
async def test_packed_documents_are_unpacked(fetcher: Open, serve: Serve, name: str, wbits: int) -> None:
    document = b"<rss>" + b"news " * 50_000 + b"</rss>"
    handle, _ = answering({"body": packed(document, wbits), "headers": {"Content-Encoding": name}})
    assert (await (await fetcher()).fetch(await serve(handle))).body == document


@pytest.mark.parametrize(
    "name", ["br", "zstd", "gzip, gzip", "gzip,deflate", ",".join(["gzip"] * 100), "compress"]
)
async def test_other_packings_and_several_layers_are_refused(fetcher: Open, serve: Serve, name: str) -> None:
    handle, _ = answering({"body": gzip.compress(gzip.compress(b"x")), "headers": {"Content-Encoding": name}})
    with pytest.raises(NotReadable) as error:
        await (await fetcher()).fetch(await serve(handle))
    assert error.value.key == "source.encoding"


async def test_a_gzip_bomb_stops_at_the_limit_in_bytes_and_in_memory(fetcher: Open, serve: Serve) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(MIB)) for _ in range(200)) + packer.flush()
    assert len(bomb) < MIB // 4
    handle, _ = answering({"body": bomb, "headers": {"Content-Encoding": "gzip"}})
    url, open_fetcher = await serve(handle), await fetcher()
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge) as error:
            await open_fetcher.fetch(url)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert error.value.key == "source.too_large"
    assert peak < 30 * MIB


async def test_a_content_length_above_the_limit_is_refused_before_the_body(fetcher: Open, talk: Talk) -> None:
    async def boast(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
        await writer.drain()
        await asyncio.Event().wait()

    with pytest.raises(TooLarge):
        await (await fetcher()).fetch(await talk(boast))


async def test_an_endless_body_is_cut_at_the_limit(fetcher: Open, talk: Talk) -> None:
    async def pour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"10000\r\n" + bytes(65_536) + b"\r\n")
            await writer.drain()

    with pytest.raises(TooLarge):
        await (await fetcher(limits=Limits(bytes=MIB))).fetch(await talk(pour))


async def test_a_body_of_exactly_the_limit_passes(fetcher: Open, serve: Serve) -> None:
    handle, _ = answering({"body": b"x" * 1000})
    open_fetcher = await fetcher(limits=Limits(bytes=1000))
    assert len((await open_fetcher.fetch(await serve(handle))).body) == 1000


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * MIB + b"\r\n\r\n", TooLarge),
        (b"HTTP/1.1 200 OK\r\n" + b"X-Many: a\r\n" * 10_000 + b"\r\n", Unreachable),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", Unreachable),
        (b"220 ready\r\n\r\n", Unreachable),
        (b"", Unreachable),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot packed at all", NotReadable),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"x" * 1000, mtime=0)[:-20],
            NotReadable,
        ),
    ],
)
async def test_broken_answers_are_failures_of_ours(
    fetcher: Open, talk: Talk, head: bytes, kind: type[SourceError]
) -> None:
    async def say(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        await writer.drain()

    with pytest.raises(kind):
        await (await fetcher()).fetch(await talk(say))


async def test_a_closed_port_is_unreachable(fetcher: Open, talk: Talk) -> None:
    server = await asyncio.start_server(lambda _, __: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    with pytest.raises(Unreachable) as error:
        await (await fetcher()).fetch(f"http://127.0.0.1:{port}/")
    assert error.value.key == "source.unreachable"


async def test_a_tls_address_without_tls_is_unreachable(fetcher: Open, serve: Serve) -> None:
    handle, _ = answering({"body": b"x"})
    with pytest.raises(Unreachable):
        await (await fetcher()).fetch((await serve(handle)).replace("http:", "https:"))


async def test_a_server_that_drips_ends_at_the_deadline_of_the_whole(fetcher: Open, talk: Talk) -> None:
    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.02)

    loop = asyncio.get_running_loop()
    url, open_fetcher = await talk(drip), await fetcher(limits=Limits(seconds=0.2))
    began = loop.time()
    with pytest.raises(TooSlow) as error:
        await open_fetcher.fetch(url)
    assert error.value.key == "source.too_slow"
    assert 0.15 < loop.time() - began < 2


async def test_the_deadline_covers_all_redirects_together(fetcher: Open, serve: Serve) -> None:
    async def slowly(request: web.Request) -> web.Response:
        paths.append(request.path)
        await asyncio.sleep(0.15)
        return web.Response(status=302, headers={"Location": f"/{len(paths)}"})

    paths: list[str] = []
    with pytest.raises(TooSlow):
        await (await fetcher(limits=Limits(seconds=0.4))).fetch(await serve(slowly))
    assert len(paths) <= 3


async def test_two_at_a_time_at_one_host_and_the_wait_does_not_count(fetcher: Open, serve: Serve) -> None:
    running, most = 0, 0

    async def slowly(_: web.Request) -> web.Response:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.2)
        running -= 1
        return web.Response(body=b"x")

    url = await serve(slowly)
    open_fetcher = await fetcher(limits=Limits(seconds=1))
    fetched = await asyncio.gather(*(open_fetcher.fetch(f"{url}/{n}") for n in range(12)))
    assert most == 2
    assert len(fetched) == 12
    assert len(open_fetcher._turns) == 0


async def test_two_hundred_hosts_that_never_answer_hold_nobody_else_up(fetcher: Open, serve: Serve) -> None:
    arrived = asyncio.Semaphore(0)

    async def maybe(request: web.Request) -> web.Response:
        if "quick" not in request.path:
            arrived.release()
            await leave.wait()
        return web.Response(body=b"news")

    leave = asyncio.Event()
    ours = await serve(maybe)
    open_fetcher = await fetcher(rewrite=lambda url: ours + "/" + url.partition("://")[2])
    held = [asyncio.create_task(open_fetcher.fetch(f"http://slow{n}.example.com/")) for n in range(200)]
    for _ in held:
        await arrived.acquire()
    assert (await asyncio.wait_for(open_fetcher.fetch("http://quick.example.com/"), 5)).body == b"news"
    leave.set()
    await asyncio.gather(*held)
    assert len(open_fetcher._turns) == 0


async def test_a_cancelled_fetch_is_cancelled_and_gives_its_place_back(fetcher: Open, talk: Talk) -> None:
    started = asyncio.Event()

    async def silence(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        started.set()
        await asyncio.Event().wait()

    open_fetcher = await fetcher()
    task = asyncio.create_task(open_fetcher.fetch(await talk(silence)))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(open_fetcher._turns) == 0
