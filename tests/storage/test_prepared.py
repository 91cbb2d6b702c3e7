"""Statements that go past SQLAlchemy: what they take, what they return, and how they fail."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from bot.domain.delivery import State
from bot.errors import DatabaseBusy
from bot.storage.database import Database, engine
from bot.storage.dialect import EPOCH, Moment
from bot.storage.prepared import Prepared
from bot.storage.tables import meta

FIND = Prepared(sa.select(meta.c.value).where(meta.c.name == sa.bindparam("called")))
NAME = Prepared(sa.update(meta).values(value=sa.bindparam("new")).where(meta.c.name == "epoch"))
NOWHERE = Prepared(sa.select(sa.column("value")).select_from(sa.table("nowhere")))


async def test_rows_and_changes_are_those_of_sqlalchemy(db: Database) -> None:
    assert await db.write(lambda c: NAME.change(c, new="7")) == 1
    assert await db.read(lambda c: FIND.rows(c, called="epoch")) == [("7",)]
    assert await db.read(lambda c: FIND.rows(c, called="nothing")) == []


async def test_a_time_and_a_state_go_in_as_they_are_kept(db: Database) -> None:
    later = EPOCH.replace(year=2027)
    both = Prepared(sa.select(sa.bindparam("at", type_=Moment), sa.literal(State.SENT, sa.Text)))
    kept = (later - EPOCH).total_seconds() * 1e6
    assert await db.read(lambda c: both.rows(c, at=later)) == [(kept, "sent")]
    with pytest.raises(ValueError, match="without a zone"):
        await db.read(lambda c: both.rows(c, at=later.replace(tzinfo=None)))


@pytest.mark.parametrize("given", [{}, {"called": "epoch", "new": "7"}, {"cold": "epoch"}])
async def test_other_parameters_than_those_asked_for_are_refused(db: Database, given: dict[str, str]) -> None:
    with pytest.raises(TypeError, match="called"):
        await db.read(lambda c: FIND.rows(c, **given))


def test_without_a_transaction_nothing_is_done(db: Database) -> None:
    with engine(db.path).connect() as connection, pytest.raises(RuntimeError, match="no transaction"):
        NAME.change(connection, new="7")


async def test_what_sqlite_refuses_is_raised_as_sqlalchemy_would(db: Database) -> None:
    with pytest.raises(DBAPIError, match="no such table: nowhere"):
        await db.read(NOWHERE.rows)
    with pytest.raises(DBAPIError, match=r"NOT NULL constraint failed") as caught:
        await db.write(lambda c: NAME.change(c, new=None))
    assert "parameters" not in str(caught.value)
    assert await db.read(lambda c: FIND.rows(c, called="epoch")) != [(None,)]


async def test_a_lock_that_is_not_given_up_is_told_in_plain_words(db: Database) -> None:
    other = engine(db.path, busy=0.0)
    impatient = Database(db.path, owner=False, busy=0.0)
    with other.begin(), pytest.raises(DatabaseBusy, match="locked by another program"):
        await impatient.write(FIND.rows, called="epoch")
    await impatient.close()
    other.dispose()
