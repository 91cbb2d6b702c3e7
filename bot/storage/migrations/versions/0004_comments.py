"""What readers say of a story.

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "commenters",
        sa.Column("chat_id", whole, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("named_at", sa.Integer(), nullable=False),
        sa.Column("hears", sa.Integer(), server_default="1", nullable=False),
        sa.Column("told_at", sa.Integer(), nullable=True),
        sa.Column("muted_until", sa.Integer(), nullable=True),
        sa.Column("banned_at", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["readers.chat_id"], name=op.f("fk_commenters_chat_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_commenters")),
        sa.UniqueConstraint("folded", name=op.f("uq_commenters_folded")),
        sqlite_strict=True,
    )
    op.create_table(
        "comments",
        sa.Column("id", whole, nullable=False),
        sa.Column("story_id", whole, nullable=False),
        sa.Column("thread_id", whole, nullable=False),
        sa.Column("parent_id", whole, nullable=True),
        sa.Column("author_id", whole, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("posted_at", sa.Integer(), nullable=False),
        sa.Column("update_id", whole, nullable=False),
        sa.Column("waiting_since", sa.Integer(), nullable=True),
        sa.Column("objected_at", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_comments_story_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["comments.id"], name=op.f("fk_comments_parent_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["readers.chat_id"], name=op.f("fk_comments_author_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.create_index(
            "ix_comments_story_id_thread_id",
            ["story_id", "thread_id", "id", "state", "author_id"],
            unique=False,
        )
        batch_op.create_index("ix_comments_author_id_posted_at", ["author_id", "posted_at"], unique=False)
        batch_op.create_index("ix_comments_parent_id", ["parent_id"], unique=False)
        batch_op.create_index(
            "ix_comments_waiting",
            ["waiting_since"],
            unique=False,
            sqlite_where=sa.text("waiting_since IS NOT NULL"),
        )
    op.create_table(
        "drafts",
        sa.Column("chat_id", whole, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("story_id", whole, nullable=False),
        sa.Column("parent_id", whole, nullable=True),
        sa.Column("update_id", whole, nullable=False),
        sa.Column("expires_at", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["readers.chat_id"], name=op.f("fk_drafts_chat_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_drafts_story_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["comments.id"], name=op.f("fk_drafts_parent_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_drafts")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.create_index("ix_drafts_story_id", ["story_id"], unique=False)
        batch_op.create_index("ix_drafts_parent_id", ["parent_id"], unique=False)
    _pair("votes", whole)
    op.create_table(
        "answers",
        sa.Column("comment_id", whole, autoincrement=False, nullable=False),
        sa.Column("chat_id", whole, nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_answers_comment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["readers.chat_id"], name=op.f("fk_answers_chat_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_answers")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("answers", schema=None) as batch_op:
        batch_op.create_index("ix_answers_chat_id", ["chat_id"], unique=False)
    _pair(
        "reports",
        whole,
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
    )
    op.create_table(
        "decisions",
        sa.Column("id", whole, nullable=False),
        sa.Column("comment_id", whole, nullable=False),
        sa.Column("moderator_id", whole, nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_decisions_comment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["moderator_id"], ["readers.chat_id"], name=op.f("fk_decisions_moderator_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.create_index("ix_decisions_comment_id", ["comment_id"], unique=False)
        batch_op.create_index("ix_decisions_moderator_id", ["moderator_id"], unique=False)


def _pair(name: str, whole: sa.types.TypeEngine[int], *more: sa.Column[int] | sa.Column[str]) -> None:
    """A table of what readers did about a comment, once each."""
    op.create_table(
        name,
        sa.Column("comment_id", whole, nullable=False),
        sa.Column("chat_id", whole, nullable=False),
        *more,
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f(f"fk_{name}_comment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["readers.chat_id"], name=op.f(f"fk_{name}_chat_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("comment_id", "chat_id", name=op.f(f"pk_{name}")),
        sqlite_strict=True,
    )
    with op.batch_alter_table(name, schema=None) as batch_op:
        batch_op.create_index(f"ix_{name}_chat_id", ["chat_id"], unique=False)


def downgrade() -> None:
    raise RuntimeError("restore the backup made before the migration instead")
