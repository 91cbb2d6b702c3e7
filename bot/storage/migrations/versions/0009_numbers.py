"""What is remembered of each day, and indexes to count what is opened and when digests are planned.

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "days",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("readers", sa.Integer(), nullable=True),
        sa.Column("erased", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_days")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_told_opened", "told", ["at", "how"], unique=False, sqlite_where=sa.text("how = 'opened'")
    )
    op.create_index(
        "ix_readers_planned",
        "readers",
        ["zone", "digest_minutes", "days", "state"],
        unique=False,
        sqlite_where=sa.text("state = 'active' AND digest_minutes <> '[]'"),
    )


def downgrade() -> None:
    raise RuntimeError("restore the backup made before the migration instead")
