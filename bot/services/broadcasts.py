"""Sending a story to many readers: drafted, looked at, sent through the outbox, and stopped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol
from zoneinfo import ZoneInfo

from bot.domain.broadcasts import GOING, LONGEST_NOTE, UNFINISHED, Audience, Broadcast, Progress, State
from bot.domain.cleaning import plain
from bot.domain.people import Deed, Right
from bot.errors import UserError
from bot.services.showing import to_show
from bot.storage import broadcasts, inbox, outbox, people, readers, stories
from bot.storage.outbox import Lane
from bot.views import broadcast as view
from bot.views.voice import Voice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.message import Message
    from bot.domain.news import Reader, StoryLine
    from bot.domain.schedule import Clock
    from bot.services.people import People
    from bot.storage.database import Connection, Database

GROUP: Final = 200
"""Readers who are owed a broadcast in one transaction; between two the writer serves others."""
GOOD_FOR: Final = timedelta(hours=12)
"""How long a broadcast is news; quiet hours do not count."""


class Board(Protocol):
    """Where editors see how it goes: a message of theirs that is shown anew."""

    async def __call__(self, chat_id: int, message_id: int, message: Message) -> None:
        """Show a message in the place of an earlier one; that it cannot be shown is no failure of the broadcast."""


@dataclass(frozen=True, slots=True)
class Preflight:
    """What is about to be sent, and to whom."""

    broadcast: Broadcast
    line: StoryLine
    audience: Audience


class Broadcasts:
    """What editors send to many readers.

    Args:
        db: the database.
        clock: the time.
        people: who may.
    """

    def __init__(self, db: Database, clock: Clock, people: People) -> None:
        self._db = db
        self._clock = clock
        self._people = people
        self._board: Board | None = None
        self._shown: dict[int, tuple[State, Progress]] = {}

    def show_on(self, board: Board) -> None:
        """Show how broadcasts go there."""
        self._board = board

    async def draft(self, update_id: int, editor: Reader, story_id: int, note: str) -> Preflight:
        """Prepare a story for those who read its language.

        Raises:
            UserError: the editor may not, the story cannot be shown, or it is one reader's alone.
        """
        await self._people.check(editor.chat_id, Right.BROADCAST)

        def write(connection: Connection) -> Broadcast:
            line = _public(connection, editor.chat_id, story_id)
            languages = (line.language,) if line.language else ()
            new = broadcasts.New(editor.chat_id, line.id, plain(note, LONGEST_NOTE), languages)
            return broadcasts.draft(connection, update_id, new, self._clock())

        # Readers are counted outside the writer: with 200,000 of them it takes half a second (measured).
        return await self._db.read(_preflight, await self._db.write(write))

    async def look(self, editor: Reader, broadcast_id: int) -> Preflight:
        """A broadcast as it stands.

        Raises:
            UserError: the editor may not (any more), or there is no such broadcast.
        """
        await self._people.check(editor.chat_id, Right.BROADCAST)
        return await self._db.read(_preflight, await self._db.read(_get, broadcast_id))

    async def progress(self, broadcast_id: int) -> Progress:
        """How far a broadcast is."""
        return await self._db.read(broadcasts.progress, broadcast_id)

    async def choose(self, editor: Reader, broadcast_id: int, language: str, *, on: bool) -> Preflight:
        """Let it go to those who read a language, too, or not to them; none chosen is everybody.

        Raises:
            UserError: as `look`, or it is no draft any more.
        """
        await self._people.check(editor.chat_id, Right.BROADCAST)

        def write(connection: Connection) -> Broadcast:
            found = _get(connection, broadcast_id)
            chosen = tuple(one for one in found.languages if one != language) + ((language,) if on else ())
            if not broadcasts.change(connection, found.id, (State.DRAFT,), languages=chosen):
                raise UserError("broadcast.no_draft")
            return _get(connection, broadcast_id)

        return await self._db.read(_preflight, await self._db.write(write))

    async def send(
        self, update_id: int, editor: Reader, broadcast_id: int, message_id: int | None
    ) -> Broadcast:
        """Begin to send; a second press, or a second editor, begins nothing anew.

        Raises:
            UserError: as `look`, the story is there no more, or it was given up.
        """
        await self._people.check(editor.chat_id, Right.BROADCAST)

        def write(connection: Connection) -> Broadcast:
            found = _get(connection, broadcast_id)
            line = _public(connection, editor.chat_id, found.story_id)
            now = self._clock()
            begun = {"state": State.SENDING, "begun_at": now, "message_id": message_id}
            if broadcasts.change(connection, found.id, (State.DRAFT,), **begun):
                inbox.apply(connection, update_id, now)
                about = {"story": line.title}
                people.note(connection, Deed(now, editor.chat_id, editor.first_name, "broadcast", about))
            elif found.begun_at is None:
                raise UserError("broadcast.no_draft")
            return _get(connection, broadcast_id)

        return await self._db.write(write)

    async def stop(self, update_id: int, editor: Reader, broadcast_id: int) -> Broadcast:
        """Send no more of it; what left has left, and who does not get it has not been told.

        Raises:
            UserError: as `look`.
        """
        await self._people.check(editor.chat_id, Right.BROADCAST)

        def write(connection: Connection) -> Broadcast:
            found = _get(connection, broadcast_id)
            now = self._clock()
            if broadcasts.change(connection, found.id, (State.DRAFT,), state=State.STOPPED, ended_at=now):
                inbox.apply(connection, update_id, now)
            elif broadcasts.change(connection, found.id, sorted(GOING), state=State.STOPPING):
                inbox.apply(connection, update_id, now)
                titles = [line.title for line in stories.lines(connection, [found.story_id])]
                about = {"story": titles[0] if titles else ""}
                people.note(connection, Deed(now, editor.chat_id, editor.first_name, "stopped", about))
            return _get(connection, broadcast_id)

        stopped = await self._db.write(write)
        return await self._cancel(stopped) if stopped.state is State.STOPPING else stopped

    async def _cancel(self, broadcast: Broadcast) -> Broadcast:
        """Cancel what has not left, so many at a time; a tick goes on with it after a crash."""
        while await self._db.write(broadcasts.cancel, broadcast, self._clock(), GROUP):
            pass
        ended = {"state": State.STOPPED, "ended_at": self._clock(), "up_to": None}
        await self._db.write(lambda c: broadcasts.change(c, broadcast.id, (State.STOPPING,), **ended))
        return await self._db.read(_get, broadcast.id)

    async def go_on(self) -> int:
        """The tick: owe broadcasts to those who shall have them, and show how they go; returns how many were owed."""
        owed = 0
        for broadcast in await self._db.read(broadcasts.going):
            while broadcast.state is State.SENDING:
                number, broadcast = await self._db.write(self._spread, broadcast.id)  # noqa: PLW2901 - as it is now
                owed += number
            if broadcast.state is State.STOPPING:
                broadcast = await self._cancel(broadcast)  # noqa: PLW2901 - likewise
            await self._tell(broadcast)
        return owed

    def _spread(self, connection: Connection, broadcast_id: int) -> tuple[int, Broadcast]:
        """Owe a broadcast to the next readers; it may have been stopped meanwhile, or its story taken down."""
        found = _get(connection, broadcast_id)
        if found.state is not State.SENDING:
            return 0, found
        lines = stories.lines(connection, [found.story_id])
        if not lines:
            broadcasts.change(connection, found.id, (State.SENDING,), state=State.STOPPING)
            return 0, _get(connection, broadcast_id)
        chats, up_to = broadcasts.next_readers(connection, found, GROUP)
        self._owe(connection, found, lines[0], chats)
        after = {"up_to": up_to} if up_to is not None else {"state": State.SPREAD, "up_to": None}
        broadcasts.change(connection, found.id, (State.SENDING,), **after)
        return len(chats), _get(connection, broadcast_id)

    def _owe(
        self,
        connection: Connection,
        broadcast: Broadcast,
        line: StoryLine,
        chats: Sequence[tuple[int, str, str]],
    ) -> None:
        now = self._clock()
        made: dict[tuple[str, str], Message] = {}
        for _, language, zone in chats:
            if (language, zone) not in made:
                voice = Voice(language, ZoneInfo(zone), now)
                made[language, zone] = view.story(voice, line, broadcast.note)
        messages = [made[language, zone] for _, language, zone in chats]
        kept = outbox.keep_all(connection, messages, now)
        debts = [
            outbox.Debt(
                message_id,
                chat_id,
                broadcasts.dedupe(broadcast.id, chat_id),
                lane=Lane.BROADCAST,
                story_id=line.id,
                broadcast_id=broadcast.id,
            )
            for message_id, (chat_id, _, _) in zip(kept, chats, strict=True)
        ]
        outbox.plan_all(connection, debts, now, now + GOOD_FOR)
        stories.tell_all(connection, ((chat_id, line.id) for chat_id, _, _ in chats), "push", now)

    async def _tell(self, broadcast: Broadcast) -> None:
        """End what has ended, and show the editor how it stands where that has changed."""
        how = await self._db.read(broadcasts.progress, broadcast.id)
        if broadcast.state is State.SPREAD and not how.waiting:
            done = {"state": State.DONE, "ended_at": self._clock()}
            await self._db.write(lambda c: broadcasts.change(c, broadcast.id, (State.SPREAD,), **done))
            broadcast = await self._db.read(_get, broadcast.id)
        if self._shown.get(broadcast.id) == (broadcast.state, how):
            return
        self._shown[broadcast.id] = (broadcast.state, how)
        if broadcast.state not in UNFINISHED:
            del self._shown[broadcast.id]
        if self._board is None or broadcast.editor_id is None or broadcast.message_id is None:
            return
        editor = await self._db.read(readers.get, broadcast.editor_id)
        if editor is not None and editor.state == "active":
            voice = Voice(editor.language, ZoneInfo(editor.zone), self._clock())
            message = view.progress(voice, broadcast, how)
            await self._board(editor.chat_id, broadcast.message_id, message)


def _get(connection: Connection, broadcast_id: int) -> Broadcast:
    found = broadcasts.get(connection, broadcast_id)
    if found is None:
        raise UserError("error.old_button")
    return found


def _preflight(connection: Connection, broadcast: Broadcast) -> Preflight:
    lines = stories.lines(connection, [broadcast.story_id])
    if not lines:
        raise UserError("error.story_gone")
    return Preflight(broadcast, lines[0], broadcasts.audience(connection, broadcast))


def _public(connection: Connection, chat_id: int, story_id: int) -> StoryLine:
    """A story that may be sent to everybody.

    Raises:
        UserError: it cannot be shown, or is of a feed that its readers added for themselves.
    """
    found = to_show(connection, chat_id, story_id)
    if not stories.is_public(connection, found):
        raise UserError("broadcast.private")
    return stories.lines(connection, [found])[0]
