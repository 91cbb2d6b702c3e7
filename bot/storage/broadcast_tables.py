"""The table of what editors send to many readers."""

from __future__ import annotations

import sqlalchemy as sa

from bot.storage.dialect import Moment, Names, Whole
from bot.storage.schema import foreign, identity, table, words

# `up_to` is the last reader in the order of chats who was considered; `message_id` the editor's message that shows how
# it goes.
broadcasts = table(
    "broadcasts",
    identity(),
    foreign("editor_id", "readers.chat_id", nullable=True, on_delete="SET NULL"),
    foreign("story_id", "stories.id"),
    words("note"),
    sa.Column("languages", Names, nullable=False, server_default="[]"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("update_id", Whole, nullable=False, unique=True),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("begun_at", Moment),
    sa.Column("ended_at", Moment),
    sa.Column("up_to", Whole),
    sa.Column("message_id", Whole),
    sa.Index("ix_broadcasts_editor_id", "editor_id"),
    sa.Index("ix_broadcasts_story_id", "story_id"),
    sa.Index("ix_broadcasts_going", "id", sqlite_where=sa.text("state IN ('sending', 'spread', 'stopping')")),
)
