"""Editors and their readers for tests: a post office, and everything that broadcasts need."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.domain.broadcasts import State
from bot.domain.message import Message, Text
from bot.domain.news import FeedEntry
from bot.domain.people import Person, Role
from bot.domain.unknowns import Verdict
from bot.gateway.board import show
from bot.services.broadcasts import Broadcasts
from bot.services.campaigns import Campaigns
from bot.services.corrections import Corrections
from bot.services.drafts import Rules
from bot.services.people import People
from bot.services.reading import Reading
from bot.services.spreading import Spreading
from bot.services.unknowns import Unknowns
from bot.storage import broadcasts, feeds, inbox, people, readers
from bot.storage.inbox import Received
from bot.storage.tables import deliveries
from tests.services.desk import Interrupted, print_stories
from tests.services.post_office import open_office

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from bot.domain.broadcasts import Broadcast
    from bot.domain.campaigns import Repair, Standing
    from bot.domain.news import Reader
    from bot.domain.unknowns import Settled
    from tests.services.post_office import PostOffice

SAID = Message(Text("The trains run again."))


@dataclass(slots=True)
class Broadcasting:
    """Two editors, of whom the first is an owner, among many readers."""

    office: PostOffice
    broadcasts: Broadcasts
    campaigns: Campaigns
    corrections: Corrections
    people: People
    updates: int = 0
    boards: list[int] = field(default_factory=list)

    def update(self) -> int:
        """The number of another update."""
        self.updates += 1
        return self.updates

    async def editor(self, place: int = 0) -> Reader:
        """One of the editors; the others are readers like any."""
        found = await self.office.db.read(readers.get, self.office.chats[place])
        assert found is not None
        return found

    async def drafted(self, number: int, what: str, words: str = "It was false.") -> Repair:
        """A change of a broadcast, as `Corrections.draft` takes it."""
        editor, update = await self.editor(), self.update()
        return await self.corrections.draft(update, editor, 5000 + update, number, what, words)

    async def deeds(self) -> list[str]:
        """What editors did, the newest first."""
        return [deed.what for deed in await self.office.db.read(people.deeds, 20)]

    async def change(self, place: int, **values: Any) -> None:
        """Change what a reader has chosen."""
        chat = self.office.chats[place]
        await self.office.db.write(lambda c: readers.change(c, chat, **values))

    async def appoint(self, place: int) -> Reader:
        """Make a reader an editor."""
        chosen = await self.editor(place)
        person = Person(chosen.chat_id, Role.EDITOR, chosen.first_name, self.office.clock())
        await self.office.db.write(people.appoint, person)
        return chosen

    async def prepared(self, message: Message = SAID, place: int = 0, origin: int = 0) -> int:
        """The number of a draft."""
        editor = await self.editor(place)
        number = self.update()
        drafted = await self.broadcasts.draft_message(number, editor, origin or 1000 + number, message)
        return drafted.broadcast.id

    async def printed(self, language: str = "en") -> int:
        """The number of a story that everybody may see."""
        now = self.office.clock()

        def write(connection: sa.Connection) -> int:
            feeds.add(connection, [FeedEntry("https://x.example/rss", "Herald", "World", language)], now)
            (story,) = print_stories(connection, now, 1, language=language)
            return story

        return await self.office.db.write(write)

    async def story_prepared(self, story: int) -> int:
        """The number of a draft that brings a story."""
        number = self.update()
        drafted = await self.broadcasts.draft(number, await self.editor(), 1000 + number, story)
        return drafted.broadcast.id

    async def sent(self, broadcast_id: int | None = None) -> int:
        """The number of one that has begun: its ten seconds are over, and the tick has run."""
        number = broadcast_id or await self.prepared()
        board = await self.office.sender.send(self.office.chats[0], Message(Text("Soon.")))
        await self.broadcasts.send(self.update(), await self.editor(), number, board)
        self.boards.append(board)
        self.office.clock.advance(seconds=10)
        await self.campaigns.go_on()
        return number

    async def tick(self, seconds: float = 1) -> int:
        """Time passes, and the tick runs."""
        self.office.clock.advance(seconds=seconds)
        return await self.campaigns.go_on()

    async def sent_again(self, delivery: int) -> Settled:
        """An editor wants a delivery that is in doubt sent again."""
        update, editor = 900 + self.update(), await self.editor()
        received = Received(update, editor.chat_id, {}, self.office.clock())
        await self.office.db.write(inbox.receive, [received])
        desk = Unknowns(self.office.db, self.office.clock, self.people)
        return await desk.settle(update, editor, delivery, Verdict.AGAIN)

    async def finish(self, broadcast_id: int) -> Standing:
        """Everything is sent, however many rounds that takes."""
        for _ in range(20):
            await self.tick(3)
            await self.office.worker.drain()
            standing = await self.look(broadcast_id)
            if standing.broadcast.state in {State.DONE, State.STOPPED}:
                await self.tick(3)
                return standing
        raise AssertionError(await self.found(broadcast_id))

    async def look(self, broadcast_id: int) -> Standing:
        """How it goes."""
        return await self.campaigns.look(await self.editor(), broadcast_id)

    async def found(self, broadcast_id: int) -> Broadcast:
        """The broadcast as it is written down."""
        found = await self.office.db.read(broadcasts.get, broadcast_id)
        assert found is not None
        return found

    async def states(self, broadcast_id: int) -> dict[str, int]:
        """How many of its deliveries are in each state."""
        statement = (
            sa.select(deliveries.c.state, sa.func.count())
            .where(deliveries.c.broadcast_id == broadcast_id)
            .group_by(deliveries.c.state)
        )
        return {row[0]: row[1] for row in await self.office.db.read(lambda c: list(c.execute(statement)))}

    def board(self, place: int = 0) -> str:
        """What an editor's message shows."""
        chat = self.office.chats[0]
        shown = [
            one for one in self.office.telegram.messages(chat) if one["message_id"] == self.boards[place]
        ]
        return str(shown[0]["text"])

    def got(self, place: int) -> list[dict[str, Any]]:
        """What one reader has of the editors."""
        return [
            one
            for one in self.office.telegram.messages(self.office.chats[place])
            if one.get("text", "").startswith(("From the editors", "Corrected", "Withdrawn", "Correction"))
        ]


