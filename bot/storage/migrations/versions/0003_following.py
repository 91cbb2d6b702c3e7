"""Feeds, words and stories that readers follow.

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_LISTED = (["shown_at"], ["desk", "shown_at"], ["language", "shown_at"], ["desk", "language", "shown_at"])
"""What lists of stories are read by, now among those that may be seen."""


def upgrade() -> None:
    op.add_column("feeds", sa.Column("private", sa.Integer(), server_default="0", nullable=False))
    # Columns added in place: making the table of stories anew would copy the whole archive.
    op.add_column("stories", sa.Column("private_feed_id", _WHOLE, nullable=True))
    for columns in _LISTED:
        op.drop_index(f"ix_stories_{'_'.join(columns)}", "stories")
        among = ["private_feed_id", *columns]
        op.create_index(f"ix_stories_{'_'.join(among)}", "stories", among)
    _follows()
    _finds()
    _filters()
    _questions()


def _follows() -> None:
    op.create_table(
        "follows",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("chat_id", _WHOLE, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("feed_id", _WHOLE, nullable=True),
        sa.Column("story_id", _WHOLE, nullable=True),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("way", sa.Text(), server_default="digest", nullable=False),
        sa.Column("made_at", sa.Integer(), nullable=False),
        sa.Column("heard_at", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.Integer(), nullable=True),
        sa.Column("message_id", _WHOLE, nullable=True),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["readers.chat_id"], name=op.f("fk_follows_chat_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["feed_id"], ["feeds.id"], name=op.f("fk_follows_feed_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_follows_story_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follows")),
        sa.UniqueConstraint("chat_id", "subject", name=op.f("uq_follows_chat_id_subject")),
        sqlite_strict=True,
    )
    op.create_index("ix_follows_kind_looked_at", "follows", ["kind", "looked_at"])
    op.create_index("ix_follows_feed_id", "follows", ["feed_id"])
    op.create_index("ix_follows_story_id", "follows", ["story_id"])


def _finds() -> None:
    op.create_table(
        "finds",
        sa.Column("follow_id", _WHOLE, nullable=False),
        sa.Column("story_id", _WHOLE, nullable=False),
        sa.Column("chat_id", _WHOLE, nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("found_at", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["readers.chat_id"], name=op.f("fk_finds_chat_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["follow_id"], ["follows.id"], name=op.f("fk_finds_follow_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_finds_story_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("follow_id", "story_id", name=op.f("pk_finds")),
        sqlite_strict=True,
    )
    op.create_index("ix_finds_story_id", "finds", ["story_id"])
    op.create_index("ix_finds_chat_id_found_at", "finds", ["chat_id", "found_at"])


def _filters() -> None:
    op.create_table(
        "filters",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("chat_id", _WHOLE, nullable=False),
        sa.Column("follow_id", _WHOLE, nullable=True),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("keep", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["readers.chat_id"], name=op.f("fk_filters_chat_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["follow_id"], ["follows.id"], name=op.f("fk_filters_follow_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filters")),
        sqlite_strict=True,
    )
    op.create_index("ix_filters_chat_id", "filters", ["chat_id"])
    op.create_index("ix_filters_follow_id", "filters", ["follow_id"])


def _questions() -> None:
    op.create_table(
        "questions",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("chat_id", _WHOLE, nullable=False),
        sa.Column("update_id", _WHOLE, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["readers.chat_id"], name=op.f("fk_questions_chat_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
        sa.UniqueConstraint("update_id", name=op.f("uq_questions_update_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_questions_chat_id", "questions", ["chat_id"])
    op.create_index("ix_questions_made_at", "questions", ["made_at"])


def downgrade() -> None:
    raise RuntimeError("restore the backup made before the migration instead")
