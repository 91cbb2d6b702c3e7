"""Messages owed to chats. Each function is one transition of bot/domain/delivery.py, with its guard."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.domain.delivery import FINAL, State, Transition
from bot.domain.message import Message, from_document, to_document
from bot.domain.quiet import Wishes
from bot.storage.dialect import Whole
from bot.storage.tables import deliveries, lists, messages, readers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection


def _is(*states: State) -> sa.ColumnElement[bool]:
    """Whether a delivery is in one of these states, which are written out in the statement.

    With placeholders SQLite uses none of the partial indexes and reads the whole table (measured with 300,000 rows
    and 50,000 readers: 68 ms a claim, and 1 ms with them).
    """
    named: sa.BindParameter[list[str]] = sa.bindparam(
        None, [str(state) for state in states], expanding=True, literal_execute=True
    )
    return deliveries.c.state.in_(named)


_WAITING = _is(State.PLANNED, State.RETRY)
_HELD = _is(State.CLAIMED, State.SENDING)
_UNSENT = _is(State.PLANNED, State.CLAIMED, State.RETRY)
_ANSWER = timedelta(minutes=5)
"""How long after the end of its lease a message may still be on its way: a send begins before that end, and takes two
calls of 70 seconds at most, the second for its plain words alone.
"""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A claimed delivery.

    Attributes:
        own_hour: its reader chose the hour.
        wishes: what the reader wishes about pushes.
    """

    id: int
    chat_id: int
    message: Message
    attempts: int
    expires_at: datetime
    own_hour: bool
    wishes: Wishes


def keep_all(connection: Connection, made: Sequence[Message], now: datetime) -> list[int]:
    """Keep rendered messages and return their ids; the same message is kept once, however many chats get it."""
    prints: dict[int, str] = {}
    rows: dict[str, dict[str, Any]] = {}
    for message in made:
        if id(message) not in prints:
            document = to_document(message)
            fingerprint = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
            prints[id(message)] = fingerprint
            rows[fingerprint] = {"fingerprint": fingerprint, "document": document, "made_at": now}
    if not rows:
        return []
    connection.execute(insert(messages).on_conflict_do_nothing(), list(rows.values()))
    statement = sa.select(messages.c.fingerprint, messages.c.id).where(messages.c.fingerprint.in_(rows))
    kept = {row.fingerprint: row.id for row in connection.execute(statement)}
    return [kept[prints[id(message)]] for message in made]


@dataclass(frozen=True, slots=True)
class Debt:
    """A message owed to a chat.

    Attributes:
        dedupe: names the debt, so that it is noted once.
        list_id: the list it shows.
        own_hour: the reader chose the hour, so quiet hours do not hold it.
    """

    message_id: int
    chat_id: int
    dedupe: str
    list_id: int | None = None
    own_hour: bool = False


def plan_all(connection: Connection, debts: Iterable[Debt], now: datetime, expires_at: datetime) -> None:
    """Owe messages to chats; debts that were noted before are left as they are."""
    rows = [_row(debt, now, expires_at) for debt in debts]
    if rows:
        connection.execute(insert(deliveries).on_conflict_do_nothing(), rows)


def _row(debt: Debt, now: datetime, expires_at: datetime) -> dict[str, Any]:
    return {
        "dedupe": debt.dedupe,
        "message_id": debt.message_id,
        "chat_id": debt.chat_id,
        "list_id": debt.list_id,
        "state": State.PLANNED,
        "own_hour": debt.own_hour,
        "not_before": now,
        "expires_at": expires_at,
        "made_at": now,
    }


