"""A token that is refused: nothing more leaves with it, whatever was being claimed at that moment."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from bot.playground.faults import Hold, refuse
from bot.services.delivery import Deliveries
from tests.services.post_office import open_office

if TYPE_CHECKING:
    from pathlib import Path


async def test_what_was_being_claimed_when_the_token_was_refused_is_handed_back(tmp_path: Path) -> None:
    async with open_office(tmp_path, people=6) as office:
        first, second, *_ = office.chats
        await office.owe(*office.chats)
        worker = Deliveries(office.db, office.clock, office.sender, at_once=2)
        await worker.recover()
        refused, slow = Hold(before=True, answer=refuse(401, "Unauthorized")), Hold(before=True)
        office.telegram.faults.add("sendMessage", refused, chat=first)
        office.telegram.faults.add("sendMessage", slow, chat=second)
        draining = asyncio.create_task(worker.drain())
        await refused.reached.wait()
        await slow.reached.wait()
        busy = threading.Event()
        holding = asyncio.create_task(office.db.write(lambda _: busy.wait(5)))
        slow.release()
        async with asyncio.timeout(5):
            # The outcome of the second and the beginning of the third wait for the writer, and so does a claim.
            while office.db._queue.qsize() < 2:  # noqa: ASYNC110 - the queue rings no bell
                await asyncio.sleep(0)
            refused.release()
            while not worker._refused:  # noqa: ASYNC110 - likewise
                await asyncio.sleep(0)
        busy.set()
        assert await holding
        assert await draining == 2
        assert await office.states() == ["retry", "sent", "sent", "planned", "planned", "planned"]
        assert [len(office.telegram.calls.of("sendMessage", chat)) for chat in office.chats] == [
            1,
            1,
            1,
            0,
            0,
            0,
        ]
