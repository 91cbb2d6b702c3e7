"""The campaign of failing disks: each write in turn fails, once or from then on, with ENOSPC or EIO."""

from __future__ import annotations

import asyncio
import shutil
import struct
import subprocess
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.crash import history
from bench.crash.campaigns import Case
from bench.crash.small import DONE, GAVE_UP
from bench.crash.stage import PATIENCE, Found, Trouble
from bot.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.crash.stage import Play, Stage

SOURCE: Final = Path(__file__).with_name("disk.c")
KINDS: Final = tuple((error, on) for error in ("ENOSPC", "EIO") for on in (False, True))
SPEED: Final = 100.0
"""How fast time passes: what was claimed when the disk failed is taken up after its lease, two minutes later."""
MOST: Final = 1000
"""More writes than any life makes."""
ENDED: Final = 20
"""So many lives that did not make the write that was to fail are the end of a campaign."""
CLEAN: Final = {DONE, GAVE_UP, DatabaseError.exit_code}
"""The exit codes of a life that went on, or ended knowing why."""


def preloaded(folder: Path) -> dict[str, str] | None:
    """Compile what makes disks fail into `folder`; returns the environment that preloads it, None without a compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    made = folder / "disk.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", made, SOURCE, "-ldl"], check=True)
    return {"LD_PRELOAD": str(made)}


def cases(_seed: int, _runs: int, *, short: bool) -> Iterator[Case]:
    """The n-th write fails, for every n up to the end: no acknowledged commit is lost, nothing is sent twice.

    How many writes a life makes is a matter of moments, so the end is where `ENDED` lives have not come to theirs.
    """
    unreached: Counter[tuple[str, bool]] = Counter()
    enough = 1 if short else ENDED
    for number in range(1, MOST, 41 if short else 1):
        for kind in KINDS:

            async def run(stage: Stage, kind: tuple[str, bool] = kind, number: int = number) -> Found:
                found = await fail(stage, kind[0], number, on=kind[1])
                unreached[kind] += not found.figures["failed writes"]
                return found

            if unreached[kind] < enough:
                yield Case(f"{kind[0]} {'from' if kind[1] else 'at'} {number}", run)
        if all(unreached[kind] >= enough for kind in KINDS):
            return


async def fail(stage: Stage, error: str, number: int, *, on: bool) -> Found:
    """Live with a failing disk, then with a whole one, and judge."""
    found = Found()
    witness = stage.folder / "witness"
    witness.unlink(missing_ok=True)
    trouble = Trouble(latency=0.01)
    async with stage.play(number, 16, trouble, speed=SPEED, at_once=4, witness=str(witness)) as play:
        counted = play.folder / "counted"
        counted.write_bytes(bytes(16))
        child = await play.begin(
            {
                "CRASH_DISK_PREFIX": play.order.database,
                "CRASH_DISK_AT": str(number),
                "CRASH_DISK_ERROR": error,
                "CRASH_DISK_ON": str(int(on)),
                "CRASH_DISK_COUNT": str(counted),
            }
        )
        code = await child.within(PATIENCE)
        found.require(code in CLEAN, f"the life ended with {code}: {play.last_words()}")
        await child.killed()
        await asyncio.to_thread(_compare, play, witness, found)
        calls, failed = struct.unpack("QQ", counted.read_bytes())
        await play.finish(found)
        # What was under way when the disk failed may never have been written down.
        await play.judge(found, doubts=play.order.at_once)
        found.figures |= {"writes": calls, "failed writes": failed, "went on": code == DONE}
    return found


def _compare(play: Play, witness: Path, found: Found) -> None:
    """Whether every commit that was acknowledged is in the database."""
    known = int(witness.read_bytes() or b"0") if witness.exists() else 0
    kept = history.read(play.path, play.folder / "accepted.jsonl", play.rows).moves
    found.require(kept >= known, f"{known - kept} moves are lost that were acknowledged")
