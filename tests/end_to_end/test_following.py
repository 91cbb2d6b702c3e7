"""Following: what a reader says and sees, and what nobody else does."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.town import READER, RUSSIAN, labels

if TYPE_CHECKING:
    import pytest

    from tests.town import Town


async def follow_blog(town: Town, person: int = READER) -> None:
    """A reader follows a site that the newsroom does not have."""
    blog = town.papers.paper("blog")
    blog.print("old", "An old post of the blog", town.clock() - timedelta(hours=3), text="Words.")
    await town.say(f"/follow {town.papers.feed_url('blog')}", person)


async def post(town: Town, slug: str, title: str) -> None:
    """The blog has something new, and the newsroom looks."""
    town.clock.advance(hours=5)
    town.papers.paper("blog").print(slug, title, town.clock() - timedelta(seconds=1), text="Words of it.")
    await town.news()
    await town.app.runner.run("follow")


async def deliver(town: Town, person: int = READER) -> dict[str, Any]:
    await town.app.runner.run("deliver")
    return town.telegram.last(person)


async def test_a_site_is_followed_by_its_address_and_told_at_once(town: Town) -> None:
    await town.join()
    town.papers.paper("blog")
    answer = await town.say(f"/follow {town.papers.url}/blog/")
    assert "You follow Blog" in answer["text"]
    await town.press("Send at once")
    await post(town, "first", "The first post after that")
    pushed = await deliver(town)
    assert "The first post after that" in pushed["text"]
    assert "You follow: Blog" in pushed["text"]
    await post(town, "second", "A second post")
    await town.app.runner.run("deliver")
    assert "A second post" in town.telegram.last(READER)["text"]
    digest = await town.say("/digest")
    assert "post" not in digest["text"], "what was pushed is not told again"


async def test_what_was_there_before_is_no_news_but_in_its_list(town: Town) -> None:
    await town.join()
    await follow_blog(town)
    await town.press("Send at once")
    await town.news()
    assert await town.app.runner.run("follow") == 0
    await town.say("/following")
    await town.press("1")
    shown = await town.press("Show its stories")
    assert "An old post of the blog" in shown["text"]


async def test_what_is_followed_comes_in_the_digest_whatever_its_desk(town: Town) -> None:
    await town.join()
    await follow_blog(town)
    await town.news()
    await post(town, "new", "A new post for the digest")
    assert "A new post for the digest" in (await town.say("/digest"))["text"]


async def test_a_private_feed_is_seen_by_who_follows_it_and_by_nobody_else(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    await town.join()
    await town.join(RUSSIAN)
    await follow_blog(town)
    await town.news()
    await post(town, "secret", "A secret treasure in the harbour")
    mine = await town.say("/latest")
    assert "secret treasure" in mine["text"]
    story = (await town.say("/search treasure"))["text"]
    assert "secret treasure" in story
    number = story_number(town)
    for words in (
        "/latest",
        "/search treasure",
        f"s{number}",
        f"/related s{number}",
        f"/save s{number}",
        "/digest",
    ):
        seen = await town.say(words, RUSSIAN)
        assert "secret" not in seen["text"], words
        assert "blog" not in seen["text"].lower(), words
    address = town.papers.feed_url("blog")
    seen = await town.say(f"{town.papers.url}/blog/secret", RUSSIAN)
    assert "treasure" not in seen["text"]
    opened = await town.say(f"{town.papers.url}/blog/secret")
    assert "secret treasure" in opened["text"]
    assert address not in caplog.text


def story_number(town: Town) -> int:
    """The story that the last card shows."""
    rows = town.telegram.last(READER)["reply_markup"]["inline_keyboard"]
    data = next(
        b["callback_data"] for row in rows for b in row if b.get("callback_data", "").startswith("open:")
    )
    return int(data.split(":")[1])


async def test_words_are_followed_in_all_their_forms(town: Town) -> None:
    await town.join()
    answer = await town.say("/search lighthouses")
    assert "Nothing for" in answer["text"]
    answer = await town.press("Follow it")
    assert "You follow “lighthouses”" in answer["text"]
    await town.press("Send at once")
    town.clock.advance(hours=5)
    town.papers.paper("herald").print("lh", "The lighthouse is sold", town.clock(), text="Words.")
    await town.news()
    await town.app.runner.run("follow")
    assert "The lighthouse is sold" in (await deliver(town))["text"]


async def test_several_feeds_nearby_are_offered(town: Town) -> None:
    await town.join()
    for name in ("posts", "replies"):
        town.papers.paper(name)
    town.papers.paper("blog").named = ["posts", "replies"]
    offer = await town.say(f"/follow {town.papers.url}/blog/")
    assert "Found nearby" in offer["text"]
    assert f"1. Posts ({town.papers.feed_url('posts')[7:]})" in offer["text"]
    assert labels(offer) == [["1", "2"]]
    assert "You follow Replies" in (await town.press("2"))["text"]


async def test_an_item_is_renamed_changed_removed_and_brought_back(town: Town) -> None:
    await town.join()
    await follow_blog(town)
    await town.say("/following")
    await town.press("1")
    await town.press("Rename")
    answer = await town.say("My own blog")
    assert "My own blog" in answer["text"]
    await town.press("Only in lists")
    assert "✓ Only in lists" in str(labels(town.telegram.last(READER)))
    await town.press("Unfollow")
    assert "You follow nothing yet" in (await town.say("/following"))["text"]
    await town.press("Undo")
    assert "My own blog" in (await town.say("/following"))["text"]
    assert "only in lists" in town.telegram.last(READER)["text"]


async def test_a_filter_shows_what_it_would_hide_before_it_is_kept(town: Town) -> None:
    await town.join()
    await follow_blog(town)
    await town.news()
    await post(town, "goal", "A goal in the last minute")
    await town.say("/following")
    await town.press("1")
    await town.press("Filters")
    await town.press("Hide words …")
    await town.press("Headline")
    trial = await town.say("goals")
    assert "it would have hidden: 1" in trial["text"]
    assert "A goal in the last minute" in trial["text"]
    await town.press("Keep")
    assert "Not with “goals” in the headline" in town.telegram.last(READER)["text"]
    await post(town, "more", "Another goal")
    assert "goal" not in (await town.say("/digest"))["text"].lower().replace("goal in the last", "")


async def test_no_button_shows_a_private_story_to_a_stranger(town: Town) -> None:
    await town.join()
    await town.join(RUSSIAN)
    await follow_blog(town)
    await town.news()
    await post(town, "secret", "A secret treasure in the harbour")
    await town.say("/search treasure")
    number = story_number(town)
    message_id = town.telegram.last(RUSSIAN)["message_id"]
    for verb in (
        "open",
        "brief",
        "page",
        "whole",
        "where",
        "related",
        "sources",
        "telling",
        "comments",
        "talk",
    ):
        town.clock.advance(seconds=10)
        data = f"{verb}:{number}:0:0"
        seen = await town.after(
            lambda data=data: town.telegram.press_data(RUSSIAN, message_id, data),  # type: ignore[misc]
            RUSSIAN,
        )
        assert "secret" not in str(seen), verb
        assert "blog" not in str(seen).lower(), verb


async def test_a_feed_of_two_readers_is_asked_once_and_rests_when_both_have_left(town: Town) -> None:
    await town.join()
    await town.join(RUSSIAN)
    await follow_blog(town)
    await town.say(f"/follow {town.papers.feed_url('blog')}", RUSSIAN)
    asked = town.papers.paper("blog").asked
    asked.clear()
    await town.news()
    assert asked == ["rss"]
    for person, one, remove in ((READER, "Change", "Unfollow"), (RUSSIAN, "Изменить", "Не следить")):
        asked.clear()
        town.clock.advance(hours=5)
        await town.news()
        assert asked == ["rss"]
        await town.press(one, person)
        await town.press(remove, person)
    asked.clear()
    town.clock.advance(hours=5)
    await town.news()
    assert asked == []
    await town.press("Undo")
    await town.news()
    assert asked == ["rss"]


async def test_a_filter_for_all_counts_everywhere_until_it_is_taken_away(town: Town) -> None:
    await town.join()
    await follow_blog(town)
    await town.say("/following")
    await town.press("Filters: all")
    await town.press("Only words …")
    await town.press("Category")
    trial = await town.say("football")
    assert "Only with “football” in a category" in trial["text"]
    await town.press("Keep")
    await town.news()
    await post(town, "new", "A post of no category")
    assert "no category" not in (await town.say("/digest"))["text"]
    await town.say("/following")
    await town.press("Filters: all")
    assert "None yet: everything is shown." in (await town.press("1"))["text"]
    await post(town, "newer", "Another post of no category")
    assert "Another post" in (await town.say("/digest"))["text"]


async def test_what_is_waited_for_is_told_and_becomes_the_answer(town: Town) -> None:
    await town.join()
    blog = town.papers.paper("blog")
    blog.hold = asyncio.Event()
    town.telegram.say(READER, f"/follow {town.papers.url}/blog/slow")

    def waiting() -> bool:
        return str(town.telegram.last(READER)["text"]).startswith("Looking at 127.0.0.1")

    await town.telegram.wait_for(waiting)
    shown = town.telegram.last(READER)
    blog.hold.set()
    await town.settled()
    assert "status 404" in town.message(shown["message_id"])["text"]


async def test_follow_alone_asks_and_offers_the_story_that_was_read_last(town: Town) -> None:
    await town.join()
    assert labels(await town.say("/follow")) == []
    await town.say("/latest")
    read = await town.say("1")
    title = read["text"].splitlines()[0]
    asked = await town.say("/follow")
    assert asked["text"].endswith(f"The story that you read last: {title}")
    assert (await town.say("/following"))["text"].startswith("You follow nothing yet"), "asking is no doing"
    assert title in (await town.press("Follow this", message=asked))["text"]


async def test_a_site_that_cannot_be_followed_leaves_a_way_on(town: Town) -> None:
    await town.join()
    for status, said in ((503, "left alone"), (403, "does not let the newsroom in"), (404, "status 404")):
        town.papers.paper("ill").status = status
        refused = await town.say(f"/follow {town.papers.feed_url('ill')}")
        assert said in refused["text"]
        assert labels(refused) == [["Following"]]
    assert "nothing yet" in (await town.press("Following"))["text"]
