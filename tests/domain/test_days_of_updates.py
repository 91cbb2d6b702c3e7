"""Whole days of looks at feeds that behave badly."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.articles import Entry
from bot.domain.rhythm import JITTER
from bot.domain.updates import FeedLook, FeedUpdate, KnownArticle, decide
from tests.domain.looks import HOME, NOW, POLICY, TROUBLE, decided, entry, feed, known_as, look

if TYPE_CHECKING:
    from bot.domain.news import Feed


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
