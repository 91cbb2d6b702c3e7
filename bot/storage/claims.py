"""Claims on the outbox: what is due, of each lane its share, and what may leave of it, must wait, or has ended."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa

from bot.domain.delivery import MISSED, Event, State, before
from bot.domain.message import Message, from_document
from bot.domain.places import clock_of
from bot.domain.quiet import Manner, Wishes, manner
from bot.errors import DatabaseError
from bot.storage.dialect import EPOCH, Whole
from bot.storage.prepared import Prepared
from bot.storage.tables import deliveries, messages, meta, readers
from bot.storage.unseen import unsee

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, MutableMapping, Sequence

    from sqlalchemy import Connection

LANES: Final = (4, 2, 1)
"""How many of each lane go together where all have something due: notices and what comes at once, digests, broadcasts."""
A_CHAT: Final = 3
"""Deliveries of one chat that are under way together; it takes no more at once, and the others would wait behind it."""
AS_IT_IS, PLAIN, STOPPED = "as it is", "plain", "stopped"
"""How a message goes out: whole, with its plain words alone, or not at all."""


def stands(*states: State) -> sa.ColumnElement[bool]:
    """Whether a delivery is in one of these states, written out in the statement.

    With placeholders SQLite uses none of the partial indexes and reads the whole table (measured with 300,000 rows
    and 50,000 readers: 68 ms a claim, and 1 ms with them).
    """
    return deliveries.c.state.in_([sa.literal_column(f"'{state}'") for state in states])


class Fenced(DatabaseError):
    """A newer worker has begun: this one may not touch the outbox any more."""


class Delivery(NamedTuple):
    """A claimed delivery.

    Attributes:
        message: what is sent, without a sound where its reader wishes so.
        op: what is done with it: `send` a message, or `edit` or `delete` the one that is `target`.
        target: a message of the chat; of one that is sent, what it answers.
        plain: whether its plain words alone are sent, since the whole was refused.
    """

    id: int
    chat_id: int
    message_id: int
    message: Message
    attempts: int
    expires_at: datetime
    list_id: int | None = None
    broadcast_id: int | None = None
    op: str = "send"
    target: int | None = None
    plain: bool = False


@dataclass(slots=True)
class Claimed:
    """What a claim found.

    Attributes:
        leaving: what may be sent now.
        looked_at: how many rows were due; 0 means that there is nothing to do.
    """

    leaving: list[Delivery] = field(default_factory=list)
    looked_at: int = 0


class _Due(NamedTuple):
    """A row that is due and its reader's wishes, in the order of the columns of `_WITH_READERS` and as they are kept."""

    id: int
    chat_id: int
    message_id: int
    list_id: int | None
    broadcast_id: int | None
    attempts: int
    expires_at: int
    own_hour: int
    op: str
    target: int | None
    plain: int
    reader: str
    sound: int
    quiet: str | None
    zone: str


_busy = sa.func.json_each(sa.bindparam("busy", type_=sa.Text)).table_valued("value")
_these = sa.func.json_each(sa.bindparam("ids", type_=sa.Text)).table_valued("value")
_WITH_READERS = Prepared(
    sa.select(
        deliveries.c.id,
        deliveries.c.chat_id,
        deliveries.c.message_id,
        deliveries.c.list_id,
        deliveries.c.broadcast_id,
        deliveries.c.attempts,
        deliveries.c.expires_at,
        deliveries.c.own_hour,
        deliveries.c.op,
        deliveries.c.target,
        deliveries.c.plain,
        readers.c.state.label("reader"),
        readers.c.sound,
        readers.c.quiet,
        readers.c.zone,
    )
    .join(readers, readers.c.chat_id == deliveries.c.chat_id)
    .where(
        stands(*before(Event.CLAIM)),
        deliveries.c.lane == sa.bindparam("lane"),
        deliveries.c.not_before <= sa.bindparam("now"),
        deliveries.c.chat_id.not_in(sa.select(_busy.c.value)),
    )
    .order_by(deliveries.c.not_before, deliveries.c.id)
    .limit(sa.bindparam("most"))
    .with_for_update(of=deliveries, skip_locked=True)
)
_EPOCH = Prepared(sa.select(meta.c.value).where(meta.c.name == "epoch"))
_IT = deliveries.c.id == sa.bindparam("delivery")
_CLAIM = Prepared(
    sa.update(deliveries)
    .where(deliveries.c.id.in_(sa.select(_these.c.value)))
    .values(state=State.CLAIMED, epoch=sa.bindparam("mine"), lease_until=sa.bindparam("lease"))
)
_END = (
    sa.update(deliveries)
    .where(_IT)
    .values(state=sa.bindparam("end"), ended_at=sa.bindparam("at"), reason=sa.bindparam("why"))
)
_WAIT = (
    sa.update(deliveries)
    .where(_IT)
    .values(
        state=State.PLANNED,
        lease_until=None,
        not_before=sa.bindparam("until"),
        expires_at=deliveries.c.expires_at + sa.bindparam("longer", type_=Whole),
    )
)


def fence(connection: Connection, epoch: int) -> None:
    """Make sure that no newer worker has begun.

    Raises:
        Fenced: one has.
    """
    ((newest,),) = _EPOCH.rows(connection)
    if int(newest) > epoch:
        raise Fenced("Another newsroom sends on this database now; this one stops.")


