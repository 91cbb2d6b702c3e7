"""One look at a feed, written down: once, although it may be written twice, and never told again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.articles import Block, BlockKind
from bot.domain.identity import article_keys
from bot.storage import articles, full_texts, stories
from bot.storage.database import engine
from tests.storage.archive import DAY, HOUR, NOW, Archive, entry, paragraphs

if TYPE_CHECKING:
    from pathlib import Path

BRIDGE = "Bridge over the Orrin closed after flood"


def test_a_look_brings_an_article_and_its_story(archive: Archive) -> None:
    feed = archive.feed()
    assert archive.look(feed, entry("bridge", BRIDGE, teaser="Water rose.", author="I. Ives")) == 1
    line = archive.story()
    assert (line.title, line.source, line.desk, line.language) == (BRIDGE, "Herald", "World", "en")
    assert (line.first_seen_at, line.shown_at, line.sources) == (NOW, NOW - HOUR, 1)
    (telling,) = stories.tellings(archive.connection, line.id)
    assert (telling.author, telling.teaser, telling.blocks) == ("I. Ives", "Water rose.", ())
    looked_at = archive.found(feed.url)
    assert (looked_at.fetched_at, looked_at.newest_at, looked_at.trouble) == (NOW, NOW - HOUR, None)


def test_the_same_look_again_changes_nothing(archive: Archive) -> None:
    feed = archive.feed()
    archive.look(feed, entry("bridge"), entry("ferry"))
    assert archive.look(feed, entry("bridge"), entry("ferry"), at=NOW + HOUR) == 0
    assert len(archive.stories()) == 2
    assert archive.count("article_search") == 2


def test_a_decision_that_is_written_twice_counts_once(archive: Archive) -> None:
    """Two looks at one feed that both began before either was written."""
    feed = archive.feed()
    update = archive.decided(feed, [entry("bridge")])
    assert articles.store(archive.connection, feed, update) == 1
    assert articles.store(archive.connection, feed, update) == 0
    assert archive.count("articles") == 1


def test_the_cartoon_of_the_day_is_a_new_story_each_day(archive: Archive) -> None:
    feed, page = archive.feed(), "https://herald.example/cartoon"
    for day in range(3):
        at = NOW + 24 * day * HOUR
        cartoon = entry(f"cartoon-{day}", f"The cartoon of day {day}", url=page, published=at)
        update = archive.decided(archive.found(feed.url), [cartoon], at)
        assert [articles.store(archive.connection, feed, update) for _ in range(2)] == [1, 0]
        renumbered = entry("another", cartoon.title, url=page, published=at)
        assert archive.look(feed, renumbered, at=at) == 0, "the address stands for the newest one"
    told = archive.connection.exec_driver_sql("SELECT title, backlog FROM stories ORDER BY id").all()
    assert told == [(f"The cartoon of day {day}", False) for day in range(3)]


def test_an_edited_headline_is_an_edit_and_no_new_story(archive: Archive) -> None:
    feed = archive.feed()
    archive.look(feed, entry("bridge", BRIDGE))
    assert archive.look(feed, entry("bridge", "Bridge opens again"), at=NOW + HOUR) == 0
    assert archive.story().title == "Bridge opens again"
    assert archive.story().first_seen_at == NOW
    known = articles.known(archive.connection, feed.id, article_keys([entry("bridge")])[0])
    assert {article.changes for article in known.values()} == {1}


def test_an_edit_looks_at_no_other_story(archive: Archive) -> None:
    """A feed that rewrites its articles must not make the writer go through the whole archive for each."""
    feed = archive.feed()
    archive.look(feed, entry("bridge", BRIDGE))
    plans: list[str] = []

    def explain(_: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        if statement.startswith("UPDATE stories"):
            found = archive.connection.connection.cursor().execute(
                f"EXPLAIN QUERY PLAN {statement}", parameters
            )
            plans.extend(row[3] for row in found)

    sa.event.listen(archive.connection, "before_cursor_execute", explain)
    archive.look(feed, entry("bridge", "Bridge opens again"), at=NOW + HOUR)
    assert archive.story().title == "Bridge opens again"
    assert plans
    assert not [plan for plan in plans if plan.startswith("SCAN")]


def test_only_the_first_teller_names_the_story(archive: Archive) -> None:
    herald, lens = archive.feed("herald"), archive.feed("lens")
    archive.look(herald, entry("bridge", BRIDGE))
    archive.look(lens, entry("orrin", BRIDGE, url="https://lens.example/orrin"))
    archive.look(lens, entry("orrin", "Something else", url="https://lens.example/orrin"), at=NOW + HOUR)
    assert archive.story().title == BRIDGE


def test_an_article_that_changed_after_it_left_is_no_failure(archive: Archive) -> None:
    feed = archive.feed()
    archive.look(feed, entry("bridge", BRIDGE))
    update = archive.decided(feed, [entry("bridge", "Bridge opens again")])
    archive.prune(NOW + DAY)
    assert articles.store(archive.connection, feed, update) == 0
    assert archive.stories() == []


def test_the_same_page_in_two_feeds_is_one_story(archive: Archive) -> None:
    page = "https://herald.example/2026/bridge"
    archive.look(archive.feed("herald"), entry("one", "Bridge shut", url=page))
    archive.look(
        archive.feed("wire"), entry("two", "Orrin", url=f"{page}?utm_source=wire#top"), at=NOW + 9 * DAY
    )
    assert archive.story().sources == 2
    assert archive.story().title == "Bridge shut"


def test_the_same_headline_within_three_days_is_one_story(archive: Archive) -> None:
    archive.look(archive.feed("herald"), entry("one", BRIDGE, url="https://herald.example/one"))
    other = entry("two", BRIDGE.upper() + "!", url="https://lens.example/two", published=NOW - 2 * HOUR)
    archive.look(archive.feed("lens"), other, at=NOW + 3 * DAY)
    line = archive.story()
    assert line.sources == 2
    assert line.shown_at == NOW - 2 * HOUR, "the earlier date is shown"
    third = entry("three", BRIDGE, url="https://gull.example/three")
    archive.look(archive.feed("gull"), third, at=NOW + 7 * DAY)
    assert len(archive.stories()) == 2, "a week later it may be the next flood"


def test_a_feed_that_tells_a_story_twice_is_one_source(archive: Archive) -> None:
    feed = archive.feed()
    archive.look(feed, entry("one", BRIDGE), entry("two", BRIDGE))
    assert archive.story().sources == 1
    assert len(stories.tellings(archive.connection, archive.story().id)) == 2


def test_short_headlines_name_no_event(archive: Archive) -> None:
    archive.look(archive.feed("herald"), entry("one", "Morning briefing"))
    archive.look(archive.feed("lens"), entry("two", "Morning briefing"))
    assert len(archive.stories()) == 2


def test_what_has_left_the_archive_is_not_told_again(archive: Archive) -> None:
    feed = archive.feed()
    archive.look(feed, entry("bridge", BRIDGE))
    assert archive.prune(NOW + DAY) == 1
    assert archive.look(feed, entry("bridge", BRIDGE), at=NOW + DAY) == 0, "the feed still has it"
    elsewhere = entry("other", BRIDGE, url="https://lens.example/other", published=NOW + DAY)
    assert archive.look(archive.feed("lens"), elsewhere, at=NOW + DAY) == 1
    assert stories.candidates(archive.connection, NOW) == [], "another paper's telling of it is no news"


def test_a_story_that_left_a_key_is_found_by_it(archive: Archive) -> None:
    archive.look(archive.feed(), entry("bridge", BRIDGE))
    ((key,),) = archive.connection.exec_driver_sql("SELECT key FROM story_keys WHERE key LIKE 'u:%'").all()
    assert articles.story_at(archive.connection, (key,)) == archive.story().id
    assert articles.story_at(archive.connection, ("u:none",)) is None


def test_a_whole_text_of_the_feed_is_kept(archive: Archive) -> None:
    feed = archive.feed()
    blocks = (Block(BlockKind.HEADING, "The flood"), *paragraphs("Water rose."))
    archive.look(feed, entry("bridge", blocks=blocks, complete=True))
    (telling,) = stories.tellings(archive.connection, archive.story().id)
    assert (telling.blocks, telling.origin) == (blocks, "feed")
    archive.look(feed, entry("bridge", blocks=paragraphs("Water fell."), complete=True), at=NOW + HOUR)
    (telling,) = stories.tellings(archive.connection, archive.story().id)
    assert telling.blocks == paragraphs("Water fell.")


def test_a_page_that_gave_no_text_is_asked_again_when_the_article_changes(archive: Archive) -> None:
    feed = archive.feed()
    archive.look(feed, entry("bridge", BRIDGE))
    (telling,) = stories.tellings(archive.connection, archive.story().id)
    full_texts.keep_failure(archive.connection, telling.article_id, {"key": "source.gone"}, NOW, None)
    archive.look(feed, entry("bridge", BRIDGE), at=NOW + HOUR)
    (telling,) = stories.tellings(archive.connection, archive.story().id)
    assert telling.trouble == {"key": "source.gone"}
    archive.look(feed, entry("bridge", "Bridge opens again"), at=NOW + HOUR)
    (telling,) = stories.tellings(archive.connection, archive.story().id)
    assert (telling.trouble, telling.try_again_at) == (None, None)


def test_the_text_of_a_page_is_kept_and_outlives_an_edit(archive: Archive) -> None:
    feed = archive.feed()
    archive.look(feed, entry("bridge", BRIDGE))
    (telling,) = stories.tellings(archive.connection, archive.story().id)
    full_texts.keep_failure(archive.connection, telling.article_id, {"key": "source.slow"}, NOW, NOW + HOUR)
    full_texts.keep(archive.connection, telling.article_id, paragraphs("All of it."), NOW)
    archive.look(feed, entry("bridge", "Bridge opens again"), at=NOW + HOUR)
    (telling,) = stories.tellings(archive.connection, archive.story().id)
    assert (telling.blocks, telling.origin) == (paragraphs("All of it."), "page")
    assert (telling.trouble, telling.try_again_at) == (None, None)


def test_a_page_read_for_an_article_that_left_meanwhile_is_dropped(archive: Archive) -> None:
    full_texts.keep(archive.connection, 99, paragraphs("Too late."), NOW)
    full_texts.keep_failure(archive.connection, 99, {"key": "source.gone"}, NOW, None)
    assert archive.count("full_texts") == 0


looks = st.lists(
    st.tuples(
        st.sampled_from(("herald", "lens")),
        st.lists(
            st.tuples(
                st.sampled_from("abcde"), st.sampled_from((BRIDGE, "Ferry strikes rock and lives", "Hail"))
            ),
            max_size=4,
            unique_by=lambda item: item[0],
        ),
    ),
    max_size=8,
)


@settings(max_examples=30)
@given(looks)
def test_whatever_feeds_bring_each_article_is_known_once(
    empty: Path, looks: list[tuple[str, list[tuple[str, str]]]]
) -> None:
    made = engine(empty)
    with made.connect() as connection, connection.begin() as transaction:
        archive = Archive(connection)
        told: dict[tuple[str, str], str] = {}
        for number, (name, items) in enumerate(looks):
            entries = [entry(slug, title, url=f"https://{name}.example/{slug}") for slug, title in items]
            added = archive.look(archive.feed(name), *entries, at=NOW + number * HOUR)
            assert added == sum((name, slug) not in told for slug, _ in items)
            told |= {(name, slug): title for slug, title in items}
        assert archive.count("articles") == len(told)
        titles = connection.exec_driver_sql("SELECT title FROM articles").scalars()
        assert sorted(titles) == sorted(told.values())
        lonely = "SELECT count(*) FROM stories WHERE id NOT IN (SELECT story_id FROM articles)"
        assert connection.exec_driver_sql(lonely).scalar() == 0
        wrong = (
            "SELECT count(*) FROM stories s WHERE sources != "
            "(SELECT count(DISTINCT feed_id) FROM articles a WHERE a.story_id = s.id)"
        )
        assert connection.exec_driver_sql(wrong).scalar() == 0
        connection.exec_driver_sql(
            "INSERT INTO article_search(article_search, rank) VALUES ('integrity-check', 1)"
        )
        assert archive.count("article_search") == len(told)
        transaction.rollback()
    made.dispose()
