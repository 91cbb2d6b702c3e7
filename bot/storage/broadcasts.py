"""What editors send to many readers: the campaigns, whom they reach, and what became of their deliveries."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.domain.broadcasts import UNFINISHED, Audience, Broadcast, Progress, State
from bot.domain.delivery import UNSENT
from bot.domain.delivery import State as Sent
from bot.storage import claims
from bot.storage.broadcast_tables import broadcasts
from bot.storage.tables import deliveries, readers, told

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_FIELDS = [broadcasts.c[field.name] for field in fields(Broadcast)]
_ACTIVE = sa.and_(readers.c.state == sa.literal_column("'active'"), readers.c.step == "done")


def _broadcast(row: Any) -> Broadcast:  # noqa: ANN401 - a row of _FIELDS
    return Broadcast(**{**row._mapping, "state": State(row.state)})  # noqa: SLF001 - SQLAlchemy's public name


@dataclass(frozen=True, slots=True)
class New:
    """What an editor wants to send."""

    editor_id: int
    story_id: int
    note: str
    languages: tuple[str, ...]


def draft(connection: Connection, update_id: int, new: New, now: datetime) -> Broadcast:
    """Write down what shall be sent; the same update writes it once."""
    row = {**asdict(new), "state": State.DRAFT, "update_id": update_id, "made_at": now}
    connection.execute(insert(broadcasts).values(row).on_conflict_do_nothing())
    statement = sa.select(*_FIELDS).where(broadcasts.c.update_id == update_id)
    return _broadcast(connection.execute(statement).one())


def get(connection: Connection, broadcast_id: int) -> Broadcast | None:
    """A broadcast by its number."""
    row = connection.execute(sa.select(*_FIELDS).where(broadcasts.c.id == broadcast_id)).first()
    return _broadcast(row) if row else None


def change(
    connection: Connection,
    broadcast_id: int,
    was: Sequence[State],
    **values: Any,  # noqa: ANN401 - columns of broadcasts
) -> bool:
    """Change a broadcast that stands in one of these states; False where it does not (any more)."""
    statement = sa.update(broadcasts).where(broadcasts.c.id == broadcast_id, broadcasts.c.state.in_(was))
    return connection.execute(statement.values(**values)).rowcount > 0


def going(connection: Connection) -> list[Broadcast]:
    """The broadcasts that are not at their end, the oldest first."""
    named: sa.BindParameter[list[str]] = sa.bindparam(
        None, [str(state) for state in sorted(UNFINISHED)], expanding=True, literal_execute=True
    )
    statement = sa.select(*_FIELDS).where(broadcasts.c.state.in_(named)).order_by(broadcasts.c.id)
    return [_broadcast(row) for row in connection.execute(statement)]


def _reads(languages: Sequence[str]) -> sa.ColumnElement[bool]:
    """Whether a reader reads one of these languages; who chose none reads all."""
    if not languages:
        return sa.true()
    each = sa.func.json_each(readers.c.languages).table_valued("value")
    one = sa.exists(sa.select(sa.literal(1)).select_from(each).where(each.c.value.in_(list(languages))))
    return sa.or_(readers.c.languages == (), one)


def _had(story_id: int) -> sa.ColumnElement[bool]:
    return sa.exists().where(told.c.chat_id == readers.c.chat_id, told.c.story_id == story_id)


def audience(connection: Connection, broadcast: Broadcast) -> Audience:
    """Whom a broadcast would reach now."""
    reads, had, willing = _reads(broadcast.languages), _had(broadcast.story_id), readers.c.editors == 1
    gets = sa.and_(reads, ~had, willing)
    row = connection.execute(
        sa.select(
            sa.func.count().filter(gets).label("readers"),
            sa.func.count().filter(gets, readers.c.quiet.is_not(None)).label("quiet"),
            sa.func.count().filter(reads, had, willing).label("had"),
            sa.func.count().filter(reads, ~willing).label("unwilling"),
        ).where(_ACTIVE)
    ).one()
    each = sa.func.json_each(readers.c.languages).table_valued("value")
    read = (
        sa.select(each.c.value, sa.func.count().label("number"))
        .select_from(readers.join(each, sa.true()))
        .where(_ACTIVE)
        .group_by(each.c.value)
    )
    by_language = {str(one.value): one.number for one in connection.execute(read)}
    return Audience(row.readers, row.quiet, row.had, row.unwilling, by_language)


def next_readers(
    connection: Connection, broadcast: Broadcast, most: int
) -> tuple[list[tuple[int, str, str]], int | None]:
    """Up to `most` readers behind the last one considered who shall have it.

    Returns:
        Their chats, languages of the interface and places; and the last chat that is considered with them, None where
        no reader is left.
    """
    statement = (
        sa.select(readers.c.chat_id, readers.c.language, readers.c.zone)
        .where(
            _ACTIVE,
            readers.c.editors == 1,
            _reads(broadcast.languages),
            ~_had(broadcast.story_id),
        )
        .order_by(readers.c.chat_id)
        .limit(most)
    )
    if broadcast.up_to is not None:
        statement = statement.where(readers.c.chat_id > broadcast.up_to)
    found = [(row.chat_id, row.language, row.zone) for row in connection.execute(statement)]
    return found, found[-1][0] if len(found) == most else None


def dedupe(broadcast_id: int, chat_id: int) -> str:
    """What names the debt of a broadcast to a chat."""
    return f"broadcast:{broadcast_id}:{chat_id}"


def progress(connection: Connection, broadcast_id: int) -> Progress:
    """How many deliveries stand where."""
    statement = (
        sa.select(deliveries.c.state, sa.func.count().label("number"))
        .where(deliveries.c.broadcast_id == broadcast_id)
        .group_by(deliveries.c.state)
    )
    found = {row.state: row.number for row in connection.execute(statement)}
    open_states = (Sent.PLANNED, Sent.CLAIMED, Sent.SENDING, Sent.RETRY)
    return Progress(
        sent=found.get(Sent.SENT, 0),
        waiting=sum(found.get(state, 0) for state in open_states),
        unknown=found.get(Sent.UNKNOWN, 0),
        missed=sum(found.get(state, 0) for state in (Sent.FAILED, Sent.GONE, Sent.EXPIRED)),
        cancelled=found.get(Sent.CANCELLED, 0),
    )


def cancel(connection: Connection, broadcast: Broadcast, now: datetime, most: int) -> int:
    """Planned, claimed, retry -> cancelled, up to `most` at a time; returns how many.

    Who does not get the story any more was not told it.
    """
    its = sa.and_(deliveries.c.broadcast_id == broadcast.id, deliveries.c.state.in_(sorted(UNSENT)))
    stopped = list(connection.execute(sa.select(deliveries.c.id).where(its).limit(most)).scalars())
    claims.end(connection, [(one, Sent.CANCELLED, "the editors stopped it") for one in stopped], now)
    return len(stopped)
