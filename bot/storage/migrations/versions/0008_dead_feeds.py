"""Since when the owners know that a feed is dead.

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feeds", sa.Column("dead_told_at", sa.Integer(), nullable=True))


def downgrade() -> None:
    raise RuntimeError("restore the backup made before the migration instead")
