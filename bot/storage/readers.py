"""Readers, what they chose, and when their next digest is due."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.domain.news import Reader
from bot.storage.tables import plans, readers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_FIELDS = [readers.c[field.name] for field in fields(Reader)]


def _reader(row: Any) -> Reader:  # noqa: ANN401 - a row of _FIELDS
    return Reader(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping


def get(connection: Connection, chat_id: int) -> Reader | None:
    """The reader of a private chat; None for somebody new."""
    row = connection.execute(sa.select(*_FIELDS).where(readers.c.chat_id == chat_id)).first()
    return _reader(row) if row else None


def add(connection: Connection, reader: Reader) -> Reader:
    """Write a new reader down; one who is there already is returned as he or she is."""
    row = {field.name: getattr(reader, field.name) for field in fields(Reader)}
    connection.execute(insert(readers).values(row).on_conflict_do_nothing())
    return get(connection, reader.chat_id) or reader


def change(connection: Connection, chat_id: int, **values: Any) -> Reader | None:  # noqa: ANN401 - columns of readers
    """Set some of a reader's fields and return the reader; None if there is none."""
    statement = sa.update(readers).where(readers.c.chat_id == chat_id).values(values).returning(*_FIELDS)
    row = connection.execute(statement).first()
    return _reader(row) if row else None


def keep(connection: Connection, reader: Reader) -> None:
    """Write all fields of a reader who is there."""
    values = {field.name: getattr(reader, field.name) for field in fields(Reader)}
    connection.execute(sa.update(readers).where(readers.c.chat_id == reader.chat_id).values(values))


def zones(connection: Connection) -> list[str]:
    """The places that readers have, each once, in their order.

    One step of the index for each place: with a million readers it takes 10 ms, and 1.8 s to go through them all (measured).
    """
    first = sa.select(sa.func.min(readers.c.zone).label("zone")).cte("places", recursive=True)
    following = sa.select(sa.func.min(readers.c.zone)).where(readers.c.zone > first.c.zone).scalar_subquery()
    places = first.union_all(sa.select(following).where(first.c.zone.is_not(None)))
    statement = sa.select(places.c.zone).where(places.c.zone.is_not(None))
    return list(connection.execute(statement).scalars())


def plan(connection: Connection, chat_id: int, due_at: datetime | None) -> None:
    """Set when the reader's next digest is due; None for no digest."""
    if due_at is None:
        connection.execute(sa.delete(plans).where(plans.c.chat_id == chat_id))
        return
    statement = insert(plans).values(chat_id=chat_id, due_at=due_at)
    connection.execute(statement.on_conflict_do_update(index_elements=["chat_id"], set_={"due_at": due_at}))


def plan_all(connection: Connection, due: Mapping[int, datetime]) -> None:
    """The same for many chats that have a plan."""
    if due:
        statement = sa.update(plans).where(plans.c.chat_id == sa.bindparam("chat"))
        rows = [{"chat": chat_id, "due_at": due_at} for chat_id, due_at in due.items()]
        connection.execute(statement.values(due_at=sa.bindparam("due_at")), rows)


def cover(connection: Connection, until: Mapping[int, datetime]) -> None:
    """Set for many chats up to when stories are no news any more; with such a digest nothing counts as missed."""
    if until:
        statement = sa.update(readers).where(readers.c.chat_id == sa.bindparam("chat"))
        rows = [{"chat": chat_id, "covered_until": at} for chat_id, at in until.items()]
        connection.execute(statement.values(covered_until=sa.bindparam("covered_until"), missed=0), rows)


def due_at(connection: Connection, chat_id: int) -> datetime | None:
    """When the reader's next digest is due."""
    return connection.execute(sa.select(plans.c.due_at).where(plans.c.chat_id == chat_id)).scalar()


_DUE = sa.select(*_FIELDS, plans.c.due_at).join(plans, plans.c.chat_id == readers.c.chat_id)


def due(connection: Connection, now: datetime, most: int) -> list[tuple[Reader, datetime]]:
    """Readers whose digest is due, with the time it was due, the longest overdue first."""
    statement = _DUE.where(plans.c.due_at <= now).order_by(plans.c.due_at, plans.c.chat_id).limit(most)
    return [(Reader(*fields), due_at) for *fields, due_at in connection.execute(statement)]


def planned(connection: Connection, chat_ids: Sequence[int]) -> dict[int, tuple[Reader, datetime]]:
    """Those of these chats that have a plan: the reader, and when the next digest is due."""
    rows = connection.execute(_DUE.where(plans.c.chat_id.in_(chat_ids)))
    return {fields[0]: (Reader(*fields), due_at) for *fields, due_at in rows}


def pauses_over(connection: Connection, now: datetime, most: int) -> list[Reader]:
    """Up to `most` readers whose pause has ended."""
    over = sa.and_(readers.c.state == sa.literal_column("'paused'"), readers.c.paused_until <= now)
    statement = sa.select(*_FIELDS).where(over).order_by(readers.c.paused_until).limit(most)
    return [_reader(row) for row in connection.execute(statement)]


def oldest_plan(connection: Connection) -> datetime | None:
    """The earliest time at which a digest is due."""
    return connection.execute(sa.select(sa.func.min(plans.c.due_at))).scalar()


def counts(connection: Connection) -> dict[str, int]:
    """How many readers there are in each state."""
    statement = sa.select(readers.c.state, sa.func.count().label("number")).group_by(readers.c.state)
    return {row.state: row.number for row in connection.execute(statement)}
