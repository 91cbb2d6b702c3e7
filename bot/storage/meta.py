"""Single values: the key that signs buttons, the epoch, which tells one run of the sender from the next, and the address."""

from __future__ import annotations

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


def _value(connection: Connection, name: str) -> str:
    value: str = connection.execute(sa.select(meta.c.value).where(meta.c.name == name)).scalar_one()
    return value
