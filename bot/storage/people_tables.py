"""The tables of who runs the newsroom, and of what they did."""

from __future__ import annotations

import sqlalchemy as sa

from bot.storage.dialect import Json, Moment, Whole
from bot.storage.schema import identity, table, words

# Owners, editors and moderators by their Telegram ids. No key to the readers: who runs the newsroom stays in its log, and
# somebody who deletes a reader's data keeps the desk.
people = table(
    "people",
    sa.Column("user_id", Whole, primary_key=True, autoincrement=False),
    sa.Column("role", sa.Text, nullable=False),
    words("name"),
    sa.Column("since", Moment, nullable=False),
)

# Links that make somebody one of them, once; of the code only its fingerprint is kept.
invitations = table(
    "invitations",
    sa.Column("code_hash", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("made_by", Whole),
    sa.Column("expires_at", Moment),
)

# What was done at the desk: who, when, what.
desk_log = table(
    "desk_log",
    identity(),
    sa.Column("at", Moment, nullable=False),
    sa.Column("user_id", Whole, nullable=False),
    words("name"),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("about", Json),
)
