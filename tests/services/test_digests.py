"""Digests: once a reader and local day, with everything new, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.digest import MOST, Candidate, select, wanted
from bot.domain.news import Reader
from bot.domain.schedule import at_clock
from bot.services import composing
from bot.services.composing import Snapshot
from bot.services.digests import BATCH, Digests
from bot.services.lists import Lists
from bot.services.readers import suspend
from bot.storage import inbox, lists, migrate, outbox, readers, stories
from bot.storage.database import Database
from bot.storage.inbox import Received
from bot.storage.tables import articles, editions, feeds, list_items, told
from bot.storage.tables import deliveries as deliveries_table
from bot.storage.tables import lists as lists_table
from bot.storage.tables import messages as messages_table
from bot.storage.tables import stories as stories_table
from bot.views import digest as view
from tests.storage.archive import Archive, entry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable
    from pathlib import Path

SEVEN = datetime(2026, 11, 24, 7, tzinfo=UTC)
EIGHT = SEVEN + timedelta(hours=1)
MAYA = 7_100_000_001
DAY = timedelta(days=1)


class Interrupted(Database):
    """A database in which something else is written just before the next write of whoever uses it."""

    meanwhile: Callable[[sa.Connection], Any] | None = None

    async def write(self, work: Any, *args: Any, **kwargs: Any) -> Any:
        first, self.meanwhile = self.meanwhile, None
        if first is not None:
            await super().write(first)
        return await super().write(work, *args, **kwargs)


@dataclass(slots=True)
class Desk:
    """Digests over a database with one feed, on a clock that stands until it is moved."""

    db: Interrupted
    now: datetime = SEVEN
    digests: Digests = field(init=False)
    last_update: int = 0

    def __post_init__(self) -> None:
        self.digests = Digests(self.db, lambda: self.now)

    async def print(self, count: int, desk: str = "World", language: str = "en", **more: Any) -> list[int]:
        """So many stories appear now; their ids."""

        def write(connection: sa.Connection) -> list[int]:
            ids = []
            for number in range(count):
                seen = self.now - timedelta(microseconds=count - number)
                row = {"title": f"Story {number}", "desk": desk, "language": language}
                times = {"first_seen_at": seen, "shown_at": seen}
                story = sa.insert(stories_table).values(**row | times | more).returning(stories_table.c.id)
                story_id = connection.execute(story).scalar_one()
                title = {"title": f"Headline {story_id}", "teaser": "Words."}
                connection.execute(sa.insert(articles).values(feed_id=1, story_id=story_id, **title, **times))
                ids.append(story_id)
            return ids

        made: list[int] = await self.db.write(write)
        return made

    async def join(self, chat_id: int = MAYA, **choices: Any) -> Reader:
        """A reader with a digest at eight, whose news begin a day ago."""
        values: dict[str, Any] = {
            "first_name": "Maya",
            "language": "en",
            "zone": "UTC",
            "languages": (),
            "desks": (),
            "digest_minute": 480,
            "few": "wait",
            "page": "short",
            "state": "active",
            "step": "done",
            "joined_at": self.now,
            "seen_at": self.now,
            "covered_until": self.now - DAY,
            "opened_story_id": None,
        }
        reader = Reader(chat_id=chat_id, **values | choices)
        due = EIGHT if reader.zone == "UTC" else self.now
        await self.db.write(readers.add, reader)
        await self.db.write(readers.plan, chat_id, due)
        return reader

    async def compose(self, at: datetime | None = None) -> int:
        self.now = at or self.now
        return await self.digests.compose_due()

    async def ask(self) -> list[int] | None:
        """A digest on demand; the stories in it."""
        self.last_update += 1
        update = Received(self.last_update, MAYA, {"update_id": self.last_update}, self.now)
        await self.db.write(inbox.receive, [update])
        return await self.again()

    async def again(self) -> list[int] | None:
        """The same update once more."""
        reader = await self.db.read(readers.get, MAYA)
        assert reader is not None
        made = await self.digests.on_demand(self.last_update, reader)
        return None if made is None else [one for one in made[0].story_ids if one is not None]

    async def rows(self, table: sa.Table) -> list[Any]:
        return await self.db.read(lambda c: list(c.execute(sa.select(table).order_by(*table.primary_key))))

    async def texts(self) -> list[str]:
        """All digests that were composed, the oldest first."""

        def read(connection: sa.Connection) -> list[str]:
            joined = sa.select(messages_table.c.document).join(deliveries_table)
            return [str(row.document) for row in connection.execute(joined.order_by(deliveries_table.c.id))]

        return await self.db.read(read)

    async def told(self, chat_id: int = MAYA) -> list[int]:
        """The stories in all digests of a chat, in their order."""

        def read(connection: sa.Connection) -> list[int]:
            joined = (
                sa.select(list_items.c.story_id).join(lists_table).where(lists_table.c.chat_id == chat_id)
            )
            return list(connection.execute(joined.order_by(list_items.c.list_id)).scalars())

        return await self.db.read(read)

    async def days(self, chat_id: int = MAYA) -> list[str]:
        return [row.local_date for row in await self.rows(editions) if row.chat_id == chat_id]

    async def due_at(self, chat_id: int = MAYA) -> datetime | None:
        return await self.db.read(readers.due_at, chat_id)


@asynccontextmanager
async def open_desk(folder: Path) -> AsyncIterator[Desk]:
    await asyncio.to_thread(migrate.migrate, folder / "news.db")
    db = Interrupted(folder / "news.db")
    row = {"url": "http://herald.example/rss", "title": "Herald", "added_at": SEVEN, "next_check_at": SEVEN}
    await db.write(lambda c: c.execute(sa.insert(feeds).values(row)))
    try:
        yield Desk(db)
    finally:
        await db.close()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path) as opened:
        yield opened


async def test_a_digest_is_an_edition_a_list_a_debt_and_the_next_plan(desk: Desk) -> None:
    ids = await desk.print(4)
    await desk.join()
    assert await desk.compose(EIGHT - timedelta(seconds=1)) == 0
    assert await desk.compose(EIGHT) == 1
    (edition,) = await desk.rows(editions)
    assert (edition.chat_id, edition.local_date, edition.composed_at) == (MAYA, "2026-11-24", EIGHT)
    assert sorted(await desk.told()) == ids
    (owed,) = await desk.rows(deliveries_table)
    assert (owed.chat_id, owed.state, owed.list_id) == (MAYA, "planned", edition.list_id)
    assert owed.expires_at == EIGHT + timedelta(hours=6)
    assert {(row.story_id, row.how) for row in await desk.rows(told)} == {(one, "digest") for one in ids}
    assert await desk.due_at() == EIGHT + DAY


async def test_there_is_one_a_day_even_if_the_hour_is_moved(desk: Desk) -> None:
    await desk.print(4)
    await desk.join()
    await desk.compose(EIGHT)
    await desk.print(4)
    await desk.db.write(readers.plan, MAYA, EIGHT + timedelta(hours=2))
    assert await desk.compose(EIGHT + timedelta(hours=2)) == 0
    assert await desk.due_at() == EIGHT + DAY
    assert await desk.compose(EIGHT + DAY) == 1
    assert await desk.days() == ["2026-11-24", "2026-11-25"]
    assert len(await desk.told()) == 8


@pytest.mark.parametrize(
    ("zone", "around", "minute"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 150),
        ("Europe/Berlin", date(2026, 10, 25), 150),
        ("America/New_York", date(2026, 3, 8), 480),
        ("America/New_York", date(2026, 11, 1), 90),
        ("Australia/Lord_Howe", date(2026, 4, 5), 105),
        ("Africa/Cairo", date(2026, 4, 24), 0),
        ("Pacific/Kiritimati", date(2026, 6, 1), 1439),
        ("Asia/Kathmandu", date(2026, 6, 1), 1),
    ],
)
async def test_whatever_the_clocks_do_there_is_one_digest_on_each_local_day(
    desk: Desk, zone: str, around: date, minute: int
) -> None:
    place = ZoneInfo(zone)
    first = around - 3 * DAY
    desk.now = at_clock(first, minute, place)
    await desk.join(zone=zone, digest_minute=minute)
    clocks = []
    for _ in range(7):
        desk.now = await desk.due_at() or desk.now
        await desk.print(3)
        assert await desk.compose() == 1
        clocks.append(desk.now.astimezone(place))
        desk.now += timedelta(hours=1)
        await desk.print(3)
        assert await desk.compose() == 0, "not twice where an hour comes twice"
    assert await desk.days() == [(first + n * DAY).isoformat() for n in range(7)]
    shown = [at.hour * 60 + at.minute for at in clocks if at.date() != around]
    assert shown == [minute] * 6


async def test_after_downtime_there_is_one_digest_with_an_apology_for_all_that_was_missed(desk: Desk) -> None:
    first = await desk.print(3)
    await desk.join()
    desk.now = SEVEN + 2 * DAY
    later = await desk.print(2)
    back = EIGHT + 3 * DAY + timedelta(hours=2)
    assert await desk.compose(back) == 1
    assert await desk.compose(back) == 0
    assert await desk.days() == ["2026-11-27"], "days that were wholly missed are not made up"
    assert sorted(await desk.told()) == [*first, *later]
    (text,) = await desk.texts()
    assert "Late today, sorry: it was due at 08:00." in text
    assert await desk.due_at() == EIGHT + 4 * DAY


async def test_back_before_the_hour_there_is_nothing_to_apologise_for(desk: Desk) -> None:
    await desk.print(3)
    await desk.join()
    assert await desk.compose(SEVEN + 3 * DAY) == 0
    assert await desk.due_at() == EIGHT + 3 * DAY
    assert await desk.compose(EIGHT + 3 * DAY) == 1
    (text,) = await desk.texts()
    assert "sorry" not in text


async def test_nothing_new_sends_nothing_and_asks_again_tomorrow(desk: Desk) -> None:
    await desk.join()
    assert await desk.compose(EIGHT) == 0
    assert await desk.rows(deliveries_table) == []
    assert await desk.due_at() == EIGHT + DAY


async def test_fewer_than_three_wait_for_more_unless_they_are_wanted(desk: Desk) -> None:
    few = await desk.print(2)
    await desk.join()
    await desk.join(MAYA + 1, few="send")
    assert await desk.compose(EIGHT) == 1
    assert await desk.told() == []
    assert sorted(await desk.told(MAYA + 1)) == few
    desk.now = EIGHT + timedelta(hours=5)
    more = await desk.print(1)
    assert await desk.compose(EIGHT + DAY) == 2
    assert sorted(await desk.told()) == [*few, *more], "what waited comes along"
    assert sorted(await desk.told(MAYA + 1)) == [*few, *more]


async def test_being_listed_keeps_no_story_out_but_a_push_or_opening_it_does(desk: Desk) -> None:
    listed, pushed, opened, *rest = await desk.print(6)
    reader = await desk.join()
    await Lists(desk.db, lambda: desk.now).latest(1, reader)
    await desk.db.write(stories.tell, MAYA, [pushed], "push", desk.now)
    await desk.db.write(stories.tell, MAYA, [opened], "opened", desk.now)
    await desk.compose(EIGHT)
    made = (await desk.rows(editions))[0].list_id
    shown = {row.story_id for row in await desk.rows(list_items) if row.list_id == made}
    assert shown == {listed, *rest}


async def test_only_what_a_reader_wants_comes(desk: Desk) -> None:
    world = await desk.print(3)
    await desk.print(3, desk="Sport")
    await desk.print(3, language="ru")
    unknown = await desk.print(1, language="")
    await desk.print(3, backlog=True)
    await desk.join(languages=("en",), desks=("World", "Science"))
    await desk.compose(EIGHT)
    assert sorted(await desk.told()) == [*world, *unknown]


async def test_what_was_left_out_is_counted_and_the_best_of_it_is_kept(desk: Desk) -> None:
    await desk.print(150)
    await desk.join()
    await desk.compose(EIGHT)
    (listing,) = await desk.rows(lists_table)
    assert len(await desk.told()) == MOST
    assert listing.about["left_out"] == [["World", 138]]
    assert len(listing.about["rest"]) == 100
    assert not {*listing.about["rest"]} & {*await desk.told()}
    (text,) = await desk.texts()
    assert "138" in text


async def test_a_story_that_came_while_a_digest_was_composed_is_in_the_next(desk: Desk) -> None:
    first = await desk.print(3)
    await desk.join()
    await desk.compose(EIGHT)
    desk.now = EIGHT - timedelta(seconds=1)
    second = await desk.print(3)
    await desk.compose(EIGHT + DAY)
    assert sorted(await desk.told()) == [*first, *second]


async def test_a_look_that_is_written_down_after_a_later_one_is_not_skipped(desk: Desk) -> None:
    """Two looks at the same time: the one that ended first is written last, after a digest was composed."""

    def look(number: int, at: datetime) -> Callable[[sa.Connection], int]:
        def write(connection: sa.Connection) -> int:
            archive = Archive(connection)
            feed = archive.feed(f"paper{number}")
            return archive.look(feed, *(entry(f"{number}-{n}", published=at) for n in range(3)), at=at)

        return write

    desk.now = EIGHT
    await desk.join()
    await desk.db.write(look(1, EIGHT - timedelta(milliseconds=10)))
    await desk.compose()
    await desk.db.write(look(2, EIGHT - timedelta(milliseconds=20)))
    await desk.compose(EIGHT + DAY)
    assert len(await desk.told()) == 6


async def test_an_hour_moved_while_composing_counts(desk: Desk) -> None:
    await desk.print(3)
    await desk.join()

    def move(connection: sa.Connection) -> None:
        readers.change(connection, MAYA, digest_minute=1200)
        readers.plan(connection, MAYA, EIGHT + timedelta(hours=12))

    desk.db.meanwhile = move
    assert await desk.compose(EIGHT) == 0
    assert await desk.due_at() == EIGHT + timedelta(hours=12)
    assert await desk.compose(EIGHT + timedelta(hours=12)) == 1


@pytest.mark.parametrize("how", ["stopped", "blocked", "no digest", "gone"])
async def test_who_leaves_while_composing_gets_nothing(desk: Desk, how: str) -> None:
    await desk.print(3)
    await desk.join()
    await desk.join(MAYA + 1)

    def leave(connection: sa.Connection) -> None:
        match how:
            case "stopped":
                readers.change(connection, MAYA, state="stopped")
            case "blocked":
                suspend(connection, MAYA, desk.now, "blocked")
            case "no digest":
                readers.change(connection, MAYA, digest_minute=None)
            case "gone":
                connection.exec_driver_sql(f"DELETE FROM readers WHERE chat_id = {MAYA}")

    desk.db.meanwhile = leave
    assert await desk.compose(EIGHT) == 1
    assert [row.chat_id for row in await desk.rows(deliveries_table)] == [MAYA + 1]
    assert await desk.due_at() is None
    assert await desk.compose(EIGHT + timedelta(hours=1)) == 0


async def test_a_plan_of_somebody_without_an_hour_is_dropped(desk: Desk) -> None:
    await desk.join(digest_minute=None)
    assert await desk.compose(EIGHT) == 0
    assert await desk.due_at() is None


async def test_a_digest_asked_for_leaves_the_rest_for_the_hour(desk: Desk) -> None:
    early = await desk.print(4)
    await desk.join()
    assert sorted(await desk.ask() or []) == early
    assert await desk.ask() is None
    assert await desk.compose(EIGHT) == 0
    assert await desk.days() == [], "asking early does not use up the day"
    desk.now += timedelta(hours=1)
    late = await desk.print(3)
    assert await desk.compose(EIGHT + DAY) == 1
    assert sorted(await desk.told()) == [*early, *late]


async def test_the_same_question_again_gives_the_same_answer_and_no_second_effect(desk: Desk) -> None:
    await desk.print(3)
    await desk.join()
    first = await desk.ask()
    desk.now += timedelta(minutes=1)
    await desk.print(3)
    assert await desk.again() == first
    assert len(await desk.rows(told)) == 3
    assert len(await desk.ask() or []) == 3


async def test_a_digest_asked_for_while_one_is_composed_is_not_told_twice(desk: Desk) -> None:
    await desk.print(4)
    reader = await desk.join()
    desk.last_update = 1
    desk.now = EIGHT

    def asked(connection: sa.Connection) -> None:
        found = stories.candidates(connection, reader.covered_until)
        new = lists.New(MAYA, "digest", {}, tuple(story.id for story in found))
        lists.add(connection, new, EIGHT, update_id=1)
        stories.tell(connection, MAYA, new.story_ids, "digest", EIGHT)
        readers.cover(connection, {MAYA: found[-1].first_seen_at})

    desk.db.meanwhile = asked
    assert await desk.compose() == 0
    assert len(await desk.told()) == 4
    assert await desk.due_at() == EIGHT + DAY


async def test_a_digest_composed_while_one_is_asked_for_is_not_told_twice(desk: Desk) -> None:
    ids = await desk.print(4)
    await desk.join()
    desk.last_update = 7
    await desk.db.write(inbox.receive, [Received(7, MAYA, {"update_id": 7}, desk.now)])
    seen = (await desk.db.read(stories.candidates, SEVEN - DAY))[-1].first_seen_at
    desk.db.meanwhile = lambda c: readers.cover(c, {MAYA: seen})
    assert await desk.again() is None
    assert len(ids) == 4
    assert await desk.rows(list_items) == []


async def test_one_reader_who_cannot_be_served_stops_nobody(
    desk: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.print(3)
    await desk.join()
    await desk.join(MAYA + 1, zone="Mars/Olympus")
    await desk.db.write(readers.plan, MAYA + 1, EIGHT)
    await desk.join(MAYA + 2, language="ru")
    whole = view.digest

    def breaks_on_russian(voice: Any, *given: Any, **more: Any) -> Any:
        assert voice.language != "ru"
        return whole(voice, *given, **more)

    monkeypatch.setattr(view, "digest", breaks_on_russian)
    assert await desk.compose(EIGHT) == 1
    assert caplog.text.count("could not be composed") == 2
    for chat_id in (MAYA + 1, MAYA + 2):
        assert await desk.due_at(chat_id) == EIGHT + timedelta(hours=1)
    monkeypatch.undo()
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


async def test_a_long_composition_looks_at_the_news_again_each_minute(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.digests.BATCH", 1)
    first = await desk.print(3)
    await desk.join()
    await desk.join(MAYA + 1)
    desk.now = EIGHT
    second: list[int] = []

    async def write(work: Any, *args: Any, **kwargs: Any) -> Any:
        answer = await Database.write(desk.db, work, *args, **kwargs)
        if not second:
            second.append(0)
            desk.now += timedelta(minutes=1)
            second[:] = await desk.print(2)
        return answer

    monkeypatch.setattr(Interrupted, "write", lambda _db, *args, **kwargs: write(*args, **kwargs))
    assert await desk.compose() == 2
    assert sorted(await desk.told()) == first
    assert sorted(await desk.told(MAYA + 1)) == [*first, *second]


async def test_a_story_pruned_while_composing_is_simply_missing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await desk.print(4)
    await desk.join()
    whole = stories.lines
    monkeypatch.setattr(stories, "lines", lambda c, wanted: [s for s in whole(c, wanted) if s.id != ids[0]])
    assert await desk.compose(EIGHT) == 1
    (text,) = await desk.texts()
    assert f"Headline {ids[0]}" not in text
    assert f"Headline {ids[1]}" in text


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
        reader = Reader(
            MAYA, "", "en", "UTC", languages, desks, 480, "wait", "short", "active", "done", SEVEN, SEVEN,
            SEVEN + covered * timedelta(minutes=1), None,
        )  # fmt: skip
        assert snapshot.choose(reader, known) == select(wanted(reader, found, known))


async def test_what_is_remembered_is_bounded_and_forgetting_changes_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composing, "KEPT", 2)
    ids = await desk.print(3)
    for number, zone in enumerate(
        ("UTC", "Europe/London", "Africa/Abidjan", "Africa/Accra", "Atlantic/Reykjavik")
    ):
        await desk.join(MAYA + number, zone=zone, covered_until=SEVEN - DAY + timedelta(minutes=number))
        await desk.db.write(readers.plan, MAYA + number, EIGHT)
        await desk.db.write(stories.tell, MAYA + number, ids[: number % 2], "opened", SEVEN)
    await desk.compose(EIGHT)
    assert [len(await desk.told(MAYA + number)) for number in range(5)] == [3, 0, 3, 0, 3]
