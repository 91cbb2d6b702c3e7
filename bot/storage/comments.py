"""Comments as readers see them: a page of a story's, one alone, and what counts when the next one is written."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import ceil
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.domain.comments import BREATH, LATELY, PAGE, REPEATING, Comment, Past, State
from bot.storage.comment_tables import answers, commenters, comments, decisions, drafts, votes
from bot.storage.tables import readers

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Connection

_answered = comments.alias("answered")
_whom = commenters.alias("whom")
_root = comments.alias("root")


def in_state(*states: State) -> sa.ColumnElement[bool]:
    """Whether a comment is in one of these states, which are written out: they stand in the index that is read."""
    named: sa.BindParameter[list[str]] = sa.bindparam(
        None, [str(state) for state in states], expanding=True, literal_execute=True
    )
    return comments.c.state.in_(named)


def _visible(chat_id: int) -> sa.ColumnElement[bool]:
    """Whether a reader sees a comment at all: what was shown once keeps its place, the rest is its author's."""
    return sa.or_(in_state(State.SHOWN, State.HIDDEN), comments.c.author_id == chat_id)


def seen_by(chat_id: int) -> sa.Select[Any]:
    """Comments with all that a reader sees of them; the columns are the fields of `Comment`."""
    number = sa.select(sa.func.count()).where(votes.c.comment_id == comments.c.id).scalar_subquery()
    values = {
        "name": commenters.c.name,
        "whom": sa.func.coalesce(_whom.c.name, ""),
        "votes": number,
        "voted": sa.exists().where(votes.c.comment_id == comments.c.id, votes.c.chat_id == chat_id),
        "rootless": ~sa.exists().where(_root.c.id == comments.c.thread_id),
        "objected": comments.c.objected_at.is_not(None),
    }
    columns = [values[one.name] if one.name in values else comments.c[one.name] for one in fields(Comment)]
    answers_another = sa.and_(
        _answered.c.id == comments.c.parent_id, comments.c.parent_id != comments.c.thread_id
    )
    return sa.select(
        *(column.label(field.name) for column, field in zip(columns, fields(Comment), strict=True))
    ).select_from(
        comments.join(commenters, commenters.c.chat_id == comments.c.author_id)
        .outerjoin(_answered, answers_another)
        .outerjoin(_whom, _whom.c.chat_id == _answered.c.author_id)
    )


