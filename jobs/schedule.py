"""The ticks, as a table: what is done how often. The work itself is the services'."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.services.delivery import Deliveries
    from bot.services.digests import Digests
    from bot.services.housekeeping import Housekeeping
    from bot.services.poller import FeedPoller
    from bot.services.safekeeping import Safekeeping


@dataclass(frozen=True, slots=True)
class Tick:
    """Something done again and again.

    Attributes:
        name: how it is called in logs, metrics and tests.
        seconds: the time between two beginnings; a run that takes longer lets beginnings pass.
        work: what is done.
    """

    name: str
    seconds: float
    work: Callable[[], Awaitable[Any]]


def ticks(
    poller: FeedPoller,
    digests: Digests,
    deliveries: Deliveries,
    housekeeping: Housekeeping,
    safekeeping: Safekeeping,
) -> tuple[Tick, ...]:
    """All ticks of the newsroom."""
    return (
        Tick("poll", 5, poller.poll_due),
        Tick("compose", 5, digests.compose_due),
        Tick("deliver", 1, deliveries.drain),
        Tick("tidy", 3600, housekeeping.tidy),
        Tick("watch", 60, safekeeping.watch),
        Tick("backup", 600, safekeeping.back_up),
    )
