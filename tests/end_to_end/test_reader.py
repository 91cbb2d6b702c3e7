"""A reader's first day, over HTTP through Telegram's rules."""

from __future__ import annotations

from functools import partial

import pytest

from tests.town import READER, RUSSIAN, Town, labels


async def test_the_first_conversation_takes_three_taps(town: Town) -> None:
    await town.after(lambda: town.telegram.start(READER))
    first = town.telegram.last(READER)
    assert "Which languages do you read?" in first["text"]
    assert labels(first) == [["✓ English"], ["Next"]]
    second = await town.press("Next")
    assert second["message_id"] == first["message_id"], "the same thing turned is an edit"
    assert labels(second) == [["✓ World", "✓ Science"], ["Back", "Next"]]
    third = await town.press("Next")
    assert "What time is it for you now?" in third["text"]
    assert labels(third)[-1] == ["Digest 08:00 (London)"]
    done = await town.press("Digest 08:00 (London)")
    assert done["text"].startswith("Done. First digest: today, 08:00 (London). Until then, 3 stories:")
    assert labels(done) == [["1", "2", "3"], ["Latest", "Settings"]]


async def test_the_clock_is_chosen_by_what_it_shows_and_then_by_the_city(town: Town) -> None:
    await town.after(lambda: town.telegram.start(READER))
    await town.press("Next")
    await town.press("Next")
    await town.press("05:…")
    assert "Berlin" in {label for row in labels(town.telegram.last(READER)) for label in row}
    await town.press("Berlin")
    hours = await town.press("20:00")
    assert hours["text"].startswith("Done. First digest: today, 20:00 (Berlin)")


async def test_no_digest_is_a_choice(town: Town) -> None:
    await town.after(lambda: town.telegram.start(READER))
    for label in ("Next", "Next", "05:…", "Berlin", "No digest"):
        await town.press(label)
    done = town.telegram.last(READER)["text"]
    assert done.startswith(
        "Done. No digest; the news is here whenever you ask. Here are 3 stories to begin with:"
    )


async def test_a_choice_is_ticked_and_unticked(town: Town) -> None:
    await town.after(lambda: town.telegram.start(READER))
    await town.press("Next")
    await town.press("✓ Science")
    assert labels(town.telegram.last(READER))[0] == ["✓ World", "Science"]
    await town.press("Science")
    assert labels(town.telegram.last(READER))[0] == ["✓ World", "✓ Science"]


async def test_a_known_reader_is_greeted_and_asked_nothing(town: Town) -> None:
    await town.join()
    again = await town.after(lambda: town.telegram.start(READER))
    assert again["text"].startswith("Welcome back. Your settings are kept.")
    assert "Digest at 08:00 (London) · World, Science." in again["text"]


async def test_somebody_who_never_said_start_is_shown_the_way(town: Town) -> None:
    town.telegram.start(READER)
    await town.settled()
    await town.app.db.write(lambda c: c.exec_driver_sql("DELETE FROM readers"))
    answer = await town.say("/latest")
    assert labels(answer) == [["Set up"]]
    started = await town.press("Set up")
    assert "Which languages" in started["text"]


async def test_latest_lists_the_newest_first_with_its_date_as_a_live_time(town: Town) -> None:
    await town.join()
    listed = await town.say("/latest")
    lines = listed["text"].splitlines()
    assert lines[0] == "Latest · all sections"
    assert lines[2] == "1. Old bones turn out to be a whale"
    assert lines[3].startswith("Lens · 04:1")
    times = [entity for entity in listed["entities"] if entity["type"] == "date_time"]
    assert len(times) == 5
    assert {entity["date_time_format"] for entity in times} == {"t"}
    assert labels(listed) == [["1", "2", "3", "4", "5"], ["Sections", "Refresh"]]


@pytest.mark.parametrize("written", ["3.", "3)", "#3", "№ 3", "３", "٣"])
async def test_a_number_is_known_however_it_is_written(town: Town, written: str) -> None:
    await town.join()
    await town.say("/latest")
    assert (await town.say(written))["text"].startswith("Ferry strikes rock and lives to tell\n")


