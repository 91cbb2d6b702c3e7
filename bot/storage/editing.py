"""What editors do with stories: taking them down, naming them, making two one and one two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.domain.clustering import story_keys as keys_of
from bot.domain.editing import Doubted, Report, Sheet
from bot.storage import comments
from bot.storage.broadcast_tables import broadcasts
from bot.storage.comment_tables import comments as comment_table
from bot.storage.editing_tables import doubts, merged
from bot.storage.follow_tables import finds, follows
from bot.storage.stories import WITHDRAWN
from bot.storage.tables import articles, feeds, list_items, readers, saves, stories, story_keys, told

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

_PUBLIC = sa.or_(stories.c.private_feed_id.is_(None), stories.c.private_feed_id == WITHDRAWN)


def sheet(connection: Connection, story_id: int) -> Sheet | None:
    """A story as editors see it; None where there is none, or it is one reader's alone."""
    row = connection.execute(sa.select(stories).where(stories.c.id == story_id, _PUBLIC)).first()
    if row is None:
        return None
    doubted = sa.select(sa.func.count()).where(doubts.c.article_id == articles.c.id).scalar_subquery()
    found = connection.execute(
        sa.select(
            articles.c.id,
            articles.c.title,
            articles.c.url,
            feeds.c.title.label("source"),
            articles.c.shown_at,
            doubted.label("doubts"),
        )
        .join(feeds)
        .where(articles.c.story_id == story_id)
        .order_by(articles.c.id)
    )
    reports = tuple(Report(**one._mapping) for one in found)  # noqa: SLF001 - SQLAlchemy's public name
    opened = sa.select(sa.func.count()).where(told.c.story_id == story_id, told.c.how == "opened")
    said = sa.select(sa.func.count()).where(
        comment_table.c.story_id == story_id, comment_table.c.state == "shown"
    )
    return Sheet(
        id=row.id,
        headline=row.headline,
        desk=row.desk,
        withdrawn=row.private_feed_id == WITHDRAWN,
        reports=reports,
        opened=connection.execute(opened).scalar_one(),
        comments=connection.execute(said).scalar_one(),
    )


def change(connection: Connection, story_id: int, **values: Any) -> None:  # noqa: ANN401 - columns of stories
    """Change a story."""
    connection.execute(sa.update(stories).where(stories.c.id == story_id).values(**values))


def withdraw(connection: Connection, story_id: int, *, on: bool) -> None:
    """Show a story to nobody, or to everybody again."""
    change(connection, story_id, private_feed_id=WITHDRAWN if on else None)


def is_withdrawn(connection: Connection, story_id: int) -> bool:
    """Whether the editors have taken a story down."""
    statement = sa.select(stories.c.private_feed_id).where(stories.c.id == story_id)
    return connection.execute(statement).scalar() == WITHDRAWN


def now_in(connection: Connection, story_id: int) -> int:
    """The story that one became part of; the story itself where it did not."""
    statement = sa.select(merged.c.story_id).where(merged.c.old_id == story_id)
    return connection.execute(statement).scalar() or story_id


def withdrawn(connection: Connection) -> list[tuple[int, str]]:
    """The stories that were taken down, the newest first: their ids and headlines."""
    statement = (
        sa.select(stories.c.id, stories.c.headline, stories.c.title)
        .where(stories.c.private_feed_id == WITHDRAWN)
        .order_by(stories.c.shown_at.desc())
    )
    return [(row.id, row.headline or row.title) for row in connection.execute(statement)]


def doubted(connection: Connection) -> list[Doubted]:
    """The stories of which most readers say that an article tells another one."""
    number = sa.func.count(doubts.c.chat_id.distinct())
    statement = (
        sa.select(stories.c.id, stories.c.headline, stories.c.title, number.label("readers"))
        .select_from(doubts.join(articles).join(stories))
        .where(_PUBLIC)
        .group_by(stories.c.id)
        .order_by(number.desc(), stories.c.id.desc())
    )
    return [Doubted(row.id, row.headline or row.title, row.readers) for row in connection.execute(statement)]


def doubt(connection: Connection, article_id: int, chat_id: int, now: datetime) -> None:
    """Note that a reader takes an article for another story's."""
    row = {"article_id": article_id, "chat_id": chat_id, "at": now}
    connection.execute(insert(doubts).values(row).on_conflict_do_nothing())


