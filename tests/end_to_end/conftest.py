from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.town import Papers, Town, TownClock, open_town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

LONG = "\n\n".join(
    f"Paragraph {n} of a long report about the harbour, in which the master of the port explains why the old crane "
    "has to be moved before the winter storms come, and what the town council thinks of the cost of it all."
    * 2
    for n in range(1, 13)
)
SHORT = "\n\n".join(
    f"The council met on day {n} and agreed to plant trees along the river, where children go to school every morning."
    for n in range(1, 6)
)


def print_morning(papers: Papers, clock: TownClock) -> None:
    """Two papers with a handful of stories of the last hours."""
    now = clock()
    herald, lens = papers.paper("herald"), papers.paper("lens")
    for n, title in enumerate(
        (
            "Bridge over the Orrin closed after flood",
            "Council plants trees along the river",
            "Ferry strikes rock and lives to tell",
        )
    ):
        herald.print(f"h{n}", title, now - timedelta(minutes=40 - n), text=LONG if n == 0 else SHORT)
    for n, title in enumerate(("Comet seen from the school roof", "Old bones turn out to be a whale")):
        lens.print(f"l{n}", title, now - timedelta(minutes=20 - n), text=SHORT)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    clock = TownClock()
    papers = Papers()
    print_morning(papers, clock)
    async with open_town(tmp_path, clock=clock, papers=papers) as opened:
        await opened.news()
        yield opened
        assert opened.refused() == [], "Telegram refused a call"
