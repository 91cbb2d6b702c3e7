"""What editors send to many readers, and whether a reader wants it.

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("readers", sa.Column("editors", sa.Integer(), server_default="1", nullable=False))
    op.create_table(
        "broadcasts",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("editor_id", _WHOLE, nullable=True),
        sa.Column("story_id", _WHOLE, nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("languages", sa.Text(), server_default="[]", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("update_id", _WHOLE, nullable=False),
        sa.Column("made_at", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.Integer(), nullable=True),
        sa.Column("up_to", _WHOLE, nullable=True),
        sa.Column("message_id", _WHOLE, nullable=True),
        sa.ForeignKeyConstraint(
            ["editor_id"], ["readers.chat_id"], name=op.f("fk_broadcasts_editor_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_broadcasts_story_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
        sa.UniqueConstraint("update_id", name=op.f("uq_broadcasts_update_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_broadcasts_editor_id", "broadcasts", ["editor_id"])
    op.create_index("ix_broadcasts_story_id", "broadcasts", ["story_id"])
    op.create_index(
        "ix_broadcasts_going", "broadcasts", ["id"], sqlite_where=sa.text("state IN ('sending', 'spread', 'stopping')")
    )


def downgrade() -> None:
    raise RuntimeError("restore the backup made before the migration instead")
