"""Every table. The migrations make them; a test holds the two together."""

from __future__ import annotations

import sqlalchemy as sa

from bot.storage import (
    broadcast_tables,
    comment_tables,
    editing_tables,
    follow_tables,
    moving_tables,
    number_tables,
    people_tables,
)
from bot.storage.dialect import Flag, Json, Minutes, Moment, Names, Whole
from bot.storage.schema import foreign as _to
from bot.storage.schema import identity as _id
from bot.storage.schema import metadata
from bot.storage.schema import table as _table
from bot.storage.schema import words as _text

__all__ = [
    "broadcast_tables",
    "comment_tables",
    "editing_tables",
    "follow_tables",
    "metadata",
    "moving_tables",
    "number_tables",
    "people_tables",
]

meta = _table(
    "meta",
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

feeds = _table(
    "feeds",
    _id(),
    sa.Column("url", sa.Text, nullable=False, unique=True),
    _text("title"),
    _text("desk"),
    _text("language"),
    _text("country"),
    _text("site"),
    sa.Column("state", sa.Text, nullable=False, server_default="active"),
    _text("etag"),
    _text("last_modified"),
    _text("body_hash"),
    _text("moved_to"),
    sa.Column("added_at", Moment, nullable=False),
    sa.Column("fetched_at", Moment),
    sa.Column("succeeded_at", Moment),
    sa.Column("newest_at", Moment),
    sa.Column("gap", sa.REAL),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("trouble", Json),
    sa.Column("next_check_at", Moment, nullable=False),
    sa.Column("claimed_until", Moment),
    sa.Column("private", Flag, nullable=False, server_default="0"),
    sa.Column("dead_told_at", Moment),
    sa.Column("texts", sa.Text, nullable=False, server_default="full"),
    sa.Column("advice", Json),
    sa.Column("advised_at", Moment),
    sa.Index("ix_feeds_due", "next_check_at", sqlite_where=sa.text("state = 'active'")),
)

# A story of a private feed is told by that feed alone and shown to those who follow it: `private_feed_id` names it; 0,
# which is no feed, stands for a story that the editors have withdrawn, so that nobody is shown it. It is no foreign
# key, since SQLite can add a column with one but not tell afterwards what deleting does. `headline` is the editors' own.
stories = _table(
    "stories",
    _id(),
    _text("title"),
    _text("desk"),
    _text("language"),
    sa.Column("first_seen_at", Moment, nullable=False),
    sa.Column("shown_at", Moment, nullable=False),
    sa.Column("sources", sa.Integer, nullable=False, server_default="1"),
    sa.Column("backlog", Flag, nullable=False, server_default="0"),
    sa.Column("private_feed_id", Whole),
    _text("headline"),
    sa.Index("ix_stories_private_feed_id_desk_shown_at", "private_feed_id", "desk", "shown_at"),
    sa.Index("ix_stories_private_feed_id_language_shown_at", "private_feed_id", "language", "shown_at"),
    sa.Index(
        "ix_stories_private_feed_id_desk_language_shown_at", "private_feed_id", "desk", "language", "shown_at"
    ),
    sa.Index("ix_stories_private_feed_id_shown_at", "private_feed_id", "shown_at"),
    sa.Index("ix_stories_first_seen_at", "first_seen_at"),
)

articles = _table(
    "articles",
    _id(),
    _to("feed_id", "feeds.id"),
    _to("story_id", "stories.id"),
    _text("guid"),
    _text("url"),
    _text("title"),
    _text("teaser"),
    _text("author"),
    _text("image"),
    _text("language"),
    sa.Column("categories", Names, nullable=False, server_default="[]"),
    sa.Column("published_at", Moment),
    sa.Column("first_seen_at", Moment, nullable=False),
    sa.Column("shown_at", Moment, nullable=False),
    _text("content_hash"),
    sa.Column("changes", sa.Integer, nullable=False, server_default="0"),
    sa.Index("ix_articles_feed_id", "feed_id"),
    sa.Index("ix_articles_story_id", "story_id"),
)

# Keys by which a feed's article is known again; they outlive the article, so that nothing is told twice. With the
# addresses in `story_keys` they grow for ever, on purpose: about 450 bytes an article with their indexes.
article_keys = _table(
    "article_keys",
    _to("feed_id", "feeds.id"),
    sa.Column("key", sa.Text, nullable=False),
    _to("article_id", "articles.id", nullable=True, on_delete="SET NULL"),
    sa.Column("seen_at", Moment, nullable=False),
    sa.PrimaryKeyConstraint("feed_id", "key"),
    sa.Index("ix_article_keys_article_id", "article_id"),
)

# Keys by which articles of different feeds are known to tell one story: addresses, which outlive it as well, and
# headlines, which count for a few days.
story_keys = _table(
    "story_keys",
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("seen_at", Moment, nullable=False),
    _to("story_id", "stories.id", nullable=True, on_delete="SET NULL"),
    sa.PrimaryKeyConstraint("key", "seen_at"),
    sa.Index("ix_story_keys_story_id", "story_id"),
)

# An article's whole text: from its feed when that has it all, else from its page; or why there is none.
full_texts = _table(
    "full_texts",
    sa.Column("article_id", Whole, sa.ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("blocks", Json),
    _text("origin"),
    sa.Column("trouble", Json),
    sa.Column("fetched_at", Moment, nullable=False),
    sa.Column("try_again_at", Moment),
)

readers = _table(
    "readers",
    sa.Column("chat_id", Whole, primary_key=True, autoincrement=False),
    _text("first_name"),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("zone", sa.Text, nullable=False),
    sa.Column("languages", Names, nullable=False, server_default="[]"),
    sa.Column("desks", Names, nullable=False, server_default="[]"),
    sa.Column("digest_minutes", Minutes, nullable=False, server_default="[]"),
    sa.Column("few", sa.Text, nullable=False, server_default="wait"),
    sa.Column("page", sa.Text, nullable=False, server_default="short"),
    sa.Column("state", sa.Text, nullable=False, server_default="active"),
    sa.Column("step", sa.Text, nullable=False, server_default="languages"),
    sa.Column("joined_at", Moment, nullable=False),
    sa.Column("seen_at", Moment, nullable=False),
    sa.Column("covered_until", Moment, nullable=False),
    _to("opened_story_id", "stories.id", nullable=True, on_delete="SET NULL"),
    sa.Column("days", sa.Text, nullable=False, server_default="daily"),
    sa.Column("stories", sa.Text, nullable=False, server_default="usual"),
    sa.Column("sound", Flag, nullable=False, server_default="1"),
    sa.Column("quiet", Minutes),
    sa.Column("away_since", Moment),
    sa.Column("paused_until", Moment),
    sa.Column("missed", sa.Integer, nullable=False, server_default="0"),
    sa.Column("editors", Flag, nullable=False, server_default="1"),
    sa.Index("ix_readers_opened_story_id", "opened_story_id"),
    sa.Index("ix_readers_zone", "zone"),
    sa.Index("ix_readers_paused_until", "paused_until", sqlite_where=sa.text("state = 'paused'")),
    # With `state` in it, since SQLite would else look into the table for what the condition says already; and of those
    # with a digest only, so that nothing but counting these goes this way.
    sa.Index(
        "ix_readers_planned",
        "zone",
        "digest_minutes",
        "days",
        "state",
        sqlite_where=sa.text("state = 'active' AND digest_minutes <> '[]'"),
    ),
)

# When each reader's next digest is due; the table is the schedule.
plans = _table(
    "plans",
    sa.Column(
        "chat_id",
        Whole,
        sa.ForeignKey("readers.chat_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("due_at", Moment, nullable=False),
    sa.Index("ix_plans_due_at", "due_at"),
)

# What was listed to a chat, as a fixed snapshot: "3" means the third of these.
lists = _table(
    "lists",
    _id(),
    _to("chat_id", "readers.chat_id"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("about", Json),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("message_id", Whole),
    sa.Column("update_id", Whole, unique=True),
    sa.Index("ix_lists_chat_id_message_id", "chat_id", "message_id"),
    sa.Index("ix_lists_kind_made_at", "kind", "made_at"),
)

list_items = _table(
    "list_items",
    _to("list_id", "lists.id"),
    sa.Column("position", sa.Integer, nullable=False),
    _to("story_id", "stories.id"),
    sa.PrimaryKeyConstraint("list_id", "position"),
    sa.Index("ix_list_items_story_id", "story_id"),
    rowid=False,
)

# One composed digest: one a reader, local day and hour.
editions = _table(
    "editions",
    _id(),
    _to("chat_id", "readers.chat_id"),
    sa.Column("local_date", sa.Text, nullable=False),
    sa.Column("minute", sa.Integer, nullable=False),
    sa.Column("composed_at", Moment, nullable=False),
    _to("list_id", "lists.id", nullable=True, on_delete="SET NULL"),
    sa.UniqueConstraint("chat_id", "local_date", "minute"),
    sa.Index("ix_editions_list_id", "list_id"),
    sa.Index("ix_editions_composed_at", "composed_at"),
)

# What a reader was told or has opened, and when first; being listed is not being told.
told = _table(
    "told",
    _to("chat_id", "readers.chat_id"),
    _to("story_id", "stories.id"),
    sa.Column("how", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.PrimaryKeyConstraint("chat_id", "story_id"),
    sa.Index("ix_told_story_id", "story_id"),
    sa.Index("ix_told_unopened", "at", sqlite_where=sa.text("how <> 'opened'")),
    # With `how` in it for the same reason.
    sa.Index("ix_told_opened", "at", "how", sqlite_where=sa.text("how = 'opened'")),
    rowid=False,
)

saves = _table(
    "saves",
    _to("chat_id", "readers.chat_id"),
    _to("story_id", "stories.id"),
    sa.Column("saved_at", Moment, nullable=False),
    sa.PrimaryKeyConstraint("chat_id", "story_id"),
    sa.Index("ix_saves_story_id", "story_id"),
)

# Messages that were opened on a story, so that a double press opens one.
openings = _table(
    "openings",
    _to("chat_id", "readers.chat_id"),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("update_id", Whole, nullable=False),
    sa.Column("opened_at", Moment, nullable=False),
    sa.PrimaryKeyConstraint("chat_id", "origin"),
    sa.Index("ix_openings_opened_at", "opened_at"),
)

inbox = _table(
    "inbox",
    sa.Column("update_id", Whole, primary_key=True, autoincrement=False),
    sa.Column("lane", Whole, nullable=False),
    sa.Column("payload", Json, nullable=False),
    sa.Column("received_at", Moment, nullable=False),
    sa.Column("applied_at", Moment),
    sa.Column("done_at", Moment),
    _text("outcome"),
    sa.Index("ix_inbox_open", "update_id", sqlite_where=sa.text("done_at IS NULL")),
    sa.Index("ix_inbox_done_at", "done_at"),
)

# A rendered message, kept once however many chats get it.
messages = _table(
    "messages",
    _id(),
    sa.Column("fingerprint", sa.Text, nullable=False, unique=True),
    sa.Column("document", Json, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    _text("refusal"),
    sa.Column("refused", sa.Integer, nullable=False, server_default="0"),
    sa.Column("accepted", Flag, nullable=False, server_default="0"),
    sa.Column("mode", sa.Text, nullable=False, server_default="as it is"),
    sa.Index("ix_messages_made_at", "made_at"),
)

# One message owed to one chat. The states are those of bot/domain/delivery.py.
deliveries = _table(
    "deliveries",
    _id(),
    sa.Column("dedupe", sa.Text, nullable=False, unique=True),
    _to("message_id", "messages.id", on_delete="RESTRICT"),
    _to("chat_id", "readers.chat_id"),
    _to("list_id", "lists.id", nullable=True, on_delete="SET NULL"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("own_hour", Flag, nullable=False, server_default="0"),
    sa.Column("not_before", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("epoch", Whole, nullable=False, server_default="0"),
    sa.Column("lease_until", Moment),
    sa.Column("sent_id", Whole),
    _text("reason"),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("ended_at", Moment),
    sa.Column("lane", sa.Integer, nullable=False, server_default="0"),
    # Which story and which broadcast it brings, where it brings one; what they name may have gone.
    sa.Column("story_id", Whole),
    sa.Column("broadcast_id", Whole),
    sa.Column("op", sa.Text, nullable=False, server_default="send"),
    sa.Column("target", Whole),
    sa.Column("plain", Flag, nullable=False, server_default="0"),
    sa.Column("again", Flag, nullable=False, server_default="0"),
    sa.Column("settled_at", Moment),
    sa.Index(
        "ix_deliveries_due", "lane", "not_before", sqlite_where=sa.text("state IN ('planned', 'retry')")
    ),
    sa.Index("ix_deliveries_held", "epoch", sqlite_where=sa.text("state IN ('claimed', 'sending')")),
    sa.Index("ix_deliveries_message_id", "message_id"),
    sa.Index("ix_deliveries_chat_id", "chat_id"),
    sa.Index("ix_deliveries_list_id", "list_id"),
    sa.Index("ix_deliveries_ended_at", "ended_at"),
    sa.Index(
        "ix_deliveries_broadcast_id",
        "broadcast_id",
        "state",
        sqlite_where=sa.text("broadcast_id IS NOT NULL"),
    ),
    # What of a broadcast waits, by its time: beside a million others that wait, too, it is found at once.
    sa.Index(
        "ix_deliveries_waiting",
        "broadcast_id",
        "not_before",
        sqlite_where=sa.text("broadcast_id IS NOT NULL AND state IN ('planned', 'retry')"),
    ),
    sa.Index(
        "ix_deliveries_unsettled",
        "ended_at",
        sqlite_where=sa.text("state = 'unknown' AND settled_at IS NULL"),
    ),
)

# Stories that a reader was to get and did not, and that the next digest brings whatever it covers.
owed_again = _table(
    "owed_again",
    _to("chat_id", "readers.chat_id"),
    _to("story_id", "stories.id"),
    sa.Column("at", Moment, nullable=False),
    sa.PrimaryKeyConstraint("chat_id", "story_id"),
    sa.Index("ix_owed_again_story_id", "story_id"),
    sa.Index("ix_owed_again_at", "at"),
    rowid=False,
)
