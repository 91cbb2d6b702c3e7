"""One run on its stage: a database with deliveries that are due, an oracle, and lives that are begun and ended."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from bench._reckoning import is_whole
from bench.crash import history
from bench.crash.nursery import Nursery
from bench.crash.quick_time import QuickTime
from bench.crash.small import Order
from bot.domain.message import Button, Message, Text
from bot.domain.news import Reader
from bot.storage import migrate, outbox
from bot.storage.database import engine
from bot.storage.outbox import Debt, Lane
from bot.storage.tables import readers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from datetime import datetime

    from bench.crash.history import History
    from bench.crash.nursery import Child

LIVES: Final = 40
"""How many lives a run may need until nothing is owed any more."""
PATIENCE: Final = 60.0
"""Seconds after which a life that should have ended hangs."""
FIRST_CHAT: Final = 1_000_000


@dataclass(slots=True)
class Found:
    """What came of a run.

    Attributes:
        figures: numbers to be added up.
        problems: what must not be, in words; empty for a faultless run.
    """

    figures: dict[str, float] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def require(self, holds: bool, problem: str) -> None:  # noqa: FBT001 - a condition, as in assert
        """Note a problem unless something holds."""
        if not holds:
            self.problems.append(problem)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What the oracle does to a run; see `oracle.Run`."""

    share: float = 0.0
    kinds: tuple[str, ...] = ()
    longest: float = 1.0
    latency: float = 0.0
    revoked: tuple[int, float] = (0, 0.0)


class Oracle:
    """The oracle's process, seen from the harness."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self._process = process
        self.url = f"http://127.0.0.1:{port}"

    async def order(self, log: Path, seed: int, speed: float, trouble: Trouble) -> None:
        """Let another run begin."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = {"log": str(log), "seed": seed, "speed": speed, **asdict(trouble)}
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        if await self._process.stdout.readline() != b"ready\n":
            raise RuntimeError("the oracle has ended")


@dataclass(slots=True)
class Play:
    """One run.

    Attributes:
        folder: everything of it.
        order: what its lives are given.
    """

    stage: Stage
    folder: Path
    order: Order
    rows: list[int]
    lives: int = 0
    kills: int = 0

    @property
    def path(self) -> Path:
        """The database."""
        return Path(self.order.database)

    async def begin(self, environment: Mapping[str, str] | None = None, *, owner: bool = True) -> Child:
        """Begin a life."""
        self.lives += 1
        order = self.order if owner else replace(self.order, owner=False)
        return await self.stage.nursery.begin(order, self.log_of(self.lives), environment)

    def log_of(self, life: int) -> Path:
        """What a life has said; lives count from 1."""
        return self.folder / f"life-{life}.log"

    def said(self, life: int) -> dict[str, float]:
        """When each event of a life was first told, by the machine's monotonic clock."""
        told: dict[str, float] = {}
        path = self.log_of(life)
        for line in path.read_text("utf-8").splitlines() if path.exists() else ():
            if line.startswith("{"):
                event = json.loads(line)
                told.setdefault(event["event"], event["at"])
        return told

    async def until(self, life: int, event: str, seconds: float = 20.0) -> bool:
        """Wait until a life tells of an event; False if it does not in so many seconds."""
        end = time.monotonic() + seconds
        while event not in self.said(life):
            if time.monotonic() > end:
                return False
            await asyncio.sleep(0.005)
        return True

    async def kill(self, child: Child) -> bool:
        """Kill a life; False if it had ended before."""
        killed = await child.killed() == -9
        self.kills += killed
        return killed

    async def top_up(self, least: int) -> None:
        """Owe more where fewer rows than these are open."""
        missing = least - (await asyncio.to_thread(history.open_rows, self.path)).total()
        if missing > 0:
            more = range(len(self.rows) + 1, len(self.rows) + missing + 1)
            now = QuickTime(self.order.speed, self.order.began, self.order.at).now()
            await asyncio.to_thread(_owe, self.path, more, now)
            self.rows += more

    async def finish(self, found: Found) -> None:
        """Let lives follow each other until nothing is owed any more."""
        for _ in range(LIVES):
            if not await asyncio.to_thread(history.open_rows, self.path):
                return
            child = await self.begin()
            moves, code = -1, await child.within(PATIENCE)
            # After many a 429 a run takes long; one in which nothing moves any more hangs.
            while code is None and moves < (moves := await asyncio.to_thread(history.moves, self.path)):
                code = await child.within(PATIENCE)
            if code is None:
                await child.killed()
            found.require(code == 0, f"life {self.lives} ended with {code}: {self.last_words()}")
            if code != 0:
                return

    def last_words(self) -> str:
        """The end of the last life's log."""
        log = self.log_of(self.lives)
        return log.read_text("utf-8")[-300:].strip() if log.exists() else ""

    async def judge(self, found: Found, *, doubts: int | None = None) -> History:
        """Judge the run after it has been drained.

        Args:
            found: where problems and figures go.
            doubts: how many rows may be unknown besides those that faults explain; None for as many as the lives that
                were killed may have had under way.
        """
        told = await asyncio.to_thread(history.read, self.path, self.folder / "accepted.jsonl", self.rows)
        verdict = told.verdict()
        for name, rows in verdict.faults().items():
            some = ", ".join(f"{row} {told.states.get(row)}" for row in rows[:5])
            found.problems.append(f"{len(rows)} {name} ({some})")
        allowed = told.doubtful() + (self.order.at_once * self.kills if doubts is None else doubts)
        unknown = len(verdict.unknown)
        found.require(unknown <= allowed, f"{unknown} unknown, and at most {allowed} can be explained")
        found.require(told.epochs_in_order(), "an earlier life began to send after a later one had")
        found.require(await asyncio.to_thread(is_whole, self.path), "the database is damaged")
        found.figures |= {
            "kills": self.kills,
            "lives": self.lives,
            "rows": verdict.planned,
            "attempts": verdict.attempts,
            "acknowledged": verdict.acknowledged,
            "unknown": unknown,
            "recovered": len(verdict.recovered),
            "faults met": told.faults().total(),
            **{name: len(rows) for name, rows in verdict.faults().items()},
        }
        return told


