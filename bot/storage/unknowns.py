"""Deliveries in doubt: those that became unknown and that no editor has settled yet."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.domain.broadcasts import State as Stands
from bot.domain.delivery import Event, State, before
from bot.domain.unknowns import GOOD_FOR, Doubt, Kind, kind_of, reason
from bot.storage.broadcast_tables import broadcasts
from bot.storage.claims import stands
from bot.storage.stories import WITHDRAWN
from bot.storage.tables import deliveries, readers, stories

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

# In the words of the partial index, which is used for nothing else.
_UNKNOWN = deliveries.c.state == sa.literal_column("'unknown'")
_IN_DOUBT = sa.and_(_UNKNOWN, deliveries.c.settled_at.is_(None))
_WITH_READERS = (
    sa.select(
        deliveries.c.id,
        deliveries.c.chat_id,
        deliveries.c.dedupe,
        deliveries.c.broadcast_id,
        deliveries.c.reason,
        deliveries.c.ended_at,
        deliveries.c.again,
        readers.c.first_name,
        readers.c.state.label("reader"),
        sa.func.coalesce(sa.func.nullif(stories.c.headline, ""), stories.c.title).label("headline"),
    )
    .select_from(
        deliveries.join(readers, readers.c.chat_id == deliveries.c.chat_id).outerjoin(
            stories, stories.c.id == deliveries.c.story_id
        )
    )
    .where(_IN_DOUBT)
)
_changes = broadcasts.alias("changes")
_of_it = broadcasts.alias("of_it")
# Also what was corrected or withdrawn in part: its text was found wrong.
_CHANGED = sa.exists().where(
    _changes.c.parent_id == deliveries.c.broadcast_id,
    _changes.c.state != Stands.DRAFT,
    sa.or_(_changes.c.state != Stands.STOPPED, _changes.c.begun_at.is_not(None)),
)
_story = stories.alias("story")
_its_story = sa.select(_of_it.c.story_id).where(_of_it.c.id == deliveries.c.broadcast_id).scalar_subquery()
_TAKEN_DOWN = sa.exists().where(
    _story.c.id == sa.func.coalesce(deliveries.c.story_id, _its_story), _story.c.private_feed_id == WITHDRAWN
)
_OUTDATED = sa.or_(_CHANGED, _TAKEN_DOWN)
_NEWEST = (deliveries.c.ended_at.desc(), deliveries.c.id.desc())
_these = sa.func.json_each(sa.bindparam("ids", type_=sa.Text)).table_valued("value")
_ONE_OF_THESE = deliveries.c.id.in_(sa.select(_these.c.value))


def _doubt(row: Any) -> Doubt:  # noqa: ANN401 - a row of _WITH_READERS
    kind = kind_of(row.dedupe, row.broadcast_id)
    return Doubt(
        row.id,
        row.chat_id,
        row.first_name,
        kind,
        reason(row.reason),
        row.ended_at,
        row.broadcast_id,
        # What a reader follows is that reader's alone.
        (row.headline or "") if kind is Kind.BROADCAST else "",
        row.again,
        row.reader != "active",
    )


def numbers(connection: Connection) -> dict[int, int]:
    """How many are in doubt, by broadcast; those of none under 0."""
    own = sa.func.coalesce(deliveries.c.broadcast_id, 0).label("broadcast")
    statement = sa.select(own, sa.func.count().label("number")).where(_IN_DOUBT).group_by(own)
    return {row.broadcast: row.number for row in connection.execute(statement)}


def count(connection: Connection) -> int:
    """How many are in doubt."""
    return connection.execute(sa.select(sa.func.count()).where(_IN_DOUBT)).scalar_one()


def page(connection: Connection, most: int, skipped: int, broadcast_id: int = 0) -> list[Doubt]:
    """Those in doubt, the newest first; of one broadcast, or for 0 of everything."""
    statement = _WITH_READERS.order_by(*_NEWEST).limit(most).offset(skipped)
    if broadcast_id:
        statement = statement.where(deliveries.c.broadcast_id == broadcast_id)
    return [_doubt(row) for row in connection.execute(statement)]


def get(connection: Connection, delivery_id: int) -> Doubt | None:
    """One that is in doubt; None where it is not (any more)."""
    row = connection.execute(_WITH_READERS.where(deliveries.c.id == delivery_id)).first()
    return _doubt(row) if row else None


def these(connection: Connection, most: int, broadcast_id: int = 0) -> tuple[list[int], int]:
    """The newest in doubt, at most so many, and how many chats they are for; of one broadcast, or of everything."""
    statement = sa.select(deliveries.c.id, deliveries.c.chat_id).where(_IN_DOUBT).order_by(*_NEWEST)
    if broadcast_id:
        statement = statement.where(deliveries.c.broadcast_id == broadcast_id)
    rows = connection.execute(statement.limit(most)).all()
    return [row.id for row in rows], len({row.chat_id for row in rows})


def send_again(connection: Connection, ids: Iterable[int], now: datetime) -> list[int]:
    """Unknown -> planned, for those still in doubt whose text was not corrected or withdrawn since; returns them."""
    return _change(
        connection,
        ids,
        sa.and_(stands(*before(Event.SEND_AGAIN)), deliveries.c.settled_at.is_(None), ~_OUTDATED),
        state=State.PLANNED,
        again=True,
        not_before=now,
        expires_at=now + GOOD_FOR,
        ended_at=None,
        lease_until=None,
    )


def count_outdated(connection: Connection, ids: Iterable[int]) -> int:
    """How many of these are in doubt still and are not sent again: what they bring was corrected or withdrawn."""
    statement = sa.select(sa.func.count()).select_from(deliveries).where(_ONE_OF_THESE, _IN_DOUBT, _OUTDATED)
    return connection.execute(statement, {"ids": json.dumps(list(ids))}).scalar_one()


def leave(connection: Connection, ids: Iterable[int], now: datetime) -> list[int]:
    """Settle those still in doubt: they stay unknown, which counts as seen; returns them."""
    return _change(connection, ids, _IN_DOUBT, settled_at=now)


def take_back(connection: Connection, ids: Iterable[int]) -> list[int]:
    """Put those that were left, and are kept still, in doubt again; returns them."""
    left = sa.and_(_UNKNOWN, deliveries.c.settled_at.is_not(None))
    return _change(connection, ids, left, settled_at=None)


def _change(
    connection: Connection,
    ids: Iterable[int],
    guard: sa.ColumnElement[bool],
    **values: Any,  # noqa: ANN401 - columns of deliveries
) -> list[int]:
    statement = sa.update(deliveries).where(_ONE_OF_THESE, guard).values(**values).returning(deliveries.c.id)
    return list(connection.execute(statement, {"ids": json.dumps(list(ids))}).scalars())
