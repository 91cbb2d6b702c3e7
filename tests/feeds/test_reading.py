"""Reading as services see it: an address goes in, and a document, or the news that nothing is new, comes out."""

from __future__ import annotations

import asyncio
import hashlib
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from bot.errors import BadStatus, NotReadable
from bot.feeds.opml import read_opml
from bot.feeds.reading import FeedReader
from bot.feeds.workers import Workers
from tests.feeds.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AsyncExitStack
    from pathlib import Path

    from tests.feeds.servers import Handler, Open, Serve

FEED = b"<rss version='2.0'><channel><title>Herald</title><ttl>30</ttl><item><title>One</title></item></channel></rss>"


@pytest.fixture
async def reader(fetcher: Open, stack: AsyncExitStack) -> FeedReader:
    workers = await stack.enter_async_context(Workers(count=1))
    return FeedReader(await fetcher(), workers, lambda: NOW)


def giving(body: bytes, content_type: str = "application/rss+xml", **headers: str) -> Handler:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type=content_type, headers=headers)

    return answer


async def test_a_feed_comes_with_all_that_the_next_look_needs(reader: FeedReader, serve: Serve) -> None:
    url = await serve(giving(FEED, **{"ETag": '"1"', "Cache-Control": "max-age=900"}))
    look = await reader.feed(url)
    assert look.document is not None
    assert (look.document.title, look.document.ttl, look.document.entries[0].title) == ("Herald", 1800, "One")
    assert (look.unchanged, look.etag, look.fresh_for, look.moved_to) == (False, '"1"', 900, "")
    assert look.body_hash == hashlib.sha256(FEED).hexdigest()


async def test_the_same_body_is_not_parsed_again(reader: FeedReader, serve: Serve) -> None:
    url = await serve(giving(b"no feed at all", ETag='"2"'))
    look = await reader.feed(url, known_hash=hashlib.sha256(b"no feed at all").hexdigest())
    assert (look.document, look.unchanged, look.etag) == (None, True, '"2"')


async def test_not_modified_keeps_the_hash_that_was_known(reader: FeedReader, serve: Serve) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        assert request.headers["If-None-Match"] == '"1"'
        return web.Response(status=304)

    look = await reader.feed(await serve(answer), etag='"1"', known_hash="known")
    assert (look.document, look.unchanged, look.body_hash, look.etag) == (None, True, "known", '"1"')


async def test_failures_of_fetching_and_of_parsing_come_out_as_they_are(
    reader: FeedReader, serve: Serve
) -> None:
    async def gone(_: web.Request) -> web.StreamResponse:
        return web.Response(status=410)

    with pytest.raises(BadStatus):
        await reader.feed(await serve(gone))
    with pytest.raises(NotReadable) as error:
        await reader.feed(await serve(giving(b"<html></html>", "text/html")))
    assert error.value.key == "source.not_a_feed"


async def test_links_are_read_from_where_the_redirects_ended(reader: FeedReader, serve: Serve) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/old":
            raise web.HTTPMovedPermanently("/new/feed")
        return web.Response(body=FEED.replace(b"</item>", b"<link>one</link></item>"))

    base = await serve(answer)
    look = await reader.feed(base + "/old")
    assert look.document is not None
    assert look.document.entries[0].url == base + "/new/one"
    assert look.moved_to == base + "/new/feed"


async def test_a_page_is_read_with_a_pages_headers(reader: FeedReader, serve: Serve) -> None:
    accepted: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        accepted.append(request.headers["Accept"])
        return web.Response(
            text=f"<html><body><article><p>{'A sentence of a text. ' * 20}</p></article></body></html>",
            content_type="text/html",
        )

    page = await reader.page(await serve(answer))
    assert page.blocks[0].text.startswith("A sentence of a text.")
    assert accepted[0].startswith("text/html")


# What a document must not make us do


@asynccontextmanager
async def canary() -> AsyncIterator[tuple[str, list[Any]]]:
    """A server that nobody should call, and who did."""
    calls: list[Any] = []

    async def sing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls.append(writer.get_extra_info("peername"))
        writer.close()

    server = await asyncio.start_server(sing, "127.0.0.1", 0, family=socket.AF_INET)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", calls


@pytest.mark.parametrize("kind", ["feed", "list", "page"])
async def test_nothing_that_a_document_points_to_is_looked_up(
    kind: str, reader: FeedReader, serve: Serve, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("canary")
    async with canary() as (elsewhere, calls):
        head = (
            f"<?xml version='1.0'?><?xml-stylesheet href='{elsewhere}/x.xsl' type='text/xsl'?>"
            f"<!DOCTYPE x PUBLIC '-//x' '{elsewhere}/x.dtd' [<!ENTITY a SYSTEM '{secret.as_uri()}'>"
            f"<!ENTITY b SYSTEM '{elsewhere}/x'><!ENTITY % p SYSTEM '{elsewhere}/p'> %p;]>"
        )
        text = f"<p>A&a;B&b;C {'and so on ' * 40}</p><img src='{elsewhere}/i.png'/><link rel='hub' href='{elsewhere}/'/>"
        include = (
            f"<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='{secret.as_uri()}' parse='text'/>"
        )
        if kind == "feed":
            inside = f"<item><title>A&a;B</title><description>{text}{include}</description></item>"
            body = f"{head}<rss version='2.0'><channel>{inside}</channel></rss>".encode()
            found = repr(await reader.feed(await serve(giving(body, "application/xml"))))
        elif kind == "list":
            body = f"{head}<opml><body><outline xmlUrl='{elsewhere}/rss' text='A&a;B'/>{include}</body></opml>".encode()
            found = repr(read_opml(body))
        else:
            body = f"{head}<html><body><article>{text}{include}</article></body></html>".encode()
            with pytest.raises(NotReadable) as error:
                await reader.page(await serve(giving(body, "application/xhtml+xml")))
            found = repr(error.value.values)
        assert "canary" not in found
        await asyncio.sleep(0)
        assert calls == []
