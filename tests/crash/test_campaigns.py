"""The short campaigns: lives that are killed, ended, stopped and refused, and deliveries that stay whole all the same."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bench.crash import campaigns, disk, falls, files
from bench.crash.faults import BLOCKED, CUT, MIGRATED, TOO_MANY, TOO_MANY_0
from bench.crash.stage import Found, Trouble, open_stage

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = [pytest.mark.slow, pytest.mark.no_cover, pytest.mark.timeout(120)]


async def test_deliveries_survive_kills_a_stop_a_second_instance_and_every_fault() -> None:
    async with open_stage() as stage:
        killed = await campaigns.kill(stage, 5, 6)
        assert not killed.problems
        assert killed.figures["kills"] == 6
        assert killed.figures["faults met"] > 0
        assert killed.figures["acknowledged"] > 0

        ended = await campaigns.terminate(stage, 3, 1)
        assert not ended.problems
        assert ended.figures["unknown"] == 0

        held = await campaigns.hold(stage, 1, 3)
        assert not held.problems

        fenced = await campaigns.fence(stage, 1, (1, 1), 300)
        assert not fenced.problems
        waited = await campaigns.fence(stage, 2, (0.3, 0.3), 150)
        assert not waited.problems

        for number, kind in enumerate((CUT, TOO_MANY, TOO_MANY_0, BLOCKED, MIGRATED)):
            suffered = await campaigns.suffer(stage, kind, number, 16)
            assert not suffered.problems, kind
            assert suffered.figures["faults met"] > 0, kind


async def test_deliveries_survive_a_refused_token_a_wrong_clock_and_kills_at_named_places() -> None:
    async with open_stage() as stage:
        refused = await campaigns.revoke(stage, 1, 60)
        assert not refused.problems
        assert refused.figures["acknowledged"] == 60
        ahead = await campaigns.misdate(stage, 1, campaigns.A_DAY, 200)
        assert not ahead.problems
        behind = await campaigns.misdate(stage, 2, -campaigns.A_DAY, 200)
        assert not behind.problems
        assert behind.figures["acknowledged"] == 200
        for name in ("Ledger._settle, before the commit", "send, answer read"):
            fell = await falls.fall(stage, name, 2)
            assert not fell.problems, name
            assert fell.figures["reached"] == 1, name


async def test_files_survive_kills_while_they_are_migrated_copied_and_restored() -> None:
    async with open_stage() as stage:
        for name in ("migrate, before the commit", "backup, copied", "restore, the old one kept"):
            fell = await files.fall(stage, name, 2)
            assert not fell.problems, name
            assert fell.figures["reached"] == 1, name


async def test_a_disk_that_fails_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    environment = disk.preloaded(tmp_path)
    if environment is None:
        pytest.skip("there is no C compiler")
    async with open_stage(environment) as stage:
        for error, number in (("ENOSPC", 60), ("EIO", 61)):
            found = await disk.fail(stage, error, number, on=False)
            assert not found.problems
            assert found.figures["failed writes"] == 1


async def test_the_harness_finds_what_a_sender_does_wrong() -> None:
    """Rows that are made to lie: one is sent again, one is said to have arrived, one is forgotten."""
    async with open_stage() as stage, stage.play(1, 4, Trouble()) as play:
        found = Found()
        await play.finish(found)
        assert not found.problems
        _lie(play.path, "UPDATE deliveries SET state = 'planned' WHERE dedupe = 'crash:1'")
        await play.finish(found)
        _lie(play.path, "UPDATE deliveries SET state = 'retry' WHERE dedupe = 'crash:2'")
        play.rows.append(5)
        told = await play.judge(found)
    assert told.verdict().duplicated == (1,)
    assert told.verdict().unfinished == (2, 5)
    assert [problem.split(" (")[0] for problem in found.problems] == ["1 duplicated", "2 unfinished"]


def _lie(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as raw, raw:
        assert raw.execute(statement).rowcount == 1
