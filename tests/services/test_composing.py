"""Digests for many: what is the same is made once, and one reader's failure is nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.digest import Candidate, select, wanted
from bot.domain.news import StoryLine
from bot.services.composing import Snapshot
from bot.services.digests import BATCH, Digests
from bot.storage import outbox, readers
from bot.storage.tables import deliveries as deliveries_table
from bot.storage.tables import editions
from bot.storage.tables import messages as messages_table
from bot.storage.tables import stories as stories_table
from tests.services.desk import DAY, EIGHT, MAYA, SEVEN, print_stories
from tests.storage.archive import somebody

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

    from tests.services.desk import Desk


async def show_at(desk: Desk, story_id: int, at: datetime) -> None:
    """Date a story."""
    dated = sa.update(stories_table).where(stories_table.c.id == story_id).values(shown_at=at)
    await desk.db.write(lambda connection: connection.execute(dated))


async def test_one_reader_who_cannot_be_served_stops_nobody(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    story_id, *_ = await desk.print(3)
    await desk.join()
    await desk.join(MAYA + 1, zone="Mars/Olympus")
    await desk.join(MAYA + 2, zone="Asia/Tokyo", digest_minutes=(17 * 60,))
    for chat_id in (MAYA + 1, MAYA + 2):
        await desk.db.write(readers.plan, chat_id, EIGHT)
    await show_at(desk, story_id, datetime(9999, 12, 31, 23, tzinfo=UTC))
    assert await desk.compose(EIGHT) == 2, "a place that is not known any more has UTC's clock"
    assert caplog.text.count("could not be composed") == 1, "in Tokyo the calendar has ended"
    assert await desk.due_at(MAYA + 2) == EIGHT + timedelta(hours=1)
    await show_at(desk, story_id, SEVEN)
    assert await desk.compose(EIGHT + timedelta(hours=1)) == 1, "and it is tried again"
    assert await desk.days(MAYA + 2) == ["2026-11-24"]


async def test_a_crowd_with_the_same_taste_shares_one_message(desk: Desk) -> None:
    await desk.print(5)
    size = BATCH + 50
    for number in range(size):
        await desk.join(MAYA + number, language=("en", "ru")[number % 2])
    assert await desk.compose(EIGHT) == size
    assert len(await desk.rows(messages_table)) == 2
    assert len(await desk.rows(deliveries_table)) == size
    assert len(await desk.rows(editions)) == size
    assert await desk.db.read(outbox.counts) == {"planned": size}


async def test_a_long_composition_looks_at_the_news_again_each_minute(desk: Desk) -> None:
    desk.digests = Digests(desk.db, lambda: desk.now, batch=1)
    first = await desk.print(3)
    await desk.join()
    await desk.join(MAYA + 1)
    desk.now = EIGHT
    second: list[int] = []

    def a_minute_passes(connection: sa.Connection) -> None:
        desk.now += timedelta(minutes=1)
        second.extend(print_stories(connection, desk.now, 2))

    desk.db.meanwhile = a_minute_passes
    assert await desk.compose() == 2
    assert sorted(await desk.told()) == first
    assert sorted(await desk.told(MAYA + 1)) == [*first, *second]


LANGUAGES = ("en", "ru", "")


DESKS = ("World", "Science", "Sport")


TASTES = st.tuples(
    st.sets(st.sampled_from(LANGUAGES[:2])).map(sorted).map(tuple),
    st.sets(st.sampled_from(DESKS)).map(sorted).map(tuple),
    st.integers(-1, 40),
    st.frozensets(st.integers(1, 40), max_size=12),
)


@given(
    st.lists(st.tuples(st.sampled_from(LANGUAGES), st.sampled_from(DESKS), st.integers(1, 4)), max_size=40),
    st.lists(TASTES, min_size=1, max_size=8),
)
def test_sharing_never_changes_what_a_reader_gets(
    news: list[tuple[str, str, int]],
    tastes: Iterable[tuple[tuple[str, ...], tuple[str, ...], int, frozenset[int]]],
) -> None:
    found = [
        Candidate(n, desk, language, SEVEN + n * timedelta(minutes=1), SEVEN, sources)
        for n, (language, desk, sources) in enumerate(news, 1)
    ]
    snapshot = Snapshot(SEVEN, EIGHT, found)
    for languages, desks, covered, known in [*tastes, *tastes]:
        until = SEVEN + covered * timedelta(minutes=1)
        reader = somebody(MAYA, SEVEN, languages=languages, desks=desks, covered_until=until)
        assert snapshot.choose(reader, known) == select(wanted(reader, found, known))


def test_what_is_remembered_is_bounded_and_forgetting_changes_nothing() -> None:
    at = SEVEN - timedelta(hours=1)
    found = [Candidate(n, "World", "en", at, at, 1) for n in (1, 2, 3)]
    lines = [
        StoryLine(n, f"Headline {n}", "", "Herald", "World", "en", "Words.", at, at, 1) for n in (1, 2, 3)
    ]
    whole, forgetful = Snapshot(SEVEN - DAY, EIGHT, found), Snapshot(SEVEN - DAY, EIGHT, found, kept=2)
    for snapshot in (whole, forgetful):
        snapshot.learn(lines)
    for number, zone in enumerate(2 * ("UTC", "Europe/Kyiv", "Asia/Tokyo", "Asia/Dubai", "Asia/Karachi")):
        reader = somebody(MAYA, SEVEN - DAY, zone=zone)
        known = {1 + number % 3}
        chosen = [snapshot.choose(reader, known) for snapshot in (whole, forgetful)]
        assert chosen[0] == chosen[1]
        assert len(chosen[0].stories) == 2
        made = [snapshot.render(reader, chosen[0], EIGHT, None) for snapshot in (whole, forgetful)]
        assert made[0] == made[1]
        assert len(forgetful._selections) <= 2
        assert len(forgetful._messages) <= 2
    assert len(whole._selections) == 3
    assert len(whole._messages) == 10
