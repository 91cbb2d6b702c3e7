"""Who runs the newsroom: claiming it, inviting others, letting them go; every deed is written down."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from bot.domain.people import CODE_BYTES, INVITED_FOR, Deed, Person, Right, Role, fingerprint, may
from bot.errors import UserError
from bot.storage import inbox, people

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.domain.news import Reader
    from bot.domain.schedule import Clock
    from bot.storage.database import Connection, Database

ENTRIES: Final = 10
"""Deeds on one page of the log."""


class People:
    """The people of the newsroom.

    Args:
        db: the database.
        clock: the time.
        owners: ids that the operator named; they are owners whatever the database says.
    """

    def __init__(self, db: Database, clock: Clock, owners: Collection[int]) -> None:
        self._db = db
        self._clock = clock
        self._owners = frozenset(owners)

    async def role(self, user_id: int) -> Role | None:
        """What somebody is now; it is asked anew at every press."""
        return await self._db.read(self._role, user_id)

    def _role(self, connection: Connection, user_id: int) -> Role | None:
        return Role.OWNER if user_id in self._owners else people.role_of(connection, user_id)

    async def with_right(self, right: Right) -> set[int]:
        """Everybody who has a right."""
        found = await self._db.read(people.everybody)
        return {person.user_id for person in found if may(person.role, right)} | self._owners

    async def allowed(self, user_id: int, right: Right) -> bool:
        """Whether somebody may do something now."""
        return may(await self.role(user_id), right)

    async def check(self, user_id: int, right: Right) -> None:
        """See to it that somebody may do something.

        Raises:
            UserError: the right is missing (any more).
        """
        if not await self.allowed(user_id, right):
            raise UserError("office.not_yours")

    async def claim(self) -> str | None:
        """A code that makes whoever brings it first an owner; None where there is an owner.

        Each start makes its own, and those of earlier ones are good no more.
        """
        code = secrets.token_urlsafe(CODE_BYTES)

        def write(connection: Connection) -> str | None:
            people.forget_claims(connection)
            if self._owners or any(one.role is Role.OWNER for one in people.everybody(connection)):
                return None
            people.invite(connection, fingerprint(code), Role.OWNER, None, None)
            return code

        return await self._db.write(write)

    async def redeem(self, reader: Reader, code: str) -> Role:
        """Make a reader what an invitation says; who is something already stays it, whatever the invitation.

        Raises:
            UserError: it was used, is too old, or never was.
        """

        def write(connection: Connection) -> Role | None:
            now = self._clock()
            role = people.redeem(connection, fingerprint(code), now)
            if role is None:
                return self._role(connection, reader.chat_id)
            people.appoint(connection, Person(reader.chat_id, role, reader.first_name, now))
            people.note(
                connection, Deed(now, reader.chat_id, reader.first_name, "joined", {"role": role.value})
            )
            return role

        role = await self._db.write(write)
        if role is None:
            raise UserError("office.no_invitation")
        return role

    async def invite(self, update_id: int, owner: Reader, role: Role) -> str:
        """A code that makes whoever brings it first an editor or moderator.

        Raises:
            UserError: only owners invite.
        """
        code = secrets.token_urlsafe(CODE_BYTES)

        def write(connection: Connection) -> None:
            self._must(connection, owner.chat_id, Right.PEOPLE)
            now = self._clock()
            people.invite(connection, fingerprint(code), role, owner.chat_id, now + INVITED_FOR)
            if inbox.apply(connection, update_id, now):
                people.note(
                    connection, Deed(now, owner.chat_id, owner.first_name, "invited", {"role": role.value})
                )

        await self._db.write(write)
        return code

    async def dismiss(self, update_id: int, owner: Reader, user_id: int) -> Person | None:
        """Let somebody go; None where that one has gone already.

        Raises:
            UserError: only owners do that, and the last owner stays.
        """

        def write(connection: Connection) -> Person | None:
            self._must(connection, owner.chat_id, Right.PEOPLE)
            everybody = people.everybody(connection)
            found = next((one for one in everybody if one.user_id == user_id), None)
            others = {one.user_id for one in everybody if one.role is Role.OWNER} | self._owners
            if found is not None and found.role is Role.OWNER and others <= {user_id}:
                raise UserError("office.last_owner")
            now = self._clock()
            if found is not None and inbox.apply(connection, update_id, now):
                people.dismiss(connection, user_id)
                about = {"who": found.name, "role": found.role.value, "user_id": user_id}
                people.note(connection, Deed(now, owner.chat_id, owner.first_name, "dismissed", about))
            return found

        return await self._db.write(write)

    def _must(self, connection: Connection, user_id: int, right: Right) -> None:
        if not may(self._role(connection, user_id), right):
            raise UserError("office.not_yours")

    async def everybody(self) -> list[Person]:
        """Those whom the database knows, owners first; the operator's own list is the operator's business."""
        return await self._db.read(people.everybody)

    async def deeds(self, page: int = 0) -> list[Deed]:
        """One page of the log, the newest first; one more than fits, where there are more."""
        return await self._db.read(people.deeds, ENTRIES + 1, page * ENTRIES)
