"""Comments and the editors' work on them, as use cases: what is refused, and what is done once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.domain.comments import Posted, Prompt, State
from bot.errors import UserError
from bot.services.answers import Answers
from bot.services.comments import Comments
from bot.services.moderation import Moderation
from bot.services.people import People
from bot.storage import inbox, readers
from bot.storage.comment_tables import comments as comments_table
from bot.storage.inbox import Received
from bot.storage.tables import readers as readers_table
from tests.storage.archive import Archive, entry, somebody

if TYPE_CHECKING:
    from bot.domain.news import Reader
    from bot.storage.database import Connection, Database

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
MAYA, IRINA, EDITH = 7, 8, 9


@dataclass
class Room:
    """The use cases over a database with one story, on a clock that stands until it is moved."""

    db: Database
    now: datetime = NOW
    updates: int = 0

    def __post_init__(self) -> None:
        people = People(self.db, self.clock, (EDITH,))
        self.comments = Comments(self.db, self.clock, people, "The Quiet Hour", ())
        self.moderation = Moderation(self.db, self.clock, people)
        self.answers = Answers(self.db, self.clock)

    def clock(self) -> datetime:
        return self.now

    async def update(self) -> int:
        """An update that has been received; its id."""
        self.updates += 1
        number = self.updates
        await self.db.write(inbox.receive, [Received(number, 1, {}, self.now)])
        return number

    async def reader(self, chat_id: int, **fields: Any) -> Reader:
        made = somebody(chat_id, NOW - timedelta(days=9), **fields)
        return await self.db.write(readers.add, made)

    async def say(self, reader: Reader, text: str, answered: int = 0) -> Posted:
        """Write under the first name; what was posted."""
        asked = await self.comments.begin(await self.update(), reader, 1, answered)
        if asked.kind == "choose":
            await self.comments.choose_name(await self.update(), reader, "first", 1, answered)
        posted = await self.comments.answer(await self.update(), reader, text)
        assert isinstance(posted, Posted)
        return posted

    async def state(self, comment_id: int) -> str:
        wanted = sa.select(comments_table.c.state).where(comments_table.c.id == comment_id)
        return str(await self.db.read(lambda connection: connection.execute(wanted).scalar_one()))


@pytest.fixture
async def room(db: Database) -> Room:
    def fill(connection: Connection) -> None:
        archive = Archive(connection)
        archive.look(archive.feed(), entry("trees"))

    await db.write(fill)
    return Room(db)


async def test_a_first_name_that_cannot_be_used_is_not_offered(room: Room) -> None:
    for number, (first_name, offered) in enumerate(
        [("Admin", ""), ("😀", ""), ("", ""), ("Maya", "Maya"), ("M\u0430ya", ""), ("Maya", "Maya 2")], 1
    ):
        reader = await room.reader(number, first_name=first_name)
        asked = await room.comments.begin(await room.update(), reader, 1)
        assert asked == Prompt("choose", 1, None, offered)
        if offered:
            await room.comments.choose_name(await room.update(), reader, "first", 1)
    admin = await room.reader(99, first_name="Admin")
    asked = await room.comments.choose_name(await room.update(), admin, "first", 1)
    assert asked.kind == "name", "so another is asked for"


async def test_a_name_is_chosen_once(room: Room) -> None:
    maya = await room.reader(MAYA)
    await room.comments.choose_name(await room.update(), maya, "first", 1)
    again = await room.comments.choose_name(await room.update(), maya, "other", 1)
    assert (again.kind, again.name) == ("comment", "Maya")


@pytest.mark.parametrize(("story_id", "answered", "key"), [(99, 0, "error.story_gone"), (1, 99, "talk.gone")])
async def test_nothing_is_written_about_what_is_gone(
    room: Room, story_id: int, answered: int, key: str
) -> None:
    maya = await room.reader(MAYA)
    with pytest.raises(UserError) as refused:
        await room.comments.begin(await room.update(), maya, story_id, answered)
    assert refused.value.key == key
    with pytest.raises(UserError):
        await room.comments.talk(maya, 99)
    with pytest.raises(UserError):
        await room.comments.comment(maya, 99)


async def test_a_comment_that_was_taken_away_is_not_answered(room: Room) -> None:
    maya, irina, edith = [await room.reader(one) for one in (MAYA, IRINA, EDITH)]
    posted = await room.say(maya, "So.")
    await room.moderation.decide(await room.update(), edith, posted.comment.id, "hide", "other")
    with pytest.raises(UserError, match=r"talk\.gone"):
        await room.comments.begin(await room.update(), irina, 1, posted.comment.id)


async def test_what_is_asked_for_twice_is_done_once(room: Room) -> None:
    maya, irina, edith = [await room.reader(one) for one in (MAYA, IRINA, EDITH)]
    comment_id = (await room.say(maya, "So.")).comment.id
    first = await room.update()
    await room.comments.vote(first, irina, comment_id, wanted=True)
    await room.comments.vote(first, irina, comment_id, wanted=False)
    assert (await room.comments.comment(irina, comment_id)).votes == 1
    first = await room.update()
    await room.comments.hear(first, maya, wanted=False)
    await room.comments.hear(first, maya, wanted=True)
    assert not (await room.say(maya, "And so.")).hears
    first = await room.update()
    await room.moderation.report(first, irina, comment_id, "advert")
    await room.moderation.report(first, irina, comment_id, "advert")
    assert await room.moderation.waiting() == 1
    first = await room.update()
    await room.moderation.decide(first, edith, comment_id, "hide", "advert")
    await room.moderation.decide(first, edith, comment_id, "approve")
    assert await room.state(comment_id) == State.HIDDEN
    first = await room.update()
    await room.moderation.object_to(first, maya, comment_id)
    await room.moderation.object_to(first, maya, comment_id)
    with pytest.raises(UserError):
        await room.moderation.object_to(await room.update(), irina, comment_id)
    first = await room.update()
    other = (await room.say(maya, "Third.")).comment.id
    await room.comments.remove(first, maya, other)
    await room.comments.remove(first, maya, comment_id)
    with pytest.raises(UserError):
        await room.comments.comment(maya, other)


async def test_half_a_letter_is_kept_as_a_sign(room: Room) -> None:
    posted = await room.say(await room.reader(MAYA), "half \ud83d of a pair")
    assert posted.comment.text == "half ? of a pair"


async def test_only_what_is_on_offer_is_decided(room: Room) -> None:
    maya, edith = await room.reader(MAYA), await room.reader(EDITH)
    comment_id = (await room.say(maya, "So.")).comment.id
    for what, why in (("hide", "whim"), ("mute", "9999"), ("praise", ""), ("hide", "")):
        with pytest.raises(UserError, match=r"error\.old_button"):
            await room.moderation.decide(await room.update(), edith, comment_id, what, why)
    with pytest.raises(UserError, match=r"talk\.gone"):
        await room.moderation.decide(await room.update(), edith, 99, "approve")
    with pytest.raises(UserError, match=r"talk\.gone"):
        await room.moderation.case(edith, 99)
    with pytest.raises(UserError, match=r"error\.old_button"):
        await room.moderation.report(await room.update(), edith, comment_id, "whim")
    with pytest.raises(UserError, match=r"talk\.gone"):
        await room.moderation.report(await room.update(), edith, 99, "advert")
    assert await room.state(comment_id) == State.SHOWN
    assert await room.moderation.queue(edith, 5) == (None, 0, 0)


async def test_an_author_who_is_not_there_is_told_nothing(room: Room) -> None:
    maya, irina, edith = [await room.reader(one) for one in (MAYA, IRINA, EDITH)]
    first, second = [(await room.say(maya, text)).comment.id for text in ("One.", "Two.")]
    await room.say(irina, "Why?", first)
    gone = sa.update(readers_table).where(readers_table.c.chat_id == MAYA).values(state="stopped")
    await room.db.write(lambda connection: connection.execute(gone))
    assert await room.answers.tell_due() == 0
    for comment_id in (first, second):
        await room.moderation.decide(await room.update(), edith, comment_id, "hide", "advert")
    owed = await room.db.read(lambda connection: Archive(connection).count("deliveries"))
    untold = await room.db.read(lambda connection: Archive(connection).count("answers"))
    assert (owed, untold) == (0, 0)


async def test_an_answer_that_was_taken_away_before_it_is_told_is_not_told(room: Room) -> None:
    maya, irina, edith = [await room.reader(one) for one in (MAYA, IRINA, EDITH)]
    first = (await room.say(maya, "One.")).comment.id
    answer = (await room.say(irina, "Why?", first)).comment.id
    await room.moderation.decide(await room.update(), edith, answer, "hide", "insult")
    assert await room.answers.tell_due() == 0


async def test_who_moderates_is_asked_anew_each_time(room: Room) -> None:
    maya = await room.reader(MAYA)
    assert not await room.moderation.is_moderator(MAYA)
    with pytest.raises(UserError):
        await room.moderation.queue(maya)
    with pytest.raises(UserError):
        await room.moderation.decide(await room.update(), maya, 1, "approve")
