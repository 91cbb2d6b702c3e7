"""The states of a delivery, and what an answer from Telegram does to it.

    planned -> claimed -> sending -> sent | retry | unknown | failed | gone
    claimed -> planned    the worker stopped before a byte left
    retry   -> claimed    when its time has come
    planned, claimed, retry -> expired | gone | cancelled

`sending` is committed immediately before the first byte leaves. Whatever is found in it after a crash becomes
`unknown` and is not sent again by itself: after a kill most of such messages did arrive (59 of 63,
docs/benchmarks.md), and a digest that comes twice annoys more than one that is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
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
"""States that a delivery stays in."""


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
    """

    outcome: Outcome
    sent_id: int = 0
    retry_after: float | None = None
    reason: str = ""
    migrated_to: int = 0


RETRIES: Final = (1.0, 5.0, 30.0, 120.0, 600.0)
"""Seconds before the next attempt after a definite failure; the last one repeats until the delivery expires."""


@dataclass(frozen=True, slots=True)
class Transition:
    """A delivery's next state, and when it may be tried again where that is `retry`."""

    state: State
    not_before: datetime | None = None
    reason: str = ""
    sent_id: int = 0


def after(receipt: Receipt, attempts: int, expires_at: datetime, now: datetime, chance: float) -> Transition:
    """What a receipt does to a delivery in `sending`.

    Args:
        receipt: what is known.
        attempts: how many attempts there have been, this one included.
        expires_at: when the delivery is no news any more.
        now: the time of the answer.
        chance: a random number from 0 to 1; waits are drawn evenly up to their full length, but never shorter than
            Telegram asked for.
    """
    match receipt.outcome:
        case Outcome.SENT:
            return Transition(State.SENT, sent_id=receipt.sent_id)
        case Outcome.UNKNOWN:
            return Transition(State.UNKNOWN, reason=receipt.reason)
        case Outcome.FAILED:
            return Transition(State.FAILED, reason=receipt.reason)
        case Outcome.GONE:
            return Transition(State.GONE, reason=receipt.reason)
        case Outcome.RETRY | Outcome.MIGRATED | Outcome.STOP:
            step = RETRIES[min(attempts, len(RETRIES)) - 1]
            wait = (receipt.retry_after or 0.0) + step * chance
            at = now + timedelta(seconds=wait)
            if at >= expires_at:
                return Transition(State.EXPIRED, reason=receipt.reason)
            return Transition(State.RETRY, at, receipt.reason)
