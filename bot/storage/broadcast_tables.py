"""The table of what editors send to many readers."""

from __future__ import annotations

import sqlalchemy as sa

from bot.storage.dialect import Flag, Json, Moment, Whole
from bot.storage.schema import foreign, identity, table, words

# What the columns mean stands at `Broadcast` in bot/domain/broadcasts.py. An editor's message asks for one broadcast,
# however often its update comes. `ended_told` says that the editor's message shows how it ended.
broadcasts = table(
    "broadcasts",
    identity(),
    foreign("editor_id", "readers.chat_id", nullable=True, on_delete="SET NULL"),
    foreign("story_id", "stories.id", nullable=True, on_delete="SET NULL"),
    foreign("parent_id", "broadcasts.id", nullable=True),
    sa.Column("op", sa.Text, nullable=False, server_default="send"),
    sa.Column("serious", Flag, nullable=False, server_default="0"),
    sa.Column("document", Json),
    words("fingerprint"),
    words("note"),
    sa.Column("aim", Json, nullable=False, server_default="{}"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("origin_message", Whole, nullable=False),
    sa.Column("message_id", Whole),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("starts_at", Moment),
    sa.Column("asked_at", Moment),
    sa.Column("begun_at", Moment),
    sa.Column("ended_at", Moment),
    sa.Column("stage", sa.Integer, nullable=False, server_default="0"),
    sa.Column("stage_at", Moment),
    sa.Column("judged_from", Moment),
    sa.Column("rested_at", Moment),
    sa.Column("total", sa.Integer, nullable=False, server_default="0"),
    sa.Column("owed", sa.Integer, nullable=False, server_default="0"),
    sa.Column("at_once", sa.Integer, nullable=False, server_default="0"),
    sa.Column("up_to", Whole),
    sa.Column("after_id", Whole, nullable=False, server_default="0"),
    sa.Column("why", Json),
    sa.Column("shown", Json),
    sa.Column("shown_at", Moment),
    sa.Column("ended_told", Flag, nullable=False, server_default="0"),
    sa.UniqueConstraint("editor_id", "origin_message"),
    sa.Index("ix_broadcasts_story_id", "story_id"),
    sa.Index("ix_broadcasts_parent_id", "parent_id"),
    sa.Index("ix_broadcasts_made_at", "made_at"),
    sa.Index("ix_broadcasts_open", "id", sqlite_where=sa.text("state <> 'draft' AND ended_told = 0")),
)
