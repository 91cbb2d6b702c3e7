"""The sample wire over HTTP: feeds in every format, pages with their texts, and news every minute, for ever."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape, unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web

from bot.domain.clustering import story_keys
from bot.feeds.documents import read_feed
from bot.feeds.extract import read_page
from bot.feeds.opml import read_opml
from bot.playground.wire import LISTED, Wire
from bot.playground.wire_sources import DESKS, FeedFormat, read_sources

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.domain.articles import Entry, FeedDocument
    from bot.playground.wire_sources import Article, Feed, Source
    from tests.playground.conftest import Clock

OPENED = datetime(2026, 11, 26, 6, 40, tzinfo=UTC)
SOURCES = read_sources(OPENED)
ALL_FEEDS = [(source, feed) for source in SOURCES for feed in source.feeds]
STORIES = [story for source in SOURCES for story in source.stories]


class Paperboy:
    """Somebody who fetches from the wire."""

    def __init__(self, wire: Wire, base: str, session: aiohttp.ClientSession) -> None:
        self.wire = wire
        self.base = base
        self.session = session

    async def get(self, url: str, **headers: str) -> tuple[int, bytes, Any]:
        """What an invented address answers: status, body, headers."""
        local = self.wire.local(url, self.base)
        async with self.session.get(local, headers=headers, allow_redirects=False) as response:
            return response.status, await response.read(), response.headers

    async def feed(self, source: Source, feed: Feed) -> FeedDocument:
        url = f"https://{source.host}/{feed.path}"
        status, body, headers = await self.get(url)
        assert status == 200
        assert headers["Content-Type"] == f"{feed.content_type}; charset=utf-8"
        return read_feed(body, headers["Content-Type"], url, OPENED + timedelta(days=300))

    async def entries(self) -> list[Entry]:
        return [entry for one in ALL_FEEDS for entry in (await self.feed(*one)).entries]


@pytest.fixture
async def paperboy(clock: Clock) -> AsyncIterator[Paperboy]:
    async with opened(clock) as boy:
        yield boy


@asynccontextmanager
async def opened(clock: Clock) -> AsyncIterator[Paperboy]:
    clock.now = OPENED
    wire = Wire(clock, OPENED)
    application = web.Application()
    application.add_routes(wire.routes())
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with aiohttp.ClientSession() as session:
            yield Paperboy(wire, f"http://127.0.0.1:{runner.addresses[0][1]}", session)
    finally:
        await runner.cleanup()


def lines(article: Article) -> list[str]:
    """An article's text without the marks of headings, quotations and items."""
    return [line.removeprefix("## ").removeprefix("> ").removeprefix("- ") for line in article.text]


# Feeds


async def test_every_format_gives_the_articles_that_the_newspaper_has_written(paperboy: Paperboy) -> None:
    assert {feed.form for _, feed in ALL_FEEDS} == set(FeedFormat)
    for source, feed in ALL_FEEDS:
        document = await paperboy.feed(source, feed)
        assert (document.title, document.language) == (source.title, source.language)
        assert document.site == f"https://{source.host}/"
        entries = {entry.url: entry for entry in document.entries}
        for story in source.stories:
            if story.desk != feed.desk:
                continue
            entry = entries[story.link]
            assert entry.title == story.title
            assert entry.teaser == story.teaser
            assert entry.author == story.author
            assert entry.published == story.published
            assert entry.categories == story.tags
            assert entry.image == (
                story.picture_url if story.picture and feed.form is not FeedFormat.RDF else ""
            )
            assert entry.guid.endswith(story.guid) or feed.form is FeedFormat.RDF


async def test_whole_texts_come_with_the_feeds_that_carry_them_and_with_no_others(paperboy: Paperboy) -> None:
    for source, feed in ALL_FEEDS:
        written = {story.link: story for story in source.stories}
        for entry in (await paperboy.feed(source, feed)).entries:
            if entry.url not in written:
                continue
            text = [block.text for block in entry.blocks]
            assert text == (lines(written[entry.url]) if written[entry.url].carries_text(feed) else [])


async def test_feeds_are_sorted_and_ask_to_be_read_every_minute(paperboy: Paperboy) -> None:
    for source, feed in ALL_FEEDS:
        document = await paperboy.feed(source, feed)
        dates = [entry.published for entry in document.entries if entry.published]
        assert dates == sorted(dates, reverse=True)
        assert document.ttl == (None if feed.form is FeedFormat.JSON else 60)


