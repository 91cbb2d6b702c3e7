"""The table of what the newsroom remembers of each day when those whom it counts may be gone."""

from __future__ import annotations

import sqlalchemy as sa

from bot.storage.schema import table

# One row a UTC day. `readers` is how many got messages when the day was looked at last; `erased` is how many went on that
# day and had everything about them deleted, so that no other row tells of them. Numbers only: nobody can be told from them.
days = table(
    "days",
    sa.Column("day", sa.Text, primary_key=True),
    sa.Column("readers", sa.Integer),
    sa.Column("erased", sa.Integer, nullable=False, server_default="0"),
)
