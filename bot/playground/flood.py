"""How much a bot may send: a pure model of Telegram's brakes for private chats.

Telegram publishes about 30 messages a second over all chats and about one a second in one chat, and says that short
bursts may pass (Bots FAQ). The burst of 5 is ours: it is not published.
"""

from __future__ import annotations

import math
from collections import deque
from datetime import datetime, timedelta
from typing import Final

PER_SECOND: Final = 30
BURST: Final = 5
_SECOND: Final = timedelta(seconds=1)
_MANY_CHATS: Final = 10_000


class Flood:
    """Counts messages on a clock that is passed in.

    Args:
        per_second: messages in any one second, over all chats.
        burst: messages that one chat takes at once; then one a second.
    """

    def __init__(self, per_second: int = PER_SECOND, burst: int = BURST) -> None:
        self._per_second = per_second
        self._burst = burst
        self._sent: deque[datetime] = deque()
        self._chats: dict[int, datetime] = {}
        """When each chat will have its whole burst again; every message moves it on by a second."""
        self._closed_until: dict[int | None, datetime] = {}
        """Chats, or None for all, that were refused and must wait."""

    def admit(self, chat: int, now: datetime) -> int:
        """Count one message, or refuse it.

        Returns:
            0 where the message may go, else the seconds to wait. A request during the wait is refused again
            and makes the wait no longer.
        """
        for scope in (chat, None):
            if seconds := self._still_closed(scope, now):
                return seconds
        if wait := self._until_chat(chat, now):
            return self._close(chat, now, wait)
        if wait := self._until_all(now):
            return self._close(None, now, wait)
        self._sent.append(now)
        self._chats[chat] = max(self._chats.get(chat, now), now) + _SECOND
        if len(self._chats) > _MANY_CHATS:
            self._chats = {chat: full for chat, full in self._chats.items() if full > now}
        return 0

    def _still_closed(self, scope: int | None, now: datetime) -> int:
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

    def _until_all(self, now: datetime) -> timedelta | None:
        while self._sent and self._sent[0] <= now - _SECOND:
            self._sent.popleft()
        return self._sent[0] + _SECOND - now if len(self._sent) >= self._per_second else None

    def _close(self, scope: int | None, now: datetime, wait: timedelta) -> int:
        seconds = _seconds(wait)
        self._closed_until[scope] = now + timedelta(seconds=seconds)
        return seconds


def _seconds(wait: timedelta) -> int:
    """Whole seconds, as Telegram tells them, at least 1."""
    return max(1, math.ceil(wait.total_seconds()))
