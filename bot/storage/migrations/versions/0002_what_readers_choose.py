"""What readers choose beyond the first day.

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "moving_codes",
        sa.Column(
            "chat_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Integer(), nullable=False),
        sa.Column("used_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["readers.chat_id"], name=op.f("fk_moving_codes_chat_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["used_by"], ["readers.chat_id"], name=op.f("fk_moving_codes_used_by"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_moving_codes")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_moving_codes_code_hash")),
        sqlite_strict=True,
    )
    op.create_index("ix_moving_codes_used_by", "moving_codes", ["used_by"])
    op.create_table(
        "moving_tries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("chat_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tried_at", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["readers.chat_id"], name=op.f("fk_moving_tries_chat_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moving_tries")),
        sqlite_strict=True,
    )
    op.create_index("ix_moving_tries_chat_id", "moving_tries", ["chat_id"])

    # What is still owed from before are digests, whose hours their readers chose.
    op.add_column("deliveries", sa.Column("own_hour", sa.Integer(), server_default="0", nullable=False))
    op.execute("UPDATE deliveries SET own_hour = 1")

    # Until now a reader had one hour, so each edition was that hour's.
    op.add_column("editions", sa.Column("minute", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE editions SET minute = coalesce("
        "(SELECT digest_minute FROM readers WHERE readers.chat_id = editions.chat_id), 0)"
    )
    with op.batch_alter_table("editions") as batch_op:
        batch_op.alter_column("minute", existing_type=sa.Integer(), nullable=False)
        batch_op.drop_constraint(op.f("uq_editions_chat_id_local_date"), type_="unique")
        batch_op.create_unique_constraint(
            op.f("uq_editions_chat_id_local_date_minute"), ["chat_id", "local_date", "minute"]
        )

    for column in (
        sa.Column("digest_minutes", sa.Text(), server_default="[]", nullable=False),
        sa.Column("days", sa.Text(), server_default="daily", nullable=False),
        sa.Column("stories", sa.Text(), server_default="usual", nullable=False),
        sa.Column("sound", sa.Integer(), server_default="1", nullable=False),
        sa.Column("quiet", sa.Text(), nullable=True),
        sa.Column("away_since", sa.Integer(), nullable=True),
        sa.Column("paused_until", sa.Integer(), nullable=True),
        sa.Column("missed", sa.Integer(), server_default="0", nullable=False),
    ):
        op.add_column("readers", column)
    op.execute(
        "UPDATE readers SET digest_minutes = json_array(digest_minute) WHERE digest_minute IS NOT NULL"
    )
    op.execute("ALTER TABLE readers DROP COLUMN digest_minute")
    op.create_index(
        "ix_readers_paused_until", "readers", ["paused_until"], sqlite_where=sa.text("state = 'paused'")
    )


def downgrade() -> None:
    raise RuntimeError("restore the backup made before the migration instead")
