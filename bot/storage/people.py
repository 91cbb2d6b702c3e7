"""Owners, editors and moderators, the invitations that make them, and the log of what they did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.domain.people import Deed, Person, Role
from bot.storage.people_tables import desk_log, invitations, people

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


NOBODY: Final = "—"
"""Stands in the log for who is there no more and wanted to be forgotten; in every language the same."""


def role_of(connection: Connection, user_id: int) -> Role | None:
    """What somebody was made; None for a reader like any other."""
    found = connection.execute(sa.select(people.c.role).where(people.c.user_id == user_id)).scalar()
    return Role(found) if found else None


def everybody(connection: Connection) -> list[Person]:
    """All of them, owners first, then by the time they came."""
    rows = connection.execute(sa.select(people).order_by(people.c.since))
    found = [Person(row.user_id, Role(row.role), row.name, row.since) for row in rows]
    return sorted(found, key=lambda person: list(Role).index(person.role))


def appoint(connection: Connection, person: Person) -> None:
    """Make somebody what the invitation said; who was something already becomes the new thing."""
    row = {"user_id": person.user_id, "role": person.role.value, "name": person.name, "since": person.since}
    statement = insert(people).values(row)
    connection.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=row))


def dismiss(connection: Connection, user_id: int) -> bool:
    """Make somebody a reader like any other, and his or her invitations void; False for one who was."""
    connection.execute(sa.delete(invitations).where(invitations.c.made_by == user_id))
    return connection.execute(sa.delete(people).where(people.c.user_id == user_id)).rowcount > 0


def invite(
    connection: Connection, code_hash: str, role: Role, made_by: int | None, expires_at: datetime | None
) -> None:
    """Keep an invitation."""
    row = {"code_hash": code_hash, "role": role.value, "made_by": made_by, "expires_at": expires_at}
    connection.execute(sa.insert(invitations).values(row))


def forget_claims(connection: Connection) -> None:
    """Take back the claims that an earlier start printed."""
    connection.execute(sa.delete(invitations).where(invitations.c.made_by.is_(None)))


def redeem(connection: Connection, code_hash: str, now: datetime) -> Role | None:
    """Use an invitation up; None for one that there is not, or is too old."""
    statement = sa.delete(invitations).where(invitations.c.code_hash == code_hash)
    row = connection.execute(statement.returning(invitations.c.role, invitations.c.expires_at)).first()
    if row is None or (row.expires_at is not None and row.expires_at <= now):
        return None
    return Role(row.role)


def note(connection: Connection, deed: Deed) -> None:
    """Write down what was done; nothing of it is ever removed, and nothing changed but by `forget`."""
    row = {"at": deed.at, "user_id": deed.user_id, "name": deed.name, "what": deed.what, "about": deed.about}
    connection.execute(sa.insert(desk_log).values(row))


def forget(connection: Connection, user_id: int) -> None:
    """Take a number and a name out of the log; what was done stays."""
    dismiss(connection, user_id)
    own = sa.update(desk_log).where(desk_log.c.user_id == user_id)
    connection.execute(own.values(user_id=0, name=NOBODY))
    told = sa.update(desk_log).where(sa.func.json_extract(desk_log.c.about, "$.user_id") == user_id)
    bare = sa.func.json_set(sa.func.json_remove(desk_log.c.about, "$.user_id"), "$.who", NOBODY)
    connection.execute(told.values(about=bare))


def deeds(connection: Connection, most: int, skipped: int = 0) -> list[Deed]:
    """What was done last, the newest first."""
    statement = sa.select(desk_log).order_by(desk_log.c.id.desc()).limit(most).offset(skipped)
    return [
        Deed(row.at, row.user_id, row.name, row.what, row.about or {})
        for row in connection.execute(statement)
    ]
