"""A story that editors send to many readers: where it stands, whom it reaches, and how it goes.

    draft -> sending -> spread -> done
    draft -> stopped
    sending, spread -> stopping -> stopped

While it is `sending`, readers are gone through in the order of their chats and each who shall have it is owed one
delivery; `spread`, all are owed, and what is left is the outbox's; `stopping`, what has not left is being cancelled.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

LONGEST_NOTE: Final = 500
"""Characters of what editors say to a story."""
A_SECOND: Final = 28
"""Messages a second that the outbox sends at most (bot/gateway/pacing.py)."""


class State(StrEnum):
    """Where a broadcast stands."""

    DRAFT = "draft"
    SENDING = "sending"
    SPREAD = "spread"
    DONE = "done"
    STOPPING = "stopping"
    STOPPED = "stopped"


GOING: Final = frozenset({State.SENDING, State.SPREAD})
"""While a broadcast is in one of these, messages leave."""
UNFINISHED: Final = GOING | {State.STOPPING}
"""While it is in one of these, the tick has something to do with it."""


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One story for many readers.

    Attributes:
        editor_id: whose it is; None where that account was deleted.
        languages: it goes to those who read one of them; none for everybody.
        up_to: the last chat that was considered; None before the first and after the last one.
        message_id: the editor's message that shows how it goes.
    """

    id: int
    editor_id: int | None
    story_id: int
    note: str
    languages: tuple[str, ...]
    state: State
    made_at: datetime
    begun_at: datetime | None
    ended_at: datetime | None
    up_to: int | None
    message_id: int | None


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a broadcast would reach now.

    Attributes:
        readers: who get it.
        quiet: those of them who have chosen quiet hours, in which it waits.
        had: who read the languages and had the story already: they are left out.
        unwilling: who read the languages and want nothing from the editors.
        by_language: how many active readers read each language.
    """

    readers: int
    quiet: int
    had: int
    unwilling: int
    by_language: Mapping[str, int]

    @property
    def seconds(self) -> int:
        """How long it takes at the pace of the outbox, if nothing else is sent."""
        return -(-self.readers // A_SECOND)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many deliveries of a broadcast stand where.

    Attributes:
        waiting: not sent yet, some of them held over quiet hours.
        unknown: nobody knows whether they arrived.
        missed: refused, too late, or for readers who are no longer there.
        cancelled: stopped before they were sent.
    """

    sent: int
    waiting: int
    unknown: int
    missed: int
    cancelled: int
