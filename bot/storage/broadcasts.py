"""What editors send to many readers: the broadcasts, and what is done with their deliveries."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.domain.broadcasts import (
    TRANSITIONS,
    Aim,
    Broadcast,
    Event,
    Op,
    Progress,
    Stage,
    State,
    aim,
    before,
)
from bot.domain.delivery import END_UNSEEN, UNSENT
from bot.domain.delivery import State as Sent
from bot.storage import claims
from bot.storage.broadcast_tables import broadcasts
from bot.storage.claims import stands
from bot.storage.dialect import Whole
from bot.storage.outbox import Lane
from bot.storage.tables import deliveries, told

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.storage.ledger import Ending

STOPPED_BY_EDITORS: Final = "the editors stopped it"
"""Why what did not leave any more ended."""
_FIELDS = [broadcasts.c[one.name] for one in fields(Broadcast)]
_AWAY: Final = timedelta(days=100 * 365)
"""What rests is due so much later: no claim looks at it there, its own hour is not lost, and it keeps its order."""
_FAR: Final = timedelta(days=50 * 365)
"""Whatever is due later than this rests."""
_ITS = deliveries.c.broadcast_id == sa.bindparam("its")
# The lane alone is not enough for the index: what is due is looked for by its time, whoever's it is.
_PLANNED = sa.and_(_ITS, deliveries.c.lane == Lane.BROADCAST, stands(Sent.PLANNED, Sent.RETRY))


def _broadcast(row: Any) -> Broadcast:  # noqa: ANN401 - a row of _FIELDS
    found = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
    found |= {"state": State(row.state), "op": Op(row.op), "stage": Stage(row.stage), "aim": aim(row.aim)}
    return Broadcast(**found)


@dataclass(frozen=True, slots=True)
class New:
    """What an editor wants to send; `origin_message` is the editor's message that asks for it."""

    editor_id: int
    origin_message: int
    story_id: int | None = None
    note: str = ""
    aim: Aim = field(default_factory=Aim)
    document: dict[str, Any] | None = None
    fingerprint: str = ""
    parent_id: int | None = None
    op: Op = Op.SEND
    serious: bool = False


def draft(connection: Connection, new: New, now: datetime) -> Broadcast:
    """Write down what shall be sent; the same message of an editor asks for it once."""
    row = {one.name: getattr(new, one.name) for one in fields(New)}
    row |= {"aim": new.aim.document(), "state": State.DRAFT, "made_at": now}
    connection.execute(insert(broadcasts).values(row).on_conflict_do_nothing())
    statement = sa.select(*_FIELDS).where(
        broadcasts.c.editor_id == new.editor_id, broadcasts.c.origin_message == new.origin_message
    )
    return _broadcast(connection.execute(statement).one())


def get(connection: Connection, broadcast_id: int) -> Broadcast | None:
    """A broadcast by its number."""
    row = connection.execute(sa.select(*_FIELDS).where(broadcasts.c.id == broadcast_id)).first()
    return _broadcast(row) if row else None


def happen(connection: Connection, broadcast_id: int, event: Event, **values: Any) -> bool:  # noqa: ANN401 - columns
    """Let something happen to a broadcast; False where it cannot happen to it as it stands (any more)."""
    was = before(event)
    into = TRANSITIONS[was[0], event]
    statement = sa.update(broadcasts).where(broadcasts.c.id == broadcast_id, broadcasts.c.state.in_(was))
    return connection.execute(statement.values(state=into, **values)).rowcount > 0


def change(connection: Connection, broadcast_id: int, was: Iterable[State], **values: Any) -> bool:  # noqa: ANN401
    """Set columns of a broadcast that stands in one of these states; False where it does not (any more)."""
    its = sa.and_(broadcasts.c.id == broadcast_id, broadcasts.c.state.in_(list(was)))
    return connection.execute(sa.update(broadcasts).where(its).values(**values)).rowcount > 0


