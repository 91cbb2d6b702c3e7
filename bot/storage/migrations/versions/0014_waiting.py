"""What of a broadcast waits is found by its time, and the places that readers have without reading them all.

Revision: 0014, after 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["broadcast_id", "not_before"],
        sqlite_where=sa.text("broadcast_id IS NOT NULL AND state IN ('planned', 'retry')"),
    )
    op.create_index("ix_readers_zone", "readers", ["zone"])


def downgrade() -> None:
    raise RuntimeError("restore the backup made before the migration instead")