def made_of(row: Any) -> Comment:  # noqa: ANN401 - a row of `seen_by`
    """The comment in a row of `seen_by`."""
    return Comment(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping


def count(connection: Connection, story_id: int) -> int:
    """How many comments on a story can be read."""
    statement = sa.select(sa.func.count()).select_from(comments)
    return connection.execute(
        statement.where(comments.c.story_id == story_id, in_state(State.SHOWN))
    ).scalar_one()


def size(connection: Connection, story_id: int, chat_id: int) -> tuple[int, int]:
    """How many comments on a story can be read, and how many pages a reader sees: one at least."""
    shown = sa.func.count(sa.case((in_state(State.SHOWN), 1)))
    statement = sa.select(shown, sa.func.count()).where(comments.c.story_id == story_id, _visible(chat_id))
    number, places = connection.execute(statement).one()
    return number, max(1, ceil(places / PAGE))


def ids_of_page(story_id: int, chat_id: int, number: int) -> sa.Select[Any]:
    """The ids on a page, from 0: the oldest talk first, and in a talk the oldest comment.

    All that is read on the way to a page stands in one index, and nothing is sorted.
    """
    return (
        sa.select(comments.c.id)
        .where(comments.c.story_id == story_id, _visible(chat_id))
        .order_by(comments.c.thread_id, comments.c.id)
        .limit(PAGE)
        .offset(number * PAGE)
    )


def page(connection: Connection, story_id: int, chat_id: int, number: int) -> list[Comment]:
    """The comments on a page of a story, as a reader sees them."""
    ids = list(connection.execute(ids_of_page(story_id, chat_id, number)).scalars())
    found = connection.execute(seen_by(chat_id).where(comments.c.id.in_(ids)))
    return sorted(map(made_of, found), key=lambda one: ids.index(one.id))


def page_of(connection: Connection, comment: Comment, chat_id: int) -> int:
    """The page on which a reader finds a comment."""
    statement = sa.select(sa.func.count()).select_from(comments)
    before = sa.tuple_(comments.c.thread_id, comments.c.id) < sa.tuple_(comment.thread_id, comment.id)
    places = connection.execute(
        statement.where(comments.c.story_id == comment.story_id, _visible(chat_id), before)
    ).scalar_one()
    return int(places) // PAGE


def get(connection: Connection, comment_id: int, chat_id: int) -> Comment | None:
    """A comment as a reader sees it; None where it is gone, or not for this reader."""
    row = connection.execute(seen_by(chat_id).where(comments.c.id == comment_id, _visible(chat_id))).first()
    return made_of(row) if row else None


def made_by(connection: Connection, chat_id: int, update_id: int, since: datetime) -> Comment | None:
    """The comment that an update made; looked for since a time, as Telegram may begin to count anew."""
    mine = seen_by(chat_id).where(comments.c.author_id == chat_id, comments.c.posted_at >= since)
    row = connection.execute(mine.where(comments.c.update_id == update_id)).first()
    return made_of(row) if row else None


@dataclass(frozen=True, slots=True)
class New:
    """A comment to be written down; the fields are those of `Comment`, and `parent_id` is what it answers."""

    story_id: int
    author_id: int
    text: str
    state: State
    why: str = ""
    parent_id: int | None = None


def add(connection: Connection, new: New, update_id: int, now: datetime) -> int:
    """Write a comment down; returns its id. One that is held waits for the editors from now on."""
    parent = sa.select(comments.c.thread_id, comments.c.id).where(
        comments.c.id == new.parent_id, comments.c.story_id == new.story_id
    )
    thread = connection.execute(parent).first() if new.parent_id else None
    row = {
        "story_id": new.story_id,
        "thread_id": thread.thread_id if thread else 0,
        "parent_id": thread.id if thread else None,
        "author_id": new.author_id,
        "text": new.text,
        "state": new.state,
        "why": new.why,
        "posted_at": now,
        "update_id": update_id,
        "waiting_since": now if new.state is State.HELD else None,
    }
    made: int = connection.execute(sa.insert(comments).values(row).returning(comments.c.id)).scalar_one()
    if thread is None:
        connection.execute(sa.update(comments).where(comments.c.id == made).values(thread_id=made))
    return made


def announce(connection: Connection, comment_id: int) -> None:
    """Let the author of what a comment answers hear of it: not of one's own words, nor where that is not wanted."""
    to = (
        sa.select(comments.c.id, _answered.c.author_id)
        .join(_answered, _answered.c.id == comments.c.parent_id)
        .join(commenters, commenters.c.chat_id == _answered.c.author_id)
        .where(
            comments.c.id == comment_id,
            _answered.c.author_id != comments.c.author_id,
            commenters.c.hears == 1,
        )
    )
    connection.execute(insert(answers).from_select(["comment_id", "chat_id"], to).on_conflict_do_nothing())


def remove(connection: Connection, comment_id: int, chat_id: int) -> bool:
    """Delete a reader's own comment; what the editors took away stays on their desk."""
    mine = sa.delete(comments).where(comments.c.id == comment_id, comments.c.author_id == chat_id)
    return connection.execute(mine.where(in_state(State.SHOWN, State.HELD))).rowcount > 0


def vote(connection: Connection, comment_id: int, chat_id: int, *, wanted: bool) -> None:
    """Let a reader find a comment well said, or no longer: once each, and not one's own."""
    if not wanted:
        mine = sa.delete(votes).where(votes.c.comment_id == comment_id, votes.c.chat_id == chat_id)
        connection.execute(mine)
        return
    found = sa.select(comments.c.id, sa.literal(chat_id)).where(
        comments.c.id == comment_id, comments.c.author_id != chat_id, in_state(State.SHOWN)
    )
    connection.execute(insert(votes).from_select(["comment_id", "chat_id"], found).on_conflict_do_nothing())


def waiting(connection: Connection, chat_id: int) -> int:
    """How many comments of a reader wait for the editors before anybody has seen them."""
    statement = sa.select(sa.func.count()).select_from(comments)
    return connection.execute(
        statement.where(comments.c.author_id == chat_id, in_state(State.HELD))
    ).scalar_one()


def past(connection: Connection, chat_id: int, now: datetime) -> Past:
    """What counts when a reader writes."""
    mine = comments.c.author_id == chat_id

    def number(*conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
        return sa.select(sa.func.count()).select_from(comments).where(mine, *conditions).scalar_subquery()

    lately = comments.c.posted_at >= now - LATELY
    away = in_state(State.HIDDEN, State.REFUSED)
    judged = sa.exists().where(decisions.c.comment_id == comments.c.id)
    facts = sa.select(
        readers.c.joined_at,
        number(in_state(State.SHOWN)).label("approved"),
        number(comments.c.posted_at > now - BREATH).label("recent"),
        number(lately, sa.or_(judged, away)).label("judged"),
        number(lately, away).label("rejected"),
    ).where(readers.c.chat_id == chat_id)
    row = connection.execute(facts).one()
    words = connection.execute(
        sa.select(comments.c.text).where(mine, comments.c.posted_at > now - REPEATING)
    ).scalars()
    return Past(row.joined_at, row.approved, row.recent, tuple(words), row.judged, row.rejected)


def merge(connection: Connection, from_story: int, to_story: int) -> int:
    """Give one story's comments to another, since both tell the same; returns how many.

    The talks stand in the order in which they began, and what is being written goes along.
    """
    connection.execute(sa.update(drafts).where(drafts.c.story_id == from_story).values(story_id=to_story))
    moved = sa.update(comments).where(comments.c.story_id == from_story).values(story_id=to_story)
    return connection.execute(moved).rowcount
