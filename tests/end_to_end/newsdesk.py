"""A newsroom with an owner and a few readers, for broadcasts."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.playground import people
from tests.town import READER, RUSSIAN, Papers, TownClock, open_town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from typing import Any

    from tests.town import Town

OWNER, OTHER = READER, RUSSIAN
LONG = "The bridge over the river is closed to all traffic since the flood of this morning. " * 20
TITLE = "Bridge over the Orrin closed after flood"
CROWD = [person for person in people.crowd(60) if person.language_code == "en"][:5]
"""Readers of English besides the owner."""
FEEDS = {"herald": ("World", "en"), "lens": ("Science", "en"), "vestnik": ("World", "ru")}


@asynccontextmanager
async def open_newsdesk(folder: Path, *, forged: bool = False) -> AsyncIterator[Town]:
    """An owner, a reader of Russian, and five readers of English.

    Where updates are `forged`, Telegram refuses to answer them.
    """
    clock, papers = TownClock(), print_one()
    async with open_town(folder, FEEDS, clock=clock, papers=papers, admin_ids=(OWNER,)) as opened:
        await opened.news()
        await opened.join(OWNER)
        await opened.join(OTHER)
        await opened.say("/settings", OTHER)
        await opened.press("Языки: Русский, English", OTHER)
        await opened.press("✓ English", OTHER)
        await let_in(opened)
        yield opened
        # A second press shows once more what is shown already.
        others = [one for one in opened.refused() if "exactly the same" not in one.description]
        assert forged or others == []


def print_one() -> Papers:
    """Three papers, of which one has a story."""
    papers = Papers()
    for name in FEEDS:
        papers.paper(name)
    papers.paper("herald").print("one", TITLE, TownClock()(), text=LONG)
    return papers


async def let_in(town: Town) -> None:
    """The readers of English come."""
    for person in CROWD:
        town.telegram.add_person(person)
        await town.join(person.id)


async def ticked(town: Town) -> None:
    """The ten seconds pass; what is owed is spread and sent, and the editor sees it."""
    town.clock.advance(seconds=10)
    for _ in range(2):
        await town.app.runner.run("broadcast")
        await town.app.runner.run("deliver")
    town.clock.advance(seconds=3)
    await town.app.runner.run("broadcast")


def got(town: Town, person: int) -> list[dict[str, Any]]:
    """What came from the editors."""
    mine = ("From the editors", "От редакции")
    return [one for one in town.telegram.messages(person) if one.get("text", "").startswith(mine)]
