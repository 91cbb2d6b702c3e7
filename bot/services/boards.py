"""How broadcasts go, shown to their editors: a message of theirs that is shown anew as they go."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

from bot.domain.broadcasts import FINAL, GOING, UNBEGUN, Broadcast, Progress, State
from bot.domain.campaigns import Standing
from bot.errors import DatabaseError
from bot.services.drafts import get, title_of
from bot.storage import broadcasts, readers
from bot.views import campaign as view
from bot.views.voice import Voice

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.domain.message import Message
    from bot.domain.schedule import Clock
    from bot.storage.database import Connection, Database

log = logging.getLogger(__name__)

EVERY: Final = timedelta(seconds=3)
"""How often an editor's message is shown anew at most."""
PATIENCE: Final = timedelta(seconds=5)
"""How long one showing is waited for: when Telegram does not answer, broadcasts must be judged all the same."""


class Board(Protocol):
    """Where editors see how it goes: a message of theirs that is shown anew."""

    async def __call__(self, chat_id: int, message_id: int, message: Message) -> bool:
        """Show a message in the place of an earlier one; False where that may work later."""


class Boards:
    """The messages that show editors how their broadcasts go.

    Args:
        db: the database.
        clock: the time.
    """

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._board: Board | None = None
        self._patience = PATIENCE
        self._looked: dict[int, datetime] = {}

    def show_on(self, board: Board, patience: timedelta) -> None:
        """Show how broadcasts go there; one showing is waited for so long."""
        self._board = board
        self._patience = patience

    async def tell(self, broadcast_ids: Iterable[int]) -> None:
        """Show the editors of these how they stand, all at once: none waits for another's answer.

        Raises:
            DatabaseError: the database cannot be used.
        """
        told = await asyncio.gather(*(self._tell(one) for one in broadcast_ids), return_exceptions=True)
        for failure in told:
            if isinstance(failure, DatabaseError):
                raise failure
            if failure is not None:
                log.error("an editor does not see how a broadcast goes", exc_info=failure)

    async def _tell(self, broadcast_id: int) -> None:
        """Show how one stands, where that has changed and was not shown a moment ago."""
        found = await self._db.read(get, broadcast_id)
        now, final = self._clock(), found.state in FINAL
        last = max((one for one in (found.shown_at, self._looked.get(found.id)) if one), default=None)
        if last is not None and timedelta() <= now - last < EVERY:
            return
        if found.state in UNBEGUN and (found.shown is None or found.shown["state"] == found.state):
            # The press that brought it here has shown it.
            return
        # Counting all deliveries of a large one takes a while: it is done no oftener than it is shown.
        self._looked[found.id] = now
        standing = await self._db.read(standing_of, found, now)
        document = shown_of(standing)
        shown = found.shown is not None and all(found.shown[name] == document[name] for name in document)
        if not shown and not await self._show(standing):
            # It may work later.
            await self._db.write(lambda c: broadcasts.change(c, found.id, State, shown_at=now))
            return
        if not shown or final:
            values = {"shown": document, "shown_at": now, "ended_told": final}
            await self._db.write(lambda c: broadcasts.change(c, found.id, (found.state,), **values))
        if final:
            self._looked.pop(found.id, None)

    async def _show(self, standing: Standing) -> bool:
        found = standing.broadcast
        if self._board is None or found.editor_id is None or found.message_id is None:
            return True
        editor = await self._db.read(readers.get, found.editor_id)
        if editor is None or editor.state != "active":
            return True
        voice = Voice.of(editor, self._clock())
        message = view.board(voice, standing)
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                return await self._board(editor.chat_id, found.message_id, message)
        except TimeoutError:
            log.warning("an editor does not see how broadcast %d goes: no answer in time", found.id)
            return False


def shown_of(standing: Standing) -> dict[str, Any]:
    """What an editor's message shows, for comparing."""
    return {"state": standing.broadcast.state, "numbers": standing.how.document()}


def standing_of(connection: Connection, found: Broadcast, now: datetime) -> Standing:
    """How a broadcast stands, and how fast it goes since that was shown."""
    how = broadcasts.progress(connection, found)
    if found.state in FINAL and found.shown is not None:
        # Its deliveries are removed after a week; what they were stays known.
        kept = Progress(*found.shown["numbers"])
        how = how if how.ended >= kept.ended else kept
    rate = 0.0
    if found.shown is not None and found.shown_at is not None and found.state in GOING:
        seconds = (now - found.shown_at).total_seconds()
        ended = how.ended - Progress(*found.shown["numbers"]).ended
        rate = ended / seconds if seconds >= 1 else 0.0
    opened = broadcasts.opened(connection, found) if found.state in FINAL else 0
    return Standing(found, title_of(connection, found), how, rate, opened)
