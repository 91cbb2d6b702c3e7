"""The campaigns: each a list of cases, and each case one run with its own seed."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from dataclasses import dataclass, fields
from itertools import count
from typing import TYPE_CHECKING, Final

from bench.crash import faults
from bench.crash.faults import FAULTS, LATE, NEVER, REVOKED, SLOW, TOO_MANY_3600
from bench.crash.small import FENCED
from bench.crash.stage import PATIENCE, Found, Trouble
from bench.kills import Campaign as Newsroom
from bot.gateway.pacing import LIMIT, RATE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from bench.crash.nursery import Child
    from bench.crash.stage import Play, Stage

SPEED: Final = 20.0
"""How fast time passes where waits of minutes belong to a run."""
A_LIFE: Final = 600
"""Rows that are open when a life has begun that will be killed: about as many as it sends in that time."""
AN_END: Final = 10.0
"""Seconds in which a life must end after SIGTERM."""
LONGEST_STOP: Final = 180.0
"""Seconds; a claim lasts 120."""
A_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Case:
    """One run.

    Attributes:
        name: what tells it from the other cases of its campaign, such as `seed 7`.
        run: runs it.
    """

    name: str
    run: Callable[[Stage], Awaitable[Found]]


def _seeded(run: Callable[[Stage, int], Awaitable[Found]], seed: int, runs: int) -> Iterator[Case]:
    for number in count(seed) if not runs else range(seed, seed + runs):
        yield Case(f"seed {number}", lambda stage, number=number: run(stage, number))  # type: ignore[misc]


def kills(seed: int, runs: int, *, short: bool) -> Iterator[Case]:
    """Kills (-9) at random times while thousands of messages leave, with all faults mixed in."""
    return _seeded(lambda stage, number: kill(stage, number, 6 if short else 40), seed, runs)


async def kill(stage: Stage, seed: int, times: int) -> Found:
    """Kill so many lives at random times, let the last one finish, and judge."""
    chance, found = random.Random(seed), Found()
    # Where a 429 of a minute is frequent, all of a run is waiting for its end.
    frequent = tuple(kind for kind in FAULTS if kind != faults.TOO_MANY_60)
    share, kinds = ((0.0, ()), (0.02, tuple(FAULTS)), (0.1, frequent))[seed % 3]
    trouble = Trouble(share, kinds, longest=20, latency=0.03)
    at_once = chance.choice((4, 16, 64))
    async with stage.play(seed, 120 * times, trouble, speed=SPEED, at_once=at_once) as play:
        while play.kills < times and not found.problems:
            child = await play.begin()
            # While it has the database open: what the last one left is for it to recover.
            await play.top_up(A_LIFE)
            # The first hundredths of a second are the start and the recovery.
            await asyncio.sleep(chance.uniform(0, 0.08 if chance.random() < 0.25 else 0.4))
            if not await play.kill(child):
                found.require(child.ended.result() == 0, f"a life ended badly: {play.last_words()}")
        await play.finish(found)
        await play.judge(found)
    return found


def sigterm(seed: int, runs: int, *, short: bool) -> Iterator[Case]:
    """SIGTERM at random times, every other time twice: each life ends in ten seconds, and nothing is unknown."""
    return _seeded(lambda stage, number: terminate(stage, number, 2 if short else 10), seed, runs)


async def terminate(stage: Stage, seed: int, times: int) -> Found:
    """End so many lives by SIGTERM, with answers that take up to two seconds."""
    chance, found, slowest, ended = random.Random(seed), Found(), 0.0, 0
    trouble = Trouble(0.02, (LATE, SLOW), longest=2.0, latency=0.05)
    async with stage.play(seed, 200 * times, trouble, at_once=32) as play:
        for _ in range(times):
            child = await play.begin()
            await asyncio.sleep(chance.uniform(0, 0.6))
            began = time.monotonic()
            child.signal(signal.SIGTERM)
            if chance.random() < 0.5:
                await asyncio.sleep(chance.uniform(0, 0.3))
                child.signal(signal.SIGTERM)
            code = await child.within(AN_END)
            slowest, ended = max(slowest, time.monotonic() - began), ended + 1
            if code is None:
                await child.killed()
                found.problems.append("no end within ten seconds of SIGTERM")
            # Before it can hear SIGTERM a life has nothing to finish, and the signal alone ends it.
            unheard = code == -signal.SIGTERM and "ready" not in play.said(play.lives)
            found.require(code == 0 or unheard, f"SIGTERM ended with {code}: {play.last_words()}")
        await play.finish(found)
        await play.judge(found, doubts=0)
        found.figures |= {"terminations": ended, "slowest end, s": round(slowest, 2)}
    return found


def fencing(seed: int, runs: int, *, short: bool) -> Iterator[Case]:
    """SIGSTOP while a second instance starts, then SIGCONT: at no time do both send, and nothing is doubled."""
    return _seeded(
        lambda stage, number: fence(stage, number, (1, 20) if short else (1, LONGEST_STOP)), seed, runs
    )


async def fence(stage: Stage, seed: int, seconds: tuple[float, float], rows: int = 900) -> Found:
    """Stop a life for some seconds; even seeds leave it the database, odd ones let the second take it over its head.

    The seconds are those of quick time: leases end and limits run out as they would after a real stop of that length.
    """
    chance, found = random.Random(seed), Found()
    trouble = Trouble(0.02, (LATE, SLOW), longest=1.0 * SPEED, latency=0.05)
    lasting = chance.uniform(*seconds)
    stopped = lasting / SPEED
    # Slow enough that the second is still sending when the first goes on.
    pace = (rows / (stopped + 1.5) if seed % 2 else 300.0) / SPEED
    async with stage.play(seed, rows, trouble, speed=SPEED, at_once=16, pace=pace) as play:
        first = await play.begin()
        found.require(await play.until(1, "ready"), "the first life does not get ready")
        await asyncio.sleep(chance.uniform(0.02, 0.5))
        first.signal(signal.SIGSTOP)
        if seed % 2:
            await _take_over(play, first, stopped, found)
        else:
            await _wait_for_own(play, first, stopped, chance, found)
        await play.finish(found)
        await play.judge(found, doubts=2 * play.order.at_once)
        found.figures |= {
            "stops": 1,
            "seconds stopped": round(lasting, 1),
            "longest stop, s": round(lasting, 1),
        }
    return found


async def _wait_for_own(
    play: Play, first: Child, stopped: float, chance: random.Random, found: Found
) -> None:
    """The second waits until the first is gone, stopped or not."""
    second = await play.begin()
    await asyncio.sleep(stopped)
    found.require("ready" not in play.said(2), "a second life begins while the first owns the database")
    if chance.random() < 0.75:
        first.signal(signal.SIGCONT)
        await asyncio.sleep(chance.uniform(0, 0.4))
    found.require("ready" not in play.said(2), "a second life begins while the first owns the database")
    gentle = chance.random() < 0.5
    if gentle:
        first.signal(signal.SIGTERM)
        first.signal(signal.SIGCONT)
    left = time.monotonic()
    if not gentle or await first.within(AN_END) is None:
        await play.kill(first)
    took_over = await play.until(2, "ready", 5) or second.ended.done()
    found.require(took_over, "the second life does not take over")
    found.require(play.said(2).get("ready", left) >= left, "the second life began before the first was gone")
    if await second.within(PATIENCE) != 0:
        found.problems.append(f"the second life ended badly: {play.last_words()}")
        await second.killed()


async def _take_over(play: Play, first: Child, stopped: float, found: Found) -> None:
    """The second begins although the first may still live; nothing but the epochs keeps them apart."""
    second = await play.begin(owner=False)
    end = time.monotonic() + stopped
    while time.monotonic() < end:
        await asyncio.sleep(0.02)
        if second.ended.done() and second.ended.result() != 0:
            # The first was stopped inside a transaction, and nobody can write before it goes on.
            second = await play.begin(owner=False)
    first.signal(signal.SIGCONT)
    code = await first.within(PATIENCE)
    found.require(code in {0, FENCED}, f"the life that was stopped ended with {code}")
    found.figures["fenced"] = code == FENCED
    if await second.within(PATIENCE) is None:
        found.problems.append(f"the second life hangs: {play.last_words()}")
        await second.killed()
    await first.killed()


EXPLAINED: Final = {
    faults.BLOCKED: {"gone"},
    faults.CONTENT: {"sent", "failed"},
    **{kind: {"sent", "unknown"} for kind in faults.DOUBTFUL},
}
"""The ends that a row may come to under each fault; under any other it must arrive."""


def single_faults(_seed: int, _runs: int, *, short: bool) -> Iterator[Case]:
    """Each fault alone, on most of the calls; then what lasts for a while, whatever is called."""
    rows = 60 if short else 500
    for number, kind in enumerate((*FAULTS, NEVER, *(() if short else (TOO_MANY_3600,)))):

        async def run(stage: Stage, kind: str = kind, number: int = number) -> Found:
            return await suffer(stage, kind, number, rows)

        yield Case(kind, run)
    for number in range(1 if short else 10):
        yield Case(f"{REVOKED} {number}", lambda stage, number=number: revoke(stage, number, rows))  # type: ignore[misc]
    for number in range(1 if short else 10):
        for by in (A_DAY, -A_DAY):

            async def jump(stage: Stage, by: float = by, number: int = number) -> Found:
                return await misdate(stage, number, by)

            yield Case(f"clock {'ahead' if by > 0 else 'behind'} {number}", jump)


async def suffer(stage: Stage, kind: str, seed: int, rows: int) -> Found:
    """Let most calls meet one fault; every row must come to an end that this fault explains."""
    found = Found()
    # Each refusal that names an hour lets all wait for an hour: two or three are enough.
    share, speed = (0.005, 5 * SPEED) if kind == TOO_MANY_3600 else (0.6, SPEED)
    trouble = Trouble(share, (kind,), longest=40, latency=0.01)
    # Two seconds of the machine, which may be busy with something else.
    answer = 2 * SPEED if kind == NEVER else 0.0
    async with stage.play(seed, rows, trouble, speed=speed, at_once=32, answer=answer) as play:
        await play.finish(found)
        told = await play.judge(found, doubts=0)
        doubts = told.doubtful()
        unknown = sum(state == "unknown" for state in told.states.values())
        found.require(unknown == doubts, f"{unknown} unknown after {doubts} doubtful answers")
        wrong = told.ended().keys() - EXPLAINED.get(kind, set()) - {"sent"}
        found.require(not wrong, f"{kind} cannot explain {told.ended()}")
        found.figures |= dict(told.ended())
    return found


async def revoke(stage: Stage, seed: int, rows: int) -> Found:
    """Let the token be refused in the middle for some seconds: one row is tried at each look, and then all goes on."""
    chance, found = random.Random(seed), Found()
    seconds = chance.uniform(5, 30)
    trouble = Trouble(
        0.02, (LATE, SLOW), longest=5, latency=0.01, revoked=(chance.randrange(1, rows // 2), seconds)
    )
    async with stage.play(seed, rows, trouble, speed=SPEED, at_once=16) as play:
        await play.finish(found)
        told = await play.judge(found, doubts=0)
        refused = told.faults()[REVOKED]
        # Those that were under way, and then one at each look; `small` looks every half second.
        most = play.order.at_once + 2 * seconds + 2
        found.require(
            0 < refused <= most, f"{refused} calls with a token that is refused, of at most {most:.0f}"
        )
        found.require(told.ended() == {"sent": rows}, f"after a token that was refused: {told.ended()}")
        found.figures |= {"refused": refused, "seconds refused": round(seconds)}
    return found


async def misdate(stage: Stage, seed: int, by: float, rows: int = 300) -> Found:
    """Let the wall clock be wrong by `by` seconds for a while; odd seeds kill a life meanwhile."""
    chance, found = random.Random(seed), Found()
    first = chance.uniform(5, 8)
    wrong = (first, first + chance.uniform(1, 15), by)
    trouble = Trouble(0.02, (LATE, SLOW), longest=5, latency=0.05)
    async with stage.play(seed, rows, trouble, speed=SPEED, at_once=32, pace=30, wrong=wrong) as play:
        if seed % 2:
            child = await play.begin()
            await asyncio.sleep(chance.uniform(*wrong[:2]) / SPEED)
            await play.kill(child)
        await play.finish(found)
        told = await play.judge(found)
        # By a clock that is a day ahead, all that has not left is no news any more.
        allowed = {"sent", "unknown", *(("expired",) if by > 0 else ())}
        found.require(told.ended().keys() <= allowed, f"a wrong clock cannot explain {told.ended()}")
        found.figures |= dict(told.ended())
    return found


def soak(seed: int, runs: int, *, short: bool) -> Iterator[Case]:
    """So many minutes (`runs`) at Telegram's full pace, without a fault."""
    seconds = 6.0 if short else runs * 60.0
    yield Case(f"{seconds:.0f} seconds", lambda stage: hold(stage, seed, seconds))


