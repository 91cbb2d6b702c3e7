"""The campaigns: each a list of cases, and each case one run with its own seed."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import random
import signal
import time
from dataclasses import dataclass, fields
from itertools import count
from typing import TYPE_CHECKING, Final

from bench.crash import faults
from bench.crash.faults import FAULTS, LATE, SLOW
from bench.crash.small import FAILPOINT, FENCED
from bench.crash.stage import PATIENCE, Found, Trouble
from bench.kills import Campaign as Newsroom

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from bench.crash.nursery import Child
    from bench.crash.stage import Play, Stage

SPEED: Final = 20.0
"""How fast time passes where waits of minutes belong to a run."""
AN_END: Final = 10.0
"""Seconds in which a life must end after SIGTERM."""


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
        while play.kills < times:
            child = await play.begin()
            # The first hundredths of a second are the start and the recovery.
            await asyncio.sleep(chance.uniform(0, 0.08 if chance.random() < 0.25 else 0.4))
            if not await play.kill(child):
                found.require(child.ended.result() == 0, f"a life ended badly: {play.last_words()}")
                break
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
    return _seeded(lambda stage, number: fence(stage, number, (1, 3) if short else (1, 90)), seed, runs)


async def fence(stage: Stage, seed: int, seconds: tuple[float, float], rows: int = 900) -> Found:
    """Stop a life for some seconds; even seeds leave it the database, odd ones let the second take it over its head."""
    chance, found = random.Random(seed), Found()
    trouble = Trouble(0.02, (LATE, SLOW), longest=1.0, latency=0.05)
    stopped = chance.uniform(*seconds)
    # Slow enough that the second is still sending when the first goes on.
    pace = rows / (stopped + 1.5) if seed % 2 else 300.0
    async with stage.play(seed, rows, trouble, at_once=16, pace=pace) as play:
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
        found.figures |= {"stops": 1, "seconds stopped": round(stopped, 1)}
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
    """Each fault alone, on most of the calls."""
    rows = 60 if short else 500
    for number, kind in enumerate(FAULTS):

        async def run(stage: Stage, kind: str = kind, number: int = number) -> Found:
            return await suffer(stage, kind, number, rows)

        yield Case(kind, run)


async def suffer(stage: Stage, kind: str, seed: int, rows: int) -> Found:
    """Let most calls meet one fault; every row must come to an end that this fault explains."""
    found = Found()
    trouble = Trouble(0.6, (kind,), longest=40, latency=0.01)
    async with stage.play(seed, rows, trouble, speed=SPEED, at_once=32) as play:
        await play.finish(found)
        told = await play.judge(found, doubts=0)
        doubts = told.doubtful()
        unknown = sum(state == "unknown" for state in told.states.values())
        found.require(unknown == doubts, f"{unknown} unknown after {doubts} doubtful answers")
        wrong = told.ended().keys() - EXPLAINED.get(kind, set()) - {"sent"}
        found.require(not wrong, f"{kind} cannot explain {told.ended()}")
        found.figures |= dict(told.ended())
    return found


def failpoints(_seed: int, _runs: int, *, short: bool) -> Iterator[Case]:
    """A kill at every named point of the program, at its first passing and at later ones."""
    if importlib.util.find_spec("bot.failpoints") is None:
        return
    for name in importlib.import_module("bot.failpoints").NAMES:
        for passing in (1,) if short else range(1, 21):

            async def run(stage: Stage, name: str = name, passing: int = passing) -> Found:
                return await fall(stage, name, passing)

            yield Case(f"{name}:{passing}", run)


async def fall(stage: Stage, name: str, passing: int) -> Found:
    """Let a life die at a failpoint, and the next ones finish."""
    found = Found()
    trouble = Trouble(0.1, tuple(FAULTS), longest=10, latency=0.01)
    async with stage.play(passing, 60, trouble, speed=SPEED, at_once=8) as play:
        child = await play.begin({FAILPOINT: f"{name}:{passing}"})
        code = await child.within(PATIENCE)
        play.kills += code == -signal.SIGKILL
        found.require(code in {0, -signal.SIGKILL}, f"the life ended with {code}: {play.last_words()}")
        await child.killed()
        await play.finish(found)
        await play.judge(found)
        found.figures |= {"reached": play.kills, "not reached": 1 - play.kills}
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
