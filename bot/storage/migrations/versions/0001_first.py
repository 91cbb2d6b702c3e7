"""The first form of the database."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feeds",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("desk", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.Text(), server_default="", nullable=False),
        sa.Column("country", sa.Text(), server_default="", nullable=False),
        sa.Column("site", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="active", nullable=False),
        sa.Column("etag", sa.Text(), server_default="", nullable=False),
        sa.Column("last_modified", sa.Text(), server_default="", nullable=False),
        sa.Column("body_hash", sa.Text(), server_default="", nullable=False),
        sa.Column("moved_to", sa.Text(), server_default="", nullable=False),
        sa.Column("added_at", sa.Integer(), nullable=False),
        sa.Column("fetched_at", sa.Integer(), nullable=True),
        sa.Column("succeeded_at", sa.Integer(), nullable=True),
        sa.Column("newest_at", sa.Integer(), nullable=True),
        sa.Column("gap", sa.REAL(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("next_check_at", sa.Integer(), nullable=False),
        sa.Column("claimed_until", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feeds")),
        sa.UniqueConstraint("url", name=op.f("uq_feeds_url")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("feeds", schema=None) as batch_op:
        batch_op.create_index(
            "ix_feeds_due", ["next_check_at"], unique=False, sqlite_where=sa.text("state = 'active'")
        )

    op.create_table(
        "inbox",
        sa.Column(
            "update_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("lane", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("received_at", sa.Integer(), nullable=False),
        sa.Column("applied_at", sa.Integer(), nullable=True),
        sa.Column("done_at", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("update_id", name=op.f("pk_inbox")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index("ix_inbox_done_at", ["done_at"], unique=False)
        batch_op.create_index(
            "ix_inbox_open", ["update_id"], unique=False, sqlite_where=sa.text("done_at IS NULL")
        )

    op.create_table(
        "messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_messages_fingerprint")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index("ix_messages_made_at", ["made_at"], unique=False)

    op.create_table(
        "meta",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_meta")),
        sqlite_strict=True,
    )
    op.create_table(
        "stories",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("desk", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.Text(), server_default="", nullable=False),
        sa.Column("first_seen_at", sa.Integer(), nullable=False),
        sa.Column("shown_at", sa.Integer(), nullable=False),
        sa.Column("sources", sa.Integer(), server_default="1", nullable=False),
        sa.Column("backlog", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stories")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("stories", schema=None) as batch_op:
        batch_op.create_index("ix_stories_first_seen_at", ["first_seen_at"], unique=False)
        batch_op.create_index("ix_stories_shown_at", ["shown_at"], unique=False)
        batch_op.create_index("ix_stories_desk_shown_at", ["desk", "shown_at"], unique=False)
        batch_op.create_index("ix_stories_language_shown_at", ["language", "shown_at"], unique=False)
        batch_op.create_index(
            "ix_stories_desk_language_shown_at", ["desk", "language", "shown_at"], unique=False
        )

    op.create_table(
        "articles",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("feed_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("story_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guid", sa.Text(), server_default="", nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("teaser", sa.Text(), server_default="", nullable=False),
        sa.Column("author", sa.Text(), server_default="", nullable=False),
        sa.Column("image", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.Text(), server_default="", nullable=False),
        sa.Column("categories", sa.Text(), server_default="[]", nullable=False),
        sa.Column("published_at", sa.Integer(), nullable=True),
        sa.Column("first_seen_at", sa.Integer(), nullable=False),
        sa.Column("shown_at", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), server_default="", nullable=False),
        sa.Column("changes", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["feed_id"], ["feeds.id"], name=op.f("fk_articles_feed_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_articles_story_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("articles", schema=None) as batch_op:
        batch_op.create_index("ix_articles_feed_id", ["feed_id"], unique=False)
        batch_op.create_index("ix_articles_story_id", ["story_id"], unique=False)

    op.create_table(
        "readers",
        sa.Column(
            "chat_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("first_name", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("languages", sa.Text(), server_default="[]", nullable=False),
        sa.Column("desks", sa.Text(), server_default="[]", nullable=False),
        sa.Column("digest_minute", sa.Integer(), nullable=True),
        sa.Column("few", sa.Text(), server_default="wait", nullable=False),
        sa.Column("page", sa.Text(), server_default="short", nullable=False),
        sa.Column("state", sa.Text(), server_default="active", nullable=False),
        sa.Column("step", sa.Text(), server_default="languages", nullable=False),
        sa.Column("joined_at", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.Integer(), nullable=False),
        sa.Column("covered_until", sa.Integer(), nullable=False),
        sa.Column("opened_story_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["opened_story_id"], ["stories.id"], name=op.f("fk_readers_opened_story_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_readers")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("readers", schema=None) as batch_op:
        batch_op.create_index("ix_readers_opened_story_id", ["opened_story_id"], unique=False)

    op.create_table(
        "story_keys",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.Integer(), nullable=False),
        sa.Column("story_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_story_keys_story_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("key", "seen_at", name=op.f("pk_story_keys")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("story_keys", schema=None) as batch_op:
        batch_op.create_index("ix_story_keys_story_id", ["story_id"], unique=False)

    op.create_table(
        "article_keys",
        sa.Column("feed_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("seen_at", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_article_keys_article_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["feed_id"], ["feeds.id"], name=op.f("fk_article_keys_feed_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("feed_id", "key", name=op.f("pk_article_keys")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("article_keys", schema=None) as batch_op:
        batch_op.create_index("ix_article_keys_article_id", ["article_id"], unique=False)

    op.create_table(
        "full_texts",
        sa.Column("article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("blocks", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), server_default="", nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("fetched_at", sa.Integer(), nullable=False),
        sa.Column("try_again_at", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_full_texts_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_full_texts")),
        sqlite_strict=True,
    )
    op.create_table(
        "lists",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("chat_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=True),
        sa.Column("made_at", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("update_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["readers.chat_id"], name=op.f("fk_lists_chat_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lists")),
        sa.UniqueConstraint("update_id", name=op.f("uq_lists_update_id")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("lists", schema=None) as batch_op:
        batch_op.create_index("ix_lists_chat_id_message_id", ["chat_id", "message_id"], unique=False)
        batch_op.create_index("ix_lists_kind_made_at", ["kind", "made_at"], unique=False)

    op.create_table(
        "openings",
        sa.Column("chat_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("update_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("opened_at", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["readers.chat_id"], name=op.f("fk_openings_chat_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("chat_id", "origin", name=op.f("pk_openings")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("openings", schema=None) as batch_op:
        batch_op.create_index("ix_openings_opened_at", ["opened_at"], unique=False)

    op.create_table(
        "plans",
        sa.Column(
            "chat_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("due_at", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["readers.chat_id"], name=op.f("fk_plans_chat_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_plans")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("plans", schema=None) as batch_op:
        batch_op.create_index("ix_plans_due_at", ["due_at"], unique=False)

    op.create_table(
        "saves",
        sa.Column("chat_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("story_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("saved_at", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["readers.chat_id"], name=op.f("fk_saves_chat_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_saves_story_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("chat_id", "story_id", name=op.f("pk_saves")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("saves", schema=None) as batch_op:
        batch_op.create_index("ix_saves_story_id", ["story_id"], unique=False)

    op.create_table(
        "told",
        sa.Column("chat_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("story_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["readers.chat_id"], name=op.f("fk_told_chat_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_told_story_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("chat_id", "story_id", name=op.f("pk_told")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("told", schema=None) as batch_op:
        batch_op.create_index("ix_told_story_id", ["story_id"], unique=False)
        batch_op.create_index(
            "ix_told_unopened", ["at"], unique=False, sqlite_where=sa.text("how <> 'opened'")
        )

    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dedupe", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("chat_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("list_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("not_before", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "epoch", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("lease_until", sa.Integer(), nullable=True),
        sa.Column("sent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("made_at", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["readers.chat_id"], name=op.f("fk_deliveries_chat_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["list_id"], ["lists.id"], name=op.f("fk_deliveries_list_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_deliveries_message_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("dedupe", name=op.f("uq_deliveries_dedupe")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index("ix_deliveries_chat_id", ["chat_id"], unique=False)
        batch_op.create_index(
            "ix_deliveries_due",
            ["not_before"],
            unique=False,
            sqlite_where=sa.text("state IN ('planned', 'retry')"),
        )
        batch_op.create_index("ix_deliveries_ended_at", ["ended_at"], unique=False)
        batch_op.create_index(
            "ix_deliveries_held",
            ["epoch"],
            unique=False,
            sqlite_where=sa.text("state IN ('claimed', 'sending')"),
        )
        batch_op.create_index("ix_deliveries_list_id", ["list_id"], unique=False)
        batch_op.create_index("ix_deliveries_message_id", ["message_id"], unique=False)

    op.create_table(
        "editions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("chat_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("local_date", sa.Text(), nullable=False),
        sa.Column("composed_at", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["readers.chat_id"], name=op.f("fk_editions_chat_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["list_id"], ["lists.id"], name=op.f("fk_editions_list_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editions")),
        sa.UniqueConstraint("chat_id", "local_date", name=op.f("uq_editions_chat_id_local_date")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("editions", schema=None) as batch_op:
        batch_op.create_index("ix_editions_list_id", ["list_id"], unique=False)
        batch_op.create_index("ix_editions_composed_at", ["composed_at"], unique=False)

    op.create_table(
        "list_items",
        sa.Column("list_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("story_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["lists.id"], name=op.f("fk_list_items_list_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_list_items_story_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("list_id", "position", name=op.f("pk_list_items")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("list_items", schema=None) as batch_op:
        batch_op.create_index("ix_list_items_story_id", ["story_id"], unique=False)

    # unicode61 finds no words inside Chinese, Japanese or Thai text; the program indexes pairs of letters for these.
    op.execute(
        "CREATE VIRTUAL TABLE article_search USING fts5(title, body, tokenize = 'unicode61 remove_diacritics 2')"
    )
    op.execute(
        "CREATE TRIGGER articles_leave_search AFTER DELETE ON articles BEGIN "
        "DELETE FROM article_search WHERE rowid = old.id; END"
    )
    op.execute(
        "INSERT INTO meta (name, value) VALUES ('button_key', lower(hex(randomblob(32)))), ('epoch', '0')"
    )


def downgrade() -> None:
    raise RuntimeError("restore the backup made before the migration instead")
