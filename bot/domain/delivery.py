"""The states of a delivery, the moves between them, and what an answer from Telegram does to it.

`TRANSITIONS` is the whole of it, drawn in docs/delivery.md. `sending` is committed immediately before the first byte
leaves. Whatever is found in it after a crash becomes `unknown` and is not sent again by itself: after a kill most of
such messages did arrive (59 of 63, docs/benchmarks.md), and a digest that comes twice annoys more than one that is
missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class State(StrEnum):
    """Where a delivery stands."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    RETRY = "retry"
    UNKNOWN = "unknown"
    FAILED = "failed"
    GONE = "gone"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


FINAL: Final = frozenset(
    {State.SENT, State.UNKNOWN, State.FAILED, State.GONE, State.EXPIRED, State.CANCELLED}
)
"""States that a delivery stays in by itself; an editor may have an `unknown` one sent again."""
UNSENT: Final = frozenset({State.PLANNED, State.CLAIMED, State.RETRY})
"""States in which certainly nothing has left."""
MISSED: Final = frozenset({State.FAILED, State.EXPIRED, State.CANCELLED})
"""Ends after which a reader has certainly not seen what was owed: its stories are news again."""
END_UNSEEN: Final = "nobody has seen the end of sending this"
"""Why what a crash found `sending` is `unknown`."""


class Event(StrEnum):
    """What happens to a delivery."""

    CLAIM = "claim"
    """A worker takes it: it is due, not too late, and its reader is there."""
    GIVE_BACK = "give back"
    """Nobody has begun with it: the worker stopped, its lease is over, or it must wait."""
    BEGIN = "begin"
    """Its turn has come, its lease holds and its worker is the newest; the first byte leaves after the commit."""
    ARRIVE = "arrive"
    """Telegram has it."""
    TRY_LATER = "try later"
    """It certainly did not arrive, and may yet."""
    LOSE_SIGHT = "lose sight"
    """Nobody can know whether it arrived."""
    REFUSE = "refuse"
    """It certainly did not arrive and never will."""
    LOSE_CHAT = "lose chat"
    """The chat cannot be written to, or its reader wants nothing any more."""
    EXPIRE = "expire"
    """It is no news any more."""
    CANCEL = "cancel"
    """The editors stopped it."""
    SEND_AGAIN = "send again"
    """An editor takes the risk that it comes twice."""


TRANSITIONS: Final[Mapping[tuple[State, Event], State]] = {
    (State.PLANNED, Event.CLAIM): State.CLAIMED,
    (State.RETRY, Event.CLAIM): State.CLAIMED,
    (State.CLAIMED, Event.GIVE_BACK): State.PLANNED,
    (State.CLAIMED, Event.BEGIN): State.SENDING,
    (State.SENDING, Event.ARRIVE): State.SENT,
    (State.SENDING, Event.TRY_LATER): State.RETRY,
    (State.SENDING, Event.LOSE_SIGHT): State.UNKNOWN,
    (State.SENDING, Event.REFUSE): State.FAILED,
    (State.SENDING, Event.LOSE_CHAT): State.GONE,
    (State.SENDING, Event.EXPIRE): State.EXPIRED,
    (State.SENDING, Event.CANCEL): State.CANCELLED,
    **{(one, Event.LOSE_CHAT): State.GONE for one in UNSENT},
    **{(one, Event.CANCEL): State.CANCELLED for one in UNSENT},
    **{(one, Event.EXPIRE): State.EXPIRED for one in (State.PLANNED, State.RETRY)},
    **{(one, Event.REFUSE): State.FAILED for one in (State.PLANNED, State.RETRY)},
    (State.UNKNOWN, Event.SEND_AGAIN): State.PLANNED,
}
"""What each event makes of each state; what is not here does not happen.

Out of `sending` it is cancelled or expires only after an answer that says it did not arrive.
"""


def before(event: Event) -> tuple[State, ...]:
    """The states in which something can happen."""
    return tuple(state for state in State if (state, event) in TRANSITIONS)


class Outcome(StrEnum):
    """What an answer says about one call: the rows of the error table."""

    SENT = "sent"
    RETRY = "retry"
    UNKNOWN = "unknown"
    FAILED = "failed"
    GONE = "gone"
    MIGRATED = "migrated"
    STOP = "stop"
    """Nothing can be sent at all: the token is no longer taken."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is known after one attempt.

    Attributes:
        outcome: what the answer says.
        sent_id: the message's id in its chat; 0 where there is none.
        retry_after: seconds that Telegram asked for; None where it named none.
        reason: Telegram's own words, or ours, without secrets.
        migrated_to: the chat's new id.
        about_content: whether it is the content that was refused, so that its plain words alone may still pass.
    """

    outcome: Outcome
    sent_id: int = 0
    retry_after: float | None = None
    reason: str = ""
    migrated_to: int = 0
    about_content: bool = False


RETRIES: Final = (1.0, 5.0, 30.0, 120.0, 600.0)
"""Seconds before the next attempt after a definite failure; the last one repeats until the delivery expires."""


@dataclass(frozen=True, slots=True)
class Transition:
    """A delivery's next state.

    Attributes:
        not_before: when it may be tried again where the state is `retry`.
        plain: whether it is tried again with its plain words alone.
    """

    state: State
    not_before: datetime | None = None
    reason: str = ""
    sent_id: int = 0
    plain: bool = False


def after(
    receipt: Receipt,
    attempts: int,
    expires_at: datetime,
    now: datetime,
    chance: float,
    *,
    plain: bool = False,
) -> Transition:
    """What a receipt does to a delivery in `sending`.

    Args:
        receipt: what is known.
        attempts: how many attempts there have been, this one included.
        expires_at: when the delivery is no news any more.
        now: the time of the answer.
        chance: a random number from 0 to 1; waits are drawn evenly up to their full length, but never shorter than
            Telegram asked for.
        plain: whether these were its plain words already.
    """
    match receipt.outcome:
        case Outcome.SENT:
            return Transition(State.SENT, sent_id=receipt.sent_id, plain=plain)
        case Outcome.UNKNOWN:
            return Transition(State.UNKNOWN, reason=receipt.reason, plain=plain)
        case Outcome.FAILED if receipt.about_content and not plain:
            return Transition(State.RETRY, now, receipt.reason, plain=True)
        case Outcome.FAILED:
            return Transition(State.FAILED, reason=receipt.reason, plain=plain)
        case Outcome.GONE:
            return Transition(State.GONE, reason=receipt.reason, plain=plain)
        case Outcome.RETRY | Outcome.MIGRATED | Outcome.STOP:
            step = RETRIES[min(attempts, len(RETRIES)) - 1]
            wait = (
                0.0 if receipt.outcome is Outcome.MIGRATED else (receipt.retry_after or 0.0) + step * chance
            )
            at = now + timedelta(seconds=wait)
            if at >= expires_at:
                return Transition(State.EXPIRED, reason=receipt.reason, plain=plain)
            return Transition(State.RETRY, at, receipt.reason, plain=plain)