async def test_who_left_the_first_conversation_is_asked_back_to_it(town: Town) -> None:
    await town.after(lambda: town.telegram.start(READER))
    for said in ("/latest", "whale", "nothing like this"):
        answer = await town.say(said)
        assert answer["text"].splitlines()[-1].startswith("New here?"), said
        assert labels(answer)[-1] == ["Set up"]
    await town.press("Set up")
    assert "1 of 3." in town.telegram.last(READER)["text"]
    for label in ("Next", "Next", "Digest 08:00 (London)"):
        await town.press(label)
    assert "New here?" not in (await town.say("/latest"))["text"]


async def test_a_number_opens_that_story_of_the_newest_list_as_a_new_message(town: Town) -> None:
    await town.join()
    listed = await town.say("/latest")
    opened = await town.say("3")
    assert opened["message_id"] > listed["message_id"]
    assert opened["text"].startswith("Ferry strikes rock and lives to tell\nHerald · 03:5")
    assert "The council met on day 5" in opened["text"]


async def test_a_number_in_a_reply_belongs_to_the_list_replied_to(town: Town) -> None:
    await town.join()
    first = await town.say("/latest")
    await town.say("/search comet bones")
    assert (await town.say("science"))["text"].startswith("Latest · Science"), "a desk by its name alone"
    only_science = await town.press("Sections", message=first)
    assert only_science["message_id"] != first["message_id"] or "Which section?" in only_science["text"]
    await town.press("World")
    await town.say("/saved")
    opened = await town.say("2", reply_to=first["message_id"])
    assert opened["text"].startswith("Council plants trees")


async def test_a_button_opens_as_a_reply_and_ticks_its_number(town: Town) -> None:
    await town.join()
    listed = await town.say("/latest")
    opened = await town.press("1", message=listed)
    assert opened["reply_to_message"]["message_id"] == listed["message_id"]
    assert labels(town.telegram.messages(READER)[-2])[0] == ["✓ 1", "2", "3", "4", "5"]


async def test_pages_turn_in_place(town: Town) -> None:
    await town.join()
    await town.say("/latest")
    first = await town.say("5")
    assert first["text"].startswith("Bridge over the Orrin closed after flood")
    assert "Page 1 of" in first["text"]
    assert ["Next page"] in labels(first)
    second = await town.press("Next page")
    assert second["message_id"] == first["message_id"]
    assert "Page 2 of" in second["text"]
    assert ["Back", "Next page"] in labels(second)
    back = await town.press("Back")
    assert back["text"] == first["text"]


async def test_read_without_a_number_means_the_last_opened_story(town: Town) -> None:
    await town.join()
    asked = await town.say("/read")
    assert asked["text"].startswith("Which one?\n\nFirst stories\n\n1. Old bones")
    assert labels(asked)[0] == ["1", "2", "3"]
    opened = await town.say("/read 2")
    again = await town.say("/read")
    assert again["text"] == opened["text"]
    assert again["message_id"] != opened["message_id"]


async def test_a_number_too_high_says_how_many_there_are(town: Town) -> None:
    await town.join()
    answer = await town.say("/read 17")
    assert answer["text"] == "The last list had 3 stories."
    shown = await town.press("Show the list")
    assert shown["text"].startswith("First stories")


async def test_a_double_press_opens_one_message(town: Town) -> None:
    await town.join()
    listed = await town.say("/latest")
    before = len(town.telegram.messages(READER))
    place = town.button("2", READER, listed)

    def twice() -> None:
        town.telegram.press(READER, *place)
        town.telegram.press(READER, *place)

    await town.after(twice)
    assert len(town.telegram.messages(READER)) == before + 1
    town.clock.advance(seconds=30)
    await town.after(lambda: town.telegram.press(READER, *place))
    assert len(town.telegram.messages(READER)) == before + 2, "later it is wanted again"


