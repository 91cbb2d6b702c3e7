"""Comments that wait for the editors: held, approved, taken away with a reason, objected to; readers muted and banned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.playground.people import EDITH
from tests.end_to_end.talk import begin, edited_town, open_comments, post, reply
from tests.end_to_end.test_comments_kept import deliver
from tests.town import READER, RUSSIAN, Town, labels

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with edited_town(tmp_path, comment_words="casino, lottery ticket") as opened:
        yield opened


async def test_a_newcomers_first_comment_waits_and_is_approved(town: Town) -> None:
    await post(town, "Somebody must begin.", RUSSIAN)
    salma = 7_100_000_003
    await town.after(lambda: town.telegram.start(salma), salma)
    await town.app.db.write(lambda c: c.exec_driver_sql("UPDATE readers SET language = 'en'"))
    held = await reply(town, 1, "I came today.", salma)
    assert held["text"].splitlines()[-1] == (
        "Waits for the editors: it is your first. Until then only you see it."
    )
    assert labels(held)[0] == ["Comments 1"]
    assert "(waits for the editors: it is your first)" in (await open_comments(town, salma))["text"]
    assert "I came today." not in (await open_comments(town))["text"]
    assert await deliver(town) == 0, "nobody hears of it yet"
    case = await town.say("/reports", EDITH)
    lines = case["text"].splitlines()
    assert lines[0] == "Reports · 1 of 1"
    assert "I came today." in lines
    assert "Waits: it is your first" in lines
    assert labels(case) == [["Approve", "Take away"], ["Mute", "Ban"], ["Desk"]]
    done = await town.press("Approve", EDITH)
    assert done["text"] == "Approved.\n\nNothing waits."
    assert labels(done) == [["Desk"]]
    assert "I came today." in (await open_comments(town))["text"]
    assert await deliver(town) == 1
    assert "I came today." in town.telegram.last(RUSSIAN)["text"]
    assert (await reply(town, 1, "And a second one.", salma))["text"].endswith("Posted.")


async def test_an_editor_waits_for_nobody(town: Town) -> None:
    assert (await post(town, "Welcome, everybody.", EDITH))["text"].endswith("Posted.")
    assert (await town.say("/reports", EDITH))["text"].endswith("Nothing waits.")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Look at evil.example/now", "it has a link or a user name"),
        ("Ask @durov for it", "it has a link or a user name"),
        ("My CASINO is good", "it has a word that they want to look at"),
        ("a lottery, ticket please", "it has a word that they want to look at"),
    ],
)
async def test_links_and_listed_words_wait(town: Town, text: str, why: str) -> None:
    held = await post(town, text)
    assert held["text"].splitlines()[-1] == f"Waits for the editors: {why}. Until then only you see it."
    assert text not in (await open_comments(town, RUSSIAN))["text"]


async def test_too_many_at_once_wait_and_so_does_the_same_again(town: Town) -> None:
    for n in range(5):
        assert (await post(town, f"Thought number {n} of mine"))["text"].endswith("Posted.")
    assert "there were many in a few minutes" in (await post(town, "A sixth one"))["text"]
    town.clock.advance(minutes=11)
    assert "the same was written before" in (await post(town, "thought NUMBER 2, of mine."))["text"]


async def test_nobody_fills_the_editors_desk(town: Town) -> None:
    for n in range(5):
        await post(town, f"See evil{n}.example")
    town.clock.advance(minutes=11)
    refused = await post(town, "See evil6.example")
    assert refused["text"].startswith("Several of your comments wait for the editors.")
    assert (await town.say("/reports", EDITH))["text"].startswith("Reports · 1 of 5")


async def test_what_is_taken_away_says_why_and_its_author_may_object(town: Town) -> None:
    await post(town, "Buy my umbrellas")
    shown = await open_comments(town, RUSSIAN)
    await town.press("Жалоба", RUSSIAN, shown)
    asked = await town.press("1", RUSSIAN)
    assert asked["text"].splitlines()[-1] == "Что с ним не так?"
    said = await town.press("Реклама", RUSSIAN)
    assert said["text"] == "Редакция посмотрит."
    case = await town.say("/reports", EDITH)
    assert "Reported: 1 × advert" in case["text"]
    assert "Buy my umbrellas" in (await open_comments(town, RUSSIAN))["text"], "a report alone hides nothing"
    await town.press("Take away", EDITH)
    done = await town.press("Advert", EDITH)
    assert done["text"].startswith("Taken away; its author is told why.")
    assert "(hidden by the editors: advert)" in (await open_comments(town))["text"]
    others = (await open_comments(town, RUSSIAN))["text"]
    assert "umbrellas" not in others
    assert "(скрыто редакцией: реклама)" in others
    assert await deliver(town) == 1
    told = town.telegram.last(READER)
    assert told["text"].startswith("The editors took your comment away: advert.")
    objected = await town.press("Object")
    assert objected["text"] == "The editors will look at your comment once more."
    assert labels(objected) == [["Latest"]]
    case = await town.say("/reports", EDITH)
    assert "Taken away: advert. Its author objects." in case["text"]
    assert labels(case)[0] == ["Approve", "Leave it away"]
    await town.press("Approve", EDITH)
    assert "Buy my umbrellas" in (await open_comments(town, RUSSIAN))["text"]


async def test_a_second_no_is_the_last_word(town: Town) -> None:
    await post(town, "Buy at evil.example")
    await town.say("/reports", EDITH)
    await town.press("Take away", EDITH)
    await town.press("Other reason", EDITH)
    await deliver(town)
    assert "(not published by the editors: another reason)" in (await open_comments(town))["text"]
    assert "evil" not in (await open_comments(town, RUSSIAN))["text"]
    await town.press("Object")
    await town.say("/reports", EDITH)
    await town.press("Leave it away", EDITH)
    await town.press("Advert", EDITH)
    assert await deliver(town) == 1
    assert labels(town.telegram.last(READER)) == []


async def test_a_muted_reader_writes_again_when_the_time_is_over_and_a_banned_one_never(town: Town) -> None:
    await post(town, "First.")
    await town.press("Жалоба", RUSSIAN, await open_comments(town, RUSSIAN))
    await town.press("1", RUSSIAN)
    await town.press("Оскорбление", RUSSIAN)
    await town.say("/reports", EDITH)
    asked = await town.press("Mute", EDITH)
    assert labels(asked) == [["1 day", "7 days"], ["30 days"], ["Back"]]
    muted = await town.press("1 day", EDITH)
    assert "Writes nothing until" in muted["text"]
    shown = await open_comments(town)
    refused = await town.press("Write", message=shown)
    assert refused["text"].startswith("The editors take no comments from you until ")
    town.clock.advance(days=1, minutes=1)
    assert (await post(town, "Second."))["text"].endswith("Posted.")
    await begin(town)
    await town.say("/reports", EDITH)
    await town.press("Ban", EDITH)
    banned = await town.press("Ban", EDITH)
    assert "Writes nothing any more" in banned["text"]
    assert (await town.say("Third."))["text"] == "The editors take no comments from you any more."
    assert (await town.press("Write", message=await open_comments(town)))["text"] == (
        "The editors take no comments from you any more."
    )


async def test_only_editors_work_at_the_desk(town: Town) -> None:
    await post(town, "See evil.example")
    help_page = await town.say("/help")
    assert (await town.say("/reports"))["text"].startswith("I do not know this command.")
    for data in ("reports:0", "case:1:hide:0", "judge:1:approve:-:0"):
        town.telegram.press_data(READER, help_page["message_id"], data)
        await town.settled()
        assert town.telegram.last(READER)["text"] == "This button is from an old list."
    case = await town.say("/reports", EDITH)
    town.telegram.press_data(EDITH, case["message_id"], "judge:1:approve:-:0")
    await town.settled()
    assert town.telegram.last(EDITH)["text"] == "This button is from an old list.", "not signed"
    assert (await town.say("/reports", EDITH))["text"].startswith("Reports · 1 of 1")


async def test_editors_leaf_through_what_waits(town: Town) -> None:
    for n in range(3):
        await post(town, f"See evil{n}.example")
    first = await town.say("/reports", EDITH)
    assert labels(first)[-2:] == [["Next page"], ["Desk"]]
    second = await town.press("Next page", EDITH)
    assert second["text"].startswith("Reports · 2 of 3")
    assert labels(second)[-2:] == [["Back", "Next page"], ["Desk"]]
    await town.press("Approve", EDITH)
    assert town.telegram.last(EDITH)["text"].startswith("Approved.\n\nReports · 2 of 2")
    assert (await town.press("Back", EDITH))["text"].startswith("Reports · 1 of 2")
