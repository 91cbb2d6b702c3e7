"""What editors do with deliveries of which nobody knows whether they arrived: send again, or leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.domain.people import Deed, Right
from bot.domain.unknowns import Asked, Page, Settled, Verdict
from bot.errors import UserError
from bot.storage import inbox, people, questions, unknowns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.news import Reader
    from bot.domain.schedule import Clock
    from bot.domain.unknowns import Doubt
    from bot.services.people import People
    from bot.storage.database import Connection, Database

PAGE: Final = 8
"""Deliveries on one page."""
MOST: Final = 5_000
"""Deliveries that one tap settles, so that the one writer is soon free again; a further tap settles further ones."""
DEEDS: Final = {Verdict.AGAIN: "resent", Verdict.LEAVE: "dropped"}


class Unknowns:
    """What is in doubt, and its end.

    It takes the right to send to readers: whoever may send to all may send to one again, and a moderator may neither.

    Args:
        db: the database.
        clock: the time.
        people: who may.
        most: deliveries that one tap settles.
    """

    def __init__(self, db: Database, clock: Clock, people: People, *, most: int = MOST) -> None:
        self._db = db
        self._clock = clock
        self._people = people
        self._most = most

    async def page(self, editor: Reader, number: int, only: int = 0) -> Page:
        """A page of what is in doubt; one too many shows the last.

        Args:
            editor: who looks.
            number: from 0.
            only: the broadcast that alone is wanted; 0, or one of which nothing is in doubt, shows everything.

        Raises:
            UserError: the editor may not (any more).
        """
        await self._people.check(editor.chat_id, Right.BROADCAST)
        return await self._db.read(_page, number, only)

    async def one(self, editor: Reader, delivery_id: int) -> Doubt | None:
        """One that is in doubt; None where somebody has settled it.

        Raises:
            UserError: as `page`.
        """
        await self._people.check(editor.chat_id, Right.BROADCAST)
        return await self._db.read(unknowns.get, delivery_id)

    async def settle(self, update_id: int, editor: Reader, delivery_id: int, verdict: Verdict) -> Settled:
        """Send one again, or leave it.

        Raises:
            UserError: as `page`.
        """
        await self._people.check(editor.chat_id, Right.BROADCAST)
        return await self._db.write(self._settle, update_id, editor, verdict, [delivery_id])

    async def ask(self, update_id: int, editor: Reader, verdict: Verdict, only: int = 0) -> Asked:
        """Ask before many are settled: the newest of what is in doubt now, as many as one tap settles; what comes later is not meant.

        Raises:
            UserError: as `page`.
        """
        await self._people.check(editor.chat_id, Right.BROADCAST)

        def write(connection: Connection) -> Asked:
            ids, readers = unknowns.these(connection, self._most, only)
            about = {"verdict": verdict.value, "ids": ids, "readers": readers, "only": only}
            asked = questions.ask(connection, editor.chat_id, update_id, "unsettled", about, self._clock())
            return Asked(asked.id, verdict, len(asked.about["ids"]), asked.about["readers"], only)

        return await self._db.write(write)

    async def settle_all(self, update_id: int, editor: Reader, question_id: int) -> Settled | None:
        """Settle what was asked about, as far as it is in doubt still; None where the question is not kept any more.

        Raises:
            UserError: as `page`.
        """
        await self._people.check(editor.chat_id, Right.BROADCAST)

        def write(connection: Connection) -> Settled | None:
            asked = questions.get(connection, editor.chat_id, question_id)
            if asked is None or asked.kind != "unsettled":
                return None
            verdict, only = Verdict(asked.about["verdict"]), asked.about["only"]
            return self._settle(connection, update_id, editor, verdict, asked.about["ids"], only)

        return await self._db.write(write)

    def _settle(
        self,
        connection: Connection,
        update_id: int,
        editor: Reader,
        verdict: Verdict,
        ids: Sequence[int],
        only: int = 0,
    ) -> Settled:
        """Settle these; an update that comes again is told what it did the first time."""
        now = self._clock()
        done: list[int] = []
        if inbox.apply(connection, update_id, now):
            change = unknowns.send_again if verdict is Verdict.AGAIN else unknowns.leave
            done = change(connection, ids, now)
            self._note(connection, editor, DEEDS[verdict], len(done))
        about = {"verdict": verdict.value, "ids": done}
        kept = questions.ask(connection, editor.chat_id, update_id, "settled", about, now)
        number = len(kept.about["ids"])
        undo = kept.id if number and verdict is Verdict.LEAVE else 0
        outdated = unknowns.count_outdated(connection, ids) if verdict is Verdict.AGAIN else 0
        return Settled(verdict, number, len(ids) - number - outdated, undo, only, outdated)

    async def take_back(self, update_id: int, editor: Reader, question_id: int) -> int:
        """Put what was left in doubt again; returns how many, 0 where it is too late.

        Raises:
            UserError: as `page`, or nothing was left there.
        """
        await self._people.check(editor.chat_id, Right.BROADCAST)

        def write(connection: Connection) -> int:
            kept = questions.get(connection, editor.chat_id, question_id)
            if kept is None or kept.kind != "settled" or kept.about["verdict"] != Verdict.LEAVE:
                raise UserError("error.old_button")
            now = self._clock()
            if not inbox.apply(connection, update_id, now):
                return len(kept.about["ids"])
            done = unknowns.take_back(connection, kept.about["ids"])
            self._note(connection, editor, "reopened", len(done))
            return len(done)

        return await self._db.write(write)

    def _note(self, connection: Connection, editor: Reader, what: str, number: int) -> None:
        """Write down what was done. Readers are counted and not named: the log is kept for good."""
        if number:
            people.note(
                connection, Deed(self._clock(), editor.chat_id, editor.first_name, what, {"n": number})
            )


def _page(connection: Connection, number: int, only: int) -> Page:
    by_broadcast = unknowns.numbers(connection)
    only = only if by_broadcast.get(only) else 0
    total = by_broadcast[only] if only else sum(by_broadcast.values())
    number = min(number, max(total - 1, 0) // PAGE)
    found = unknowns.page(connection, PAGE, number * PAGE, only)
    named = dict.fromkeys(one.broadcast_id for one in found if one.broadcast_id and not only)
    several = tuple((one, by_broadcast[one]) for one in named if 1 < by_broadcast[one] < total)
    return Page(tuple(found), number, total, only, several)