async def test_the_list_of_feeds_names_them_all_by_desk(paperboy: Paperboy) -> None:
    document = read_opml(paperboy.wire.opml())
    listed = {(feed.url, feed.desk, feed.language, feed.country, feed.title) for feed in document.feeds}
    assert listed == {
        (f"https://{source.host}/{feed.path}", feed.desk, source.language, source.country, source.title)
        for source, feed in ALL_FEEDS
    }
    assert {feed.desk for feed in document.feeds} == set(DESKS)
    assert {feed.language for feed in document.feeds} == {"en", "ru"}


# Pages


@pytest.mark.parametrize("story", [story for story in STORIES if story.path], ids=lambda story: story.guid)
async def test_a_page_gives_the_whole_text_and_nothing_else(paperboy: Paperboy, story: Article) -> None:
    status, body, headers = await paperboy.get(story.link)
    assert status == 200
    page = read_page(body, headers["Content-Type"], story.link)
    text = [block.text for block in page.blocks]
    assert text == [*lines(story), *([story.note] if story.note else [])]
    named = dict(re.findall(r'<meta property="og:(title|image)" content="([^"]*)">', body.decode()))
    assert unescape(named["title"]) == story.title
    assert named.get("image", "") == (story.picture_url if story.picture else "")


async def test_the_remark_under_a_text_stands_on_one_page_only(paperboy: Paperboy) -> None:
    noted = [story for story in STORIES if story.note]
    assert [story.note for story in noted] == ["The full story is in Kurdish."]
    for entry in await paperboy.entries():
        assert noted[0].note not in entry.teaser


async def test_the_front_page_leads_to_stories_and_feeds(paperboy: Paperboy) -> None:
    for source in SOURCES:
        status, body, _ = await paperboy.get(f"https://{source.host}/")
        page = body.decode()
        assert status == 200
        assert all(f'href="{story.path}"' in page for story in source.stories if story.path)
        assert all(f'href="{feed.path}"' in page for feed in source.feeds)


async def test_pictures_and_styles_are_there(paperboy: Paperboy) -> None:
    for story in STORIES:
        if story.picture:
            status, body, headers = await paperboy.get(story.picture_url)
            assert (status, headers["Content-Type"], body[:8]) == (200, "image/png", b"\x89PNG\r\n\x1a\n")
    status, _, headers = await paperboy.get("https://harbourpost.example/paper.css")
    assert (status, headers["Content-Type"]) == (200, "text/css; charset=utf-8")


@pytest.mark.parametrize(
    "path",
    [
        "news/none",
        "town/99999999",
        "town/x",
        "pictures/none.png",
        "wire.py",
    ],
)
async def test_what_is_not_there_says_so_in_the_newspapers_language(paperboy: Paperboy, path: str) -> None:
    for host, words in (
        ("harbourpost.example", "There is no such page"),
        ("mayak.example", "Такой страницы нет"),
    ):
        status, body, _ = await paperboy.get(f"https://{host}/{path}")
        assert status == 404
        assert words in body.decode()


async def test_hosts_are_known_and_others_are_not(paperboy: Paperboy) -> None:
    async with paperboy.session.get(f"{paperboy.base}/wire/hosts.json") as response:
        assert (await response.json())["hosts"] == sorted(source.host for source in SOURCES)
    for path, status in (("nobody.example/", 404), ("harbourpost.example", 301)):
        async with paperboy.session.get(f"{paperboy.base}/wire/{path}", allow_redirects=False) as response:
            assert response.status == status


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("https://harbourpost.example/a?b=1", "http://here/wire/harbourpost.example/a?b=1"),
        ("http://HarbourPost.example", "http://here/wire/harbourpost.example/"),
        ("https://harbourpost.example:8443/", "https://harbourpost.example:8443/"),
        ("https://other.example/", "https://other.example/"),
        ("ftp://harbourpost.example/", "ftp://harbourpost.example/"),
    ],
)
def test_invented_addresses_are_found_on_this_machine(clock: Clock, url: str, local: str) -> None:
    assert Wire(clock, OPENED).local(url, "http://here/") == local


# Conditional requests


