"""What editors send to many readers: where it stands, whom it is for, and how it goes.

`TRANSITIONS` is the whole life of a broadcast, drawn in docs/delivery.md. Its messages are deliveries like all others
(bot/domain/delivery.py); while it is `sending`, readers are gone through and each who shall have it is owed one, first
few of them, then one in a hundred, then all; `spread`, all are owed, and what is left is the outbox's.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, Final

from bot.domain.delivery import State as Sent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

LONGEST_NOTE: Final = 500
"""Characters of what editors say to a story, and of a correction."""
A_SECOND: Final = 28
"""Messages a second that the outbox sends at most where nothing is paid for (bot/gateway/pacing.py)."""
FREE: Final = 30
"""Messages a second up to which Telegram takes nothing (Bots FAQ)."""
GRACE: Final = timedelta(seconds=10)
"""How long nothing leaves after "Send now"."""
TOO_LATE: Final = timedelta(hours=1)
"""A broadcast that the newsroom was not running to begin is not begun so long after its time without being asked."""
FARTHEST: Final = timedelta(days=30)
"""How far ahead one can be planned."""
ALONE_AFTER: Final = timedelta(minutes=15)
"""When an editor who has no colleague may confirm alone."""
ALIKE_FOR: Final = timedelta(hours=24)
"""How long the same content counts as the same broadcast."""
DELETABLE: Final = timedelta(hours=48)
"""How long a bot can delete what it has sent (Bot API, deleteMessage)."""
LATELY: Final = timedelta(days=30)
"""Readers who were here since then are active."""
AHEAD: Final = 2_000
"""Deliveries of one broadcast that are due and have not left, at most: so many a pause or a stop has to touch."""
FEW: Final = 20
"""Readers on whom a broadcast is tried first."""
UNTRIED: Final = 100
"""With fewer readers nothing is tried: there would be hardly any left."""
PATIENCE: Final = timedelta(seconds=60)
"""How long a trial waits for its answers."""
LAST: Final = 50
"""The endings by which a broadcast is judged."""
LEAST: Final = 10
"""With fewer endings nothing can be judged."""
FAILING: Final = 0.2
"""The share of the last endings that one kind of failure may have."""
_FAILURES: Final = frozenset({Sent.FAILED, Sent.GONE, Sent.UNKNOWN})


class State(StrEnum):
    """Where a broadcast stands."""

    DRAFT = "draft"
    WAITING = "waiting"
    """For a second editor."""
    SCHEDULED = "scheduled"
    GRACE = "grace"
    SENDING = "sending"
    SPREAD = "spread"
    PAUSED = "paused"
    HELD = "held"
    """Stopped by itself; editors decide."""
    DONE = "done"
    STOPPING = "stopping"
    STOPPED = "stopped"


class Event(StrEnum):
    """What happens to a broadcast."""

    SEND = "send"
    SCHEDULE = "schedule"
    ASK = "ask"
    BEGIN = "begin"
    OWE_ALL = "owe all"
    END = "end"
    PAUSE = "pause"
    HOLD = "hold"
    GO_ON = "go on"
    GIVE_UP = "give up"
    STOP = "stop"
    STAND_STILL = "stand still"


UNBEGUN: Final = (State.DRAFT, State.WAITING, State.SCHEDULED, State.GRACE)
"""Nothing is owed to anybody yet."""
GOING: Final = (State.SENDING, State.SPREAD)
"""While a broadcast is in one of these, messages leave."""
RESTING: Final = (State.PAUSED, State.HELD)
"""While it is in one of these, nothing leaves, and it can go on."""
FINAL: Final = (State.DONE, State.STOPPED)
CORRECTABLE: Final = (*RESTING, *FINAL)
"""What has left can be corrected when nothing leaves any more."""

TRANSITIONS: Final[Mapping[tuple[State, Event], State]] = {
    (State.DRAFT, Event.SEND): State.GRACE,
    (State.DRAFT, Event.SCHEDULE): State.SCHEDULED,
    (State.DRAFT, Event.ASK): State.WAITING,
    (State.WAITING, Event.SEND): State.GRACE,
    (State.WAITING, Event.SCHEDULE): State.SCHEDULED,
    (State.GRACE, Event.BEGIN): State.SENDING,
    (State.SCHEDULED, Event.BEGIN): State.SENDING,
    (State.GRACE, Event.HOLD): State.HELD,
    (State.SCHEDULED, Event.HOLD): State.HELD,
    (State.SENDING, Event.OWE_ALL): State.SPREAD,
    (State.SPREAD, Event.END): State.DONE,
    **{(one, Event.PAUSE): State.PAUSED for one in GOING},
    **{(one, Event.HOLD): State.HELD for one in GOING},
    **{(one, Event.GO_ON): State.SENDING for one in RESTING},
    **{(one, Event.GIVE_UP): State.STOPPED for one in UNBEGUN},
    **{(one, Event.STOP): State.STOPPING for one in (*GOING, *RESTING)},
    (State.STOPPING, Event.STAND_STILL): State.STOPPED,
}
"""What each event makes of each state; what is not here does not happen."""


def before(event: Event) -> tuple[State, ...]:
    """The states in which something can happen."""
    return tuple(state for state in State if (state, event) in TRANSITIONS)


class Stage(IntEnum):
    """How many may be owed a broadcast so far."""

    FEW = 0
    PERCENT = 1
    ALL = 2


class Op(StrEnum):
    """What a broadcast does: it sends something, or it changes what another one has sent."""

    SEND = "send"
    CORRECT = "correct"
    """The text as it is now takes the place of what was sent, below what was wrong."""
    WITHDRAW = "withdraw"
    """The reason takes the place of what was sent."""
    DELETE = "delete"

    @property
    def delivery(self) -> str:
        """What a delivery of it does (`Debt.op` in bot/storage/outbox.py)."""
        return self.value if self in {Op.SEND, Op.DELETE} else "edit"


@dataclass(frozen=True, slots=True)
class Aim:
    """Whom a broadcast is for.

    Attributes:
        languages: who reads one of them; none for all.
        desk: who reads it, or has chosen no desks; empty for all.
        lately: only who was active in the last 30 days.
        again: also who had the story already.
        urgent: quiet hours do not hold it.
    """

    languages: tuple[str, ...] = ()
    desk: str = ""
    lately: bool = False
    again: bool = False
    urgent: bool = False

    def document(self) -> dict[str, Any]:
        """As plain JSON values, for keeping; `aim` reads it back."""
        return {
            "languages": list(self.languages),
            "desk": self.desk,
            "lately": self.lately,
            "again": self.again,
            "urgent": self.urgent,
        }


def aim(document: Mapping[str, Any]) -> Aim:
    """The aim that `Aim.document` wrote; what it does not name is as it is without a choice."""
    kept = {name: document[name] for name in ("desk", "lately", "again", "urgent") if name in document}
    return Aim(tuple(document.get("languages", ())), **kept)


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One story or message for many readers, or the correction of one.

    Attributes:
        editor_id: whose it is; None where that account was deleted.
        story_id: what it brings; None for a message of the editors' own, or a story that has left the archive.
        parent_id: the broadcast that this one corrects; None for one of its own.
        op: what is done in the readers' chats.
        serious: a correction that is also told in a message of its own.
        document: the message, where it is no story.
        note: what the editors say to it; of a correction, what was wrong.
        origin_message: the editor's message by which it was asked for.
        message_id: the editor's message that shows how it goes.
        starts_at: when it begins; None for as soon as it is confirmed.
        asked_at: when a second editor was asked.
        stage_at: when the last reader of this stage was owed it.
        judged_from: endings before count no more: an editor let it go on.
        total: readers that were counted when it began.
        owed: readers that have been owed it.
        at_once: those of them whom no quiet hours held.
        up_to: the last chat that was considered; None before the first.
        after_id: of a correction, the last delivery of its parent that was considered.
        why: why it stopped by itself: a text key and values.
        shown: what the editor's message showed last: its state and numbers.
    """

    id: int
    editor_id: int | None
    story_id: int | None
    parent_id: int | None
    op: Op
    serious: bool
    document: dict[str, Any] | None
    note: str
    aim: Aim
    state: State
    origin_message: int
    message_id: int | None
    made_at: datetime
    starts_at: datetime | None = None
    asked_at: datetime | None = None
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    stage: Stage = Stage.FEW
    stage_at: datetime | None = None
    judged_from: datetime | None = None
    rested_at: datetime | None = None
    total: int = 0
    owed: int = 0
    at_once: int = 0
    up_to: int | None = None
    after_id: int = 0
    why: dict[str, Any] | None = None
    shown: dict[str, Any] | None = None
    shown_at: datetime | None = None

    @property
    def silent(self) -> bool:
        """Whether nobody hears of it: a changed message makes no sound, so quiet hours do not matter."""
        return self.op is not Op.SEND or self.aim.urgent


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a broadcast would reach now. All but `readers` and `quiet` are left out.

    Attributes:
        readers: who get it.
        quiet: those of them who have quiet hours now.
        quiet_until: when the last of these get it; None where there are none.
        had: who had the story already.
        unwilling: who want nothing from the editors.
        over: who have had as many broadcasts today as a reader may get.
        by_language: how many active readers read each language.
    """

    readers: int
    quiet: int = 0
    quiet_until: datetime | None = None
    had: int = 0
    unwilling: int = 0
    over: int = 0
    by_language: Mapping[str, int] = field(default_factory=dict)

    def seconds(self, rate: int) -> int:
        """How long it takes at so many messages a second, if nothing else is sent."""
        return -(-self.readers // rate)

    def stars(self, rate: int) -> int:
        """What Telegram takes at most for so many messages a second; 0 where nothing is paid for.

        A tenth of a Star for each message that is more than 30 a second (Bot API, allow_paid_broadcast; Bots FAQ).
        """
        return -(-self.readers // 10) if rate > FREE else 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How many deliveries of a broadcast stand where.

    Attributes:
        waiting: not sent yet, some of them held over quiet hours.
        unknown: nobody knows whether they arrived.
        gone: for readers who blocked the bot, or are there no more.
        failed: refused, or too late.
        cancelled: stopped before they were sent.
    """

    sent: int = 0
    waiting: int = 0
    unknown: int = 0
    gone: int = 0
    failed: int = 0
    cancelled: int = 0

    @property
    def ended(self) -> int:
        """Those of which no more will be heard."""
        return self.sent + self.unknown + self.gone + self.failed + self.cancelled

    def document(self) -> list[int]:
        """As plain JSON values, for keeping; `Progress(*document)` reads it back."""
        return [self.sent, self.waiting, self.unknown, self.gone, self.failed, self.cancelled]


