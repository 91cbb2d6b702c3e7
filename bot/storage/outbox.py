"""Messages owed to chats: what is planned, counted, dropped and removed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.domain.delivery import UNSENT, State
from bot.domain.message import Message, to_document
from bot.storage.claims import stands
from bot.storage.tables import deliveries, messages

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import Connection


_WAITING = stands(State.PLANNED, State.RETRY)
_UNSENT = stands(*sorted(UNSENT))


class Lane(IntEnum):
    """Who goes first where much is due; each lane has its share (`bot/storage/claims.py`)."""

    NOTICE = 0
    """What comes at once: to one reader, or about one story that is followed."""
    DIGEST = 1
    BROADCAST = 2


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
        lane: who goes first.
        story_id: the story it brings; None for a list, or for what is no news.
        broadcast_id: the broadcast that it is part of.
        not_before: when it may leave; None for at once.
        op: what is done: `send` a message, or `edit` or `delete` the one that is `target`.
        target: a message of the chat; of one that is sent, what it answers.
        plain: whether its plain words alone are sent.
    """

    message_id: int
    chat_id: int
    dedupe: str
    list_id: int | None = None
    own_hour: bool = False
    lane: Lane = Lane.NOTICE
    story_id: int | None = None
    broadcast_id: int | None = None
    not_before: datetime | None = None
    op: str = "send"
    target: int | None = None
    plain: bool = False


def plan_all(connection: Connection, debts: Iterable[Debt], now: datetime, expires_at: datetime) -> None:
    """Owe messages to chats; debts that were noted before are left as they are."""
    rows = [_row(debt, now, expires_at) for debt in debts]
    if rows:
        connection.execute(insert(deliveries).on_conflict_do_nothing(), rows)


def owe(
    connection: Connection,
    chat_id: int,
    message: Message,
    dedupe: str,
    now: datetime,
    good_for: timedelta,
    *,
    own_hour: bool = False,
) -> None:
    """Owe one chat one message, at once, for as long as it is news (`good_for`).

    `dedupe` names the debt, so that it is noted once; what comes at its reader's `own_hour` no quiet hours hold.
    """
    (message_id,) = keep_all(connection, [message], now)
    plan_all(connection, [Debt(message_id, chat_id, dedupe, own_hour=own_hour)], now, now + good_for)


def _row(debt: Debt, now: datetime, expires_at: datetime) -> dict[str, Any]:
    return {
        "dedupe": debt.dedupe,
        "message_id": debt.message_id,
        "chat_id": debt.chat_id,
        "list_id": debt.list_id,
        "state": State.PLANNED,
        "own_hour": debt.own_hour,
        "lane": debt.lane,
        "story_id": debt.story_id,
        "broadcast_id": debt.broadcast_id,
        "op": debt.op,
        "target": debt.target,
        "plain": debt.plain,
        "not_before": debt.not_before or now,
        "expires_at": expires_at,
        "made_at": now,
    }


def early_digests(connection: Connection, chat_id: int, now: datetime) -> list[tuple[int, int]]:
    """Digests of a chat that were composed before their hour and wait for it: their numbers, and those of their lists."""
    statement = sa.select(deliveries.c.id, deliveries.c.list_id).where(
        deliveries.c.chat_id == chat_id,
        deliveries.c.state == State.PLANNED,
        deliveries.c.lane == Lane.DIGEST,
        deliveries.c.not_before > now,
        deliveries.c.attempts == 0,
        deliveries.c.list_id.is_not(None),
    )
    return [(row.id, row.list_id) for row in connection.execute(statement)]


def unsent(connection: Connection, chat_id: int) -> list[int]:
    """The deliveries of a chat that have not left."""
    statement = sa.select(deliveries.c.id).where(deliveries.c.chat_id == chat_id, _UNSENT)
    return list(connection.execute(statement).scalars())


def drop_for(connection: Connection, chat_id: int, now: datetime, reason: str) -> None:
    """Any unsent -> gone, when a chat can no longer be written to."""
    statement = sa.update(deliveries).where(deliveries.c.chat_id == chat_id, _UNSENT)
    connection.execute(statement.values(state=State.GONE, ended_at=now, reason=reason))


def counts(connection: Connection) -> dict[str, int]:
    """How many deliveries there are in each state."""
    statement = sa.select(deliveries.c.state, sa.func.count().label("number")).group_by(deliveries.c.state)
    return {row.state: row.number for row in connection.execute(statement)}


def is_sending(connection: Connection) -> bool:
    """Whether any delivery is on its way."""
    # In the words of the partial index: without them it would read all that was ever sent.
    its = sa.and_(stands(State.CLAIMED, State.SENDING), deliveries.c.state == State.SENDING)
    statement = sa.select(deliveries.c.id).where(its)
    return connection.execute(statement.limit(1)).first() is not None


def last_end(connection: Connection) -> datetime | None:
    """When a delivery ended last; None where none has."""
    return connection.execute(sa.select(sa.func.max(deliveries.c.ended_at))).scalar()


def oldest_due(connection: Connection, now: datetime) -> datetime | None:
    """Since when the delivery that waits longest has been due; None where none is."""
    statement = sa.select(sa.func.min(deliveries.c.not_before)).where(
        _WAITING, deliveries.c.not_before <= now
    )
    return connection.execute(statement).scalar()


def prune(connection: Connection, before: datetime, most: int) -> int:
    """Remove up to `most` deliveries that ended before, but for unknown ones that no editor has settled yet."""
    unsettled = sa.and_(deliveries.c.state == State.UNKNOWN, deliveries.c.settled_at.is_(None))
    old = sa.select(deliveries.c.id).where(deliveries.c.ended_at < before, ~unsettled).limit(most)
    return connection.execute(sa.delete(deliveries).where(deliveries.c.id.in_(old))).rowcount


def prune_messages(connection: Connection, before: datetime, most: int) -> int:
    """Remove up to `most` messages made before that no delivery needs."""
    used = sa.exists().where(deliveries.c.message_id == messages.c.id)
    unused = sa.select(messages.c.id).where(messages.c.made_at < before, ~used).limit(most)
    return connection.execute(sa.delete(messages).where(messages.c.id.in_(unused))).rowcount
