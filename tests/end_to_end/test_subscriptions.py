"""Lists of feeds by chat: what is sent in, what is offered, what is handed back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.domain.following import MOST
from bot.playground.faults import Answer
from tests.town import READER, labels

if TYPE_CHECKING:
    from tests.town import Town


def opml(*addresses: str) -> bytes:
    outlines = "".join(
        f'<outline type="rss" text="Feed {n}" xmlUrl="{url}"/>' for n, url in enumerate(addresses, 1)
    )
    return f'<opml version="2.0"><head/><body>{outlines}</body></opml>'.encode()


async def send(town: Town, data: bytes, name: str = "feeds.opml", kind: str = "text/x-opml") -> str:
    """A reader sends a document; what the bot says to it."""
    last = await town.after(lambda: town.telegram.send_document(READER, name, kind, data))
    return str(last["text"])


async def test_a_list_is_checked_and_followed_when_its_reader_says_so(town: Town) -> None:
    await town.join()
    for name in ("one", "two"):
        town.papers.paper(name)
    town.papers.paper("ill").status = 503
    await town.say(f"/follow {town.papers.feed_url('herald')}")
    addresses = [town.papers.feed_url(name) for name in ("one", "herald", "two", "ill")]
    said = await send(town, opml(*addresses, f"{town.papers.url}/one/"))
    assert "5 feeds found" in said
    assert "2 new" in said
    assert "1 that you follow already" in said
    assert "1 dead: its site does not give it\n• Feed 4" in said
    assert "1 where something else stands\n• Feed 5" in said
    assert labels(town.telegram.last(READER)) == [["Follow all", "Cancel"]]
    assert "You follow 2 more feeds." in (await town.press("Follow all"))["text"]
    shown = await town.say("/following")
    assert "Feed 1" in shown["text"]
    assert "Feed 3" in shown["text"]
    assert "Feed 4" not in shown["text"]


async def test_nothing_is_followed_where_the_reader_cancels(town: Town) -> None:
    await town.join()
    town.papers.paper("one")
    await send(town, opml(town.papers.feed_url("one")))
    assert "You follow nothing yet" in (await town.press("Cancel"))["text"]


async def test_a_list_fills_the_room_that_is_left(town: Town) -> None:
    await town.join()
    for n in range(MOST - 1):
        await town.say(f"/follow someword{n}")
    for name in ("one", "two"):
        town.papers.paper(name)
    said = await send(town, opml(*(town.papers.feed_url(name) for name in ("one", "two"))))
    assert "1 new" in said
    assert "1 for which there is no room" in said
    await town.press("Follow all")
    full = await town.say("/follow another")
    assert full["text"] == "You follow 50 items already, and that is the most. Remove something first."
    assert labels(await town.say("/following"))[0] == ["1", "2", "3", "4", "5"]
    assert "Back" in str(labels(await town.press("Next page")))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"no xml at all", "no list of feeds"),
        (opml(), "0 feeds found"),
        (b"<x>" * 400_000, "larger than 1 MB"),
    ],
)
async def test_what_is_no_list_is_told_so(town: Town, data: bytes, said: str) -> None:
    await town.join()
    assert said in await send(town, data)
    assert labels(town.telegram.last(READER)) == [["Following"]]


async def test_a_document_that_telegram_keeps_is_asked_for_again(town: Town) -> None:
    await town.join()
    town.telegram.faults.add("getFile", Answer(200, b'{"ok":true,"result":{}}'))
    assert "Send it once more" in await send(town, opml())
    assert labels(town.telegram.last(READER)) == [["Following"]]
    town.telegram.calls.clear()


async def test_another_document_is_no_text(town: Town) -> None:
    await town.join()
    assert "I read text, links and numbers." in await send(town, b"x", "x.pdf", "application/pdf")


async def test_what_is_followed_is_handed_back_as_a_list(town: Town) -> None:
    await town.join()
    assert "You follow no feed yet" in (await town.say("/export"))["text"]
    town.papers.paper("blog")
    await town.say(f"/follow {town.papers.feed_url('blog')}")
    await town.say("/follow just words")
    sent = await town.say("/export")
    assert sent["document"]["file_name"] == "following.opml"
    content = town.telegram._exchange.state.files[sent["document"]["file_id"]].data.decode()
    assert f'xmlUrl="{town.papers.feed_url("blog")}"' in content
    assert content.count("xmlUrl") == 1
