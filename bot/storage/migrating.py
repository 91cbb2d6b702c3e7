"""A chat that gets another number (Bot API, ResponseParameters.migrate_to_chat_id): all that is its own goes along."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.domain.delivery import UNSENT
from bot.storage.tables import deliveries, metadata, readers

if TYPE_CHECKING:
    from sqlalchemy import Connection


def move_chat(connection: Connection, old: int, new: int) -> None:
    """Let a chat be called `new` from now on, in every table that names it.

    Where the new number is known already, that reader stays as it is, what is owed goes there, and the old one is not
    written to any more.
    """
    if not new or new == old:
        return
    known = sa.select(readers.c.chat_id).where(readers.c.chat_id == new)
    if connection.execute(known).first() is not None:
        owed = sa.and_(deliveries.c.chat_id == old, deliveries.c.state.in_(sorted(UNSENT)))
        connection.execute(sa.update(deliveries).where(owed).values(chat_id=new))
        connection.execute(sa.update(readers).where(readers.c.chat_id == old).values(state="blocked"))
        return
    # The keys point to the old number until the last table is done; SQLite looks at them again at the commit.
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    for table in metadata.sorted_tables:
        for column in table.columns:
            named = column is readers.c.chat_id or any(
                key.column is readers.c.chat_id for key in column.foreign_keys
            )
            if named:
                connection.execute(sa.update(table).where(column == old).values({column.name: new}))
