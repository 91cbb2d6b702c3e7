"""What stands around a story, as a reader asks for it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.end_to_end.test_digest import news
from tests.town import READER, labels

if TYPE_CHECKING:
    from tests.town import Town

STRIKE = (
    "Harbour pilots in Port Selby stop work over night shifts",
    (
        "The pilots of Port Selby stopped work at midnight. Their union wants shorter night shifts. Ships with grain and "
        "timber wait outside the harbour, and the harbour master Ada Quill asks both sides to come back to the table."
    ),
)
TALKS = (
    "Union and harbour master meet over night shifts of pilots",
    (
        "The pilots' union and harbour master Ada Quill met in Port Selby to speak of night shifts. The pilots have stopped "
        "work, and ships with grain wait outside."
    ),
)
GRAIN = (
    "Grain prices rise as ships wait outside Port Selby",
    (
        "Bread may soon cost more in the towns of the coast: merchants paid a tenth more for grain on Monday, because the "
        "ships that bring it wait outside Port Selby, where pilots are on strike."
    ),
)


async def print_strike(town: Town) -> None:
    herald, lens = town.papers.paper("herald"), town.papers.paper("lens")
    now = town.clock()
    herald.print("strike", STRIKE[0], now - timedelta(minutes=9), text=STRIKE[1])
    lens.print("strike", STRIKE[0], now - timedelta(minutes=8), text=STRIKE[1])
    lens.print("talks", TALKS[0], now - timedelta(minutes=5), text=TALKS[1])
    herald.print("grain", GRAIN[0], now - timedelta(minutes=3), text=GRAIN[1])
    await news(town)


async def test_what_belongs_to_a_story_stands_in_groups_with_the_words_that_are_shared(town: Town) -> None:
    await print_strike(town)
    await town.join()
    card = await town.say("midnight")
    assert labels(card)[1] == ["Related", "Comments"]
    around = await town.press("Related")
    lines = around["text"].splitlines()
    assert lines[0] == f"Related to: {STRIKE[0]}"
    groups = [line for line in lines if line.startswith("Same ")]
    assert groups[:2] == ["Same story", "Same affair"]
    assert f"• {STRIKE[0]}" in lines
    assert f"1. {TALKS[0]}" in lines
    reason = lines[lines.index(f"1. {TALKS[0]}") + 2]
    assert 2 <= len(reason.split(", ")) <= 4
    assert all(word.lower() in STRIKE[1].lower() + STRIKE[0].lower() for word in reason.split(", "))
    assert labels(around)[-2:] == [["Follow this", "Timeline"], ["To the story"]]
    opened = await town.say("1")
    assert opened["text"].startswith(TALKS[0])
    back = await town.press("To the story", message=around)
    assert back["text"].startswith(STRIKE[0])


async def test_an_affair_is_told_from_its_beginning_and_the_end_of_a_text_leads_on(town: Town) -> None:
    await print_strike(town)
    await town.join()
    await town.say("midnight")
    read = await town.press("Read")
    after = read["text"].partition("\n\nRead on\n")[2].splitlines()
    assert after[0] == f"• {TALKS[0]} · Lens"
    assert after[1:] == ["", "Open in Newsroom"]
    links = [one["url"] for one in read["entities"] if one["type"] == "text_link"]
    assert sum("?start=s" in link for link in links) == 2
    around = await town.press("Related")
    line = await town.press("Timeline", message=around)
    stories = [one for one in line["text"].splitlines() if one[:2] in {"1.", "2."}]
    assert stories == [f"1. {STRIKE[0]}", f"2. {TALKS[0]}"]
    assert line["text"].splitlines()[4] == "You came from here"
    assert (await town.say("2"))["text"].startswith(TALKS[0])


async def test_where_nothing_belongs_to_a_story_nothing_is_listed(town: Town) -> None:
    town.papers.paper("herald").print(
        "moth", "A moth with four wings of silk", town.clock(), text="Nobody had seen such a moth before."
    )
    await news(town)
    await town.join()
    await town.say("moth silk")
    await town.press("Read")
    alone = await town.say("/related")
    assert alone["text"].splitlines()[2] == "Nothing else on this in our archive yet."
    assert labels(alone) == [["To the story", "Follow this"]]


async def test_related_without_a_story_asks_which_one(town: Town) -> None:
    await town.join()
    assert (await town.say("/related"))["text"].startswith("Which one?")
    assert (await town.say("/related 2"))["text"].startswith("Related to: Comet seen")
    assert (await town.say("/related s999"))["text"] == "This story is not in our archive any more."


async def test_a_second_tap_opens_no_second_list(town: Town) -> None:
    await town.join()
    await town.say("comet school")
    before = len(town.telegram.messages(READER))
    place = town.button("Related")

    def twice() -> None:
        town.telegram.press(READER, *place)
        town.telegram.press(READER, *place)

    await town.after(twice)
    assert len(town.telegram.messages(READER)) == before + 1
