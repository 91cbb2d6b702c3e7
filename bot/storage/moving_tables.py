"""The tables of moving to another account."""

from __future__ import annotations

import sqlalchemy as sa

from bot.storage.dialect import Moment
from bot.storage.schema import foreign, identity, table

# The code that a reader can move to another account with; only its hash is kept.
moving_codes = table(
    "moving_codes",
    foreign("chat_id", "readers.chat_id", primary=True),
    sa.Column("code_hash", sa.Text, nullable=False, unique=True),
    sa.Column("expires_at", Moment, nullable=False),
    foreign("used_by", "readers.chat_id", nullable=True),
    sa.Index("ix_moving_codes_used_by", "used_by"),
)

# Wrong codes that were tried, so that nobody can try many.
moving_tries = table(
    "moving_tries",
    identity(),
    foreign("chat_id", "readers.chat_id"),
    sa.Column("tried_at", Moment, nullable=False),
    sa.Index("ix_moving_tries_chat_id", "chat_id"),
)
