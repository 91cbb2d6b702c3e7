"""Counting: readers, what they open, when their digests are planned, and what is remembered of each day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.domain.numbers import Opened, People
from bot.domain.places import clock_of
from bot.domain.schedule import WEEKDAYS, Timetable
from bot.storage.dialect import EPOCH
from bot.storage.number_tables import days
from bot.storage.tables import readers, stories, told

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

_ACTIVE: Final = readers.c.state == sa.literal_column("'active'")
_OPENED: Final = told.c.how == sa.literal_column("'opened'")
"""Written as the partial indexes have it, which SQLite compares word by word."""
QUARTER: Final = timedelta(minutes=15)
"""The clocks of all places differ by whole quarters of an hour."""


def people(connection: Connection, since: datetime) -> People:
    """Count the readers, and what has changed about them since then."""
    left = sa.and_(readers.c.state.in_(("stopped", "blocked")), readers.c.away_since >= since)
    row = connection.execute(
        sa.select(
            sa.func.count().filter(_ACTIVE).label("readers"),
            sa.func.count().filter(_ACTIVE, readers.c.joined_at >= since).label("joined"),
            sa.func.count().filter(left).label("gone"),
            sa.func.count().filter(_ACTIVE, readers.c.seen_at >= since).label("seen"),
        )
    ).one()
    erased = sa.select(sa.func.sum(days.c.erased)).where(days.c.day > since.date().isoformat())
    gone = row.gone + (connection.execute(erased).scalar() or 0)
    return People(row.readers, row.joined, gone, row.seen)


def most_opened(connection: Connection, since: datetime, most: int) -> list[Opened]:
    """The public stories that most readers opened since then."""
    # The plus keeps SQLite from going through the index of stories, and so through the whole table: 3 s, not 0.6.
    story = sa.literal_column("+told.story_id", told.c.story_id.type).label("story_id")
    counted = (
        sa.select(story, sa.func.count().label("readers"))
        .where(_OPENED, told.c.at >= since)
        .group_by(story)
        .subquery()
    )
    statement = (
        sa.select(counted.c.story_id, stories.c.headline, stories.c.title, counted.c.readers)
        .join(stories, stories.c.id == counted.c.story_id)
        .where(stories.c.private_feed_id.is_(None))
        .order_by(counted.c.readers.desc(), counted.c.story_id.desc())
        .limit(most)
    )
    return [
        Opened(row.story_id, row.headline or row.title, row.readers) for row in connection.execute(statement)
    ]


def opened_at(connection: Connection, since: datetime) -> dict[datetime, int]:
    """How many stories were opened in each quarter of an hour since then."""
    size = QUARTER // timedelta(microseconds=1)
    quarter = sa.cast(told.c.at, sa.Integer) / sa.literal_column(str(size))
    statement = (
        sa.select(sa.cast(quarter, sa.Integer).label("quarter"), sa.func.count().label("number"))
        .where(_OPENED, told.c.at >= since)
        .group_by(sa.literal_column("quarter"))
    )
    return {EPOCH + row.quarter * QUARTER: row.number for row in connection.execute(statement)}


def planned(connection: Connection) -> list[tuple[Timetable, int]]:
    """How many active readers have which timetable."""
    columns = (readers.c.zone, readers.c.digest_minutes, readers.c.days)
    statement = (
        sa.select(*columns, sa.func.count().label("number"))
        .where(_ACTIVE, sa.type_coerce(readers.c.digest_minutes, sa.Text) != sa.literal_column("'[]'"))
        .group_by(*columns)
    )
    return [
        (Timetable(row.digest_minutes, clock_of(row.zone), WEEKDAYS[row.days]), row.number)
        for row in connection.execute(statement)
    ]


def active(connection: Connection) -> int:
    """How many readers get messages."""
    return connection.execute(sa.select(sa.func.count()).where(_ACTIVE).select_from(readers)).scalar_one()


def note_day(connection: Connection, now: datetime, number: int) -> None:
    """Remember how many readers there are; the last number of a day stays."""
    row = {"day": now.date().isoformat(), "readers": number}
    statement = insert(days).values(row)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["day"], set_={"readers": statement.excluded.readers})
    )


def note_erased(connection: Connection, went_at: datetime) -> None:
    """Remember that one more reader went on that day, of whom nothing else is left."""
    statement = insert(days).values(day=went_at.date().isoformat(), erased=1)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["day"], set_={"erased": days.c.erased + 1})
    )


def days_since(connection: Connection, since: datetime) -> list[tuple[date, int]]:
    """How many readers there were on each day that was looked at since then, the first day first."""
    statement = (
        sa.select(days.c.day, days.c.readers)
        .where(days.c.day >= since.date().isoformat(), days.c.readers.is_not(None))
        .order_by(days.c.day)
    )
    return [(date.fromisoformat(row.day), row.readers) for row in connection.execute(statement)]


def prune_days(connection: Connection, before: datetime, most: int) -> int:
    """Forget up to `most` days from before."""
    old = sa.select(days.c.day).where(days.c.day < before.date().isoformat()).limit(most)
    return connection.execute(sa.delete(days).where(days.c.day.in_(old))).rowcount
