"""The whole newsroom, killed at a place that the sender alone never passes: updates, digests, broadcasts."""

from __future__ import annotations

import asyncio
import re
import signal
import sqlite3
import sys
import time
from collections import Counter
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from aiohttp import web

from bench._reckoning import count_commands, count_digests, is_whole
from bench.crash.small import FAILPOINT
from bench.kills import TALKERS, Campaign, now, serve_feed
from bot.domain.broadcasts import Event
from bot.domain.message import Message, Text, to_document
from bot.playground.serving import serve
from bot.storage import broadcasts
from bot.storage.database import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from bot.storage.database import Connection

ARMED: Final = Path(__file__).with_name("armed.py")
PATIENCE: Final = 40.0
"""Seconds in which a life must come to its failpoint."""
A_COMMIT: Final = 20
"""Digests that are written in one commit (`GROUP` in bot/services/digests.py)."""
UPDATES: Final = "receive"
DIGESTS: Final = "_write"
BROADCASTS: Final = "Spreading._owe"
WORKS: Final[dict[str, Sequence[int]]] = {
    UPDATES: range(1, 21),
    DIGESTS: (1, 2, 3, 4) * 5,
    BROADCASTS: (1, 2, 3, 4, 5) * 4,
}
"""What only the whole newsroom commits, and at which passing each life dies: a life takes seconds to begin."""


@dataclass
class Falling(Campaign):
    """A newsroom whose lives die at a failpoint."""

    reached: int = 0
    problems: list[str] = field(default_factory=list)
    _broadcasts: list[int] = field(default_factory=list)

    async def fall(self, name: str, passings: Sequence[int]) -> None:
        """Let a life die at each of these passings of a place, then let the last one finish, and count."""
        work = name.partition(",")[0]
        wanted = [A_COMMIT * passing if work == DIGESTS else 0 for passing in passings]
        self._talkers = self.telegram.add_people(TALKERS + sum(wanted))
        self.subscribers, self._talkers = self._talkers[TALKERS:], self._talkers[:TALKERS]
        async with serve(self.telegram, routes=[web.get("/rss", serve_feed)]) as url:
            await self._prepare(url)
            self._environment["BROADCAST_DAILY_CAP"] = "0"
            for passing, many in zip(passings, wanted, strict=True):
                done = sum(wanted[: self.report.kills])
                await self._owe(self.subscribers[done : done + many])
                if work == BROADCASTS:
                    await self._schedule(passing)
                await self._live(name, passing, talks=work == UPDATES)
            await self._last_life()
        with closing(sqlite3.connect(self.path)) as raw:
            count_commands(self.report, raw, self.telegram.calls, self.commands, faults=False)
            if work == DIGESTS:
                count_digests(self.report, raw, self.telegram.calls, self.subscribers)
            elif work == BROADCASTS:
                self._count_broadcasts(raw)

    async def _live(self, name: str, passing: int, *, talks: bool) -> None:
        mark = len(self.telegram.calls)
        async with self._armed(name, passing) as process:
            await self._seen(mark, "getMe", 1)
            end = time.monotonic() + PATIENCE
            while process.returncode is None and time.monotonic() < end:
                if talks:
                    self._talk(1)
                await asyncio.sleep(0.1)
        ended = process.returncode == -signal.SIGKILL and time.monotonic() < end
        self.reached += ended
        self.report.kills += 1
        self.report.damaged += not await asyncio.to_thread(is_whole, self.path)
        if not ended:
            self.problems.append(f"passing {passing} was not reached: {process.returncode}")

    @asynccontextmanager
    async def _armed(self, name: str, passing: int) -> AsyncIterator[asyncio.subprocess.Process]:
        environment = {**self._environment, FAILPOINT: f"{name}:{passing}"}
        with (self.folder / "log.txt").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, str(ARMED), "run", cwd=self.folder, env=environment, stdout=log, stderr=log
            )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def _schedule(self, many: int) -> None:
        """Let so many broadcasts come due."""
        db = Database(self.path, owner=False)

        def write(connection: Connection) -> None:
            for _ in range(many):
                number = len(self._broadcasts) + 1
                document = to_document(Message(Text(f"broadcast {number}.")))
                new = broadcasts.New(self._talkers[0], number, document=document)
                found = broadcasts.draft(connection, new, now())
                broadcasts.happen(connection, found.id, Event.SCHEDULE, starts_at=now())
                self._broadcasts.append(found.id)

        await db.write(write)
        await db.close()

    def _open(self) -> int:
        """How much is not at its end, broadcasts included."""
        with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as raw:
            statement = "SELECT count(*) FROM broadcasts WHERE state NOT IN ('done', 'stopped', 'held')"
            left: int = raw.execute(statement).fetchone()[0]
        return left + super()._open()

    def _count_broadcasts(self, raw: sqlite3.Connection) -> None:
        """Every reader is owed every broadcast once, and gets it once, unless nobody knows."""
        states = dict(raw.execute("SELECT id, state FROM broadcasts").fetchall())
        rows = raw.execute(
            "SELECT broadcast_id, chat_id, state FROM deliveries WHERE broadcast_id IS NOT NULL"
        )
        owed: dict[tuple[int, int], list[str]] = {}
        for broadcast_id, chat, state in rows:
            owed.setdefault((broadcast_id, chat), []).append(state)
        texts = Counter(
            (call.chat, said[0])
            for call in self.telegram.calls
            if call.message_id and (said := re.search(r"broadcast \d+", str(call.params.get("text", ""))))
        )
        for number, one in enumerate(self._broadcasts, start=1):
            if states.get(one) != "done":
                self.problems.append(f"broadcast {one} ended {states.get(one)}")
            for chat in self._talkers:
                found, came = owed.get((one, chat), []), texts[chat, f"broadcast {number}"]
                self.report.deliveries += len(found)
                self.report.unknown += found.count("unknown")
                self.report.unknown_but_arrived += came * found.count("unknown")
                if len(found) != 1 or came > 1 or (came == 0 and found != ["unknown"]):
                    self.problems.append(f"broadcast {one} for {chat}: {found}, arrived {came} times")