async def test_commands_do_nothing_on_edits(town: Town) -> None:
    await town.join()
    said = town.telegram.say(READER, "hello comet")
    await town.settled()
    before = len(town.telegram.messages(READER))
    await town.after(lambda: town.telegram.edit(READER, said["message_id"], "/latest"))
    assert len(town.telegram.messages(READER)) == before


async def test_words_are_searched_and_a_single_find_is_a_card(town: Town) -> None:
    await town.join()
    card = await town.say("comet school")
    assert card["text"].startswith("Comet seen from the school roof\nLens · ")
    assert labels(card) == [["Read", "Brief"], ["Related", "Comments"], ["Save", "Share"], ["Source page"]]
    several = await town.say("/search the")
    assert "stories for “the”" in several["text"]
    nothing = await town.say("/search comet bones")
    assert nothing["text"].startswith(
        "Nothing for “comet bones”\n\nNo story in the languages you read has all of these words"
    )
    found = await town.press("Without “comet”")
    assert found["text"].startswith("Old bones turn out to be a whale")


async def test_search_takes_no_syntax(town: Town) -> None:
    await town.join()
    for hostile in ('"', "C++ AND", "title:x", "*", "foo-bar NEAR/2", "O'Brien", "^", "a\x00b"):
        answer = await town.say(f"/search {hostile}")
        assert answer["text"], hostile


async def test_saved_stories_stand_on_a_shelf_and_can_be_taken_off(town: Town) -> None:
    await town.join()
    empty = await town.say("/saved")
    assert "Nothing saved yet" in empty["text"]
    await town.say("/latest")
    kept = await town.say("/save 1")
    assert kept["text"] == "Saved: Old bones turn out to be a whale"
    assert labels(kept) == [["✓ Saved", "Saved stories"]]
    shelf = await town.press("Saved stories")
    assert "1. Old bones turn out to be a whale" in shelf["text"]
    await town.press("✓ Saved")
    assert labels(
        next(m for m in town.telegram.messages(READER) if m["message_id"] == kept["message_id"])
    ) == [["Save", "Saved stories"]]
    assert "Nothing saved yet" in (await town.say("/saved"))["text"]


async def test_a_link_opens_its_story_for_a_newcomer_and_shows_the_way(town: Town) -> None:
    card = await town.after(lambda: town.telegram.start(READER, "s1"))
    assert "New here?" in card["text"]
    assert labels(card)[-1] == ["Set up"]
    begun = await town.press("Set up")
    assert "Which languages do you read?" in begun["text"]


async def test_a_link_to_a_story_that_is_gone_says_so(town: Town) -> None:
    gone = await town.after(lambda: town.telegram.start(READER, "s99999"))
    assert gone["text"].startswith("This story is not in our archive any more.\n\nNew here?")
    assert labels(gone) == [["Latest"], ["Set up"]]


async def test_an_address_that_we_know_opens_its_story(town: Town) -> None:
    await town.join()
    opened = await town.say(f"{town.papers.url}/lens/l0?utm_source=friend")
    assert opened["text"].startswith("Comet seen from the school roof")


async def test_settings_show_and_change_what_is_in_force(town: Town) -> None:
    await town.join()
    await town.say("/settings")
    await town.press("Digest: 08:00")
    changed = await town.press("19:00")
    assert "Next digest: today, 19:00 (London)" in changed["text"]
    await town.press("Language: English")
    russian = await town.press("Русский")
    assert russian["text"].startswith("Настройки\nСледующая сводка: сегодня, 19:00 (Лондон)")
    assert labels(await town.say("/help"))[0] == ["Сводка", "Новое"]


async def test_the_app_language_is_spoken_where_we_have_it(town: Town) -> None:
    await town.after(lambda: town.telegram.start(RUSSIAN), RUSSIAN)
    assert "На каких языках вы читаете?" in town.telegram.last(RUSSIAN)["text"]


