"""What is asked for once is answered once, and what is worked on again is answered as before."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.storage.tables import inbox, lists
from tests.town import READER, Papers, Town, TownClock, open_town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.storage.database import Connection

MAYA = {"id": READER, "is_bot": False, "first_name": "Maya", "language_code": "en"}
SAID = {"date": 1, "chat": {"id": READER, "type": "private"}, "from": MAYA}


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    clock, papers = TownClock(), Papers()
    papers.paper("lens")
    for n, title in enumerate(("Bones turn out to be a whale", "Comet seen from the roof", "A third story")):
        papers.paper("herald").print(f"h{n}", title, clock() - timedelta(minutes=9 + n), text="Long. " * 80)
    async with open_town(tmp_path, clock=clock, papers=papers) as opened:
        await opened.news()
        yield opened


async def update(town: Town, number: int, **content: Any) -> str:
    """An update that no client of the playground sends; returns its outcome."""
    update_id = 4_000_000_000 + number
    await town.app.inbox.receive([{"update_id": update_id, **content}])
    await town.settled()
    wanted = sa.select(inbox.c.outcome).where(inbox.c.update_id == update_id)
    return str(await town.app.db.read(lambda c: c.execute(wanted).scalar_one()))


async def test_the_press_that_ended_the_first_conversation_is_answered_again_as_before(town: Town) -> None:
    done = await town.join()
    assert done["text"].startswith("Done.")

    def crash(connection: Connection) -> None:
        """As if the process had died right after the choice was kept."""
        connection.execute(sa.delete(lists))
        newest = sa.select(sa.func.max(inbox.c.update_id)).scalar_subquery()
        connection.execute(sa.update(inbox).where(inbox.c.update_id == newest).values(done_at=None))

    await town.app.db.write(crash)
    assert await town.app.inbox.resume() == 1
    await town.settled()
    again = town.telegram.last(READER)
    assert (again["message_id"], again["text"]) == (done["message_id"], done["text"])
    assert await town.app.db.read(lambda c: c.scalar(sa.select(lists.c.kind))) == "first"


@pytest.mark.parametrize("label", ["08:00", "No digest"])
async def test_every_way_out_of_the_first_conversation_ends_it(town: Town, label: str) -> None:
    await town.after(lambda: town.telegram.start(READER))
    for before in ("Next", "Next", "05:…", "Berlin"):
        await town.press(before)
    assert (await town.press(label))["text"].startswith("Done.")


async def test_a_search_for_less_is_made_once_for_a_double_press(town: Town) -> None:
    await town.join()
    await town.say("/search zeppelin bones")
    place = town.button("Without “zeppelin”")
    before = len(town.telegram.messages(READER))

    def twice() -> None:
        town.telegram.press(READER, *place)
        town.telegram.press(READER, *place)

    await town.after(twice)
    assert len(town.telegram.messages(READER)) == before + 1


async def test_an_album_is_answered_once(town: Town) -> None:
    await town.join()
    before = len(town.telegram.messages(READER))
    for n in range(10):
        await update(town, n, message=SAID | {"message_id": 900 + n, "media_group_id": "17", "photo": []})
    assert len(town.telegram.messages(READER)) == before + 1
    await update(town, 10, message=SAID | {"message_id": 910, "media_group_id": "18", "photo": []})
    await update(town, 11, message=SAID | {"message_id": 911, "photo": []})
    await update(town, 12, message=SAID | {"message_id": 912, "photo": []})
    assert len(town.telegram.messages(READER)) == before + 4, "another album, and photos of their own"


async def test_what_no_handler_takes_is_noted_as_ignored(town: Town) -> None:
    await town.join()
    town.telegram.calls.clear()
    command = {"text": "/latest", "entities": [{"type": "bot_command", "offset": 0, "length": 7}]}
    assert (
        await update(town, 1, edited_message=SAID | {"message_id": 9, "edit_date": 2} | command) == "ignored"
    )
    group = {"id": -100_200, "type": "supergroup", "title": "Friends"}
    assert await update(town, 2, message=SAID | {"message_id": 9, "chat": group} | command) == "ignored"
    assert {call.method for call in town.telegram.calls} <= {"getUpdates"}
    assert await update(town, 3, message=SAID | {"message_id": 10} | command) == "answered"
