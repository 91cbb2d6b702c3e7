"""Stories as lists show them, what a reader was told and has kept, and what leaves the archive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.domain.schedule import Slot
from bot.storage import lists, stories
from tests.storage.archive import DAY, HOUR, MINUTE, NOW, Archive, entry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.domain.news import StoryLine


def titles(lines: list[StoryLine]) -> list[str]:
    return [line.title for line in lines]


def latest(archive: Archive, languages: Sequence[str], desks: Sequence[str], most: int = 9) -> list[str]:
    return titles(
        stories.lines(archive.connection, stories.latest(archive.connection, languages, desks, most))
    )


def print_papers(archive: Archive) -> None:
    """Four stories: two English ones of the world, one of science, one Ukrainian one."""
    archive.look(
        archive.feed("herald", "World", "en"),
        entry("one", "First", published=NOW - 3 * HOUR),
        entry("two", "Second", published=NOW - HOUR),
    )
    archive.look(archive.feed("lens", "Science", "en"), entry("three", "Third", published=NOW - 2 * HOUR))
    archive.look(archive.feed("mayak", "World", "uk"), entry("four", "Четверта", published=NOW))


def test_the_latest_come_first(archive: Archive) -> None:
    print_papers(archive)
    assert latest(archive, (), (), 3) == ["Четверта", "Second", "Third"]


def test_a_reader_sees_the_languages_and_desks_chosen(archive: Archive) -> None:
    print_papers(archive)
    archive.look(archive.feed("any", "World", ""), entry("five", "In no language", published=NOW - 9 * HOUR))
    assert latest(archive, ("en",), ("World",)) == ["Second", "First", "In no language"]
    assert latest(archive, (), ("Science",)) == ["Third"]
    assert latest(archive, ("uk", "en", "en"), ()) == [
        "Четверта",
        "Second",
        "Third",
        "First",
        "In no language",
    ]
    assert latest(archive, ("uk", "en"), ("Science", "World", "World"), 2) == ["Четверта", "Second"]


@pytest.mark.parametrize("languages", [(), ("en", "uk")])
@pytest.mark.parametrize("desks", [(), ("World", "Science")])
def test_the_latest_are_read_from_an_index_and_none_is_sorted(
    archive: Archive, languages: tuple[str, ...], desks: tuple[str, ...]
) -> None:
    asked: list[tuple[str, Any]] = []
    sa.event.listen(
        archive.connection, "before_cursor_execute", lambda *call: asked.append((call[2], call[3]))
    )
    stories.latest(archive.connection, languages, desks, 100)
    by = "".join(f"_{name}" for name, chosen in (("desk", desks), ("language", languages)) if chosen)
    for statement, values in asked.copy():
        plan = archive.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        steps = [row.detail for row in plan]
        assert len(steps) == 1, "one walk along one index"
        assert f"USING COVERING INDEX ix_stories_private_feed_id{by}_shown_at" in steps[0]


def test_lines_come_in_the_order_asked_for(archive: Archive) -> None:
    print_papers(archive)
    ids = [line.id for line in archive.stories()]
    asked = [ids[2], 999, ids[0]]
    assert [line.id for line in stories.lines(archive.connection, asked)] == [ids[2], ids[0]]
    assert stories.lines(archive.connection, []) == []


def test_news_is_what_was_first_seen_since_and_is_no_archive(archive: Archive) -> None:
    feed = archive.feed()
    archive.look(feed, entry("old", "Old", published=NOW - 30 * DAY), entry("early", "Early"), at=NOW)
    archive.look(feed, entry("late", "Late"), at=NOW + MINUTE)
    seen = [candidate.id for candidate in stories.candidates(archive.connection, NOW)]
    assert titles(stories.lines(archive.connection, seen)) == ["Late"]
    seen = [candidate.id for candidate in stories.candidates(archive.connection, NOW - MINUTE)]
    assert titles(stories.lines(archive.connection, seen)) == ["Early", "Late"]


def test_being_told_and_having_opened(archive: Archive) -> None:
    print_papers(archive)
    one, two, three, _ = (line.id for line in archive.stories())
    for chat in (7, 8):
        archive.reader(chat)
    stories.tell(archive.connection, 7, [one, two], "digest", NOW)
    stories.tell(archive.connection, 7, [two], "opened", NOW + HOUR)
    stories.tell(archive.connection, 7, [two], "digest", NOW + 2 * HOUR)
    stories.tell_all(archive.connection, [(8, three)], "push", NOW - DAY)
    stories.tell(archive.connection, 8, [], "push", NOW)
    assert stories.told_to(archive.connection, [7, 8], NOW - 2 * DAY) == {7: {one, two}, 8: {three}}
    assert stories.told_to(archive.connection, [7, 8], NOW - HOUR) == {7: {one, two}}
    assert stories.opened(archive.connection, 7, [one, two, three]) == {two}


def test_the_shelf(archive: Archive) -> None:
    print_papers(archive)
    one, two, *_ = (line.id for line in archive.stories())
    archive.reader()
    stories.save(archive.connection, 7, one, NOW, keep=True)
    stories.save(archive.connection, 7, two, NOW + MINUTE, keep=True)
    stories.save(archive.connection, 7, one, NOW + HOUR, keep=True)
    assert titles(stories.saved(archive.connection, 7)) == ["Second", "First"]
    stories.save(archive.connection, 7, two, NOW, keep=False)
    stories.save(archive.connection, 7, two, NOW, keep=False)
    assert stories.is_saved(archive.connection, 7, one)
    assert not stories.is_saved(archive.connection, 7, two)
    assert not stories.is_saved(archive.connection, 8, one)


def test_old_stories_leave_and_saved_and_listed_ones_stay(archive: Archive) -> None:
    print_papers(archive)
    one, two, three, four = (line.id for line in archive.stories())
    archive.reader(opened_story_id=one)
    stories.save(archive.connection, 7, two, NOW, keep=True)
    archive.listing(7, three)
    stories.tell(archive.connection, 7, [one, four], "digest", NOW)
    assert stories.leaving(archive.connection, NOW, NOW) == [], "they were seen just now"
    assert stories.leaving(archive.connection, NOW + DAY, NOW) == [one, four]
    assert stories.remove(archive.connection, [one, two, three, four], NOW + DAY, NOW) == 2
    assert [line.id for line in archive.stories()] == [two, three]
    assert archive.count("articles") == archive.count("article_search") == 2
    assert archive.count("article_keys") == 8, "by these each is known again"
    assert archive.connection.exec_driver_sql("SELECT opened_story_id FROM readers").scalar() is None
    assert stories.leaving(archive.connection, NOW + DAY, NOW + MINUTE) == [three], "its list has grown old"


def test_who_opened_a_story_that_leaves_is_forgotten_a_few_at_a_time(archive: Archive) -> None:
    print_papers(archive)
    one, two, *_ = ids = [line.id for line in archive.stories()]
    for chat in range(7, 12):
        archive.reader(chat)
        archive.listing(chat, one, two)
        stories.tell(archive.connection, chat, ids, "opened", NOW)
    stories.save(archive.connection, 7, two, NOW, keep=True)
    later = NOW + DAY
    loosened = [stories.loosen(archive.connection, [one, two], later, later, 3) for _ in range(3)]
    assert loosened == [6, 4, 0]
    assert archive.count("told") == 15
    assert archive.count("list_items") == 5, "what was saved meanwhile does not leave"


def test_what_was_told_is_forgotten_when_no_digest_looks_so_far_back(archive: Archive) -> None:
    print_papers(archive)
    one, two, three, four = (line.id for line in archive.stories())
    archive.reader()
    stories.tell(archive.connection, 7, [one, two], "digest", NOW - DAY)
    stories.tell(archive.connection, 7, [three], "push", NOW - DAY)
    stories.tell(archive.connection, 7, [two], "opened", NOW)
    stories.tell(archive.connection, 7, [four], "digest", NOW)
    assert [stories.prune_told(archive.connection, NOW, 1) for _ in range(3)] == [1, 1, 0]
    assert stories.told_to(archive.connection, [7], NOW - 2 * DAY) == {7: {two, four}}
    assert stories.opened(archive.connection, 7, [two]) == {two}


def test_a_story_that_is_still_being_told_stays(archive: Archive) -> None:
    headline = "Bridge over the Orrin closed after flood"
    archive.look(archive.feed("herald"), entry("one", headline, url="https://herald.example/one"))
    archive.look(archive.feed("lens"), entry("two", headline, url="https://lens.example/two"), at=NOW + DAY)
    assert archive.prune(NOW + HOUR) == 0
    assert archive.prune(NOW + 2 * DAY) == 1


def test_a_story_that_left_after_it_was_found_is_not_listed(archive: Archive) -> None:
    print_papers(archive)
    archive.reader()
    one, two, *_ = (line.id for line in archive.stories())
    assert archive.listing(7, one, 99, two).story_ids == (one, two)


def test_a_list_is_made_once_by_its_update(archive: Archive) -> None:
    print_papers(archive)
    archive.reader()
    one, two, *_ = (line.id for line in archive.stories())
    first = archive.listing(7, two, one, update_id=5)
    assert first.story_ids == (two, one)
    assert archive.listing(7, one, update_id=5) == first
    assert lists.made_by(archive.connection, 5) == first
    assert lists.made_by(archive.connection, 6) is None
    assert archive.count("lists") == 1


def test_a_list_is_shown_to_its_own_chat_only(archive: Archive) -> None:
    archive.reader(7)
    archive.reader(8)
    listing = archive.listing(7)
    assert lists.get(archive.connection, 7, listing.id) == listing
    assert lists.get(archive.connection, 8, listing.id) is None
    assert lists.get(archive.connection, 7, 99) is None


def test_the_newest_list_is_the_one_shown_last(archive: Archive) -> None:
    print_papers(archive)
    archive.reader()
    first, second, _ = (archive.listing(7, archive.stories()[0].id) for _ in range(3))
    assert lists.newest(archive.connection, 7) is None, "none was shown yet"
    lists.show(archive.connection, second.id, 10)
    lists.show(archive.connection, first.id, 12)
    lists.show(archive.connection, archive.listing(7).id, 14)
    newest = lists.newest(archive.connection, 7)
    assert newest is not None
    assert newest.id == first.id, "an empty one does not count"
    shown = lists.shown_by(archive.connection, 7, 10)
    assert shown is not None
    assert shown.id == second.id
    assert lists.shown_by(archive.connection, 7, 11) is None


def test_a_place_whose_story_has_left_stays_a_place(archive: Archive) -> None:
    print_papers(archive)
    archive.reader()
    ids = [line.id for line in archive.stories()]
    listing = archive.listing(7, *ids)
    archive.connection.exec_driver_sql(f"DELETE FROM stories WHERE id = {ids[1]}")
    kept = lists.get(archive.connection, 7, listing.id)
    assert kept is not None
    assert kept.story_ids == (ids[0], None, ids[2], ids[3])


def test_one_digest_a_reader_and_planned_hour(archive: Archive) -> None:
    archive.reader(7)
    archive.reader(8)
    listing, slot = archive.listing(7), Slot(NOW.date(), 480)
    tomorrow, evening = Slot(NOW.date() + DAY, 480), Slot(NOW.date(), 1200)
    lists.add_editions(archive.connection, [(7, slot, listing.id)], NOW)
    lists.add_editions(archive.connection, [], NOW)
    assert lists.has_edition(archive.connection, 7, slot)
    assert not lists.has_edition(archive.connection, 7, tomorrow)
    assert not lists.has_edition(archive.connection, 7, evening)
    assert lists.with_edition(archive.connection, {7: slot, 8: slot}) == {7}
    assert lists.with_edition(archive.connection, {7: tomorrow}) == set()
    lists.add_editions(archive.connection, [(7, evening, listing.id)], NOW)
    assert lists.with_edition(archive.connection, {7: evening, 8: slot}) == {7}
    with pytest.raises(sa.exc.IntegrityError):
        lists.add_editions(archive.connection, [(7, slot, listing.id)], NOW)


def test_old_lists_go_but_the_newest_of_each_chat_stays_for_longer(archive: Archive) -> None:
    print_papers(archive)
    story = archive.stories()[0].id
    for chat in (7, 8):
        archive.reader(chat)
    digest = lists.add(archive.connection, lists.New(7, "digest", {}, (story,)), NOW, message_id=10).id
    seen = archive.listing(7, story, message_id=11).id
    last = archive.listing(7, story, message_id=12).id
    empty = archive.listing(7, message_id=13).id
    unseen = archive.listing(7, story).id
    only = archive.listing(8, story, message_id=14).id

    def old(brief: datetime, long: datetime) -> set[int]:
        return set(lists.old(archive.connection, brief, long))

    assert old(NOW, NOW) == set()
    assert old(NOW + DAY, NOW) == {seen, unseen}, "what a number means now stays"
    assert old(NOW + DAY, NOW + DAY) == {digest, seen, last, empty, unseen, only}
    assert lists.remove(archive.connection, [seen, unseen, 99]) == 2
    assert archive.count("lists") == archive.count("list_items") + 1 == 4


def test_digests_and_openings_are_forgotten_a_few_at_a_time(archive: Archive) -> None:
    archive.reader()
    days = [Slot(NOW.date() + n * DAY, 480) for n in range(4)]
    lists.add_editions(archive.connection, [(7, day, archive.listing(7).id) for day in days[:3]], NOW)
    lists.add_editions(archive.connection, [(7, days[3], archive.listing(7).id)], NOW + 2 * DAY)
    lists.note_opening(archive.connection, 7, "41:1", 5, NOW)
    lists.note_opening(archive.connection, 7, "41:1", 6, NOW + HOUR)
    lists.note_opening(archive.connection, 7, "42:1", 7, NOW + 2 * DAY)
    assert lists.last_opening(archive.connection, 7, "41:1") == (6, NOW + HOUR)
    assert [lists.prune_editions(archive.connection, NOW + DAY, 2) for _ in range(3)] == [2, 1, 0]
    assert [lists.has_edition(archive.connection, 7, day) for day in days] == [False, False, False, True]
    assert [lists.prune_openings(archive.connection, NOW + DAY, 9) for _ in range(2)] == [1, 0]
    assert lists.last_opening(archive.connection, 7, "41:1") is None
    assert lists.last_opening(archive.connection, 7, "42:1") == (7, NOW + 2 * DAY)
