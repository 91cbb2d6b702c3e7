"""Who writes comments: the names that strangers see, what is being written, and who hears of answers."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.domain.comments import TOGETHER, Comment, State
from bot.domain.pen_names import folded
from bot.storage.comment_tables import answers, commenters, comments, drafts, reports, votes
from bot.storage.comments import in_state, made_of, seen_by

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Commenter:
    """A reader who has a name to write under.

    Attributes:
        hears: whether of answers.
        muted_until: until when the editors want to read nothing of this reader.
        banned_at: since when for good.
    """

    name: str
    hears: bool
    muted_until: datetime | None
    banned_at: datetime | None


@dataclass(frozen=True, slots=True)
class Draft:
    """What a reader is about to write.

    Attributes:
        kind: a `comment`, an `answer`, or the `name` that it will stand under; `choose` while a name is to be chosen.
        parent_id: the comment that is answered; None for a talk of its own.
        update_id: the update that led to this.
        expires_at: when the next words are no answer any more.
        words: what was written before there was a name; it is posted only by a tap.
    """

    kind: str
    story_id: int
    parent_id: int | None
    update_id: int
    expires_at: datetime
    words: str = ""


def get(connection: Connection, chat_id: int) -> Commenter | None:
    """The name of a reader; None where none has been chosen."""
    columns = [commenters.c[field.name] for field in fields(Commenter)]
    row = connection.execute(sa.select(*columns).where(commenters.c.chat_id == chat_id)).first()
    return Commenter(*row) if row else None


def taken(connection: Connection, name: str) -> set[str]:
    """The folded names of others that begin like this one."""
    bare = folded(name)
    alike = sa.select(commenters.c.folded).where(
        commenters.c.folded >= bare, commenters.c.folded < bare + "\U0010ffff"
    )
    return set(connection.execute(alike).scalars())


def add(connection: Connection, chat_id: int, name: str, now: datetime) -> None:
    """Give a reader a name that nobody has; who has one keeps it."""
    row = {"chat_id": chat_id, "name": name, "folded": folded(name), "named_at": now}
    statement = insert(commenters).values(row)
    connection.execute(statement.on_conflict_do_nothing(index_elements=["chat_id"]))


def hear(connection: Connection, chat_id: int, *, wanted: bool) -> None:
    """Let a reader hear of answers, or no longer; those not told yet are then told no more."""
    connection.execute(sa.update(commenters).where(commenters.c.chat_id == chat_id).values(hears=wanted))
    if not wanted:
        connection.execute(sa.delete(answers).where(answers.c.chat_id == chat_id))


def mute(connection: Connection, chat_id: int, until: datetime) -> None:
    """Take no comments of a reader until then."""
    connection.execute(sa.update(commenters).where(commenters.c.chat_id == chat_id).values(muted_until=until))


def ban(connection: Connection, chat_id: int, now: datetime) -> None:
    """Take no comments of a reader any more."""
    connection.execute(sa.update(commenters).where(commenters.c.chat_id == chat_id).values(banned_at=now))


def begin(connection: Connection, chat_id: int, draft: Draft) -> None:
    """Note what a reader is about to write, instead of anything before."""
    row = {"chat_id": chat_id} | {field.name: getattr(draft, field.name) for field in fields(Draft)}
    statement = insert(drafts).values(row)
    connection.execute(statement.on_conflict_do_update(index_elements=["chat_id"], set_=row))


def draft(connection: Connection, chat_id: int) -> Draft | None:
    """What a reader is about to write, also where the time for it is over."""
    columns = [drafts.c[field.name] for field in fields(Draft)]
    row = connection.execute(sa.select(*columns).where(drafts.c.chat_id == chat_id)).first()
    return Draft(*row) if row else None


def give_up(connection: Connection, chat_id: int) -> bool:
    """Forget what a reader was about to write; returns whether there was anything."""
    return connection.execute(sa.delete(drafts).where(drafts.c.chat_id == chat_id)).rowcount > 0


def untold(connection: Connection, now: datetime, most: int) -> list[int]:
    """Readers who have answers to hear of, and have heard of none for a while."""
    heard = sa.or_(commenters.c.told_at.is_(None), commenters.c.told_at <= now - TOGETHER)
    statement = (
        sa.select(answers.c.chat_id).distinct().join(commenters, commenters.c.chat_id == answers.c.chat_id)
    )
    return list(connection.execute(statement.where(heard).order_by(answers.c.chat_id).limit(most)).scalars())


def answers_to(connection: Connection, chat_id: int) -> list[Comment]:
    """The answers that a reader has not heard of, the oldest first; without those that were taken away meanwhile."""
    statement = seen_by(chat_id).join(answers, answers.c.comment_id == comments.c.id)
    rows = connection.execute(
        statement.where(answers.c.chat_id == chat_id, in_state(State.SHOWN)).order_by(comments.c.id)
    )
    return [made_of(row) for row in rows]


def note_told(connection: Connection, chat_id: int, now: datetime | None) -> None:
    """Note that a reader has heard of all answers, or None: that there is nothing to hear of."""
    connection.execute(sa.delete(answers).where(answers.c.chat_id == chat_id))
    if now is not None:
        connection.execute(sa.update(commenters).where(commenters.c.chat_id == chat_id).values(told_at=now))


def move(connection: Connection, from_chat: int, to_chat: int) -> None:
    """Give what a reader has said, chosen and thought of others to another account of the same reader.

    The name goes along unless the other account has one; what both did about a comment stays done once, and what one
    thought of the other counts no more. Whoever may not write, may not write there either.
    """
    connection.execute(sa.delete(drafts).where(drafts.c.chat_id == from_chat))
    _bar_alike(connection, from_chat, to_chat)
    for table, column in (
        (commenters, commenters.c.chat_id),
        (comments, comments.c.author_id),
        (answers, answers.c.chat_id),
        (votes, votes.c.chat_id),
        (reports, reports.c.chat_id),
    ):
        statement = sa.update(table).prefix_with("OR IGNORE", dialect="sqlite").where(column == from_chat)
        connection.execute(statement.values({column: to_chat}))
        connection.execute(sa.delete(table).where(column == from_chat))
    for table in (answers, votes, reports):
        own = sa.exists().where(comments.c.id == table.c.comment_id, comments.c.author_id == to_chat)
        connection.execute(sa.delete(table).where(table.c.chat_id == to_chat, own))


def _bar_alike(connection: Connection, from_chat: int, to_chat: int) -> None:
    """Where both accounts have a name, the one that stays is muted and banned as the one that goes was."""
    old, new = get(connection, from_chat), get(connection, to_chat)
    if old is None or new is None:
        return
    muted = [until for until in (old.muted_until, new.muted_until) if until is not None]
    barred = {"muted_until": max(muted, default=None), "banned_at": new.banned_at or old.banned_at}
    connection.execute(sa.update(commenters).where(commenters.c.chat_id == to_chat).values(barred))
