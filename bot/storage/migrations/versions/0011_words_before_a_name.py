"""What somebody wrote before there was a name to write it under.

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("drafts", sa.Column("words", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    raise RuntimeError("restore the backup made before the migration instead")
