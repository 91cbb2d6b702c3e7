"""The digest: at the reader's hour, once a day, with everything new and an end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.playground.faults import Answer, DropAfter, DropBefore
from bot.storage import outbox
from tests.town import READER, RUSSIAN, Papers, Town, TownClock, labels, open_town

if TYPE_CHECKING:
    from pathlib import Path


async def deliver(town: Town) -> int:
    """Compose what is due and send it; returns how many digests were composed."""
    made = await town.app.runner.run("compose")
    await town.app.runner.run("deliver")
    assert isinstance(made, int)
    return made


def digests(town: Town, person: int = READER) -> list[str]:
    """All digests that a person has got."""
    return [m["text"] for m in town.telegram.messages(person) if "That is all." in m.get("text", "")]


def print_more(town: Town, count: int, paper: str = "herald") -> None:
    for n in range(count):
        at = town.clock() - timedelta(minutes=n + 1)
        words = f"{n} {at:%d %H %M %S}"
        town.papers.paper(paper).print(
            f"x{words}", f"Something new has happened {words}", at, teaser=f"It is {n}."
        )


async def news(town: Town) -> None:
    """Every feed is looked at, however lately it was."""
    await town.app.db.write(lambda c: c.exec_driver_sql("UPDATE feeds SET next_check_at = 0"))
    await town.news()


async def test_the_digest_comes_at_the_hour_and_not_before(town: Town) -> None:
    await town.join()
    assert await deliver(town) == 0
    town.clock.advance(hours=3, minutes=31)
    assert await deliver(town) == 1
    (text,) = digests(town)
    lines = text.splitlines()
    assert lines[0] == "Tuesday 24 November · morning"
    assert lines[1] == "5 stories · 1 minute"
    assert [line for line in lines if line.isupper()] == ["WORLD", "SCIENCE"]
    assert "In brief." in text
    assert lines[-1] == "That is all."
    message = town.telegram.last(READER)
    assert labels(message) == [["1", "2", "3", "4", "5"], ["Settings"]]
    assert [e["type"] for e in message["entities"]].count("expandable_blockquote") == 1


async def test_there_is_one_digest_a_day_and_it_brings_only_what_is_new(town: Town) -> None:
    await town.join()
    town.clock.advance(hours=4)
    await deliver(town)
    assert await deliver(town) == 0
    print_more(town, 4)
    await news(town)
    town.clock.advance(hours=20)
    assert await deliver(town) == 0
    town.clock.advance(hours=4)
    assert await deliver(town) == 1
    first, second = digests(town)
    assert "4 stories" in second
    assert "Comet" in first
    assert "Comet" not in second


async def test_nothing_new_and_nothing_is_sent(town: Town) -> None:
    await town.join()
    town.clock.advance(hours=4)
    await deliver(town)
    town.clock.advance(hours=24)
    assert await deliver(town) == 0
    assert len(digests(town)) == 1


async def test_two_stories_wait_for_a_third_unless_the_reader_wants_them(town: Town) -> None:
    await town.join()
    await town.join(RUSSIAN)
    town.clock.advance(hours=4)
    await deliver(town)
    await town.say("/settings", RUSSIAN)
    await town.press("Мало новостей: ждать", RUSSIAN)
    await town.press("Прислать", RUSSIAN)
    print_more(town, 2)
    await news(town)
    town.clock.advance(hours=24)
    await deliver(town)
    assert len(digests(town)) == 1
    assert "2 материала" in town.telegram.last(RUSSIAN)["text"]
    print_more(town, 1)
    await news(town)
    town.clock.advance(hours=24)
    await deliver(town)
    assert "3 stories" in digests(town)[-1], "what waited comes along"


async def test_being_listed_keeps_no_story_out_but_opening_does(town: Town) -> None:
    await town.join()
    await town.say("/latest")
    await town.say("1")
    town.clock.advance(hours=4)
    await deliver(town)
    (text,) = digests(town)
    assert "Old bones" not in text
    assert "Comet" in text


async def test_a_digest_asked_for_early_leaves_only_the_rest_for_the_hour(town: Town) -> None:
    await town.join()
    early = await town.say("/digest")
    assert early["text"].endswith(
        "Your 08:00 digest will bring only what is new after this; "
        "with fewer than three stories it waits for the next day."
    )
    assert (await town.say("/digest"))["text"].startswith("Nothing new since 04:3")
    print_more(town, 3)
    await news(town)
    town.clock.advance(hours=4)
    await deliver(town)
    assert "3 stories" in digests(town)[-1]


async def test_after_downtime_there_is_one_digest_with_an_apology(tmp_path: Path) -> None:
    clock, papers = TownClock(), Papers()
    paper = papers.paper("herald")
    for n in range(3):
        paper.print(
            f"a{n}", f"First day has a story number {n}", clock() - timedelta(minutes=n), teaser="Words."
        )
    async with open_town(tmp_path, clock=clock, papers=papers) as town:
        await town.news()
        await town.join()
    clock.advance(days=3, hours=6)
    for n in range(4):
        paper.print(
            f"b{n}", f"Later day has a story number {n}", clock() - timedelta(minutes=n), teaser="Words."
        )
    telegram = town.telegram
    async with open_town(tmp_path, clock=clock, papers=papers) as again:
        # The readers' Telegram of the first run is gone; what matters is what is owed.
        await again.news()
        assert await again.app.runner.run("compose") == 1
        assert await again.app.runner.run("compose") == 0

        def owed(connection: object) -> list[str]:
            rows = connection.exec_driver_sql("SELECT document FROM messages").all()  # type: ignore[attr-defined]
            return [row[0] for row in rows]

        (document,) = await again.app.db.read(owed)
        assert "The digest is late, sorry; it was due: 08:00." in document
        assert "First day has a story" in document
        assert "Later day has a story" in document
    assert telegram is not None


async def test_the_list_of_a_digest_answers_numbers_and_shows_what_it_left_out(town: Town) -> None:
    print_more(town, 8)
    print_more(town, 4, "lens")
    await news(town)
    await town.join()
    await town.press("Settings")
    town.clock.advance(hours=4)
    await deliver(town)
    digest = town.telegram.last(READER)
    assert "12 stories" in digest["text"]
    assert "Left out: " in digest["text"].splitlines()[-1]
    third = next(line for line in digest["text"].splitlines() if line.startswith("3. ")).removeprefix("3. ")
    opened = await town.say("3")
    assert opened["text"].startswith(third)
    rest = await town.press("Left out: …", message=digest)
    assert rest["text"].startswith("Left out of the digest")
    assert rest["message_id"] != digest["message_id"], "a digest is never overwritten"


async def test_summer_time_begins_and_the_digest_still_comes_at_eight(tmp_path: Path) -> None:
    clock, papers = TownClock(datetime(2026, 3, 28, 5, 0, tzinfo=UTC)), Papers()
    async with open_town(tmp_path, clock=clock, papers=papers, default_timezone="Europe/Berlin") as town:
        sent = []
        await town.join()
        for day in range(3):
            for n in range(3):
                papers.paper("herald").print(
                    f"{day}-{n}", f"Day {day} brings a fine story {n}", clock(), teaser="So."
                )
            await news(town)
            while clock().hour < 9:
                if await deliver(town):
                    sent.append(clock().strftime("%d %H:%M"))
                clock.advance(minutes=30)
            clock.advance(hours=20)
    assert sent == ["28 07:00", "29 06:00", "30 06:00"]


async def test_a_reader_who_blocked_the_bot_gets_nothing_and_keeps_everything(town: Town) -> None:
    await town.join()
    town.clock.advance(hours=4)
    await town.app.runner.run("compose")
    person = town.telegram.person(READER)
    town.telegram.faults.add(
        "sendMessage",
        Answer(403, b'{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}'),
    )
    await town.app.runner.run("deliver")
    assert person is not None
    counts = await town.app.db.read(outbox.counts)
    assert counts == {"gone": 1}
    reader = await town.app.newsroom.readers.get(READER)
    assert reader is not None
    assert reader.state == "blocked"
    assert reader.digest_minutes == (480,)
    town.telegram.calls.clear()


async def test_what_certainly_did_not_arrive_is_sent_again_later(town: Town) -> None:
    await town.join()
    town.clock.advance(hours=4)
    await town.app.runner.run("compose")
    body = b'{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 1","parameters":{"retry_after":1}}'
    town.telegram.faults.add("sendMessage", Answer(429, body))
    await town.app.runner.run("deliver")
    assert digests(town) == []
    assert await town.app.db.read(outbox.counts) == {"retry": 1}
    town.clock.advance(seconds=10)
    await town.app.runner.run("deliver")
    assert len(digests(town)) == 1
    town.telegram.calls.clear()


async def test_what_may_have_arrived_is_not_sent_again(town: Town) -> None:
    await town.join()
    await town.join(RUSSIAN)
    town.clock.advance(hours=4)
    await town.app.runner.run("compose")
    town.telegram.faults.add("sendMessage", DropAfter(), chat=READER)
    town.telegram.faults.add("sendMessage", DropBefore(), chat=RUSSIAN)
    await town.app.runner.run("deliver")
    town.clock.advance(hours=5)
    await town.app.runner.run("deliver")
    assert await town.app.db.read(outbox.counts) == {"unknown": 2}
    assert len(digests(town)) == 1, "the dropped answer did not make a second digest"
    town.telegram.calls.clear()
