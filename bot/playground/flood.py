"""How much a bot may send: a pure model of Telegram's brakes for private chats.

Telegram publishes about 30 messages a second over all chats and about one a second in one chat, and says that short
bursts may pass (Bots FAQ). The burst of 5 is ours: it is not published. A bot may pay for up to 1000 a second over all
chats (allow_paid_broadcast); what is paid for is counted apart.
"""

from __future__ import annotations

import math
from collections import deque
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

PER_SECOND: Final = 30
PAID_PER_SECOND: Final = 1000
BURST: Final = 5
_Pace: TypeAlias = Literal["free", "paid"]
_FREE: Final[_Pace] = "free"
_PAID: Final[_Pace] = "paid"
_SECOND: Final = timedelta(seconds=1)
_MANY_CHATS: Final = 10_000


class Flood:
    """Counts messages on a clock that is passed in.

    Args:
        per_second: messages in any one second, over all chats.
        burst: messages that one chat takes at once; then one a second.
        paid: messages in any one second that are paid for, over all chats.
    """

    def __init__(self, per_second: int = PER_SECOND, burst: int = BURST, paid: int = PAID_PER_SECOND) -> None:
        self._burst = burst
        self._most = {_FREE: per_second, _PAID: paid}
        self._sent: dict[_Pace, deque[datetime]] = {_FREE: deque(), _PAID: deque()}
        self._chats: dict[int, datetime] = {}
        """When each chat will have its whole burst again; every message moves it on by a second."""
        self._closed_until: dict[int | _Pace, datetime] = {}
        """Chats, or all at one of the paces, that were refused and must wait."""

    def admit(self, chat: int, now: datetime, *, paid: bool = False) -> int:
        """Count one message, or refuse it.

        Args:
            chat: where it goes.
            now: the time.
            paid: whether it may be paid for (SPEC allow_paid_broadcast).

        Returns:
            0 where the message may go, else the seconds to wait. A request during the wait is refused again
            and makes the wait no longer.
        """
        pace = _PAID if paid else _FREE
        for scope in (chat, pace):
            if seconds := self._still_closed(scope, now):
                return seconds
        if wait := self._until_chat(chat, now):
            return self._close(chat, now, wait)
        if wait := self._until_all(pace, now):
            return self._close(pace, now, wait)
        self._sent[pace].append(now)
        self._chats[chat] = max(self._chats.get(chat, now), now) + _SECOND
        if len(self._chats) > _MANY_CHATS:
            self._chats = {chat: full for chat, full in self._chats.items() if full > now}
        return 0

    def _still_closed(self, scope: int | _Pace, now: datetime) -> int:
        until = self._closed_until.get(scope)
        if until is None:
            return 0
        if until <= now:
            del self._closed_until[scope]
            return 0
        return _seconds(until - now)

    def _until_chat(self, chat: int, now: datetime) -> timedelta | None:
        """How long until the chat takes one more, None for at once."""
        ahead = self._chats.get(chat, now) + _SECOND - now - self._burst * _SECOND
        return ahead if ahead > timedelta() else None

    def _until_all(self, pace: _Pace, now: datetime) -> timedelta | None:
        sent = self._sent[pace]
        while sent and sent[0] <= now - _SECOND:
            sent.popleft()
        return sent[0] + _SECOND - now if len(sent) >= self._most[pace] else None

    def _close(self, scope: int | _Pace, now: datetime, wait: timedelta) -> int:
        seconds = _seconds(wait)
        self._closed_until[scope] = now + timedelta(seconds=seconds)
        return seconds


def _seconds(wait: timedelta) -> int:
    """Whole seconds, as Telegram tells them, at least 1."""
    return max(1, math.ceil(wait.total_seconds()))
