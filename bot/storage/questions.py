"""What readers were asked or may take back, each kept as long as its buttons mean something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.storage.follow_tables import questions
from bot.storage.tables import inbox

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


BY_TEXT: Final = frozenset(
    {
        *("rename", "filter", "headline", "merge", "newfeed", "feedname"),
        *("sendwhat", "sendnote", "sendat", "amend"),
    }
)
"""Kinds of questions that a message answers; the others are answered by buttons."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something asked; `about` holds what its answer needs."""

    id: int
    update_id: int
    kind: str
    about: dict[str, Any]
    made_at: datetime


def _question(row: Any) -> Question | None:  # noqa: ANN401 - a row or None
    return Question(row.id, row.update_id, row.kind, row.about, row.made_at) if row else None


def ask(
    connection: Connection, chat_id: int, update_id: int, kind: str, about: dict[str, Any], now: datetime
) -> Question:
    """Keep a question; the same update asks it once."""
    row = {"chat_id": chat_id, "update_id": update_id, "kind": kind, "about": about, "made_at": now}
    connection.execute(insert(questions).values(row).on_conflict_do_nothing())
    found = sa.select(questions).where(questions.c.update_id == update_id)
    row_now = connection.execute(found).one()
    return Question(row_now.id, row_now.update_id, row_now.kind, row_now.about, row_now.made_at)


def get(connection: Connection, chat_id: int, question_id: int) -> Question | None:
    """A question by its number, if it was this reader's."""
    statement = sa.select(questions).where(questions.c.id == question_id, questions.c.chat_id == chat_id)
    return _question(connection.execute(statement).first())


def made_by(connection: Connection, update_id: int) -> Question | None:
    """The question that an update asked."""
    statement = sa.select(questions).where(questions.c.update_id == update_id)
    return _question(connection.execute(statement).first())


def of_kind(connection: Connection, chat_id: int, kind: str) -> list[Question]:
    """All that is kept of a kind for a chat."""
    statement = sa.select(questions).where(questions.c.chat_id == chat_id, questions.c.kind == kind)
    return [found for row in connection.execute(statement) if (found := _question(row)) is not None]


def open_for(connection: Connection, chat_id: int, update_id: int, since: datetime) -> Question | None:
    """What the message of this update may answer: asked since then, and nothing came from the reader in between."""
    later = sa.exists().where(
        inbox.c.lane == chat_id,
        inbox.c.update_id > questions.c.update_id,
        inbox.c.update_id < update_id,
    )
    statement = sa.select(questions).where(
        questions.c.chat_id == chat_id, questions.c.made_at > since, questions.c.update_id < update_id, ~later
    )
    return _question(connection.execute(statement.order_by(questions.c.id.desc()).limit(1)).first())


def prune(connection: Connection, before: datetime, most: int) -> int:
    """Forget up to `most` questions from before."""
    old = sa.select(questions.c.id).where(questions.c.made_at < before).limit(most)
    return connection.execute(sa.delete(questions).where(questions.c.id.in_(old))).rowcount
