"""Who is written to and who is not: planning the next digest, going away, coming back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from bot.domain.delivery import State
from bot.domain.schedule import missed, next_slot, timetable
from bot.storage import claims, lists, outbox, readers

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.news import Reader
    from bot.storage.database import Connection

FIRST_LOOK_BACK: Final = timedelta(hours=24)
"""What a first digest covers, and the first after a stop or a pause: a day, and never a backlog."""


def replan(connection: Connection, reader: Reader, now: datetime) -> None:
    """Plan the reader's next digest: not twice for one planned hour, and none for who wants none."""
    due = None
    if reader.state == "active" and reader.step == "done" and reader.digest_minutes:
        table = timetable(reader)
        due, slot = next_slot(now, table)
        # Whoever travels west meets an hour again of which the digest is there.
        while lists.has_edition(connection, reader.chat_id, slot):
            due, slot = next_slot(due, table)
    readers.plan(connection, reader.chat_id, due)


def call_back(connection: Connection, chat_id: int, now: datetime) -> bool:
    """Take back a digest that was composed before its hour and has not left; its stories are owed again.

    Returns:
        Whether there was one.
    """
    early = outbox.early_digests(connection, chat_id, now)
    claims.end(
        connection, [(one, State.CANCELLED, "its reader wanted it otherwise") for one, _ in early], now
    )
    lists.forget_editions(connection, [list_id for _, list_id in early])
    return bool(early)


def change(connection: Connection, reader: Reader, now: datetime, **values: Any) -> Reader:  # noqa: ANN401 - columns of readers
    """Set some of a reader's fields, and plan the next digest anew; one that is composed already is taken back."""
    call_back(connection, reader.chat_id, now)
    changed = readers.change(connection, reader.chat_id, **values)
    assert changed is not None  # noqa: S101 - the reader was read in this transaction
    replan(connection, changed, now)
    return changed


def leave(connection: Connection, reader: Reader, now: datetime, reason: str, **values: Any) -> Reader:  # noqa: ANN401 - as above
    """The reader gets nothing from now on; what was owed is dropped. `values` has the new state."""
    call_back(connection, reader.chat_id, now)
    outbox.drop_for(connection, reader.chat_id, now, reason)
    return change(connection, reader, now, away_since=reader.away_since or now, **values)


def come_back(connection: Connection, reader: Reader, now: datetime, **values: Any) -> Reader:  # noqa: ANN401 - as above
    """An active reader, who is owed no more than a day of what came meanwhile, and no digest that was missed."""
    if reader.state != "active":
        values |= {
            "state": "active",
            "away_since": None,
            "paused_until": None,
            "covered_until": max(reader.covered_until, now - FIRST_LOOK_BACK),
            "missed": reader.missed + _missed(reader, now),
        }
    return change(connection, reader, now, **{"seen_at": now} | values)


def _missed(reader: Reader, now: datetime) -> int:
    if reader.away_since is None or reader.step != "done":
        return 0
    return missed(reader.away_since, now, timetable(reader))


def suspend(connection: Connection, chat_id: int, now: datetime, reason: str) -> None:
    """Stop writing to a chat that cannot be written to; its reader's settings stay, and who had stopped has stopped."""
    reader = readers.get(connection, chat_id)
    if reader is not None and reader.state == "active":
        leave(connection, reader, now, reason, state="blocked")
    else:
        outbox.drop_for(connection, chat_id, now, reason)


def end_pauses(connection: Connection, now: datetime, most: int) -> int:
    """Bring back up to `most` readers whose pause is over; returns how many there were."""
    over = readers.pauses_over(connection, now, most)
    for reader in over:
        assert reader.paused_until is not None  # noqa: S101 - only such pauses end by themselves
        come_back(connection, reader, now, seen_at=reader.seen_at)
    return len(over)