def settle(connection: Connection, story_id: int) -> None:
    """Forget what readers doubted about a story: the editors have looked."""
    its = sa.select(articles.c.id).where(articles.c.story_id == story_id)
    connection.execute(sa.delete(doubts).where(doubts.c.article_id.in_(its)))


def merge(connection: Connection, from_story: int, to_story: int) -> None:
    """Make one story part of another, with all that readers have done with it.

    What they were told of both counts once, as the most that they did; talks, shelves, follows and lists go along.
    """
    opened = sa.select(told.c.chat_id).where(told.c.story_id == from_story, told.c.how == "opened")
    connection.execute(
        sa.update(told).where(told.c.story_id == to_story, told.c.chat_id.in_(opened)).values(how="opened")
    )
    for table in (told, saves, finds, follows, list_items):
        moved = sa.update(table).where(table.c.story_id == from_story)
        changes: dict[str, Any] = {"story_id": to_story}
        if table is follows:
            changes["subject"] = f"story:{to_story}"
        # Who has a row for both stories keeps the one of the story that stays; the other goes with its story.
        connection.execute(moved.prefix_with("OR IGNORE", dialect="sqlite").values(**changes))
    comments.merge(connection, from_story, to_story)
    for table, column in (
        (articles, articles.c.story_id),
        (story_keys, story_keys.c.story_id),
        (merged, merged.c.story_id),
        (readers, readers.c.opened_story_id),
        (broadcasts, broadcasts.c.story_id),
    ):
        connection.execute(sa.update(table).where(column == from_story).values({column.name: to_story}))
    connection.execute(sa.delete(stories).where(stories.c.id == from_story))
    connection.execute(sa.insert(merged).values(old_id=from_story, story_id=to_story))
    _recount(connection, to_story)


def split(connection: Connection, article_id: int) -> int | None:
    """Make an article a story of its own; its id, or None where it is alone in its story or gone.

    It is as old as the article: readers who were told the story that it stood with are not told of this one again.
    """
    row = connection.execute(sa.select(articles).where(articles.c.id == article_id)).first()
    if row is None:
        return None
    old = connection.execute(sa.select(stories).where(stories.c.id == row.story_id)).one()
    left = sa.select(sa.func.count()).where(articles.c.story_id == old.id, articles.c.id != article_id)
    if not connection.execute(left).scalar_one():
        return None
    desk = connection.execute(sa.select(feeds.c.desk).where(feeds.c.id == row.feed_id)).scalar_one()
    made = sa.insert(stories).values(
        title=row.title,
        desk=desk,
        language=row.language,
        first_seen_at=row.first_seen_at,
        shown_at=row.shown_at,
        backlog=old.backlog,
        private_feed_id=old.private_feed_id,
    )
    story_id = int(connection.execute(made.returning(stories.c.id)).scalar_one())
    connection.execute(sa.update(articles).where(articles.c.id == article_id).values(story_id=story_id))
    others = sa.select(articles.c.title, articles.c.url).where(articles.c.story_id == old.id)
    theirs = {key for one in connection.execute(others) for key in keys_of(one.title, one.url)}
    own = set(keys_of(row.title, row.url)) - theirs
    connection.execute(
        sa.update(story_keys)
        .where(story_keys.c.story_id == old.id, story_keys.c.key.in_(own))
        .values(story_id=story_id)
    )
    heard = sa.select(told.c.chat_id, sa.literal(story_id), told.c.how, told.c.at).where(
        told.c.story_id == old.id
    )
    connection.execute(sa.insert(told).from_select(["chat_id", "story_id", "how", "at"], heard))
    _recount(connection, old.id)
    return story_id


def _recount(connection: Connection, story_id: int) -> None:
    """Let a story say again of itself what its articles say: how many papers, since when, and in whose words."""
    its = articles.c.story_id == story_id
    facts = connection.execute(
        sa.select(
            sa.func.count(articles.c.feed_id.distinct()).label("sources"),
            sa.func.min(articles.c.shown_at).label("shown_at"),
        ).where(its)
    ).one()
    title = connection.execute(
        sa.select(articles.c.title).where(its).order_by(articles.c.id).limit(1)
    ).scalar_one()
    change(connection, story_id, sources=facts.sources, shown_at=facts.shown_at, title=title)
