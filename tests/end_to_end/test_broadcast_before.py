"""Preparing what goes to many readers: which story, to whom, when, and with which words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.newsdesk import (
    CROWD,
    FEEDS,
    OTHER,
    OWNER,
    TITLE,
    got,
    let_in,
    open_newsdesk,
    print_one,
    ticked,
)
from tests.town import TownClock, labels, open_town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from typing import Any

    from tests.town import Town


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_newsdesk(tmp_path) as opened:
        yield opened


async def test_what_is_urgent_goes_through_quiet_hours_without_a_sound(town: Town) -> None:
    await town.say("/settings", CROWD[0].id)
    await town.press("Quiet: off", CROWD[0].id)
    await town.press("22–07", CROWD[0].id)
    await town.say("/broadcast s1")
    await town.press("Audience")
    chosen = await town.press("Urgent")
    assert "Urgent: also in quiet hours, without a sound." in chosen["text"]
    back = await town.press("Back")
    assert "Have quiet hours now" not in back["text"]
    await town.press("Send now")
    await ticked(town)
    assert len(got(town, CROWD[0].id)) == 1
    sent = [call for call in town.telegram.calls.of("sendMessage", CROWD[0].id) if call.message_id]
    assert sent[-1].params["disable_notification"] is True


async def test_it_is_scheduled_on_the_editors_clock(town: Town) -> None:
    await town.say("/broadcast s1")
    asked = await town.press("Schedule")
    assert asked["text"].startswith("When shall it go out? In London it is 04:30.")
    wrong = await town.say("whenever you like")
    assert wrong["text"].startswith("No time can be read in that.")
    planned = await town.say("tomorrow 6:15")
    assert planned["text"].startswith("Goes out at 25 Nov 06:15.")
    assert labels(planned) == [["Cancel", "Desk"]]
    town.clock.advance(hours=25)
    await ticked(town)
    assert not got(town, CROWD[0].id)
    town.clock.advance(minutes=45)
    await ticked(town)
    assert len(got(town, CROWD[0].id)) == 1
    assert town.message(planned["message_id"], OWNER)["text"].startswith("It was sent.")


async def test_what_is_scheduled_can_be_cancelled_and_is_not_begun_long_after_its_time(town: Town) -> None:
    await town.say("/broadcast s1")
    await town.press("Schedule")
    await town.say("9:00")
    assert (await town.press("Cancel"))["text"] == "Nothing was sent."
    await town.say("/broadcast s1")
    await town.press("Schedule")
    planned = await town.say("9:00")
    town.clock.advance(hours=9)
    await ticked(town)
    held = town.message(planned["message_id"], OWNER)
    assert held["text"].startswith("It has stopped by itself.")
    assert "The newsroom was not running at its time." in held["text"]
    assert not got(town, CROWD[0].id)
    await town.press("Go on", OWNER, held)
    await ticked(town)
    assert len(got(town, CROWD[0].id)) == 1


async def test_the_words_can_be_changed_and_a_copy_be_had(town: Town) -> None:
    await town.say("/broadcast s1 The first words.")
    await town.press("Edit")
    again = await town.say("Other words.")
    assert town.telegram.messages(OWNER)[-2]["text"].startswith("From the editors\n\nOther words.")
    assert labels(again)[0] == ["Send a copy to me"]
    copy = await town.press("Send a copy to me")
    assert copy["text"].startswith("From the editors\n\nOther words.")
    await town.press("Edit")
    await town.press("Without words")
    assert town.telegram.messages(OWNER)[-2]["text"].startswith(f"From the editors\n\n{TITLE}")


async def test_it_goes_to_a_desks_readers_who_were_here_lately(town: Town) -> None:
    first = CROWD[0].id
    await town.app.db.write(
        lambda c: c.exec_driver_sql(f"UPDATE readers SET desks = '[\"Sport\"]' WHERE chat_id = {first}")
    )
    await town.say("/broadcast s1")
    await town.press("Audience")
    await town.press("Desk: All")
    narrower = await town.press("World")
    assert "Who read the desk: World" in narrower["text"]
    assert "Readers who get it: 5" in narrower["text"], "who has chosen no desks reads all"
    second = CROWD[1].id
    await town.app.db.write(
        lambda c: c.exec_driver_sql(f"UPDATE readers SET seen_at = 0 WHERE chat_id = {second}")
    )
    assert "Readers who get it: 4" in (await town.press("Active in 30 days"))["text"]
    await town.press("Back")
    await town.press("Send now")
    await ticked(town)
    assert [len(got(town, one.id)) for one in CROWD] == [0, 0, 1, 1, 1]


async def test_nobody_gets_more_a_day_than_the_operator_allows(tmp_path: Path) -> None:
    clock, papers = TownClock(), print_one()
    papers.paper("lens").print("two", "A comet is seen from here", clock(), text="It is green.")
    settings: dict[str, Any] = {"admin_ids": (OWNER,), "broadcast_daily_cap": 1}
    async with open_town(tmp_path, FEEDS, clock=clock, papers=papers, **settings) as town:
        await town.news()
        await town.join(OWNER)
        await let_in(town)
        await town.say("/broadcast s1")
        await town.press("Send now")
        await ticked(town)
        asked = await town.say("/broadcast s2")
        assert "Left out, since they have had enough broadcasts today: 6" in asked["text"]
        town.clock.advance(hours=24)
        asked = await town.say("/broadcast s2")
        assert "Readers who get it: 6" in asked["text"], "it is another day"


async def test_a_draft_that_is_given_up_is_sent_by_nobody(town: Town) -> None:
    asked = await town.say("/broadcast s1")
    assert (await town.press("Cancel"))["text"] == "Nothing was sent."
    town.telegram.press_data(
        OWNER, asked["message_id"], asked["reply_markup"]["inline_keyboard"][1][0]["callback_data"]
    )
    await town.settled()
    assert town.telegram.last(OWNER)["text"].startswith("It is being sent or was given up.")
    await ticked(town)
    assert not got(town, CROWD[0].id)


async def test_it_is_no_command_for_readers(town: Town) -> None:
    assert (await town.say("/broadcast s1", OTHER))["text"].startswith("Такой команды я не знаю.")
    assert not got(town, OTHER)


async def test_alone_it_asks_which_story(town: Town) -> None:
    alone = await town.say("/broadcast")
    assert alone["text"].startswith("Which story shall go to readers?")
    assert labels(alone) == [["Latest", "Cancel"]]
    assert (await town.say("hello there"))["text"].startswith("Which story")
    wrong = await town.say("s99")
    assert wrong["text"].startswith("This story is not in our archive")
    assert "Which story shall go to readers?" in wrong["text"]
    asked = await town.say("s1 With a word.")
    assert labels(asked)[1] == ["Send now", "Schedule"]
    assert "With a word." in town.telegram.messages(OWNER)[-2]["text"]
    await town.say("/read s1")
    await town.say("/broadcast")
    assert labels(await town.press("Bridge over…"))[0] == ["Send a copy to me"]
    assert (await town.say("/broadcast s99"))["text"].startswith("This story is not in our archive")


async def test_a_forwarded_command_does_nothing(town: Town) -> None:
    before = len(town.telegram.messages(OWNER))
    message = {
        "message_id": 901,
        "chat": {"id": OWNER, "type": "private"},
        "date": 1,
        "text": "/broadcast s1",
    }
    message["entities"] = [{"type": "bot_command", "offset": 0, "length": 10}]
    message["from"] = {"id": OWNER, "is_bot": False, "first_name": "Maya"}
    message["forward_origin"] = {"type": "hidden_user", "date": 1, "sender_user_name": "Somebody"}
    await town.update(1, message=message)
    said = town.telegram.messages(OWNER)[before:]
    assert [one["text"][:24] for one in said] == ["I do not know this comma"]
