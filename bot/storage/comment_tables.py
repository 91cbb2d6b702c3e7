"""The tables of what readers say of a story, and of what the editors think of it."""

from __future__ import annotations

import sqlalchemy as sa

from bot.storage.dialect import Flag, Moment, Whole
from bot.storage.schema import foreign, identity, table, words

# Who writes comments: the name that strangers see, and how the editors stand to it. `folded` is the name as look-alikes
# have it in common, so that nobody takes another's.
commenters = table(
    "commenters",
    foreign("chat_id", "readers.chat_id", primary=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("folded", sa.Text, nullable=False, unique=True),
    sa.Column("named_at", Moment, nullable=False),
    sa.Column("hears", Flag, nullable=False, server_default="1"),
    sa.Column("told_at", Moment),
    sa.Column("muted_until", Moment),
    sa.Column("banned_at", Moment),
)

# What readers say of a story, raw. `thread_id` is the comment that a talk began with and no key: a comment that is
# deleted is gone, and the answers to it keep their place. The states are those of bot/domain/comments.py. An id is never
# given twice, since buttons under old messages name it.
comments = table(
    "comments",
    identity(),
    foreign("story_id", "stories.id"),
    sa.Column("thread_id", Whole, nullable=False),
    foreign("parent_id", "comments.id", nullable=True, on_delete="SET NULL"),
    foreign("author_id", "readers.chat_id"),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    words("why"),
    sa.Column("posted_at", Moment, nullable=False),
    sa.Column("update_id", Whole, nullable=False),
    sa.Column("waiting_since", Moment),
    sa.Column("objected_at", Moment),
    sa.Index("ix_comments_story_id_thread_id", "story_id", "thread_id", "id", "state", "author_id"),
    sa.Index("ix_comments_author_id_posted_at", "author_id", "posted_at"),
    sa.Index("ix_comments_parent_id", "parent_id"),
    sa.Index("ix_comments_waiting", "waiting_since", sqlite_where=sa.text("waiting_since IS NOT NULL")),
    autoincrement=True,
)

# What a reader is about to write: a comment (`comment`) or the name for it (`name`). The next words are it, until
# `expires_at`.
drafts = table(
    "drafts",
    foreign("chat_id", "readers.chat_id", primary=True),
    sa.Column("kind", sa.Text, nullable=False),
    foreign("story_id", "stories.id"),
    foreign("parent_id", "comments.id", nullable=True, on_delete="SET NULL"),
    sa.Column("update_id", Whole, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("words", sa.Text, nullable=False, server_default=""),
    sa.Index("ix_drafts_story_id", "story_id"),
    sa.Index("ix_drafts_parent_id", "parent_id"),
)

votes = table(
    "votes",
    foreign("comment_id", "comments.id"),
    foreign("chat_id", "readers.chat_id"),
    sa.PrimaryKeyConstraint("comment_id", "chat_id"),
    sa.Index("ix_votes_chat_id", "chat_id"),
)

# Answers of which the author of what was answered has not heard yet.
answers = table(
    "answers",
    foreign("comment_id", "comments.id", primary=True),
    foreign("chat_id", "readers.chat_id"),
    sa.Index("ix_answers_chat_id", "chat_id"),
)

reports = table(
    "reports",
    foreign("comment_id", "comments.id"),
    foreign("chat_id", "readers.chat_id"),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.PrimaryKeyConstraint("comment_id", "chat_id"),
    sa.Index("ix_reports_chat_id", "chat_id"),
)

# What the editors decided, so that each decision can be found again.
decisions = table(
    "decisions",
    identity(),
    foreign("comment_id", "comments.id"),
    foreign("moderator_id", "readers.chat_id", nullable=True, on_delete="SET NULL"),
    sa.Column("what", sa.Text, nullable=False),
    words("why"),
    sa.Column("at", Moment, nullable=False),
    sa.Index("ix_decisions_comment_id", "comment_id"),
    sa.Index("ix_decisions_moderator_id", "moderator_id"),
)
