"""The editors' desk: who may, what they see, what they do with feeds, and that all of it is written down."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.people import Person, Role
from bot.storage import people
from tests.town import READER, RUSSIAN, Papers, TownClock, labels, open_town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.storage.database import Connection
    from tests.town import Town

OWNER, OTHER = READER, RUSSIAN


@pytest.fixture
async def owned(tmp_path: Path) -> AsyncIterator[Town]:
    """A newsroom whose owner is the first reader, with one feed that works and one that does not."""
    clock, papers = TownClock(), Papers()
    papers.paper("herald").print("one", "A first story of ours", clock(), text="It is short.")
    papers.paper("lens").status = 500
    async with open_town(tmp_path, clock=clock, papers=papers, admin_ids=(OWNER,)) as town:
        await town.news()
        await town.join(OWNER)
        yield town
        assert town.refused() == []


async def test_the_desk_says_first_whether_anything_is_wrong(owned: Town) -> None:
    home = await owned.say("/desk")
    lines = home["text"].splitlines()
    assert lines[0].endswith("something is wrong")
    assert "2 feeds, 1 failing" in lines
    assert "1 reader · 1 new, 0 gone this week" in lines
    assert labels(home) == [
        ["Failing: 1", "Feeds"],
        ["Stories", "Broadcasts"],
        ["Numbers", "People"],
        ["Log"],
    ]
    owned.papers.paper("lens").status = 200
    await owned.press("Failing: 1")
    await owned.press("1")
    await owned.press("Try now")
    await owned.news()
    await owned.press("Desk")
    assert owned.telegram.last(OWNER)["text"].splitlines()[0].endswith("all well")


async def test_a_reader_has_no_desk_and_an_old_button_gives_none(owned: Town) -> None:
    await owned.join(OTHER)
    for command in ("/desk", "/admin", "/log"):
        assert "/desk" not in (await owned.say(command, OTHER))["text"], "it is the help page"
    message = owned.telegram.last(OTHER)["message_id"]
    for data in (
        "office:home:0",
        "office:people:0",
        "office:log:0",
        "office:feeds:0",
        "feed:1",
        "feedask:1:remove",
    ):
        owned.telegram.press_data(OTHER, message, data)
        await owned.settled()
        assert owned.telegram.last(OTHER)["text"].startswith("Это для редакции."), data


async def test_a_feed_is_paused_moved_removed_and_taken_back_and_the_log_knows(owned: Town) -> None:
    await owned.say("/desk")
    listed = await owned.press("Feeds")
    assert listed["text"].startswith("2 feeds\n\n1. Lens · Science\nThe site has trouble of its own")
    assert "2. Herald · World\nFine. Last story: " in listed["text"]
    feed = await owned.press("2")
    assert "1 story in 14 days, 0.1 a day" in feed["text"]
    assert feed["text"].endswith("█")
    paused = await owned.press("Pause")
    assert paused["text"].startswith("It rests from now on.")
    assert labels(paused)[0] == ["Try now", "Go on"]
    owned.clock.advance(hours=5)
    asked = len(owned.papers.paper("herald").asked)
    await owned.news()
    assert len(owned.papers.paper("herald").asked) == asked, "a paused feed rests"
    await owned.press("Go on")
    await owned.press("Other desk")
    assert "Desk: Science" in (await owned.press("Science"))["text"]
    await owned.press("Remove")
    gone = await owned.press("Remove")
    assert gone["text"].startswith("Removed. Its stories stay.")
    back = await owned.press("Take it back")
    assert back["text"].startswith("It is fetched again.")
    log = (await owned.say("/log"))["text"].splitlines()[1:]
    assert [line.partition(": ")[2] for line in log] == [
        "took up Herald again",
        "removed Herald",
        "put Herald on the desk Science",
        "took up Herald again",
        "paused Herald",
    ]


async def test_people_are_invited_once_and_let_go_at_once(owned: Town) -> None:
    await owned.say("/desk")
    await owned.press("People")
    invitation = await owned.press("Invite an editor")
    payload = invitation["text"].partition("start=")[2]
    await owned.join(OTHER)
    welcome = await owned.say(f"/start {payload}", OTHER)
    assert welcome["text"].startswith("Добро пожаловать в редакцию")
    home = await owned.say("/desk", OTHER)
    assert labels(home)[-2:] == [["Новости", "Рассылки"], ["Цифры", "Журнал"]], "an editor sees no people"
    people = await owned.press("People", message=invitation)
    assert "1. " in people["text"]
    await owned.press("1")
    assert (await owned.press("Let go"))["text"].startswith("Done.")
    refused = await owned.press("Журнал", OTHER, message=home)
    assert refused["text"].startswith("Это для редакции.")
    assert "/desk" not in (await owned.say("/desk", OTHER))["text"]
    again = await owned.say(f"/start {payload}", OTHER)
    assert again["text"].startswith("Это приглашение использовано")


async def test_the_first_who_brings_the_claim_becomes_the_owner_and_stays(town: Town) -> None:
    await town.join()
    first = await town.app.newsroom.people.claim()
    code = await town.app.newsroom.people.claim()
    assert first
    assert code
    assert first != code
    assert (await town.say(f"/start claim_{first}"))["text"].startswith("This invitation was used")
    assert (await town.say(f"/start claim_{code}"))["text"].startswith("Welcome to the desk of")
    assert await town.app.newsroom.people.claim() is None, "there is an owner now"
    await town.say("/desk")
    people = await town.press("People")
    assert labels(people)[0] == ["1"]
    await town.press("1")
    assert (await town.press("Let go"))["text"].startswith("The last owner cannot be let go.")


async def test_an_invitation_ends_after_two_days(owned: Town) -> None:
    await owned.say("/desk")
    await owned.press("People")
    invitation = await owned.press("Invite a moderator")
    payload = invitation["text"].partition("start=")[2]
    await owned.join(OTHER)
    owned.clock.advance(hours=49)
    assert (await owned.say(f"/start {payload}", OTHER))["text"].startswith("Это приглашение использовано")


async def test_what_waits_for_too_long_is_said_with_the_time_since_when(owned: Town) -> None:
    owned.clock.advance(hours=30)
    lines = (await owned.say("/desk"))["text"].splitlines()
    assert any(line.startswith("Overdue since ") and line.endswith(": feeds") for line in lines), lines
    assert "overdue for" not in "\n".join(lines)


async def test_of_many_people_each_can_be_let_go(owned: Town) -> None:
    def fill(connection: Connection) -> None:
        for place in range(20):
            at = owned.clock() + timedelta(seconds=place)
            people.appoint(connection, Person(10**9 + place, Role.EDITOR, f"Editor {place}", at))

    await owned.app.db.write(fill)
    await owned.say("/desk")
    first = await owned.press("People")
    assert labels(first)[:3] == [["1", "2", "3", "4"], ["5", "6", "7", "8"], ["Next page"]]
    await owned.press("Next page")
    await owned.press("Next page")
    assert "Let Editor 19 (editor) go?" in (await owned.press("20"))["text"]
    assert "20. Editor 19" in (await owned.press("Back"))["text"], "back to the same page"
    await owned.press("20")
    done = await owned.press("Let go")
    assert done["text"].startswith("Done.")
    assert "Editor 18" in done["text"]
    assert "Editor 19" not in done["text"]
