"""What one look at a feed means, in every case; and whole days of looks at feeds that behave badly."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.articles import Entry, FeedDocument
from bot.domain.identity import content_hash
from bot.domain.news import Feed
from bot.domain.rhythm import JITTER, Pace
from bot.domain.updates import (
    FALLBACK_AFTER,
    MOST_CHANGES,
    FeedLook,
    FeedUpdate,
    KnownArticle,
    Policy,
    decide,
    document_keys,
)

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
POLICY = Policy(Pace(timedelta(minutes=5), timedelta(hours=4)))
TROUBLE = {"key": "source.status", "status": 500}
HOME = "https://herald.example"


def feed(**changes: Any) -> Feed:
    """A feed that was looked at an hour ago."""
    known = Feed(
        id=7,
        url=HOME + "/rss",
        title="Herald",
        desk="World",
        language="en",
        country="GB",
        site=HOME,
        state="active",
        etag='"1"',
        last_modified="then",
        body_hash="hash",
        moved_to="",
        added_at=NOW - timedelta(days=9),
        fetched_at=NOW - timedelta(hours=1),
        succeeded_at=NOW - timedelta(hours=1),
        newest_at=NOW - timedelta(hours=1),
        gap=3600.0,
        failures=0,
        trouble=None,
        next_check_at=NOW,
    )
    return replace(known, **changes)


def entry(n: int, *, hours: float | None = 1, **changes: Any) -> Entry:
    """The n-th article, published so many hours ago."""
    published = None if hours is None else NOW - timedelta(hours=hours)
    return replace(
        Entry(f"id-{n}", f"{HOME}/{n}", f"Headline number {n} of today", published=published), **changes
    )


def look(*entries: Entry, **changes: Any) -> FeedLook:
    document = FeedDocument("The Herald", HOME, "de", entries)
    return replace(FeedLook(document, etag='"2"', last_modified="now", body_hash="new"), **changes)


def decided(
    seen: FeedLook, known: dict[str, KnownArticle] | None = None, now: datetime = NOW, **changes: Any
) -> FeedUpdate:
    return decide(feed(**changes), seen, known or {}, now, POLICY, 0.0)


def known_as(*entries: Entry, **changes: Any) -> dict[str, KnownArticle]:
    """The keys that a look at these entries has left."""
    return {
        key: replace(KnownArticle(n, content_hash(one), title=one.title), **changes)
        for n, (one, keys) in enumerate(zip(entries, document_keys(look(*entries)), strict=True))
        for key in keys
    }


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


# Whole days


@dataclass
class Archive:
    """What is kept of one feed, as storage keeps it."""

    feed: Feed = field(default_factory=lambda: feed(succeeded_at=None, newest_at=None, gap=None))
    known: dict[str, KnownArticle] = field(default_factory=dict)
    told: list[Entry] = field(default_factory=list)
    count: int = 0

    def take(self, seen: FeedLook, now: datetime, chance: float = 0.5) -> FeedUpdate:
        update = decide(self.feed, seen, self.known, now, POLICY, chance)
        for new in update.new:
            self.count += 1
            self.known |= dict.fromkeys(
                new.keys, KnownArticle(self.count, new.content_hash, title=new.entry.title)
            )
            self.told += [] if new.backlog else [new.entry]
        for change in update.changed:
            changes = max(self.known[key].changes for key in change.keys if key in self.known)
            article = KnownArticle(change.id, change.content_hash, changes + 1, change.entry.title)
            self.known |= dict.fromkeys(change.keys, article)
        names = ("etag", "moved_to", "succeeded_at", "newest_at", "gap", "failures", "next_check_at")
        self.feed = replace(self.feed, **{name: getattr(update, name) for name in names})
        return update


def test_a_feed_that_gives_new_ids_at_every_look_for_a_day_repeats_nothing() -> None:
    archive, now, looks = Archive(), NOW, 0
    while now < NOW + timedelta(hours=24):
        entries = [entry(n, hours=n, guid=f"{looks}-{n}") for n in range(1, 41)]
        now = archive.take(look(*entries), now).next_check_at
        looks += 1
    assert looks > 20
    assert archive.count == 40
    assert len(archive.told) == 10


def test_a_feed_whose_site_moves_repeats_nothing() -> None:
    archive = Archive()
    entries = [entry(n, hours=n) for n in range(1, 9)]
    archive.take(look(*entries), NOW)
    moved = [replace(one, url=one.url.replace("herald", "new-herald")) for one in entries]
    update = archive.take(look(*moved), NOW + timedelta(hours=1))
    assert (len(update.new), len(update.changed)) == (0, 8)
    renamed = [replace(one, guid=one.url) for one in moved]
    assert archive.take(look(*renamed), NOW + timedelta(hours=2)).new == ()


def test_what_stands_at_one_address_day_after_day_is_a_new_article_each_day() -> None:
    archive = Archive(feed())
    for day in range(1, 6):
        now = NOW + timedelta(days=day)
        cartoon = Entry(f"cartoon-{day}", HOME + "/cartoon", f"The cartoon of day {day}", published=now)
        (new,) = archive.take(look(cartoon), now).new
        assert (new.entry, new.backlog) == (cartoon, False)
        assert not {key for key in new.story_keys if day > 1 and key.startswith("u:")}, (
            "it is a story of its own"
        )
        for again in (cartoon, replace(cartoon, guid=f"flipped-{day}"), replace(cartoon, title="Retitled")):
            assert archive.take(look(again), now).new == ()
    assert archive.count == 5


def test_a_new_headline_alone_or_a_new_id_alone_is_a_change_of_the_article_at_its_address() -> None:
    told = entry(1)
    retitled, renumbered = replace(told, title="Quite another headline"), replace(told, guid="another")
    for again in (retitled, renumbered, replace(retitled, guid="")):
        update = decided(look(again), known_as(told))
        assert update.new == ()
        assert [change.id for change in update.changed] == [0] * (again.title != told.title)


def test_an_id_that_is_the_address_with_a_counter_names_no_other_article() -> None:
    told = entry(1, guid=HOME + "/1#0")
    again = replace(told, guid=HOME + "/1#1", title="Quite another headline")
    update = decided(look(again), known_as(told))
    assert (len(update.new), len(update.changed)) == (0, 1)


def test_the_wait_of_a_feed_that_fails_for_a_week_and_recovers_is_bounded() -> None:
    archive, now, asked = Archive(), NOW, 0
    archive.take(look(entry(1)), now)
    while now < NOW + timedelta(days=7):
        now = archive.take(FeedLook(trouble=TROUBLE), now).next_check_at
        asked += 1
    assert asked < 20
    again = archive.take(look(entry(1), entry(2, hours=-24 * 7)), now)
    assert [new.entry.guid for new in again.new] == ["id-2"]
    assert again.next_check_at - now <= timedelta(hours=1) * (1 + JITTER)


documents = st.lists(
    st.lists(
        st.builds(
            Entry,
            guid=st.sampled_from(["", "a", "b", "c"]),
            url=st.sampled_from(["", HOME + "/", *(f"{HOME}/{n}" for n in range(4))]),
            title=st.sampled_from(["", "One", "Two", "Headline of four words", "Three"]),
            teaser=st.sampled_from(["", "Text.", "Longer text."]),
            published=st.none()
            | st.datetimes(datetime(1990, 1, 1), datetime(2026, 11, 25), timezones=st.just(UTC)),  # noqa: DTZ001 - the bounds are naive by design
        ),
        max_size=8,
    ),
    max_size=6,
)


@given(documents, st.floats(0, 1))
def test_whatever_a_feed_says_saying_it_again_brings_nothing_and_time_goes_on(
    told: list[list[Entry]], chance: float
) -> None:
    archive, now = Archive(), NOW
    for entries in told:
        update = archive.take(look(*entries), now, chance)
        assert all(new.shown_at <= now for new in update.new)
        assert all(new.keys for new in update.new)
        again = archive.take(look(*entries), now, chance)
        assert again.new == ()
        assert POLICY.pace.shortest <= update.next_check_at - now <= POLICY.pace.longest * (1 + JITTER)
        now = update.next_check_at
