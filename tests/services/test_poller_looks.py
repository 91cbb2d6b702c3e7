"""A look at a feed over real HTTP: what it brings, how it fails, and where it has moved; all is written down."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.storage import feeds
from bot.storage.tables import articles
from bot.views.troubles import plainly
from tests.services.press import NOON, holding, rss, until

if TYPE_CHECKING:
    from tests.services.press import Press

MINUTES = timedelta(minutes=1)


# What a look brings


async def test_the_second_look_asks_whether_anything_has_changed(press: Press) -> None:
    told = {"body": rss("One"), "headers": {"ETag": '"1"', "Last-Modified": "Tue, 24 Nov 2026 11:00:00 GMT"}}
    url = press.sites.put("/rss", told, 304)
    await press.add(url)
    await press.poll()
    assert await press.poll(hours=5) == 0
    headers = press.sites.asked[1][1]
    assert headers["If-None-Match"] == '"1"'
    assert headers["If-Modified-Since"] == "Tue, 24 Nov 2026 11:00:00 GMT"
    feed = await press.feed(url)
    assert (feed.succeeded_at, feed.failures, feed.etag) == (press.clock(), 0, '"1"')


async def test_the_same_document_again_changes_nothing(press: Press) -> None:
    url = press.sites.put("/rss", rss("One"))
    await press.add(url)
    await press.poll()
    before = await press.rows(sa.select(articles))
    assert await press.poll(hours=5) == 0
    assert await press.rows(sa.select(articles)) == before


async def test_one_story_told_by_two_feeds_is_one_story_with_two_sources(press: Press) -> None:
    one = press.sites.put("/one", rss("Bridge over the Orrin closed", site="https://one.example"))
    two = press.sites.put("/two", rss("Bridge over the Orrin: closed!", site="https://two.example"), host=2)
    await press.add(one, two)
    assert await press.poll() == 2
    (story,) = await press.stories()
    assert story["sources"] == 2


async def test_what_a_feed_calls_itself_is_learned_and_what_it_is_called_stays(press: Press) -> None:
    url = press.sites.put("/rss", rss("One"))
    await press.add(url)
    await press.poll()
    feed = await press.feed(url)
    assert (feed.title, feed.language) == ("Herald", "en")
    assert replace(feed, title="Mine").address == url


# What fails


FAILURES: list[tuple[Any, str]] = [
    (404, "source.status"),
    (500, "source.unwell"),
    (403, "source.forbidden"),
    (429, "source.busy"),
    ({"status": 403, "headers": {"cf-mitigated": "challenge"}}, "source.robot_check"),
    (b"<html><body>Not here</body></html>", "source.not_a_feed"),
    (b"{}", "source.not_a_feed"),
    (b"  ", "source.empty"),
    ({"body": b"x", "headers": {"Content-Encoding": "gzip, gzip"}}, "source.encoding"),
    ({"status": 301, "headers": {"Location": "?"}}, "source.redirects"),
    ({"status": 302, "headers": {"Location": "http://10.0.0.1/"}}, "source.refused"),
    (b" " * 200_001, "source.too_large"),
]


async def test_every_failure_is_kept_in_plain_words_and_the_feed_rests(press: Press) -> None:
    urls = {press.sites.put(f"/{n}", answer, host=n % 4 + 1): key for n, (answer, key) in enumerate(FAILURES)}
    await press.add(*urls, press.sites.put("/good", rss("One")))
    assert await press.poll() == 1
    for url, key in urls.items():
        feed = await press.feed(url)
        assert feed.trouble is not None
        assert feed.trouble["key"] == key
        assert "source." not in plainly(feed.trouble), "it has no sentence"
        assert (feed.failures, feed.succeeded_at) == (1, None)
        assert feed.next_check_at == NOON + 5 * MINUTES
    assert await press.claimed() == 0


async def test_a_feed_that_nobody_serves_is_kept_as_unreachable(press: Press) -> None:
    await press.add("http://127.0.0.1:1/rss")
    await press.poll()
    assert (await press.feed("http://127.0.0.1:1/rss")).trouble == {"key": "source.unreachable"}


async def test_a_feed_that_recovers_is_as_if_nothing_had_been(press: Press) -> None:
    url = press.sites.put("/rss", 500, 500, rss("One"))
    await press.add(url)
    waits = [0, 5, 10]
    for failures, minutes in enumerate(waits):
        assert (await press.feed(url)).failures == failures
        await press.poll(minutes=minutes)
    feed = await press.feed(url)
    assert (feed.failures, feed.trouble, len(press.sites.asked)) == (0, None, 3)


async def test_a_feed_that_is_gone_is_never_asked_again(press: Press) -> None:
    url = press.sites.put("/rss", 410)
    await press.add(url)
    await press.poll()
    await press.poll(days=30)
    assert (await press.feed(url)).state == "gone"
    assert len(press.sites.asked) == 1


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("after", ["7200", "Tue, 24 Nov 2026 14:00:00 GMT"])
async def test_a_server_that_says_when_is_asked_then_and_not_before(
    press: Press, status: int, after: str
) -> None:
    url = press.sites.put("/rss", {"status": status, "headers": {"Retry-After": after}}, rss("One"))
    await press.add(url)
    await press.poll()
    assert await press.poll(minutes=119) == 0
    assert len(press.sites.asked) == 1
    assert await press.poll(minutes=1) == 1


async def test_a_feed_that_was_removed_meanwhile_stays_removed(press: Press) -> None:
    release = asyncio.Event()
    url = press.sites.put("/rss", holding(release, rss("One")))
    await press.add(url)
    round_ = asyncio.create_task(press.poller.poll_due())
    await until(lambda: press.asked(1))
    await press.db.write(feeds.remove, (await press.feed(url)).id)
    release.set()
    await round_
    assert (await press.feed(url)).state == "removed"


# Feeds that move


def to(path: str, status: int = 301) -> dict[str, Any]:
    return {"status": status, "headers": {"Location": path}}


async def test_a_permanent_move_over_several_hops_is_kept_and_followed(press: Press) -> None:
    url = press.sites.put("/old", to("/older"))
    press.sites.put("/older", to(press.sites.url("/new", host=2), 308))
    press.sites.put("/new", rss("One"))
    await press.add(url)
    assert await press.poll() == 1
    assert (await press.feed(url)).moved_to == press.sites.url("/new", host=2)
    await press.poll(hours=5)
    assert press.sites.paths() == ["/old", "/older", "/new", "/new"]


@pytest.mark.parametrize("statuses", [(302, 301), (301, 302), (307, 308), (301, 303)])
async def test_a_move_that_is_not_permanent_all_the_way_is_not_kept(
    press: Press, statuses: tuple[int, int]
) -> None:
    url = press.sites.put("/old", to("/older", statuses[0]))
    press.sites.put("/older", to("/new", statuses[1]))
    press.sites.put("/new", rss("One"))
    await press.add(url)
    assert await press.poll() == 1
    assert (await press.feed(url)).moved_to == ""


async def test_a_move_to_a_page_that_is_no_feed_is_not_kept(press: Press) -> None:
    url = press.sites.put("/old", to("/parked"))
    press.sites.put("/parked", b"<html><body>This domain is for sale</body></html>")
    await press.add(url)
    await press.poll()
    assert (await press.feed(url)).moved_to == ""


async def test_a_feed_does_not_move_where_another_one_is(press: Press) -> None:
    old, new = press.sites.put("/old", to("/new")), press.sites.put("/new", rss("One"))
    await press.add(old, new)
    await press.poll()
    assert (await press.feed(old)).moved_to == ""


async def test_a_new_address_that_fails_is_given_up_in_the_end(press: Press) -> None:
    url = press.sites.put("/old", to("/new"), rss("One", "Two"))
    press.sites.put("/new", rss("One"), 404)
    await press.add(url)
    for hours in (0, 5, 5, 5, 5):
        await press.poll(hours=hours)
    feed = await press.feed(url)
    assert (feed.moved_to, feed.failures) == ("", 0)
    assert await press.titles() == ["One", "Two"]
