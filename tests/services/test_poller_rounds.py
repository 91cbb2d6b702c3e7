"""Rounds of looks at feeds: no feed is another one's trouble, and every look is finished and written down."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.domain.articles import Entry, FeedDocument
from bot.domain.updates import FeedLook
from bot.errors import DatabaseBusy
from bot.feeds.reading import FeedReader
from bot.services.poller import AT_ONCE, PORTION, FeedPoller
from bot.storage import feeds
from bot.storage.tables import articles
from bot.storage.tables import feeds as feeds_table
from tests.services.press import NOON, POLICY, Press, dripping, holding, open_press, rss, until

if TYPE_CHECKING:
    from pathlib import Path

MINUTES = timedelta(minutes=1)


def poller(press: Press, reader: FeedReader | None = None, **more: Any) -> FeedPoller:
    """Another poller beside the press's own."""
    return FeedPoller(press.db, press.clock, reader or press.reader, POLICY, lambda: 0.0, **more)


# What is due


async def test_due_feeds_are_read_and_their_articles_kept(press: Press) -> None:
    urls = [
        press.sites.put(f"/{n}", rss(f"Story {n} of the day", f"Old {n}"), host=n % 4 + 1) for n in range(40)
    ]
    await press.add(*urls)
    assert await press.poll() == 80
    assert len(await press.titles()) == 80
    assert sorted(press.sites.paths()) == sorted(f"/{n}" for n in range(40))
    assert await press.claimed() == 0
    assert await press.poll() == 0, "nothing is due any more"


async def test_two_pollers_take_no_feed_twice(press: Press) -> None:
    urls = [press.sites.put(f"/{n}", rss(f"Story {n}"), host=n % 4 + 1) for n in range(40)]
    await press.add(*urls)
    other = poller(press)
    assert sum(await asyncio.gather(press.poller.poll_due(), other.poll_due())) == 40
    assert len(press.sites.asked) == 40


# Nobody waits for another


async def test_feeds_that_hang_hold_up_no_others(press: Press) -> None:
    release = asyncio.Event()
    slow = [
        press.sites.put(f"/slow{n}", holding(release, rss(f"Slow {n}")), host=n % 4 + 1) for n in range(8)
    ]
    good = [press.sites.put(f"/good{n}", rss(f"Good {n}"), host=n % 4 + 1) for n in range(4)]
    await press.add(*slow[:4], *good, *slow[4:])
    round_ = asyncio.create_task(press.poller.poll_due())
    # Two fetches at one host at a time: of each host's good feed and two slow ones, the good one is second at most.
    await until(lambda: press.kept(4))
    assert not round_.done()
    release.set()
    assert await round_ == 12


async def test_what_becomes_due_while_a_slow_feed_is_read_does_not_wait_for_it(press: Press) -> None:
    release = asyncio.Event()
    await press.add(press.sites.put("/slow", holding(release, rss("Slow"))))
    round_ = asyncio.create_task(poller(press, patience=0.01).poll_due())
    await until(lambda: press.asked(1))
    await press.add(press.sites.put("/good", rss("Good"), host=2))
    await until(lambda: press.kept(1))
    assert not round_.done()
    release.set()
    assert await round_ == 2


async def test_a_feed_that_drips_is_cut_off_and_the_others_are_read(tmp_path: Path) -> None:
    async with open_press(tmp_path, seconds=1.5) as press:
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
    assert await poller(press, reader).poll_due() == 1
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


async def test_when_nothing_can_be_claimed_the_looks_under_way_are_finished(press: Press) -> None:
    release, claims = asyncio.Event(), 0

    def clock() -> datetime:
        nonlocal claims
        claims += 1
        return press.clock()

    await press.add(press.sites.put("/slow", holding(release, rss("Slow"))))
    await press.db.write(lambda connection: connection.exec_driver_sql("PRAGMA busy_timeout = 1").all())
    hasty = FeedPoller(press.db, clock, press.reader, POLICY, lambda: 0.0, patience=0.2)
    round_ = asyncio.create_task(hasty.poll_due())
    await until(lambda: press.asked(1))
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
    assert await press.claimed() == 0


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
    await until(lambda: press.asked(1))
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
    await until(lambda: press.asked(1))
    round_.cancel()
    with pytest.raises(asyncio.CancelledError):
        await round_
    assert await press.claimed() == 1
    assert await press.poll() == 0
    await press.db.write(feeds.release_all)
    assert await press.poll() == 1
    release.set()


async def test_a_feed_that_rewrites_all_its_articles_lets_others_write_in_between(press: Press) -> None:
    headlines = [f"Headline {n}" for n in range(120)]
    url = press.sites.put("/rss", rss(*headlines, text="Before."), rss(*headlines, text="After."))
    await press.add(url)
    assert await press.poll() == 120
    written: list[int] = []

    def note(connection: sa.Connection) -> None:
        written.append(connection.execute(sa.select(sa.func.sum(articles.c.changes))).scalar_one())

    async def read() -> None:
        while not written or written[-1] < 120:
            await press.db.write(note)

    async with asyncio.timeout(10):
        await asyncio.gather(press.poll(hours=4), read())
    assert {0, 50, 100, 120} >= set(written) > {0, 120}


async def test_without_room_on_the_disk_no_feed_is_read_and_with_room_it_goes_on(press: Press) -> None:
    room = [False]
    await press.add(press.sites.put("/rss", rss("One")))
    full = poller(press, has_room=lambda: room[0])
    assert await full.poll_due() == 0
    assert press.sites.asked == []
    room[0] = True
    assert await full.poll_due() == 1
