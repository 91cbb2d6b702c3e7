"""What editors decide about deliveries in doubt: once, within their rights, and only about what they were asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.domain.delivery import State
from bot.domain.message import Message, Text
from bot.domain.news import FeedEntry
from bot.domain.people import Person, Role
from bot.domain.unknowns import Settled, Verdict
from bot.errors import UserError
from bot.services.people import People
from bot.services.unknowns import PAGE, Unknowns
from bot.storage import feeds, inbox, outbox, people, questions, readers
from bot.storage.inbox import Received
from bot.storage.outbox import Debt
from bot.storage.tables import deliveries
from tests.services.desk import print_stories
from tests.storage.archive import DAY, MINUTE, NOW, somebody

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.domain.news import Reader
    from bot.storage.database import Connection, Database

OWNER, EDITOR, MODERATOR = 7, 8, 9
AGAIN, LEAVE = Verdict.AGAIN, Verdict.LEAVE


@dataclass(slots=True)
class Room:
    """Three who run a newsroom, and what is in doubt in it."""

    db: Database
    unknowns: Unknowns
    owner: Reader
    editor: Reader
    moderator: Reader
    updates: int = 0

    async def update(self) -> int:
        """A press, as it is written down before it is worked on."""
        self.updates += 1
        await self.db.write(inbox.receive, [Received(self.updates, OWNER, {}, NOW)])
        return self.updates

    async def doubt(self, number: int, broadcast_id: int | None = None, first: int = 0) -> list[int]:
        """So many deliveries in doubt, one a minute, the last one newest; their ids."""

        def write(connection: Connection) -> list[int]:
            (message,) = outbox.keep_all(connection, [Message(Text("Good morning"))], NOW)
            places = range(first, first + number)
            debts = [Debt(message, OWNER, f"x:{broadcast_id}:{n}", broadcast_id=broadcast_id) for n in places]
            outbox.plan_all(connection, debts, NOW, NOW + DAY)
            ids = []
            for debt, place in zip(debts, places, strict=True):
                found = sa.update(deliveries).where(deliveries.c.dedupe == debt.dedupe)
                values: dict[str, Any] = {"state": State.UNKNOWN, "ended_at": NOW + place * MINUTE}
                ids.append(connection.execute(found.values(values).returning(deliveries.c.id)).scalar_one())
            return ids

        return await self.db.write(write)

    async def states(self) -> list[tuple[str, bool]]:
        """How each delivery stands, and whether it was settled."""
        columns = (deliveries.c.state, deliveries.c.settled_at)
        found = await self.db.read(lambda c: list(c.execute(sa.select(*columns).order_by(deliveries.c.id))))
        return [(row.state, row.settled_at is not None) for row in found]

    async def deeds(self) -> list[tuple[str, int, int]]:
        found = await self.db.read(people.deeds, 99)
        return [(deed.what, deed.user_id, deed.about["n"]) for deed in reversed(found)]


@pytest.fixture
async def room(db: Database) -> Room:
    await db.write(lambda c: [readers.add(c, somebody(one)) for one in (OWNER, EDITOR, MODERATOR)])
    await db.write(people.appoint, Person(EDITOR, Role.EDITOR, "Ed", NOW))
    await db.write(people.appoint, Person(MODERATOR, Role.MODERATOR, "Mo", NOW))

    unknowns = Unknowns(db, lambda: NOW, People(db, lambda: NOW, (OWNER,)))
    return Room(db, unknowns, somebody(OWNER), somebody(EDITOR), somebody(MODERATOR))


async def test_pages_hold_eight_and_one_too_many_shows_the_last(room: Room) -> None:
    ids = await room.doubt(12)
    first = await room.unknowns.page(room.owner, 0)
    assert [one.id for one in first.doubts] == ids[::-1][:PAGE]
    last = await room.unknowns.page(room.owner, 99)
    assert (last.number, last.total, len(last.doubts)) == (1, 12, 4)
    empty = await room.unknowns.page(room.owner, 0, only=5)
    assert (empty.only, empty.total) == (0, 12), "a broadcast of which nothing is in doubt shows everything"


async def test_a_broadcast_can_be_seen_alone(room: Room) -> None:
    await room.doubt(2, first=20)
    await room.doubt(9, broadcast_id=3)
    await room.doubt(1, broadcast_id=4, first=30)
    page = await room.unknowns.page(room.owner, 0)
    assert page.broadcasts == ((3, 9),), "one alone has its own number"
    alone = await room.unknowns.page(room.owner, 1, only=3)
    assert (alone.only, alone.total, len(alone.doubts), alone.broadcasts) == (3, 9, 1, ())
    asked = await room.unknowns.ask(await room.update(), room.owner, LEAVE, only=3)
    assert (asked.messages, asked.readers) == (9, 1)
    done = await room.unknowns.settle_all(await room.update(), room.owner, asked.question_id)
    assert done is not None
    assert (done.done, done.only) == (9, 3)
    assert (await room.unknowns.page(room.owner, 0)).total == 3


async def test_the_same_press_settles_once_and_is_answered_alike(room: Room) -> None:
    (delivery,) = await room.doubt(1)
    press = await room.update()
    first = await room.unknowns.settle(press, room.owner, delivery, LEAVE)
    assert (first.done, first.missed) == (1, 0)
    assert first.question_id
    assert await room.unknowns.settle(press, room.owner, delivery, LEAVE) == first
    assert await room.unknowns.settle(await room.update(), room.editor, delivery, AGAIN) == Settled(
        AGAIN, 0, 1
    )
    assert await room.states() == [("unknown", True)]
    back = await room.update()
    assert await room.unknowns.take_back(back, room.owner, first.question_id) == 1
    assert await room.unknowns.take_back(back, room.owner, first.question_id) == 1
    assert await room.unknowns.take_back(await room.update(), room.owner, first.question_id) == 0
    assert await room.deeds() == [("dropped", OWNER, 1), ("reopened", OWNER, 1)]


async def test_what_was_sent_again_cannot_be_taken_back_or_left_afterwards(room: Room) -> None:
    (delivery,) = await room.doubt(1)
    press = await room.update()
    sent = await room.unknowns.settle(press, room.owner, delivery, AGAIN)
    assert (sent.done, sent.question_id) == (1, 0), "nothing takes it back"
    kept = await room.db.read(questions.made_by, press)
    assert kept is not None
    with pytest.raises(UserError, match="old_button"):
        await room.unknowns.take_back(await room.update(), room.owner, kept.id)
    left = await room.unknowns.settle(await room.update(), room.editor, delivery, LEAVE)
    assert left == Settled(LEAVE, 0, 1)
    again = await room.unknowns.settle(await room.update(), room.editor, delivery, AGAIN)
    assert again == Settled(AGAIN, 0, 1)
    assert await room.states() == [("planned", False)], "it leaves once"
    assert await room.deeds() == [("resent", OWNER, 1)]


async def test_what_was_taken_back_and_sent_again_stays_sent(room: Room) -> None:
    (delivery,) = await room.doubt(1)
    left = await room.unknowns.settle(await room.update(), room.owner, delivery, LEAVE)
    assert await room.unknowns.take_back(await room.update(), room.owner, left.question_id) == 1
    await room.unknowns.settle(await room.update(), room.editor, delivery, AGAIN)
    assert await room.unknowns.take_back(await room.update(), room.owner, left.question_id) == 0
    assert await room.states() == [("planned", False)]
    assert await room.deeds() == [("dropped", OWNER, 1), ("reopened", OWNER, 1), ("resent", EDITOR, 1)]


async def test_what_one_editor_has_left_another_neither_leaves_nor_takes_back(room: Room) -> None:
    (delivery,) = await room.doubt(1)
    left = await room.unknowns.settle(await room.update(), room.owner, delivery, LEAVE)
    late = await room.unknowns.settle(await room.update(), room.editor, delivery, LEAVE)
    assert late == Settled(LEAVE, 0, 1), "there is nothing to take back"
    with pytest.raises(UserError, match="old_button"):
        await room.unknowns.take_back(await room.update(), room.editor, left.question_id)
    assert await room.states() == [("unknown", True)]
    assert await room.deeds() == [("dropped", OWNER, 1)]


async def test_what_was_only_asked_about_takes_nothing_back(room: Room) -> None:
    (delivery,) = await room.doubt(1)
    asked = await room.unknowns.ask(await room.update(), room.editor, LEAVE)
    await room.unknowns.settle(await room.update(), room.owner, delivery, LEAVE)
    with pytest.raises(UserError, match="old_button"):
        await room.unknowns.take_back(await room.update(), room.editor, asked.question_id)
    assert await room.states() == [("unknown", True)]


async def test_a_story_of_a_readers_own_feed_can_be_sent_again(room: Room) -> None:
    (delivery,) = await room.doubt(1)

    def private(connection: Connection) -> None:
        feed = feeds.add_private(connection, FeedEntry("https://x.example/rss", "Own", "", "en"), NOW)
        (story,) = print_stories(connection, NOW, 1, private_feed_id=feed)
        its = sa.update(deliveries).where(deliveries.c.id == delivery)
        connection.execute(its.values(story_id=story))

    await room.db.write(private)
    done = await room.unknowns.settle(await room.update(), room.owner, delivery, AGAIN)
    assert (done.done, done.outdated) == (1, 0), "it is not shown to all, and was not taken down"


async def test_only_what_was_asked_about_is_sent_again(room: Room) -> None:
    first, second = await room.doubt(2)
    asked = await room.unknowns.ask(await room.update(), room.owner, AGAIN)
    await room.doubt(1, first=5)
    await room.unknowns.settle(await room.update(), room.editor, second, LEAVE)
    press = await room.update()
    done = await room.unknowns.settle_all(press, room.owner, asked.question_id)
    assert done == Settled(AGAIN, 1, 1)
    assert await room.unknowns.settle_all(press, room.owner, asked.question_id) == done
    assert await room.states() == [("planned", False), ("unknown", True), ("unknown", False)]
    assert await room.unknowns.one(room.owner, first) is None
    assert await room.deeds() == [("dropped", EDITOR, 1), ("resent", OWNER, 1)]


async def test_one_question_settles_no_more_than_the_writer_can_bear(room: Room) -> None:
    people_of = People(room.db, lambda: NOW, (OWNER,))
    few = Unknowns(room.db, lambda: NOW, people_of, most=3)
    await room.doubt(5)
    asked = await few.ask(await room.update(), room.owner, AGAIN)
    assert asked.messages == 3
    await few.settle_all(await room.update(), room.owner, asked.question_id)
    assert [state for state, _ in await room.states()] == ["unknown"] * 2 + ["planned"] * 3


async def test_a_question_of_somebody_else_or_of_another_kind_is_none(room: Room) -> None:
    (delivery,) = await room.doubt(1)
    asked = await room.unknowns.ask(await room.update(), room.owner, AGAIN)
    assert await room.unknowns.settle_all(await room.update(), room.editor, asked.question_id) is None
    with pytest.raises(UserError, match="old_button"):
        await room.unknowns.take_back(await room.update(), room.owner, asked.question_id)
    done = await room.unknowns.settle(await room.update(), room.owner, delivery, LEAVE)
    assert await room.unknowns.settle_all(await room.update(), room.owner, done.question_id) is None
    assert await room.states() == [("unknown", True)]


async def test_whoever_may_not_send_to_readers_may_do_nothing_here(room: Room) -> None:
    (delivery,) = await room.doubt(1)
    unknowns, stranger = room.unknowns, somebody(77)
    for who in (room.moderator, stranger):
        tries: list[Callable[[], Awaitable[Any]]] = [
            partial(unknowns.page, who, 0),
            partial(unknowns.one, who, delivery),
            partial(unknowns.settle, 1, who, delivery, AGAIN),
            partial(unknowns.ask, 1, who, AGAIN),
            partial(unknowns.settle_all, 1, who, 1),
            partial(unknowns.take_back, 1, who, 1),
        ]
        for one in tries:
            with pytest.raises(UserError, match="not_yours"):
                await one()
    assert await room.states() == [("unknown", False)]
    assert await room.unknowns.one(room.editor, delivery) is not None
