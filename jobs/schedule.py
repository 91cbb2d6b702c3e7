"""The ticks, as a table: what is done how often. The work itself is the services'."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.services.answers import Answers
    from bot.services.delivery import Deliveries
    from bot.services.doctor import Doctor
    from bot.services.housekeeping import Housekeeping
    from bot.services.newsroom import Newsroom
    from bot.services.poller import FeedPoller
    from bot.services.safekeeping import Safekeeping
    from bot.services.watching import Watching


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
    newsroom: Newsroom,
    deliveries: Deliveries,
    housekeeping: Housekeeping,
    safekeeping: Safekeeping,
    watching: Watching,
    *,
    doctor: Doctor,
    answers: Answers | None = None,
) -> tuple[Tick, ...]:
    """All ticks of the newsroom; there are no `answers` where there are no comments."""
    return (
        Tick("poll", 5, poller.poll_due),
        Tick("follow", 5, watching.watch),
        Tick("compose", 5, newsroom.digests.compose_due),
        Tick("broadcast", 1, newsroom.campaigns.go_on),
        Tick("deliver", 1, deliveries.drain),
        Tick("tidy", 3600, housekeeping.tidy),
        Tick("watch", 60, safekeeping.watch),
        Tick("mourn", 600, safekeeping.mourn),
        Tick("examine", 600, doctor.round),
        Tick("backup", 600, safekeeping.back_up),
        *((Tick("answers", 15, answers.tell_due),) if answers is not None else ()),
    )