async def hold(stage: Stage, seed: int, seconds: float) -> Found:
    """Send for so long at the pace of every newsroom: none unknown, and never more than Telegram takes in a second."""
    found = Found()
    rows = round(seconds * RATE)
    async with stage.play(seed, rows, Trouble(latency=0.2), pace=RATE) as play:
        began = time.monotonic()
        await play.finish(found)
        lasted = time.monotonic() - began
        told = await play.judge(found, doubts=0)
        most = told.fullest_second()
        found.require(most <= LIMIT, f"{most} calls in one second, where Telegram takes {LIMIT}")
        found.require(told.ended() == {"sent": rows}, f"without a fault: {told.ended()}")
        found.require(len(told.calls) == rows, f"{len(told.calls)} calls for {rows} rows")
        found.require(play.lives == 1, f"{play.lives} lives")
        found.figures |= {
            "longest second, calls": most,
            "slowest pace, a second": round(rows / lasted, 2),
        }
    return found


def inbox(seed: int, runs: int, *, short: bool) -> Iterator[Case]:
    """Kills of the whole program while commands come and digests go out: none lost, none applied twice."""
    return _seeded(lambda stage, number: command(stage, number, 2 if short else 10), seed, runs)


async def command(stage: Stage, seed: int, times: int) -> Found:
    """A campaign of bench/kills.py; every other seed with faults."""
    found = Found()
    folder = stage.folder / f"inbox-{seed}"
    folder.mkdir()
    report = await Newsroom(folder, seed, faults=bool(seed % 2)).run(times, 6)
    found.figures |= {one.name.replace("_", " "): getattr(report, one.name) for one in fields(report)}
    found.require(report.faultless(), f"{report}")
    return found