def claim(
    connection: Connection,
    epoch: int,
    now: datetime,
    lease_until: datetime,
    most: int,
    *,
    under_way: Mapping[int, int] | None = None,
    known: MutableMapping[int, tuple[Message, str]] | None = None,
) -> Claimed:
    """Take up to `most` deliveries that are due, of each lane its share, the longest due first.

    What is too late expires, what is for a reader who is not active ends, and what must wait for quiet hours waits. Of a
    chat that has `A_CHAT` under way nothing is taken.

    Args:
        connection: a transaction.
        epoch: the worker's.
        now: the time.
        lease_until: how long they are this worker's.
        most: how many rows are looked at.
        under_way: deliveries that this worker has under way already, each with its chat; none of them is taken again.
        known: messages that were read before, by id, with how they go out; those met are added.

    Raises:
        Fenced: a newer worker has begun.
    """
    fence(connection, epoch)
    known, under_way = {} if known is None else known, under_way or {}
    busy = Counter(under_way.values())
    due = _due(connection, now, most, [chat for chat, number in busy.items() if number >= A_CHAT])
    # What may be tried again at once is due before the worker that tried it has heard so.
    rows = [row for row in due if row.id not in under_way]
    _learn(connection, {row.message_id for row in rows} - known.keys(), known)
    ways: dict[Any, Manner] = {}
    found, ends, held = Claimed(looked_at=len(rows)), list[tuple[int, State, str]](), dict[int, datetime]()
    for row in rows:
        judged = _judge(row, known, ways, now)
        match judged:
            case Delivery():
                if busy[row.chat_id] < A_CHAT:
                    busy[row.chat_id] += 1
                    found.leaving.append(judged)
            case datetime():
                held[row.id] = judged
            case (state, why):
                ends.append((row.id, state, why))
    if found.leaving:
        ids = json.dumps([one.id for one in found.leaving])
        _CLAIM.change(connection, ids=ids, mine=epoch, lease=lease_until)
    end(connection, ends, now)
    _hold(connection, held, now)
    return found


def _due(connection: Connection, now: datetime, most: int, busy: Collection[int]) -> list[_Due]:
    """What is due, of each lane its share; what one lane does not need is the others'."""
    blocked = json.dumps(list(busy))
    lanes = [
        [*map(_Due._make, _WITH_READERS.rows(connection, lane=lane, now=now, most=most, busy=blocked))]
        for lane in range(len(LANES))
    ]
    turns = sorted(
        (place // share, number, place)
        for number, share in enumerate(LANES)
        for place in range(len(lanes[number]))
    )
    return [lanes[number][place] for _, number, place in turns[:most]]


def _learn(
    connection: Connection, wanted: Collection[int], known: MutableMapping[int, tuple[Message, str]]
) -> None:
    """Read the messages that are not known yet; one that cannot be read is left out."""
    if not wanted:
        return
    columns = (messages.c.id, messages.c.document, messages.c.mode)
    for row in connection.execute(sa.select(*columns).where(messages.c.id.in_(wanted))):
        try:
            known[row.id] = (from_document(row.document), row.mode)
        except (KeyError, TypeError, ValueError):
            continue


def _judge(
    row: _Due,
    known: Mapping[int, tuple[Message, str]],
    ways: dict[Any, Manner],
    now: datetime,
) -> Delivery | datetime | tuple[State, str]:
    """What becomes of a row that is due: it leaves, waits until then, or has ended.

    `ways` remembers how pushes may leave now; most readers of an hour wish the same.
    """
    expires_at = EPOCH + timedelta(microseconds=row.expires_at)
    if expires_at <= now:
        return State.EXPIRED, "its time had passed"
    if row.reader != "active":
        return State.GONE, "the reader is not active"
    if row.message_id not in known:
        return State.FAILED, "its message cannot be read"
    message, mode = known[row.message_id]
    if mode == STOPPED:
        return State.FAILED, "Telegram refuses this message for everybody"
    how = ways.get((row.sound, row.quiet, row.zone, row.own_hour))
    if how is None:
        quiet = None if row.quiet is None else tuple(json.loads(row.quiet))
        wishes = Wishes(bool(row.sound), quiet, clock_of(row.zone))
        how = manner(now, wishes, own_hour=bool(row.own_hour))
        ways[row.sound, row.quiet, row.zone, row.own_hour] = how
    if how.held_until is not None:
        return how.held_until
    if how.silent and not message.silent:
        message = replace(message, silent=True)
    return Delivery(
        row.id,
        row.chat_id,
        row.message_id,
        message,
        row.attempts,
        expires_at,
        row.list_id,
        row.broadcast_id,
        row.op,
        row.target,
        plain=bool(row.plain) or mode == PLAIN,
    )


def end(connection: Connection, ends: Sequence[tuple[int, State, str]], now: datetime) -> None:
    """Unsent -> an end, each with its reason; the caller knows that they are unsent."""
    rows = [{"delivery": one, "end": state, "at": now, "why": why} for one, state, why in ends]
    if rows:
        connection.execute(_END, rows)
    unsee(connection, [one for one, state, _ in ends if state in MISSED], now)


def _hold(connection: Connection, held: Mapping[int, datetime], now: datetime) -> None:
    """Due -> for later; what is held so long is news for as long after that as it was now."""
    rows = [
        {"delivery": one, "until": until, "longer": (until - now) // timedelta(microseconds=1)}
        for one, until in held.items()
    ]
    if rows:
        connection.execute(_WAIT, rows)
