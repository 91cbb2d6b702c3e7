"""Fetching from real servers on loopback: what is asked, what the answer's head says, and where it leads."""

from __future__ import annotations

import pytest
from aiohttp import web

from bot.errors import AddressRefused, BadStatus, Unreachable
from tests.feeds.servers import Open, Serve, answering


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
        (500, {"Retry-After": "60"}, "source.unwell", 60),
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