@asynccontextmanager
async def open_broadcasting(
    folder: Path, people_: int = 5, rules: Rules | None = None
) -> AsyncIterator[Broadcasting]:
    """Broadcasting among so many people, of whom the first is an owner."""
    async with open_office(folder, people=people_) as office:
        db, clock, chosen = office.db, office.clock, rules or Rules()
        crew = People(db, clock, {office.chats[0]})
        reading = Reading(db, clock, None)  # type: ignore[arg-type] # nothing is fetched for what is no story
        campaigns = Campaigns(db, clock, crew, Spreading(db, clock, chosen), chosen)

        async def board(chat_id: int, message_id: int, message: Message) -> bool:
            return await show(office.sender, chat_id, message_id, message)

        campaigns.show_on(board)
        yield Broadcasting(
            office,
            Broadcasts(db, clock, crew, reading, chosen),
            campaigns,
            Corrections(db, clock, crew),
            crew,
        )


@asynccontextmanager
async def interrupted(
    few: Broadcasting, meanwhile: Callable[[sa.Connection], object], after: int = 0
) -> AsyncIterator[Campaigns]:
    """Broadcasts that write so often, and before whose next write something else is written."""
    db, clock, rules = Interrupted(few.office.db.path, owner=False), few.office.clock, Rules()

    def write(connection: sa.Connection) -> None:
        nonlocal after
        if after:
            after, db.meanwhile = after - 1, write
        else:
            meanwhile(connection)

    try:
        campaigns = Campaigns(db, clock, few.people, Spreading(db, clock, rules), rules)
        db.meanwhile = write
        yield campaigns
        assert db.meanwhile is None, "it was never written"
    finally:
        await db.close()
