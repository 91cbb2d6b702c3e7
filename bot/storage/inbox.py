"""Updates from Telegram, written down before they are confirmed: received, applied with their effect, done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.storage.tables import inbox

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Received:
    """An update as it came. `lane` is the chat (or 0): updates of one lane are worked on in their order."""

    update_id: int
    lane: int
    payload: dict[str, Any]
    received_at: datetime


def receive(connection: Connection, updates: Iterable[Received]) -> list[int]:
    """Write updates down and return the ids of those that are new; a repeated id changes nothing."""
    rows = [
        {"update_id": u.update_id, "lane": u.lane, "payload": u.payload, "received_at": u.received_at}
        for u in updates
    ]
    if not rows:
        return []
    statement = insert(inbox).on_conflict_do_nothing().returning(inbox.c.update_id)
    return [row.update_id for row in connection.execute(statement, rows)]


def unfinished(connection: Connection) -> list[Received]:
    """What was received and not done, oldest first: the work of a run that ended."""
    statement = sa.select(inbox).where(inbox.c.done_at.is_(None)).order_by(inbox.c.update_id)
    return [
        Received(row.update_id, row.lane, row.payload, row.received_at)
        for row in connection.execute(statement)
    ]


def is_applied(connection: Connection, update_id: int) -> bool:
    """Whether the effect of an update stands already."""
    statement = sa.select(inbox.c.applied_at).where(inbox.c.update_id == update_id)
    return connection.execute(statement).scalar() is not None


def apply(connection: Connection, update_id: int, now: datetime) -> bool:
    """Mark an update applied, inside the transaction of its effect.

    Returns:
        Whether this is the first time; if not, the effect must be left out (the answer may be sent again).
    """
    statement = (
        sa.update(inbox)
        .where(inbox.c.update_id == update_id, inbox.c.applied_at.is_(None))
        .values(applied_at=now)
        .returning(inbox.c.update_id)
    )
    return connection.execute(statement).first() is not None


def finish(connection: Connection, update_id: int, now: datetime, outcome: str) -> None:
    """Mark an update done, with its outcome: `answered`, or what went wrong."""
    connection.execute(
        sa.update(inbox).where(inbox.c.update_id == update_id).values(done_at=now, outcome=outcome)
    )


def album(connection: Connection, lane: int, album_id: str) -> list[dict[str, Any]]:
    """The messages of a chat that are parts of an album, in their order, as the Bot API wrote them."""
    of_album = sa.func.json_extract(inbox.c.payload, "$.message.media_group_id") == album_id
    statement = sa.select(inbox.c.payload).where(inbox.c.lane == lane, of_album)
    parts = (payload["message"] for payload in connection.execute(statement).scalars())
    return sorted(parts, key=lambda part: int(part["message_id"]))


def prune(connection: Connection, before: datetime, most: int) -> int:
    """Remove up to `most` updates done before; Telegram repeats none after 24 hours (Bot API, getUpdates)."""
    old = sa.select(inbox.c.update_id).where(inbox.c.done_at < before).limit(most)
    return connection.execute(sa.delete(inbox).where(inbox.c.update_id.in_(old))).rowcount


def oldest_open(connection: Connection) -> datetime | None:
    """When the oldest update that is not done was received."""
    return connection.execute(
        sa.select(sa.func.min(inbox.c.received_at)).where(inbox.c.done_at.is_(None))
    ).scalar()
