"""The real program, killed again and again: nothing is lost, and nothing happens twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.kills import Campaign
from bot.services.delivery import AT_ONCE

ROOT = Path(__file__).parents[2]
KILLS = 8
DIGESTS = 6


@pytest.mark.no_cover
@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_no_kill_loses_a_command_or_sends_a_digest_twice(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path, seed=4)
    report = await campaign.run(KILLS, DIGESTS)
    assert report.faultless(), f"{report}\n{(tmp_path / 'log.txt').read_text()[-4000:]}"
    assert report.kills == KILLS
    assert report.commands > KILLS
    assert report.deliveries == KILLS * DIGESTS, "every digest that was planned was composed and owed"
    # How many were on their way is a matter of moments; that they become unknown is shown in services/test_delivery_recovery.
    assert report.unknown <= AT_ONCE * KILLS
    assert report.unknown_but_arrived <= report.unknown


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=str)
def test_a_campaign_that_is_ended_takes_its_newsroom_along(tmp_path: Path, number: signal.Signals) -> None:
    campaign = subprocess.Popen(
        [sys.executable, ROOT / "bench" / "kills.py"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stderr=subprocess.PIPE,
    )
    children = Path(f"/proc/{campaign.pid}/task/{campaign.pid}/children")
    while not (newsrooms := children.read_text().split()):
        time.sleep(0.01)
    campaign.send_signal(number)
    _, said = campaign.communicate(timeout=30)
    assert not Path(f"/proc/{newsrooms[0]}").exists()
    assert (campaign.returncode, said) == (1, b"Ended before its time, and its newsroom with it.\n")
    assert list(tmp_path.iterdir()) == [], "nor does it leave its folder"
