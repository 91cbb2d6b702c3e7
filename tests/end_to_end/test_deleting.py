"""Deleting everything: a reader who has done all that can be done leaves nothing, in no column of any table.

What may stay is what she did for the newsroom, without her name: the deeds in the log, and what was sent to readers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.domain.people import Person as Colleague
from bot.domain.people import Role
from bot.playground import people
from bot.playground.people import EDITH
from bot.storage import people as people_storage
from bot.storage.people_tables import desk_log, invitations
from bot.storage.people_tables import people as people_table
from bot.storage.tables import metadata
from tests.end_to_end.conftest import print_morning
from tests.end_to_end.talk import begin, open_comments, post
from tests.end_to_end.test_digest import deliver
from tests.end_to_end.test_following import follow_blog
from tests.end_to_end.test_following import post as blog_post
from tests.town import Papers, Town, TownClock, labels, open_town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.storage.database import Connection

ZOE = 7_300_000_001
"""Behind all other chats, so that a broadcast ends with her."""
ANNA, BEN = (one.id for one in [one for one in people.crowd(9) if one.language_code == "en"][:2])
TRACES = (str(ZOE), "zephyrine", "night heron", "quixotic")
"""Her number, her name and user name, the name above her comments, and a word in all that she writes."""

NAMED = frozenset(
    {"chat_id", "user_id", "lane", "author_id", "moderator_id", "editor_id", "made_by", "used_by", "up_to"}
)
"""What a column with somebody's number is called."""
NUMBERS = frozenset(
    {
        *("id", "position", "minute", "epoch", "attempts", "failures", "changes", "sources", "missed"),
        *(
            "update_id",
            "message_id",
            "sent_id",
            "thread_id",
            "old_id",
            "private_feed_id",
            "broadcast_id",
            "origin_message",
            "after_id",
            "stage",
            "total",
            "owed",
            "at_once",
            "story_id",
            "target",
            "refused",
            "readers",
            "erased",
        ),
    }
)
"""What a column with a number that is nobody's is called."""


def holders() -> set[str]:
    """All columns that may hold somebody's number, as `table.column`."""
    key = metadata.tables["readers"].c.chat_id
    return {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if column.references(key) or column.name in NAMED
    } - {"deliveries.lane"}


def test_every_number_is_known_to_be_somebodys_or_nobodys() -> None:
    whole = {
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.columns
        if type(column.type) in {sa.BigInteger, sa.Integer} and not column.foreign_keys
    }
    unknown = [f"{table}.{name}" for table, name in sorted(whole) if name not in NAMED | NUMBERS]
    assert not unknown, "name it in NAMED, and let the reader of these tests fill it, or in NUMBERS"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """Zoe, who owns the newsroom for a while, Edith, who does so too, and two more readers."""
    clock, papers = TownClock(), Papers()
    print_morning(papers, clock)
    papers.paper("lens").print("too", "Bridge over the Orrin closed after flood", clock(), text="It is shut.")
    async with open_town(tmp_path, clock=clock, papers=papers) as opened:
        opened.telegram.add_person(people.Person(ZOE, "Zephyrine", "zephyrine_reads"))
        opened.telegram.add_people(9)
        await opened.news()
        for person in (ZOE, ANNA, BEN, EDITH):
            await opened.join(person)
        claim = await opened.app.newsroom.people.claim()
        await opened.say(f"/start claim_{claim}", ZOE)
        edith = Colleague(EDITH, Role.OWNER, "Edith", clock())
        await opened.app.db.write(people_storage.appoint, edith)
        clock.advance(days=2)
        yield opened
        assert opened.refused() == [], "Telegram refused a call"


async def read_and_follow(town: Town) -> None:
    """She searches, reads, saves, doubts, follows, filters, and is told of what comes."""
    await town.say("/search bridge", ZOE)
    await town.press("2 sources", ZOE)
    asked = await town.press("Not the same story", ZOE)
    herald = next(label for row in labels(asked) for label in row if label.endswith(". Herald"))
    await town.press(herald, ZOE)
    await town.say("/latest", ZOE)
    await town.press("1", ZOE)
    await town.say("/save 2", ZOE)
    await town.say("/search quixotic lighthouses", ZOE)
    await town.press("Follow it", ZOE)
    await follow_blog(town, ZOE)
    await town.press("Send at once", ZOE)
    await town.say("/following", ZOE)
    await town.press("2", ZOE)
    await town.press("Filters", ZOE)
    await town.press("Hide words …", ZOE)
    await town.press("Headline", ZOE)
    await town.say("quixotic", ZOE)
    await town.press("Keep", ZOE)
    await town.say("/following", ZOE)
    await town.press("2", ZOE)
    await town.press("Rename", ZOE)
    await town.say("My quixotic blog", ZOE)
    await town.news()
    await blog_post(town, "first", "A first post after that")
    await town.app.runner.run("deliver")


async def move(town: Town) -> None:
    """Ben's account becomes hers, after a code that was wrong; then she asks for one herself."""
    await town.say("/settings", BEN)
    await town.press("My data", BEN)
    code = await town.press("Move to new account", BEN)
    assert (await town.say("/move quix-otic", ZOE))["text"].startswith("This code is wrong")
    assert (await town.say(code["text"].splitlines()[0], ZOE))["text"].startswith("Moved.")
    await town.app.runner.run("deliver")
    await town.say("/settings", ZOE)
    await town.press("My data", ZOE)
    await town.press("Move to new account", ZOE)


