"""Feeds: added once, claimed when due, removed for good unless taken up again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.domain.news import FeedEntry
from bot.storage import desk, feeds, tables
from bot.storage.database import engine
from tests.storage.archive import HOUR, MINUTE, NOW, Archive, entry, taken_side_by_side

if TYPE_CHECKING:
    from pathlib import Path

    from bot.storage.database import Connection

ONE, TWO = FeedEntry("https://one.example/rss", "One", "World", "en"), FeedEntry("https://two.example/rss")


def set_feed(archive: Archive, feed_id: int, **values: object) -> None:
    archive.connection.execute(sa.update(tables.feeds).where(tables.feeds.c.id == feed_id).values(values))


def test_a_feed_is_added_once(archive: Archive) -> None:
    assert feeds.add(archive.connection, [], NOW) == 0
    assert feeds.first_added(archive.connection) is None
    assert feeds.add(archive.connection, [ONE, TWO], NOW) == 2
    assert feeds.add(archive.connection, [ONE, FeedEntry("https://three.example/rss")], NOW + HOUR) == 1
    assert feeds.first_added(archive.connection) == NOW
    assert [feed.title for feed in feeds.every(archive.connection)] == ["", "", "One"]


def test_a_removed_feed_stays_removed_until_it_is_taken_up(archive: Archive) -> None:
    feed = archive.feed()
    feeds.remove(archive.connection, feed.id)
    assert feeds.every(archive.connection) == []
    assert archive.found(feed.url).state == "removed"
    assert feeds.add(archive.connection, [FeedEntry(feed.url)], NOW) == 0
    assert feeds.claim_due(archive.connection, NOW, NOW + MINUTE, 9) == []
    archive.look(feed, entry("late"))
    assert archive.found(feed.url).state == "removed", "a look that was under way does not bring it back"
    again = FeedEntry(feed.url, desk="Science")
    assert feeds.revive(archive.connection, feed.id, again, NOW)
    assert not feeds.revive(archive.connection, feed.id, again, NOW)
    taken_up = archive.found(feed.url)
    assert (taken_up.state, taken_up.desk, taken_up.title) == ("active", "Science", "Herald")


def test_a_feed_is_found_by_both_of_its_addresses(archive: Archive) -> None:
    feed = archive.feed()
    archive.look(feed, moved_to="https://new.example/rss")
    assert archive.found("https://new.example/rss").id == feed.id
    assert archive.found(feed.url).address == "https://new.example/rss"
    assert feeds.find(archive.connection, "https://nobody.example/rss") is None


def test_a_list_does_not_bring_back_a_feed_under_the_address_that_it_has_moved_to(archive: Archive) -> None:
    feed = archive.feed()
    archive.look(feed, moved_to="https://new.example/rss")
    assert feeds.add(archive.connection, [FeedEntry("https://new.example/rss"), TWO], NOW) == 1
    assert {one.url for one in feeds.every(archive.connection)} == {feed.url, TWO.url}


def test_two_feeds_do_not_move_to_one_address(archive: Archive) -> None:
    one, two = archive.feed("one"), archive.feed("two")
    archive.look(one, moved_to="https://new.example/rss")
    archive.look(two, moved_to="https://new.example/rss")
    archive.look(archive.feed("three"), moved_to=one.url)
    assert archive.found(two.url).moved_to == ""
    assert archive.found("https://three.example/rss").moved_to == ""
    archive.look(one, moved_to="https://new.example/rss")
    assert archive.found(one.url).moved_to == "https://new.example/rss"


def test_a_claim_lasts_until_its_lease_ends(archive: Archive) -> None:
    feeds.add(archive.connection, [ONE], NOW)
    assert feeds.claim_due(archive.connection, NOW - MINUTE, NOW, 9) == []
    assert feeds.oldest_due(archive.connection, NOW - MINUTE) is None
    (feed,) = feeds.claim_due(archive.connection, NOW, NOW + MINUTE, 9)
    assert feeds.oldest_due(archive.connection, NOW + HOUR) == NOW
    assert feeds.claim_due(archive.connection, NOW, NOW + MINUTE, 9) == []
    assert len(feeds.claim_due(archive.connection, NOW + 2 * MINUTE, NOW + HOUR, 9)) == 1
    feeds.release_all(archive.connection)
    assert [one.id for one in feeds.claim_due(archive.connection, NOW, NOW + MINUTE, 9)] == [feed.id]


def test_a_look_gives_the_feed_back(archive: Archive) -> None:
    feeds.add(archive.connection, [ONE], NOW)
    (feed,) = feeds.claim_due(archive.connection, NOW, NOW + HOUR, 9)
    archive.look(feed)
    assert feeds.claim_due(archive.connection, NOW, NOW + HOUR, 9) == [], "it is not due any more"
    due_again = archive.found(feed.url).next_check_at
    assert len(feeds.claim_due(archive.connection, due_again, due_again + HOUR, 9)) == 1


def test_feeds_that_fail_stand_behind_the_others(archive: Archive) -> None:
    failing, sound = archive.feed("failing"), archive.feed("sound")
    set_feed(archive, failing.id, failures=2, next_check_at=NOW - HOUR)
    assert [feed.id for feed in feeds.claim_due(archive.connection, NOW, NOW + HOUR, 1)] == [sound.id]


def test_four_claimers_at_once_take_none_twice(path: Path) -> None:
    made = engine(path)
    with made.begin() as connection:
        feeds.add(connection, [FeedEntry(f"https://{n}.example/rss") for n in range(150)], NOW)
    made.dispose()

    def claimed(connection: Connection) -> list[int]:
        return [feed.id for feed in feeds.claim_due(connection, NOW, NOW + HOUR, 4)]

    assert taken_side_by_side(path, claimed) == list(range(1, 151))


def test_what_living_feeds_offer_and_how_they_are(archive: Archive) -> None:
    one, two = archive.feed("one", "World", "en"), archive.feed("two", "Science", "uk")
    archive.look(one, entry("bridge"))
    set_feed(archive, two.id, failures=1)
    assert set(feeds.living(archive.connection)) == {("en", "World"), ("uk", "Science")}
    assert feeds.counts(archive.connection) == {"active": 2, "failing": 1}
    feeds.remove(archive.connection, two.id)
    assert feeds.living(archive.connection) == [("en", "World")]
    assert feeds.counts(archive.connection) == {"active": 1, "failing": 0}


def test_a_feed_that_works_again_may_be_mourned_anew(archive: Archive) -> None:
    feed = archive.feed("herald")
    set_feed(archive, feed.id, failures=9, succeeded_at=NOW - 9 * HOUR)
    dead = desk.newly_dead(archive.connection, NOW - HOUR)
    assert [(one, state) for one, _, state in dead] == [(feed.id, "active")]
    set_feed(archive, feed.id, dead_told_at=NOW)
    assert desk.newly_dead(archive.connection, NOW - HOUR) == []
    archive.look(feed, entry("bridge"))
    set_feed(archive, feed.id, failures=1, succeeded_at=NOW - 9 * HOUR)
    assert len(desk.newly_dead(archive.connection, NOW - HOUR)) == 1


def test_what_editors_do_during_a_look_stays_done(archive: Archive) -> None:
    claimed = archive.feed()
    archive.look(claimed, entry("one"))
    claimed = archive.found(claimed.url)
    desk.change(archive.connection, claimed.id, title="Renamed", moved_to="https://new.example/rss", etag="")
    archive.look(claimed, entry("two"))
    now = archive.found(claimed.url)
    assert (now.title, now.moved_to) == ("Renamed", "https://new.example/rss")
    desk.change(archive.connection, claimed.id, state="paused")
    archive.look(now, entry("three"))
    assert archive.found(claimed.url).state == "paused"


def test_a_published_feed_becomes_its_followers_own_again(archive: Archive) -> None:
    own = feeds.add_private(archive.connection, FeedEntry("https://blog.example/rss", "Blog"), NOW)
    feeds.publish(archive.connection, own, FeedEntry("https://blog.example/rss", desk="World"), NOW)
    feed = feeds.get(archive.connection, own)
    assert feed is not None
    assert not feed.private
    archive.look(feed, entry("one"))
    feeds.hide(archive.connection, own)
    story = archive.connection.exec_driver_sql("SELECT private_feed_id FROM stories").scalars().all()
    assert story == [own]
    assert feeds.addresses(archive.connection)["https://blog.example/rss"] == (own, "active", True)
