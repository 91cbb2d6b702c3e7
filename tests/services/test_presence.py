"""Going away and coming back: pauses, stops and blocks, and what is owed afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.message import Message, Text
from bot.services.readers import Readers
from bot.storage import claims, inbox, outbox, readers
from bot.storage.tables import deliveries as deliveries_table
from tests.services.desk import DAY, EIGHT, MAYA, SEVEN

if TYPE_CHECKING:
    import sqlalchemy as sa

    from bot.domain.news import Reader
    from tests.services.desk import Desk


class House:
    """A desk, and readers' choices on the same clock."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.readers = Readers(desk.db, lambda: desk.now, "en", "UTC")

    async def update(self) -> int:
        self.desk.last_update += 1
        received = inbox.Received(self.desk.last_update, MAYA, {}, self.desk.now)
        await self.desk.db.write(inbox.receive, [received])
        return self.desk.last_update

    async def choose(self, field: str, value: str) -> Reader:
        changed = await self.readers.choose(await self.update(), MAYA, field, value)
        assert changed is not None
        return changed

    async def start(self) -> Reader:
        return await self.readers.meet(await self.update(), MAYA, "Maya", "en")

    async def maya(self) -> Reader:
        found = await self.readers.get(MAYA)
        assert found is not None
        return found


@pytest.fixture
async def house(desk: Desk) -> House:
    """Maya, who gets her digest at eight, on a Tuesday at seven."""
    await desk.join()
    return House(desk)


async def test_while_paused_nothing_is_composed_and_nothing_else_is_pushed(house: House) -> None:
    desk = house.desk
    await desk.print(4)

    def owe(connection: sa.Connection) -> None:
        (message,) = outbox.keep_all(connection, [Message(Text("Breaking"))], desk.now)
        outbox.plan_all(connection, [outbox.Debt(message, MAYA, "alert")], desk.now, desk.now + DAY)

    await desk.db.write(owe)
    paused = await house.choose("pause", "week")
    assert (paused.state, paused.paused_until, paused.away_since) == (
        "paused",
        SEVEN + 6 * DAY + 17 * (DAY / 24),
        SEVEN,
    )
    assert await desk.due_at() is None
    await desk.db.write(lambda c: owe_again(c, desk))
    for day in range(6):
        assert await desk.compose(EIGHT + day * DAY) == 0
        claimed = await desk.db.write(claims.claim, 1, desk.now, desk.now + DAY, 9)
        assert claimed.leaving == []
    assert {row.state for row in await desk.rows(deliveries_table)} == {"gone"}


def owe_again(connection: sa.Connection, desk: Desk) -> None:
    (message,) = outbox.keep_all(connection, [Message(Text("More"))], desk.now)
    outbox.plan_all(connection, [outbox.Debt(message, MAYA, "later")], desk.now, desk.now + 9 * DAY)


async def test_a_pause_ends_by_itself_and_the_digest_covers_a_day_and_no_backlog(house: House) -> None:
    desk = house.desk
    await house.choose("pause", "week")
    desk.now = SEVEN + 3 * DAY
    await desk.print(4)
    desk.now = EIGHT + 6 * DAY + timedelta(hours=8)
    unseen = await desk.print(3)
    midnight = SEVEN + 6 * DAY + timedelta(hours=17)
    assert await desk.compose(midnight - timedelta(seconds=1)) == 0
    assert (await house.maya()).state == "paused"
    assert await desk.compose(midnight) == 0
    back = await house.maya()
    assert (back.state, back.paused_until, back.away_since) == ("active", None, None)
    assert back.covered_until == midnight - DAY
    assert back.seen_at == SEVEN, "nobody was here"
    assert await desk.due_at() == EIGHT + 7 * DAY
    assert await desk.compose(EIGHT + 7 * DAY) == 1
    assert sorted(await desk.told()) == unseen
    assert await desk.days() == ["2026-12-01"]


async def test_many_pauses_end_at_once(house: House) -> None:
    desk = house.desk
    for chat in range(MAYA + 1, MAYA + 45):
        await desk.join(chat, state="paused", paused_until=EIGHT, away_since=SEVEN)
        await desk.db.write(readers.plan, chat, None)
    await desk.compose(EIGHT + timedelta(hours=2))
    assert await desk.db.read(readers.counts) == {"active": 45}
    assert await desk.due_at(MAYA + 44) == EIGHT + DAY


async def test_a_pause_without_an_end_ends_when_the_reader_comes_back(house: House) -> None:
    desk = house.desk
    await house.choose("pause", "open")
    await desk.compose(EIGHT + 100 * DAY)
    assert (await house.maya()).state == "paused"
    back = await house.start()
    assert (back.state, back.missed) == ("active", 101)
    assert await desk.due_at() == EIGHT + 101 * DAY


@pytest.mark.parametrize("how", ["stop", "pause", "block"])
async def test_who_comes_back_is_told_how_many_digests_were_missed(house: House, how: str) -> None:
    desk = house.desk
    await house.choose("days", "weekends")
    match how:
        case "stop":
            await house.choose("state", "stopped")
        case "pause":
            await house.choose("pause", "open")
        case _:
            await house.readers.blocked(await house.update(), MAYA, blocked=True)
    desk.now = SEVEN + 13 * DAY
    if how == "block":
        await house.readers.blocked(await house.update(), MAYA, blocked=False)
    update = await house.update()
    first = await house.readers.meet(update, MAYA, "Maya", "en")
    assert first.missed == 4
    again = await house.readers.meet(update, MAYA, "Maya", "en")
    assert again == first, "worked on again, the answer is the same"
    await desk.print(3)
    assert await desk.compose(EIGHT + 18 * DAY) == 1
    assert (await house.maya()).missed == 0, "with a digest it is over"


async def test_one_who_was_never_away_has_missed_nothing(house: House) -> None:
    house.desk.now = SEVEN + 5 * DAY
    assert (await house.start()).missed == 0


async def test_blocking_and_unblocking_loses_nothing(house: House) -> None:
    for field, value in (("days", "weekends"), ("stories", "few"), ("sound", "off"), ("quiet", "1320-420")):
        await house.choose(field, value)
    await house.readers.toggle(await house.update(), MAYA, "hours", "1200", on=True)
    await house.desk.db.write(lambda c: readers.change(c, MAYA, covered_until=SEVEN - timedelta(hours=9)))
    before, due = await house.maya(), await house.desk.due_at()
    await house.readers.blocked(await house.update(), MAYA, blocked=True)
    assert await house.desk.due_at() is None
    house.desk.now += timedelta(minutes=1)
    await house.readers.blocked(await house.update(), MAYA, blocked=False)
    after = await house.maya()
    assert replace(after, seen_at=before.seen_at) == before
    assert await house.desk.due_at() == due


async def test_a_pause_outlives_a_block(house: House) -> None:
    paused = await house.choose("pause", "week")
    await house.readers.blocked(await house.update(), MAYA, blocked=True)
    await house.readers.blocked(await house.update(), MAYA, blocked=False)
    assert await house.maya() == paused


async def test_stopping_during_a_pause_counts_from_its_beginning(house: House) -> None:
    await house.choose("pause", "monday")
    house.desk.now = SEVEN + 3 * DAY
    stopped = await house.choose("state", "stopped")
    assert stopped.away_since == SEVEN
    house.desk.now = SEVEN + 10 * DAY
    await house.desk.compose()
    assert (await house.maya()).state == "stopped", "the end of the pause wakes nobody who stopped"
    back = await house.choose("state", "active")
    assert (back.paused_until, back.missed) == (None, 10)
