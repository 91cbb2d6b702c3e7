"""Readers talk about a story: the first comment, answers, votes, deletion, and what never becomes a comment."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.conftest import print_morning
from tests.end_to_end.talk import all_texts, begin, open_comments, post, reply
from tests.town import READER, RUSSIAN, Papers, Town, TownClock, labels, open_town

if TYPE_CHECKING:
    from pathlib import Path


async def test_the_first_comment_takes_a_name_and_two_lines_of_rules(town: Town) -> None:
    await town.join()
    shown = await open_comments(town)
    assert shown["text"].splitlines()[1] == "No comments yet."
    assert labels(shown) == [["Write the first"], ["To the story"]]
    asked = await town.press("Write the first")
    assert asked["text"] == (
        "Others will see your name. Choose one; it stays.\n"
        "Your first name here: Maya\nBe kind, stay on the subject, no adverts."
    )
    assert labels(asked) == [["My first name", "A pen name"], ["Not now"]]
    prompt = await town.press("My first name")
    assert prompt["message_id"] == asked["message_id"]
    assert prompt["text"].startswith("Write your comment as Maya now, at most")
    posted = await town.say("I doubt that trees decide this.")
    lines = posted["text"].splitlines()
    assert lines[0].startswith("Maya · 0")
    assert lines[1:] == ["I doubt that trees decide this.", "", "Posted."]
    assert labels(posted) == [["Comments 1"], ["Delete"]]
    again = await town.press("Comments 1")
    assert labels(again)[0] == ["Write", "Reply"]
    second = await town.press("Write", message=again)
    assert second["text"].startswith("Write your comment as Maya now"), "the name is chosen once"


async def test_what_is_written_before_the_name_is_kept_and_posted_by_a_tap(town: Town) -> None:
    await town.join()
    await open_comments(town)
    await town.press("Write the first")
    asked = await town.say("I doubt that trees decide this.")
    assert asked["text"].startswith(
        "I doubt that trees decide this.\nKept, not posted yet: choose the name first.\n\nOthers will see"
    )
    await town.press("A pen name")
    ready = await town.say("Larch")
    assert ready["text"].startswith("I doubt that trees decide this.\n\nPost this as Larch?")
    assert labels(ready) == [["Post", "Cancel"]]
    posted = await town.press("Post")
    assert posted["message_id"] == ready["message_id"]
    assert posted["text"].endswith("I doubt that trees decide this.\n\nPosted.")
    assert (await open_comments(town))["text"].splitlines()[1] == "1 comment"


async def test_what_was_kept_gives_way_to_other_words_and_to_anything_else(town: Town) -> None:
    await town.join()
    await open_comments(town)
    await town.press("Write the first")
    assert (await town.say("x" * 501))["text"].startswith("This has 501 characters")
    await town.say("The first wording.")
    ready = await town.press("My first name")
    assert ready["text"].startswith("The first wording.\n\nPost this as Maya?")
    posted = await town.say("A better wording.")
    assert "A better wording.\n\nPosted." in posted["text"]
    await town.press("Post", message=ready)
    shown = [one for one in town.telegram.messages(READER) if one["message_id"] == ready["message_id"]]
    assert shown[0]["text"] == "No comment is waited for."
    assert (await open_comments(town))["text"].splitlines()[1] == "1 comment"


async def test_two_readers_talk_and_the_numbers_stand_on_cards_and_pages(town: Town) -> None:
    await town.join()
    await town.join(RUSSIAN)
    await post(town, "I doubt that trees decide this.")
    answered = await reply(town, 1, "They did in the eighties.")
    assert answered["text"].splitlines()[-1] == "Опубликовано."
    await reply(town, 2, "Which eighties?", READER)
    shown = await open_comments(town)
    lines = shown["text"].splitlines()
    assert lines[1] == "3 comments, oldest first"
    assert lines[3].startswith("Maya · ")
    assert lines[4] == "I doubt that trees decide this."
    assert lines[5].startswith("\u00a0\u00a0Ирина · ")
    assert lines[6] == "\u00a0\u00a0They did in the eighties."
    assert lines[7].startswith("\u00a0\u00a0Maya, to Ирина · "), "deeper answers name whom"
    card = await town.after(lambda: town.telegram.start(READER, "s1"))
    assert "Comments 3" in labels(card)[1]
    page = await town.press("Read", message=card)
    assert "Comments 3" in [label for row in labels(page) for label in row]
    there = await town.press("Comments 3", message=page)
    assert there["message_id"] > page["message_id"]
    assert (await town.press("To the story", message=there))["text"].startswith(card["text"].splitlines()[0])


async def test_pages_of_comments_turn_in_place(town: Town) -> None:
    await town.join()
    for n in range(1, 8):
        await post(town, f"Thought number {n}")
        town.clock.advance(minutes=11)
    first = await open_comments(town)
    assert "Page 1 of 2" in first["text"]
    second = await town.press("Next page", message=first)
    assert second["message_id"] == first["message_id"]
    assert "Thought number 6" in second["text"]
    assert "Thought number 5" not in second["text"]
    assert (await town.press("Back", message=second))["text"] == first["text"]


async def test_a_comment_is_found_well_said_once_and_taken_back(town: Town) -> None:
    await town.join()
    await town.join(RUSSIAN)
    await post(town, "I doubt it.")
    assert "Well said" not in str(labels(await open_comments(town))), "not one's own"
    shown = await open_comments(town, RUSSIAN)
    asked = await town.press("Хорошо сказано", RUSSIAN, shown)
    assert labels(asked) == [["1"], ["Назад"]]
    voted = await town.press("1", RUSSIAN, asked)
    assert labels(voted) == [["✓ 1"], ["Назад"]]
    assert "+1" in (await town.press("Назад", RUSSIAN, voted))["text"]
    assert "+1" in (await open_comments(town))["text"]
    await town.press("Хорошо сказано", RUSSIAN)
    undone = await town.press("✓ 1", RUSSIAN)
    assert labels(undone) == [["1"], ["Назад"]]
    assert "+1" not in (await open_comments(town))["text"]


async def test_a_comment_is_deleted_by_its_author_and_answers_keep_their_place(town: Town) -> None:
    await town.join()
    await town.join(RUSSIAN)
    posted = await post(town, "I doubt it.")
    await reply(town, 1, "Why?")
    asked = await town.press("Delete", message=posted)
    assert asked["text"].splitlines() == ["I doubt it.", "", "Delete this comment for good?"]
    assert "I doubt it." in (await town.press("Keep"))["text"]
    await town.press("Delete")
    await town.press("1")
    gone = await town.press("Delete")
    assert gone["text"] == "Deleted."
    shown = await town.press("Comments 1", message=gone)
    assert shown["text"].splitlines()[1] == "1 comment"
    assert shown["text"].splitlines()[3] == "(deleted by its author)"
    assert "Why?" in shown["text"]
    assert await all_texts(town) == ["Why?"], "what is deleted is gone"


async def test_nobody_deletes_what_another_wrote(town: Town) -> None:
    await town.join()
    await town.join(RUSSIAN)
    await post(town, "I doubt it.")
    shown = await open_comments(town, RUSSIAN)
    assert "Удалить" not in str(labels(shown))
    town.telegram.press_data(RUSSIAN, shown["message_id"], "unsay:1:1")
    await town.settled()
    assert town.telegram.last(RUSSIAN)["text"] == "Эта кнопка из старого списка.", "nor by a forged button"
    assert await all_texts(town) == ["I doubt it."]


@pytest.mark.parametrize("said", ["/latest", "/help", "/unknown"])
async def test_a_command_cancels_and_the_next_words_are_a_search(town: Town, said: str) -> None:
    await town.join()
    await begin(town)
    await town.say(said)
    assert (await town.say("comet school"))["text"].startswith("Comet seen")
    assert await all_texts(town) == []


async def test_a_button_cancels(town: Town) -> None:
    done = await town.join()
    await begin(town)
    await town.press("Latest", message=done)
    assert (await town.say("comet school"))["text"].startswith("Comet seen")
    assert await all_texts(town) == []


async def test_cancel_cancels_and_says_so(town: Town) -> None:
    await town.join()
    asked = await begin(town)
    cancelled = await town.press("Cancel")
    assert (cancelled["message_id"], cancelled["text"]) == (asked["message_id"], "Nothing was posted.")
    assert (await town.say("comet school"))["text"].startswith("Comet seen")
    await post(town, "Now I mean it.")
    old = await begin(town)
    await town.say("And this.")
    await town.press("Cancel", message=old)
    assert town.message(old["message_id"])["text"] == "No comment is waited for."
    assert await all_texts(town) == ["Now I mean it.", "And this."]


async def test_not_now_is_an_answer_too(town: Town) -> None:
    await town.join()
    await town.press("Write the first", message=await open_comments(town))
    assert (await town.press("Not now"))["text"] == "Nothing was posted."


async def test_after_ten_minutes_nothing_is_posted_and_that_is_said_once(town: Town) -> None:
    await town.join()
    await begin(town)
    town.clock.advance(minutes=10)
    late = await town.say("comet school")
    assert late["text"] == "The 10 minutes for your comment were over; nothing was posted."
    assert (await town.say("comet school"))["text"].startswith("Comet seen")
    await town.press("Write", message=late)
    assert (await town.say("Here it is."))["text"].endswith("Posted.")
    await begin(town)
    town.clock.advance(hours=2)
    assert (await town.say("comet school"))["text"].startswith("Comet seen"), "long forgotten"
    assert await all_texts(town) == ["Here it is."]


async def test_pictures_are_no_comments_and_the_question_stays(town: Town) -> None:
    await town.join()
    await begin(town)
    for send in (town.telegram.send_photo, town.telegram.send_voice, town.telegram.send_sticker):
        said = await town.after(partial(send, READER))
        assert said["text"] == "Comments are text for now."
        assert labels(said) == [["Cancel"]]
    assert (await town.say("In words, then."))["text"].endswith("Posted.")
    said = await town.after(lambda: town.telegram.send_photo(READER))
    assert said["text"] == "I read text, links and numbers."


async def test_a_comment_that_is_too_long_or_empty_is_asked_for_again(town: Town) -> None:
    await town.join()
    await begin(town)
    long = await town.say("x" * 501)
    assert long["text"] == "This has 501 characters; a comment has at most 500. Write it shorter."
    empty = await town.say("\u3164\u2800")
    assert empty["text"].startswith("There is nothing to read in this.")
    assert labels(long) == labels(empty) == [["Cancel"]]
    assert (await town.say("x" * 500))["text"].endswith("Posted.")


async def test_a_pen_name_is_nobody_elses_and_not_the_newsrooms(town: Town) -> None:
    await town.join()
    await town.join(RUSSIAN)
    await town.press("Write the first", message=await open_comments(town))
    asked = await town.press("A pen name")
    assert asked["text"].startswith("Under which name?")
    for name, answer in (
        ("The Editor", "That name would speak for the newsroom. Write another one."),
        ("Newsroom", "That name would speak for the newsroom. Write another one."),
        ("n" * 25, "That name is too long. Write a shorter one."),
        (
            "@durov",
            "A name has at least two letters or digits, of one alphabet, and no address. Write another one.",
        ),
    ):
        said = await town.say(name)
        assert (said["text"], labels(said)) == (answer, [["Cancel"]])
    assert (await town.say("Ночной читатель"))["text"].startswith("Write your comment as Ночной читатель now")
    assert "Ночной читатель · " in (await town.say("Hello."))["text"]
    await town.press("Написать", RUSSIAN, await open_comments(town, RUSSIAN))
    await town.press("Псевдоним", RUSSIAN)
    taken = await town.say("ночной  ЧИТАТЕЛЬ", RUSSIAN)
    assert taken["text"] == "Такое или похожее имя уже занято. Пришлите другое."
    assert await all_texts(town) == ["Hello."], "no name became a comment"


async def test_a_double_press_on_write_asks_once_and_the_words_are_still_waited_for(town: Town) -> None:
    await town.join()
    await post(town, "First.")
    shown = await open_comments(town)
    before = len(town.telegram.messages(READER))
    place = town.button("Write", READER, shown)

    def twice() -> None:
        town.telegram.press(READER, *place)
        town.telegram.press(READER, *place)

    await town.after(twice)
    assert len(town.telegram.messages(READER)) == before + 1
    assert (await town.say("Second."))["text"].endswith("Posted.")


async def test_comments_without_a_story_asks_which_one(town: Town) -> None:
    await town.join()
    assert (await town.say("/comments"))["text"].startswith("Which one?")
    assert (await town.say("/comments 2"))["text"].startswith("Comments · Comet seen")
    assert (await town.say("/comments s999"))["text"] == "This story is not in our archive any more."


async def test_switched_off_nothing_speaks_of_comments_and_all_is_kept(tmp_path: Path) -> None:
    clock, papers, telegram = TownClock(), Papers(), None
    print_morning(papers, clock)
    async with open_town(tmp_path, clock=clock, papers=papers) as town:
        await town.news()
        await town.join()
        posted = await post(town, "I doubt it.")
        await begin(town)
        telegram = town.telegram
    async with open_town(tmp_path, clock=clock, papers=papers, telegram=telegram, comments="off") as town:
        assert (await town.say("comet school"))["text"].startswith("Comet seen"), "no comment is waited for"
        assert "/comments" not in (await town.say("/help"))["text"]
        for gone in ("/comments s1", "/reports"):
            assert (await town.say(gone))["text"].startswith("I do not know this command.")
        card = await town.after(lambda: town.telegram.start(READER, "s1"))
        page = await town.press("Read", message=card)
        assert "Comments" not in str(labels(card)) + str(labels(page))
        for label in ("Comments 1", "Delete"):
            assert (await town.press(label, message=posted))["text"] == "This button is from an old list."
        photo = await town.after(lambda: town.telegram.send_photo(READER))
        assert photo["text"] == "I read text, links and numbers."
        assert "answers" not in town.app.runner.records
        assert await all_texts(town) == ["I doubt it."]
    async with open_town(tmp_path, clock=clock, papers=papers, telegram=telegram) as town:
        assert "I doubt it." in (await open_comments(town))["text"]
