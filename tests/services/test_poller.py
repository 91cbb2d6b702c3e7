"""Looking at feeds over real HTTP: every look is written down, and no feed is another one's trouble."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.domain.articles import Entry, FeedDocument
from bot.domain.updates import FeedLook
from bot.errors import DatabaseBusy
from bot.feeds.reading import FeedReader
from bot.services import poller as polling
from bot.services.poller import AT_ONCE, PORTION, FeedPoller
from bot.storage import feeds
from bot.storage.tables import articles
from bot.storage.tables import feeds as feeds_table
from bot.views.troubles import plainly
from tests.services.press import NOON, POLICY, Press, dripping, holding, open_press, rss, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


MINUTES = timedelta(minutes=1)


@pytest.fixture
async def press(tmp_path: Path) -> AsyncIterator[Press]:
    async with open_press(tmp_path) as opened:
        yield opened


def clockless(press: Press, reader: FeedReader) -> FeedPoller:
    return FeedPoller(press.db, press.clock, reader, POLICY, lambda: 0.0)


async def claimed(press: Press) -> int:
    statement = sa.select(feeds_table.c.id).where(feeds_table.c.claimed_until.is_not(None))
    return len(await press.rows(statement))


# What a look brings


async def test_due_feeds_are_read_and_their_articles_kept(press: Press) -> None:
    urls = [
        press.sites.put(f"/{n}", rss(f"Story {n} of the day", f"Old {n}"), host=n % 4 + 1) for n in range(40)
    ]
    await press.add(*urls)
    assert await press.poll() == 80
    assert len(await press.titles()) == 80
    assert sorted(press.sites.paths()) == sorted(f"/{n}" for n in range(40))
    assert await claimed(press) == 0
    assert await press.poll() == 0, "nothing is due any more"


async def test_two_pollers_take_no_feed_twice(press: Press) -> None:
    urls = [press.sites.put(f"/{n}", rss(f"Story {n}"), host=n % 4 + 1) for n in range(40)]
    await press.add(*urls)
    other = clockless(press, press.reader)
    assert sum(await asyncio.gather(press.poller.poll_due(), other.poll_due())) == 40
    assert len(press.sites.asked) == 40


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


# What fails


FAILURES: list[tuple[Any, str]] = [
    (404, "source.status"),
    (500, "source.status"),
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
    assert await claimed(press) == 0


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
    await until(lambda: _asked(press, 1))
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


# Nobody waits for another


async def _asked(press: Press, times: int) -> bool:
    return len(press.sites.asked) >= times


async def _read(press: Press, count: int) -> bool:
    return len(await press.titles()) >= count


async def test_feeds_that_hang_hold_up_no_others(press: Press) -> None:
    release = asyncio.Event()
    slow = [
        press.sites.put(f"/slow{n}", holding(release, rss(f"Slow {n}")), host=n % 4 + 1) for n in range(8)
    ]
    good = [press.sites.put(f"/good{n}", rss(f"Good {n}"), host=n % 4 + 1) for n in range(4)]
    await press.add(*slow[:4], *good, *slow[4:])
    round_ = asyncio.create_task(press.poller.poll_due())
    # Two fetches at one host at a time: of each host's good feed and two slow ones, the good one is second at most.
    await until(lambda: _read(press, 4))
    assert not round_.done()
    release.set()
    assert await round_ == 12


async def test_what_becomes_due_while_a_slow_feed_is_read_does_not_wait_for_it(
    press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "PATIENCE", 0.01)
    release = asyncio.Event()
    await press.add(press.sites.put("/slow", holding(release, rss("Slow"))))
    round_ = asyncio.create_task(press.poller.poll_due())
    await until(lambda: _asked(press, 1))
    await press.add(press.sites.put("/good", rss("Good"), host=2))
    await until(lambda: _read(press, 1))
    assert not round_.done()
    release.set()
    assert await round_ == 2


async def test_a_feed_that_drips_is_cut_off_and_the_others_are_read(tmp_path: Path) -> None:
    async with open_press(tmp_path, seconds=0.3) as press:
        slow = [press.sites.put(f"/slow{n}", dripping, host=n % 4 + 1) for n in range(4)]
        good = [press.sites.put(f"/good{n}", rss(f"Good {n}"), host=n % 4 + 1) for n in range(4)]
        await press.add(*slow, *good)
        assert await press.poll() == 4
        for url in slow:
            assert (await press.feed(url)).trouble == {"key": "source.too_slow"}


async def test_feeds_that_failed_last_time_are_asked_after_all_others(press: Press) -> None:
    bad = [press.sites.put(f"/bad{n}", 500) for n in range(AT_ONCE)]
    await press.add(*bad)
    await press.poll()
    press.sites.asked.clear()
    await press.add(*(press.sites.put(f"/good{n}", rss(f"Good {n}")) for n in range(AT_ONCE)))
    await press.poll(hours=1)
    assert all(path.startswith("/good") for path in press.sites.paths()[: AT_ONCE // 2])
    assert len(press.sites.asked) == 2 * AT_ONCE


class Stumbling(FeedReader):
    """A reader with a bug that some feeds meet."""

    async def feed(
        self, url: str, *, etag: str = "", last_modified: str = "", known_hash: str = ""
    ) -> FeedLook:
        if url.endswith("/raises"):
            raise RuntimeError("nobody expected this")
        if url.endswith("/undecidable"):
            naive = datetime(2026, 11, 24, 11, 0)  # noqa: DTZ001 - the bug
            return FeedLook(FeedDocument(entries=(Entry("1", "", "One", published=naive),)))
        return await super().feed(url, etag=etag, last_modified=last_modified, known_hash=known_hash)


@pytest.mark.parametrize(("path", "cause"), [("/raises", "RuntimeError"), ("/undecidable", "TypeError")])
async def test_a_bug_that_one_feed_meets_is_kept_on_it_and_stops_nobody(
    press: Press, path: str, cause: str, caplog: pytest.LogCaptureFixture
) -> None:
    reader = Stumbling(press.fetcher, press.reader._workers, press.clock)
    good, bad = press.sites.put("/good", rss("One"), host=2), press.sites.put(path, rss("Two"))
    await press.add(bad, good)
    assert await clockless(press, reader).poll_due() == 1
    feed = await press.feed(bad)
    assert feed.trouble == {"key": "source.ours", "cause": cause}
    assert feed.next_check_at == NOON + 5 * MINUTES
    assert await press.titles() == ["One"]
    assert "a feed could not be read" in caplog.text


async def test_a_full_disk_costs_a_look_and_not_the_round(
    press: Press, caplog: pytest.LogCaptureFixture
) -> None:
    url = press.sites.put("/large", rss(*(f"Story {n}" for n in range(200)), text="word " * 150))
    small = press.sites.put("/small", rss("One"), host=2)
    await press.add(url, small)
    await press.db.write(lambda connection: connection.exec_driver_sql("PRAGMA max_page_count = 1").all())
    assert await press.poll() <= 1
    assert "was not written down" in caplog.text
    await press.db.write(
        lambda connection: connection.exec_driver_sql("PRAGMA max_page_count = 100000").all()
    )
    assert await press.poll(minutes=6) >= 200, "the claim has run out, and the feed is due as it was"


async def test_when_nothing_can_be_claimed_the_looks_under_way_are_finished(
    press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "PATIENCE", 0.2)
    release, claims = asyncio.Event(), 0

    def clock() -> datetime:
        nonlocal claims
        claims += 1
        return press.clock()

    await press.add(press.sites.put("/slow", holding(release, rss("Slow"))))
    await press.db.write(lambda connection: connection.exec_driver_sql("PRAGMA busy_timeout = 1").all())
    round_ = asyncio.create_task(FeedPoller(press.db, clock, press.reader, POLICY, lambda: 0.0).poll_due())
    await until(lambda: _asked(press, 1))
    other = sqlite3.connect(press.db.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    before = claims
    async with asyncio.timeout(10):
        while claims == before:  # noqa: ASYNC110 - what is watched rings no bell
            await asyncio.sleep(0.005)
    with pytest.raises(DatabaseBusy):
        await press.db.write(lambda _: None)
    other.close()
    release.set()
    with pytest.raises(DatabaseBusy):
        await round_
    assert await press.titles() == ["Slow"]
    assert await claimed(press) == 0


# Order and end


async def test_no_two_looks_are_written_at_one_moment_even_if_the_clock_goes_back(press: Press) -> None:
    urls = [press.sites.put(f"/{n}", rss(f"Story {n}"), host=n % 4 + 1) for n in range(8)]
    await press.add(*urls[:6])
    await press.poll()
    await press.add(*urls[6:])
    await press.db.write(lambda c: c.execute(sa.update(feeds_table).values(next_check_at=NOON - MINUTES)))
    await press.poll(seconds=-30)
    seen = [story["first_seen_at"] for story in await press.stories()]
    assert seen == sorted(set(seen))


async def test_a_long_feed_is_written_in_portions_with_room_for_others_between(press: Press) -> None:
    count = 2 * PORTION + 7
    url = press.sites.put("/long", rss(*(f"Number {n} of many" for n in range(count))))
    await press.add(url)
    round_ = asyncio.create_task(press.poller.poll_due())
    seen: set[int] = set()
    while not round_.done():
        seen.add(
            await press.db.write(
                lambda c: c.execute(sa.select(sa.func.count()).select_from(articles)).scalar_one()
            )
        )
    assert await round_ == count
    assert seen >= {PORTION, 2 * PORTION}, "others wrote in between"
    assert (await press.feed(url)).succeeded_at is not None


async def test_after_stop_no_look_begins_and_one_under_way_is_finished(press: Press) -> None:
    release = asyncio.Event()
    await press.add(press.sites.put("/slow", holding(release, rss("Slow"))))
    round_ = asyncio.create_task(press.poller.poll_due())
    await until(lambda: _asked(press, 1))
    press.poller.stop()
    await press.add(press.sites.put("/good", rss("Good"), host=2))
    release.set()
    assert await round_ == 1
    assert press.sites.paths() == ["/slow"]
    assert await press.poller.poll_due() == 0


async def test_a_round_that_is_given_up_leaves_its_feeds_to_the_next_start(press: Press) -> None:
    release = asyncio.Event()
    await press.add(press.sites.put("/slow", holding(release, rss("Slow")), rss("Slow")))
    round_ = asyncio.create_task(press.poller.poll_due())
    await until(lambda: _asked(press, 1))
    round_.cancel()
    with pytest.raises(asyncio.CancelledError):
        await round_
    assert await claimed(press) == 1
    assert await press.poll() == 0
    await press.db.write(feeds.release_all)
    assert await press.poll() == 1
    release.set()


async def test_what_a_feed_calls_itself_is_learned_and_what_it_is_called_stays(press: Press) -> None:
    url = press.sites.put("/rss", rss("One"))
    await press.add(url)
    await press.poll()
    feed = await press.feed(url)
    assert (feed.title, feed.language) == ("Herald", "en")
    assert replace(feed, title="Mine").address == url
