"""What a reader hears when something fails, and what is written down: the real app, the real way there."""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.playground.faults import DropAfter, Hold, refuse
from bot.services.inbox import IN_LANE
from bot.storage import stories
from bot.storage.database import Database
from bot.storage.tables import inbox
from tests.town import READER, RUSSIAN, TOKEN, Papers, Town, TownClock, labels, open_town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

DAMAGED = "The database is damaged. Restore a backup: paperboy restore PATH."
BLOCKED = refuse(403, "Forbidden: bot was blocked by the user")
NUMBER = re.compile(r"\b(?:Number|Номер) ([0-9A-F]{4})\b")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    papers = Papers()
    papers.paper("herald")
    papers.paper("lens")
    async with open_town(tmp_path, papers=papers) as opened:
        await opened.after(lambda: opened.telegram.start(READER))
        yield opened


async def outcomes(town: Town) -> list[str]:
    def read(connection: sa.Connection) -> list[str]:
        return list(connection.execute(sa.select(inbox.c.outcome).order_by(inbox.c.update_id)).scalars())

    return await town.app.db.read(read)


async def lose_table(town: Town, name: str) -> None:
    """Make every use case that needs a table fail in a way that nobody has foreseen."""
    await town.app.db.write(lambda c: c.exec_driver_sql(f"ALTER TABLE {name} RENAME TO lost_{name}"))


async def find_table(town: Town, name: str) -> None:
    await town.app.db.write(lambda c: c.exec_driver_sql(f"ALTER TABLE lost_{name} RENAME TO {name}"))


async def damage_reader(town: Town) -> None:
    """Make a letter of the reader's name none any more, as a failing disk does: the row can be neither read nor changed."""
    await town.app.db.write(
        lambda c: c.exec_driver_sql("UPDATE readers SET first_name = CAST(x'ff' AS TEXT)")
    )


async def mend_reader(town: Town) -> None:
    await town.app.db.write(lambda c: c.exec_driver_sql("UPDATE readers SET first_name = 'Maya'"))


def number(message: dict[str, Any]) -> str:
    told = NUMBER.search(message["text"])
    assert told is not None, message["text"]
    return told[1]


async def state(town: Town, person: int = READER) -> str:
    reader = await town.app.newsroom.readers.get(person)
    assert reader is not None
    return reader.state