def open_ones(connection: Connection) -> list[Broadcast]:
    """The broadcasts that are not at their end, or whose end their editors have not seen, the oldest first."""
    # In the words of the partial index.
    unseen = sa.and_(
        broadcasts.c.state != sa.literal_column("'draft'"), broadcasts.c.ended_told == sa.literal_column("0")
    )
    statement = sa.select(*_FIELDS).where(unseen).order_by(broadcasts.c.id)
    return [_broadcast(row) for row in connection.execute(statement)]


def last(connection: Connection, most: int) -> list[Broadcast]:
    """The broadcasts that were begun or planned last, without corrections, the newest first."""
    statement = sa.select(*_FIELDS).where(broadcasts.c.state != State.DRAFT, broadcasts.c.parent_id.is_(None))
    return [
        _broadcast(row) for row in connection.execute(statement.order_by(broadcasts.c.id.desc()).limit(most))
    ]


def corrections(connection: Connection, broadcast_id: int) -> list[Broadcast]:
    """What corrects a broadcast and is under way or done, the oldest first."""
    statement = sa.select(*_FIELDS).where(
        broadcasts.c.parent_id == broadcast_id, broadcasts.c.state.not_in((State.DRAFT, State.STOPPED))
    )
    return [_broadcast(row) for row in connection.execute(statement.order_by(broadcasts.c.id))]


def alike(connection: Connection, found: Broadcast, since: datetime) -> Broadcast | None:
    """The first broadcast of the same content that was made since then and not given up; None for none."""
    fingerprint = sa.select(broadcasts.c.fingerprint).where(broadcasts.c.id == found.id).scalar_subquery()
    statement = sa.select(*_FIELDS).where(
        broadcasts.c.made_at > since,
        broadcasts.c.fingerprint != "",
        broadcasts.c.fingerprint == fingerprint,
        broadcasts.c.id != found.id,
        sa.or_(broadcasts.c.state != State.STOPPED, broadcasts.c.begun_at.is_not(None)),
    )
    row = connection.execute(statement.order_by(broadcasts.c.id).limit(1)).first()
    return _broadcast(row) if row else None


def remove(connection: Connection, broadcast_id: int) -> None:
    """Remove a draft of which there is another one."""
    its = sa.and_(broadcasts.c.id == broadcast_id, broadcasts.c.state == State.DRAFT)
    connection.execute(sa.delete(broadcasts).where(its))


def dedupe(broadcast_id: int, chat_id: int | str) -> str:
    """What names the debt of a broadcast to a chat; with an empty one, how all its names begin."""
    return f"broadcast:{broadcast_id}:{chat_id}"


def progress(connection: Connection, found: Broadcast) -> Progress:
    """How many deliveries stand where; of a serious correction those that change what was sent."""
    statement = sa.select(deliveries.c.state, sa.func.count().label("number")).where(
        deliveries.c.broadcast_id == found.id
    )
    if found.serious:
        statement = statement.where(deliveries.c.op == found.op.delivery)
    numbers = {row.state: row.number for row in connection.execute(statement.group_by(deliveries.c.state))}
    return Progress(
        sent=numbers.get(Sent.SENT, 0),
        waiting=sum(numbers.get(state, 0) for state in (*UNSENT, Sent.SENDING)),
        unknown=numbers.get(Sent.UNKNOWN, 0),
        gone=numbers.get(Sent.GONE, 0),
        failed=numbers.get(Sent.FAILED, 0) + numbers.get(Sent.EXPIRED, 0),
        cancelled=numbers.get(Sent.CANCELLED, 0),
    )


def unended(connection: Connection, broadcast_id: int, *states: Sent) -> bool:
    """Whether any delivery of a broadcast is in one of these states; without any, whether one has not ended."""
    wanted = states or (*sorted(UNSENT), Sent.SENDING)
    statement = sa.select(deliveries.c.id).where(
        deliveries.c.broadcast_id == broadcast_id, deliveries.c.state.in_(wanted)
    )
    return connection.execute(statement.limit(1)).first() is not None


