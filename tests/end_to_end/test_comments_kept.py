"""Comments through restarts and repeated updates, answers that authors hear of, and texts that mean harm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.storage.comment_tables import drafts
from bot.storage.tables import inbox
from tests.end_to_end.conftest import print_morning
from tests.end_to_end.talk import all_texts, begin, open_comments, post, reply
from tests.town import READER, RUSSIAN, Papers, Town, TownClock, labels, open_town
from tests.views.screens import NASTY

if TYPE_CHECKING:
    from pathlib import Path

    from bot.storage.database import Connection


async def test_what_was_asked_for_is_still_waited_for_after_a_restart(tmp_path: Path) -> None:
    clock, papers = TownClock(), Papers()
    print_morning(papers, clock)
    async with open_town(tmp_path, clock=clock, papers=papers) as town:
        await town.news()
        await town.join()
        await begin(town)
        telegram = town.telegram
    clock.advance(minutes=9)
    async with open_town(tmp_path, clock=clock, papers=papers, telegram=telegram) as town:
        assert (await town.say("I had time to think."))["text"].endswith("Posted.")
        assert await all_texts(town) == ["I had time to think."]


def _undone(connection: Connection) -> None:
    """As if the process had died right after the effect was kept."""
    newest = sa.select(sa.func.max(inbox.c.update_id)).scalar_subquery()
    connection.execute(sa.update(inbox).where(inbox.c.update_id == newest).values(done_at=None))


async def _again(town: Town) -> dict[str, Any]:
    """The newest update is worked on once more; the newest message then."""
    await town.app.db.write(_undone)
    assert await town.app.inbox.resume() == 1
    await town.settled()
    return town.telegram.last(READER)


async def test_an_update_that_is_worked_on_twice_posts_once(town: Town) -> None:
    await town.join()
    await begin(town)
    posted = await town.say("Once is enough.")
    assert (await _again(town))["text"] == posted["text"]
    assert await all_texts(town) == ["Once is enough."]


async def test_a_press_on_write_that_is_worked_on_twice_still_waits_for_the_words(town: Town) -> None:
    await town.join()
    await post(town, "First.")
    asked = await town.press("Write", message=await open_comments(town))
    assert (await _again(town))["text"] == asked["text"]
    town.telegram.calls.clear()  # a press is answered once
    assert (await town.say("Second."))["text"].endswith("Posted.")
    assert await all_texts(town) == ["First.", "Second."]


async def test_a_name_that_is_worked_on_twice_is_no_comment(town: Town) -> None:
    await town.join()
    await town.press("Write the first", message=await open_comments(town))
    await town.press("A pen name")
    asked = await town.say("Night owl")
    assert (await _again(town))["text"] == asked["text"]
    assert await all_texts(town) == []
    posted = await town.say("Hello.")
    assert posted["text"].startswith("Night owl · ")


async def test_an_answer_to_a_comment_that_is_deleted_meanwhile_is_not_posted(town: Town) -> None:
    await town.join()
    await town.join(RUSSIAN)
    posted = await post(town, "I doubt it.")
    await begin(town, RUSSIAN)
    await town.press("Отмена", RUSSIAN)
    asked = await town.press("Ответить", RUSSIAN, await open_comments(town, RUSSIAN))
    await town.press("1", RUSSIAN, asked)
    await town.press("Delete", message=posted)
    await town.press("Delete")
    refused = await town.say("Why?", RUSSIAN)
    assert refused["text"] == "Этого комментария больше нет."
    assert await all_texts(town) == []


async def deliver(town: Town) -> int:
    """What is owed to authors is put into words and sent; how many messages arrived."""
    await town.app.runner.run("answers")
    sent = await town.app.runner.run("deliver")
    assert isinstance(sent, int)
    return sent


async def test_an_author_hears_of_answers_in_one_silent_message_an_hour(town: Town) -> None:
    await town.join()
    await town.join(RUSSIAN)
    await post(town, "I doubt it.")
    await reply(town, 1, "Why?")
    assert await deliver(town) == 1
    heard = town.telegram.last(READER)
    lines = heard["text"].splitlines()
    assert lines[0] == "You have an answer"
    assert lines[3].startswith("Ирина · ")
    assert lines[4] == "Why?"
    assert labels(heard) == [["Answer", "Stop these"]]
    (call,) = [one for one in town.telegram.calls if one.message_id == heard["message_id"]]
    assert call.params["disable_notification"] in {True, "true"}
    prompt = await town.press("Answer")
    assert "Answer to Ирина\nWhy?" in prompt["text"]
    assert (await town.say("Because."))["text"].endswith("Posted.")
    assert await deliver(town) == 1, "and so does Irina"
    await reply(town, 1, "Still?")
    await reply(town, 1, "Really?")
    assert await deliver(town) == 0, "not twice within the hour"
    town.clock.advance(minutes=61)
    assert await deliver(town) == 1
    heard = town.telegram.last(READER)
    assert heard["text"].splitlines()[0] == "You have 2 answers"
    assert labels(heard) == [["Comments", "Stop these"]]
    assert "Really?" in (await town.press("Comments", message=heard))["text"]
    assert await deliver(town) == 0


async def test_who_wants_to_hear_no_more_of_answers_does_not(town: Town) -> None:
    await town.join()
    await town.join(RUSSIAN)
    await post(town, "I doubt it.")
    await reply(town, 1, "Why?")
    await deliver(town)
    stopped = await town.press("Stop these")
    assert stopped["text"] == "You hear of no answers any more."
    town.clock.advance(hours=2)
    await reply(town, 1, "No, really?")
    assert await deliver(town) == 0
    posted = await post(town, "Something else.")
    assert labels(posted) == [["Comments 4"], ["Tell me of answers"], ["Delete"]]
    await town.press("Tell me of answers")
    await reply(town, 1, "And now?")
    assert await deliver(town) == 1


@pytest.mark.parametrize("way", ["stopped", "blocked"])
async def test_who_is_not_there_hears_of_nothing(town: Town, way: str) -> None:
    await town.join()
    await town.join(RUSSIAN)
    await post(town, "I doubt it.")
    if way == "stopped":
        await town.say("/stop")
        await town.press("Stop everything")
    else:
        await town.after(lambda: town.telegram.block(READER))
    await reply(town, 1, "Why?")
    before = len(town.telegram.messages(READER))
    assert await deliver(town) == 0
    assert len(town.telegram.messages(READER)) == before
    town.telegram.calls.clear()


async def test_an_answer_that_is_deleted_before_it_is_told_is_not_told(town: Town) -> None:
    await town.join()
    await town.join(RUSSIAN)
    await post(town, "I doubt it.")
    await reply(town, 1, "Why?")
    await town.press("Удалить", RUSSIAN)
    await town.press("Удалить", RUSSIAN)
    assert await deliver(town) == 0
    await reply(town, 1, "To myself", READER)
    assert await deliver(town) == 0, "nor of one's own"


HARMFUL = {
    name: text for name, text in NASTY.items() if text and name not in {"invisible", "one word", "surrogate"}
}


async def test_no_text_does_anything_to_others(town: Town) -> None:
    await town.join()
    await town.join(RUSSIAN)
    for harmful in HARMFUL.values():
        await post(town, f"see {harmful[:496]}")
        # As if each had been approved, since only five may wait.
        await town.app.db.write(
            lambda c: c.exec_driver_sql("UPDATE comments SET state = 'shown', waiting_since = NULL")
        )
    await post(town, "A quiet word after that.", RUSSIAN)
    shown = await open_comments(town, RUSSIAN)
    kinds, seen = set(), ""
    while True:
        kinds |= {entity["type"] for entity in shown["entities"]}
        seen += shown["text"]
        if "Дальше" not in str(labels(shown)):
            break
        shown = await town.press("Дальше", RUSSIAN, shown)
    assert kinds <= {"bold", "italic", "date_time"}, "no command, no mention, no link, no hashtag"
    assert "A quiet word after that." in seen
    assert "\u202e" not in seen
    assert len(await all_texts(town)) == len(HARMFUL) + 1


async def test_a_pending_question_is_one_row(town: Town) -> None:
    await town.join()
    await begin(town)
    await begin(town)
    count = sa.select(sa.func.count()).select_from(drafts)
    assert await town.app.db.read(lambda c: c.execute(count).scalar_one()) == 1
