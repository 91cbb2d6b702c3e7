"""The editors' desk for comments: what waits there, why, and what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.domain.comments import Case, Comment, State
from bot.storage.comment_tables import answers, commenters, comments, decisions, reports
from bot.storage.comments import in_state, seen_by
from bot.storage.tables import stories

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


_WAITING = comments.c.waiting_since.is_not(None)


def count(connection: Connection) -> int:
    """How many comments wait."""
    return connection.execute(sa.select(sa.func.count()).select_from(comments).where(_WAITING)).scalar_one()


def case(connection: Connection, place: int) -> Case | None:
    """The comment at a place of the queue, from 0, the one that waits longest first; None where the queue ends."""
    statement = sa.select(comments.c.id).where(_WAITING).order_by(comments.c.waiting_since, comments.c.id)
    comment_id = connection.execute(statement.limit(1).offset(place)).scalar()
    return None if comment_id is None else find(connection, comment_id)


def find(connection: Connection, comment_id: int) -> Case | None:
    """A comment with all that an editor should know of it; None where it is gone."""
    row = connection.execute(
        seen_by(0)
        .add_columns(stories.c.title, commenters.c.muted_until, commenters.c.banned_at)
        .join(stories, stories.c.id == comments.c.story_id)
        .where(comments.c.id == comment_id)
    ).first()
    if row is None:
        return None
    *own, title, muted_until, banned_at = row
    comment = Comment(*own)
    why = sa.select(reports.c.reason, sa.func.count().label("number")).where(
        reports.c.comment_id == comment_id
    )
    said = {row.reason: row.number for row in connection.execute(why.group_by(reports.c.reason))}
    others = sa.select(sa.func.count()).select_from(comments)
    others = others.where(comments.c.author_id == comment.author_id, comments.c.id != comment_id)
    shown = connection.execute(others.where(in_state(State.SHOWN))).scalar_one()
    away = connection.execute(others.where(in_state(State.HIDDEN, State.REFUSED))).scalar_one()
    return Case(comment, title, said, shown, away, muted_until, banned_at is not None)


def report(connection: Connection, comment_id: int, chat_id: int, reason: str, now: datetime) -> None:
    """Note that a reader reports a comment, and put it on the desk; once each, and not one's own."""
    about = sa.select(
        comments.c.id, sa.literal(chat_id), sa.literal(reason), sa.literal(now, reports.c.at.type)
    )
    found = about.where(comments.c.id == comment_id, comments.c.author_id != chat_id, in_state(State.SHOWN))
    names = ["comment_id", "chat_id", "reason", "at"]
    made = connection.execute(insert(reports).from_select(names, found).on_conflict_do_nothing())
    if made.rowcount > 0:
        _wait(connection, comment_id, now)


def _wait(connection: Connection, comment_id: int, now: datetime) -> None:
    statement = sa.update(comments).where(comments.c.id == comment_id, ~_WAITING)
    connection.execute(statement.values(waiting_since=now))


def object_to(connection: Connection, comment_id: int, chat_id: int, now: datetime) -> bool:
    """Note that an author does not agree with the editors, once; False where that cannot be (any more)."""
    statement = sa.update(comments).where(
        comments.c.id == comment_id,
        comments.c.author_id == chat_id,
        comments.c.objected_at.is_(None),
        in_state(State.HIDDEN, State.REFUSED),
    )
    done = connection.execute(statement.values(objected_at=now, waiting_since=now))
    return done.rowcount > 0


def approve(connection: Connection, comment_id: int) -> None:
    """Let everybody read a comment."""
    statement = sa.update(comments).where(comments.c.id == comment_id)
    connection.execute(statement.values(state=State.SHOWN, why="", waiting_since=None))


def take_away(connection: Connection, comment_id: int, reason: str) -> None:
    """Take a comment away; one that nobody has seen leaves no place behind, and nobody hears of it any more."""
    unseen = in_state(State.HELD, State.REFUSED)
    state = sa.case((unseen, str(State.REFUSED)), else_=str(State.HIDDEN))
    statement = sa.update(comments).where(comments.c.id == comment_id)
    connection.execute(statement.values(state=state, why=reason, waiting_since=None))
    connection.execute(sa.delete(answers).where(answers.c.comment_id == comment_id))


@dataclass(frozen=True, slots=True)
class Decision:
    """What an editor did about a comment, or about its author: `approve`, `hide`, `mute` or `ban`, and why."""

    comment_id: int
    moderator_id: int | None
    what: str
    why: str
    at: datetime


def note(connection: Connection, made: Decision) -> None:
    """Write a decision down."""
    row = {
        "comment_id": made.comment_id,
        "moderator_id": made.moderator_id,
        "what": made.what,
        "why": made.why,
        "at": made.at,
    }
    connection.execute(sa.insert(decisions).values(row))


def decided(connection: Connection, comment_id: int) -> list[Decision]:
    """What the editors decided about a comment, the first decision first."""
    columns = [decisions.c[name] for name in ("comment_id", "moderator_id", "what", "why", "at")]
    statement = sa.select(*columns).where(decisions.c.comment_id == comment_id).order_by(decisions.c.id)
    return [Decision(*row) for row in connection.execute(statement)]
