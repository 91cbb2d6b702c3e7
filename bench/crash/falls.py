"""The campaign of failpoints: a kill at every named place of the program, at its first passing and at later ones."""

from __future__ import annotations

import asyncio
import random
import signal
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bench.crash import faults, files, scenes
from bench.crash.campaigns import Case
from bench.crash.faults import FAULTS
from bench.crash.small import FAILPOINT
from bench.crash.stage import PATIENCE, Found, Trouble
from bench.crash.whole import WORKS, Falling
from bot.failpoints import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.crash.stage import Stage

SPEED: Final = 60.0
"""How fast time passes: many of these runs have to wait for the end of a 429 of a minute."""
WAITING: Final = 200.0
"""How fast it passes where nearly all of a run is waiting."""
FILES: Final = frozenset({scenes.MIGRATE, scenes.BACKUP, scenes.RESTORE})
OFTEN: Final = 20
"""At how many passings of a place a life dies."""
FEW: Final[dict[str, int]] = {"migrate": len(files.FORMS)}
"""What is passed less often: of a migration each form of the past is one."""
ONCE: Final = "Deliveries.recover.<locals>.write"
"""What each life passes once, when it takes the outbox over from the one before: instead of later passings, other seeds."""
MIXED: Final = Trouble(0.1, tuple(FAULTS), longest=10, latency=0.01)
TROUBLES: Final = {
    # These come once for each look at the outbox, of which there are many while the token is refused.
    "Deliveries._recover": replace(MIXED, revoked=(20, 200.0)),
    "Deliveries._claim": replace(MIXED, revoked=(20, 200.0)),
    # What is given back are rows of a chat that must rest.
    "give_back": Trouble(0.2, (faults.TOO_MANY_60,), latency=0.01),
}
"""What happens where a place is seldom passed otherwise."""


def cases(_seed: int, _runs: int, *, short: bool) -> Iterator[Case]:
    """A kill at every named place: at the first passing of each, then at the second of each, and so on."""
    often = 1 if short else OFTEN
    for passing in range(1, often + 1):
        for name in NAMES:
            work = name.partition(",")[0]
            if work in WORKS and passing == 1:
                yield Case(name, lambda stage, name=name: fall_whole(stage, name, often))  # type: ignore[misc]
            elif work not in WORKS and passing <= FEW.get(work, OFTEN):
                place = files.fall if work in FILES else fall
                yield Case(
                    f"{name}:{passing}",
                    lambda stage, place=place, name=name, passing=passing: place(stage, name, passing),  # type: ignore[misc]
                )


async def fall(stage: Stage, name: str, passing: int) -> Found:
    """Let a life die at a failpoint, and the next ones finish."""
    found = Found()
    work = name.partition(",")[0]
    trouble, speed = TROUBLES.get(work, MIXED), WAITING if work in TROUBLES else SPEED
    rows, in_a_chat = (120, 6) if work == "give_back" else (60, 1)
    async with stage.play(passing, rows, trouble, speed=speed, at_once=8, in_a_chat=in_a_chat) as play:
        if work == ONCE:
            first = await play.begin()
            await asyncio.sleep(random.Random(passing).uniform(0, 0.2))
            killed = await play.kill(first)
            found.require(killed or first.ended.result() == 0, f"a life ended badly: {play.last_words()}")
        child = await play.begin({FAILPOINT: f"{name}:{1 if work == ONCE else passing}"})
        code = await child.within(PATIENCE)
        reached = code == -signal.SIGKILL
        play.kills += reached
        found.require(code in {0, -signal.SIGKILL}, f"the life ended with {code}: {play.last_words()}")
        found.require(reached or (passing > 1 and work != ONCE), "the place was never passed")
        await child.killed()
        await play.finish(found)
        # Of two that were killed, the second died before it sent anything.
        await play.judge(found, doubts=play.order.at_once if work == ONCE else None)
        found.figures |= {"reached": reached, "not reached": not reached}
    return found


async def fall_whole(stage: Stage, name: str, lives: int) -> Found:
    """Let so many lives of the whole newsroom die at a failpoint."""
    found = Found()
    folder = stage.folder / f"whole-{NAMES.index(name)}"
    folder.mkdir()
    campaign = Falling(folder)
    await campaign.fall(name, WORKS[name.partition(",")[0]][:lives])
    report = campaign.report
    found.problems += campaign.problems
    found.require(report.faultless(), f"{report}")
    found.figures |= {
        "kills": report.kills,
        "lives": report.kills + 1,
        "reached": campaign.reached,
        "not reached": report.kills - campaign.reached,
        "rows": report.deliveries,
        "unknown": report.unknown,
        "recovered": report.unknown_but_arrived,
        "commands": report.commands,
    }
    return found
