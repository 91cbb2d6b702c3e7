"""Whom a broadcast is for: counted before it is sent, and gone through while it is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa

from bot.domain.broadcasts import LATELY, Audience, Broadcast, Op, State
from bot.domain.delivery import UNSENT
from bot.domain.delivery import State as Sent
from bot.domain.places import clock_of
from bot.domain.quiet import Quiet, quiet_until
from bot.domain.schedule import at_clock, local_day
from bot.storage.broadcast_tables import broadcasts
from bot.storage.claims import AS_IT_IS
from bot.storage.dialect import EPOCH, Whole
from bot.storage.readers import zones
from bot.storage.tables import deliveries, messages, readers, told

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_ACTIVE = sa.and_(readers.c.state == sa.literal_column("'active'"), readers.c.step == "done")
_TWO_DAYS: Final = timedelta(days=2)
"""Nobody's local day began longer ago."""


class Chosen(NamedTuple):
    """A reader who shall have a broadcast: chat, language of the interface, place, quiet hours, and whether it is known there."""

    chat_id: int
    language: str
    zone: str
    quiet: Quiet | None
    had: bool = False


class Got(NamedTuple):
    """A message that a broadcast brought: its delivery, its number in its chat, and whom it is for.

    `plain` says that its plain words alone were sent.
    """

    delivery_id: int
    sent_id: int
    ended_at: datetime
    chat_id: int
    language: str
    zone: str
    plain: bool = False


def _one_of(column: sa.Column[Any], names: Sequence[str]) -> sa.ColumnElement[bool]:
    """Whether a reader's choice has one of these names; who has chosen nothing has chosen all."""
    each = sa.func.json_each(column).table_valued("value")
    one = sa.exists(sa.select(sa.literal(1)).select_from(each).where(each.c.value.in_(list(names))))
    return sa.or_(column == (), one)


def _aimed(found: Broadcast, now: datetime) -> sa.ColumnElement[bool]:
    wanted = [_ACTIVE]
    if found.aim.languages:
        wanted.append(_one_of(readers.c.languages, found.aim.languages))
    if found.aim.desk:
        wanted.append(_one_of(readers.c.desks, [found.aim.desk]))
    if found.aim.lately:
        wanted.append(readers.c.seen_at > now - LATELY)
    return sa.and_(*wanted)


def _had(found: Broadcast) -> sa.ColumnElement[bool]:
    return sa.false() if found.aim.again else _told(found)


def _told(found: Broadcast) -> sa.ColumnElement[bool]:
    if found.story_id is None:
        return sa.false()
    return sa.exists().where(told.c.chat_id == readers.c.chat_id, told.c.story_id == found.story_id)


def _over(connection: Connection, found: Broadcast, cap: int, now: datetime) -> sa.ColumnElement[bool]:
    """Whether a reader has had `cap` broadcasts on this local day; 0 is no cap."""
    lately = sa.select(broadcasts.c.id).where(
        broadcasts.c.begun_at > now - _TWO_DAYS,
        broadcasts.c.op == Op.SEND,
        broadcasts.c.parent_id.is_(None),
        broadcasts.c.id != found.id,
        broadcasts.c.state != State.DRAFT,
    )
    others = list(connection.execute(lately).scalars())
    if not cap or len(others) < cap:
        return sa.false()
    starts = {zone: _day_began(zone, now) for zone in zones(connection)}
    began = sa.case(starts, value=readers.c.zone, else_=0)
    counts = (*sorted(UNSENT), Sent.SENDING, Sent.SENT, Sent.UNKNOWN)
    today = sa.select(sa.func.count()).where(
        deliveries.c.chat_id == readers.c.chat_id,
        # The plus keeps SQLite from going through the broadcast's deliveries for each reader.
        sa.literal_column("+deliveries.broadcast_id", Whole).in_(others),
        deliveries.c.op == Op.SEND,
        deliveries.c.state.in_(counts),
        sa.type_coerce(deliveries.c.not_before, Whole) >= began,
    )
    return today.correlate(readers).scalar_subquery() >= cap


def _day_began(zone: str, now: datetime) -> int:
    """When the local day began, in microseconds since 1970."""
    place = clock_of(zone)
    return (at_clock(local_day(now, place), 0, place) - EPOCH) // timedelta(microseconds=1)


