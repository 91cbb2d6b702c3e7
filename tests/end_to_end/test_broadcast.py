"""A story sent to many readers: the look before, one delivery each, the stop, and who is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.playground import people
from tests.town import READER, RUSSIAN, Papers, TownClock, labels, open_town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from typing import Any

    from tests.town import Town

OWNER, OTHER = READER, RUSSIAN
TITLE = "Bridge over the Orrin closed after flood"
CROWD = [person for person in people.crowd(60) if person.language_code == "en"][:5]
"""Readers of English besides the owner."""
FEEDS = {"herald": ("World", "en"), "lens": ("Science", "en"), "vestnik": ("World", "ru")}


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """An owner, a reader of Russian, and five readers of English."""
    clock, papers = TownClock(), print_one()
    async with open_town(tmp_path, FEEDS, clock=clock, papers=papers, admin_ids=(OWNER,)) as opened:
        await opened.news()
        await opened.join(OWNER)
        await opened.join(OTHER)
        await opened.say("/settings", OTHER)
        await opened.press("Языки: Русский, English", OTHER)
        await opened.press("✓ English", OTHER)
        await let_in(opened)
        yield opened
        assert opened.refused() == []


def print_one() -> Papers:
    """Three papers, of which one has a story."""
    papers = Papers()
    for name in FEEDS:
        papers.paper(name)
    papers.paper("herald").print("one", TITLE, TownClock()(), text="The bridge is closed.")
    return papers


async def let_in(town: Town) -> None:
    """The readers of English come."""
    for person in CROWD:
        town.telegram.add_person(person)
        await town.join(person.id)


async def ticked(town: Town) -> None:
    """What is owed is spread and sent, and the editor sees it."""
    for _ in range(2):
        await town.app.runner.run("broadcast")
        await town.app.runner.run("deliver")
    await town.app.runner.run("broadcast")


def got(town: Town, person: int) -> list[dict[str, Any]]:
    """What came from the editors."""
    mine = ("From the editors", "От редакции")
    return [one for one in town.telegram.messages(person) if one.get("text", "").startswith(mine)]


async def test_it_is_looked_at_sent_once_and_its_progress_is_told(town: Town) -> None:
    await town.say("/latest")
    asked = await town.say("/broadcast 1 Please read this: it concerns us all.")
    preview = town.telegram.messages(OWNER)[-2]
    assert preview["text"].startswith("From the editors\n\nPlease read this: it concerns us all.\n\n" + TITLE)
    assert "Readers who get it: 6" in asked["text"], "the Russian reader reads no English"
    assert labels(asked)[-1] == ["Cancel", "Send now"]
    wider = await town.press("Русский")
    assert "Readers who get it: 7" in wider["text"]
    sending = await town.press("Send now")
    assert sending["text"].startswith("It is being sent.")
    await ticked(town)
    done = town.message(sending["message_id"], OWNER)
    assert done["text"].splitlines() == ["It was sent.", "Arrived: 7"]
    for person in (*(one.id for one in CROWD), OTHER):
        assert len(got(town, person)) == 1
        assert "concerns us all" in got(town, person)[0]["text"]
    town.telegram.press_data(OWNER, sending["message_id"], "sendout:1")
    await ticked(town)
    assert len(got(town, CROWD[0].id)) == 1, "nothing begins anew"
    assert f"sent “{TITLE[:25]}" in (await town.say("/log"))["text"]
    again = await town.say("/broadcast s1")
    assert "Readers who get it: 0" in again["text"]
    assert "Left out, since they had it already: 6" in again["text"]
    assert labels(again)[-1] == ["Cancel"]


async def test_what_readers_wish_counts(town: Town) -> None:
    first, second, third = (person.id for person in CROWD[:3])
    await town.say("/settings", first)
    await town.press("From the editors: on", first)
    await town.say("/read s1", second)
    await town.say("/settings", third)
    await town.press("Quiet: off", third)
    await town.press("22–07", third)
    asked = await town.say("/broadcast s1")
    assert "Left out, since they want nothing from the editors: 1" in asked["text"]
    assert "Left out, since they had it already: 1" in asked["text"]
    assert "With quiet hours, in which it waits: 1" in asked["text"]
    await town.press("Send now")
    await ticked(town)
    assert [len(got(town, one)) for one in (first, second, third)] == [0, 0, 0]
    town.clock.advance(hours=4)
    await ticked(town)
    assert [len(got(town, one)) for one in (first, second, third)] == [0, 0, 1], "it waited for the morning"


async def test_what_is_stopped_was_not_told(town: Town) -> None:
    await town.say("/broadcast s1")
    sending = await town.press("Send now")
    await town.app.runner.run("broadcast")
    waiting = town.message(sending["message_id"], OWNER)
    assert "Still to go: 6" in waiting["text"]
    stopped = await town.press("Stop it")
    assert stopped["text"].startswith("Stopped.")
    assert "Not sent any more: 6" in stopped["text"]
    await ticked(town)
    assert all(not got(town, person.id) for person in CROWD)
    assert "Readers who get it: 6" in (await town.say("/broadcast s1"))["text"]


async def test_a_draft_that_is_given_up_is_sent_by_nobody(town: Town) -> None:
    asked = await town.say("/broadcast s1")
    assert (await town.press("Cancel"))["text"] == "Nothing was sent."
    town.telegram.press_data(
        OWNER, asked["message_id"], asked["reply_markup"]["inline_keyboard"][-1][1]["callback_data"]
    )
    await town.settled()
    assert town.telegram.last(OWNER)["text"].startswith("It is being sent or was given up.")
    await ticked(town)
    assert not got(town, CROWD[0].id)


async def test_a_story_taken_down_is_sent_no_further(town: Town) -> None:
    await town.say("/broadcast s1")
    await town.press("Send now")
    await town.say("/read s1")
    await town.press("At the desk")
    await town.press("Take down")
    await town.press("Take down")
    await ticked(town)
    assert not got(town, CROWD[0].id)
    assert (await town.say("/broadcast s1"))["text"].startswith("This story was withdrawn by the editors.")


async def test_it_is_no_command_for_readers_and_asks_which_story(town: Town) -> None:
    assert (await town.say("/broadcast s1", OTHER))["text"].startswith("Такой команды я не знаю.")
    assert not got(town, OTHER)
    assert (await town.say("/broadcast"))["text"].startswith("Which story?")
    assert (await town.say("/broadcast hello"))["text"].startswith("Which story?")
    assert (await town.say("/broadcast s99"))["text"].startswith("This story is not in our archive")


async def test_after_a_restart_it_goes_on_where_it_was(tmp_path: Path) -> None:
    clock, papers = TownClock(), print_one()
    async with open_town(tmp_path, FEEDS, clock=clock, papers=papers, admin_ids=(OWNER,)) as town:
        await town.news()
        await town.join(OWNER)
        await let_in(town)
        await town.say("/broadcast s1")
        await town.press("Send now")
        telegram = town.telegram
    async with open_town(
        tmp_path, FEEDS, clock=clock, papers=papers, telegram=telegram, admin_ids=(OWNER,)
    ) as town:
        await ticked(town)
        assert [len(got(town, person.id)) for person in CROWD] == [1] * len(CROWD)