def limit(stage: Stage, total: int) -> int | None:
    """How many readers whom no quiet hours hold may be owed a broadcast at this stage; None for all.

    Args:
        stage: how far it has got.
        total: readers that were counted when it began.
    """
    if total < UNTRIED or stage is Stage.ALL:
        return None
    return FEW if stage is Stage.FEW else FEW + max(FEW, -(-total // 100))


def next_stage(found: Broadcast, waiting: int, now: datetime) -> Stage:
    """The stage that a broadcast is at: the next one when the answers of this one are there, or late.

    Args:
        found: the broadcast.
        waiting: its deliveries that are due or under way.
        now: the time.
    """
    most = limit(found.stage, found.total)
    if most is None:
        return Stage.ALL
    late = found.stage_at is not None and now - found.stage_at >= PATIENCE
    if found.at_once >= most and (not waiting or late):
        return Stage(found.stage + 1)
    return found.stage


def verdict(endings: Sequence[tuple[Sent, str]]) -> dict[str, Any] | None:
    """Why a broadcast should not go on: a text key and values; None where it should.

    Args:
        endings: of its last deliveries, at most `LAST`: how each ended, and the reason.
    """
    if len(endings) < LEAST:
        return None
    kinds = Counter(state for state, _ in endings if state in _FAILURES)
    for state, number in kinds.most_common(1):
        if number > FAILING * len(endings):
            reasons = Counter(why for kind, why in endings if kind is state)
            share = 100 * number // len(endings)
            return {"key": f"campaign.why_{state}", "share": share, "reason": reasons.most_common(1)[0][0]}
    return None
