"""The editors' work on comments: what waits, approving, taking away, muting, and what authors say to that."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.domain.comments import MUTES, REASONS, Case, State
from bot.domain.people import Right
from bot.errors import UserError
from bot.storage import commenters, comments, inbox, moderation, outbox, readers
from bot.storage.moderation import Decision
from bot.views import comments as view
from bot.views.voice import Voice

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.news import Reader
    from bot.domain.schedule import Clock
    from bot.services.people import People
    from bot.storage.database import Connection, Database

GOOD_FOR: Final = timedelta(days=7)
"""How long an author can still be told why a comment was taken away."""


class Moderation:
    """The editors' desk for comments.

    Args:
        db: the database.
        clock: the time.
        people: who runs the newsroom, and may work at this desk.
    """

    def __init__(self, db: Database, clock: Clock, people: People) -> None:
        self._db = db
        self._clock = clock
        self._people = people

    async def is_moderator(self, chat_id: int) -> bool:
        """Whether a reader may work at this desk now."""
        return await self._people.allowed(chat_id, Right.COMMENTS)

    async def report(self, update_id: int, reader: Reader, comment_id: int, reason: str) -> None:
        """Put a comment on the desk.

        Raises:
            UserError: the comment is gone, or there is no such reason.
        """

        def write(connection: Connection) -> None:
            found = comments.get(connection, comment_id, reader.chat_id)
            if found is None or found.state != State.SHOWN:
                raise UserError("talk.gone")
            if reason not in REASONS:
                raise UserError("error.old_button")
            now = self._clock()
            if inbox.apply(connection, update_id, now):
                moderation.report(connection, comment_id, reader.chat_id, reason, now)

        await self._db.write(write)

    async def object_to(self, update_id: int, reader: Reader, comment_id: int) -> None:
        """An author does not agree: the comment is looked at once more.

        Raises:
            UserError: there is nothing of this reader's to object about.
        """

        def write(connection: Connection) -> None:
            now = self._clock()
            first = inbox.apply(connection, update_id, now)
            done = first and moderation.object_to(connection, comment_id, reader.chat_id, now)
            found = comments.get(connection, comment_id, reader.chat_id)
            mine = found is not None and found.author_id == reader.chat_id and found.objected
            if not done and not mine:
                raise UserError("talk.gone")

        await self._db.write(write)

    async def queue(self, reader: Reader, place: int = 0) -> tuple[Case | None, int, int]:
        """What waits at a place of the queue: the case, its place, and how many there are.

        A place too many is the last one; there is no case where nothing waits.

        Raises:
            UserError: this reader is no moderator.
        """
        await self._refuse_strangers(reader)

        def look(connection: Connection) -> tuple[Case | None, int, int]:
            number = moderation.count(connection)
            there = max(0, min(place, number - 1))
            return moderation.case(connection, there), there, number

        return await self._db.read(look)

    async def waiting(self) -> int:
        """How many comments wait for the editors."""
        return await self._db.read(moderation.count)

    async def case(self, reader: Reader, comment_id: int) -> Case:
        """A comment with all that an editor should know of it.

        Raises:
            UserError: this reader is no moderator, or the comment is gone.
        """
        await self._refuse_strangers(reader)
        found = await self._db.read(moderation.find, comment_id)
        if found is None:
            raise UserError("talk.gone")
        return found

    async def decide(self, update_id: int, reader: Reader, comment_id: int, what: str, why: str = "") -> None:
        """Do something about a comment or its author: `approve`, `hide` (for a reason), `mute` (for days), `ban`.

        Raises:
            UserError: this reader is no moderator, the comment is gone, or this cannot be decided.
        """
        await self._refuse_strangers(reader)

        def write(connection: Connection) -> None:
            now = self._clock()
            case = moderation.find(connection, comment_id)
            if case is None:
                raise UserError("talk.gone")
            if not inbox.apply(connection, update_id, now):
                return
            if not self._done(connection, case, what, why, now):
                raise UserError("error.old_button")
            moderation.note(connection, Decision(comment_id, reader.chat_id, what, why, now))

        await self._db.write(write)

    def _done(self, connection: Connection, case: Case, what: str, why: str, now: datetime) -> bool:
        comment = case.comment
        match what:
            case "approve":
                moderation.approve(connection, comment.id)
                if comment.state == State.HELD:
                    comments.announce(connection, comment.id)
            case "hide" if why in REASONS:
                moderation.take_away(connection, comment.id, why)
                self._tell_author(connection, case, why, now)
            case "mute" if why in {str(days) for days in MUTES}:
                commenters.mute(connection, comment.author_id, now + timedelta(days=int(why)))
            case "ban":
                commenters.ban(connection, comment.author_id, now)
            case _:
                return False
        return True

    def _tell_author(self, connection: Connection, case: Case, why: str, now: datetime) -> None:
        """Owe the author the reason, where the author can be written to."""
        author = readers.get(connection, case.comment.author_id)
        if author is None or author.state != "active":
            return
        message = view.taken_away(Voice.of(author, now), case.comment, case.title, why)
        dedupe = f"taken:{case.comment.id}:{now.timestamp()}"
        outbox.owe(connection, author.chat_id, message, dedupe, now, GOOD_FOR)

    async def _refuse_strangers(self, reader: Reader) -> None:
        """Refuse who is no moderator.

        Raises:
            UserError: always for them.
        """
        if not await self.is_moderator(reader.chat_id):
            raise UserError("error.old_button")
