"""What becomes of claimed deliveries: each function is one event of bot/domain/delivery.py for many rows, with its guard.

Many rows share a statement, a transaction and a commit: one by one, the three commits of a delivery took seven eighths
of the time of sending it (docs/benchmarks.md).
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa

from bot.domain.delivery import END_UNSEEN, FINAL, MISSED, Event, State, before
from bot.storage.claims import AS_IT_IS, PLAIN, STOPPED, fence, stands
from bot.storage.dialect import Whole
from bot.storage.prepared import Prepared
from bot.storage.tables import deliveries, lists, messages
from bot.storage.unseen import unsee

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.domain.delivery import Transition
    from bot.storage.claims import Delivery

_ANSWER: Final = timedelta(minutes=5)
"""How long after the end of its lease a message may still be on its way: a send begins before that end."""
POISONED: Final = 20
"""Readers for whom Telegram refuses a message that nobody has got, before it is tried another way."""


class Ending(NamedTuple):
    """A delivery that was being sent, and what became of it."""

    delivery: Delivery
    transition: Transition
    about_content: bool = False


_IT = deliveries.c.id == sa.bindparam("delivery")
_OWN = sa.and_(_IT, deliveries.c.epoch == sa.bindparam("mine"))
_GIVE_BACK = (
    sa.update(deliveries)
    .where(_OWN, stands(*before(Event.GIVE_BACK)))
    .values(state=State.PLANNED, lease_until=None)
)
_GIVE_BACK_UNTIL = _GIVE_BACK.values(not_before=sa.bindparam("until"))
_ids = sa.func.json_each(sa.bindparam("ids", type_=sa.Text)).table_valued("value")
_BEGIN = Prepared(
    sa.update(deliveries)
    .where(
        deliveries.c.id.in_(sa.select(_ids.c.value)),
        stands(*before(Event.BEGIN)),
        deliveries.c.epoch == sa.bindparam("mine"),
        deliveries.c.lease_until > sa.bindparam("now"),
    )
    .values(state=State.SENDING, attempts=deliveries.c.attempts + 1)
    .returning(deliveries.c.id)
)
# One JSON object, of the numbers of deliveries and of their messages, instead of a row of parameters for each: those
# took SQLAlchemy longer than all else together (measured: 14 and 4 µs a delivery).
_arrived = sa.func.json_each(sa.bindparam("arrived", type_=sa.Text)).table_valued("key", "value")
_SENT = Prepared(
    sa.update(deliveries)
    .where(
        deliveries.c.id == sa.cast(_arrived.c.key, Whole),
        stands(State.SENDING),
        deliveries.c.epoch == sa.bindparam("mine"),
    )
    .values(
        state=State.SENT,
        sent_id=sa.func.nullif(_arrived.c.value, 0),
        ended_at=sa.bindparam("at"),
        lease_until=None,
        reason="",
    )
)
_FINISH = (
    sa.update(deliveries)
    .where(_OWN, stands(State.SENDING))
    .values(
        state=sa.bindparam("end"),
        ended_at=sa.bindparam("at"),
        reason=sa.bindparam("why"),
        not_before=sa.bindparam("until"),
        plain=sa.bindparam("bare"),
        lease_until=None,
    )
)
_SHOWS = (
    sa.update(lists).where(lists.c.id == sa.bindparam("listing")).values(message_id=sa.bindparam("message"))
)


def give_back(connection: Connection, epoch: int, ids: Iterable[int], until: datetime | None = None) -> None:
    """Claimed -> planned, for what was not begun; with `until`, not before then."""
    rows: list[dict[str, Any]] = [{"delivery": one, "mine": epoch} for one in ids]
    if rows and until is None:
        connection.execute(_GIVE_BACK, rows)
    elif rows:
        connection.execute(_GIVE_BACK_UNTIL, [row | {"until": until} for row in rows])


def begin(connection: Connection, epoch: int, ids: Sequence[int], now: datetime) -> set[int]:
    """Claimed -> sending; returns those of which this is true. What is not among them may not be sent.

    Its lease is over, or it is no longer this worker's: cancelled, dropped, or taken back by a newer one.
    """
    if not ids:
        return set()
    begun = _BEGIN.rows(connection, ids=json.dumps(list(ids)), mine=epoch, now=now)
    return {delivery_id for (delivery_id,) in begun}


def finish(connection: Connection, epoch: int, endings: Sequence[Ending], now: datetime) -> None:
    """Sending -> what the answers made of it; a digest that was sent becomes the newest list of its chat.

    Raises:
        Fenced: a newer worker has taken these over; what it made of them stays.
    """
    if not endings:
        return
    arrived = [one for one in endings if one.transition.state is State.SENT]
    others = [one for one in endings if one.transition.state is not State.SENT]
    changed = 0
    if arrived:
        messages_of = json.dumps({one.delivery.id: one.transition.sent_id for one in arrived})
        changed += _SENT.change(connection, arrived=messages_of, mine=epoch, at=now)
        shown = [
            {"listing": one.delivery.list_id, "message": one.transition.sent_id}
            for one in arrived
            if one.delivery.list_id is not None and one.transition.sent_id
        ]
        if shown:
            connection.execute(_SHOWS, shown)
    if others:
        changed += connection.execute(_FINISH, [_finished(one, epoch, now) for one in others]).rowcount
        unsee(connection, [one.delivery.id for one in others if one.transition.state in MISSED], now)
    if changed < len(endings):
        fence(connection, epoch)


def _finished(one: Ending, epoch: int, now: datetime) -> dict[str, Any]:
    transition = one.transition
    return {
        "delivery": one.delivery.id,
        "mine": epoch,
        "end": transition.state,
        "at": now if transition.state in FINAL else None,
        "why": transition.reason,
        "until": transition.not_before or now,
        "bare": transition.plain or one.delivery.plain,
    }


def judge_messages(connection: Connection, endings: Sequence[Ending]) -> dict[int, str]:
    """Take in which messages Telegram refuses for their content; returns those that go out another way now.

    After `POISONED` refusals of a message that nobody has got, the others get its plain words; after as many refusals
    of these, nobody is tried any more.
    """
    refused: dict[int, list[str]] = {}
    for one in endings:
        if one.about_content:
            refused.setdefault(one.delivery.message_id, []).append(one.transition.reason)
    changed = {}
    for message_id, reasons in refused.items():
        statement = (
            sa.update(messages)
            .where(messages.c.id == message_id)
            .values(refused=messages.c.refused + len(reasons), refusal=reasons[-1])
            .returning(messages.c.refused, messages.c.mode, messages.c.accepted)
        )
        row = connection.execute(statement).first()
        if row is None:
            # Its reader has deleted everything meanwhile, and nobody else had it.
            continue
        if row.refused < POISONED or row.accepted or row.mode == STOPPED or _was_got(connection, message_id):
            continue
        mode = PLAIN if row.mode == AS_IT_IS else STOPPED
        values = {"mode": mode, "refused": 0}
        connection.execute(sa.update(messages).where(messages.c.id == message_id).values(values))
        changed[message_id] = mode
    return changed


def _was_got(connection: Connection, message_id: int) -> bool:
    """Whether somebody has got a message; noted, so that it is looked for once."""
    sent = sa.select(deliveries.c.id).where(
        deliveries.c.message_id == message_id, deliveries.c.state == State.SENT
    )
    if connection.execute(sent.limit(1)).first() is None:
        return False
    connection.execute(sa.update(messages).where(messages.c.id == message_id).values(accepted=True))
    return True


def recover(
    connection: Connection, epoch: int, now: datetime, under_way: Collection[int] = ()
) -> tuple[int, int]:
    """What nobody works on any more: claimed -> planned, sending -> unknown.

    That is what an earlier worker held, and what this one has held for so long that its outcome cannot have been
    written down (the disk was full, say), unless it is `under_way`. What a newer worker holds is left alone.

    Returns:
        How many were planned again, and how many became unknown.
    """
    held = stands(State.CLAIMED, State.SENDING)
    own, lease = deliveries.c.epoch == epoch, deliveries.c.lease_until
    statement = sa.select(deliveries.c.id, deliveries.c.state).where(
        held,
        sa.or_(
            deliveries.c.epoch < epoch,
            sa.and_(own, stands(State.CLAIMED), lease <= now),
            sa.and_(own, stands(State.SENDING), lease <= now - _ANSWER),
        ),
    )
    found = [row for row in connection.execute(statement) if row.id not in under_way]
    claimed = [row.id for row in found if row.state == State.CLAIMED]
    sending = [row.id for row in found if row.state == State.SENDING]
    for ids, values in (
        (claimed, {"state": State.PLANNED, "lease_until": None}),
        (
            sending,
            {"state": State.UNKNOWN, "ended_at": now, "reason": END_UNSEEN},
        ),
    ):
        rows = [{"delivery": one} for one in ids]
        if rows:
            connection.execute(sa.update(deliveries).where(_IT).values(values), rows)
    return len(claimed), len(sending)
