"""What editors do with stories: their own headlines, stories made one, and what readers doubt.

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("stories", sa.Column("headline", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "merged",
        sa.Column("old_id", _WHOLE, autoincrement=False, nullable=False),
        sa.Column("story_id", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_merged_story_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("old_id", name=op.f("pk_merged")),
        sqlite_strict=True,
    )
    op.create_index("ix_merged_story_id", "merged", ["story_id"])
    op.create_table(
        "doubts",
        sa.Column("article_id", _WHOLE, nullable=False),
        sa.Column("chat_id", _WHOLE, nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_doubts_article_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["readers.chat_id"], name=op.f("fk_doubts_chat_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", "chat_id", name=op.f("pk_doubts")),
        sqlite_strict=True,
    )
    op.create_index("ix_doubts_chat_id", "doubts", ["chat_id"])


def downgrade() -> None:
    raise RuntimeError("restore the backup made before the migration instead")