def unanswered(connection: Connection, broadcast_id: int, now: datetime) -> int:
    """How many deliveries of a broadcast are due or under way; those that quiet hours hold are not among them."""
    due = sa.select(sa.func.count()).where(
        _ITS,
        deliveries.c.lane == Lane.BROADCAST,
        stands(Sent.PLANNED, Sent.RETRY),
        deliveries.c.not_before <= now,
    )
    under_way = sa.select(sa.func.count()).where(
        _ITS, deliveries.c.state.in_((Sent.CLAIMED, Sent.SENDING, Sent.RETRY))
    )
    its = {"its": broadcast_id}
    # What is to be tried again and due is counted twice: there are few, and they are waited for.
    return connection.execute(due, its).scalar_one() + connection.execute(under_way, its).scalar_one()


def last_endings(
    connection: Connection, broadcast_id: int, since: datetime, most: int
) -> list[tuple[Sent, str]]:
    """How the last deliveries of a broadcast that were tried have ended since then, and why.

    What was on its way when the newsroom itself ended tells nothing of the broadcast, and is left out.
    """
    # The plus keeps SQLite from going through all of the broadcast's, which it would then have to sort.
    its = sa.literal_column("+deliveries.broadcast_id", Whole) == broadcast_id
    statement = (
        sa.select(deliveries.c.state, deliveries.c.reason)
        .where(
            deliveries.c.ended_at >= since,
            its,
            deliveries.c.attempts > 0,
            deliveries.c.reason != END_UNSEEN,
        )
        .order_by(deliveries.c.ended_at.desc())
        .limit(most)
    )
    return [(Sent(row.state), row.reason) for row in connection.execute(statement)]


def cancel(connection: Connection, broadcast_id: int, now: datetime, most: int) -> int:
    """Planned, claimed, retry -> cancelled, up to `most` at a time; returns how many.

    Who does not get the story any more was not told it.
    """
    its = sa.and_(deliveries.c.broadcast_id == broadcast_id, deliveries.c.state.in_(sorted(UNSENT)))
    stopped = list(connection.execute(sa.select(deliveries.c.id).where(its).limit(most)).scalars())
    claims.end(connection, [(one, Sent.CANCELLED, STOPPED_BY_EDITORS) for one in stopped], now)
    return len(stopped)


def rest(connection: Connection, broadcast_id: int, now: datetime, most: int) -> int:
    """Let nothing of a broadcast leave: up to `most` that have not are put off; returns how many.

    They stay in their lane, a hundred years later: claims look at nothing that is not due, what quiet hours hold keeps
    its hour, and what is due soonest is put off first. What is claimed is given back, and its turn passes.
    """
    given_back = sa.update(deliveries).where(_ITS, deliveries.c.state == Sent.CLAIMED)
    connection.execute(given_back.values(state=Sent.PLANNED, lease_until=None), {"its": broadcast_id})
    due = sa.select(deliveries.c.id).where(_PLANNED, deliveries.c.not_before < now + _FAR)
    return _put_off(connection, broadcast_id, due.order_by(deliveries.c.not_before).limit(most), _AWAY)


def is_restless(connection: Connection, broadcast_id: int, now: datetime) -> bool:
    """Whether anything of a broadcast may leave that has not been put off."""
    claimed = sa.and_(_ITS, deliveries.c.state == Sent.CLAIMED)
    due = sa.and_(_PLANNED, deliveries.c.not_before < now + _FAR)
    return any(
        connection.execute(sa.select(deliveries.c.id).where(one).limit(1), {"its": broadcast_id}).first()
        for one in (due, claimed)
    )


def wake(connection: Connection, broadcast_id: int, rested_at: datetime, now: datetime, most: int) -> int:
    """Let up to `most` deliveries that rest be due when they were, and be news for as long as they rested longer."""
    resting = sa.select(deliveries.c.id).where(_PLANNED, deliveries.c.not_before >= now + _FAR)
    chosen = resting.order_by(deliveries.c.not_before).limit(most)
    return _put_off(connection, broadcast_id, chosen, -_AWAY, max(now - rested_at, timedelta()))


