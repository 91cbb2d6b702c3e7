"""Lists in the chat: whose they are, what a number means in them, and the search."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.end_to_end.test_digest import deliver, news, print_more
from tests.town import READER, labels

if TYPE_CHECKING:
    from tests.town import Town


async def test_the_reader_is_shown_where_he_or_she_was(town: Town) -> None:
    await town.join()
    listed = await town.say("/latest")
    assert "You were here" not in listed["text"]
    town.clock.advance(minutes=10)
    print_more(town, 2)
    await news(town)
    again = await town.press("Refresh")
    assert again["message_id"] == listed["message_id"]
    lines = again["text"].splitlines()
    assert lines[lines.index("You were here: 04:30") + 2].startswith("3. ")


async def test_the_last_list_shown_again_takes_nothing_from_the_digest(town: Town) -> None:
    print_more(town, 14)
    await news(town)
    await town.join()
    town.clock.advance(hours=4)
    await deliver(town)
    digest = town.telegram.last(READER)
    await town.say("99")
    again = await town.press("Show the list")
    assert again["text"].startswith("Digest\n\n1. ")
    opened = await town.say("1", reply_to=digest["message_id"])
    assert opened["text"].splitlines()[0] in digest["text"]
    assert (await town.press("Left out: …", message=digest))["text"].startswith("Left out of the digest")


async def test_an_empty_list_is_no_list_to_count_in(town: Town) -> None:
    await town.join()
    await town.say("/latest")
    await town.say("/saved")
    await town.say("/search nothing like this")
    assert (await town.say("1"))["text"].startswith("Old bones turn out to be a whale")


async def test_a_number_too_high_in_a_reply_speaks_of_that_list(town: Town) -> None:
    done = await town.join()
    await town.say("/latest")
    answer = await town.say("4", reply_to=done["message_id"])
    assert answer["text"] == "That list had 3 stories."
    assert labels(answer) == [["Latest"]]


async def test_which_one_is_asked_with_the_list_and_the_answer_counts_in_it(town: Town) -> None:
    await town.join()
    for command in ("/read", "/save"):
        asked = await town.say(command)
        assert asked["text"].startswith("Which one?\n\nFirst stories\n\n1. Old bones")
    assert (await town.say("2"))["text"].startswith("Comet seen")


async def test_before_any_list_a_number_means_nothing(town: Town) -> None:
    await town.after(lambda: town.telegram.start(READER))
    for words in ("3", "/read", "/save 1"):
        answer = await town.say(words)
        assert answer["text"] == "Which one? There is no list here yet."
        assert labels(answer) == [["Latest", "Digest"]]


async def test_search_asks_for_words_where_there_are_none(town: Town) -> None:
    await town.join()
    for words in ("/search", "/search  ...", "..."):
        assert (await town.say(words))["text"].startswith("Write the words to look for")
    assert "stories for" in (await town.say("/search\nthe"))["text"]


async def test_a_search_for_less_than_a_word_asks_for_words(town: Town) -> None:
    await town.join()
    nothing = await town.say("/search zeppelin")
    list_id = await town.app.db.read(lambda c: c.exec_driver_sql("SELECT max(id) FROM lists").scalar())
    town.telegram.press_data(READER, nothing["message_id"], f"without:{list_id}:0")
    await town.settled()
    assert town.telegram.last(READER)["text"].startswith("Write the words")


async def test_a_search_without_a_find_offers_all_languages(town: Town) -> None:
    await town.join()
    await town.app.db.write(
        lambda c: c.exec_driver_sql("UPDATE stories SET language = 'fr' WHERE desk = 'Science'")
    )
    await town.app.db.write(lambda c: c.exec_driver_sql("UPDATE readers SET languages = '[\"en\"]'"))
    nothing = await town.say("/search the comet")
    assert labels(nothing)[0] == ["In all languages (1)"]
    assert (await town.press("In all languages (1)"))["text"].startswith("Comet seen from the school roof")
    assert labels(await town.say("/search zeppelin")) == [["Follow it"], ["Latest", "Settings"]]


async def test_latest_takes_the_name_of_a_desk_and_searches_other_words(town: Town) -> None:
    await town.join()
    for name in ("Science", "science"):
        assert (await town.say(f"/latest {name}"))["text"].startswith("Latest · Science\n\n1. ")
    assert (await town.say("/latest comet"))["text"].startswith("Comet seen from the school roof")


async def test_old_stories_are_dated_by_the_readers_clock(town: Town) -> None:
    town.papers.paper("herald").print(
        "old", "An old story about ink", town.clock() - timedelta(days=2), text="x"
    )
    await news(town)
    await town.join()
    card = await town.say("/search ink")
    assert card["text"].splitlines()[1] == "Herald · 22 Nov 04:30"
