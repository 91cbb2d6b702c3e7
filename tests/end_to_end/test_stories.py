"""Stories in the chat: their whole text, the links that lead to them, and a page that keeps a reader waiting."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tests.end_to_end.test_digest import news
from tests.town import READER, labels

if TYPE_CHECKING:
    from tests.town import Town


async def test_the_whole_text_is_sent_in_parts(town: Town) -> None:
    await town.join()
    await town.say("/search bridge flood")
    page = await town.press("Read")
    assert labels(page)[-1] == ["Source page"]
    before = len(town.telegram.messages(READER))
    place = town.button("Whole text")

    def twice() -> None:
        town.telegram.press(READER, *place)
        town.telegram.press(READER, *place)

    last = await town.after(twice)
    parts = town.telegram.messages(READER)[before:]
    assert [part["text"].splitlines()[2] for part in parts] == [
        f"Part {n} of {len(parts)}" if n == 1 else "" for n in range(1, len(parts) + 1)
    ]
    assert f"Part {len(parts)} of {len(parts)}" in last["text"]


async def test_who_wants_whole_texts_gets_them_at_once(town: Town) -> None:
    await town.join()
    await town.say("/settings")
    await town.press("Page: short")
    await town.press("Whole text")
    await town.say("/search bridge flood")
    before = len(town.telegram.messages(READER))
    await town.press("Read")
    assert len(town.telegram.messages(READER)) == before + 2


async def test_a_card_leads_to_the_text_and_to_other_readers(town: Town) -> None:
    await town.join()
    card = await town.after(lambda: town.telegram.start(READER, "s1"))
    assert labels(card) == [["Read", "Brief"], ["Related", "Comments"], ["Save", "Share"], ["Source page"]]
    text = await town.press("Read", message=card)
    assert text["reply_to_message"]["message_id"] == card["message_id"]
    home = [e["url"] for e in text["entities"] if e.get("url", "").startswith("https://t.me/")][-1]
    again = await town.say(home)
    assert again["text"] == text["text"], "the link home, pasted"
    gone = await town.after(lambda: town.telegram.start(READER, "s99999"))
    assert labels(gone) == [["Latest"]]


async def test_a_link_is_read_here_where_we_know_its_story(town: Town) -> None:
    await town.join()
    url = f"{town.papers.url}/lens/l0"
    for words in (url, f"Look at this: {url}?utm_source=friend", f"/read {url}"):
        assert (await town.say(words))["text"].startswith("Comet seen from the school roof")
    assert (await town.say(f"/save {url}"))["text"] == "Saved: Comet seen from the school roof"


async def test_a_link_that_we_do_not_know_says_what_can_be_done(town: Town) -> None:
    await town.join()
    for words in ("https://elsewhere.example/news", "https://t.me/other_bot?start=s1"):
        answer = await town.say(words)
        assert answer["text"].startswith("No story of ours is at this address, and")
        assert labels(answer) == [["Follow the site"]]
    answer = await town.say("/read https://a.example/")
    assert answer["text"].startswith("No story of ours is at this address.")
    assert labels(answer) == [["Latest", "Help"]]


async def test_a_forwarded_story_is_known_by_the_links_behind_its_words(town: Town) -> None:
    await town.join()
    told = {"type": "text_link", "offset": 0, "length": 5, "url": f"{town.papers.url}/lens/l1"}
    written = {
        "message_id": 900,
        "date": 1,
        "chat": {"id": READER, "type": "private"},
        "from": {"id": READER, "is_bot": False, "first_name": "Maya"},
        "text": "Bones and a whale",
        "entities": [told],
    }
    await town.update(1, message=written)
    assert town.telegram.last(READER)["text"].startswith("Old bones turn out to be a whale")


async def wait_for_page(town: Town) -> tuple[dict[str, Any], asyncio.Event]:
    """Ask for a page that its paper holds back, until the wait is told; gives that message and what lets the page go."""
    await town.join()
    await town.say("/latest")
    gate = town.papers.paper("lens").hold = asyncio.Event()
    town.telegram.say(READER, "1")
    told = await town.telegram.wait_for(
        lambda: (last := town.telegram.last(READER))["text"].startswith("Fetching from") and last
    )
    return told, gate


async def test_a_long_wait_is_told_and_becomes_the_page(town: Town) -> None:
    told, gate = await wait_for_page(town)
    assert told["text"] == "Fetching from 127.0.0.1 …"
    gate.set()
    await town.settled()
    page = town.telegram.last(READER)
    assert page["message_id"] == told["message_id"]
    assert page["text"].startswith("Old bones turn out to be a whale")


async def test_a_long_wait_may_end_in_a_failure_and_its_message_says_so(town: Town) -> None:
    told, gate = await wait_for_page(town)
    await town.app.db.write(lambda c: c.exec_driver_sql("DELETE FROM stories"))
    gate.set()
    await town.settled()
    assert town.message(told["message_id"])["text"] == "This story is not in our archive any more."


async def test_a_card_has_a_picture_and_tags_that_lead_to_other_stories(town: Town) -> None:
    herald = town.papers.paper("herald")
    at = town.clock()
    herald.print(
        "lorna",
        "Ferry Lorna is mended",
        at,
        text="Men mend the ferry Lorna in Port Selby.",
        picture="https://herald.example/lorna.jpg",
    )
    herald.print("hat", "Cook finds hat", at, text="The cook of the ferry Lorna has found a hat.")
    await news(town)
    await town.join()
    card = await town.say("mended")
    assert labels(card)[-1] == ["#Lorna"]
    assert card["text"].splitlines()[2] == "Picture: herald.example"
    assert card["link_preview_options"]["url"] == "https://herald.example/lorna.jpg"
    found = await town.press("#Lorna")
    assert found["text"].startswith("2 stories for “Lorna”")
