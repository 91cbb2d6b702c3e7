"""What was listed to a chat, kept as it was shown: "3" means the third of these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.domain.news import Listing
from bot.domain.schedule import Slot
from bot.storage.stories import there
from bot.storage.tables import editions, list_items, lists, openings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

BRIEF = ("latest", "search", "saved", "first", "rest", "related", "timeline", "day", "followed", "week")
"""Kinds of lists that are soon replaced by the next one; a digest is its reader's checklist for longer."""


@dataclass(frozen=True, slots=True)
class New:
    """A list to be kept; the fields are those of `Listing`."""

    chat_id: int
    kind: str
    about: dict[str, Any]
    story_ids: tuple[int, ...]


def add(
    connection: Connection,
    new: New,
    now: datetime,
    *,
    update_id: int | None = None,
    message_id: int | None = None,
) -> Listing:
    """Keep a new list, without stories that have left the archive since they were looked up.

    The same update makes it once: a second time the first one is returned.
    """
    if update_id is not None:
        made = connection.execute(sa.select(lists.c.id).where(lists.c.update_id == update_id)).scalar()
        if made is not None:
            return _get(connection, made)
    row = {
        "chat_id": new.chat_id,
        "kind": new.kind,
        "about": new.about,
        "made_at": now,
        "message_id": message_id,
        "update_id": update_id,
    }
    list_id = connection.execute(sa.insert(lists).values(row).returning(lists.c.id)).scalar_one()
    kept = there(connection, new.story_ids)
    left = [one for one in new.story_ids if one in kept]
    items = [{"list_id": list_id, "position": n, "story_id": one} for n, one in enumerate(left, 1)]
    if items:
        connection.execute(sa.insert(list_items), items)
    return _get(connection, list_id)


def add_all(connection: Connection, made: Sequence[New], now: datetime) -> list[int]:
    """Keep many new lists, none of which an update asked for; their ids in the same order.

    Their messages are written already: the number of a story that has left the archive since then stays empty.
    """
    if not made:
        return []
    rows = [
        {"chat_id": new.chat_id, "kind": new.kind, "about": new.about, "made_at": now, "message_id": None}
        for new in made
    ]
    insert = sa.insert(lists).returning(lists.c.id, sort_by_parameter_order=True)
    ids = list(connection.execute(insert, rows).scalars())
    kept = there(connection, (story_id for new in made for story_id in new.story_ids))
    items = [
        {"list_id": list_id, "position": n, "story_id": story_id}
        for list_id, new in zip(ids, made, strict=True)
        for n, story_id in enumerate(new.story_ids, 1)
        if story_id in kept
    ]
    if items:
        connection.execute(sa.insert(list_items), items)
    return ids


def _get(connection: Connection, list_id: int) -> Listing:
    row = connection.execute(sa.select(lists).where(lists.c.id == list_id)).one()
    items = connection.execute(
        sa.select(list_items.c.position, list_items.c.story_id).where(list_items.c.list_id == list_id)
    )
    places: dict[int, int] = {item.position: item.story_id for item in items}
    ids = tuple(places.get(n) for n in range(1, max(places, default=0) + 1))
    return Listing(row.id, row.chat_id, row.kind, row.about or {}, row.made_at, row.message_id, ids)


def get(connection: Connection, chat_id: int, list_id: int) -> Listing | None:
    """A list by its id, if it was shown to this chat."""
    found = connection.execute(
        sa.select(lists.c.id).where(lists.c.id == list_id, lists.c.chat_id == chat_id)
    ).scalar()
    return _get(connection, found) if found is not None else None


def made_by(connection: Connection, update_id: int) -> Listing | None:
    """The list that an update made."""
    found = connection.execute(sa.select(lists.c.id).where(lists.c.update_id == update_id)).scalar()
    return _get(connection, found) if found is not None else None


def shown_by(connection: Connection, chat_id: int, message_id: int) -> Listing | None:
    """The list that a message shows now."""
    statement = sa.select(lists.c.id).where(lists.c.chat_id == chat_id, lists.c.message_id == message_id)
    found = connection.execute(statement.order_by(lists.c.id.desc()).limit(1)).scalar()
    return _get(connection, found) if found is not None else None


def newest(connection: Connection, chat_id: int) -> Listing | None:
    """The list shown last to a chat; one that was composed but not sent does not count, nor does an empty one."""
    filled = sa.exists().where(list_items.c.list_id == lists.c.id)
    shown = sa.select(lists.c.id).where(lists.c.chat_id == chat_id, lists.c.message_id.is_not(None), filled)
    found = connection.execute(shown.order_by(lists.c.message_id.desc(), lists.c.id.desc()).limit(1)).scalar()
    return _get(connection, found) if found is not None else None


