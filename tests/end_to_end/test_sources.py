"""Who tells a story: the list of papers, and reading what each of them says."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.end_to_end.test_digest import news
from tests.town import READER, labels

if TYPE_CHECKING:
    from tests.town import Town

TITLE = "Harbour pilots stop work over night shifts"


async def print_in_two_papers(town: Town) -> None:
    now = town.clock()
    for n, paper in enumerate(("herald", "lens")):
        # One paper after the other, so that it is certain who told it first.
        text = "\n\n".join(
            f"The {paper} says so in paragraph {k}. " + "It goes on about it. " * 40 for k in range(9)
        )
        town.papers.paper(paper).print("pilots", TITLE, now - timedelta(minutes=9 - n), text=text)
        await news(town)


async def test_each_paper_can_be_read_and_its_pages_turned(town: Town) -> None:
    await print_in_two_papers(town)
    await town.join()
    card = await town.say("pilots night")
    assert labels(card)[-1][-1] == "2 sources"
    listed = await town.press("2 sources")
    assert listed["text"].splitlines() == [
        "2 sources, the first reporter first",
        "",
        f"1. {TITLE}",
        "Herald · 04:21",
        "",
        f"2. {TITLE}",
        "Lens · 04:22",
    ]
    assert labels(listed) == [["1. Herald"], ["2. Lens"], ["Not the same story"]]
    page = await town.press("2. Lens")
    assert "The lens says so in paragraph 0." in page["text"]
    second = await town.press("Next page", message=page)
    assert second["message_id"] == page["message_id"]
    assert "The lens says so in paragraph 2" in second["text"]
    first = await town.press("1. Herald", message=listed)
    assert "The herald says so in paragraph 0." in first["text"]
    assert labels(first)[-1][-1] == "2 sources"


async def test_a_telling_that_has_left_the_archive_gives_way_to_another(town: Town) -> None:
    await print_in_two_papers(town)
    await town.join()
    await town.say("pilots night")
    await town.press("2 sources")
    page = await town.press("2. Lens")
    await town.app.db.write(lambda c: c.exec_driver_sql("DELETE FROM articles WHERE feed_id = 2"))
    turned = await town.press("Next page", message=page)
    assert turned["text"].startswith(TITLE)
    town.telegram.press_data(READER, page["message_id"], "sources:99999")
    await town.settled()
    assert town.telegram.last(READER)["text"] == "This story is not in our archive any more."


async def test_two_papers_are_two_openings_and_each_comes_once(town: Town) -> None:
    await print_in_two_papers(town)
    await town.join()
    await town.say("pilots night")
    listed = await town.press("2 sources")
    before = len(town.telegram.messages(READER))
    lens, herald = (town.button(name, message=listed) for name in ("2. Lens", "1. Herald"))

    def taps() -> None:
        for place in (lens, lens, herald, herald):
            town.telegram.press(READER, *place)

    await town.after(taps)
    assert len(town.telegram.messages(READER)) == before + 2
