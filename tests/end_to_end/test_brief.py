"""A story in a few of its sentences, and the day in five, as a reader asks for them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.end_to_end.test_digest import news
from tests.town import READER, labels

if TYPE_CHECKING:
    from tests.town import Town

SENTENCES = (
    "The ferry Lorna struck a rock in the sound of Orrin on Sunday night.",
    "Nobody was hurt.",
    "The captain of the ferry says that the rock stands on no chart of the sound.",
    "A cook lost his hat.",
    "The sound will be measured anew, and until then the ferry takes the long way round the rock.",
    "Tea was served on the pier.",
    "It was raining in the evening.",
    "The harbour office has asked the captain to write down what he saw.",
)


def print_ferry(town: Town) -> None:
    text = "\n\n".join(SENTENCES)
    town.papers.paper("herald").print("rock", "Ferry strikes a rock in the sound", town.clock(), text=text)


async def test_a_story_in_brief_is_made_of_its_own_sentences_and_shows_where_they_stand(town: Town) -> None:
    print_ferry(town)
    await news(town)
    await town.join()
    await town.say("/search rock sound")
    brief = await town.press("Brief")
    lines = brief["text"].split("\n\n")
    assert lines[0].startswith("In brief: Ferry strikes a rock in the sound\nHerald · ")
    told = [line.partition(". ")[2] for line in lines[1:4]]
    assert set(told) <= set(SENTENCES)
    assert [SENTENCES.index(one) for one in told] == sorted(SENTENCES.index(one) for one in told)
    assert labels(brief) == [["1", "2", "3"], ["Read", "Related"]]
    page = await town.press("2", message=brief)
    bold = [e for e in page["entities"] if e["type"] == "bold"]
    assert page["text"][bold[-1]["offset"] :].startswith(told[1])
    assert page["reply_to_message"]["message_id"] == brief["message_id"]
    assert labels(page)[0] == ["Related", "Comments"]


async def test_a_story_without_a_text_has_its_teaser_and_says_why(town: Town) -> None:
    town.papers.paper("herald").print("t", "Only a teaser of a moth", town.clock(), teaser="It has wings.")
    await news(town)
    await town.join()
    await town.say("/latest")
    told = await town.say("/brief 1")
    assert "It has wings." in told["text"]
    assert "gives only this summary" in told["text"]
    assert labels(told)[0] == ["Related", "Comments"]


async def test_the_day_is_told_in_five_sentences_of_different_desks(town: Town) -> None:
    herald, now = town.papers.paper("herald"), town.clock()
    print_ferry(town)
    for n in range(6):
        teaser = f"The council spoke for {n + 2} hours about the market. Nobody left."
        herald.print(f"c{n}", f"Council speaks {n}", now - timedelta(minutes=n), teaser=teaser)
    await news(town)
    await town.join()
    day = await town.say("/brief")
    lines = day["text"].split("\n\n")
    assert lines[0] == "The day in 5 sentences"
    assert len(lines) == 6
    assert all(line.endswith(("(Herald)", "(Lens)")) for line in lines[1:])
    assert sum("(Lens)" in line for line in lines) >= 2
    assert labels(day) == [["1", "2", "3", "4", "5"], ["Latest", "Settings"]]
    opened = await town.press("1", message=day)
    assert labels(town.message(day["message_id"]))[0][0] == "✓ 1"
    assert (await town.say("1", reply_to=day["message_id"]))["text"] == opened["text"]


async def test_a_day_without_news_says_so(town: Town) -> None:
    await town.join()
    town.clock.advance(hours=30)
    day = await town.say("/brief")
    assert day["text"] == "Nothing new in the last 24 hours."
    assert labels(day) == [["Latest", "Settings"]]


async def test_a_second_tap_opens_no_second_brief_but_reading_is_another_thing(town: Town) -> None:
    await town.join()
    await town.say("bridge orrin flood")
    card = town.telegram.last(READER)
    before = len(town.telegram.messages(READER))
    brief, read = town.button("Brief", message=card), town.button("Read", message=card)

    def taps() -> None:
        for place in (brief, brief, read, read):
            town.telegram.press(READER, *place)

    await town.after(taps)
    assert len(town.telegram.messages(READER)) == before + 2


async def test_a_story_is_found_by_the_words_of_its_page_once_it_has_been_read(town: Town) -> None:
    print_ferry(town)
    await news(town)
    await town.join()
    assert (await town.say("tea pier"))["text"].startswith("Nothing for")
    await town.say("/search rock sound")
    await town.press("Read")
    assert (await town.say("tea pier"))["text"].startswith("Ferry strikes a rock in the sound")