def last_made(connection: Connection, chat_id: int, kind: str) -> datetime | None:
    """When the newest list of a kind was made for a chat; None if there was none."""
    statement = sa.select(sa.func.max(lists.c.made_at)).where(
        lists.c.chat_id == chat_id, lists.c.kind == kind
    )
    return connection.execute(statement).scalar()


def show(connection: Connection, list_id: int, message_id: int) -> None:
    """Note which message shows a list."""
    connection.execute(sa.update(lists).where(lists.c.id == list_id).values(message_id=message_id))


def add_editions(connection: Connection, made: Iterable[tuple[int, Slot, int]], now: datetime) -> None:
    """Note that digests were composed: chat, planned hour, and the list that holds its stories."""
    rows = [
        {
            "chat_id": chat_id,
            "local_date": slot.day.isoformat(),
            "minute": slot.minute,
            "composed_at": now,
            "list_id": list_id,
        }
        for chat_id, slot, list_id in made
    ]
    if rows:
        connection.execute(sa.insert(editions), rows)


def with_edition(connection: Connection, slots: Mapping[int, Slot]) -> set[int]:
    """Those of these chats whose digest of that planned hour was composed."""
    statement = sa.select(editions.c.chat_id, editions.c.local_date, editions.c.minute).where(
        editions.c.chat_id.in_(slots),
        editions.c.local_date.in_({slot.day.isoformat() for slot in slots.values()}),
    )
    rows = connection.execute(statement)
    return {
        row.chat_id
        for row in rows
        if Slot(date.fromisoformat(row.local_date), row.minute) == slots[row.chat_id]
    }


def has_edition(connection: Connection, chat_id: int, slot: Slot) -> bool:
    """Whether a reader's digest of a planned hour was composed."""
    return chat_id in with_edition(connection, {chat_id: slot})


def last_opening(connection: Connection, chat_id: int, origin: str) -> tuple[int, datetime] | None:
    """Which update last opened something from `origin`, and when."""
    statement = sa.select(openings.c.update_id, openings.c.opened_at).where(
        openings.c.chat_id == chat_id, openings.c.origin == origin
    )
    row = connection.execute(statement).first()
    return (row.update_id, row.opened_at) if row else None


def note_opening(connection: Connection, chat_id: int, origin: str, update_id: int, now: datetime) -> None:
    """Note that `update_id` opened something from `origin` (a message and a story)."""
    row = {"chat_id": chat_id, "origin": origin, "update_id": update_id, "opened_at": now}
    connection.execute(sa.insert(openings).prefix_with("OR REPLACE", dialect="sqlite").values(row))


def old(connection: Connection, brief_before: datetime, before: datetime) -> list[int]:
    """The lists made `before`, and those of the `BRIEF` kinds made `brief_before`.

    Of the latter the one that a chat saw last stays: a number without a reply means its stories.
    """
    newer = lists.alias("newer")
    filled = sa.exists().where(list_items.c.list_id == newer.c.id)
    replaced = sa.exists().where(
        newer.c.chat_id == lists.c.chat_id, newer.c.message_id > lists.c.message_id, filled
    )
    statement = sa.select(lists.c.id).where(
        lists.c.kind.in_(BRIEF),
        lists.c.made_at < brief_before,
        sa.or_(lists.c.made_at < before, lists.c.message_id.is_(None), replaced),
    )
    digests = sa.select(lists.c.id).where(lists.c.kind == "digest", lists.c.made_at < before)
    return [*connection.execute(statement).scalars(), *connection.execute(digests).scalars()]


def remove(connection: Connection, ids: Sequence[int]) -> int:
    """Remove these lists; returns how many there were."""
    return connection.execute(sa.delete(lists).where(lists.c.id.in_(ids))).rowcount


def forget_editions(connection: Connection, list_ids: Sequence[int]) -> None:
    """Let the hours of these digests have none (yet)."""
    if list_ids:
        connection.execute(sa.delete(editions).where(editions.c.list_id.in_(list_ids)))


def prune_editions(connection: Connection, before: datetime, most: int) -> int:
    """Forget up to `most` digests composed before."""
    gone = sa.select(editions.c.id).where(editions.c.composed_at < before).limit(most)
    return connection.execute(sa.delete(editions).where(editions.c.id.in_(gone))).rowcount


def prune_openings(connection: Connection, before: datetime, most: int) -> int:
    """Forget up to `most` openings from before."""
    key = (openings.c.chat_id, openings.c.origin)
    gone = sa.select(*key).where(openings.c.opened_at < before).limit(most)
    return connection.execute(sa.delete(openings).where(sa.tuple_(*key).in_(gone))).rowcount
