"""What one look at a feed means, in every case."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.articles import Entry
from bot.domain.identity import content_hash
from bot.domain.updates import FALLBACK_AFTER, MOST_CHANGES, FeedLook, KnownArticle, document_keys
from tests.domain.looks import HOME, NOW, TROUBLE, decided, entry, feed, known_as, look

# What succeeds


def test_new_articles_are_news_and_the_feed_is_well() -> None:
    update = decided(look(entry(1), entry(2)), failures=4, trouble=TROUBLE)
    assert [(article.entry.guid, article.backlog) for article in update.new] == [
        ("id-1", False),
        ("id-2", False),
    ]
    assert update.changed == ()
    assert (update.feed_id, update.at, update.state) == (7, NOW, "active")
    assert (update.failures, update.trouble) == (0, None)
    assert (update.etag, update.last_modified, update.body_hash) == ('"2"', "now", "new")
    assert update.succeeded_at == NOW
    assert update.newest_at == NOW - timedelta(hours=1)


def test_what_the_operator_called_a_feed_stays_and_gaps_are_filled_by_the_feed_itself() -> None:
    kept, filled = decided(look()), decided(look(), title="", site="", language="")
    assert (kept.title, kept.site, kept.language) == ("Herald", HOME, "en")
    assert (filled.title, filled.site, filled.language) == ("The Herald", HOME, "de")


@pytest.mark.parametrize("body_hash", ["", "hash"])
def test_nothing_new_is_a_success_without_articles(body_hash: str) -> None:
    seen = FeedLook(unchanged=True, etag='"1"', last_modified="then", body_hash=body_hash, fresh_for=3000.0)
    update = decided(seen, failures=2, trouble=TROUBLE, title="", language="")
    assert (update.new, update.changed, update.failures, update.trouble) == ((), (), 0, None)
    assert (update.body_hash, update.gap, update.newest_at) == ("hash", 3600.0, feed().newest_at)
    assert (update.title, update.language, update.succeeded_at) == ("", "", NOW)
    assert update.next_check_at == NOW + timedelta(seconds=3000)


def test_an_empty_feed_is_fine() -> None:
    update = decided(look(), newest_at=None, gap=None)
    assert (update.new, update.newest_at, update.gap) == ((), None, None)
    assert update.next_check_at == NOW + timedelta(hours=1)


def test_a_known_article_is_left_alone_and_a_changed_one_is_written_anew() -> None:
    same, before = entry(1), entry(2)
    after = replace(before, title="Headline number 2, corrected")
    update = decided(look(same, after), known_as(same, before))
    assert update.new == ()
    (change,) = update.changed
    assert (change.id, change.entry) == (1, after)
    assert change.keys == document_keys(look(after))[0]
    assert change.content_hash == content_hash(after)


def test_an_article_that_changes_for_ever_is_left_alone_in_the_end() -> None:
    before = entry(1)
    after = replace(before, teaser="It is 12:01.")
    assert decided(look(after), known_as(before, changes=MOST_CHANGES - 1)).changed != ()
    assert decided(look(after), known_as(before, changes=MOST_CHANGES)).changed == ()


def test_an_article_that_has_left_the_archive_is_not_told_again() -> None:
    update = decided(look(entry(1)), known_as(entry(1), id=None))
    assert (update.new, update.changed) == ((), ())


def test_the_kept_one_of_two_articles_behind_the_keys_is_meant() -> None:
    after = replace(entry(1), teaser="More.")
    by_id, by_address = document_keys(look(after))[0]
    known = {by_id: KnownArticle(None), by_address: KnownArticle(5, "old")}
    assert [change.id for change in decided(look(after), known).changed] == [5]


def test_an_item_that_stands_twice_in_a_feed_is_taken_once() -> None:
    bare = Entry("", "", "The same headline twice")
    assert len(decided(look(bare, bare)).new) == 1


@pytest.mark.parametrize("empty", [Entry("id", HOME + "/x", ""), Entry("", "", "…"), Entry("", "", "", "—")])
def test_an_item_without_words_is_no_article(empty: Entry) -> None:
    assert decided(look(empty)).new == ()


def test_articles_that_share_an_address_are_not_one_story_by_it() -> None:
    one, two = (entry(n, url=HOME + "/today") for n in (1, 2))
    first, second = decided(look(one, two)).new
    assert not set(first.story_keys) & set(second.story_keys)
    assert decided(look(one)).new[0].story_keys != first.story_keys


# Dates


def test_what_is_published_later_than_now_counts_as_of_now() -> None:
    (article,) = decided(look(entry(1, hours=-20))).new
    assert (article.shown_at, article.backlog) == (NOW, False)


def test_what_has_no_date_counts_as_of_now_but_not_at_the_first_look() -> None:
    (article,) = decided(look(entry(1, hours=None))).new
    assert (article.shown_at, article.backlog) == (NOW, False)
    (first,) = decided(look(entry(1, hours=None)), succeeded_at=None).new
    assert (first.shown_at, first.backlog) == (NOW, True)


@pytest.mark.parametrize(("hours", "backlog"), [(71, False), (72, False), (73, True), (24 * 365 * 30, True)])
def test_what_is_older_than_three_days_when_it_is_first_seen_is_archive(
    hours: float, *, backlog: bool
) -> None:
    (article,) = decided(look(entry(1, hours=hours))).new
    assert (article.backlog, article.shown_at) == (backlog, NOW - timedelta(hours=hours))


@pytest.mark.parametrize(("hours", "backlog"), [(23, False), (25, True)])
def test_at_the_first_look_news_is_what_is_of_today(hours: float, *, backlog: bool) -> None:
    (article,) = decided(look(entry(1, hours=hours)), succeeded_at=None, newest_at=None).new
    assert article.backlog == backlog


# Floods


@pytest.mark.parametrize(("first", "most"), [(True, 10), (False, 30)])
def test_of_a_flood_the_newest_are_news_and_the_others_archive(most: int, *, first: bool) -> None:
    entries = [entry(n, hours=n / 100) for n in range(1, 501)]
    update = decided(look(*entries), succeeded_at=None if first else NOW)
    assert len(update.new) == 500
    assert [article.entry.guid for article in update.new if not article.backlog] == [
        f"id-{n}" for n in range(1, most + 1)
    ]


def test_archive_does_not_count_towards_a_flood() -> None:
    entries = [*(entry(n, hours=100) for n in range(50)), *(entry(n, hours=1) for n in range(50, 80))]
    assert sum(not article.backlog for article in decided(look(*entries)).new) == 30


@pytest.mark.parametrize(("first", "most"), [(True, 10), (False, 30)])
def test_a_look_that_broke_off_makes_no_more_news_than_a_whole_one(most: int, *, first: bool) -> None:
    """Of 500 articles 60 were written down before something failed; the next look sees the rest."""
    since = None if first else NOW - timedelta(hours=2)
    entries = [entry(n, hours=n / 100) for n in range(1, 501)]
    before = decided(look(*entries), succeeded_at=since).new[:60]
    written = [article for article in before if not article.backlog]
    known = known_as(*(article.entry for article in before)) | known_as(
        *(article.entry for article in written), news_since=NOW - timedelta(hours=1)
    )
    rest = decided(look(*entries), known, succeeded_at=since).new
    assert len(rest) == 440
    assert len(written) + sum(not article.backlog for article in rest) == most


def test_news_of_an_earlier_look_do_not_count_towards_a_flood() -> None:
    told = [entry(n, hours=5) for n in range(40)]
    known = known_as(*told, news_since=NOW - timedelta(hours=4))
    update = decided(look(*told, entry(50)), known, succeeded_at=NOW - timedelta(hours=4))
    assert [article.backlog for article in update.new] == [False]


# When the feed is asked again


def test_the_next_look_follows_the_feeds_rhythm() -> None:
    entries = [entry(n, hours=n * 0.5) for n in range(1, 10)]
    update = decided(look(*entries))
    assert update.gap == 1800
    assert update.next_check_at == NOW + timedelta(minutes=15)


def test_the_feeds_and_the_servers_wishes_are_heard() -> None:
    hourly = look(entry(1))
    assert decided(replace(hourly, fresh_for=7200.0)).next_check_at == NOW + timedelta(hours=2)
    assert hourly.document is not None
    wish = replace(hourly, document=replace(hourly.document, ttl=10_800.0))
    assert decided(wish).next_check_at == NOW + timedelta(hours=3)


def test_a_feed_that_had_nothing_new_for_a_month_is_asked_seldom() -> None:
    update = decided(look(entry(1, hours=24 * 40)), known_as(entry(1)), newest_at=NOW - timedelta(days=40))
    assert update.next_check_at == NOW + timedelta(hours=4)


def test_an_old_article_that_appears_late_does_not_make_the_feed_older() -> None:
    assert decided(look(entry(1, hours=50))).newest_at == feed().newest_at


# What fails


def test_a_failure_keeps_everything_but_the_count_the_reason_and_the_time() -> None:
    update = decided(FeedLook(trouble=TROUBLE))
    before = feed()
    assert (update.new, update.changed) == ((), ())
    for name in ("etag", "last_modified", "body_hash", "moved_to", "title", "site", "language", "state"):
        assert getattr(update, name) == getattr(before, name)
    for name in ("succeeded_at", "newest_at", "gap"):
        assert getattr(update, name) == getattr(before, name)
    assert (update.failures, update.trouble) == (1, TROUBLE)
    assert update.next_check_at == NOW + timedelta(minutes=5)


def test_failures_in_a_row_wait_longer_and_one_success_forgets_them() -> None:
    waits = [decided(FeedLook(trouble=TROUBLE), failures=n).next_check_at - NOW for n in range(12)]
    assert waits[:3] == [timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=20)]
    assert waits[-1] == timedelta(days=1)
    well = decided(look(entry(1)), failures=12, trouble=TROUBLE)
    assert (well.failures, well.trouble) == (0, None)
    assert well.next_check_at == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("asked", "waits"), [(10, timedelta(minutes=5)), (7200, timedelta(hours=2)), (900_000, timedelta(days=1))]
)
def test_a_server_that_says_when_to_come_again_is_obeyed_up_to_a_day(asked: float, waits: timedelta) -> None:
    update = decided(FeedLook(trouble={"key": "source.busy", "status": 429}, retry_after=asked))
    assert update.next_check_at == NOW + waits


def test_a_feed_that_is_gone_is_asked_no_more() -> None:
    update = decided(FeedLook(trouble={"key": "source.gone", "status": 410}, gone=True))
    assert (update.state, update.failures) == ("gone", 1)


# Feeds that move


def test_a_new_address_is_kept_until_another_one_comes() -> None:
    moved = decided(look(moved_to=HOME + "/new"))
    assert moved.moved_to == HOME + "/new"
    assert decided(look(), moved_to=moved.moved_to).moved_to == HOME + "/new"


def test_an_address_that_fails_again_and_again_is_given_up_for_the_first_one() -> None:
    for failures in range(FALLBACK_AFTER - 1):
        held = decided(FeedLook(trouble=TROUBLE), failures=failures, moved_to=HOME + "/new")
        assert (held.moved_to, held.etag) == (HOME + "/new", '"1"')
    back = decided(FeedLook(trouble=TROUBLE), failures=FALLBACK_AFTER - 1, moved_to=HOME + "/new")
    assert (back.moved_to, back.etag, back.last_modified) == ("", "", "")


def test_gone_at_its_new_address_is_not_yet_gone() -> None:
    gone = FeedLook(trouble={"key": "source.gone", "status": 410}, gone=True)
    assert decided(gone, moved_to=HOME + "/new").state == "active"