def count(connection: Connection, found: Broadcast, cap: int, now: datetime) -> Audience:
    """Whom a broadcast would reach now, and who is left out for which reason."""
    aimed, had, willing = _aimed(found, now), _had(found), readers.c.editors == 1
    over = _over(connection, found, cap, now)
    gets = sa.and_(~had, willing, ~over)
    row = connection.execute(
        sa.select(
            sa.func.count().filter(gets).label("readers"),
            sa.func.count().filter(had).label("had"),
            sa.func.count().filter(~had, ~willing).label("unwilling"),
            sa.func.count().filter(~had, willing, over).label("over"),
        ).where(aimed)
    ).one()
    ends: dict[datetime, int] = {}
    if not found.silent:
        wishes = (
            sa.select(readers.c.quiet, readers.c.zone, sa.func.count().label("number"))
            .where(aimed, gets, readers.c.quiet.is_not(None))
            .group_by(readers.c.quiet, readers.c.zone)
        )
        for one in connection.execute(wishes):
            until = quiet_until(now, one.quiet, clock_of(one.zone))
            if until is not None:
                ends[until] = ends.get(until, 0) + one.number
    return Audience(
        row.readers,
        sum(ends.values()),
        max(ends) if ends else None,
        row.had,
        row.unwilling,
        row.over,
        _by_language(connection),
    )


def _by_language(connection: Connection) -> dict[str, int]:
    each = sa.func.json_each(readers.c.languages).table_valued("value")
    read = (
        sa.select(each.c.value, sa.func.count().label("number"))
        .select_from(readers.join(each, sa.true()))
        .where(_ACTIVE)
        .group_by(each.c.value)
    )
    return {str(one.value): one.number for one in connection.execute(read)}


def held_until(found: Broadcast, one: Chosen, now: datetime) -> datetime | None:
    """When a reader's quiet hours end, where they hold this broadcast now."""
    return None if found.silent else quiet_until(now, one.quiet, clock_of(one.zone))


def following(connection: Connection, found: Broadcast, cap: int, now: datetime, most: int) -> list[Chosen]:
    """Up to `most` readers behind the last one considered who shall have it; fewer where no reader is left."""
    had = _told(found) if found.aim.again else sa.false()
    statement = (
        sa.select(readers.c.chat_id, readers.c.language, readers.c.zone, readers.c.quiet, had)
        .where(_aimed(found, now), readers.c.editors == 1, ~_had(found), ~_over(connection, found, cap, now))
        .order_by(readers.c.chat_id)
        .limit(most)
    )
    if found.up_to is not None:
        statement = statement.where(readers.c.chat_id > found.up_to)
    return [Chosen(*row) for row in connection.execute(statement)]


def reached(connection: Connection, parent_id: int, after_id: int, most: int) -> list[Got]:
    """Up to `most` messages that a broadcast has brought, those behind the last one considered."""
    statement = (
        sa.select(
            deliveries.c.id,
            deliveries.c.sent_id,
            deliveries.c.ended_at,
            deliveries.c.chat_id,
            readers.c.language,
            readers.c.zone,
            # A message goes out plain for everybody only where nobody had got the whole.
            sa.or_(deliveries.c.plain == 1, messages.c.mode != AS_IT_IS),
        )
        .join(readers, readers.c.chat_id == deliveries.c.chat_id)
        .join(messages, messages.c.id == deliveries.c.message_id)
        .where(_brought(parent_id), deliveries.c.id > after_id)
        .order_by(deliveries.c.id)
        .limit(most)
    )
    return [Got(*row) for row in connection.execute(statement)]


def _brought(parent_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(
        deliveries.c.broadcast_id == parent_id,
        deliveries.c.state == Sent.SENT,
        deliveries.c.op == Op.SEND,
        deliveries.c.sent_id.is_not(None),
    )


def count_reached(connection: Connection, parent_id: int, since: datetime) -> tuple[int, int]:
    """How many messages a broadcast has brought, and how many of them since then."""
    newer = sa.func.count().filter(deliveries.c.ended_at > since)
    row = connection.execute(sa.select(sa.func.count(), newer).where(_brought(parent_id))).one()
    return int(row[0]), int(row[1])


def resting(connection: Connection, parent_id: int, after_id: int, most: int) -> list[Got]:
    """Up to `most` deliveries of a broadcast that rests and have not left, those behind the last one considered."""
    statement = (
        sa.select(
            deliveries.c.id,
            sa.literal(0),
            deliveries.c.made_at,
            deliveries.c.chat_id,
            readers.c.language,
            readers.c.zone,
        )
        .join(readers, readers.c.chat_id == deliveries.c.chat_id)
        .where(
            deliveries.c.broadcast_id == parent_id,
            deliveries.c.state.in_((Sent.PLANNED, Sent.RETRY)),
            deliveries.c.id > after_id,
        )
        .order_by(deliveries.c.id)
        .limit(most)
    )
    return [Got(*row) for row in connection.execute(statement)]


def show_instead(connection: Connection, messages: Sequence[tuple[int, int]]) -> None:
    """Let deliveries that have not left bring another message: pairs of delivery and message."""
    statement = (
        sa.update(deliveries)
        .where(deliveries.c.id == sa.bindparam("delivery"), deliveries.c.state.in_(sorted(UNSENT)))
        .values(message_id=sa.bindparam("instead"))
    )
    if messages:
        rows = [{"delivery": delivery, "instead": message} for delivery, message in messages]
        connection.execute(statement, rows)
