"""Stories as lists show them and as a reader opens them."""

from __future__ import annotations

from dataclasses import fields
from heapq import nlargest
from itertools import product
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.domain.articles import Block, BlockKind
from bot.domain.digest import Candidate
from bot.domain.news import ONLY_THERE, StoryLine, Telling
from bot.storage.comment_tables import comments
from bot.storage.follow_tables import finds, follows
from bot.storage.tables import (
    articles,
    feeds,
    full_texts,
    list_items,
    lists,
    saves,
    stories,
    story_keys,
    told,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_lead = articles.alias("lead")
_feed = feeds.alias("lead_feed")
_first = sa.select(sa.func.min(articles.c.id)).where(articles.c.story_id == stories.c.id).scalar_subquery()
_LINES = sa.select(
    stories.c.id,
    sa.case((stories.c.headline != "", stories.c.headline), else_=_lead.c.title).label("title"),
    _lead.c.url,
    _feed.c.title.label("source"),
    stories.c.desk,
    stories.c.language,
    sa.case((_feed.c.texts == sa.literal_column("'link'"), ""), else_=_lead.c.teaser).label("teaser"),
    stories.c.first_seen_at,
    stories.c.shown_at,
    stories.c.sources,
    stories.c.headline,
).select_from(stories.join(_lead, _lead.c.id == _first).join(_feed, _feed.c.id == _lead.c.feed_id))


def _line(row: Any) -> StoryLine:  # noqa: ANN401 - a row of _LINES
    return StoryLine(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping


WITHDRAWN = 0
"""What stands in `private_feed_id` of a story that the editors have withdrawn."""
_SHOWABLE = sa.func.coalesce(stories.c.private_feed_id, -1) != WITHDRAWN
FOR_ALL = stories.c.private_feed_id.is_(None)
"""Whether a story is everybody's; the indexes of lists begin with it."""


def shown_to(followed: Sequence[int]) -> sa.ColumnElement[bool]:
    """Whether a story may be shown to who follows these private feeds."""
    return sa.or_(FOR_ALL, stories.c.private_feed_id.in_(followed)) if followed else FOR_ALL


def latest(
    connection: Connection,
    languages: Sequence[str],
    desks: Sequence[str],
    most: int,
    followed: Sequence[int] = (),
) -> list[int]:
    """The ids of the newest stories by the date shown, newest first.

    No choice is every choice, and a story of unknown language suits all. Each language and desk is read by itself,
    newest first from its index: for several together SQLite sorts all stories that there are of them. The private
    feeds `followed` are read likewise, whatever their language.
    """
    groups = [
        sa.and_(
            FOR_ALL,
            *(() if language is None else (stories.c.language == language,)),
            *(() if desk is None else (stories.c.desk == desk,)),
        )
        for language, desk in product({*languages, ""} if languages else (None,), set(desks) or (None,))
    ]
    groups += [stories.c.private_feed_id == feed_id for feed_id in followed]
    found: list[tuple[datetime, int]] = []
    for group in groups:
        statement = sa.select(stories.c.shown_at, stories.c.id).where(group)
        ordered = statement.order_by(stories.c.shown_at.desc(), stories.c.id.desc()).limit(most)
        found += [(row.shown_at, row.id) for row in connection.execute(ordered)]
    return [story_id for _, story_id in nlargest(most, found)]


def busiest(
    connection: Connection, since: datetime, languages: Sequence[str], desks: Sequence[str], most: int
) -> list[tuple[int, str]]:
    """The stories first seen after `since` that most feeds tell, with their desks; the newest first among equals."""
    statement = sa.select(stories.c.id, stories.c.desk).where(
        stories.c.first_seen_at > since, stories.c.backlog == 0, FOR_ALL
    )
    if languages:
        statement = statement.where(stories.c.language.in_((*languages, "")))
    if desks:
        statement = statement.where(stories.c.desk.in_(desks))
    ordered = statement.order_by(stories.c.sources.desc(), stories.c.shown_at.desc(), stories.c.id.desc())
    return [(row.id, row.desk) for row in connection.execute(ordered.limit(most))]


def candidates(connection: Connection, since: datetime) -> list[Candidate]:
    """All stories of public feeds first seen after `since` that are no archive, oldest first."""
    statement = (
        sa.select(*_CANDIDATE)
        .where(stories.c.first_seen_at > since, stories.c.backlog == 0, FOR_ALL)
        .order_by(stories.c.first_seen_at, stories.c.id)
    )
    return [Candidate(*row) for row in connection.execute(statement)]


_CANDIDATE = [stories.c[field.name] for field in fields(Candidate)]


def candidates_of(connection: Connection, ids: Iterable[int]) -> dict[int, Candidate]:
    """These stories, as far as they are still in the archive and not withdrawn, whoever may see them."""
    rows = connection.execute(sa.select(*_CANDIDATE).where(stories.c.id.in_(list(ids)), _SHOWABLE))
    return {row.id: Candidate(*row) for row in rows}


def visible(connection: Connection, chat_id: int, story_id: int) -> bool:
    """Whether a story may be shown to a reader: it is everybody's, of a feed that he or she follows, or saved."""
    follow = sa.exists().where(follows.c.chat_id == chat_id, follows.c.feed_id == stories.c.private_feed_id)
    saved = sa.exists().where(saves.c.chat_id == chat_id, saves.c.story_id == stories.c.id)
    kept = sa.and_(saved, _SHOWABLE)
    statement = sa.select(stories.c.id).where(stories.c.id == story_id, sa.or_(FOR_ALL, follow, kept))
    return connection.execute(statement).first() is not None


def is_public(connection: Connection, story_id: int) -> bool:
    """Whether a story is everybody's."""
    statement = sa.select(stories.c.id).where(stories.c.id == story_id, FOR_ALL)
    return connection.execute(statement).first() is not None


def lines(connection: Connection, ids: Iterable[int]) -> list[StoryLine]:
    """The stories with these ids, in this order; those that have left the archive or were withdrawn are missing."""
    wanted = list(ids)
    statement = _LINES.where(stories.c.id.in_(wanted), _SHOWABLE)
    found = {row.id: _line(row) for row in connection.execute(statement)}
    return [found[story_id] for story_id in wanted if story_id in found]


def there(connection: Connection, ids: Iterable[int]) -> set[int]:
    """Which of these stories have not left the archive."""
    return set(connection.execute(sa.select(stories.c.id).where(stories.c.id.in_(set(ids)))).scalars())


def tellings(connection: Connection, story_id: int) -> list[Telling]:
    """The articles of a story, the first reporter first."""
    statement = (
        sa.select(
            articles.c.id.label("article_id"),
            articles.c.url,
            articles.c.title,
            feeds.c.title.label("source"),
            articles.c.author,
            articles.c.teaser,
            articles.c.image,
            articles.c.language,
            articles.c.shown_at,
            full_texts.c.blocks,
            full_texts.c.origin,
            full_texts.c.trouble,
            full_texts.c.try_again_at,
            feeds.c.texts,
        )
        .select_from(articles.join(feeds).outerjoin(full_texts))
        .where(articles.c.story_id == story_id)
        .order_by(articles.c.id)
    )
    return [_telling(dict(row._mapping)) for row in connection.execute(statement)]  # noqa: SLF001 - as above


def _telling(row: dict[str, Any]) -> Telling:
    """An article, with as much of its text as its paper's readers may see here."""
    texts = row.pop("texts")
    if texts == "full":
        return Telling(**{**row, "blocks": _blocks(row["blocks"]), "origin": row["origin"] or ""})
    teaser = row["teaser"] if texts == "teaser" else ""
    why = {"trouble": {"key": ONLY_THERE}, "try_again_at": None}
    return Telling(**{**row, "teaser": teaser, "blocks": (), "origin": "", **why})


def _blocks(kept: list[list[str]] | None) -> tuple[Block, ...]:
    return tuple(Block(BlockKind(kind), text) for kind, text in kept or ())


_TELL = insert(told).on_conflict_do_update(
    index_elements=["chat_id", "story_id"],
    set_={"how": sa.literal("opened"), "at": insert(told).excluded.at},
    where=sa.and_(insert(told).excluded.how == "opened", told.c.how != "opened"),
)


def tell(connection: Connection, chat_id: int, story_ids: Iterable[int], how: str, now: datetime) -> None:
    """Note that a reader was told these stories (`digest`) or has `opened` them, which says more."""
    tell_all(connection, ((chat_id, story_id) for story_id in story_ids), how, now)


def tell_all(connection: Connection, pairs: Iterable[tuple[int, int]], how: str, now: datetime) -> None:
    """The same for many readers: pairs of chat and story, without stories that have left the archive meanwhile."""
    told_now = list(pairs)
    kept = there(connection, (story_id for _, story_id in told_now))
    rows = [
        {"chat_id": chat_id, "story_id": story_id, "how": how, "at": now}
        for chat_id, story_id in told_now
        if story_id in kept
    ]
    if rows:
        connection.execute(_TELL, rows)


def told_to(connection: Connection, chat_ids: Sequence[int], since: datetime) -> dict[int, set[int]]:
    """For each chat the stories that it was told after `since`."""
    found: dict[int, set[int]] = {}
    statement = sa.select(told.c.chat_id, told.c.story_id).where(
        told.c.chat_id.in_(chat_ids), told.c.at > since
    )
    for row in connection.execute(statement):
        found.setdefault(row.chat_id, set()).add(row.story_id)
    return found


def opened(connection: Connection, chat_id: int, story_ids: Sequence[int]) -> set[int]:
    """Which of these stories the reader has opened."""
    statement = sa.select(told.c.story_id).where(
        told.c.chat_id == chat_id, told.c.story_id.in_(story_ids), told.c.how == "opened"
    )
    return set(connection.execute(statement).scalars())


def save(connection: Connection, chat_id: int, story_id: int, now: datetime, *, keep: bool) -> None:
    """Put a story on the reader's shelf, or take it off."""
    if keep:
        row = {"chat_id": chat_id, "story_id": story_id, "saved_at": now}
        connection.execute(sa.insert(saves).prefix_with("OR IGNORE", dialect="sqlite").values(row))
    else:
        connection.execute(sa.delete(saves).where(saves.c.chat_id == chat_id, saves.c.story_id == story_id))


def is_saved(connection: Connection, chat_id: int, story_id: int) -> bool:
    """Whether the story is on the reader's shelf."""
    statement = sa.select(saves.c.story_id).where(saves.c.chat_id == chat_id, saves.c.story_id == story_id)
    return connection.execute(statement).first() is not None


def saved(connection: Connection, chat_id: int) -> list[StoryLine]:
    """The reader's shelf, the last one put there first."""
    statement = _LINES.join(saves, saves.c.story_id == stories.c.id).where(
        saves.c.chat_id == chat_id, _SHOWABLE
    )
    ordered = statement.order_by(saves.c.saved_at.desc(), stories.c.id.desc())
    return [_line(row) for row in connection.execute(ordered)]


def prune_headlines(connection: Connection, before: datetime, most: int) -> int:
    """Forget up to `most` headlines from before: by them a story is known again for a few days only."""
    key = (story_keys.c.key, story_keys.c.seen_at)
    old = sa.select(*key).where(story_keys.c.key.between("t:", "t;"), story_keys.c.seen_at < before)
    return connection.execute(sa.delete(story_keys).where(sa.tuple_(*key).in_(old.limit(most)))).rowcount


def prune_told(connection: Connection, before: datetime, most: int) -> int:
    """Forget up to `most` tellings from before; what was opened stays known for as long as its story is kept."""
    key = (told.c.chat_id, told.c.story_id)
    old = sa.select(*key).where(told.c.how != sa.literal_column("'opened'"), told.c.at < before)
    return connection.execute(sa.delete(told).where(sa.tuple_(*key).in_(old.limit(most)))).rowcount


def _leaving(before: datetime, listed_since: datetime) -> sa.Select[int]:
    """Stories last told before, unless somebody saved or follows them, talks about them, or a new list shows them."""
    newest = (
        sa.select(sa.func.max(articles.c.first_seen_at))
        .where(articles.c.story_id == stories.c.id)
        .scalar_subquery()
    )
    listed = (
        sa.select(list_items.c.list_id)
        .join(lists)
        .where(list_items.c.story_id == stories.c.id, lists.c.made_at >= listed_since)
    )
    return sa.select(stories.c.id).where(
        stories.c.first_seen_at < before,
        newest < before,
        ~sa.exists().where(saves.c.story_id == stories.c.id),
        ~sa.exists().where(follows.c.story_id == stories.c.id),
        ~sa.exists().where(comments.c.story_id == stories.c.id, comments.c.state == "shown"),
        ~listed.exists(),
    )


def leaving(connection: Connection, before: datetime, listed_since: datetime) -> list[int]:
    """The stories last told before, unless somebody saved or follows them, talks about them, or a new list shows them.

    Args:
        connection: the transaction.
        before: since when nobody may have told a story.
        listed_since: from when on a list is new.
    """
    return list(connection.execute(_leaving(before, listed_since)).scalars())


def loosen(
    connection: Connection, ids: Sequence[int], before: datetime, listed_since: datetime, most: int
) -> int:
    """Remove up to `most` rows each of who was told of these stories, found them, and which lists showed them.

    Many readers may have opened one story: removed together with it, their rows would keep the writer for long.
    """
    going = _leaving(before, listed_since).where(stories.c.id.in_(ids))
    removed = 0
    for table in (told, list_items, finds):
        key = tuple(table.primary_key.columns)
        rows = sa.select(*key).where(table.c.story_id.in_(going)).limit(most)
        removed += connection.execute(sa.delete(table).where(sa.tuple_(*key).in_(rows))).rowcount
    return removed


def remove(connection: Connection, ids: Sequence[int], before: datetime, listed_since: datetime) -> int:
    """Remove those of these stories that are still leaving; the keys by which they are known again stay."""
    going = _leaving(before, listed_since).where(stories.c.id.in_(ids))
    return connection.execute(sa.delete(stories).where(stories.c.id.in_(going))).rowcount
