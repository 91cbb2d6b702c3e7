"""The list of feeds, by file and by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.domain.news import FeedEntry
from bot.errors import OperatorError
from bot.feeds.opml import OpmlFeed
from bot.services.feeds import FeedList, catalogue, read_list
from tests.storage.archive import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from bot.storage.database import Database

LIST = b"""<opml version="2.0"><body>
  <outline text="Science"><outline text="Lens" xmlUrl="https://lens.example/rss" language="en-GB" country="gb"/></outline>
  <outline text="Herald" xmlUrl="feed:https://Herald.example/rss"/>
  <outline text="Herald again" xmlUrl="https://herald.example/rss"/>
  <outline text="Files" xmlUrl="file:///etc/passwd"/>
  <outline text="Secret" xmlUrl="https://joe:hunter2@lens.example/rss"/>
  <outline text="Files again" xmlUrl="file:///etc/passwd"/>
</body></opml>"""


@pytest.fixture
def feeds(db: Database) -> FeedList:
    return FeedList(db, lambda: NOW)


async def test_a_file_names_new_known_and_refused_feeds(feeds: FeedList) -> None:
    await feeds.add(FeedEntry("https://herald.example/rss"))
    done = await feeds.load(LIST, "list.opml")
    assert (done.named, done.new, done.known) == (2, 1, 1)
    assert done.refused == ("file:///etc/passwd", "https://joe:hunter2@lens.example/rss")
    lens = next(feed for feed in await feeds.every() if feed.title == "Lens")
    assert (lens.desk, lens.language, lens.country) == ("Science", "en", "GB")
    assert (await feeds.load(LIST, "list.opml")).new == 0


async def test_what_is_exported_can_be_imported(feeds: FeedList) -> None:
    await feeds.load(LIST, "list.opml")
    await feeds.add(FeedEntry("https://mayak.example/rss?a=1&b=2", 'Маяк "<&>', "World & Other", "uk", "UA"))
    exported = await feeds.export("Newsroom")
    found = read_list(exported, "exported")
    assert found.refused == ()
    assert found.feeds == tuple(
        OpmlFeed(feed.url, feed.title, feed.desk, feed.site, feed.language, feed.country)
        for feed in await feeds.every()
    )


async def test_a_feed_is_in_use_once_however_its_address_is_spelt(feeds: FeedList) -> None:
    assert await feeds.add(FeedEntry("https://herald.example/rss"))
    for spelling in ("HTTPS://Herald.Example/rss", "https://herald.example:443/rss#top"):
        assert not await feeds.add(FeedEntry(spelling))
    assert len(await feeds.every()) == 1


async def test_a_removed_feed_can_be_added_again(feeds: FeedList) -> None:
    await feeds.add(FeedEntry("https://herald.example/rss", "Herald", "World"))
    assert (await feeds.remove("https://HERALD.example/rss")).title == "Herald"
    with pytest.raises(OperatorError, match="No feed with the address"):
        await feeds.remove("https://herald.example/rss")
    assert (await feeds.load(LIST, "list.opml")).new == 1, "a list read at every start must not bring it back"
    assert await feeds.every() == [feed for feed in await feeds.every() if feed.title == "Lens"]
    assert await feeds.add(FeedEntry("https://herald.example/rss", desk="Science"))
    herald = next(feed for feed in await feeds.every() if feed.title == "Herald")
    assert (herald.desk, herald.state) == ("Science", "active")


@pytest.mark.parametrize(
    "address",
    [
        "herald.example/rss",
        "ftp://herald.example",
        "https://",
        "https://joe:pw@herald.example/",
        "javascript:alert(1)",
        "",
    ],
)
async def test_what_cannot_be_fetched_is_refused(feeds: FeedList, address: str) -> None:
    with pytest.raises(OperatorError, match="no address of a feed"):
        await feeds.add(FeedEntry(address))
    assert await feeds.every() == []


async def test_what_the_operator_says_of_a_feed_is_cleaned(feeds: FeedList) -> None:
    entry = FeedEntry("https://herald.example/rss", "The\n\x1b[31mHerald ", " World ", "en-GB", "gb")
    assert await feeds.add(entry)
    (feed,) = await feeds.every()
    assert (feed.title, feed.desk, feed.language, feed.country) == ("The [31mHerald", "World", "en", "GB")
    with pytest.raises(OperatorError, match="English is no language"):
        await feeds.add(FeedEntry("https://lens.example/rss", language="English"))


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"<html><body>404</body></html>", b"\x00\xff" * 100, b"<rss/>", b"x" * 6_000_000],
    ids=["empty", "a word", "a page", "bytes", "a feed", "too much"],
)
def test_what_is_no_list_is_told_in_plain_words(data: bytes) -> None:
    with pytest.raises(OperatorError, match=r"^list\.opml is not a list of feeds \(OPML\): [A-Z].*\.$"):
        read_list(data, "list.opml")


def test_an_entity_is_not_looked_up() -> None:
    bomb = (
        b'<!DOCTYPE o [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
        b'<opml><body><outline text="&b;&f;" xmlUrl="https://herald.example/rss"/></body></opml>'
    )
    found = read_list(bomb, "list.opml")
    assert "root" not in "".join(feed.title for feed in found.feeds)


def test_the_built_in_catalogue_is_sound() -> None:
    data, name = catalogue(None)
    found = read_list(data, name)
    assert len(found.feeds) > 50
    assert (found.refused, found.broken_at) == ((), 0)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="cannot be read"):
        catalogue(tmp_path)
