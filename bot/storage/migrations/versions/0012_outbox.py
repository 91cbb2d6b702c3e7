"""Lanes of the outbox, what a delivery is about, what became of unknown ones, and stories that are owed again.

Revision: 0012, after 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_UNKNOWN = sa.text("state = 'unknown' AND settled_at IS NULL")


def upgrade() -> None:
    op.add_column("messages", sa.Column("refusal", sa.Text(), server_default="", nullable=False))
    op.add_column("messages", sa.Column("refused", sa.Integer(), server_default="0", nullable=False))
    op.add_column("messages", sa.Column("accepted", sa.Integer(), server_default="0", nullable=False))
    op.add_column("messages", sa.Column("mode", sa.Text(), server_default="as it is", nullable=False))
    for added in (
        sa.Column("lane", sa.Integer(), server_default="0", nullable=False),
        # Numbers without a key to what they name: making the table anew for that would copy the whole outbox.
        sa.Column("story_id", sa.Integer(), nullable=True),
        sa.Column("broadcast_id", sa.Integer(), nullable=True),
        sa.Column("op", sa.Text(), server_default="send", nullable=False),
        sa.Column("target", sa.Integer(), nullable=True),
        sa.Column("plain", sa.Integer(), server_default="0", nullable=False),
        sa.Column("again", sa.Integer(), server_default="0", nullable=False),
        sa.Column("settled_at", sa.Integer(), nullable=True),
    ):
        op.add_column("deliveries", added)
    op.drop_index("ix_deliveries_due", table_name="deliveries")
    for name, columns, where in (
        ("due", ["lane", "not_before"], sa.text("state IN ('planned', 'retry')")),
        ("broadcast_id", ["broadcast_id", "state"], sa.text("broadcast_id IS NOT NULL")),
        ("unsettled", ["ended_at"], _UNKNOWN),
    ):
        op.create_index(f"ix_deliveries_{name}", "deliveries", columns, sqlite_where=where)
    op.create_table(
        "owed_again",
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("story_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["readers.chat_id"], name="fk_owed_again_chat_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name="fk_owed_again_story_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("chat_id", "story_id", name="pk_owed_again"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_owed_again_story_id", "owed_again", ["story_id"])
    op.create_index("ix_owed_again_at", "owed_again", ["at"])
    # What waits when the program is changed knows its lane and its broadcast by the name of its debt.
    op.execute("UPDATE deliveries SET lane = 1 WHERE dedupe LIKE 'digest:%'")
    op.execute(
        "UPDATE deliveries SET lane = 2, broadcast_id = CAST(substr(dedupe, 11) AS INTEGER) "
        "WHERE dedupe LIKE 'broadcast:%' AND CAST(substr(dedupe, 11) AS INTEGER) IN (SELECT id FROM broadcasts)"
    )


def downgrade() -> None:
    raise RuntimeError("restore the backup made before the migration instead")
