"""Counting in the database: readers, what they open, their digests, and the days that are remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.domain.numbers import Opened, People
from bot.domain.schedule import WEEKDAYS, Timetable
from bot.storage import desk, numbers, stories, tables
from tests.storage.archive import DAY, HOUR, MINUTE, NOW, entry

if TYPE_CHECKING:
    from tests.storage.archive import Archive

WEEK = 7 * DAY


def test_readers_are_counted_by_what_became_of_them(archive: Archive) -> None:
    archive.reader(1, joined_at=NOW - 30 * DAY, seen_at=NOW - 30 * DAY)
    archive.reader(2, joined_at=NOW - DAY)
    archive.reader(3, state="stopped", away_since=NOW - DAY)
    archive.reader(4, state="blocked", away_since=NOW - 8 * DAY)
    archive.reader(5, state="paused", away_since=NOW - DAY)
    for went_at in (NOW, NOW, NOW - 6 * DAY, NOW - 8 * DAY):
        numbers.note_erased(archive.connection, went_at)
    assert numbers.people(archive.connection, NOW - WEEK) == People(readers=2, joined=1, gone=4, seen=1)
    assert numbers.active(archive.connection) == 2
    figures = desk.figures(archive.connection, NOW - WEEK)
    assert (figures.readers, figures.joined, figures.gone) == (2, 1, 4)


def test_what_most_readers_opened_comes_first_and_private_stories_never(archive: Archive) -> None:
    archive.look(archive.feed(), *(entry(f"story-{n}") for n in range(5)))
    for chat in range(1, 5):
        archive.reader(chat)
        stories.tell(archive.connection, chat, [1, 2, 3, 4], "digest", NOW - 8 * DAY)
        stories.tell(archive.connection, chat, range(1, chat + 1), "opened", NOW - HOUR)
        stories.tell(archive.connection, chat, [1], "opened", NOW)
    change = sa.update(tables.stories)
    archive.connection.execute(change.where(tables.stories.c.id == 1).values(private_feed_id=9))
    archive.connection.execute(change.where(tables.stories.c.id == 3).values(headline="Our own headline"))
    found = numbers.most_opened(archive.connection, NOW - WEEK, 2)
    assert found == [Opened(2, "Headline of the story-1", 3), Opened(3, "Our own headline", 2)]
    assert numbers.most_opened(archive.connection, NOW, 9) == [], (
        "opened again counts when it was opened first"
    )


def test_openings_are_counted_by_quarters_of_an_hour(archive: Archive) -> None:
    archive.look(archive.feed(), entry("one"), entry("two"))
    for chat, at in ((1, NOW), (2, NOW + 14 * MINUTE), (3, NOW + 15 * MINUTE), (4, NOW - 8 * DAY)):
        archive.reader(chat)
        stories.tell(archive.connection, chat, [1], "digest", NOW - HOUR)
        stories.tell(archive.connection, chat, [1], "opened", at)
        stories.tell(archive.connection, chat, [2], "digest", NOW)
    counted = numbers.opened_at(archive.connection, NOW - WEEK)
    assert counted == {NOW: 2, NOW + 15 * MINUTE: 1}


def test_readers_with_the_same_hours_are_counted_together(archive: Archive) -> None:
    archive.reader(1, zone="Europe/Kyiv", digest_minutes=(480, 1200))
    archive.reader(2, zone="Europe/Kyiv", digest_minutes=(480, 1200))
    archive.reader(3, zone="Europe/Kyiv", digest_minutes=(480,), days="weekends")
    archive.reader(4, digest_minutes=())
    archive.reader(5, state="paused")
    kyiv = ZoneInfo("Europe/Kyiv")
    found = dict(numbers.planned(archive.connection))
    assert found == {
        Timetable((480, 1200), kyiv): 2,
        Timetable((480,), kyiv, WEEKDAYS["weekends"]): 1,
    }


def test_a_day_keeps_its_last_number_and_leaves_in_time(archive: Archive) -> None:
    for at, number in ((NOW - 2 * DAY, 5), (NOW, 7), (NOW + HOUR, 8)):
        numbers.note_day(archive.connection, at, number)
    numbers.note_erased(archive.connection, NOW - DAY)
    numbers.note_erased(archive.connection, NOW)
    today = NOW.date()
    assert numbers.days_since(archive.connection, NOW - WEEK) == [(today - 2 * DAY, 5), (today, 8)]
    assert numbers.days_since(archive.connection, NOW) == [(today, 8)]
    assert numbers.prune_days(archive.connection, NOW, 1) == 1
    assert numbers.prune_days(archive.connection, NOW, 9) == 1
    assert archive.count("days") == 1


def test_counting_reads_indexes_and_not_the_tables(archive: Archive) -> None:
    """A week of a million openings lies among ten times as many rows of who was told what."""
    plans = []
    for statement in (
        "SELECT +told.story_id, count(*) FROM told WHERE how = 'opened' AND at >= 1 GROUP BY +told.story_id",
        "SELECT at / 900000000 AS q, count(*) FROM told WHERE how = 'opened' AND at >= 1 GROUP BY q",
        "SELECT zone, days, count(*) FROM readers WHERE state = 'active' AND digest_minutes <> '[]' GROUP BY 1, 2",
    ):
        plan = archive.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").first()
        assert plan is not None
        plans.append(plan.detail)
    assert all("USING COVERING INDEX" in plan for plan in plans), plans
