"""Fetching, against real servers on loopback: polite, conditional, bounded in time and size."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from bot.errors import AddressRefused, BadStatus, NotReadable, SourceError, TooLarge, TooSlow, Unreachable
from bot.feeds.fetch import Fetcher, Limits

Open = Callable[..., Awaitable[Fetcher]]
Serve = Callable[[Callable[[web.Request], Awaitable[web.StreamResponse]]], Awaitable[str]]
Talk = Callable[[Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]], Awaitable[str]]

MIB = 1024 * 1024


def answering(
    *answers: Any,
) -> tuple[Callable[[web.Request], Awaitable[web.StreamResponse]], list[web.Request]]:
    """A handler that gives its answers in turn, the last one for ever, and the requests that it got."""
    requests: list[web.Request] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        requests.append(request)
        settings = dict(answers[min(len(requests), len(answers)) - 1])
        return web.Response(**settings)

    return handle, requests


async def test_a_document_comes_with_all_that_its_head_says(fetcher: Open, serve: Serve) -> None:
    handle, requests = answering(
        {
            "body": b"<rss/>",
            "headers": {
                "Content-Type": "application/rss+xml; charset=utf-8",
                "ETag": 'W/"abc"',
                "Last-Modified": "Tue, 24 Nov 2026 11:00:00 GMT",
                "Cache-Control": "public, max-age=600",
                "Age": "100",
            },
        }
    )
    url = await serve(handle) + "/feed?x=1"
    fetched = await (await fetcher()).fetch(url)
    assert fetched.url == fetched.final_url == url
    assert fetched.moved_to == ""
    assert not fetched.not_modified
    assert fetched.body == b"<rss/>"
    assert fetched.content_type == "application/rss+xml; charset=utf-8"
    assert (fetched.etag, fetched.last_modified) == ('W/"abc"', "Tue, 24 Nov 2026 11:00:00 GMT")
    assert fetched.fresh_for == 500
    headers = requests[0].headers
    assert headers["User-Agent"] == "TestNewsroom/1.0"
    assert headers["Accept-Encoding"] == "gzip, deflate"
    assert headers["Accept"].startswith("application/rss+xml")
    assert "If-None-Match" not in headers
    assert "Cookie" not in headers
    assert requests[0].path_qs == "/feed?x=1"


async def test_a_conditional_request_may_be_answered_with_nothing_new(fetcher: Open, serve: Serve) -> None:
    handle, requests = answering(
        {"status": 304, "headers": {"Last-Modified": "Mon, 23 Nov 2026 00:00:00 GMT"}}
    )
    url = await serve(handle)
    fetched = await (await fetcher()).fetch(
        url, etag='"abc"', last_modified="Sun, 22 Nov 2026 00:00:00 GMT", accept="text/html"
    )
    assert fetched.not_modified
    assert fetched.body == b""
    assert fetched.etag == '"abc"'
    assert fetched.last_modified == "Mon, 23 Nov 2026 00:00:00 GMT"
    assert requests[0].headers["If-None-Match"] == '"abc"'
    assert requests[0].headers["If-Modified-Since"] == "Sun, 22 Nov 2026 00:00:00 GMT"
    assert requests[0].headers["Accept"] == "text/html"


async def test_not_modified_without_having_asked_is_no_document(fetcher: Open, serve: Serve) -> None:
    handle, _ = answering({"status": 304})
    with pytest.raises(BadStatus) as error:
        await (await fetcher()).fetch(await serve(handle))
    assert (error.value.key, error.value.values) == ("source.status", {"status": 304})


async def test_cookies_are_forgotten_between_two_fetches(fetcher: Open, serve: Serve) -> None:
    handle, requests = answering({"body": b"x", "headers": {"Set-Cookie": "reader=17; Path=/"}})
    url, open_fetcher = await serve(handle), await fetcher()
    await open_fetcher.fetch(url)
    await open_fetcher.fetch(url)
    assert [request.headers.get("Cookie") for request in requests] == [None, None]


async def test_each_fetch_has_a_connection_of_its_own(fetcher: Open, serve: Serve) -> None:
    handle, requests = answering({"body": b"x"})
    url, open_fetcher = await serve(handle), await fetcher()
    await open_fetcher.fetch(url)
    await open_fetcher.fetch(url)
    assert requests[0].headers["Connection"] == "close"


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [
        ((301,), True),
        ((308,), True),
        ((301, 308), True),
        ((302,), False),
        ((301, 302), False),
        ((307, 301), False),
    ],
)
async def test_a_feed_has_moved_only_if_every_redirect_says_for_good(
    fetcher: Open, serve: Serve, statuses: tuple[int, ...], moved: str
) -> None:
    hops = [{"status": status, "headers": {"Location": f"hop{n}"}} for n, status in enumerate(statuses)]
    handle, _ = answering(*hops, {"body": b"here"})
    base = await serve(handle)
    fetched = await (await fetcher()).fetch(f"{base}/old/feed")
    assert fetched.body == b"here"
    assert fetched.url == f"{base}/old/feed"
    assert fetched.final_url == f"{base}/old/hop{len(statuses) - 1}"
    assert fetched.moved_to == (fetched.final_url if moved else "")


async def test_validators_travel_along_redirects(fetcher: Open, serve: Serve) -> None:
    handle, requests = answering({"status": 301, "headers": {"Location": "/new"}}, {"status": 304})
    fetched = await (await fetcher()).fetch(await serve(handle), etag='"x"')
    assert fetched.not_modified
    assert fetched.moved_to.endswith("/new")
    assert requests[1].headers["If-None-Match"] == '"x"'


async def test_redirects_in_a_circle_end_at_once(fetcher: Open, serve: Serve) -> None:
    async def circle(request: web.Request) -> web.Response:
        paths.append(request.path)
        return web.Response(status=302, headers={"Location": "/b" if request.path == "/a" else "/a"})

    paths: list[str] = []
    with pytest.raises(Unreachable) as error:
        await (await fetcher()).fetch(await serve(circle) + "/a")
    assert error.value.key == "source.redirects"
    assert paths == ["/a", "/b"]


async def test_a_chain_of_redirects_ends_after_five(fetcher: Open, serve: Serve) -> None:
    async def on_and_on(request: web.Request) -> web.Response:
        paths.append(request.path)
        return web.Response(status=301, headers={"Location": f"/{len(paths)}"})

    paths: list[str] = []
    with pytest.raises(Unreachable) as error:
        await (await fetcher()).fetch(await serve(on_and_on) + "/start")
    assert error.value.key == "source.redirects"
    assert paths == ["/start", "/1", "/2", "/3", "/4", "/5"]


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "gopher://x.example.com/", "ftp://x.example.com/", "//["]
)
async def test_redirects_leave_http_no_more_than_addresses_do(
    fetcher: Open, serve: Serve, location: str
) -> None:
    handle, _ = answering({"status": 301, "headers": {"Location": location}})
    with pytest.raises(AddressRefused):
        await (await fetcher()).fetch(await serve(handle))


async def test_a_redirect_from_https_to_http_is_refused(fetcher: Open, serve: Serve) -> None:
    handle, requests = answering({"status": 301, "headers": {"Location": "http://news.example.com/feed"}})
    ours = await serve(handle)
    open_fetcher = await fetcher(rewrite=lambda url: ours + "/" + url.partition("://")[2])
    with pytest.raises(AddressRefused):
        await open_fetcher.fetch("https://news.example.com/feed")
    assert len(requests) == 1


async def test_a_redirect_without_an_address_is_a_status_without_a_document(
    fetcher: Open, serve: Serve
) -> None:
    handle, _ = answering({"status": 302})
    with pytest.raises(BadStatus) as error:
        await (await fetcher()).fetch(await serve(handle))
    assert error.value.values == {"status": 302}


async def test_a_refresh_header_is_not_followed(fetcher: Open, serve: Serve) -> None:
    handle, requests = answering({"body": b"x", "headers": {"Refresh": "0; url=/elsewhere"}})
    await (await fetcher()).fetch(await serve(handle))
    assert len(requests) == 1


async def test_reports_speak_of_the_addresses_before_rewriting(fetcher: Open, serve: Serve) -> None:
    handle, requests = answering(
        {"status": 301, "headers": {"Location": "https://other.example/b"}}, {"body": b"x"}
    )
    ours = await serve(handle)
    open_fetcher = await fetcher(allowed=(), rewrite=lambda url: ours + "/" + url.partition("://")[2])
    fetched = await open_fetcher.fetch("https://wire.example/a")
    assert [request.path for request in requests] == ["/wire.example/a", "/other.example/b"]
    assert (fetched.url, fetched.final_url) == ("https://wire.example/a", "https://other.example/b")
    assert fetched.moved_to == "https://other.example/b"


@pytest.mark.parametrize(
    ("status", "headers", "key", "wait"),
    [
        (404, {}, "source.status", None),
        (500, {"Retry-After": "60"}, "source.status", 60),
        (410, {}, "source.gone", None),
        (401, {}, "source.forbidden", None),
        (403, {}, "source.forbidden", None),
        (429, {"Retry-After": "120"}, "source.busy", 120),
        (503, {"Retry-After": "Tue, 24 Nov 2026 12:05:00 GMT"}, "source.busy", 300),
        (503, {}, "source.busy", None),
        (403, {"cf-mitigated": "challenge"}, "source.robot_check", None),
        (202, {"x-amzn-waf-action": "challenge"}, "source.robot_check", None),
        (403, {"X-DataDome": "protected"}, "source.robot_check", None),
    ],
)
async def test_a_status_without_a_document_says_why_and_when_to_come_again(
    fetcher: Open, serve: Serve, status: int, headers: dict[str, str], key: str, wait: float | None
) -> None:
    handle, _ = answering({"status": status, "headers": headers, "body": b"internal secret"})
    with pytest.raises(BadStatus) as error:
        await (await fetcher()).fetch(await serve(handle))
    assert (error.value.key, error.value.retry_after) == (key, wait)
    assert error.value.values == {"status": status}


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
        await asyncio.sleep(0.05)
        running -= 1
        return web.Response(body=b"x")

    url = await serve(slowly)
    open_fetcher = await fetcher(limits=Limits(seconds=0.2))
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
