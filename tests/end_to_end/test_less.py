"""Less before nothing, as a reader meets it: days, pauses, sound, quiet hours, and coming back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.test_digest import deliver, digests, news, print_more
from tests.town import READER, labels

if TYPE_CHECKING:
    from bot.domain.news import Reader
    from tests.town import Town


async def maya(town: Town) -> Reader:
    reader = await town.app.newsroom.readers.get(READER)
    assert reader is not None
    return reader


def silent(town: Town) -> list[int | None]:
    """The messages that came without a sound."""
    calls = town.telegram.calls.of("sendMessage")
    return [call.message_id for call in calls if call.params.get("disable_notification")]


@pytest.mark.parametrize(
    ("label", "says", "field", "value"),
    [
        ("Only weekends", "Only on weekends,", "days", "weekends"),
        ("Once a week", "Once a week.", "days", "5"),
        ("Pause a week", "Paused. Nothing comes before Tuesday 1 December.", "state", "paused"),
        ("Fewer stories", "At most 5 stories a digest.", "stories", "few"),
    ],
)
async def test_each_offer_of_less_is_taken_back_by_one_tap(
    town: Town, label: str, says: str, field: str, value: str
) -> None:
    await town.join()
    before = await maya(town)
    asked = await town.say("/stop")
    answer = await town.press(label)
    assert answer["message_id"] == asked["message_id"]
    assert answer["text"].startswith(says)
    assert labels(answer)[0] == ["Undo", "Settings"]
    assert getattr(await maya(town), field) == value
    settings = await town.press("Undo")
    assert "Next digest: today, 08:00 (London)" in settings["text"]
    assert getattr(await maya(town), field) == getattr(before, field)


async def test_a_press_that_is_worked_on_again_is_answered_as_before(town: Town) -> None:
    await town.join()
    await town.say("/stop")
    message_id, row, column = town.button("Only weekends")
    message = town.message(message_id)
    data = message["reply_markup"]["inline_keyboard"][row][column]["callback_data"]
    query = {
        "id": "77",
        "from": {"id": READER, "is_bot": False, "first_name": "Maya"},
        "chat_instance": "1",
        "data": data,
        "message": {key: message[key] for key in ("message_id", "date", "chat")},
    }
    for _ in range(2):
        await town.update(1, callback_query=query)
        shown = town.message(message_id)
        assert shown["text"].startswith("Only on weekends,")
        await town.app.db.write(lambda c: c.exec_driver_sql("UPDATE inbox SET done_at = NULL"))
        await town.app.inbox.resume()
        await town.settled()
        assert town.message(message_id)["text"] == shown["text"]
    town.telegram.calls.clear()


async def test_the_pause_is_chosen_in_the_settings_and_ended_there(town: Town) -> None:
    await town.join()
    await town.say("/settings")
    await town.press("Pause")
    assert labels(town.telegram.last(READER)) == [
        ["Pause a week", "Until Monday"],
        ["Until I come back"],
        ["Back"],
        ["Stop everything"],
    ]
    paused = await town.press("Until Monday")
    assert paused["text"].startswith("Paused. Nothing comes before Monday 30 November.")
    shown = await town.say("/settings")
    assert labels(shown)[-1] == ["End the pause", "My data"]
    assert labels(await town.say("/stop")) == [["End the pause"], ["Stop everything"]]
    ended = await town.press("End the pause")
    assert "Next digest: today, 08:00 (London)" in ended["text"]


async def test_who_comes_back_is_told_what_was_missed_and_offered_the_week(town: Town) -> None:
    await town.join()
    await town.say("/stop")
    await town.press("Stop everything")
    town.clock.advance(days=6)
    print_more(town, 5)
    await news(town)
    back = await town.after(lambda: town.telegram.start(READER))
    assert "You missed 6 digests; they are not sent again." in back["text"]
    assert labels(back) == [["Best of the week"], ["Latest", "Settings"]]
    week = await town.press("Best of the week")
    assert week["text"].startswith("Best of the week\n\n1. ")
    opened = await town.press("1", message=week)
    assert opened["reply_to_message"]["message_id"] == week["message_id"]
    town.clock.advance(hours=4)
    assert await deliver(town) == 1
    again = await town.after(lambda: town.telegram.start(READER))
    assert "missed" not in again["text"]


async def test_without_news_the_week_says_so(town: Town) -> None:
    await town.join()
    town.clock.advance(days=30)
    town.telegram.press_data(READER, town.telegram.last(READER)["message_id"], "go:week")
    await town.settled()
    assert "Nothing new in the last seven days." in town.telegram.last(READER)["text"]


async def test_several_hours_a_day_are_ticked_and_each_brings_a_digest(town: Town) -> None:
    await town.join()
    await town.say("/settings")
    for label in ("Digest: 08:00", "Several a day", "12:00", "18:00"):
        await town.press(label)
    full = town.telegram.last(READER)
    assert "take one off before you add another" in full["text"]
    await town.press("20:00")
    assert town.telegram.last(READER)["text"] == full["text"]
    town.telegram.calls.clear()
    assert labels(await town.press("Back"))[0] == ["Digest: 08:00, 12:00 +1"]
    for hours in (4, 4, 6):
        town.clock.advance(hours=hours)
        print_more(town, 3)
        await news(town)
        await deliver(town)
    assert len(digests(town)) == 3


async def test_a_digest_inside_the_quiet_hours_comes_silently_at_its_hour(town: Town) -> None:
    await town.join()
    await town.say("/settings")
    for label in ("Quiet: off", "Other hours", "07:00", "10:00"):
        await town.press(label)
    assert ["Sound: on", "Quiet: 07–10"] in labels(town.telegram.last(READER))
    town.clock.advance(hours=3, minutes=31)
    assert await deliver(town) == 1
    assert silent(town) == [town.telegram.last(READER)["message_id"]]


async def test_the_sound_is_switched_and_the_label_says_how_it_is(town: Town) -> None:
    await town.join()
    await town.say("/settings")
    await town.press("Sound: on")
    assert ["Sound: off", "Quiet: off"] in labels(town.telegram.last(READER))
    town.clock.advance(hours=3, minutes=31)
    assert await deliver(town) == 1
    assert silent(town) == [town.telegram.last(READER)["message_id"]]


async def test_a_day_is_chosen_and_a_digest_on_demand_names_the_next_one_by_its_date(town: Town) -> None:
    await town.join()
    await town.say("/settings")
    await town.press("Days: all")
    await town.press("Saturday")
    shown = town.telegram.last(READER)
    assert "Next digest: Saturday 28 November, 08:00 (London)" in shown["text"]
    assert ["Days: Sat", "Stories: 12"] in labels(shown)
    digest = await town.say("/digest")
    assert "Your 28 Nov 08:00 digest will bring only what is new after this" in digest["text"]


@pytest.mark.parametrize("how", ["Pause a week", "Stop everything"])
async def test_a_shared_story_is_opened_without_an_end_of_the_pause(town: Town, how: str) -> None:
    await town.join()
    await town.say("/stop")
    await town.press(how)
    before = await maya(town)
    card = await town.after(lambda: town.telegram.start(READER, "s1"))
    assert "Read" in labels(card)[0]
    assert (await maya(town)).state == before.state != "active"


async def test_less_of_nothing_is_nothing(town: Town) -> None:
    await town.join()
    early = await town.say("/stop")
    late = await town.say("/stop")
    await town.press("Stop everything", message=late)
    answer = await town.press("Pause a week", message=early)
    assert answer["text"].startswith("Stopped.")
    assert (await maya(town)).state == "stopped"


async def test_the_old_stop_button_of_the_settings_still_works(town: Town) -> None:
    done = await town.join()
    town.telegram.press_data(READER, done["message_id"], "ask:stop")
    await town.settled()
    assert town.telegram.last(READER)["text"].startswith("Too much?")


async def test_an_old_button_of_the_quiet_hours_that_leads_nowhere_says_so(town: Town) -> None:
    done = await town.join()
    town.telegram.press_data(READER, done["message_id"], "ask:quiet_to:17")
    await town.settled()
    assert town.telegram.last(READER)["text"] == "This button is from an old list."


async def test_the_pause_ends_with_the_tick_of_the_digests(town: Town) -> None:
    await town.join()
    await town.say("/stop")
    await town.press("Pause a week")
    for _ in range(6):
        town.clock.advance(days=1)
        print_more(town, 3)
        await news(town)
        assert await deliver(town) == 0
    town.clock.advance(days=1)
    await deliver(town)
    assert (await maya(town)).state == "active"
    print_more(town, 3)
    await news(town)
    town.clock.advance(hours=3, minutes=31)
    assert await deliver(town) == 1
    assert (await maya(town)).seen_at < town.clock() - timedelta(days=6)
