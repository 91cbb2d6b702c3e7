"""Single values: the key that signs buttons, the epoch, which tells one run of the sender from the next, the address, the pace."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.storage.tables import meta

if TYPE_CHECKING:
    from sqlalchemy import Connection


def button_key(connection: Connection) -> bytes:
    """The random key made by the first migration: buttons outlive restarts and changes of the token."""
    return bytes.fromhex(_value(connection, "button_key"))


def next_epoch(connection: Connection) -> int:
    """Begin a new epoch and return it; rows held under an earlier one belong to a run that is over."""
    epoch = int(_value(connection, "epoch")) + 1
    connection.execute(sa.update(meta).where(meta.c.name == "epoch").values(value=str(epoch)))
    return epoch


def note_address(connection: Connection, url: str) -> None:
    """Note where the newsroom that runs now is served; `paperboy health` asks there."""
    noted = insert(meta).values(name="served_at", value=url)
    connection.execute(noted.on_conflict_do_update(index_elements=[meta.c.name], set_={"value": url}))


def address(connection: Connection) -> str:
    """Where the newsroom that started last is served; empty before the first start."""
    return connection.execute(sa.select(meta.c.value).where(meta.c.name == "served_at")).scalar() or ""


@dataclass(frozen=True, slots=True)
class Pace:
    """What Telegram asked for after a 429, and whether the last run ended well.

    Attributes:
        chats: until when a chat must rest.
        everybody: until when all must; None for not at all.
        longest: the longest rest that was asked for of late, in seconds: no clock that was set back makes one longer.
    """

    chats: dict[int, datetime]
    everybody: datetime | None
    ended: bool
    longest: float = 0.0


def pace(connection: Connection) -> Pace:
    """The pace as it was kept; before the first run there was nothing to end badly."""
    found = connection.execute(sa.select(meta.c.value).where(meta.c.name == "pace")).scalar()
    if found is None:
        return Pace({}, None, ended=True)
    kept = json.loads(found)
    chats = {int(chat): datetime.fromisoformat(until) for chat, until in kept["chats"].items()}
    everybody = datetime.fromisoformat(kept["everybody"]) if kept["everybody"] else None
    return Pace(chats, everybody, ended=kept["ended"], longest=kept["longest"])


def keep_pace(connection: Connection, kept: Pace) -> None:
    """Keep the pace for the next run."""
    document = {
        "chats": {str(chat): until.isoformat() for chat, until in kept.chats.items()},
        "everybody": kept.everybody.isoformat() if kept.everybody else "",
        "ended": kept.ended,
        "longest": kept.longest,
    }
    noted = insert(meta).values(name="pace", value=json.dumps(document))
    connection.execute(
        noted.on_conflict_do_update(index_elements=[meta.c.name], set_={"value": noted.excluded.value})
    )


def _value(connection: Connection, name: str) -> str:
    value: str = connection.execute(sa.select(meta.c.value).where(meta.c.name == name)).scalar_one()
    return value
