"""Private feeds: whose their stories are, in every way to find them, and what becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.domain.clustering import story_keys
from bot.domain.filters import Filter
from bot.domain.following import Find
from bot.domain.news import FeedEntry
from bot.services.related import relations
from bot.storage import articles, feeds, follows, moving, search, stories, tables
from bot.storage.follow_tables import follows as follows_table
from tests.domain.test_following import follow
from tests.storage.archive import DAY, HOUR, NOW, entry

if TYPE_CHECKING:
    from bot.domain.following import Follow
    from bot.domain.news import Feed
    from tests.storage.archive import Archive

ME, OTHER = 7, 8
SECRET = "https://blog.example/rss?token=secret"


def private(archive: Archive, url: str = SECRET, *, followers: tuple[int, ...] = (ME,)) -> Feed:
    """A feed that readers added, as if it had been looked at before."""
    feed_id = feeds.add_private(archive.connection, FeedEntry(url, "Blog"), NOW - DAY)
    archive.connection.execute(
        sa.update(tables.feeds).where(tables.feeds.c.id == feed_id).values(succeeded_at=NOW - HOUR)
    )
    for chat_id in followers:
        followed(archive, chat_id, feed_id)
    return archive.found(url)


def followed(archive: Archive, chat_id: int, feed_id: int) -> Follow:
    archive.reader(chat_id)
    subject = f"feed:{feed_id}"
    follows.add(
        archive.connection,
        follow(0, chat_id=chat_id, kind="feed", feed_id=feed_id, made_at=NOW - DAY),
        subject,
    )
    found = follows.named(archive.connection, chat_id, subject)
    assert found is not None
    return found


@pytest.fixture
def blog(archive: Archive) -> Feed:
    """A public story and a private one with much in common."""
    teaser = "Mayor Tresham closes the Orrin bridge because its northern pillar is damaged by the flood."
    herald = archive.feed()
    archive.look(herald, entry("open", "Tresham closes Orrin bridge pillar", teaser=teaser))
    for n in range(12):
        archive.look(
            herald, entry(f"other{n}", f"Something else altogether, number {n}", teaser="Nothing of it.")
        )
    feed = private(archive)
    archive.reader(OTHER)
    archive.look(feed, entry("own", "Orrin bridge pillar and Tresham: a note", teaser=teaser))
    return feed


def own_story(archive: Archive) -> int:
    statement = sa.select(tables.stories.c.id).where(tables.stories.c.private_feed_id.is_not(None))
    return int(archive.connection.execute(statement).scalar_one())


def seen_by(archive: Archive, chat_id: int) -> tuple[int, ...]:
    return follows.private_feeds(archive.connection, chat_id)


def test_the_latest_show_it_to_its_followers_alone(archive: Archive, blog: Feed) -> None:
    own = own_story(archive)
    assert seen_by(archive, ME) == (blog.id,)
    assert own in stories.latest(archive.connection, ("ru",), (), 50, seen_by(archive, ME))
    assert own not in stories.latest(archive.connection, (), (), 50, seen_by(archive, OTHER))


def test_a_search_shows_it_to_its_followers_alone(archive: Archive, blog: Feed) -> None:
    own = own_story(archive)
    assert own in search.stories_with(archive.connection, ("tresham",), (), 50, seen_by(archive, ME))
    assert own not in search.stories_with(archive.connection, ("tresham",), (), 50, seen_by(archive, OTHER))


def test_others_private_stories_take_no_room_in_a_search(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "NEWEST", 3)
    archive.look(archive.feed(), entry("open", "The only open zeppelin"))
    archive.look(private(archive), *(entry(f"z{n}", f"Zeppelin {n} of somebody") for n in range(9)))
    assert len(search.stories_with(archive.connection, ("zeppelin",), (), 50)) == 1


def test_what_belongs_to_a_story_shows_it_to_its_followers_alone(archive: Archive, blog: Feed) -> None:
    own = own_story(archive)
    open_one = next(line.id for line in archive.stories() if line.title.startswith("Tresham"))
    mine = relations(archive.connection, open_one, NOW, seen_by(archive, ME))
    assert own in [one.story_id for one in mine]
    others = relations(archive.connection, open_one, NOW, seen_by(archive, OTHER))
    assert own not in [one.story_id for one in others]


def test_the_day_and_the_digest_of_all_are_made_without_it(archive: Archive, blog: Feed) -> None:
    own = own_story(archive)
    assert own not in [one.id for one in stories.candidates(archive.connection, NOW - DAY)]
    assert own not in [one for one, _ in stories.busiest(archive.connection, NOW - DAY, (), (), 50)]
    assert own in stories.candidates_of(archive.connection, [own])


def test_it_is_visible_to_followers_and_to_who_saved_it(archive: Archive, blog: Feed) -> None:
    own = own_story(archive)
    assert stories.visible(archive.connection, ME, own)
    assert not stories.visible(archive.connection, OTHER, own)
    stories.save(archive.connection, ME, own, NOW, keep=True)
    archive.connection.execute(sa.delete(follows_table))
    assert stories.visible(archive.connection, ME, own)
    assert not stories.visible(archive.connection, ME, 10**6)


def test_the_same_article_joins_no_story_of_another_feed(archive: Archive) -> None:
    same = entry("same", "The very same headline in both papers")
    archive.look(archive.feed(), same)
    first, second = private(archive), private(archive, SECRET + "2", followers=(OTHER,))
    for feed in (first, second):
        archive.look(feed, same)
    archive.look(archive.feed("lens"), same)
    rows = archive.connection.execute(sa.select(tables.stories.c.private_feed_id, tables.stories.c.sources))
    assert sorted(rows, key=str) == [(first.id, 1), (second.id, 1), (None, 2)]
    keys = story_keys("", same.url)
    told = articles.story_at(archive.connection, articles.own_keys(keys, first.id))
    assert told is not None
    assert told != articles.story_at(archive.connection, keys)


def test_the_operators_lists_and_what_is_on_offer_leave_it_out(archive: Archive, blog: Feed) -> None:
    archive.connection.execute(
        sa.update(tables.feeds).where(tables.feeds.c.id == blog.id).values(language="xx", desk="Odd")
    )
    assert blog.url not in [feed.url for feed in feeds.every(archive.connection)]
    assert ("xx", "Odd") not in feeds.living(archive.connection)


def test_readers_share_one_feed(archive: Archive) -> None:
    first, second = private(archive), private(archive, followers=(OTHER,))
    assert first.id == second.id
    assert [feed.url for feed in feeds.claim_due(archive.connection, NOW, NOW + HOUR, 9)] == [SECRET]


def test_a_feed_that_nobody_follows_any_more_rests_and_is_forgotten_with_its_last_story(
    archive: Archive,
) -> None:
    feed = private(archive, followers=(ME, OTHER))
    archive.look(feed, entry("own"))
    for chat_id, resting in ((ME, 0), (OTHER, 1)):
        mine = follows.named(archive.connection, chat_id, f"feed:{feed.id}")
        assert mine is not None
        follows.remove(archive.connection, chat_id, mine.id)
        assert feeds.rest_unfollowed(archive.connection) == resting
    assert feeds.claim_due(archive.connection, NOW + DAY, NOW + 2 * DAY, 9) == []
    assert feeds.forget_unfollowed(archive.connection) == 0
    archive.connection.execute(sa.delete(tables.stories))
    assert feeds.forget_unfollowed(archive.connection) == 1
    assert feeds.find(archive.connection, SECRET) is None


@pytest.mark.parametrize("state", ["idle", "gone"])
def test_following_again_takes_a_feed_up(archive: Archive, state: str) -> None:
    feed = private(archive)
    archive.connection.execute(sa.update(tables.feeds).values(state=state, failures=9))
    assert feeds.add_private(archive.connection, FeedEntry(SECRET), NOW) == feed.id
    again = archive.found(SECRET)
    assert (again.state, again.failures, again.private, again.title) == ("active", 0, True, "Blog")


def test_a_public_feed_stays_public_when_it_is_followed(archive: Archive) -> None:
    feed = archive.feed()
    assert feeds.add_private(archive.connection, FeedEntry(feed.url), NOW) == feed.id
    assert not archive.found(feed.url).private


def test_a_feed_that_the_operator_removed_becomes_the_readers_own(archive: Archive) -> None:
    feed = archive.feed()
    feeds.remove(archive.connection, feed.id)
    feeds.add_private(archive.connection, FeedEntry(feed.url), NOW)
    assert archive.found(feed.url).private


@pytest.mark.parametrize("resting", [False, True])
def test_the_operator_makes_it_everybodys_with_its_stories(archive: Archive, resting: bool) -> None:  # noqa: FBT001 - a case
    feed = private(archive)
    archive.look(feed, entry("own", "A note"))
    if resting:
        archive.connection.execute(sa.delete(follows_table))
        feeds.rest_unfollowed(archive.connection)
    assert feeds.add(archive.connection, [FeedEntry(SECRET, "The Blog", "World", "en")], NOW) == 1
    now_public = archive.found(SECRET)
    assert (now_public.private, now_public.state, now_public.title) == (False, "active", "The Blog")
    assert [line.title for line in archive.stories()] == ["A note"]
    archive.look(feed, entry("more", "Another note"))
    assert len(archive.stories()) == 2, "what was claimed before is written as what the feed is now"


def test_finds_are_written_once_and_only_for_what_is_still_followed(archive: Archive) -> None:
    feed = private(archive)
    archive.look(feed, entry("own"))
    item = followed(archive, ME, feed.id)
    made = [Find(item, own_story(archive), "digest"), Find(follow(99), own_story(archive), "digest")]
    follows.keep(archive.connection, made, NOW)
    follows.keep(archive.connection, made, NOW + HOUR)
    assert archive.count("finds") == 1
    assert follows.known(archive.connection, made) == {(item.id, own_story(archive))}
    assert follows.for_digests(archive.connection, {ME: NOW - HOUR}) == {ME: [own_story(archive)]}
    assert follows.for_digests(archive.connection, {ME: NOW}) == {}
    assert follows.for_digests(archive.connection, {}) == {}
    assert follows.pushed(archive.connection, [ME], NOW - HOUR) == {}


def test_a_followed_story_stays_in_the_archive(archive: Archive) -> None:
    archive.look(archive.feed(), entry("old"), entry("followed"))
    archive.reader()
    story = archive.stories()[0].id
    follows.add(archive.connection, follow(0, kind="story", story_id=story), f"story:{story}")
    assert archive.prune(NOW + DAY) == 1
    assert [line.id for line in archive.stories()] == [story]


def test_who_moves_to_another_account_takes_along_what_is_followed(archive: Archive) -> None:
    feed = private(archive)
    item = followed(archive, ME, feed.id)
    follows.change(archive.connection, ME, item.id, message_id=5)
    follows.add_filter(archive.connection, ME, Filter(0, item.id, "title", "goal", keep=False))
    archive.reader(OTHER)
    moving.hand_over(archive.connection, ME, OTHER)
    (moved,) = follows.of_chat(archive.connection, OTHER)
    assert (moved.feed_id, moved.message_id) == (feed.id, None)
    assert len(follows.filters_of(archive.connection, [OTHER])[OTHER]) == 1


def plans(archive: Archive, ask: Any) -> list[str]:
    """How SQLite goes about all that is asked."""
    asked: list[tuple[str, Any]] = []
    sa.event.listen(
        archive.connection, "before_cursor_execute", lambda *call: asked.append((call[2], call[3]))
    )
    ask()
    return [
        row.detail
        for statement, values in asked.copy()
        if statement.startswith(("SELECT", "UPDATE", "DELETE"))
        for row in archive.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    ]


def test_no_list_of_a_reader_reads_all_stories(archive: Archive, blog: Feed) -> None:
    def ask() -> None:
        mine = seen_by(archive, ME)
        stories.latest(archive.connection, ("en",), (), 100, mine)
        search.stories_with(archive.connection, ("tresham",), ("en",), 100, mine)
        stories.busiest(archive.connection, NOW - DAY, ("en",), (), 5)
        stories.candidates(archive.connection, NOW - DAY)
        stories.candidates_of(archive.connection, [1, 2])
        stories.visible(archive.connection, ME, 1)
        relations(archive.connection, 1, NOW, mine)
        follows.for_digests(archive.connection, {ME: NOW})
        follows.pushed(archive.connection, [ME], NOW)
        follows.watching(archive.connection, [1])

    for step in plans(archive, ask):
        assert not step.startswith(("SCAN stories", "SCAN articles", "SCAN finds")), step
