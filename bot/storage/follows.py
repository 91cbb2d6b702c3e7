"""What readers follow: the items, their filters, and what they have brought."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.domain.filters import Filter
from bot.domain.following import Follow
from bot.storage.follow_tables import filters, finds, follows
from bot.storage.tables import deliveries, feeds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.domain.following import Find

_OWN = [follows.c[field.name] for field in fields(Follow) if field.name != "private"]
_FOLLOWS = sa.select(*_OWN, sa.func.coalesce(feeds.c.private, 0).label("private")).select_from(
    follows.outerjoin(feeds, feeds.c.id == follows.c.feed_id)
)


def _follow(row: Any) -> Follow:  # noqa: ANN401 - a row of _FOLLOWS
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    return Follow(**values | {"private": bool(values["private"])})


def _of(connection: Connection, statement: sa.Select[Any]) -> list[Follow]:
    return [_follow(row) for row in connection.execute(statement)]


def add(connection: Connection, new: Follow, subject: str) -> None:
    """Begin to follow; what the reader follows already stays as it is.

    Args:
        connection: a transaction.
        new: the item; an id of 0 is replaced by one of the table's.
        subject: names what is followed, for this reader.
    """
    row = {column.name: getattr(new, column.name) for column in _OWN} | {"subject": subject}
    if not new.id:
        del row["id"]
    connection.execute(insert(follows).values(row).on_conflict_do_nothing())


def named(connection: Connection, chat_id: int, subject: str) -> Follow | None:
    """The item that a reader follows under this subject."""
    found = _of(connection, _FOLLOWS.where(follows.c.chat_id == chat_id, follows.c.subject == subject))
    return found[0] if found else None


def get(connection: Connection, chat_id: int, follow_id: int) -> Follow | None:
    """An item by its number, if this reader follows it."""
    found = _of(connection, _FOLLOWS.where(follows.c.chat_id == chat_id, follows.c.id == follow_id))
    return found[0] if found else None


def of_chat(connection: Connection, chat_id: int) -> list[Follow]:
    """All that a reader follows, what was begun last at the end."""
    return _of(connection, _FOLLOWS.where(follows.c.chat_id == chat_id).order_by(follows.c.id))


def count(connection: Connection, chat_id: int) -> int:
    """How many items a reader follows."""
    statement = sa.select(sa.func.count()).where(follows.c.chat_id == chat_id)
    return connection.execute(statement).scalar_one()


def change(connection: Connection, chat_id: int, follow_id: int, **values: Any) -> None:  # noqa: ANN401 - columns
    """Set some columns of an item that this reader follows."""
    mine = sa.update(follows).where(follows.c.chat_id == chat_id, follows.c.id == follow_id)
    connection.execute(mine.values(values))


def remove(connection: Connection, chat_id: int, follow_id: int) -> None:
    """Follow it no more; its filters go with it."""
    connection.execute(sa.delete(follows).where(follows.c.chat_id == chat_id, follows.c.id == follow_id))


def private_feeds(connection: Connection, chat_id: int) -> tuple[int, ...]:
    """The private feeds that a reader follows, whose stories may be shown to him or her."""
    statement = sa.select(feeds.c.id).join(follows, follows.c.feed_id == feeds.c.id)
    rows = connection.execute(statement.where(follows.c.chat_id == chat_id, feeds.c.private == 1))
    return tuple(rows.scalars())


def watching(connection: Connection, feed_ids: Iterable[int]) -> list[Follow]:
    """Who follows these feeds, and all words that are followed."""
    concerned = sa.or_(follows.c.feed_id.in_(set(feed_ids)), follows.c.kind == "words")
    return _of(connection, _FOLLOWS.where(concerned))


def stories_to_look_at(connection: Connection, before: datetime, most: int) -> list[Follow]:
    """Followed stories last looked at before, the longest ago first; all who follow one of them together."""
    longest_ago = (
        sa.select(follows.c.story_id)
        .where(follows.c.kind == "story")
        .group_by(follows.c.story_id)
        .having(sa.func.min(follows.c.looked_at) < before)
        .order_by(sa.func.min(follows.c.looked_at))
        .limit(most)
    )
    return _of(connection, _FOLLOWS.where(follows.c.story_id.in_(longest_ago)).order_by(follows.c.story_id))


def silent_stories(connection: Connection, before: datetime, most: int) -> list[Follow]:
    """Followed stories of which nothing was heard since before, and whose readers were not asked yet."""
    silent = (
        follows.c.kind == "story",
        follows.c.heard_at < before,
        follows.c.asked_at.is_(None),
    )
    return _of(connection, _FOLLOWS.where(*silent).order_by(follows.c.id).limit(most))


def looked(connection: Connection, follow_ids: Iterable[int], now: datetime) -> None:
    """Note that these stories were looked at."""
    connection.execute(sa.update(follows).where(follows.c.id.in_(list(follow_ids))).values(looked_at=now))


def asked(connection: Connection, follow_id: int, now: datetime) -> None:
    """Note that the reader is asked whether to go on."""
    connection.execute(sa.update(follows).where(follows.c.id == follow_id).values(asked_at=now))


def known(connection: Connection, made: Sequence[Find]) -> set[tuple[int, int]]:
    """Which of these finds are written down already, as pairs of item and story."""
    statement = sa.select(finds.c.follow_id, finds.c.story_id).where(
        finds.c.follow_id.in_({find.follow.id for find in made}),
        finds.c.story_id.in_({find.story_id for find in made}),
    )
    return {(row.follow_id, row.story_id) for row in connection.execute(statement)}


def keep(connection: Connection, made: Sequence[Find], now: datetime) -> None:
    """Write finds down; those whose item or story is gone meanwhile are left out."""
    there = sa.select(follows.c.id).where(follows.c.id.in_({find.follow.id for find in made}))
    kept = set(connection.execute(there).scalars())
    rows = [
        {
            "follow_id": find.follow.id,
            "story_id": find.story_id,
            "chat_id": find.follow.chat_id,
            "way": find.way,
            "found_at": now,
        }
        for find in made
        if find.follow.id in kept
    ]
    if rows:
        connection.execute(insert(finds).on_conflict_do_nothing(), rows)
        heard = sa.update(follows).where(follows.c.id.in_({row["follow_id"] for row in rows}))
        connection.execute(heard.values(heard_at=now))


def pushed(connection: Connection, chat_ids: Iterable[int], since: datetime) -> dict[int, int]:
    """How many stories were pushed to each of these chats since then."""
    statement = (
        sa.select(finds.c.chat_id, sa.func.count(finds.c.story_id.distinct()).label("number"))
        .where(finds.c.chat_id.in_(set(chat_ids)), finds.c.found_at > since, finds.c.way == "push")
        .group_by(finds.c.chat_id)
    )
    return {row.chat_id: row.number for row in connection.execute(statement)}


def for_digests(connection: Connection, since: dict[int, datetime]) -> dict[int, list[int]]:
    """For each of these chats the stories found after its moment that belong into its digest."""
    if not since:
        return {}
    statement = sa.select(finds.c.chat_id, finds.c.story_id, finds.c.found_at).where(
        finds.c.chat_id.in_(since), finds.c.found_at > min(since.values()), finds.c.way == "digest"
    )
    found: dict[int, list[int]] = {}
    for row in connection.execute(statement):
        if row.found_at > since[row.chat_id]:
            found.setdefault(row.chat_id, []).append(row.story_id)
    return found


def stories_of(connection: Connection, follow_id: int, most: int) -> list[int]:
    """The stories that an item has brought, the last one first."""
    own = sa.select(finds.c.story_id).where(finds.c.follow_id == follow_id)
    return list(
        connection.execute(
            own.order_by(finds.c.found_at.desc(), finds.c.story_id.desc()).limit(most)
        ).scalars()
    )


def sent_about(connection: Connection, follow: Follow) -> int | None:
    """The message that last told of a followed story: what arrived of its finds, else where it was begun."""
    last = (
        sa.select(deliveries.c.sent_id)
        .join(finds, deliveries.c.dedupe == sa.func.printf("follow:%d:%d", finds.c.chat_id, finds.c.story_id))
        .where(finds.c.follow_id == follow.id, deliveries.c.sent_id.is_not(None))
        .order_by(deliveries.c.sent_id.desc())
        .limit(1)
    )
    return connection.execute(last).scalar() or follow.message_id


def filters_of(connection: Connection, chat_ids: Iterable[int]) -> dict[int, tuple[Filter, ...]]:
    """The filters of each of these chats, in the order in which they were made."""
    found: defaultdict[int, list[Filter]] = defaultdict(list)
    statement = sa.select(filters).where(filters.c.chat_id.in_(set(chat_ids))).order_by(filters.c.id)
    for row in connection.execute(statement):
        found[row.chat_id].append(Filter(row.id, row.follow_id, row.field, row.words, row.keep))
    return {chat_id: tuple(own) for chat_id, own in found.items()}


def add_filter(connection: Connection, chat_id: int, new: Filter) -> None:
    """Keep a filter, whose id is the table's to give."""
    row = {
        "chat_id": chat_id,
        "follow_id": new.follow_id,
        "field": new.field,
        "words": new.words,
        "keep": new.keep,
    }
    connection.execute(sa.insert(filters).values(row))


def remove_filter(connection: Connection, chat_id: int, filter_id: int) -> None:
    """Forget a filter of this reader's."""
    connection.execute(sa.delete(filters).where(filters.c.chat_id == chat_id, filters.c.id == filter_id))
