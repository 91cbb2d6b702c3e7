"""What comes at once: so many an hour, updates as replies, and the question after two silent weeks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.domain.following import PUSHES
from tests.town import READER, labels

if TYPE_CHECKING:
    from tests.town import Town

AFFAIR = (
    "The Orrin bridge was closed after the flood had damaged its northern pillar, said Mayor Tresham. "
    "Engineers inspect the Orrin bridge pillar, and Tresham promises a ferry until the pillar is mended."
)


async def follow_at_once(town: Town, what: str) -> None:
    await town.say(f"/follow {what}")
    await town.press("Send at once")


async def printed(
    town: Town, *titles: str, paper: str = "herald", text: str = "Words."
) -> list[dict[str, Any]]:
    """A paper prints articles; what arrives in the chat then."""
    town.clock.advance(hours=5)
    for n, title in enumerate(titles):
        at = town.clock() - timedelta(seconds=n)
        town.papers.paper(paper).print(f"{paper}{at.timestamp()}", title, at, text=text, teaser=text)
    before = len(town.telegram.messages(READER))
    await town.news()
    await town.app.runner.run("follow")
    await town.app.runner.run("deliver")
    return town.telegram.messages(READER)[before:]


async def test_so_many_come_in_an_hour_and_the_rest_goes_into_the_digest(town: Town) -> None:
    await town.join()
    await follow_at_once(town, "zeppelin")
    titles = [f"Zeppelin number {n} has landed" for n in range(1, PUSHES + 3)]
    arrived = await printed(town, *titles)
    assert len(arrived) == PUSHES
    told = [one for one in arrived if "what else comes goes into the digest" in one["text"]]
    assert len(told) == 1
    digest = (await town.say("/digest"))["text"]
    assert digest.count("has landed") == 2


async def test_two_items_bring_a_story_once_and_both_are_named(town: Town) -> None:
    await town.join()
    await follow_at_once(town, "zeppelin")
    await follow_at_once(town, "landed")
    (only,) = await printed(town, "Zeppelin has landed")
    assert "You follow: “zeppelin”, “landed”" in only["text"]
    await town.press("Change")
    assert "“zeppelin”" in town.telegram.last(READER)["text"]
    assert "Zeppelin has landed" in town.message(only["message_id"])["text"], "a push is never overwritten"


async def test_a_story_once_told_is_not_told_again(town: Town) -> None:
    await town.join()
    await follow_at_once(town, "zeppelin")
    await printed(town, "Zeppelin has landed in the town")
    assert await printed(town, "Zeppelin has landed in the town", paper="lens") == []


async def test_who_has_stopped_gets_nothing_at_once(town: Town) -> None:
    await town.join()
    await follow_at_once(town, "zeppelin")
    await town.say("/stop")
    await town.press("Stop everything")
    assert await printed(town, "Zeppelin has landed") == []


async def test_updates_of_a_story_reply_to_the_last_message_about_it(town: Town) -> None:
    await town.join()
    await printed(town, "Orrin bridge pillar damaged by flood, Tresham says", text=AFFAIR)
    await town.say("/search Tresham")
    around = await town.press("Related")
    followed = await town.press("Follow this", message=around)
    assert "You follow" in followed["text"]
    await town.press("Send at once")
    (first,) = await printed(town, "Tresham: Orrin bridge pillar will be mended", paper="lens", text=AFFAIR)
    assert first["reply_to_message"]["message_id"] == around["message_id"]
    (second,) = await printed(town, "Engineers on Orrin bridge pillar: Tresham was wrong", text=AFFAIR)
    assert second["reply_to_message"]["message_id"] == first["message_id"]


async def test_after_two_silent_weeks_it_is_asked_whether_to_go_on(town: Town) -> None:
    await town.join()
    await town.say("/latest")
    await town.say("/follow 1")
    town.clock.advance(days=15)
    await town.app.runner.run("follow")
    await town.app.runner.run("deliver")
    asked = town.telegram.last(READER)
    assert asked["text"].endswith("Still follow?")
    assert labels(asked) == [["Yes", "No"]]
    assert "You follow" in (await town.press("Yes"))["text"]
    town.clock.advance(days=15)
    await town.app.runner.run("follow")
    await town.app.runner.run("deliver")
    assert "You do not follow this any more" in (await town.press("No"))["text"]
    town.clock.advance(days=15)
    await town.app.runner.run("follow")
    assert await town.app.runner.run("deliver") == 0


async def test_what_is_followed_already_is_said_so(town: Town) -> None:
    await town.join()
    await town.say("/follow oil sanctions")
    again = await town.say("/follow SANCTIONS oil")
    assert again["text"] == "You follow “oil sanctions” since 24 Nov."
    assert labels(again) == [["Show its stories"], ["Change"]]


async def test_an_unknown_link_may_be_followed(town: Town) -> None:
    await town.join()
    town.papers.paper("blog")
    asked = await town.say(f"{town.papers.url}/blog/")
    assert "The site itself can be followed: 127.0.0.1" in asked["text"]
    assert "You follow Blog" in (await town.press("Follow the site"))["text"]


async def test_what_cannot_be_followed_is_told(town: Town) -> None:
    await town.join()
    assert (await town.say("/follow"))["text"].startswith("Write what to follow")
    assert "Write what to follow" in (await town.say('/follow "…"'))["text"]
    town.papers.paper("shut").status = 404
    assert "status 404" in (await town.say(f"/follow {town.papers.feed_url('shut')}"))["text"]
    herald = town.papers.paper("herald").items[0]["slug"]
    assert "has no feed" in (await town.say(f"/follow {town.papers.url}/herald/{herald}"))["text"]
    assert "does not go" in (await town.say("/follow http://user:word@x.example/rss"))["text"]
