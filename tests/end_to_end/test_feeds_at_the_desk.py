"""Feeds at the desk: looked at before they are taken in, by lists, renamed, shown in part, and cured."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bot.errors import UserError
from tests.end_to_end.test_subscriptions import opml, send
from tests.town import READER, RUSSIAN, Papers, TownClock, labels, open_town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.town import Town

TEXT = "\n\n".join(f"Paragraph {n} says something that is worth reading to the end." for n in range(12))


@pytest.fixture
async def owned(tmp_path: Path) -> AsyncIterator[Town]:
    """A newsroom whose owner is the first reader; a third paper stands outside."""
    clock, papers = TownClock(), Papers()
    papers.paper("herald").print("one", "A first story of ours", clock(), text=TEXT, teaser="A beginning.")
    papers.paper("lens").print("two", "Another story", clock(), text="It is short.")
    for number in range(5):
        papers.paper("science").print(f"s{number}", f"Star number {number}", clock())
        clock.advance(hours=6)
    async with open_town(tmp_path, clock=clock, papers=papers, admin_ids=(READER,)) as town:
        await town.news()
        await town.join(READER)
        yield town
        assert town.refused() == []


async def turned(town: Town, label: str, message: dict[str, Any]) -> dict[str, Any]:
    """Press a button on an older message; that message as it is then."""
    await town.press(label, message=message)
    return next(one for one in town.telegram.messages(READER) if one["message_id"] == message["message_id"])


async def ask_for_a_feed(town: Town) -> None:
    await town.say("/desk")
    await town.press("Feeds")
    asked = await town.press("Add feeds")
    assert asked["text"].startswith("Send the address of a feed or of a site.")


async def test_a_feed_is_looked_at_before_it_is_taken_in(owned: Town) -> None:
    await ask_for_a_feed(owned)
    shown = await owned.say(owned.papers.feed_url("science"))
    assert shown["text"].splitlines() == [
        "Science",
        "127.0.0.1",
        "",
        "• Star number 4",
        "• Star number 3",
        "• Star number 2",
        "",
        "5 stories in it now",
        "A day: 4",
        "Gives teasers; texts are read from its pages",
        "",
        "Desk: Science",
    ]
    assert labels(shown) == [["Add", "Other desk"], ["Cancel"]]
    await owned.press("Other desk")
    assert "Desk: World" in (await owned.press("World"))["text"]
    added = await owned.press("Add")
    assert added["text"].startswith("Added.")
    assert "Desk: World" in added["text"]
    await owned.news()
    assert "Star number 4" in (await owned.say("/latest"))["text"]
    await ask_for_a_feed(owned)
    again = await owned.say(f"{owned.papers.url}/science/")
    assert again["text"].endswith("This feed is here already.")
    assert (await owned.press("Look"))["text"].startswith("Science\n")
    log = (await owned.say("/log"))["text"].splitlines()[1:]
    assert [line.partition(": ")[2] for line in log] == ["added Science"]


async def test_what_is_no_feed_is_said_plainly_and_cancelling_adds_nothing(owned: Town) -> None:
    await ask_for_a_feed(owned)
    owned.papers.paper("ill").status = 503
    refused = await owned.say(owned.papers.feed_url("ill"))
    assert "to be left alone" in refused["text"]
    assert refused["text"].endswith("A list of feeds (OPML) can come as a file.")
    assert labels(refused) == [["Cancel"]], "the next message may be another address"
    await owned.say(owned.papers.feed_url("science"))
    assert (await owned.press("Cancel"))["text"].startswith("2 feeds")
    await ask_for_a_feed(owned)
    await owned.press("Cancel")
    assert "found" not in (await owned.say("storm"))["text"].partition("\n")[0], "a search, and no address"


async def test_a_page_that_names_several_feeds_offers_them(owned: Town) -> None:
    owned.papers.paper("group").named = ["science", "lens"]
    await ask_for_a_feed(owned)
    offered = await owned.say(f"{owned.papers.url}/group/")
    assert labels(offered) == [["1", "2"], ["Cancel"]]
    assert (await owned.press("1"))["text"].startswith("Science\n")


async def test_a_list_sent_to_the_desk_is_added_whole_and_taken_back(owned: Town) -> None:
    owned.papers.paper("ill").status = 503
    await ask_for_a_feed(owned)
    addresses = [owned.papers.feed_url(name) for name in ("science", "herald", "ill")]
    said = await send(owned, opml(*addresses))
    assert said.splitlines()[0] == "3 feeds found"
    assert "1 new" in said
    assert "1 here already" in said
    assert "1 dead" in said
    added = await owned.press("Add all: 1")
    assert added["text"].startswith("1 feed added.")
    await owned.say("/desk")
    assert (await owned.press("Feeds"))["text"].startswith("3 feeds")
    assert (await turned(owned, "Take it back", added))["text"] == "1 feed taken back."
    await owned.say("/desk")
    assert (await owned.press("Feeds"))["text"].startswith("2 feeds")
    assert "follow" not in said
    followed = await send(owned, opml(addresses[0]))
    assert "Follow all" in str(labels(owned.telegram.last(READER))), f"a reader's own list: {followed}"


async def test_a_feed_is_renamed_and_its_texts_stay_with_their_paper(owned: Town) -> None:
    await owned.say("/desk")
    await owned.press("Feeds")
    await owned.press("2")
    await owned.press("Rename")
    renamed = await owned.say("The *Evening* Herald")
    assert renamed["text"].startswith("Renamed.")
    assert "The *Evening* Herald" in (await owned.say("/latest"))["text"]
    story = next(
        line.partition(".")[0]
        for line in owned.telegram.last(READER)["text"].splitlines()
        if line.endswith("A first story of ours")
    )
    opened = await owned.say(f"/read {story}")
    assert "Paragraph 0 says" in opened["text"]
    feed = await turned(owned, "Teaser", await turned(owned, "Texts", renamed))
    assert feed["text"].startswith("That holds from now on")
    shown = await owned.say(f"/read {story}")
    assert "Paragraph 0 says" not in shown["text"]
    assert "A beginning." in shown["text"]
    assert "Its text is for reading at 127.0.0.1." in shown["text"]
    feed = await turned(owned, "Link only", await turned(owned, "Texts", feed))
    linked = await owned.say(f"/read {story}")
    assert "A beginning." not in linked["text"]
    assert "A first story of ours" in linked["text"]
    await turned(owned, "Full text", await turned(owned, "Texts", feed))
    assert "Paragraph 0 says" in (await owned.say(f"/read {story}"))["text"]


async def test_removing_says_what_goes_with_it(owned: Town) -> None:
    await owned.join(RUSSIAN)
    await owned.say(f"/follow {owned.papers.feed_url('herald')}", RUSSIAN)
    await owned.say("/desk")
    await owned.press("Feeds")
    await owned.press("2")
    asked = await owned.press("Remove")
    assert asked["text"].splitlines()[1:] == ["1 reader follows it.", "Its 1 story stays."]


async def test_the_doctor_finds_another_address_and_only_an_editor_takes_it(owned: Town) -> None:
    herald = owned.papers.paper("herald")
    fresh = owned.papers.paper("fresh")
    fresh.items = [*herald.items]
    herald.status = 503
    herald.named = ["fresh"]
    owned.clock.advance(days=2)
    await owned.news()
    await owned.app.runner.run("examine")
    await owned.say("/desk")
    failing = await owned.press("Failing: 1")
    assert failing["text"].splitlines()[-1] == (
        "New address found at 127.0.0.1: 1 story, 1 with known headlines"
    )
    card = await owned.press("1")
    assert labels(card)[0] == ["Take new", "Look"]
    assert "A first story of ours" in (await owned.press("Look"))["text"]
    taken = await owned.press("Take new")
    assert taken["text"].startswith("It is fetched from the new address.")
    fresh.print("three", "A third story of ours", owned.clock())
    await owned.news()
    assert "A third story of ours" in (await owned.say("/latest"))["text"]
    back = await turned(owned, "Take the old one again", taken)
    assert back["text"].startswith("It is fetched from the old address again.")
    log = (await owned.say("/log"))["text"].splitlines()[1:]
    assert [line.partition(": ")[2] for line in log] == [
        "went back to the old address of Herald",
        "took the new address of Herald",
    ]


async def test_a_list_that_is_taken_back_leaves_readers_what_was_theirs(owned: Town) -> None:
    await owned.join(RUSSIAN)
    address = owned.papers.feed_url("science")
    await owned.say(f"/follow {address}", RUSSIAN)
    await owned.news()
    await ask_for_a_feed(owned)
    await send(owned, opml(address))
    added = await owned.press("Add all: 1")
    again = await turned(owned, "Take it back", added)
    assert again["text"] == "1 feed taken back."
    (row,) = await owned.app.db.read(
        lambda c: c.exec_driver_sql("SELECT state, private FROM feeds WHERE url LIKE '%science%'").all()
    )
    assert tuple(row) == ("active", 1)
    assert "Star number" not in (await owned.say("/latest"))["text"], "it is the reader's alone again"
    owned.papers.paper("science").print("s9", "A star of its own", owned.clock())
    owned.clock.advance(hours=5)
    await owned.news()
    assert "A star of its own" in (await owned.say("/search star own", RUSSIAN))["text"]


async def test_a_second_tap_on_add_all_keeps_the_way_back(owned: Town) -> None:
    await ask_for_a_feed(owned)
    await send(owned, opml(owned.papers.feed_url("science")))
    place = owned.button("Add all: 1")

    def twice() -> None:
        owned.telegram.press(READER, *place)
        owned.telegram.press(READER, *place)

    after = await owned.after(twice)
    assert after["text"].startswith("1 feed added.")
    assert labels(after)[0] == ["Take it back"]
    log = (await owned.say("/log"))["text"].splitlines()[1:]
    assert [line.partition(": ")[2] for line in log] == ["added feeds from a list: 1"]


async def test_a_feed_that_only_a_reader_had_is_added_under_the_address_it_moved_to(owned: Town) -> None:
    await owned.join(RUSSIAN)
    owned.papers.paper("old").print("x", "An old star", owned.clock())
    await owned.say(f"/follow {owned.papers.feed_url('old')}", RUSSIAN)
    moved = owned.papers.feed_url("science")
    await owned.app.db.write(
        lambda c: c.exec_driver_sql("UPDATE feeds SET moved_to = ? WHERE private = 1", (moved,))
    )
    await ask_for_a_feed(owned)
    assert labels(await owned.say(moved))[0][0] == "Add"
    assert (await owned.press("Add"))["text"].startswith("Added.")


async def test_one_feed_that_breaks_the_doctor_holds_up_no_other(
    owned: Town, caplog: pytest.LogCaptureFixture
) -> None:
    # An address that Python's own parser raises on; no feed gives one that passes our door.
    await owned.app.db.write(
        lambda c: c.exec_driver_sql("UPDATE feeds SET site = 'http://[', state = 'gone' WHERE id = 1")
    )
    for _ in range(2):
        await owned.app.runner.run("examine")
    assert [record.message for record in caplog.records if "examined" in record.message] == [
        "feed 1 could not be examined"
    ], "once a day"
    looked_after = await owned.app.db.read(
        lambda c: c.exec_driver_sql("SELECT count(*) FROM feeds WHERE advised_at IS NOT NULL").scalar_one()
    )
    assert looked_after == 2


async def test_who_was_let_go_takes_no_address(owned: Town) -> None:
    desk = owned.app.newsroom.desk
    await owned.join(RUSSIAN)
    stranger = await owned.app.newsroom.readers.get(RUSSIAN)
    assert stranger is not None
    await owned.app.db.write(
        lambda c: c.exec_driver_sql("UPDATE feeds SET moved_to = 'https://new.example/'")
    )
    with pytest.raises(UserError, match=r"office\.not_yours"):
        await desk.take_advice(1, stranger, 1)


async def test_an_address_that_another_feed_has_taken_is_not_taken_twice(owned: Town) -> None:
    address = owned.papers.feed_url("lens")
    found = json.dumps({"url": address, "title": "x", "stories": 1, "same": 1, "cut": False})
    await owned.app.db.write(
        lambda c: c.exec_driver_sql("UPDATE feeds SET advice = ? WHERE url LIKE '%herald%'", (found,))
    )
    await owned.say("/desk")
    await owned.press("Feeds")
    await owned.press("2")
    assert (await owned.press("Take new"))["text"] == "This feed is here already."


async def test_what_is_no_address_and_no_list_is_said_and_asked_for_again(owned: Town) -> None:
    await ask_for_a_feed(owned)
    odd = await owned.say("nonsense words")
    assert odd["text"].startswith("That is no address of a site.\n\nSend the address")
    assert labels(odd) == [["Cancel"]]
    bad = await send(owned, b"no xml at all")
    assert "no list of feeds" in bad
    assert bad.endswith("A list of feeds (OPML) can come as a file.")
    assert labels(owned.telegram.last(READER)) == [["Cancel"]]
    assert (await owned.say(owned.papers.feed_url("science")))["text"].startswith("Science\n")


async def test_a_feed_nearby_that_does_not_answer_is_asked_for_again(owned: Town) -> None:
    owned.papers.paper("group").named = ["science", "lens"]
    await ask_for_a_feed(owned)
    offered = await owned.say(f"{owned.papers.url}/group/")
    owned.papers.paper("science").status = 503
    refused = await owned.press("1", message=offered)
    assert "left alone" in refused["text"]
    assert labels(refused) == [["Cancel"]]


async def test_a_name_with_nothing_to_read_is_asked_for_again(owned: Town) -> None:
    await owned.say("/desk")
    await owned.press("Feeds")
    await owned.press("1")
    await owned.press("Rename")
    refused = await owned.say("\u3164")
    assert refused["text"].startswith("There is nothing to read in that.")
    assert labels(refused) == [["Cancel"]]
    assert "The Lens of the Town" in (await owned.say("The Lens of the Town"))["text"]