def claim(
    connection: Connection, epoch: int, now: datetime, lease_until: datetime, most: int
) -> list[Delivery]:
    """Take up to `most` deliveries that are due, the longest due first; what is too late expires instead."""
    is_due = sa.and_(_WAITING, deliveries.c.not_before <= now)
    late = sa.update(deliveries).where(is_due, deliveries.c.expires_at <= now)
    connection.execute(late.values(state=State.EXPIRED, ended_at=now, reason="its time had passed"))
    unreachable = sa.exists().where(readers.c.chat_id == deliveries.c.chat_id, readers.c.state != "active")
    lost = sa.update(deliveries).where(is_due, unreachable)
    connection.execute(lost.values(state=State.GONE, ended_at=now, reason="the reader is not active"))
    due = (
        sa.select(deliveries.c.id)
        .where(is_due)
        .order_by(deliveries.c.not_before, deliveries.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    taken = (
        sa.update(deliveries)
        .where(deliveries.c.id.in_(due))
        .values(state=State.CLAIMED, epoch=epoch, lease_until=lease_until)
        .returning(deliveries.c.id)
    )
    ids = list(connection.execute(taken).scalars())
    statement = (
        sa.select(deliveries, messages.c.document, readers.c.sound, readers.c.quiet, readers.c.zone)
        .join(messages, messages.c.id == deliveries.c.message_id)
        .join(readers, readers.c.chat_id == deliveries.c.chat_id)
        .where(deliveries.c.id.in_(ids))
        .order_by(deliveries.c.not_before, deliveries.c.id)
    )
    return [
        Delivery(
            row.id,
            row.chat_id,
            from_document(row.document),
            row.attempts,
            row.expires_at,
            row.own_hour,
            Wishes(row.sound, row.quiet, ZoneInfo(row.zone)),
        )
        for row in connection.execute(statement)
    ]


def start(connection: Connection, delivery_id: int, epoch: int, now: datetime) -> bool:
    """Claimed -> sending. False if the lease is over or the row is no longer ours: then nothing may be sent."""
    statement = (
        sa.update(deliveries)
        .where(
            deliveries.c.id == delivery_id,
            deliveries.c.state == State.CLAIMED,
            deliveries.c.epoch == epoch,
            deliveries.c.lease_until > now,
        )
        .values(state=State.SENDING, attempts=deliveries.c.attempts + 1)
    )
    return connection.execute(statement).rowcount > 0


def finish(
    connection: Connection, delivery_id: int, epoch: int, transition: Transition, now: datetime
) -> bool:
    """Sending -> what the answer made of it; a digest that was sent becomes the newest list of its chat."""
    values: dict[str, Any] = {"state": transition.state, "reason": transition.reason, "lease_until": None}
    if transition.state in FINAL:
        values["ended_at"] = now
    if transition.not_before is not None:
        values["not_before"] = transition.not_before
    if transition.sent_id:
        values["sent_id"] = transition.sent_id
    statement = (
        sa.update(deliveries)
        .where(
            deliveries.c.id == delivery_id, deliveries.c.state == State.SENDING, deliveries.c.epoch == epoch
        )
        .values(values)
        .returning(deliveries.c.list_id)
    )
    row = connection.execute(statement).first()
    if row is not None and row.list_id is not None and transition.sent_id:
        connection.execute(
            sa.update(lists).where(lists.c.id == row.list_id).values(message_id=transition.sent_id)
        )
    return row is not None


def give_back(connection: Connection, epoch: int, delivery_ids: list[int]) -> None:
    """Claimed -> planned, for what was not begun."""
    statement = sa.update(deliveries).where(
        deliveries.c.id.in_(delivery_ids), deliveries.c.state == State.CLAIMED, deliveries.c.epoch == epoch
    )
    connection.execute(statement.values(state=State.PLANNED, lease_until=None))


def hold(connection: Connection, held: Mapping[int, datetime], epoch: int, now: datetime) -> None:
    """Claimed -> planned, for later; what is held so long is news for as long after that as it was now."""
    statement = (
        sa.update(deliveries)
        .where(
            deliveries.c.id == sa.bindparam("delivery"),
            deliveries.c.state == State.CLAIMED,
            deliveries.c.epoch == epoch,
        )
        .values(
            state=State.PLANNED,
            lease_until=None,
            not_before=sa.bindparam("until"),
            expires_at=deliveries.c.expires_at + sa.bindparam("longer", type_=Whole),
        )
    )
    rows = [
        {"delivery": delivery_id, "until": until, "longer": (until - now) // timedelta(microseconds=1)}
        for delivery_id, until in held.items()
    ]
    if rows:
        connection.execute(statement, rows)


def recover(connection: Connection, epoch: int, now: datetime) -> tuple[int, int]:
    """What nobody works on any more: claimed -> planned, sending -> unknown.

    That is what an earlier run held, and what this one has held for so long that its outcome cannot have been
    written down (the disk was full, say).

    Returns:
        How many were planned again, and how many became unknown.
    """
    earlier = deliveries.c.epoch != epoch
    claimed = sa.update(deliveries).where(
        _HELD, deliveries.c.state == State.CLAIMED, sa.or_(earlier, deliveries.c.lease_until <= now)
    )
    again = connection.execute(claimed.values(state=State.PLANNED, lease_until=None)).rowcount
    sending = sa.update(deliveries).where(
        _HELD, deliveries.c.state == State.SENDING, sa.or_(earlier, deliveries.c.lease_until <= now - _ANSWER)
    )
    reason = "nobody has seen the end of sending this"
    lost = connection.execute(sending.values(state=State.UNKNOWN, ended_at=now, reason=reason)).rowcount
    return again, lost


def drop_for(connection: Connection, chat_id: int, now: datetime, reason: str) -> None:
    """Any unsent -> gone, when a chat can no longer be written to."""
    statement = sa.update(deliveries).where(deliveries.c.chat_id == chat_id, _UNSENT)
    connection.execute(statement.values(state=State.GONE, ended_at=now, reason=reason))


def counts(connection: Connection) -> dict[str, int]:
    """How many deliveries there are in each state."""
    statement = sa.select(deliveries.c.state, sa.func.count().label("number")).group_by(deliveries.c.state)
    return {row.state: row.number for row in connection.execute(statement)}


def oldest_due(connection: Connection, now: datetime) -> datetime | None:
    """Since when the delivery that waits longest has been due; None where none is."""
    statement = sa.select(sa.func.min(deliveries.c.not_before)).where(
        _WAITING, deliveries.c.not_before <= now
    )
    return connection.execute(statement).scalar()


def prune(connection: Connection, before: datetime, most: int) -> int:
    """Remove up to `most` deliveries that ended before."""
    old = sa.select(deliveries.c.id).where(deliveries.c.ended_at < before).limit(most)
    return connection.execute(sa.delete(deliveries).where(deliveries.c.id.in_(old))).rowcount


def prune_messages(connection: Connection, before: datetime, most: int) -> int:
    """Remove up to `most` messages made before that no delivery needs."""
    used = sa.exists().where(deliveries.c.message_id == messages.c.id)
    unused = sa.select(messages.c.id).where(messages.c.made_at < before, ~used).limit(most)
    return connection.execute(sa.delete(messages).where(messages.c.id.in_(unused))).rowcount