def _put_off(
    connection: Connection,
    its: int,
    chosen: sa.Select[Any],
    later: timedelta,
    longer: timedelta = timedelta(),
) -> int:
    # The numbers first: an update that reads the index which it changes would meet its own rows.
    ids = list(connection.execute(chosen, {"its": its}).scalars())
    if ids:
        microsecond = timedelta(microseconds=1)
        moved = {
            "not_before": sa.type_coerce(deliveries.c.not_before, Whole) + later // microsecond,
            "expires_at": sa.type_coerce(deliveries.c.expires_at, Whole) + longer // microsecond,
        }
        connection.execute(sa.update(deliveries).where(deliveries.c.id.in_(ids)).values(moved))
    return len(ids)


def hold_back(connection: Connection, endings: Iterable[Ending], now: datetime) -> None:
    """What was on its way and comes back to be tried again is not, where its broadcast was stopped or rests by now.

    What an editor has sent again by itself goes on.
    """
    back = [
        (one.delivery.id, one.delivery.broadcast_id)
        for one in endings
        if one.transition.state is Sent.RETRY and one.delivery.broadcast_id is not None
    ]
    if not back:
        return
    ids = {broadcast_id for _, broadcast_id in back}
    statement = sa.select(broadcasts.c.id, broadcasts.c.state).where(
        broadcasts.c.id.in_(ids),
        broadcasts.c.state.in_((State.PAUSED, State.HELD, State.STOPPING, State.STOPPED)),
    )
    for row in connection.execute(statement).all():
        named = [delivery_id for delivery_id, broadcast_id in back if broadcast_id == row.id]
        once = sa.select(deliveries.c.id).where(deliveries.c.id.in_(named), deliveries.c.again == 0)
        its = list(connection.execute(once).scalars())
        if row.state in {State.PAUSED, State.HELD}:
            waiting = sa.select(deliveries.c.id).where(_PLANNED, deliveries.c.id.in_(its))
            _put_off(connection, row.id, waiting, _AWAY)
        else:
            claims.end(connection, [(one, Sent.CANCELLED, STOPPED_BY_EDITORS) for one in its], now)


def opened(connection: Connection, found: Broadcast) -> int:
    """How many of those whom a broadcast reached have opened its story since it began."""
    if found.story_id is None or found.begun_at is None:
        return 0
    its = sa.literal(dedupe(found.id, "")) + sa.cast(told.c.chat_id, sa.Text)
    reached = sa.exists().where(deliveries.c.dedupe == its, deliveries.c.state.in_((Sent.SENT, Sent.UNKNOWN)))
    statement = sa.select(sa.func.count()).where(
        told.c.story_id == found.story_id, told.c.how == "opened", told.c.at >= found.begun_at, reached
    )
    return connection.execute(statement).scalar_one()


def arrivals(connection: Connection, broadcast_id: int) -> list[tuple[int, int]]:
    """How many arrived in each second, by seconds since 1970, in their order."""
    second = (sa.type_coerce(deliveries.c.ended_at, Whole) / sa.literal_column("1000000")).label("second")
    whole = sa.cast(second, sa.Integer)
    statement = (
        sa.select(whole.label("second"), sa.func.count().label("number"))
        .where(deliveries.c.broadcast_id == broadcast_id, deliveries.c.state == Sent.SENT)
        .group_by(whole)
        .order_by(whole)
    )
    return [(row.second, row.number) for row in connection.execute(statement)]


def missed(
    connection: Connection, broadcast_id: int, most: int
) -> list[tuple[int, str, str, datetime | None]]:
    """Up to `most` chats that a broadcast did not reach for certain: chat, how it ended, why, and when."""
    states = (Sent.UNKNOWN, Sent.GONE, Sent.FAILED, Sent.EXPIRED)
    statement = (
        sa.select(deliveries.c.chat_id, deliveries.c.state, deliveries.c.reason, deliveries.c.ended_at)
        .where(deliveries.c.broadcast_id == broadcast_id, deliveries.c.state.in_(states))
        .order_by(deliveries.c.state, deliveries.c.ended_at)
        .limit(most)
    )
    return [(row.chat_id, row.state, row.reason, row.ended_at) for row in connection.execute(statement)]