class Stage:
    """Where runs take place; see `open_stage`."""

    def __init__(self, folder: Path, template: Path, nursery: Nursery, oracle: Oracle) -> None:
        self.folder = folder
        self._template = template
        self.nursery = nursery
        self._oracle = oracle

    @asynccontextmanager
    async def play(
        self,
        seed: int,
        rows: int,
        trouble: Trouble | None = None,
        *,
        in_a_chat: int = 1,
        **order: Any,  # noqa: ANN401 - fields of Order
    ) -> AsyncIterator[Play]:
        """Prepare a run of so many deliveries; its folder is gone afterwards.

        Args:
            seed: decides about the faults.
            rows: how many deliveries are due.
            trouble: what the oracle does.
            in_a_chat: how many of the deliveries each chat has.
            order: fields of `small.Order`; the speed is 1 where it is not given.
        """
        trouble, speed = trouble or Trouble(), order.pop("speed", 1.0)
        with TemporaryDirectory(dir=self.folder, prefix="run-") as name:
            folder = Path(name)
            clock = QuickTime(speed, time.monotonic(), time.time())
            path = folder / "news.db"
            await asyncio.to_thread(self.fill, path, rows, clock.now(), in_a_chat)
            await self._oracle.order(folder / "accepted.jsonl", seed, speed, trouble)
            times = {"speed": speed, "began": clock.began, "at": clock.at}
            asked = Order(str(path), self._oracle.url, **times, **order)
            yield Play(self, folder, asked, list(range(1, rows + 1)))

    def fill(self, path: Path, rows: int, now: datetime, in_a_chat: int = 1) -> None:
        """Make a database with so many deliveries that are due, each with a message of its own."""
        shutil.copyfile(self._template, path)
        history.audit(path)
        _owe(path, range(1, rows + 1), now, in_a_chat)


def _owe(path: Path, rows: range, now: datetime, in_a_chat: int = 1) -> None:
    """Plan deliveries that are due, each with a message of its own, to readers who are new."""
    chats = {row: FIRST_CHAT + (row - 1) // in_a_chat for row in rows}
    messages = [Message(Text(f"row {row} of many"), ((Button("Read", f"open:{row}"),),)) for row in rows]
    made = engine(path)
    with made.begin() as connection:
        connection.execute(sa.insert(readers), [_reader(chat, now) for chat in sorted(set(chats.values()))])
        ids = outbox.keep_all(connection, messages, now)
        debts = [
            Debt(message, chats[row], f"{history.DEDUPE}{row}", own_hour=True, lane=Lane(row % len(Lane)))
            for row, message in zip(rows, ids, strict=True)
        ]
        outbox.plan_all(connection, debts, now, now + timedelta(hours=6))
    made.dispose()


def _reader(chat: int, now: datetime) -> dict[str, Any]:
    reader = Reader(
        chat, "Reader", "en", "UTC", ("en",), (), (480,), "send", "short", "active", "done",
        now, now, now, None,
    )  # fmt: skip
    return asdict(reader)


@asynccontextmanager
async def open_stage(environment: Mapping[str, str] | None = None) -> AsyncIterator[Stage]:
    """An oracle, a nursery with `environment`, and an empty database for all runs; all are gone afterwards."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="paperboy-crash-")))
        template = folder / "empty.db"
        await asyncio.to_thread(migrate.migrate, template)
        oracle = await stack.enter_async_context(_open_oracle())
        nursery = await stack.enter_async_context(Nursery(environment))
        yield Stage(folder, template, nursery, oracle)


@asynccontextmanager
async def _open_oracle() -> AsyncIterator[Oracle]:
    pipe = asyncio.subprocess.PIPE
    script = Path(__file__).with_name("oracle.py")
    process = await asyncio.create_subprocess_exec(sys.executable, str(script), stdin=pipe, stdout=pipe)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Oracle(process, int(await process.stdout.readline()))
    finally:
        process.stdin.close()
        await process.wait()
