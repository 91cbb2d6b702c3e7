"""Proves delivery under crashes: campaigns of runs, each judged, and one table of all.

Every finished run is a line of JSON in a file; what is there is not run again, so a campaign that was broken off goes on.

    python -m bench.crash --short
    python -m bench.crash kills --runs 250 --minutes 60
    python -m bench.crash kills --case "seed 7"
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

sys.path.insert(0, str(Path(__file__).parents[2]))  # for `bench`, which is no package

from bench.crash import campaigns, disk, falls
from bench.crash.stage import open_stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.crash.campaigns import Case
    from bench.crash.stage import Stage

CAMPAIGNS: Final[dict[str, tuple[Callable[..., Iterator[Case]], int, int]]] = {
    "kills": (campaigns.kills, 250, 2),
    "sigterm": (campaigns.sigterm, 100, 2),
    "fencing": (campaigns.fencing, 100, 2),
    "faults": (campaigns.single_faults, 1, 1),
    "failpoints": (falls.cases, 1, 1),
    "inbox": (campaigns.inbox, 20, 2),
    "disk": (disk.cases, 1, 1),
    "soak": (campaigns.soak, 5, 1),
}
"""The cases of each campaign, and how many seeds it has where none is asked for: usually, and with --short."""
SHOWN: Final = ("kills", "rows", "attempts", "acknowledged", "unknown", "recovered")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for."""

    seed: int
    runs: int
    minutes: float
    short: bool
    case: str
    results: Path


class Results:
    """The file of finished runs.

    Args:
        path: the file, which need not be there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        text = path.read_text("utf-8") if path.exists() else ""
        self.lines: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines()]

    def find(self, campaign: str, case: str, *, short: bool) -> dict[str, Any] | None:
        """The line of a run; None for one that has not finished yet."""
        key = (campaign, case, short)
        for line in self.lines:
            if (line["campaign"], line["case"], line["short"]) == key:
                return line
        return None

    def add(self, line: dict[str, Any]) -> None:
        """Keep a finished run."""
        self.lines.append(line)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


async def conduct(
    name: str, asked: Asked, results: Results, console: Console, end: float
) -> list[dict[str, Any]]:
    """Run what of a campaign has not been run yet, until its `end` by the monotonic clock; returns the lines of all."""
    cases, usual, few = CAMPAIGNS[name]
    lines: list[dict[str, Any]] = []
    async with AsyncExitStack() as stack:
        environment = None
        if name == "disk":
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            environment = disk.preloaded(Path(folder))
            if environment is None:
                console.print("disk: left out, since there is no C compiler")
                return []
        stage: Stage | None = None
        for case in cases(asked.seed, asked.runs or (few if asked.short else usual), short=asked.short):
            if asked.case not in {"", case.name}:
                continue
            if line := results.find(name, case.name, short=asked.short):
                lines.append(line)
                continue
            if time.monotonic() > end:
                console.print(f"{name}: its time is over before {case.name}")
                break
            if stage is None:
                stage = await stack.enter_async_context(open_stage(environment))
            began = time.monotonic()
            found = await case.run(stage)
            line = {
                "campaign": name,
                "case": case.name,
                "short": asked.short,
                "figures": found.figures,
                "problems": found.problems,
                "seconds": round(time.monotonic() - began, 2),
            }
            results.add(line)
            lines.append(line)
            for problem in found.problems:
                console.print(Text(f"{name}, {case.name}: {problem}", "red"))
    if not lines:
        console.print(f"{name}: nothing to run")
    return lines


def show(done: dict[str, list[dict[str, Any]]], console: Console) -> None:
    """Print the table, and what each campaign counts besides."""
    table = Table("campaign", "runs", *SHOWN, "seconds", "faultless")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, lines in done.items():
        figures = added_up(lines)
        bad = sum(bool(line["problems"]) for line in lines)
        verdict = Text("yes", "green") if not bad else Text(f"no: {bad}", "bold red")
        seconds = sum(line["seconds"] for line in lines)
        shown = (f"{figures.pop(figure, 0):,.0f}" for figure in SHOWN)
        table.add_row(name, f"{len(lines):,}", *shown, f"{seconds:,.0f}", verdict)
        more = ", ".join(f"{figure} {value:,g}" for figure, value in sorted(figures.items()))
        if more:
            console.print(f"[bold]{name}[/bold]: {more}", highlight=False)
    console.print(table)


def added_up(lines: list[dict[str, Any]]) -> dict[str, float]:
    """The figures of all runs together; of the slowest and the longest that one."""
    total: Counter[str] = Counter()
    for line in lines:
        for figure, value in line["figures"].items():
            is_worst = figure.startswith(("slowest", "longest"))
            total[figure] = max(total[figure], value) if is_worst else total[figure] + value
    return dict(total)


async def run_all(names: list[str], asked: Asked, console: Console) -> bool:
    """Conduct all campaigns and show what came of them; returns whether all was faultless."""
    here = asyncio.current_task()
    assert here is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, here.cancel)
    results, done = Results(asked.results), dict[str, list[dict[str, Any]]]()
    try:
        end = time.monotonic() + asked.minutes * 60
        for number, name in enumerate(names):
            now = time.monotonic()
            share = (end - now) / (len(names) - number)
            done[name] = await conduct(name, asked, results, console, now + share)
    finally:
        show({name: lines for name, lines in done.items() if lines}, console)
        for name, lines in done.items():
            for line in lines:
                if line["problems"]:
                    short = " --short" if asked.short else ""
                    again = f'python -m bench.crash {name}{short} --case "{line["case"]}" --results /tmp/again.jsonl'
                    console.print(f"again: {again}", highlight=False, soft_wrap=True)
    return not any(line["problems"] for lines in done.values() for line in lines)


def main() -> None:
    """Run what is asked for; exits with 1 where anything was lost, doubled or damaged."""
    arguments = argparse.ArgumentParser(prog="python -m bench.crash", description=__doc__.splitlines()[0])
    arguments.add_argument("campaigns", nargs="*", help=f"of {', '.join(CAMPAIGNS)} (all of them)")
    arguments.add_argument("--seed", type=int, default=1, help="the first seed (%(default)s)")
    arguments.add_argument(
        "--runs", type=int, default=0, help="how many seeds, of soak minutes (each campaign has its own)"
    )
    arguments.add_argument("--minutes", type=float, default=60.0, help="for all of them (%(default)s)")
    arguments.add_argument("--short", action="store_true", help="a few small runs of each campaign")
    arguments.add_argument("--case", default="", help="only the run of this name")
    default = Path(tempfile.gettempdir()) / "paperboy-crash.jsonl"
    arguments.add_argument("--results", type=Path, default=default, help="finished runs (%(default)s)")
    given = vars(arguments.parse_args())
    names = given.pop("campaigns") or list(CAMPAIGNS)
    if strange := set(names) - CAMPAIGNS.keys():
        arguments.error(f"there is no campaign {', '.join(sorted(strange))}")
    console = Console() if sys.stdout.isatty() else Console(width=120)
    console.print(f"python -m bench.crash {' '.join(sys.argv[1:])}", highlight=False)
    try:
        faultless = asyncio.run(run_all(names, Asked(**given), console))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit("Ended before its time; the same command goes on.")
    sys.exit(not faultless)


if __name__ == "__main__":
    main()
