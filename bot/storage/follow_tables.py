"""The tables of what readers follow, and of what they were asked about it."""

from __future__ import annotations

import sqlalchemy as sa

from bot.storage.dialect import Flag, Json, Moment, Whole
from bot.storage.schema import foreign, identity, table, words

# What a reader follows: a feed, words or a story; `subject` names it, so that it is followed once.
follows = table(
    "follows",
    identity(),
    foreign("chat_id", "readers.chat_id"),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    foreign("feed_id", "feeds.id", nullable=True),
    foreign("story_id", "stories.id", nullable=True),
    words("words"),
    words("name"),
    sa.Column("way", sa.Text, nullable=False, server_default="digest"),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("heard_at", Moment, nullable=False),
    sa.Column("looked_at", Moment, nullable=False),
    sa.Column("asked_at", Moment),
    sa.Column("message_id", Whole),
    sa.UniqueConstraint("chat_id", "subject"),
    sa.Index("ix_follows_kind_looked_at", "kind", "looked_at"),
    sa.Index("ix_follows_feed_id", "feed_id"),
    sa.Index("ix_follows_story_id", "story_id"),
)

# The stories that what a reader follows has brought, and how each reached the reader.
finds = table(
    "finds",
    foreign("follow_id", "follows.id"),
    foreign("story_id", "stories.id"),
    foreign("chat_id", "readers.chat_id"),
    sa.Column("way", sa.Text, nullable=False),
    sa.Column("found_at", Moment, nullable=False),
    sa.PrimaryKeyConstraint("follow_id", "story_id"),
    sa.Index("ix_finds_story_id", "story_id"),
    sa.Index("ix_finds_chat_id_found_at", "chat_id", "found_at"),
)

# What a reader wants of an item that is followed, or of all of them: only with these words, or not with them.
filters = table(
    "filters",
    identity(),
    foreign("chat_id", "readers.chat_id"),
    foreign("follow_id", "follows.id", nullable=True),
    sa.Column("field", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("keep", Flag, nullable=False),
    sa.Index("ix_filters_chat_id", "chat_id"),
    sa.Index("ix_filters_follow_id", "follow_id"),
)

# What a reader was asked, or may take back: what its buttons mean, and what the next message answers.
questions = table(
    "questions",
    identity(),
    foreign("chat_id", "readers.chat_id"),
    sa.Column("update_id", Whole, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("about", Json, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.Index("ix_questions_chat_id", "chat_id"),
    sa.Index("ix_questions_made_at", "made_at"),
)
