"""The desk's numbers: figures, pictures that arrive as photos, a warning of a crowded hour, and who may see it."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from bot.domain.numbers import CAPACITY, KINDS
from bot.playground.rules.images import image_size
from bot.storage.tables import readers
from tests.storage.archive import Archive
from tests.town import READER, RUSSIAN, Papers, TownClock, labels, open_town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from typing import Any

    from bot.storage.database import Connection
    from tests.town import Town

OWNER, OTHER = READER, RUSSIAN
SIX_IN_LONDON = 360


@pytest.fixture
async def owned(tmp_path: Path) -> AsyncIterator[Town]:
    """A newsroom whose owner has opened one of its two stories, with one feed that works and one that does not."""
    clock, papers = TownClock(), Papers()
    for slug, title in (("one", "A first story of ours"), ("two", "A second story of ours")):
        papers.paper("herald").print(slug, title, clock(), text="It is short.")
    papers.paper("lens").status = 500
    async with open_town(tmp_path, clock=clock, papers=papers, admin_ids=(OWNER,)) as town:
        await town.news()
        await town.join(OWNER)
        yield town
        assert town.refused() == []


def picture(town: Town, message: dict[str, Any]) -> bytes:
    """The bytes of the photo that a message shows."""
    return town.telegram._exchange.state.files[message["photo"][-1]["file_id"]].data


async def many(town: Town, number: int) -> None:
    """Readers in London with a digest at six, as many as it takes."""

    def write(connection: Connection) -> None:
        Archive(connection).reader(1, zone="Europe/London", digest_minutes=(SIX_IN_LONDON,))
        names = ", ".join(column.name for column in readers.columns if column.name != "chat_id")
        connection.exec_driver_sql(
            f"WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {number}) "
            f"INSERT INTO readers (chat_id, {names}) SELECT i, {names} FROM n, readers WHERE chat_id = 1"
        )

    await town.app.db.write(write)
    # Until then it counts how full the hours were when the owner joined.
    town.clock.advance(minutes=6)


async def test_the_numbers_are_told_in_words_and_shown_as_pictures(owned: Town) -> None:
    await owned.say("/latest")
    await owned.press("1")
    await owned.app.runner.run("tidy")
    owned.clock.advance(days=1)
    for tick in ("poll", "compose"):
        await owned.app.runner.run(tick)
    home = await owned.say("/desk")
    assert home["text"].splitlines()[1] == "1 reader · 1 new, 0 gone this week"
    page = await owned.press("Numbers")
    assert page["text"].startswith(
        "Numbers\n1 reader · 1 new, 0 gone this week\nOf them active in the last 7 days: 1"
    )
    assert "story of ours\nOpened by readers: 1\n\n" in page["text"]
    assert "08:00 · digests: 1, 1\u00a0% full" in page["text"]
    assert labels(page) == [["1"], ["Over time", "By hour"], ["Feed health", "Desk"]]
    captions = {}
    for label in ("Over time", "By hour", "Feed health"):
        shown = await owned.press(label, message=page)
        assert image_size(picture(owned, shown)) == (1080, 720)
        captions[label] = shown["caption"]
    assert captions == {
        "Over time": "Readers from 24 November 2026 to 25 November 2026: 1 at first, 1 now, 1 at most.",
        "By hour": "What readers opened in the last 7 days, by hour of the day (London): 1 in all, most at 04:00 (1).",
        "Feed health": "Feeds by health. ✓ fine: 1 · ● not looked at yet: 0 · ▲ failing: 1 · ‖ paused: 0 · ✗ gone: 0",
    }


async def test_what_cannot_be_drawn_yet_is_said_in_words(owned: Town) -> None:
    await owned.say("/desk")
    page = await owned.press("Numbers")
    assert "Nothing was opened in the last 7 days." in page["text"]
    said = await owned.press("Over time", message=page)
    assert said["text"] == "Only today is known so far. From tomorrow on there is a picture."
    said = await owned.press("By hour", message=page)
    assert said["text"] == "Nothing was opened in the last 7 days, so there is nothing to draw yet."


async def test_while_a_picture_takes_long_the_chat_says_so(owned: Town) -> None:
    await owned.say("/desk")
    page = await owned.press("Numbers")
    release = threading.Event()
    with ThreadPoolExecutor(1) as busy:
        busy.submit(release.wait, 10)
        asyncio.get_running_loop().set_default_executor(busy)
        owned.telegram.press(OWNER, *owned.button("Feed health", message=page))
        await owned.telegram.wait_for(lambda: owned.telegram.calls.of("sendChatAction"))
        assert not owned.telegram.calls.of("sendPhoto")
        release.set()
        await owned.settled()
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
    signs = owned.telegram.calls.of("sendChatAction")
    assert [call.params["action"] for call in signs] == ["upload_photo"]
    assert len(owned.telegram.calls.of("sendPhoto")) == 1


async def test_numbers_are_for_owners_and_editors_at_every_press(owned: Town) -> None:
    await owned.join(OTHER)
    message = owned.telegram.last(OTHER)["message_id"]
    for data in ("office:numbers:0", *(f"chart:{kind}" for kind in KINDS)):
        owned.telegram.press_data(OTHER, message, data)
        await owned.settled()
        assert owned.telegram.last(OTHER)["text"].startswith("Это для редакции."), data
    assert not [one for one in owned.telegram.messages(OTHER) if "photo" in one]
    await owned.say("/desk")
    await owned.press("People")
    invitation = await owned.press("Invite a moderator")
    await owned.say(f"/start {invitation['text'].partition('start=')[2]}", OTHER)
    assert ["Цифры"] not in [row[:1] for row in labels(await owned.say("/desk", OTHER))]
    owned.clock.advance(seconds=10)
    owned.telegram.press_data(OTHER, message, "chart:feeds")
    await owned.settled()
    assert owned.telegram.last(OTHER)["text"].startswith("Это для редакции.")


async def test_a_picture_that_is_none_is_an_old_button(owned: Town) -> None:
    message = (await owned.say("/desk"))["message_id"]
    owned.telegram.press_data(OWNER, message, "chart:weather")
    await owned.settled()
    assert owned.telegram.last(OWNER)["text"].startswith("This button is from")


async def test_a_reader_who_deletes_everything_is_gone_and_only_counted(owned: Town) -> None:
    await owned.join(OTHER)
    assert (await owned.say("/desk"))["text"].splitlines()[1] == "2 readers · 2 new, 0 gone this week"
    await owned.app.newsroom.mydata.erase(OTHER)
    await owned.app.newsroom.mydata.erase(OTHER)
    assert (await owned.say("/desk"))["text"].splitlines()[1] == "1 reader · 1 new, 1 gone this week"


async def test_the_desk_warns_of_a_crowded_hour_and_newcomers_are_offered_times_beside_it(
    owned: Town,
) -> None:
    await many(owned, CAPACITY * 17 // 20)
    lines = (await owned.say("/desk"))["text"].splitlines()
    assert lines[0].endswith("something is wrong")
    assert lines[1].startswith("06:00 is 85\u00a0% full.")
    await owned.say("/settings")
    hours = await owned.press("Digest: …")
    shown = [label for row in labels(hours) for label in row]
    assert "05:40" in shown
    assert "06:00" not in shown
    assert "06:00" in hours["text"]
