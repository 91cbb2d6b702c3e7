"""How fast messages leave and what each one costs, beside other senders, all against one Bot API on loopback.

    python bench/send.py [--short] [--rounds N] [--messages N] [--python PATH]
    python bench/send.py --ledger | --steady RATE [--seconds N] | --memory [--short]

All send the same words and buttons to one chat after the other, so many at a time; the Bot API answers at once or after
50 ms. Every run is a process of its own and first sends one message over each of its connections; CPU is what that
process took, in the program and in the kernel. The rounds take turns; tables show the median and both ends. PATH is the
Python whose python-telegram-bot, aiogram and aiohttp are taken, this one's unless given:

    python3 -m venv /tmp/others && /tmp/others/bin/pip install aiogram python-telegram-bot

"Through the outbox" is all from a row in the database to its outcome in it, each step committed to the disk
(synchronous=FULL); planning the rows comes before. So many at a time are so many connections, for all; through the outbox
half as many deliveries again are under way, which wait for a commit, and "none ahead" is without these. "The sender alone"
is the same without a database.

What the commits cost (`--ledger`, and after the comparison) is taken in two ways, neither of which slows down what it
measures. The difference of the two above is all that the outbox brings with it. The CPU of the writer's thread, which it
tells itself before and after (`time.thread_time`), is statements and commits, checkpoints included. What the kernel does
for the disk later counts in neither.

`--memory` seeds each database in this process, and another one sends; memory is what the kernel says of that one (VmHWM:
unlike ru_maxrss it has nothing of the process before).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import sqlalchemy as sa
from rich.console import Console
from rich.progress import track
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))  # for `bench`, which is no package

from bench import _responder
from bench._responder import (
    BUTTONS,
    OTHERS,
    TITLE,
    TOKEN,
    WORDS,
    Figures,
    Running,
    Stopwatch,
    measured,
    start,
)
from bot.app import utc_now
from bot.domain.message import Button, Message, bold
from bot.gateway.pacing import Book, Pacer
from bot.gateway.request import Api
from bot.gateway.sender import Sender
from bot.services.delivery import Deliveries
from bot.storage import migrate, outbox
from bot.storage.database import Connection, Database, engine
from bot.storage.tables import deliveries, readers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT: Final = Path(__file__).parents[1]
DELAYS: Final = (0.0, 0.05)
"""Seconds before each answer, of the two servers."""
CASES: Final = ((64, 0), (64, 1), (256, 1), (256, 0))
"""How many at a time, and from which server."""
OURS, STRICT, ALONE = "through the outbox", "through it, none ahead", "the sender alone"
AHEAD: Final = 1.5
"""Deliveries under way for each connection, as the program has them at a thousand a second: those that wait for the commit
of their beginning need none yet.
"""
UNPACED: Final = 1e6
"""Messages a second that no sender reaches: the pace is reckoned, and holds nobody up."""
CHUNK: Final = 10_000
SIZES: Final = (10_000, 100_000, 1_000_000)
LONGEST: Final = 1800.0
"""Seconds that sending to one of the `SIZES` may take; what has arrived by then is in the table."""
MESSAGE: Final = Message(
    bold(TITLE) + WORDS.removeprefix(TITLE), (tuple(Button(label, data) for label, data in BUTTONS),)
)
Results: TypeAlias = "dict[tuple[str, int], list[Figures]]"
"""Figures of all rounds, by sender and number of the case."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a process of ours is to do.

    Attributes:
        sender: `OURS`, `STRICT` or `ALONE`.
        path: the database, migrated.
        seeded: whether all messages are planned already; else there is a warm-up, too.
        rate: messages a second at most.
        longest: seconds after which nothing more is begun.
    """

    sender: str
    path: str
    url: str
    flight: int
    messages: int
    rate: float = UNPACED
    seeded: bool = False
    longest: float = 600.0


def plan(connection: Connection, chats: range) -> None:
    """Owe the message to readers who are new."""
    now = utc_now()
    chosen = {"language": "en", "zone": "Europe/Lisbon", "step": "done"}
    times = {"joined_at": now, "seen_at": now, "covered_until": now}
    rows = [{"chat_id": chat, "first_name": "Maya", **chosen, **times} for chat in chats]
    connection.execute(sa.insert(readers), rows)
    (kept,) = outbox.keep_all(connection, [MESSAGE], now)
    debts = [
        outbox.Debt(kept, chat, f"broadcast:1:{chat}", lane=outbox.Lane.BROADCAST, broadcast_id=1)
        for chat in chats
    ]
    outbox.plan_all(connection, debts, now, now + timedelta(hours=12))


def seed(path: Path, messages: int) -> None:
    """Owe the message to so many readers, a chunk in each transaction."""
    made = engine(path, checkpoint=True)
    for first in range(1, messages + 1, CHUNK):
        with made.begin() as connection:
            plan(connection, range(first, min(first + CHUNK, messages + 1)))
    made.dispose()


async def work(job: Job) -> Figures:
    """Do a job in this process."""
    api = Api(job.url, TOKEN, connections=job.flight)
    sender = Sender(api, Pacer(Book(rate=job.rate)), b"k" * 32)
    try:
        return await (alone(job, sender) if job.sender == ALONE else through_outbox(job, sender))
    finally:
        await api.close()


async def alone(job: Job, sender: Sender) -> Figures:
    """Send without a database."""

    async def agreed() -> bool:
        return True

    async def push(chat: int) -> int:
        receipt = await sender.deliver(chat, MESSAGE, agreed)
        assert receipt is not None
        assert receipt.sent_id, receipt
        return receipt.sent_id

    return await measured(push, job.flight, job.messages, "")


async def through_outbox(job: Job, sender: Sender) -> Figures:
    """Send what a database owes."""
    db = Database(Path(job.path))
    under_way = job.flight if job.sender == STRICT else int(AHEAD * job.flight)
    worker = Deliveries(db, utc_now, sender, at_once=under_way)
    try:
        await worker.recover()
        first = 1
        if not job.seeded:
            await db.write(plan, range(1, job.flight + 1))
            await worker.drain()
            first += job.flight
            await db.write(plan, range(first, first + job.messages))
        writer, before = await db.write(worked), memory("VmRSS")
        watch = Stopwatch()
        asyncio.get_running_loop().call_later(job.longest, worker.stop)
        figures = watch.stop(await worker.drain())
        slowest = await db.read(slowest_second, first) if job.rate < UNPACED else 0
        writer = await db.write(worked) - writer
        return replace(figures, writer=writer, before=before, highest=memory("VmHWM"), slowest=slowest)
    finally:
        await db.close()


def worked(_: Connection) -> float:
    """Seconds of CPU of the thread that runs this."""
    return time.thread_time()


def slowest_second(connection: Connection, first: int) -> int:
    """Messages that arrived in the slowest whole second, of those to this chat and later ones."""
    ended = deliveries.c.ended_at
    statement = sa.select(ended).where(deliveries.c.chat_id >= first, ended.is_not(None)).order_by(ended)
    times = list(connection.execute(statement).scalars())
    each = Counter(int((at - times[0]).total_seconds()) for at in times)
    whole = int((times[-1] - times[0]).total_seconds()) if times else 0
    return min((each[second] for second in range(whole)), default=len(times))


def memory(what: str) -> float:
    """A figure of this process in MB (proc(5))."""
    for entry in Path("/proc/self/status").read_text("ascii").splitlines():
        if entry.startswith(f"{what}:"):
            return int(entry.split()[1]) * 1024 / 1e6
    return 0.0


@dataclass(slots=True)
class Bench:
    """Runs the senders against the Bot API of a process of its own.

    Attributes:
        folder: for databases.
        responder: the Bot API, with a server that answers at once and one that does later.
        python: the interpreter that runs the other senders.
        answering: microseconds of CPU that each answer took, of every run.
    """

    folder: Path
    responder: Running
    python: str
    answering: list[float]

    def send(self, sender: str, case: int, messages: int) -> Figures | None:
        """Let a sender send, one of ours with a database of its own; None where it is not installed."""
        flight, url = CASES[case][0], self.responder.urls[CASES[case][1]]
        if sender not in OTHERS:
            with self.database() as path:
                return self.do(Job(sender, str(path), url, flight, messages))
        command = [self.python, str(_responder.__file__), sender, url, str(flight), str(messages)]
        return self._run(command, flight + messages, 120 + messages / 20)

    def do(self, job: Job) -> Figures:
        """Do a job in a new process."""
        command = [sys.executable, __file__, "--job", json.dumps(asdict(job))]
        figures = self._run(command, job.messages + (not job.seeded) * job.flight, 120 + job.longest)
        assert figures is not None
        return figures

    def _run(self, command: list[str], answers: int, longest: float) -> Figures | None:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
        before = self.responder.worked()
        done = subprocess.run(
            command, stdout=subprocess.PIPE, text=True, check=True, timeout=longest, env=environment
        )
        told = json.loads(done.stdout)
        if told is None:
            return None
        self.answering.append((self.responder.worked() - before) / answers * 1e6)
        return Figures(**told)

    @contextmanager
    def database(self) -> Iterator[Path]:
        """An empty database of the newest form, for as long as it is needed."""
        empty = self.folder / "empty.db"
        if not empty.exists():
            migrate.migrate(empty)
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            yield Path(shutil.copyfile(empty, Path(folder) / "news.db"))


def compare(bench: Bench, senders: Sequence[str], messages: int, rounds: int) -> Results:
    """All rounds; senders that are not installed are missing from what is returned."""
    results: Results = defaultdict(list)
    missing: set[str] = set()
    runs = list(product(range(rounds), range(len(CASES)), senders))
    for _, case, sender in track(runs, transient=True):
        if sender in missing:
            continue
        figures = bench.send(sender, case, messages)
        if figures is None:
            missing.add(sender)
            print(f"{sender} is left out: {bench.python} has none (--python, see --help)")
        elif figures.messages != messages:
            sys.exit(f"{sender}: {figures.messages} of {messages} messages arrived")
        else:
            results[sender, case].append(figures)
    return results


def median(values: Sequence[float]) -> str:
    """The median, and both ends where there are several."""
    ends = f" ({min(values):,.0f} to {max(values):,.0f})" if len(values) > 1 else ""
    return f"{statistics.median(values):,.0f}{ends}"


def names() -> list[str]:
    """What the cases are called."""
    return [f"{flight}, {('at once', '50 ms')[server]}" for flight, server in CASES]


def show(results: Results, senders: Sequence[str]) -> None:
    """Print a table of rates and one of CPU."""
    rates = Table("messages a second", *names())
    costs = Table("µs of CPU a message", *names())
    for sender in senders:
        each = [results[sender, case] for case in range(len(CASES))]
        if all(each):
            name = f"{sender} {each[0][0].version}"
            rates.add_row(name, *(median([one.messages / one.seconds for one in runs]) for runs in each))
            costs.add_row(name, *(median([one.cpu / one.messages * 1e6 for one in runs]) for runs in each))
    Console().print(rates, costs)


def show_ledger(results: Results) -> None:
    """Print what the commits cost."""
    table = Table("µs of CPU a message", OURS, ALONE, "difference", "writer's thread")
    for case, name in enumerate(names()):
        ours, bare = results[OURS, case], results[ALONE, case]
        whole = statistics.median(one.cpu / one.messages * 1e6 for one in ours)
        alone = statistics.median(one.cpu / one.messages * 1e6 for one in bare)
        thread = statistics.median(one.writer / one.messages * 1e6 for one in ours)
        parts = (f"{part:,.0f} ({part / whole:.0%})" for part in (whole - alone, thread))
        table.add_row(name, f"{whole:,.0f}", f"{alone:,.0f}", *parts)
    Console().print(table)


def steady(bench: Bench, rate: float, seconds: float) -> None:
    """Hold a rate, and print how well."""
    flight, server = CASES[2]
    with bench.database() as path:
        url, messages = bench.responder.urls[server], round(rate * seconds)
        done = bench.do(Job(OURS, str(path), url, flight, messages, rate, longest=3 * seconds))
    table = Table("asked for", "a second", "slowest second", "seconds", "of one core", "writer's thread")
    shares = (f"{spent / done.seconds:.0%}" for spent in (done.cpu, done.writer))
    reached = f"{done.messages / done.seconds:,.1f}"
    table.add_row(f"{rate:,.0f}", reached, f"{done.slowest:,}", f"{done.seconds:.1f}", *shares)
    Console().print(table)


def remember(bench: Bench, sizes: Sequence[int]) -> None:
    """Send one message to more and more readers, and print the memory that it takes."""
    table = Table("readers", "arrived", "a second", "MB before", "MB at most", "more", "MB of the database")
    flight, server = CASES[3]
    for size in track(sizes, transient=True):
        with bench.database() as path:
            seed(path, size)
            job = Job(
                OURS, str(path), bench.responder.urls[server], flight, size, seeded=True, longest=LONGEST
            )
            done = bench.do(job)
            figures = (done.before, done.highest, done.highest - done.before, path.stat().st_size / 1e6)
        rate = f"{done.messages / done.seconds:,.0f}"
        table.add_row(f"{size:,}", f"{done.messages:,}", rate, *(f"{one:,.0f}" for one in figures))
    Console().print(table)


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--short", action="store_true", help="one round of 500; --memory without a million")
    parser.add_argument("--messages", type=int, default=3000, help="of each run (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="(%(default)s)")
    parser.add_argument("--python", default=sys.executable, metavar="PATH", help="for the other senders")
    parser.add_argument("--ledger", action="store_true", help="what the commits cost, and no other senders")
    parser.add_argument("--steady", type=float, metavar="RATE", help="hold so many messages a second")
    parser.add_argument("--seconds", type=float, default=60.0, help="of --steady (%(default)s)")
    parser.add_argument("--memory", action="store_true", help="with up to a million readers")
    parser.add_argument("--job", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.job:
        print(asyncio.run(work(Job(**json.loads(given.job)))).told())
        return
    # So that what was begun ends with it, and leaves nothing behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    messages, rounds = (500, 1) if given.short else (given.messages, given.rounds)
    with tempfile.TemporaryDirectory() as folder, start(DELAYS) as responder:
        bench = Bench(Path(folder), responder, given.python, [])
        if given.steady:
            steady(bench, given.steady, given.seconds)
        elif given.memory:
            remember(bench, SIZES[: 2 if given.short else 3])
        else:
            senders = (OURS, ALONE) if given.ledger else (OURS, STRICT, ALONE, *OTHERS)
            results = compare(bench, senders, messages, rounds)
            if not given.ledger:
                show(results, senders)
            show_ledger(results)
        print(f"An answer took the Bot API {statistics.median(bench.answering):,.0f} µs of CPU.")


if __name__ == "__main__":
    main()
