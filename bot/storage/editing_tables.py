"""The tables of what editors and readers say about how articles make stories."""

from __future__ import annotations

import sqlalchemy as sa

from bot.storage.dialect import Moment, Whole
from bot.storage.schema import foreign, table

# A story that became part of another: numbers and links that readers have of it lead on.
merged = table(
    "merged",
    sa.Column("old_id", Whole, primary_key=True, autoincrement=False),
    foreign("story_id", "stories.id"),
    sa.Index("ix_merged_story_id", "story_id"),
)

# Readers who say that an article tells another story than the one it stands with.
doubts = table(
    "doubts",
    foreign("article_id", "articles.id"),
    foreign("chat_id", "readers.chat_id"),
    sa.Column("at", Moment, nullable=False),
    sa.PrimaryKeyConstraint("article_id", "chat_id"),
    sa.Index("ix_doubts_chat_id", "chat_id"),
)
