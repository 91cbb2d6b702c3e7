"""Following as a service: what an update does once, what is found at an address, and what the tick may do twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.domain.news import FeedEntry
from bot.errors import SourceError, UserError
from bot.services import finding
from bot.services.filtering import Filtering
from bot.services.following import Following, Subject
from bot.services.subscriptions import Subscriptions
from bot.services.watching import Watching
from bot.storage import inbox, readers
from bot.storage.follow_tables import finds, follows
from bot.storage.inbox import Received
from bot.storage.tables import deliveries
from tests.services.press import NOON, Press
from tests.storage.archive import somebody

if TYPE_CHECKING:
    from aiohttp import web

    from bot.domain.news import Reader

RSS = "<rss version='2.0'><channel><title>{name}</title>{items}</channel></rss>"


def feed(name: str, *titles: str) -> bytes:
    items = "".join(f"<item><guid>{one}</guid><title>{one}</title></item>" for one in titles)
    return RSS.format(name=name, items=items).encode()


def page(*links: str) -> bytes:
    named = "".join(f'<link rel="alternate" type="application/rss+xml" href="{link}">' for link in links)
    return f"<html><head>{named}</head><body>Hello</body></html>".encode()


async def update(press: Press, number: int) -> int:
    """An update that has come; its number."""
    await press.db.write(inbox.receive, [Received(number, 7, {}, NOON)])
    return number


async def joined(press: Press) -> Reader:
    return await press.db.write(readers.add, somebody(7, NOON))


async def test_a_feed_stands_at_its_address(press: Press) -> None:
    url = press.sites.put("/rss", feed("Blog"))
    assert await finding.find(press.reader, url) == finding.Found(FeedEntry(url, "Blog"))


async def test_a_page_names_its_feed(press: Press) -> None:
    press.sites.put("/rss", feed("Blog"))
    url = press.sites.put("/", page("/rss", "javascript:alert(1)", "/gone"))
    found = await finding.find(press.reader, url)
    assert found.feed is not None
    assert found.feed.url == press.sites.url("/rss")


async def test_of_a_page_that_names_many_three_are_offered_and_few_are_asked(press: Press) -> None:
    for n in range(9):
        press.sites.put(f"/rss{n}", feed(f"Blog {n}"))
    url = press.sites.put("/", page(*(f"/rss{n}" for n in range(9))))
    found = await finding.find(press.reader, url)
    assert [entry.title for entry in found.nearby] == ["Blog 0", "Blog 1", "Blog 2"]
    assert len(press.sites.paths()) == 7


async def test_where_a_page_names_none_the_usual_places_are_tried_and_offered(press: Press) -> None:
    press.sites.put("/feed", feed("Blog"))
    url = press.sites.put("/about", page())
    found = await finding.find(press.reader, url)
    assert (found.feed, [entry.title for entry in found.nearby]) == (None, ["Blog"])


async def test_a_page_without_any_feed_has_none(press: Press) -> None:
    assert await finding.find(press.reader, press.sites.put("/", page())) == finding.Found()


@pytest.mark.parametrize("status", [404, 503])
async def test_what_cannot_be_read_is_told(press: Press, status: int) -> None:
    with pytest.raises(SourceError):
        await finding.find(press.reader, press.sites.put("/", status))


async def test_discovery_goes_where_the_guard_lets_it_and_nowhere_else(press: Press) -> None:
    url = press.sites.put(
        "/", page("http://169.254.169.254/latest", "http://10.0.0.1/rss", "file:///etc/passwd")
    )
    assert await finding.find(press.reader, url) == finding.Found()


@pytest.mark.slow
async def test_a_list_is_checked_side_by_side_and_given_up_in_time(press: Press) -> None:
    release = asyncio.Event()

    async def hanging(_request: web.BaseRequest) -> web.StreamResponse:
        await release.wait()
        raise AssertionError

    good, page_url = press.sites.put("/good", feed("Good")), press.sites.put("/page", page())
    dead, slow = press.sites.put("/dead", 404), press.sites.put("/slow", hanging, host=2)
    told: list[int] = []

    async def note(done: int) -> None:
        told.append(done)

    entries = [FeedEntry(url) for url in (good, page_url, dead, slow)]
    wrong = await finding.check(press.reader, entries, note, seconds=3.0, every=0.2)
    assert wrong == {page_url: "no_feed", dead: "dead"}
    assert told
    assert max(told) <= 3
    assert await finding.check(press.reader, [], note) == {}
    release.set()


async def test_the_same_update_follows_once(press: Press) -> None:
    service, reader = Following(press.db, press.clock, press.reader), await joined(press)
    number = await update(press, 1)
    for _ in range(2):
        taken = await service.follow(number, reader, Subject(words="oil"))
        assert not taken.known
    assert (await service.follow(await update(press, 2), reader, Subject(words="Oil"))).known
    assert len(await service.items(reader)) == 1


async def test_a_removal_is_done_and_taken_back_once(press: Press) -> None:
    service, reader = Following(press.db, press.clock, press.reader), await joined(press)
    filtering = Filtering(press.db, press.clock)
    taken = await service.follow(await update(press, 1), reader, Subject(words="oil"))
    question = await filtering.ask(
        await update(press, 2), reader, "filter", follow_id=taken.follow.id, field="title", keep=False
    )
    trial = await filtering.try_out(await update(press, 3), reader, question, "gas")
    assert (trial.tried_on, trial.hidden) == (0, ())
    await filtering.keep(await update(press, 4), reader, trial.question_id)
    await filtering.keep(await update(press, 5), reader, trial.question_id)
    gone = await update(press, 6)
    removed = await service.remove(gone, reader, taken.follow.id)
    assert (await service.remove(gone, reader, taken.follow.id)).id == removed.id
    back = await update(press, 7)
    for _ in range(2):
        await service.bring_back(back, reader, removed.id)
    (item,) = await service.items(reader)
    assert [(one.field, one.words, one.keep) for one in item.filters] == [("title", "gas", False)]
    kept = await filtering.remove(await update(press, 8), reader, item.follow.id, item.filters[0].id)
    assert kept.filters == ()


async def test_what_is_not_there_is_told(press: Press) -> None:
    service, reader = Following(press.db, press.clock, press.reader), await joined(press)
    filtering, lists = Filtering(press.db, press.clock), Subscriptions(press.db, press.clock, press.reader)
    number = await update(press, 1)
    for call, key in (
        (service.item(reader, 9), "follow.gone"),
        (service.change(number, reader, 9, way="push"), "follow.gone"),
        (service.change(number, reader, 9, way="by pigeon"), "error.old_button"),
        (service.remove(number, reader, 9), "follow.gone"),
        (service.go_on(number, reader, 9), "follow.gone"),
        (service.bring_back(number, reader, 9), "error.old_button"),
        (service.offered(reader, 9, 0), "error.old_button"),
        (service.asked_site(reader, 9), "error.old_button"),
        (service.words_of_list(reader, 9), "error.old_button"),
        (service.follow(number, reader, Subject(story_id=9)), "error.story_gone"),
        (service.follow(number, reader, Subject(words="…")), "follow.what"),
        (service.site("http://a b"), "source.refused"),
        (service.site("no address"), "source.no_address"),
        (filtering.of(reader, 9), "follow.gone"),
        (filtering.ask(number, reader, "rename", follow_id=9), "follow.gone"),
        (filtering.ask(number, reader, "filter", follow_id=0, field="colour", keep=True), "error.old_button"),
        (filtering.keep(number, reader, 9), "error.old_button"),
        (lists.follow_all(number, reader, 9), "error.old_button"),
    ):
        with pytest.raises(UserError) as refused:
            await call
        assert refused.value.key == key


async def test_a_filter_for_all_is_tried_on_all(press: Press) -> None:
    service, reader = Following(press.db, press.clock, press.reader), await joined(press)
    filtering = Filtering(press.db, press.clock)
    url = press.sites.put("/rss", feed("Blog", "A goal", "A match"))
    await service.follow(await update(press, 1), reader, Subject(feed=FeedEntry(url)))
    await service.follow(await update(press, 2), reader, Subject(words="match"))
    await press.poll()
    asked = await filtering.ask(
        await update(press, 3), reader, "filter", follow_id=0, field="title", keep=True
    )
    assert (await filtering.answered(await update(press, 4), reader)) == asked
    trial = await filtering.try_out(4, reader, asked, "goal")
    assert (trial.tried_on, [one.title for one in trial.hidden]) == (2, ["A match"])
    assert (await filtering.answered(await update(press, 5), reader)) is None, "only the next message answers"


async def test_a_question_is_open_for_ten_minutes(press: Press) -> None:
    service, reader = Following(press.db, press.clock, press.reader), await joined(press)
    filtering = Filtering(press.db, press.clock)
    taken = await service.follow(await update(press, 1), reader, Subject(words="oil"))
    await filtering.ask(await update(press, 2), reader, "rename", follow_id=taken.follow.id)
    number = await update(press, 3)
    press.clock.advance(minutes=9)
    assert await filtering.answered(number, reader) is not None
    press.clock.advance(minutes=2)
    assert await filtering.answered(number, reader) is None


async def test_an_item_has_room_for_twenty_filters(press: Press) -> None:
    reader, filtering = await joined(press), Filtering(press.db, press.clock)
    for n in range(20):
        asked = await filtering.ask(
            await update(press, 3 * n), reader, "filter", follow_id=0, field="text", keep=False
        )
        trial = await filtering.try_out(await update(press, 3 * n + 1), reader, asked, f"word{n}")
        await filtering.keep(await update(press, 3 * n + 2), reader, trial.question_id)
    with pytest.raises(UserError, match=r"follow\.filters_full"):
        await filtering.ask(await update(press, 99), reader, "filter", follow_id=0, field="text", keep=False)


async def test_a_tick_that_is_repeated_owes_nothing_twice(press: Press) -> None:
    service, reader = Following(press.db, press.clock, press.reader), await joined(press)
    await service.follow(await update(press, 1), reader, Subject(words="goal", way="push"))
    press.clock.advance(hours=1)
    await press.add(press.sites.put("/rss", feed("Blog", "A goal")))
    await press.poll()
    watching = Watching(press.db, press.clock)
    await press.db.write(lambda c: c.execute(sa.update(follows).values(made_at=NOON - timedelta(days=9))))
    await press.db.write(lambda c: c.execute(sa.text("UPDATE stories SET backlog = 0")))
    assert await watching.watch() == 1
    await press.db.write(
        lambda c: c.execute(sa.text("UPDATE meta SET value = '0' WHERE name = 'followed_until'"))
    )
    assert await watching.watch() == 0
    for table in (finds, deliveries):
        assert len(await press.rows(sa.select(table))) == 1


async def test_who_has_stopped_is_asked_nothing_and_not_again(press: Press) -> None:
    service, reader = Following(press.db, press.clock, press.reader), await joined(press)
    await press.add(press.sites.put("/rss", feed("Blog", "A goal")))
    await press.poll()
    await service.follow(await update(press, 1), reader, Subject(story_id=1))
    await press.db.write(lambda c: readers.change(c, 7, state="stopped"))
    press.clock.advance(days=15)
    watching = Watching(press.db, press.clock)
    for _ in range(2):
        await watching.watch()
    assert await press.rows(sa.select(deliveries)) == []
    assert (await service.item(reader, 1)).follow.asked_at == press.clock()


async def test_what_is_neither_a_feed_nor_a_page_is_told(press: Press) -> None:
    with pytest.raises(SourceError, match=r"source\.empty"):
        await finding.find(press.reader, press.sites.put("/", b" "))
