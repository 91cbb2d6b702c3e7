"""Owing a broadcast to those who shall have it, or a correction to those who had it, one portion after the other."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from bot.domain.broadcasts import DELETABLE, RESTING, Broadcast, Event, Op, State
from bot.domain.places import clock_of
from bot.errors import UserError
from bot.services.drafts import content, get, media_of
from bot.storage import audience, broadcasts, outbox, stories
from bot.storage.outbox import Debt, Lane
from bot.views import broadcast as view
from bot.views import corrections as corrections_view
from bot.views.voice import Voice

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.message import Message
    from bot.domain.news import StoryLine
    from bot.domain.schedule import Clock
    from bot.services.drafts import Rules
    from bot.storage.audience import Chosen, Got
    from bot.storage.database import Connection, Database

GROUP: Final = 200
"""Readers who are owed a broadcast in one transaction; between two the writer serves others."""
GOOD_FOR: Final = timedelta(hours=12)
"""How long a broadcast is news; quiet hours and pauses do not count."""
TAKEN_DOWN: Final = {"key": "campaign.why_story"}
"""Why a broadcast stops whose story is there no more."""


class _Portion(NamedTuple):
    """Readers who shall have a broadcast, and what each gets; with the `last` ones, all are considered.

    What they get tells of `line`, as the story was then; where it has changed since, they are looked for again.
    """

    chosen: list[Chosen]
    shown: list[Message]
    last: bool
    line: StoryLine | None = None


class _Changes(NamedTuple):
    """Messages that are changed, into what, and what is told besides; after `after_id` there may be more.

    What they are changed into tells of `line`, as that of `_Portion`.
    """

    its: list[Got]
    shown: list[Message]
    told: list[Message]
    last: bool
    after_id: int
    line: StoryLine | None


class Spreading:
    """Goes through the readers of broadcasts.

    Args:
        db: the database.
        clock: the time.
        rules: what the operator has decided.
    """

    def __init__(self, db: Database, clock: Clock, rules: Rules) -> None:
        self._db = db
        self._clock = clock
        self._rules = rules

    async def go_on(self, found: Broadcast, room: int) -> tuple[int, Broadcast]:
        """Owe a broadcast to the next readers, until so many are due at once; returns how many, and how it stands.

        Readers are chosen, and what they get is rendered, outside the writer, which would else read through many for a
        rare language, and hold up everybody meanwhile.
        """
        owed = 0
        while room > 0 and found.state is State.SENDING:
            most = min(GROUP, room)
            before = found
            if found.op is Op.SEND:
                portion = await self._db.read(self._choose, found, most)
                found = await self._db.write(self._owe, found, portion)
            else:
                changes = await self._db.read(self._look_up, found, most)
                found = await self._db.write(self._change, found, changes)
            owed += found.owed - before.owed
            room -= found.at_once - before.at_once
        return owed, found

    def _choose(self, connection: Connection, found: Broadcast, most: int) -> _Portion:
        """The next readers, and what each gets."""
        now = self._clock()
        try:
            line = content(connection, found)
        except UserError:
            return _Portion([], [], last=False)
        chosen = audience.following(connection, found, self._rules.cap, now, most)
        render = _rendering(now, lambda voice: view.content(voice, found, line))
        shown = [render(one.language, one.zone) for one in chosen]
        return _Portion(chosen, shown, last=len(chosen) < most, line=line)

    def _owe(self, connection: Connection, was: Broadcast, portion: _Portion) -> Broadcast:
        """Owe it to these; it may have been stopped meanwhile, or its story changed or taken down."""
        found, now = get(connection, was.id), self._clock()
        if found.state is not State.SENDING or found.up_to != was.up_to:
            return found
        try:
            line = content(connection, found)
        except UserError:
            broadcasts.happen(connection, found.id, Event.STOP, why=TAKEN_DOWN)
            return get(connection, found.id)
        if line != portion.line:
            return found
        chosen = portion.chosen
        kept = outbox.keep_all(connection, portion.shown, now)
        due: dict[datetime, list[Debt]] = {}
        for message_id, one in zip(kept, chosen, strict=True):
            at = audience.held_until(found, one, now) or now
            debt = Debt(
                message_id,
                one.chat_id,
                broadcasts.dedupe(found.id, one.chat_id),
                own_hour=found.aim.urgent,
                lane=Lane.BROADCAST,
                # Who had it before has been told of it, whatever becomes of this.
                story_id=line.id if line and not one.had else None,
                broadcast_id=found.id,
                not_before=at,
            )
            due.setdefault(at, []).append(debt)
        for at, debts in due.items():
            outbox.plan_all(connection, debts, now, at + GOOD_FOR)
        if line is not None:
            stories.tell_all(connection, ((one.chat_id, line.id) for one in chosen), "push", now)
        considered = {"up_to": chosen[-1].chat_id} if chosen else {}
        return _noted(
            connection, found, len(chosen), len(due.get(now, ())), now, last=portion.last, **considered
        )

    def _look_up(self, connection: Connection, found: Broadcast, most: int) -> _Changes:
        """The next messages that are changed, and into what."""
        now = self._clock()
        try:
            render, line = changed(connection, found, now)
        except UserError:
            return _Changes([], [], [], last=False, after_id=found.after_id, line=None)
        got = audience.reached(connection, found.parent_id or 0, found.after_id, most)
        its = [one for one in got if found.op is not Op.DELETE or one.ended_at > now - DELETABLE]
        shown = [render(one.language, one.zone) for one in its]
        tell = _rendering(now, lambda voice: corrections_view.told(voice, found))
        told = [tell(one.language, one.zone) for one in its] if found.serious else []
        after_id = got[-1].delivery_id if got else found.after_id
        return _Changes(its, shown, told, last=len(got) < most, after_id=after_id, line=line)

    def _change(self, connection: Connection, was: Broadcast, changes: _Changes) -> Broadcast:
        """Owe a change to those who have these messages; its story may have changed or been taken down meanwhile."""
        found, now = get(connection, was.id), self._clock()
        if found.state is not State.SENDING or found.after_id != was.after_id:
            return found
        try:
            line = new_text(connection, found)
        except UserError:
            broadcasts.happen(connection, found.id, Event.STOP, why=TAKEN_DOWN)
            return get(connection, found.id)
        if line != changes.line:
            return found
        its = changes.its
        kept = outbox.keep_all(connection, changes.shown, now)
        debts = [
            Debt(
                message_id,
                one.chat_id,
                broadcasts.dedupe(found.id, one.chat_id),
                own_hour=True,
                lane=Lane.BROADCAST,
                broadcast_id=found.id,
                op=found.op.delivery,
                target=one.sent_id,
                # Who got its plain words alone has no picture whose words could be changed.
                plain=one.plain,
            )
            for message_id, one in zip(kept, its, strict=True)
        ]
        if changes.told:
            kept = outbox.keep_all(connection, changes.told, now)
            debts += [
                Debt(
                    message_id,
                    one.chat_id,
                    f"{broadcasts.dedupe(found.id, one.chat_id)}:told",
                    lane=Lane.BROADCAST,
                    broadcast_id=found.id,
                    target=one.sent_id,
                )
                for message_id, one in zip(kept, its, strict=True)
            ]
        outbox.plan_all(connection, debts, now, now + GOOD_FOR)
        considered = {"after_id": changes.after_id}
        return _noted(connection, found, len(its), len(its), now, last=changes.last, **considered)

    async def prepare(self, found: Broadcast) -> None:
        """What a correction does before it begins with what its parent has not sent yet.

        That learns the new text; what is withdrawn is sent to nobody else. Where there is no text any more, since the
        story was taken down, the correction stops.
        """
        parent = await self._db.read(broadcasts.get, found.parent_id or 0)
        if parent is None or parent.state not in RESTING:
            return
        if found.op is not Op.CORRECT:
            await self._db.write(lambda c: broadcasts.happen(c, parent.id, Event.STOP))
            return
        after_id = 0
        try:
            while (rest := await self._db.read(self._look_at_rest, parent, after_id)).its:
                if await self._db.write(self._renew, parent, rest):
                    after_id = rest.after_id
        except UserError:
            await self._db.write(lambda c: broadcasts.happen(c, found.id, Event.STOP, why=TAKEN_DOWN))

    def _look_at_rest(self, connection: Connection, parent: Broadcast, after_id: int) -> _Changes:
        """What has not left yet, and what it brings from now on.

        Raises:
            UserError: the story is there no more.
        """
        now, line = self._clock(), content(connection, parent)
        got = audience.resting(connection, parent.id, after_id, GROUP)
        render = _rendering(now, lambda voice: view.content(voice, parent, line))
        shown = [render(one.language, one.zone) for one in got]
        after_id = got[-1].delivery_id if got else after_id
        return _Changes(got, shown, [], last=not got, after_id=after_id, line=line)

    def _renew(self, connection: Connection, parent: Broadcast, rest: _Changes) -> bool:
        """Let it bring that; False where the story has changed since.

        Raises:
            UserError: the story is there no more.
        """
        if content(connection, parent) != rest.line:
            return False
        kept = outbox.keep_all(connection, rest.shown, self._clock())
        audience.show_instead(
            connection, [(one.delivery_id, new) for one, new in zip(rest.its, kept, strict=True)]
        )
        return True


def new_text(connection: Connection, found: Broadcast) -> StoryLine | None:
    """The story that a correction tells anew; None where there is none.

    Raises:
        UserError: the story is there no more.
    """
    return content(connection, get(connection, found.parent_id or 0)) if found.op is Op.CORRECT else None


def changed(
    connection: Connection, found: Broadcast, now: datetime
) -> tuple[Callable[[str, str], Message], StoryLine | None]:
    """What readers see in the place of what was sent, by language and place; and the story as it is told there.

    Raises:
        UserError: the story is there no more.
    """
    parent = get(connection, found.parent_id or 0)
    line = new_text(connection, found)
    media = media_of(parent)

    def show(voice: Voice) -> Message:
        if found.op is Op.CORRECT:
            return corrections_view.corrected(voice, found, view.content(voice, parent, line))
        return corrections_view.withdrawn(voice, found, media)

    return _rendering(now, show), line


def _rendering(now: datetime, show: Callable[[Voice], Message]) -> Callable[[str, str], Message]:
    """A view for each language and place, made once: what is the same for many readers is one message."""
    made: dict[tuple[str, str], Message] = {}

    def render(language: str, zone: str) -> Message:
        if (language, zone) not in made:
            made[language, zone] = show(Voice(language, clock_of(zone), now))
        return made[language, zone]

    return render


def _noted(
    connection: Connection,
    found: Broadcast,
    owed: int,
    at_once: int,
    now: datetime,
    *,
    last: bool,
    **considered: int,
) -> Broadcast:
    """Write down how far it has got; with the `last` ones, all are owed."""
    values = {"owed": found.owed + owed, "at_once": found.at_once + at_once, **considered}
    if at_once:
        values["stage_at"] = now  # type: ignore[assignment]
    if last:
        broadcasts.happen(connection, found.id, Event.OWE_ALL, **values)
    else:
        broadcasts.change(connection, found.id, (State.SENDING,), **values)
    return get(connection, found.id)
