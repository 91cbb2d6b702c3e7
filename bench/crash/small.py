"""The newsroom's sender alone, in a process to be killed: database, outbox, pace and Bot API, and nothing else.

It recovers what the last life left, sends until nothing is owed any more, and ends with 0; after SIGTERM it stops within
ten seconds. What it does is told in lines of JSON on its standard output.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

sys.path.insert(0, str(Path(__file__).parents[2]))  # for `bench`, which is no package

from bench.crash import scenes
from bench.crash.quick_time import QuickTime
from bot import failpoints
from bot.errors import DatabaseBusy, DatabaseError
from bot.gateway.pacing import Book, Pacer
from bot.gateway.request import Api, Limits
from bot.gateway.sender import Sender
from bot.services.delivery import Deliveries
from bot.storage import meta
from bot.storage.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

P = ParamSpec("P")
T = TypeVar("T")

DONE: Final = 0
GAVE_UP: Final = 6
"""The exit code where the database refused again and again."""
FENCED: Final = 7
"""The exit code where a newer life has begun."""
PATIENCE: Final = 12
"""How often in a row the database may refuse."""
STOPPING: Final = 9.0
"""Seconds of the machine that may pass between SIGTERM and the end."""
FAILPOINT: Final = "PAPERBOY_FAILPOINT"
TOKEN: Final = "1000000001:crashes_and_nothing_else_use_this"


@dataclass(frozen=True, slots=True)
class Order:
    """What a life is given.

    Attributes:
        database: its file.
        url: the oracle.
        speed, began, at: as `QuickTime` takes them.
        at_once: deliveries under way side by side.
        pace: messages a second, of quick time.
        owner: whether it keeps the database to itself.
        witness: a file that always says how many moves are known to be committed; empty for none.
        wrong: as `QuickTime` takes it.
        answer: seconds that an answer is waited for; 0 for a minute of the machine.
        scene: what is done instead of sending, by `scenes.act`; empty for sending.
    """

    database: str
    url: str
    speed: float
    began: float
    at: float
    at_once: int = 64
    pace: float = 100_000.0
    owner: bool = True
    witness: str = ""
    wrong: tuple[float, float, float] = (0.0, 0.0, 0.0)
    answer: float = 0.0
    scene: str = ""

    def as_json(self) -> str:
        """The order as `main` takes it."""
        return json.dumps(asdict(self))


class WitnessedDatabase(Database):
    """A database that notes outside of itself, after each commit, how many moves that commit has made safe."""

    def __init__(self, path: Path, witness: Path, *, owner: bool) -> None:
        super().__init__(path, owner=owner)
        self._witness = os.open(witness, os.O_CREAT | os.O_WRONLY, 0o600)
        self._most = 0

    async def write(
        self, work: Callable[Concatenate[sa.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Write, and note it."""

        def witnessed(connection: sa.Connection) -> tuple[T, int]:
            value = work(connection, *args, **kwargs)
            found = connection.exec_driver_sql("SELECT max(number) FROM crash_moves").scalar()
            return value, int(found or 0)

        value, number = await super().write(witnessed)
        if number > self._most:
            self._most = number
            os.pwrite(self._witness, b"%020d" % number, 0)
        return value


def say(event: str, **more: Any) -> None:  # noqa: ANN401 - JSON
    """Tell the harness."""
    print(json.dumps({"event": event, "at": time.monotonic(), **more}), flush=True)


def arm() -> None:
    """Arm the failpoint that the environment names, as `name:count`."""
    name, _, count = os.environ.get(FAILPOINT, "").partition(":")
    if name:
        failpoints.arm(name, int(count or 1))


async def live(order: Order, clock: QuickTime) -> int:
    """One life; returns the exit code."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    db = await _own(order, stop)
    if db is None:
        return DONE
    # A busy machine is no slow server: these limits are seconds of the machine.
    limits = Limits(connect=10 * order.speed, answer=order.answer or 60 * order.speed)
    api = Api(order.url, TOKEN, connections=order.at_once + 8, limits=limits)
    pacer = Pacer(Book(rate=order.pace, chat_rate=order.pace), clock.monotonic)
    try:
        sender = Sender(api, pacer, await db.read(meta.button_key))
        deliveries = Deliveries(db, clock.now, sender, at_once=order.at_once)
        again, unknown = await deliveries.recover()
        epoch = await db.read(_epoch)
        say("ready", epoch=epoch, again=again, unknown=unknown)
        work = asyncio.create_task(_drain(db, deliveries, epoch, stop))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait((work, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        deliveries.stop()
        if stop.is_set():
            say("stopping")
        _, late = await asyncio.wait((work,), timeout=STOPPING * order.speed)
        if late:
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work
            say("cut short")
            return DONE
        return work.result()
    finally:
        await api.close()
        await db.close()
        say("closed")


async def _own(order: Order, stop: asyncio.Event) -> Database | None:
    """Open the database, as soon as nobody else owns it; None if told to stop before."""
    said = False
    path = Path(order.database)
    while not stop.is_set():
        try:
            if order.witness:
                return WitnessedDatabase(path, Path(order.witness), owner=order.owner)
            return Database(path, owner=order.owner)
        except DatabaseBusy:
            if not said:
                say("waiting")
            said = True
        await asyncio.sleep(0.02 * order.speed)
    return None


async def _drain(db: Database, deliveries: Deliveries, epoch: int, stop: asyncio.Event) -> int:
    """Send until nothing waits any more; returns the exit code."""
    failures = 0
    while True:
        try:
            await deliveries.drain()
            newest, waiting = await db.read(_left)
            if newest > epoch:
                say("fenced")
                return FENCED
            if stop.is_set() or not waiting:
                return DONE
            failures = 0
        except DatabaseError as error:
            failures += 1
            say("refused", why=str(error))
            if failures >= PATIENCE:
                return GAVE_UP
            if stop.is_set():
                return DONE
        await asyncio.sleep(0.5)


def _epoch(connection: sa.Connection) -> int:
    return int(connection.exec_driver_sql("SELECT value FROM meta WHERE name = 'epoch'").scalar() or 0)


def _left(connection: sa.Connection) -> tuple[int, bool]:
    """The newest epoch, and whether any row still waits to be sent."""
    statement = "SELECT 1 FROM deliveries WHERE state IN ('planned', 'claimed', 'retry') LIMIT 1"
    return _epoch(connection), connection.exec_driver_sql(statement).scalar() is not None


def main(text: str) -> int:
    """Live once; `text` is an order. Returns the exit code."""
    order = Order(**json.loads(text))
    logging.basicConfig(level=logging.ERROR, format="%(name)s: %(message)s")
    arm()
    clock = QuickTime(order.speed, order.began, order.at, order.wrong)
    say("began")
    try:
        if order.scene:
            scenes.act(order.scene, Path(order.database))
            return DONE
        with asyncio.Runner(loop_factory=clock.loop) as runner:
            return runner.run(live(order, clock))
    except DatabaseError as error:
        say("cannot", why=str(error))
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