async def test_what_has_not_changed_is_not_sent_again(paperboy: Paperboy) -> None:
    url = "https://harbourpost.example/feeds/world.xml"
    _, body, headers = await paperboy.get(url)
    tag, date = headers["ETag"], headers["Last-Modified"]
    assert headers["Cache-Control"] == "max-age=60"
    for asked in ({"If-None-Match": tag}, {"If-None-Match": "*"}, {"If-Modified-Since": date}):
        status, again, told = await paperboy.get(url, **asked)
        assert (status, again, told["ETag"]) == (304, b"", tag)
    earlier = format_datetime(OPENED - timedelta(days=1), usegmt=True)
    for asked in (
        {"If-None-Match": '"other"'},
        {"If-Modified-Since": earlier},
        {"If-None-Match": '"x"', "If-Modified-Since": date},
    ):
        assert (await paperboy.get(url, **asked))[:2] == (200, body)


async def test_a_new_item_changes_the_mark_and_the_date(paperboy: Paperboy, clock: Clock) -> None:
    marks = {}
    for source, feed in ALL_FEEDS:
        url = f"https://{source.host}/{feed.path}"
        marks[url] = (await paperboy.get(url))[2]["ETag"]
    clock.forward(hours=3)
    for url, mark in marks.items():
        if urlsplit(url).netloc != "voanews.example":
            assert (await paperboy.get(url, **{"If-None-Match": mark}))[0] == 200


# News


@pytest.mark.no_cover
@pytest.mark.slow
async def test_every_minute_has_a_new_story_in_english_or_russian(paperboy: Paperboy, clock: Clock) -> None:
    known = {entry.url for entry in await paperboy.entries()}
    spoken = {source.host: source.language for source in SOURCES}
    told = []
    for _ in range(12):
        clock.forward(minutes=1)
        new = [entry for entry in await paperboy.entries() if entry.url not in known]
        assert 1 <= len(new) <= 2
        assert all(entry.published == clock.now for entry in new)
        assert len({entry.title for entry in new}) == 1
        known |= {entry.url for entry in new}
        told.append(spoken[urlsplit(new[0].url).netloc])
    assert (told.count("en"), told.count("ru")) == (8, 4)


async def test_a_story_of_the_town_has_its_page_as_soon_as_it_is_listed(
    paperboy: Paperboy, clock: Clock
) -> None:
    clock.forward(minutes=7)
    entries = [entry for entry in await paperboy.entries() if "/town/" in entry.url]
    assert len(entries) >= 30, "a head start of half an hour"
    for entry in entries[:10]:
        status, body, headers = await paperboy.get(entry.url)
        page = read_page(body, headers["Content-Type"], entry.url)
        assert status == 200
        assert f"<h1>{escape(entry.title)}</h1>" in body.decode()
        assert page.blocks[0].text == entry.teaser


@pytest.mark.no_cover
async def test_the_same_clock_gives_the_same_bytes_and_long_lists_are_cut(clock: Clock) -> None:
    bodies = []
    for _ in range(2):
        async with opened(clock) as boy:
            clock.forward(days=200)
            bodies.append(
                [(await boy.get(f"https://{source.host}/{feed.path}"))[1] for source, feed in ALL_FEEDS]
            )
            for source, feed in ALL_FEEDS:
                town = [entry for entry in (await boy.feed(source, feed)).entries if "/town/" in entry.url]
                assert len(town) <= LISTED
    assert bodies[0] == bodies[1]


async def test_one_event_told_twice_is_one_story_where_page_or_headline_are_the_same(
    paperboy: Paperboy, clock: Clock
) -> None:
    clock.forward(hours=2)
    entries = await paperboy.entries()
    relayed = [story_keys("", entry.url) for entry in entries if "seagrass" in entry.url]
    assert len(relayed) == 2
    assert len(set(relayed)) == 1, "one page under two addresses"
    minutes: dict[str, list[tuple[str, ...]]] = {}
    for entry in entries:
        if "/town/" in entry.url:
            minutes.setdefault(entry.url.rpartition("/")[2], []).append(story_keys(entry.title, ""))
    twice = {minute: keys for minute, keys in minutes.items() if len(keys) == 2}
    assert {minute[-1] for minute in twice} == {"0"}
    assert len(twice) == 15, "every tenth minute of two and a half hours"
    assert all(first == second != () for first, second in twice.values())


async def test_one_event_under_two_headlines_is_still_two_stories(paperboy: Paperboy) -> None:
    trains = {
        urlsplit(entry.url).netloc: story_keys(entry.title, "")
        for entry in await paperboy.entries()
        if "night-train" in entry.url
    }
    assert trains["harbourpost.example"] == trains["northcoast.example"] != trains["ledgerandtide.example"]
