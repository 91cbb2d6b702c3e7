"""Judging a run after crashes, in the manner of Jepsen's total-queue checker: what was lost, doubled or made up.

Pure: it knows rows by number, and nothing of databases and networks.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

SENT: Final = "sent"
UNKNOWN: Final = "unknown"
DENIED: Final = frozenset({"failed", "gone", "expired", "cancelled"})
"""Final states that say: this message did not arrive."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of all that was planned.

    Attributes:
        planned: how many rows there were.
        attempts: how often a row began to be sent.
        acknowledged: how many rows are known to have arrived.
        lost: rows known to have arrived that never did.
        duplicated: rows that arrived more often than once.
        unexpected: what arrived and was never planned.
        unattempted: rows that arrived more often than the database knows of attempts.
        contradicted: rows that arrived, though their state says that they did not.
        recovered: rows of unknown outcome that did arrive; that is no fault.
        unknown: rows of unknown outcome; their number has a bound that only the run knows.
        unfinished: rows in no final state, or in none at all.
    """

    planned: int
    attempts: int
    acknowledged: int
    lost: tuple[int, ...] = ()
    duplicated: tuple[int, ...] = ()
    unexpected: tuple[int, ...] = ()
    unattempted: tuple[int, ...] = ()
    contradicted: tuple[int, ...] = ()
    recovered: tuple[int, ...] = ()
    unknown: tuple[int, ...] = ()
    unfinished: tuple[int, ...] = ()

    def faults(self) -> dict[str, tuple[int, ...]]:
        """The violations by name; empty for a faultless run."""
        found = {
            "lost": self.lost,
            "duplicated": self.duplicated,
            "unexpected": self.unexpected,
            "unattempted": self.unattempted,
            "contradicted": self.contradicted,
            "unfinished": self.unfinished,
        }
        return {name: rows for name, rows in found.items() if rows}


def check(
    planned: Collection[int], attempts: Iterable[int], accepted: Iterable[int], states: Mapping[int, str]
) -> Verdict:
    """Judge a run that has been drained.

    Args:
        planned: the rows that were planned.
        attempts: the row of each attempt that was committed before its bytes left.
        accepted: the row of each message that the oracle took.
        states: the state in which each row was found at the end.
    """
    tried, arrived = Counter(attempts), Counter(accepted)
    wanted = set(planned)

    def among(*names: str) -> set[int]:
        return {row for row in wanted if states.get(row, "") in names}

    acknowledged, unknown, denied = among(SENT), among(UNKNOWN), among(*DENIED)
    return Verdict(
        planned=len(wanted),
        attempts=tried.total(),
        acknowledged=len(acknowledged),
        lost=_sorted(row for row in acknowledged if not arrived[row]),
        duplicated=_sorted(row for row, times in arrived.items() if times > 1),
        unexpected=_sorted(row for row in arrived if row not in wanted),
        unattempted=_sorted(row for row, times in arrived.items() if row in wanted and times > tried[row]),
        contradicted=_sorted(row for row in denied if arrived[row]),
        recovered=_sorted(row for row in unknown if arrived[row]),
        unknown=_sorted(unknown),
        unfinished=_sorted(wanted - acknowledged - unknown - denied),
    )


def _sorted(rows: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(rows))
