"""The facts of a run: what was planned and attempted, by the database, and what arrived, by the oracle's log."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bench.crash.checker import check
from bench.crash.faults import DOUBTFUL

if TYPE_CHECKING:
    from pathlib import Path

    from bench.crash.checker import Verdict

AUDIT: Final = """
CREATE TABLE crash_moves (
    number INTEGER PRIMARY KEY AUTOINCREMENT, delivery INTEGER NOT NULL, state TEXT NOT NULL, epoch INTEGER NOT NULL);
CREATE TRIGGER crash_moved AFTER UPDATE OF state ON deliveries WHEN new.state <> old.state
    BEGIN INSERT INTO crash_moves (delivery, state, epoch) VALUES (new.id, new.state, new.epoch); END;
"""
"""What writes every move of a delivery down, in the transaction that makes it; an attempt is a move to `sending`."""
DEDUPE: Final = "crash:"
"""What the names of the harness's deliveries begin with; their number follows."""


@dataclass(frozen=True, slots=True)
class Call:
    """A line of the oracle's log: a call for a row, what went wrong with it, whether its message arrived, and when it came.

    `at` is in seconds of the oracle's own clock.
    """

    row: int
    chat: int
    fault: str
    accepted: bool
    at: float = 0.0


@dataclass(slots=True)
class History:
    """What happened in a run.

    Attributes:
        planned: the rows.
        states: in which state each is.
        attempts: the row and the epoch of each attempt, in their order.
        calls: what the oracle heard, in its order.
        moves: how many moves the database knows of.
    """

    planned: list[int] = field(default_factory=list)
    states: dict[int, str] = field(default_factory=dict)
    attempts: list[tuple[int, int]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    moves: int = 0

    def verdict(self) -> Verdict:
        """The judgement."""
        accepted = [call.row for call in self.calls if call.accepted]
        return check(self.planned, [row for row, _ in self.attempts], accepted, self.states)

    def doubtful(self) -> int:
        """How many calls met a fault after which nobody can know whether the message arrived."""
        return sum(call.fault in DOUBTFUL for call in self.calls)

    def faults(self) -> Counter[str]:
        """How often each fault happened."""
        return Counter(call.fault for call in self.calls if call.fault)

    def fullest_second(self) -> int:
        """The most calls that came within one second, wherever it begins."""
        times = sorted(call.at for call in self.calls)
        most = first = 0
        for last, at in enumerate(times):
            while at - times[first] >= 1:
                first += 1
            most = max(most, last - first + 1)
        return most

    def ended(self) -> Counter[str]:
        """How many rows are in each state."""
        return Counter(self.states.values())

    def epochs_in_order(self) -> bool:
        """Whether no earlier run began to send after a later one had begun."""
        epochs = [epoch for _, epoch in self.attempts]
        return epochs == sorted(epochs)


def audit(path: Path) -> None:
    """Put the triggers into a database that nobody has open."""
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript(AUDIT)


def read(path: Path, log: Path, planned: list[int]) -> History:
    """Everything about a run, also while it goes on.

    Args:
        path: the database.
        log: the oracle's.
        planned: the numbers of the deliveries that the harness planned.
    """
    history = History(planned=planned, calls=read_calls(log))
    with closing(_open(path)) as raw:
        found = raw.execute("SELECT id, dedupe, state FROM deliveries WHERE dedupe LIKE ?", (f"{DEDUPE}%",))
        numbers: dict[int, int] = {}
        for delivery, dedupe, state in found:
            numbers[delivery] = int(dedupe.removeprefix(DEDUPE))
            history.states[numbers[delivery]] = state
        for number, delivery, state, epoch in raw.execute("SELECT * FROM crash_moves ORDER BY number"):
            history.moves = number
            if state == "sending":
                history.attempts.append((numbers.get(delivery, -delivery), epoch))
    return history


def read_calls(log: Path) -> list[Call]:
    """The calls in an oracle's log; a line that is being written just now is left out."""
    if not log.exists():
        return []
    text = log.read_text("utf-8")
    return [Call(**json.loads(line)) for line in text[: text.rfind("\n") + 1].splitlines()]


def open_rows(path: Path) -> Counter[str]:
    """How many rows are in each state that is not final."""
    statement = """SELECT state, count(*) FROM deliveries
        WHERE state IN ('planned', 'claimed', 'sending', 'retry') GROUP BY state"""
    with closing(_open(path)) as raw:
        return Counter(dict(raw.execute(statement).fetchall()))


def moves(path: Path) -> int:
    """How many moves there have been."""
    with closing(_open(path)) as raw:
        return int(raw.execute("SELECT coalesce(max(number), 0) FROM crash_moves").fetchone()[0])


def _open(path: Path) -> sqlite3.Connection:
    """The database, without a right to write: the newsroom itself recovers what a kill left."""
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
