"""What editors want to send to many readers, until it begins: drafted, looked at, aimed, timed and confirmed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from bot.domain.appointments import appointment
from bot.domain.broadcasts import (
    ALIKE_FOR,
    ALONE_AFTER,
    FARTHEST,
    GOING,
    GRACE,
    LONGEST_NOTE,
    RESTING,
    UNBEGUN,
    Aim,
    Broadcast,
    Event,
    State,
)
from bot.domain.campaigns import Preflight
from bot.domain.cleaning import plain
from bot.domain.message import to_document
from bot.domain.people import Right
from bot.domain.places import clock_of
from bot.domain.reading import reading_minutes
from bot.errors import UserError
from bot.services.drafts import TITLE, content, get, note_deed, title_of, whose
from bot.services.showing import to_show
from bot.storage import audience, broadcasts, inbox, outbox, questions, readers, stories
from bot.texts.catalogue import FALLBACK, words
from bot.views import broadcast as view
from bot.views.voice import Voice

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.broadcasts import Audience
    from bot.domain.message import Message
    from bot.domain.news import Reader, StoryLine
    from bot.domain.schedule import Clock
    from bot.services.drafts import Rules
    from bot.services.people import People
    from bot.services.reading import Reading
    from bot.storage.database import Connection, Database

ASKED: Final = frozenset({"sendwhat", "sendnote", "sendat"})
"""What is asked here in words."""
_BUSY: Final = (State.WAITING, State.SCHEDULED, State.GRACE, *GOING, *RESTING)


class Broadcasts:
    """What editors want to send to many readers.

    Args:
        db: the database.
        clock: the time.
        people: who may.
        reading: fetches full texts.
        rules: what the operator has decided.
    """

    def __init__(self, db: Database, clock: Clock, people: People, reading: Reading, rules: Rules) -> None:
        self._db = db
        self._clock = clock
        self._people = people
        self._reading = reading
        self._rules = rules

    async def draft(
        self, update_id: int, editor: Reader, origin_message: int, story_id: int, note: str = ""
    ) -> Preflight:
        """Prepare a story for those who read its language; the same message of the editor's prepares it once.

        Raises:
            UserError: the editor may not, the story cannot be shown, or it is one reader's alone.
        """
        await self._people.check(editor.chat_id, Right.BROADCAST)
        line = await self._db.read(_public, editor.chat_id, story_id)
        await self._reading.prepare(line.id)
        aimed = Aim(languages=(line.language,) if line.language else ())
        new = broadcasts.New(
            editor.chat_id,
            origin_message,
            line.id,
            plain(note, LONGEST_NOTE),
            aimed,
            None,
            f"story:{line.id}",
        )
        return await self._preflight(editor, await self._db.write(self._draft, update_id, new))

    async def draft_message(
        self, update_id: int, editor: Reader, origin_message: int, message: Message
    ) -> Preflight:
        """Prepare a message of the editors' own for all readers.

        Where the same content was prepared in the last 24 hours and not given up, that is what is returned.

        Raises:
            UserError: the editor may not.
        """
        await self._people.check(editor.chat_id, Right.BROADCAST)
        document = to_document(replace(message, silent=False, reply_to=0))
        fingerprint = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
        new = broadcasts.New(editor.chat_id, origin_message, document=document, fingerprint=fingerprint)

        def write(connection: Connection) -> Broadcast:
            found = self._draft(connection, update_id, new)
            first = broadcasts.alike(connection, found, self._clock() - ALIKE_FOR)
            if first is None or found.state is not State.DRAFT:
                return found
            broadcasts.remove(connection, found.id)
            return first

        found = await self._db.write(write)
        shown = await self._preflight(editor, found)
        if found.origin_message == origin_message and found.editor_id == editor.chat_id:
            return shown
        return replace(shown, alike=await self._db.read(whose, found))

    def _draft(self, connection: Connection, update_id: int, new: broadcasts.New) -> Broadcast:
        now = self._clock()
        inbox.apply(connection, update_id, now)
        return broadcasts.draft(connection, new, now)

    async def look(self, editor: Reader, broadcast_id: int) -> Preflight:
        """A broadcast as it stands.

        Raises:
            UserError: the editor may not (any more), there is no such broadcast, or its story is there no more.
        """
        await self._people.check(editor.chat_id, Right.BROADCAST)
        return await self._preflight(editor, await self._db.read(get, broadcast_id))

    async def _preflight(self, editor: Reader, found: Broadcast) -> Preflight:
        now = self._clock()

        def read(connection: Connection) -> tuple[StoryLine | None, Audience, tuple[str, datetime] | None]:
            # Readers are counted outside the writer: with 200,000 of them it takes half a second (measured).
            counted = audience.count(connection, found, self._rules.cap, now)
            first = broadcasts.alike(connection, found, now - ALIKE_FOR)
            earlier = first if first is not None and first.id < found.id else None
            return content(connection, found), counted, whose(connection, earlier) if earlier else None

        line, counted, alike = await self._db.read(read)
        minutes = 0
        if line is not None:
            opened = await self._reading.look(editor, line.id)
            minutes = reading_minutes(opened.telling.blocks) if opened.telling.blocks else 0
        alone = not await self._colleagues(found.editor_id)
        return Preflight(found, line, counted, self._rules.rate, minutes, alike, alone)

    async def _colleagues(self, chat_id: int | None) -> list[Reader]:
        """The editors with the right who can be told, but for this one."""
        with_right = await self._people.with_right(Right.BROADCAST)
        others = sorted(with_right - {chat_id})
        known = await self._db.read(lambda c: [readers.get(c, one) for one in others])
        return [one for one in known if one is not None and one.state == "active"]

    async def choose(self, editor: Reader, broadcast_id: int, **chosen: Any) -> Preflight:  # noqa: ANN401 - of Aim
        """Aim a draft: fields of `Aim` as they shall be.

        Raises:
            UserError: as `look`, or it is no draft any more.
        """
        return await self._changed(editor, broadcast_id, lambda found: {"aim": replace(found.aim, **chosen)})

    async def choose_language(
        self, editor: Reader, broadcast_id: int, language: str, *, on: bool
    ) -> Preflight:
        """Let a draft go to those who read a language, too, or not to them; none chosen is everybody.

        Raises:
            UserError: as `choose`.
        """

        def chosen(found: Broadcast) -> dict[str, Any]:
            others = tuple(one for one in found.aim.languages if one != language)
            return {"aim": replace(found.aim, languages=others + ((language,) if on else ()))}

        return await self._changed(editor, broadcast_id, chosen)

    async def note(self, editor: Reader, broadcast_id: int, said: str) -> Preflight:
        """Change what the editors say to a draft; nothing for no words.

        Raises:
            UserError: as `choose`.
        """
        return await self._changed(editor, broadcast_id, lambda _: {"note": plain(said, LONGEST_NOTE)})

    async def _changed(self, editor: Reader, broadcast_id: int, values: Any) -> Preflight:  # noqa: ANN401 - a function
        await self._people.check(editor.chat_id, Right.BROADCAST)

        def write(connection: Connection) -> Broadcast:
            new = values(get(connection, broadcast_id))
            if "aim" in new:
                new["aim"] = new["aim"].document()
            if not broadcasts.change(connection, broadcast_id, (State.DRAFT,), **new):
                raise UserError("broadcast.no_draft")
            return get(connection, broadcast_id)

        return await self._preflight(editor, await self._db.write(write))

    async def ask(self, update_id: int, editor: Reader, kind: str, broadcast_id: int = 0) -> None:
        """Ask for a story, a note or a time, which the next message brings.

        Raises:
            UserError: the editor may not (any more), or there is no such question.
        """
        await self._people.check(editor.chat_id, Right.BROADCAST)
        if kind not in ASKED:
            raise UserError("error.old_button")
        about = {"broadcast_id": broadcast_id}
        await self._db.write(questions.ask, editor.chat_id, update_id, kind, about, self._clock())

    def moment(self, editor: Reader, said: str) -> datetime:
        """The time that an editor has written, on the editor's own clock.

        Raises:
            UserError: it cannot be read, has passed, or is too far off.
        """
        now = self._clock()
        own, english = words(editor.language), words(FALLBACK)
        today, tomorrow = (
            {one.template(key).lower() for one in (own, english)}
            for key in ("campaign.today", "campaign.tomorrow")
        )
        at = appointment(said, now, clock_of(editor.zone), today, tomorrow)
        if at is None:
            raise UserError("campaign.bad_time")
        if not now < at <= now + FARTHEST:
            raise UserError("campaign.past_time")
        return at

    async def send(
        self,
        update_id: int,
        editor: Reader,
        broadcast_id: int,
        message_id: int | None,
        at: datetime | None = None,
    ) -> Broadcast:
        """Let a draft go out in ten seconds, or at a time; with very many readers a second editor is asked first.

        A second press, or a second editor, begins nothing anew. Whoever sends it, it is that editor's from then on.

        Raises:
            UserError: as `look`, it was given up, or the same is going out already.
        """
        before = await self.look(editor, broadcast_id)
        total = before.audience.readers
        large = 0 < self._rules.confirm_over < total
        colleagues = await self._colleagues(editor.chat_id) if large else []

        def write(connection: Connection) -> Broadcast:
            found, now = get(connection, broadcast_id), self._clock()
            title = title_of(connection, found)
            if found.state is State.DRAFT:
                _alone(connection, found, editor)
            values: dict[str, Any] = {"message_id": message_id, "starts_at": at, "total": total}
            if found.editor_id != editor.chat_id:
                # Its number, below zero, is no message of this editor's that may have prepared another one.
                values |= {"editor_id": editor.chat_id, "origin_message": -found.id}
            if large:
                event, deed, values = Event.ASK, "asked", values | {"asked_at": now}
            elif at is None:
                event, deed, values = Event.SEND, "broadcast", values | {"starts_at": now + GRACE}
            else:
                event, deed = Event.SCHEDULE, "scheduled"
            if found.state is State.DRAFT and broadcasts.happen(connection, found.id, event, **values):
                inbox.apply(connection, update_id, now)
                note_deed(connection, editor, deed, title, now)
                for one in colleagues if large else ():
                    self._tell(connection, found, one, editor, total)
            elif found.state is State.STOPPED and found.begun_at is None:
                raise UserError("broadcast.no_draft")
            return get(connection, broadcast_id)

        return await self._db.write(write)

    def _tell(
        self, connection: Connection, found: Broadcast, one: Reader, editor: Reader, total: int
    ) -> None:
        """Ask a colleague to confirm; below is what readers get."""
        now = self._clock()
        voice = Voice.of(one, now)
        line = content(connection, found)
        asked = view.confirm(voice, found, editor.first_name, total, view.content(voice, found, line))
        dedupe = f"confirm:{found.id}:{one.chat_id}"
        outbox.owe(connection, one.chat_id, asked, dedupe, now, FARTHEST, own_hour=True)

    async def confirm(self, update_id: int, editor: Reader, broadcast_id: int) -> Broadcast:
        """Let go out what another editor has asked for; the same editor may only where there is no other one.

        Raises:
            UserError: as `look`; another one must, or it is too early.
        """
        await self._people.check(editor.chat_id, Right.BROADCAST)
        await self._db.read(lambda c: content(c, get(c, broadcast_id)))
        alone = not await self._colleagues(editor.chat_id)

        def write(connection: Connection) -> Broadcast:
            now, found = self._clock(), get(connection, broadcast_id)
            if found.state is State.WAITING and found.editor_id == editor.chat_id:
                _confirms_own(editor, found, now, alone=alone)
            later = found.starts_at is not None and found.starts_at > now
            event = Event.SCHEDULE if later else Event.SEND
            starts_at = found.starts_at if later else now + GRACE
            if found.state is State.WAITING and broadcasts.happen(
                connection, found.id, event, starts_at=starts_at
            ):
                inbox.apply(connection, update_id, now)
                note_deed(connection, editor, "confirmed", title_of(connection, found), now)
            return get(connection, broadcast_id)

        return await self._db.write(write)

    async def give_up(self, update_id: int, editor: Reader, broadcast_id: int) -> Broadcast:
        """Send nothing of what has not begun; returns the broadcast, which may have begun meanwhile.

        Raises:
            UserError: the editor may not (any more), or there is no such broadcast.
        """
        await self._people.check(editor.chat_id, Right.BROADCAST)

        def write(connection: Connection) -> Broadcast:
            found, now = get(connection, broadcast_id), self._clock()
            ended = {"ended_at": now, "ended_told": found.message_id is None}
            if found.state in UNBEGUN and broadcasts.happen(connection, found.id, Event.GIVE_UP, **ended):
                inbox.apply(connection, update_id, now)
                if found.state is not State.DRAFT:
                    note_deed(connection, editor, "stopped", title_of(connection, found), now)
            return get(connection, broadcast_id)

        return await self._db.write(write)

    async def line(self, editor: Reader, story_id: int) -> StoryLine | None:
        """A story that may be sent to everybody; None for one that may not."""
        try:
            return await self._db.read(_public, editor.chat_id, story_id)
        except UserError:
            return None

    async def last(self, editor: Reader, most: int) -> list[tuple[Broadcast, str]]:
        """The last broadcasts with what they are called.

        Raises:
            UserError: the editor may not (any more).
        """
        await self._people.check(editor.chat_id, Right.BROADCAST)

        def read(connection: Connection) -> list[tuple[Broadcast, str]]:
            return [(one, title_of(connection, one)) for one in broadcasts.last(connection, most)]

        return await self._db.read(read)


def _alone(connection: Connection, found: Broadcast, editor: Reader) -> None:
    """See to it that the same does not go out twice at once.

    Raises:
        UserError: it is on its way already.
    """
    for other in broadcasts.open_ones(connection):
        same = found.story_id is not None and other.story_id == found.story_id and other.parent_id is None
        if same and other.id != found.id and other.state in _BUSY and not found.aim.again:
            name, _ = whose(connection, other)
            raise UserError("broadcast.running", who=plain(name, TITLE) or editor.first_name)


def _confirms_own(editor: Reader, found: Broadcast, now: datetime, *, alone: bool) -> None:
    """See to it that nobody confirms what they have asked for, unless there is nobody else.

    Raises:
        UserError: another one must, or it is too early.
    """
    if not alone:
        raise UserError("broadcast.other_confirms")
    may_at = (found.asked_at or now) + ALONE_AFTER
    if now < may_at:
        time = Voice.of(editor, now).time(may_at)
        raise UserError("broadcast.confirm_later", time=time.plain)


def _public(connection: Connection, chat_id: int, story_id: int) -> StoryLine:
    """A story that may be sent to everybody.

    Raises:
        UserError: it cannot be shown, or is of a feed that its readers added for themselves.
    """
    found = to_show(connection, chat_id, story_id)
    if not stories.is_public(connection, found):
        raise UserError("broadcast.private")
    return stories.lines(connection, [found])[0]
