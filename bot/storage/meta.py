"""Single values: the key that signs buttons, and the epoch, which tells one run of the sender from the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

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


def _value(connection: Connection, name: str) -> str:
    value: str = connection.execute(sa.select(meta.c.value).where(meta.c.name == name)).scalar_one()
    return value
