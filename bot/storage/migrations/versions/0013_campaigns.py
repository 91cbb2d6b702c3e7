"""Broadcasts with a whole life: planned, tried out, paused, held, confirmed, corrected; also of no story.

Revision: 0013, after 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # The table is made anew: a broadcast may have no story, and is known again by the message that asked for it.
    for name in ("editor_id", "story_id", "going"):
        op.drop_index(f"ix_broadcasts_{name}", table_name="broadcasts")
    op.rename_table("broadcasts", "broadcasts_before")
    op.create_table(
        "broadcasts",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("editor_id", _WHOLE, nullable=True),
        sa.Column("story_id", _WHOLE, nullable=True),
        sa.Column("parent_id", _WHOLE, nullable=True),
        sa.Column("op", sa.Text(), server_default="send", nullable=False),
        sa.Column("serious", sa.Integer(), server_default="0", nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("aim", sa.Text(), server_default="{}", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("origin_message", _WHOLE, nullable=False),
        sa.Column("message_id", _WHOLE, nullable=True),
        sa.Column("made_at", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.Integer(), nullable=True),
        sa.Column("begun_at", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.Integer(), nullable=True),
        sa.Column("stage", sa.Integer(), server_default="0", nullable=False),
        sa.Column("stage_at", sa.Integer(), nullable=True),
        sa.Column("judged_from", sa.Integer(), nullable=True),
        sa.Column("rested_at", sa.Integer(), nullable=True),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("owed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("at_once", sa.Integer(), server_default="0", nullable=False),
        sa.Column("up_to", _WHOLE, nullable=True),
        sa.Column("after_id", _WHOLE, server_default="0", nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("shown", sa.Text(), nullable=True),
        sa.Column("shown_at", sa.Integer(), nullable=True),
        sa.Column("ended_told", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["editor_id"], ["readers.chat_id"], name="fk_broadcasts_editor_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name="fk_broadcasts_story_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["broadcasts.id"], name="fk_broadcasts_parent_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_broadcasts"),
        sa.UniqueConstraint("editor_id", "origin_message", name="uq_broadcasts_editor_id_origin_message"),
        sqlite_strict=True,
    )
    # One that has ended before is not shown anew; one that is going has tried nothing, and goes on as it was.
    op.execute(
        "INSERT INTO broadcasts (id, editor_id, story_id, note, aim, state, origin_message, message_id, made_at, "
        "starts_at, begun_at, ended_at, stage, up_to, ended_told) "
        "SELECT id, editor_id, story_id, note, json_object('languages', json(languages)), state, -id, message_id, "
        "made_at, begun_at, begun_at, ended_at, 2, up_to, state IN ('done', 'stopped') FROM broadcasts_before"
    )
    op.execute(
        "UPDATE broadcasts SET owed = (SELECT COUNT(*) FROM deliveries WHERE broadcast_id = broadcasts.id), "
        "at_once = (SELECT COUNT(*) FROM deliveries WHERE broadcast_id = broadcasts.id), "
        "total = (SELECT COUNT(*) FROM deliveries WHERE broadcast_id = broadcasts.id) "
        "WHERE state IN ('sending', 'spread', 'stopping')"
    )
    op.drop_table("broadcasts_before")
    op.create_index("ix_broadcasts_story_id", "broadcasts", ["story_id"])
    op.create_index("ix_broadcasts_parent_id", "broadcasts", ["parent_id"])
    op.create_index("ix_broadcasts_made_at", "broadcasts", ["made_at"])
    op.create_index(
        "ix_broadcasts_open", "broadcasts", ["id"], sqlite_where=sa.text("state <> 'draft' AND ended_told = 0")
    )


def downgrade() -> None:
    raise RuntimeError("restore the backup made before the migration instead")
