"""What came of a campaign: its phases, how long readers waited, what does not agree; and the table of all that."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table

from bench import _rows
from bench.digest_rush import quantile
from bot.services.delivery import AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from bench._crowd import Crowd
    from bench._rows import Row
    from bot.playground.calls import Call

WRONG: Final = "The vote was 50 to 47, not 57 to 40."
REASON: Final = "The report was false, and we are sorry for it."
NOTES: Final = {2: WRONG, 3: REASON}
"""The words of the correction and the withdrawal, by the number of their broadcast."""


@dataclass(slots=True)
class Phase:
    """A part of the campaign.

    Attributes:
        name: what happens in it.
        rests: whether nothing may leave in it.
        rows: what became of rows in it, as (op, state).
    """

    name: str
    begun_at: datetime
    rests: bool = False
    rows: Counter[tuple[str, str]] = field(default_factory=Counter)
    ended_at: datetime | None = None


@dataclass(slots=True)
class Result:
    """What came of a campaign.

    Attributes:
        mismatches: what must not be.
        in_flight: rows that were being sent at each kill.
        unknown: rows of which nobody knows whether they arrived, by broadcast and reason.
        arrived: how many of these did.
        held: how often a broadcast stopped by itself.
        shown: how many chats show the withdrawal.
        waits: seconds from a question to its answer, in order.
        late: questions that a kill came between, answered by the next process.
        refused: calls that met the brakes.
        asked: which readers asked for the news, and when.
        kills: when the newsroom was killed.
    """

    mismatches: _rows.Mismatches = field(default_factory=_rows.Mismatches)
    phases: list[Phase] = field(default_factory=list)
    in_flight: list[int] = field(default_factory=list)
    unknown: Counter[tuple[int, str]] = field(default_factory=Counter)
    arrived: int = 0
    held: int = 0
    shown: int = 0
    waits: list[float] = field(default_factory=list)
    late: int = 0
    refused: int = 0
    asked: list[tuple[int, datetime]] = field(default_factory=list)
    kills: list[datetime] = field(default_factory=list)


def judge(
    result: Result, all_rows: Sequence[Row], calls: Sequence[Call], crowd: Crowd, texts: Mapping[int, str]
) -> None:
    """Hold everything against the log of calls.

    Args:
        result: where it goes.
        all_rows: every row of a broadcast.
        calls: what the bot asked of Telegram.
        crowd: who is of which kind.
        texts: what each chat shows at the end.
    """
    found = result.mismatches
    _rows.compare(found, all_rows, calls, crowd, NOTES)
    result.shown = _rows.compare_changes(found, all_rows, texts, NOTES)
    doubtful = [row for row in all_rows if row.state == "unknown"]
    result.unknown = Counter((row.broadcast, row.reason) for row in doubtful)
    result.arrived = _arrived(doubtful, calls)
    doubts = Counter(row.broadcast for row in doubtful)
    for broadcast, most in enumerate((*result.in_flight, 0), start=1):
        found.require(doubts[broadcast] <= most, "more unknown than was under way", (broadcast, doubts, most))
    found.require(all(one <= AT_ONCE for one in result.in_flight), "too many under way", result.in_flight)
    result.refused = sum(call.status == 429 for call in calls)
    found.require(not result.refused, "refused by the brakes", result.refused)
    for phase in result.phases:
        nothing = not accepted(calls, phase, crowd)
        found.require(nothing or not phase.rests, "sent while it was paused", phase.name)
    _wait(result, calls)


def _arrived(doubtful: Sequence[Row], calls: Sequence[Call]) -> int:
    """How many rows arrived of which the newsroom does not know it."""
    sent = {call.chat for call in calls if call.method == "sendMessage" and call.message_id}
    edited = {
        (call.chat, of)
        for call in calls
        if call.method == "editMessageText" and call.message_id
        for of, words in NOTES.items()
        if words in call.params["text"]
    }
    return sum(
        row.chat in sent if row.op == "send" else (row.chat, row.broadcast) in edited for row in doubtful
    )


def _wait(result: Result, calls: Sequence[Call]) -> None:
    """How long readers waited for their answers."""
    answers: dict[int | None, list[datetime]] = defaultdict(list)
    for call in calls:
        if call.method == "sendMessage" and call.message_id:
            answers[call.chat].append(call.at)
    for chat, since in result.asked:
        at = next((one for one in answers[chat] if one >= since), None)
        result.mismatches.require(at is not None, "a question without an answer", chat)
        if at is None:
            continue
        if any(since <= kill <= at for kill in result.kills):
            result.late += 1
        else:
            result.waits.append((at - since).total_seconds())
    result.waits.sort()


def accepted(calls: Sequence[Call], phase: Phase, crowd: Crowd) -> list[datetime]:
    """When Telegram accepted something for the readers in a phase."""
    last = phase.ended_at or phase.begun_at
    return [
        call.at
        for call in calls
        if call.message_id and call.chat in crowd.kinds and phase.begun_at <= call.at <= last
    ]


def show(result: Result, calls: Sequence[Call], crowd: Crowd) -> None:
    """Print the table and what else there is to know."""
    names = ("phase", "planned", "sent", "gone", "failed", "unknown", "edits", "seconds", "a second")
    table = Table(*names, title=f"A broadcast to {len(crowd.kinds):,} readers")
    for column in table.columns[1:]:
        column.justify = "right"
    whole: Counter[tuple[str, str]] = Counter()
    for phase in result.phases:
        moments = accepted(calls, phase, crowd)
        took = (moments[-1] - moments[0]).total_seconds() if len(moments) > 1 else 0.0
        pace = f"{len(moments) / took:,.0f}" if took else "0"
        table.add_row(phase.name, *_figures(phase.rows), f"{took:.1f}", pace)
        whole.update(phase.rows)
    table.add_row("in all", *_figures(whole), "", "", style="bold")
    console = Console(width=120)
    console.print(table)
    kinds = Counter(crowd.kinds.values())
    console.print("readers            " + ", ".join(f"{n:,} {kind}" for kind, n in kinds.most_common()))
    doubts = ", ".join(f"{n} of broadcast {of} ({why})" for (of, why), n in result.unknown.items()) or "none"
    console.print(
        f"under way at kills {result.in_flight}; unknown: {doubts}; {result.arrived} of them arrived"
    )
    console.print(
        f"stopped by itself  {result.held} times; {result.shown:,} chats show the withdrawal; 429: {result.refused}"
    )
    waits = result.waits
    console.print(
        f"/latest            {len(waits)} answered, median {quantile(waits, 0.5):.3f}, p99 {quantile(waits, 0.99):.3f}, "
        f"longest {quantile(waits, 1):.3f} s; {result.late} over a kill"
    )
    console.print(f"mismatches         {result.mismatches.found.total()}")
    for what, number in result.mismatches.found.items():
        console.print(f"                   {number} {what}: {result.mismatches.some[what]}")


def _figures(rows: Counter[tuple[str, str]]) -> list[str]:
    sends = Counter({state: number for (op, state), number in rows.items() if op == "send"})
    failed = sum(number for (_, state), number in rows.items() if state in {"failed", "expired", "cancelled"})
    unknown = sum(number for (_, state), number in rows.items() if state == "unknown")
    figures = (sum(rows.values()), sends["sent"], sends["gone"], failed, unknown, rows["edit", "sent"])
    return [f"{one:,}" for one in figures]