async def test_a_mistake_of_ours_is_told_with_a_number_that_the_log_explains(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    await lose_table(town, "plans")
    answer = await town.say("/settings")
    assert answer["text"].startswith("That went wrong here")
    assert len(labels(answer)[0]) == 2, "there is a way on"
    (record,) = [record for record in caplog.records if record.name == "handlers.failures"]
    assert record.getMessage() == f"failure {number(answer)}"
    assert record.exc_info is not None
    assert (await outcomes(town))[-1] == f"failed: OperationalError, number {number(answer)}"
    await find_table(town, "plans")
    assert NUMBER.search((await town.say("/settings"))["text"]) is None, (
        "the next command is answered as ever"
    )


async def test_a_stranger_hears_of_it_in_the_language_of_the_app(town: Town) -> None:
    await lose_table(town, "feeds")
    answer = await town.after(lambda: town.telegram.start(RUSSIAN), RUSSIAN)
    assert f"Номер {number(answer)}" in answer["text"]
    await find_table(town, "feeds")


async def test_a_database_that_fails_is_one_sentence_in_the_log_and_the_reader_still_hears_of_it(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    await damage_reader(town)
    answer = await town.say("/settings")
    (record,) = [record for record in caplog.records if record.name == "handlers.failures"]
    assert record.getMessage() == f"failure {number(answer)}: {DAMAGED}"
    assert record.exc_info is None
    assert (await outcomes(town))[-1] == f"failed: DatabaseDamaged, number {number(answer)}"


async def test_a_pressed_button_that_fails_is_told_too_and_does_not_wait_for_ever(town: Town) -> None:
    message_id, row, column = town.button(labels(town.telegram.last(READER))[-1][-1])
    await lose_table(town, "feeds")
    press_id = town.telegram.press(READER, message_id, row, column)
    await town.settled()
    assert number(town.telegram.last(READER))
    assert await town.telegram.callback_answer(press_id) is not None
    await find_table(town, "feeds")


async def test_what_a_reader_got_wrong_is_worded_and_noted(town: Town) -> None:
    answer = await town.say("/read 17")
    assert answer["text"]
    assert (await outcomes(town))[-1].startswith("refused: error.")


@pytest.mark.parametrize("words", ["/help", "/settings", "/start", "/read 17"])
async def test_who_blocks_the_bot_while_it_answers_is_not_written_to_again(town: Town, words: str) -> None:
    town.telegram.faults.add("sendMessage", BLOCKED)
    await town.say(words)
    assert await state(town) == "blocked"
    assert (await outcomes(town))[-1] == "gone: Forbidden: bot was blocked by the user"
    assert await town.app.newsroom.readers.due_at(READER) is None


async def test_who_blocks_the_bot_while_a_press_is_answered_is_noted(town: Town) -> None:
    town.telegram.faults.add("editMessageText", BLOCKED)
    await town.press(labels(town.telegram.last(READER))[-1][-1])
    assert await state(town) == "blocked"


async def test_who_comes_back_is_active_again(town: Town) -> None:
    town.telegram.faults.add("sendMessage", BLOCKED)
    await town.say("/help")
    await town.say("/start")
    assert await state(town) == "active"


async def test_a_stranger_who_blocks_the_bot_leaves_nothing_behind(town: Town) -> None:
    someone = {"id": RUSSIAN, "is_bot": False, "first_name": "Ирина"}
    message = {"message_id": 1, "date": 0, "chat": {"id": RUSSIAN, "type": "private"}, "from": someone}
    command = {"text": "/help", "entities": [{"type": "bot_command", "offset": 0, "length": 5}]}
    await town.app.inbox.receive([{"update_id": 4_000_000_000, "message": message | command}])
    await town.settled()
    assert (await outcomes(town))[-1].startswith("gone: Forbidden")
    assert await town.app.newsroom.readers.get(RUSSIAN) is None


async def test_an_answer_of_which_nobody_knows_is_logged_and_not_repeated(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    before = len(town.telegram.messages(READER))
    town.telegram.faults.add("sendMessage", DropAfter())
    await town.say("/help")
    assert len(town.telegram.messages(READER)) == before + 2, "the command and one answer"
    assert (await outcomes(town))[-1].startswith("unknown: the connection broke")
    assert "an answer was not delivered (unknown)" in caplog.text
    assert await state(town) == "active"
    assert TOKEN not in caplog.text


async def test_a_failure_that_cannot_be_told_is_noted_like_any_answer(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    message_id, row, column = town.button(labels(town.telegram.last(READER))[-1][-1])
    await lose_table(town, "feeds")
    town.telegram.faults.add("sendMessage", BLOCKED)
    await town.after(lambda: town.telegram.press(READER, message_id, row, column))
    assert (await outcomes(town))[-1] == "gone: Forbidden: bot was blocked by the user"
    assert await state(town) == "blocked"
    assert "no such table" in caplog.text, "and the mistake is in the log all the same"
    await find_table(town, "feeds")


async def test_a_reader_who_is_gone_while_the_database_fails_ends_nothing(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    await lose_table(town, "plans")
    town.telegram.faults.add("sendMessage", BLOCKED)
    await town.say("/help")
    assert "could not be told" in caplog.text
    await find_table(town, "plans")
    await damage_reader(town)
    town.telegram.faults.add("sendMessage", BLOCKED)
    await town.say("/help")
    assert f"was not noted: {DAMAGED}" in caplog.text
    await mend_reader(town)
    assert await state(town) == "active"
    before = len(town.telegram.messages(READER))
    assert (await town.say("/help"))["text"]
    assert len(town.telegram.messages(READER)) == before + 2, "the command and its answer"


async def test_an_update_without_a_chat_is_nobodys(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    said = town.telegram.messages(READER)
    someone = {"id": READER, "is_bot": False, "first_name": "Maya"}
    nowhere = {"message_id": 1, "date": 1, "chat": None, "from": someone, "text": "Anybody there?"}
    await town.app.inbox.receive([{"update_id": 4_000_000_000, "message": nowhere}])
    await town.settled()
    assert not [record for record in caplog.records if record.name == "handlers.failures"]
    assert (await outcomes(town))[-1] == "ignored"
    assert town.telegram.messages(READER) == said


async def test_who_sends_too_much_at_once_is_told_so_once(town: Town) -> None:
    before = len(town.telegram.messages(READER))
    chat = {"id": READER, "type": "private", "first_name": "Maya"}
    person = {"id": READER, "is_bot": False, "first_name": "Maya"}
    said = {"message_id": 900, "date": 1, "chat": chat, "from": person, "text": "Anybody there?"}
    await town.app.inbox.receive(
        [{"update_id": 4_000_000_000 + n, "message": said} for n in range(IN_LANE + 9)]
    )
    await town.settled()
    answers = town.telegram.messages(READER)[before:]
    assert len(answers) == IN_LANE + 1
    assert [answer["text"].startswith("That was too much at once") for answer in answers].count(True) == 1
    assert answers[-1]["text"].startswith("That was too much at once")
    assert (await outcomes(town))[-9:] == ["refused: notice.too_many", *(["too many"] * 8)]
    group = said | {"chat": {"id": -1, "type": "group", "title": "Friends"}}
    await town.app.inbox.receive(
        [{"update_id": 4_100_000_000 + n, "message": group} for n in range(IN_LANE + 9)]
    )
    await town.settled()
    assert (await outcomes(town))[-9:] == ["too many"] * 9, "a group is told nothing"


async def test_updates_that_are_garbage_fail_alone(town: Town) -> None:
    garbage: list[dict[str, Any]] = [
        {"update_id": 4_000_000_001, "message": {"chat": {"id": "x"}}},
        {"update_id": 4_000_000_002, "callback_query": 5},
        {"update_id": 4_000_000_003},
    ]
    await town.app.inbox.receive(garbage)
    await town.settled()
    assert (await town.say("/help"))["text"]
    # Its id is smaller, so the garbage stands at the end.
    assert [words.partition(":")[0] for words in (await outcomes(town))[-3:]] == [
        "failed",
        "failed",
        "ignored",
    ]


async def test_stopping_gives_up_an_answer_that_never_comes_and_takes_it_up_at_the_next_start(
    tmp_path: Path,
) -> None:
    async with open_town(tmp_path, stopping=0.2) as town:
        hold = Hold(before=True)
        town.telegram.faults.add("sendMessage", hold)
        town.telegram.start(READER)
        await hold.reached.wait()
        stopping = time.monotonic()
    assert 0.2 <= time.monotonic() - stopping < 2
    async with open_town(tmp_path) as again:
        await again.settled()
        (outcome,) = await outcomes(again)
        assert outcome, "it was taken up, and its reader has another Telegram now"
        assert [call.params["chat_id"] for call in again.telegram.calls if call.method == "sendMessage"] == [
            READER
        ]


async def test_stopping_while_a_page_is_asked_is_not_noted_as_the_pages_fault(
    tmp_path: Path,
) -> None:
    clock, papers = TownClock(), Papers()
    herald = papers.paper("herald")
    herald.print("slow", "A slow story", clock(), text="It comes late. " * 80)
    herald.hold = asyncio.Event()
    feeds = {"herald": ("World", "en")}
    async with open_town(tmp_path, feeds, clock=clock, papers=papers, stopping=0.2) as town:
        await town.news()
        await town.after(lambda: town.telegram.start(READER))
        town.telegram.say(READER, "/read s1")
        async with asyncio.timeout(5):
            while "slow" not in herald.asked:  # noqa: ASYNC110 - a paper rings no bell
                await asyncio.sleep(0.005)
    db = Database(tmp_path / "news.db", owner=False)
    (telling,) = await db.read(stories.tellings, 1)
    await db.close()
    assert telling.trouble is None
