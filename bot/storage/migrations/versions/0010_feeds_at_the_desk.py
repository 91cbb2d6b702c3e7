"""How much of a feed's stories readers may see, and what the feed doctor found.

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feeds", sa.Column("texts", sa.Text(), server_default="full", nullable=False))
    op.add_column("feeds", sa.Column("advice", sa.Text(), nullable=True))
    op.add_column("feeds", sa.Column("advised_at", sa.Integer(), nullable=True))


def downgrade() -> None:
    raise RuntimeError("restore the backup made before the migration instead")
