"""Keeping time: starts each tick when its time has come, one run of each at most, and lets runs finish at the end."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jobs.schedule import Tick

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Record:
    """How a tick has fared: runs, failures, and seconds of the last run."""

    runs: int = 0
    failures: int = 0
    seconds: float = 0.0

    def failed(self) -> int:
        """How many runs failed."""
        return self.failures


class Runner:
    """The ticks' scheduler.

    APScheduler's own jobs only start tasks that are tracked here: its shutdown would cancel a coroutine job in the
    middle, and its default would skip a run that is one second late.
    """

    def __init__(self, ticks: Sequence[Tick]) -> None:
        self._ticks = {tick.name: tick for tick in ticks}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._stopping = False
        self.records = {tick.name: Record() for tick in ticks}
        self._scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )

    def start(self) -> None:
        """Begin to keep time; every tick runs once at once."""
        for tick in self._ticks.values():
            self._scheduler.add_job(
                self._begin, "interval", args=[tick.name], seconds=tick.seconds, id=tick.name
            )
        self._scheduler.start()
        for name in self._ticks:
            self._start(name)

    async def run(self, name: str) -> Any:  # noqa: ANN401 - whatever the work returns
        """Do one tick's work now, and return what it returns."""
        return await self._ticks[name].work()

    async def _begin(self, name: str) -> None:
        self._start(name)

    def _start(self, name: str) -> None:
        """Start a run unless one is under way; its end makes room for the next."""
        if name in self._running or self._stopping:
            return
        task = asyncio.create_task(self._run(name), name=f"tick {name}")
        self._running[name] = task
        task.add_done_callback(lambda _: self._running.pop(name, None))

    async def _run(self, name: str) -> None:
        record = self.records[name]
        record.runs += 1
        began = time.monotonic()
        try:
            await self._ticks[name].work()
        except DatabaseError as error:
            record.failures += 1
            log.error("tick %s: %s", name, error)  # noqa: TRY400 - one sentence says it
        except Exception:
            record.failures += 1
            log.exception("tick %s failed", name)
        finally:
            record.seconds = time.monotonic() - began

    def stop(self) -> None:
        """Begin no more runs."""
        if self._scheduler.running and not self._stopping:
            self._scheduler.shutdown(wait=False)
        # The scheduler stops at the loop's next turn only; until then it may still call.
        self._stopping = True

    async def drain(self, seconds: float) -> None:
        """Wait for the runs under way, and cancel those that take longer."""
        tasks = list(self._running.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=seconds)
        for task in late:
            log.warning("%s is given up; its work is taken up again at the next start", task.get_name())
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
