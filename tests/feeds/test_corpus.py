"""A tenth of the captured feeds, through the real newsroom to readers; skipped where there is no captured data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.feeds_corpus import SHORT, measure

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
async def test_captured_feeds_reach_readers_with_the_headlines_links_and_dates_that_feedparser_reads(
    captured: Path,
) -> None:
    report = await measure(captured, SHORT)
    assert (report.feeds, report.with_articles, report.crashes) == (26, 26, 0)
    assert set(report.differences) <= {"told twice"}
    assert report.equal >= 0.99 * report.entries
    assert report.busy < 0.1
    assert report.digests >= 10
    assert report.whole >= 0.9 * report.read
    assert report.refused == []
