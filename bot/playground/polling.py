"""getUpdates: handing over, waiting, confirming, and one poller at a time (TBA `process_get_updates_query`)."""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING, Final

from bot.playground.rules.refusal import Refusal
from bot.playground.state import CALLBACK_LIFE

if TYPE_CHECKING:
    from bot.playground.bell import Bell
    from bot.playground.exchange import Exchange
    from bot.playground.state import Update

KEPT_FOR: Final = 24 * 3600
"""Seconds that an update waits to be fetched (SPEC "Getting updates")."""

LONGEST_WAIT: Final = 50
"""Seconds of long polling that the server allows (TBA `LONG_POLL_MAX_TIMEOUT`)."""

MOST_AT_ONCE: Final = 100

_OTHER_POLLER: Final = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
)
_WEBHOOK_SET: Final = "Conflict: terminated by setWebhook request"
_WEBHOOK_ACTIVE: Final = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)


class Polling:
    """The bot's end of the update queue.

    Args:
        exchange: where updates come from.
        bell: rings at every change.
        brakes: whether asking again for the same updates is slowed down as Telegram does: within 3 s it waits
            3 s at least, within half a second it gets a single update.
    """

    def __init__(self, exchange: Exchange, bell: Bell, *, brakes: bool) -> None:
        self._exchange = exchange
        self._bell = bell
        self._brakes = brakes
        self._turn = 0
        self._last: tuple[int, float] | None = None
        self._looked = 0.0
        self._closing = False

    def close(self) -> None:
        """End the poll that is waiting, with nothing."""
        self._closing = True
        self._bell.ring()

    def waiting_updates(self) -> int:
        """How many updates are not confirmed and not too old."""
        return len(self._exchange.state.pending) - len(self._expired())

    async def take(
        self, offset: int = 0, limit: int = MOST_AT_ONCE, wait: float = 0, allowed: list[str] | None = None
    ) -> list[Update]:
        """Hand over the next updates, and confirm those before `offset`.

        Args:
            offset: the first update wanted; negative counts from the end of the queue and forgets the others.
            limit: how many at most.
            wait: seconds to wait for the first one.
            allowed: kinds of update from now on, empty for the default; None to leave it as it is.

        Raises:
            Refusal: 409 where a webhook is set, or another poll came in while this one waited.
        """
        if self._exchange.state.webhook:
            raise Refusal(409, _WEBHOOK_ACTIVE)
        if allowed is not None and allowed != self._exchange.state.allowed_updates:
            self._exchange.record("allowed", types=allowed)
        limit = min(max(limit, 1), MOST_AT_ONCE)
        wait = min(max(wait, 0), LONGEST_WAIT)
        if self._brakes:
            limit, wait = self._braked(offset, limit, wait)
        self._forget(offset)
        self._turn += 1
        self._bell.ring()
        return await self._wait(self._turn, limit, wait)

    def _braked(self, offset: int, limit: int, wait: float) -> tuple[int, float]:
        now = self._exchange.clock().timestamp()
        last, self._last = self._last, (offset, now)
        if last is None or last[0] != offset:
            return limit, wait
        since = now - last[1]
        return (1 if since < 0.5 else limit), (max(wait, 3) if since < 3 else wait)

    def _expired(self) -> list[int]:
        now = self._exchange.clock().timestamp()
        return [
            update_id
            for update_id, (at, update) in self._exchange.state.pending.items()
            if now - at > (CALLBACK_LIFE if "callback_query" in update else KEPT_FOR)
        ]

    def _forget(self, offset: int) -> None:
        self._let_expire()
        pending = self._exchange.state.pending
        until = offset
        if offset < 0:
            until = next(iter(list(pending)[offset:]), 0)
        if pending and next(iter(pending)) < until:
            self._exchange.record("confirmed", until=until)

    def _let_expire(self) -> None:
        """Drop what is too old; looking once a second keeps a flood of updates cheap."""
        now = self._exchange.clock().timestamp()
        if abs(now - self._looked) >= 1:
            self._looked = now
            if expired := self._expired():
                self._exchange.record("expired", update_ids=expired)

    async def _wait(self, turn: int, limit: int, seconds: float) -> list[Update]:
        try:
            async with asyncio.timeout(seconds if seconds > 0 else None):
                return await self._next(turn, limit, at_once=seconds <= 0)
        except TimeoutError:
            return []

    async def _next(self, turn: int, limit: int, *, at_once: bool) -> list[Update]:
        state = self._exchange.state
        while not (state.pending or at_once or self._closing):
            await self._bell.wait()
            if self._turn != turn:
                raise Refusal(409, _OTHER_POLLER)
            if state.webhook:
                raise Refusal(409, _WEBHOOK_SET)
        return [update for _, update in islice(state.pending.values(), limit)]
