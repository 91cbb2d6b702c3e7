"""Captured feeds, good and broken, through the real newsroom; skipped where there is no captured data."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from bench.feeds_corpus import SHORT, measure
from bench.malformed import SHORT as SHORTLY
from bench.malformed import measure as broken_beside_good
from bot.views.troubles import plainly

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _what_lives_long_is_left_to_itself() -> Iterator[None]:
    """The bench ends with everything thawed: the collector would go through all tests again and again."""
    yield
    gc.collect()
    gc.freeze()


@pytest.mark.no_cover
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


@pytest.mark.no_cover
@pytest.mark.slow
async def test_broken_feeds_fail_in_plain_words_and_hold_up_no_good_ones(captured: Path) -> None:
    alone, (beside,) = await broken_beside_good(captured, SHORTLY, rounds=1)
    assert len(alone.waits) == len(beside.waits) == 26, "every good feed has an outcome"
    assert beside.left == 0
    assert not any("source." in plainly(trouble) for trouble in beside.troubles.values())
    assert "source.ours" not in {trouble["key"] for trouble in beside.troubles.values()}
    assert all(beside.articles[name] == count for name, count in alone.articles.items())
    assert beside.busy < 0.1
    assert max(beside.waits) < 10, "a good feed waits for a place at its site, and for nothing else"
