"""Stories at the desk: taken down and put back, named anew, made one and made two, and what readers doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.town import READER, RUSSIAN, Papers, TownClock, labels, open_town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from typing import Any

    from tests.town import Town

OWNER, OTHER = READER, RUSSIAN
BRIDGE, FERRY = "Bridge over the Orrin closed after flood", "Orrin crossing shut as the water rises"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """Two papers that tell of one flood in other words, and a third article; the first reader is the owner."""
    clock, papers = TownClock(), Papers()
    papers.paper("herald").print("one", BRIDGE, clock(), text="The bridge is closed.")
    papers.paper("lens").print("two", FERRY, clock(), text="The crossing is shut.")
    async with open_town(tmp_path, clock=clock, papers=papers, admin_ids=(OWNER,)) as opened:
        await opened.news()
        await opened.join(OWNER)
        await opened.join(OTHER)
        yield opened
        assert opened.refused() == []


async def number(town: Town, title: str) -> str:
    """The story with a headline, as `s1`."""
    latest = await town.say("/latest")
    place = next(line.split(".")[0] for line in latest["text"].splitlines() if title in line)
    keyboard = latest["reply_markup"]["inline_keyboard"]
    button = next(one for row in keyboard for one in row if one["text"].removeprefix("✓ ") == place)
    return f"s{button['callback_data'].partition(':')[2]}"


def lens(message: dict[str, Any]) -> str:
    """The button of one paper, whatever its number."""
    return next(label for row in labels(message) for label in row if label.endswith(". Lens"))


async def at_desk(town: Town, story: str) -> dict[str, Any]:
    await town.say(f"/read {story}")
    return await town.press("At the desk")


async def test_what_is_taken_down_is_seen_by_nobody_until_it_is_put_back(town: Town) -> None:
    story = await number(town, BRIDGE)
    await town.say(f"/save {story}", OTHER)
    opened = await town.say(f"/read {story}", OTHER)
    assert "At the desk" not in str(labels(opened)), "that is for editors"
    await at_desk(town, story)
    asked = await town.press("Take down")
    assert "Take down “Bridge over the Orrin" in asked["text"]
    down = await town.press("Take down")
    assert down["text"].startswith("Taken down.")
    for words in (
        f"/read {story}",
        f"/related {story}",
        f"/comments {story}",
        f"/follow {story}",
        f"/brief {story}",
    ):
        said = (await town.say(words, OTHER))["text"]
        assert said.startswith("Эта новость снята редакцией."), words
    for words in ("/latest", "/saved", "Orrin bridge", "/digest"):
        assert BRIDGE not in (await town.say(words, OTHER))["text"], words
    town.papers.paper("lens").print("three", BRIDGE, town.clock(), text="Told by another paper.")
    town.clock.advance(hours=3)
    await town.news()
    assert BRIDGE not in (await town.say("/latest", OTHER))["text"], "nor does another paper bring it back"
    await town.say("/desk")
    await town.press("Stories")
    await town.press("1")
    assert (await town.press("Put back"))["text"].startswith("It is there again.")
    assert BRIDGE in (await town.say(f"/read {story}", OTHER))["text"]
    assert BRIDGE in (await town.say("/saved", OTHER))["text"]
    log = (await town.say("/log"))["text"].splitlines()[1:]
    deeds = [line.partition(": ")[2] for line in log]
    assert deeds == ["put “Bridge over the Orrin closed…” back", "took down “Bridge over the Orrin closed…”"]


async def test_a_headline_of_the_editors_stands_everywhere_and_gives_way_to_the_papers(town: Town) -> None:
    story = await number(town, BRIDGE)
    await at_desk(town, story)
    await town.press("Headline")
    named = await town.say("Flood closes the bridge for weeks")
    assert named["text"].startswith("Readers see this headline now.")
    for words in ("/latest", f"/read {story}", f"/brief {story}"):
        said = (await town.say(words, OTHER))["text"]
        assert "Flood closes the bridge for weeks" in said, words
        assert BRIDGE not in said, words
    town.papers.paper("herald").items[0]["title"] = BRIDGE + " and storm"
    town.clock.advance(hours=3)
    await town.news()
    assert "Flood closes the bridge for weeks" in (await town.say("/latest", OTHER))["text"]
    await at_desk(town, story)
    await town.press("Paper’s own")
    assert f"{BRIDGE} and storm" in (await town.say("/latest", OTHER))["text"]


async def test_words_after_a_command_are_no_headline_any_more(town: Town) -> None:
    story = await number(town, BRIDGE)
    await at_desk(town, story)
    await town.press("Headline")
    await town.say("/help")
    await town.say("bridge")
    assert BRIDGE in (await town.say("/latest", OTHER))["text"]


async def test_two_stories_become_one_with_all_that_readers_did(town: Town) -> None:
    first, second = await number(town, BRIDGE), await number(town, FERRY)
    older, younger = sorted((first, second), key=lambda one: int(one[1:]))
    await town.say(f"/read {younger}", OTHER)
    await town.say(f"/save {younger}", OTHER)
    await town.say(f"/save {older}", OTHER)
    await at_desk(town, younger)
    await town.press("Merge")
    same = await town.say(younger)
    assert same["text"].startswith("These are one story already.\n\nWhich story tells the same as")
    assert labels(same) == [["Cancel"]]
    await at_desk(town, younger)
    await town.press("Merge")
    asked = await town.say(older)
    assert BRIDGE in asked["text"]
    assert FERRY in asked["text"]
    one = await town.press("Merge")
    assert one["text"].startswith("They are one story now.")
    assert f"{older} · desk" in one["text"]
    page = await town.say(f"/read {younger}", OTHER)
    assert "2 источника" in str(labels(page)), "its old number leads on"
    saved = (await town.say("/saved", OTHER))["text"]
    assert (BRIDGE in saved) + (FERRY in saved) == 1


async def test_readers_doubt_and_editors_part(town: Town) -> None:
    first, second = await number(town, BRIDGE), await number(town, FERRY)
    older, younger = sorted((first, second), key=lambda one: int(one[1:]))
    await at_desk(town, younger)
    await town.press("Merge")
    await town.say(older)
    await town.press("Merge")
    await town.say(f"/read {older}", OTHER)
    await town.press("2 источника", OTHER)
    await town.press("Это разные новости", OTHER)
    thanks = await town.press(lens(town.telegram.last(OTHER)), OTHER)
    assert thanks["text"].startswith("Спасибо.")
    assert "разные" in str(labels(await town.press("Назад", OTHER)))
    await town.say("/desk")
    concerns = await town.press("Stories")
    assert "1 reader doubts it" in concerns["text"]
    sheet = await town.press("1")
    assert "It is one" in str(labels(sheet))
    parted = await town.press(lens(await town.press("Split")))
    assert parted["text"].startswith("That report is a story of its own now.")
    latest = (await town.say("/latest", OTHER))["text"]
    assert BRIDGE in latest
    assert FERRY in latest
    await town.say("/desk")
    assert (await town.press("Stories"))["text"].partition("\n\n")[2].startswith("None: ")


async def test_a_reader_changes_nothing(town: Town) -> None:
    story = await number(town, BRIDGE)
    opened = await town.say(f"/read {story}", OTHER)
    for data in ("edit:1", "sheet:1", "editask:1:down", "editask:1:headline", "editset:1:down"):
        town.telegram.press_data(OTHER, opened["message_id"], data)
        await town.settled()
        said = town.telegram.last(OTHER)["text"]
        assert said.startswith(("Это для редакции.", "Эта кнопка")), (data, said)
    assert BRIDGE in (await town.say("/latest", OTHER))["text"]


async def test_words_that_mean_no_story_are_asked_for_again(town: Town) -> None:
    first, second = await number(town, BRIDGE), await number(town, FERRY)
    await at_desk(town, first)
    await town.press("Merge")
    for words in ("no story at all", "99"):
        refused = await town.say(words)
        assert "Which story tells the same as" in refused["text"]
        assert labels(refused) == [["Cancel"]]
    assert FERRY in (await town.say(second))["text"], "the next message is still taken for the answer"
    await at_desk(town, first)
    await town.press("Headline")
    assert labels(await town.say("\u3164")) == [["Cancel"]]
    assert (await town.say("The flood"))["text"].startswith("Readers see this headline now.")
