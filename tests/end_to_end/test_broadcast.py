"""A story sent to many readers: the look before, one delivery each, the pause, the stop, and who is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.domain.people import Role
from bot.storage import people, readers, stories, unseen
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

    from bot.domain.news import Reader
    from tests.town import Town


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_newsdesk(tmp_path) as opened:
        yield opened


async def test_it_is_looked_at_sent_once_and_its_progress_is_told(town: Town) -> None:
    await town.say("/latest")
    asked = await town.say("/broadcast 1 Please read this: it concerns us all.")
    preview = town.telegram.messages(OWNER)[-2]
    assert preview["text"].startswith("From the editors\n\nPlease read this: it concerns us all.\n\n" + TITLE)
    assert asked["reply_to_message"]["message_id"] == preview["message_id"]
    assert "Readers who get it: 6" in asked["text"], "the Russian reader reads no English"
    assert "The full text is ready (1 min read)." in asked["text"], "it was fetched beforehand"
    assert town.papers.papers["herald"].asked.count("one") == 1
    assert labels(asked) == [
        ["Send a copy to me"],
        ["Send now", "Schedule"],
        ["Edit", "Audience"],
        ["Cancel"],
    ]
    await town.press("Audience")
    wider = await town.press("Русский")
    assert "Readers who get it: 7" in wider["text"]
    await town.press("Back")
    soon = await town.press("Send now")
    assert soon["text"].startswith("Goes out in 10 seconds.")
    assert labels(soon) == [["Stop it"]]
    await town.app.runner.run("broadcast")
    await town.app.runner.run("deliver")
    assert not got(town, CROWD[0].id), "nothing leaves before"
    await ticked(town)
    done = town.message(soon["message_id"], OWNER)
    assert done["text"].startswith(f"It was sent.\n{TITLE}\nArrived: 7\nEnded at ")
    assert labels(done) == [["Correct", "Withdraw"], ["Report", "Desk"]]
    for person in (*(one.id for one in CROWD), OTHER):
        assert len(got(town, person)) == 1
        assert "concerns us all" in got(town, person)[0]["text"]
    town.telegram.press_data(OWNER, soon["message_id"], "sendout:1")
    await ticked(town)
    assert len(got(town, CROWD[0].id)) == 1, "nothing begins anew"
    assert f"sent “{TITLE[:25]}" in (await town.say("/log"))["text"]
    again = await town.say("/broadcast s1")
    assert "Readers who get it: 0" in again["text"]
    assert "Left out, since they had it already: 6" in again["text"]
    assert "Maya prepared the same at" in again["text"]
    assert labels(again)[1] == ["Edit", "Audience"], "there is nobody to send it to"
    await town.press("Audience")
    assert "Readers who get it: 6" in (await town.press("Who had it, too"))["text"]


async def test_two_presses_a_repeated_update_and_a_second_draft_are_one_broadcast(town: Town) -> None:
    for number in (1, 1):
        message = {
            "message_id": 900,
            "chat": {"id": OWNER, "type": "private"},
            "date": 1,
            "text": "/broadcast s1",
        }
        entities = [{"type": "bot_command", "offset": 0, "length": 10}]
        sender = {"id": OWNER, "is_bot": False, "first_name": "Maya"}
        await town.update(number, message=message | {"entities": entities, "from": sender})
    row, column = town.button("Send now")[1:]
    first = town.button("Send now")[0]
    town.telegram.press(OWNER, first, row, column)
    town.telegram.press(OWNER, first, row, column)
    await town.settled()
    await town.say("/broadcast s1")
    refused = await town.press("Send now")
    assert refused["text"].startswith("Maya is sending this story already.")
    await ticked(town)
    assert [len(got(town, person.id)) for person in CROWD] == [1] * len(CROWD)


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
    assert "Have quiet hours now and get it when these end, the last at 07:00: 1" in asked["text"]
    await town.press("Send now")
    await ticked(town)
    assert [len(got(town, one)) for one in (first, second, third)] == [0, 0, 0]
    town.clock.advance(hours=4)
    await ticked(town)
    assert [len(got(town, one)) for one in (first, second, third)] == [0, 0, 1], "it waited for the morning"


async def test_what_is_stopped_was_not_told(town: Town) -> None:
    await town.say("/broadcast s1")
    sending = await town.press("Send now")
    town.clock.advance(seconds=10)
    await town.app.runner.run("broadcast")
    waiting = town.message(sending["message_id"], OWNER)
    assert "Still to go: 6" in waiting["text"]
    stopped = await town.press("Stop it")
    assert stopped["text"].startswith("Stopped.")
    assert "Not sent any more: 6" in stopped["text"]
    await ticked(town)
    assert all(not got(town, person.id) for person in CROWD)
    assert "Readers who get it: 6" in (await town.say("/broadcast s1"))["text"]


async def test_in_the_ten_seconds_it_can_be_stopped(town: Town) -> None:
    await town.say("/broadcast s1")
    await town.press("Send now")
    assert (await town.press("Stop it"))["text"] == "Nothing was sent."
    await ticked(town)
    assert all(not got(town, person.id) for person in CROWD)


async def test_what_is_paused_waits_and_goes_on(town: Town) -> None:
    await town.say("/broadcast s1")
    sending = await town.press("Send now")
    town.clock.advance(seconds=10)
    await town.app.runner.run("broadcast")
    paused = await town.press("Pause")
    assert paused["text"].startswith("Paused.")
    assert labels(paused) == [["Go on", "Stop it"], ["Report", "Desk"]]
    town.clock.advance(hours=20)
    await ticked(town)
    assert all(not got(town, person.id) for person in CROWD)
    await town.press("Go on", OWNER, town.message(sending["message_id"], OWNER))
    await ticked(town)
    assert [len(got(town, person.id)) for person in CROWD] == [1] * len(CROWD), "it was news for longer"
    assert town.message(sending["message_id"], OWNER)["text"].startswith("It was sent.")
    log = (await town.say("/log"))["text"]
    assert "paused sending" in log
    assert "went on sending" in log


async def test_a_story_taken_down_is_sent_no_further(town: Town) -> None:
    await town.say("/broadcast s1")
    sending = await town.press("Send now")
    await town.say("/read s1")
    await town.press("At the desk")
    await town.press("Take down")
    await town.press("Take down")
    await ticked(town)
    await ticked(town)
    assert not got(town, CROWD[0].id)
    assert "Its story was taken down." in town.message(sending["message_id"], OWNER)["text"]
    assert (await town.say("/broadcast s1"))["text"].startswith("This story was withdrawn by the editors.")


async def test_the_desk_has_a_door_to_the_last_ones(town: Town) -> None:
    await town.say("/desk")
    empty = await town.press("Broadcasts")
    assert empty["text"].startswith("Nothing has gone to many readers yet.")
    await town.press("New")
    await town.say("s1")
    await town.press("Send now")
    await ticked(town)
    await town.say("/desk")
    listed = await town.press("Broadcasts")
    assert listed["text"].endswith(f"{TITLE} · sent")
    shown = await town.press("Bridge over…")
    assert shown["text"].startswith("It was sent.")


async def test_after_a_restart_it_goes_on_where_it_was_and_shows_it(tmp_path: Path) -> None:
    clock, papers = TownClock(), print_one()
    async with open_town(tmp_path, FEEDS, clock=clock, papers=papers, admin_ids=(OWNER,)) as town:
        await town.news()
        await town.join(OWNER)
        await let_in(town)
        await town.say("/broadcast s1")
        board = await town.press("Send now")
        telegram = town.telegram
    async with open_town(
        tmp_path, FEEDS, clock=clock, papers=papers, telegram=telegram, admin_ids=(OWNER,)
    ) as town:
        clock.advance(seconds=10)
        for tick in ("broadcast", "deliver", "broadcast"):
            await town.app.runner.run(tick)
        assert [len(got(town, person.id)) for person in CROWD] == [1] * len(CROWD)
    async with open_town(
        tmp_path, FEEDS, clock=clock, papers=papers, telegram=telegram, admin_ids=(OWNER,)
    ) as town:
        # It had ended, and a moment too early for its editor to see that.
        clock.advance(seconds=3)
        await town.app.runner.run("broadcast")
        assert town.message(board["message_id"], OWNER)["text"].startswith("It was sent.")


async def test_a_correction_reaches_who_had_it(town: Town) -> None:
    await town.say("/broadcast s1")
    board = (await town.press("Send now"))["message_id"]
    await ticked(town)
    await town.press("Correct")
    assert town.message(board, OWNER)["text"].startswith("How serious is it?")
    await town.press("Serious")
    assert labels(town.message(board, OWNER)) == [["Cancel"]]
    asked = await town.say("The vote was 50 to 47, not 57 to 40.")
    preview = town.telegram.messages(OWNER)[-2]
    assert preview["text"].startswith(
        "Corrected 04:30: The vote was 50 to 47, not 57 to 40.\n\nFrom the editors"
    )
    assert asked["text"].splitlines() == [
        f"Correction of “{TITLE}”",
        "Messages that change: 6",
        "Each of these readers gets a short answer to it as well.",
    ]
    soon = await town.press("Send now")
    assert soon["text"].startswith("Goes out in 10 seconds.")
    await ticked(town)
    corrected = [one["text"] for one in town.telegram.messages(CROWD[0].id)][-2:]
    assert corrected[0].startswith(
        "Corrected 04:30: The vote was 50 to 47, not 57 to 40.\n\nFrom the editors"
    )
    assert corrected[1] == "Correction, 04:30: The vote was 50 to 47, not 57 to 40."
    assert "Changed: 6" in town.message(soon["message_id"], OWNER)["text"]
    await town.press("Back")
    back = town.message(soon["message_id"], OWNER)
    assert labels(back) == [["Correct", "Withdraw"], ["Report", "Desk"]], "what was corrected, to go on with"
    assert f"corrected “{TITLE[:20]}" in (await town.say("/log"))["text"]
    await town.press("Cancel", OWNER, town.message(board, OWNER))
    await town.press("Withdraw", OWNER, town.message(board, OWNER))
    await town.say("The report was false.")
    deleting = await town.press("Delete instead")
    assert labels(deleting) == [["Give the reason instead"], ["Send now", "Cancel"]]
    await town.press("Send now")
    await ticked(town)
    assert not got(town, CROWD[0].id)
    left = [one["text"] for one in town.telegram.messages(CROWD[0].id)]
    assert not any("Orrin closed" in text and "Corrected" in text for text in left)


async def test_a_report_is_a_picture_with_its_numbers(town: Town) -> None:
    await town.say("/broadcast s1")
    await town.press("Send now")
    await ticked(town)
    await town.say("/read s1", CROWD[0].id)
    report = await town.press("Report")
    assert report["photo"]
    assert report["caption"].startswith(f"“{TITLE}”. Since 04:30, within 1 min, arrived: 6.")
    assert report["caption"].endswith("Opened so far: 1")


async def test_a_colleague_confirms_what_goes_to_very_many(tmp_path: Path) -> None:
    clock, papers = TownClock(), print_one()
    async with open_town(
        tmp_path,
        FEEDS,
        clock=clock,
        papers=papers,
        admin_ids=(OWNER, OTHER),
        broadcast_confirm_over=3,
    ) as town:
        await town.news()
        await town.join(OWNER)
        await town.join(OTHER)
        await let_in(town)
        await town.say("/broadcast s1")
        waits = await town.press("Send now")
        assert waits["text"].startswith("Waits for a second editor, since it is for so many readers: 7")
        assert labels(waits) == [["Cancel"]]
        await ticked(town)
        assert not got(town, CROWD[0].id)
        asked = town.telegram.last(OTHER)
        assert TITLE in asked["text"]
        confirmed = await town.press("Подтвердить", OTHER)
        assert confirmed["text"].startswith("Уйдёт через 10 секунд.")
        await ticked(town)
        assert len(got(town, CROWD[0].id)) == 1
        assert town.message(waits["message_id"], OWNER)["text"].startswith("It was sent.")


async def reader(town: Town, person: int) -> Reader:
    found = await town.app.db.read(readers.get, person)
    assert found is not None
    return found


async def test_a_right_that_was_taken_away_counts_at_the_next_press(town: Town) -> None:
    code = await town.app.newsroom.people.invite(1, await reader(town, OWNER), Role.EDITOR)
    await town.say(f"/start claim_{code}", CROWD[0].id)
    await town.say("/broadcast s1", CROWD[0].id)
    await town.app.db.write(people.dismiss, CROWD[0].id)
    refused = await town.press("Send now", CROWD[0].id)
    assert "Send now" not in str(labels(refused))
    await ticked(town)
    assert not got(town, CROWD[1].id)


async def test_who_had_it_before_has_been_told_of_it_whatever_is_stopped(town: Town) -> None:
    first, second = CROWD[0].id, CROWD[1].id
    await town.app.db.write(lambda c: stories.tell(c, first, [1], "digest", town.clock()))
    await town.say("/broadcast s1")
    await town.press("Audience")
    await town.press("Who had it, too")
    await town.press("Back")
    await town.press("Send now")
    town.clock.advance(seconds=10)
    await town.app.runner.run("broadcast")
    await town.press("Stop it")
    owed = await town.app.db.read(unseen.owed, [first, second])
    assert owed == {second: [1]}, "it is news to one of them"


async def test_what_has_a_picture_changes_in_its_words(town: Town) -> None:
    photo = town.telegram.send(OWNER, "photo", "The bridge.")
    await town.settled()
    await town.say("/broadcast", reply_to=photo["message_id"])
    board = (await town.press("Send now"))["message_id"]
    await ticked(town)
    for button, words, shown in (
        (
            "Correct",
            "It is another bridge.",
            "Corrected 04:30: It is another bridge.\n\nFrom the editors\n\nThe bridge.",
        ),
        ("Withdraw", "It was no bridge.", "Withdrawn by the editors at 04:30: It was no bridge."),
    ):
        await town.press("Cancel" if button == "Withdraw" else button, OWNER, town.message(board, OWNER))
        await town.press("Small" if button == "Correct" else button, OWNER, town.message(board, OWNER))
        await town.say(words)
        preview = town.telegram.messages(OWNER)[-2]
        assert preview["caption"].startswith(shown[:20])
        await town.press("Send now")
        await ticked(town)
        last = town.telegram.last(OTHER)
        assert last["photo"] == photo["photo"]
        assert last["caption"] == shown.replace("From the editors", "От редакции").replace(
            "Corrected 04:30", "Исправлено 07:30"
        ).replace("Withdrawn by the editors at 04:30", "Отозвано редакцией в 07:30")
