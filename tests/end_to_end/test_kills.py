"""The real program, killed again and again: nothing is lost, and nothing happens twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.kills import Campaign
from bot.services.delivery import AT_ONCE

if TYPE_CHECKING:
    from pathlib import Path

KILLS = 20
DIGESTS = 6


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_no_kill_loses_a_command_or_sends_a_digest_twice(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path, seed=4)
    report = await campaign.run(KILLS, DIGESTS)
    assert report.faultless(), f"{report}\n{(tmp_path / 'log.txt').read_text()[-4000:]}"
    assert report.kills == KILLS
    assert report.commands > KILLS
    assert report.deliveries == KILLS * DIGESTS, "every digest that was planned was composed and owed"
    # How many were on their way is a matter of moments; that they become unknown is shown in services/test_delivery.
    assert report.unknown <= AT_ONCE * KILLS
    assert report.unknown_but_arrived <= report.unknown
