"""Deliveries of which nobody knows whether they arrived: why that is so, and what editors see of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from bot.domain.delivery import END_UNSEEN

if TYPE_CHECKING:
    from datetime import datetime

GOOD_FOR: Final = timedelta(hours=6)
"""How long what is sent again is still news."""


class Why(StrEnum):
    """Why nobody knows."""

    CRASH = "crash"
    NO_ANSWER = "no_answer"
    BROKEN_OFF = "broken_off"
    SERVER_ERROR = "server_error"
    NOT_TELEGRAMS = "not_telegrams"
    OURS = "ours"


class Kind(StrEnum):
    """What was owed."""

    DIGEST = "digest"
    STORY = "story"
    """About one story that its reader follows."""
    BROADCAST = "broadcast"
    NOTICE = "notice"


class Verdict(StrEnum):
    """What an editor makes of it."""

    AGAIN = "again"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why nobody knows; `said` are Telegram's own words, empty where it said none."""

    why: Why
    said: str = ""


_OURS: Final = (
    (END_UNSEEN, Why.CRASH),
    ("no answer in time", Why.NO_ANSWER),
    ("the connection broke", Why.BROKEN_OFF),
    ("the result is no message", Why.NOT_TELEGRAMS),
    ("failed: ", Why.OURS),
    ("no description", Why.SERVER_ERROR),
)
"""How our own sentences begin, and what they mean; every other one is Telegram's."""


def reason(kept: str) -> Reason:
    """What the sentence that is kept with a delivery means; an empty one says that nobody wrote any more."""
    words = kept.strip()
    if not words:
        return Reason(Why.CRASH)
    if words.startswith("status ") and words.endswith("no answer of Telegram's"):
        return Reason(Why.NOT_TELEGRAMS)
    own = next((why for beginning, why in _OURS if words.startswith(beginning)), None)
    return Reason(own) if own else Reason(Why.SERVER_ERROR, words)


def kind_of(dedupe: str, broadcast_id: int | None) -> Kind:
    """What a debt was, by its name and whether it is part of a broadcast."""
    if broadcast_id is not None:
        return Kind.BROADCAST
    kinds = {"digest": Kind.DIGEST, "follow": Kind.STORY, "broadcast": Kind.BROADCAST}
    return kinds.get(dedupe.partition(":")[0], Kind.NOTICE)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A delivery that may have arrived or not.

    Attributes:
        name: its reader's first name, empty for none.
        headline: of the story that a broadcast brings; empty for everything else, which is its reader's alone.
        at: when it came into doubt.
        again: whether it was sent again before.
        away: whether its reader gets nothing now, so that it would not leave.
    """

    id: int
    chat_id: int
    name: str
    kind: Kind
    reason: Reason
    at: datetime
    broadcast_id: int | None = None
    headline: str = ""
    again: bool = False
    away: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A page of what is in doubt, the newest first.

    Attributes:
        number: which page, from 0.
        total: how many there are on all pages.
        only: the broadcast that alone is listed; 0 for everything.
        broadcasts: of those on this page, with more than one in doubt and not alone, how many each has.
    """

    doubts: tuple[Doubt, ...]
    number: int
    total: int
    only: int = 0
    broadcasts: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A question before many are settled: how many messages to how many readers."""

    question_id: int
    verdict: Verdict
    messages: int
    readers: int
    only: int


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of settling.

    Attributes:
        done: how many were settled now.
        missed: how many had been settled meanwhile.
        outdated: how many stay in doubt, since what they bring was corrected or withdrawn.
        question_id: what takes it back; 0 where nothing can be.
    """

    verdict: Verdict
    done: int
    missed: int = 0
    question_id: int = 0
    only: int = 0
    outdated: int = 0