async def talk(town: Town) -> None:
    """She answers Anna, who hears of it and presses what is below; she votes, reports, judges, and is muted."""
    await post(town, "Who asked the ferry?", ANNA)
    asked = await town.press("Reply", ZOE, await open_comments(town, ZOE))
    prompt = await town.press("1", ZOE, asked)
    await town.press("A pen name", ZOE, prompt)
    await town.say("Night Heron", ZOE)
    assert (await town.say("Quixotic, I did.", ZOE))["text"].endswith("Posted.")
    await town.app.runner.run("answers")
    await town.app.runner.run("deliver")
    heard = town.telegram.last(ANNA)
    assert "Night Heron" in heard["text"]
    await town.press("Answer", ANNA, heard)
    await town.say("Did you?", ANNA)
    await town.say("1", ANNA, reply_to=(await open_comments(town, ANNA))["message_id"])
    for label in ("Well said", "Report"):
        shown = await open_comments(town, ZOE)
        await town.press("1", ZOE, await town.press(label, ZOE, shown))
    await town.press("Advert", ZOE)
    await town.say("/reports", ZOE)
    await town.press("Approve", ZOE)
    await town.press("Report", ANNA, await open_comments(town, ANNA))
    await town.press("2", ANNA)
    await town.press("Insult", ANNA)
    await town.say("/reports", EDITH)
    await town.press("Take away", EDITH)
    await town.press("Insult", EDITH)


async def work(town: Town) -> None:
    """She sends a story to everybody, as far as to herself, and invites an editor."""
    await town.say("/broadcast s2", ZOE)
    await town.press("Send now", ZOE)
    await town.app.runner.run("broadcast")
    await town.app.runner.run("deliver")
    await town.app.db.write(lambda c: c.exec_driver_sql(f"UPDATE broadcasts SET up_to = {ZOE}"))
    await town.say("/desk", ZOE)
    await town.press("People", ZOE)
    await town.press("Invite an editor", ZOE)


async def live(town: Town) -> None:
    """Leave a trace in every table that can hold one; the last is what she is about to write."""
    await move(town)
    await read_and_follow(town)
    await talk(town)
    await work(town)
    town.clock.advance(days=1)
    assert await deliver(town) >= 1
    # As after a message that was stopped on its way to her.
    owed = f"INSERT INTO owed_again (chat_id, story_id, at) SELECT {ZOE}, MIN(id), 0 FROM stories"
    await town.app.db.write(lambda c: c.exec_driver_sql(owed))
    await begin(town, ZOE)


def found(connection: Connection) -> dict[str, set[str]]:
    """The columns of all tables, also those of the index, in which there is a trace of her, and which traces."""
    names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars()
    traces: dict[str, set[str]] = {}
    for name in list(names):
        result = connection.exec_driver_sql(f'SELECT * FROM "{name}"')
        columns = list(result.keys())
        for row in result:
            for column, value in zip(columns, row, strict=True):
                seen = {trace for trace in TRACES if trace in _words(value)}
                if seen:
                    traces.setdefault(f"{name}.{column}", set()).update(seen)
    return traces


def _words(value: Any) -> str:
    return (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)).casefold()


def filled(traces: dict[str, set[str]]) -> set[str]:
    """The columns that hold her number, and nothing else."""
    return {column for column, seen in traces.items() if str(ZOE) in seen}


async def delete_all(town: Town) -> dict[str, Any]:
    """She deletes everything, and is asked twice."""
    await town.say("/privacy", ZOE)
    await town.press("Delete all", ZOE)
    await town.press("Delete all", ZOE)
    return await town.press("Yes, delete all", ZOE)


@pytest.mark.slow
async def test_nothing_is_left_of_a_reader_who_has_done_everything(town: Town) -> None:
    await live(town)
    before = await town.app.db.read(found)
    assert holders() - filled(before) == set(), "her life in these tests does not reach all columns"
    numbers = {f"{table.name}.{column.name}" for table in metadata.sorted_tables for column in table.columns}
    assert filled(before) & numbers - holders() == {
        "inbox.payload",
        "deliveries.dedupe",
    }, "her number is where nothing says so"
    words = {column for column, seen in before.items() if "quixotic" in seen}
    said = {"comments.text", "follows.name", "follows.words", "filters.words", "lists.about", "inbox.payload"}
    assert words >= said | {"messages.document", "questions.about"}
    await town.say("/desk", EDITH)
    people = await town.press("People", EDITH)
    place = next(line.partition(".")[0] for line in people["text"].splitlines() if "Zephyrine" in line)
    await town.press(place, EDITH)
    await town.press("Let go", EDITH)
    gone = await delete_all(town)
    assert gone["text"].startswith("Everything about you is deleted.")
    assert "You work for this newsroom" not in gone["text"]
    assert await town.app.db.read(found) == {}
    log = (await town.say("/log", EDITH))["text"]
    assert "let — (owner) go" in log
    assert "—: sent “" in log, "what was done stays"
    assert labels(town.telegram.last(ZOE)) == [["Set up"]]


async def test_who_runs_the_newsroom_keeps_the_role_and_the_log_and_nothing_else(town: Town) -> None:
    await work(town)
    await delete_all(town)
    gone = town.telegram.last(ZOE)
    assert gone["text"].endswith("your role, and its log of what you did, stay with your name.")
    kept = {people_table.c.user_id, people_table.c.name, desk_log.c.user_id, desk_log.c.name}
    own = {f"{column.table.name}.{column.name}" for column in kept | {invitations.c.made_by}}
    assert set(await town.app.db.read(found)) == own
    await town.join(ZOE)
    assert "Desk of" in (await town.say("/desk", ZOE))["text"]