async def test_stopping_offers_less_first_and_can_be_undone(town: Town) -> None:
    await town.join()
    asked = await town.say("/stop")
    assert labels(asked) == [
        ["Only weekends", "Once a week"],
        ["Pause a week", "Fewer stories"],
        ["Stop everything"],
    ]
    stopped = await town.press("Stop everything")
    assert stopped["text"].startswith("Stopped.")
    assert await town.app.newsroom.readers.due_at(READER) is None
    back = await town.press("Start again")
    assert "Next digest: today, 08:00" in back["text"]


async def test_pictures_get_one_kind_line(town: Town) -> None:
    await town.join()
    for send in (town.telegram.send_photo, town.telegram.send_voice, town.telegram.send_sticker):
        answer = await town.after(partial(send, READER))
        assert answer["text"] == "I read text, links and numbers."


async def test_forged_buttons_do_nothing(town: Town) -> None:
    done = await town.join()
    for data in (
        "set:state:stopped",
        "set:state:stopped~AAAAAAAAAAA",
        "save:1:1",
        "open:999999",
        "nonsense",
        "list:1:2:3",
        "page:x:y",
        "desk:1:" + "x" * 40,
    ):
        town.telegram.press_data(READER, done["message_id"], data)
    await town.settled()
    reader = await town.app.newsroom.readers.get(READER)
    assert reader is not None
    assert reader.state == "active"
    assert "Nothing saved yet" in (await town.say("/saved"))["text"]


async def test_a_signed_button_of_another_chat_does_nothing(town: Town) -> None:
    await town.join()
    await town.join(RUSSIAN)
    await town.say("/stop")
    message_id, row, column = town.button("Stop everything")
    stolen = next(m for m in town.telegram.messages(READER) if m["message_id"] == message_id)
    data = stolen["reply_markup"]["inline_keyboard"][row][column]["callback_data"]
    town.telegram.press_data(RUSSIAN, town.telegram.last(RUSSIAN)["message_id"], data)
    await town.settled()
    reader = await town.app.newsroom.readers.get(RUSSIAN)
    assert reader is not None
    assert reader.state == "active"


async def test_a_failure_of_ours_is_told_with_a_number_and_logged(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    await town.join()
    await town.app.db.write(lambda c: c.exec_driver_sql("ALTER TABLE list_items RENAME TO lost"))
    answer = await town.say("/latest")
    assert answer["text"].startswith("That went wrong here; your settings are safe. Number ")
    number = answer["text"].rstrip(".").split()[-1]
    assert f"failure {number}" in caplog.text
    await town.app.db.write(lambda c: c.exec_driver_sql("ALTER TABLE lost RENAME TO list_items"))
    assert "Latest" in (await town.say("/latest"))["text"]


async def test_blocking_loses_nothing(town: Town) -> None:
    await town.join()
    town.telegram.block(READER)
    await town.settled()
    reader = await town.app.newsroom.readers.get(READER)
    assert reader is not None
    assert reader.state == "blocked"
    assert await town.app.newsroom.readers.due_at(READER) is None
    town.telegram.block(READER, blocked=False)
    await town.settled()
    reader = await town.app.newsroom.readers.get(READER)
    assert reader is not None
    assert (reader.state, reader.digest_minutes) == ("active", (480,))
    assert await town.app.newsroom.readers.due_at(READER) is not None


async def test_a_bare_word_is_the_command_that_it_names(town: Town) -> None:
    await town.join()
    assert (await town.say("Stop!"))["text"] == (await town.say("/stop"))["text"]
    assert (await town.say("settings"))["text"] == (await town.say("/settings"))["text"]
    assert "for “stop the ferry”" in (await town.say("stop the ferry"))["text"]


async def test_a_command_that_there_is_not_says_which_may_have_been_meant(town: Town) -> None:
    await town.join()
    wrong = await town.say("/digset")
    assert wrong["text"] == "I do not know this command.\nDid you mean /digest?"
    assert labels(wrong) == [["Help"]]
    assert (await town.say("/xyzzy@paperboy_playground_bot"))["text"] == "I do not know this command."
    assert (await town.press("Help"))["text"].startswith("Newsroom brings the news")
