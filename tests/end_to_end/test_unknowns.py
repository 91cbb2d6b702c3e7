"""Messages of which nobody knows whether they arrived: listed at the desk, sent again, left, and by two editors at once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.domain.message import Message, Text
from bot.domain.people import Person, Role
from bot.playground.faults import DropAfter, refuse
from bot.storage import outbox, people
from bot.storage.outbox import Debt
from bot.storage.tables import deliveries
from tests.town import READER, RUSSIAN, Papers, TownClock, labels, open_town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.playground.faults import Fault
    from bot.storage.database import Connection
    from tests.town import Town

OWNER, OTHER = READER, RUSSIAN
ERROR = refuse(500, "Internal Server Error")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """An owner, and an editor who reads Russian."""
    clock, papers = TownClock(), Papers()
    papers.paper("herald").print("one", "A first story of ours", clock(), text="It is short.")
    papers.paper("lens")
    async with open_town(tmp_path, clock=clock, papers=papers, admin_ids=(OWNER,)) as opened:
        await opened.news()
        await opened.join(OWNER)
        await opened.join(OTHER)
        await opened.app.db.write(people.appoint, Person(OTHER, Role.EDITOR, "Ирина", clock()))
        yield opened


async def lose(town: Town, *words: str, to: int = OTHER, fault: Fault = ERROR) -> None:
    """Messages that leave, and of which nobody knows whether they arrived."""

    def owe(connection: Connection) -> None:
        now = town.clock()
        made = outbox.keep_all(connection, [Message(Text(one)) for one in words], now)
        debts = [Debt(one, to, f"owner:{word}:{to}") for one, word in zip(made, words, strict=True)]
        outbox.plan_all(connection, debts, now, now.replace(year=now.year + 1))

    await town.app.db.write(owe)
    town.telegram.faults.add("sendMessage", fault, times=len(words), chat=to)
    await town.app.runner.run("deliver")


async def deliver(town: Town) -> None:
    await town.app.runner.run("deliver")


async def states(town: Town) -> list[str]:
    def read(connection: Connection) -> list[str]:
        return list(connection.execute(sa.select(deliveries.c.state).order_by(deliveries.c.id)).scalars())

    return await town.app.db.read(read)


def got(town: Town, words: str, person: int = OTHER) -> int:
    return sum(one.get("text") == words for one in town.telegram.messages(person))


async def logged(town: Town) -> list[str]:
    lines = (await town.say("/log"))["text"].splitlines()[1:]
    return [line.partition(": ")[2] for line in lines]


async def test_one_is_listed_sent_again_and_arrives_and_the_log_knows(town: Town) -> None:
    await lose(town, "A word to Irina")
    home = await town.say("/desk")
    assert "1 message may have arrived or not" in home["text"].splitlines()
    assert labels(home)[0][0] == "In doubt: 1"
    listed = await town.press("In doubt: 1")
    assert listed["text"].splitlines()[-2:] == [
        f"1. Ирина · notice · {town.clock():%H:%M}",
        "Telegram answered with an error. It said: “Internal Server Error”",
    ]
    card = await town.press("1")
    assert "it may come twice" in card["text"]
    done = await town.press("Send again")
    assert done["text"] == "1 message goes out again.\n\nNothing is in doubt."
    assert labels(done) == [["Desk"]], "that cannot be taken back"
    await deliver(town)
    assert got(town, "A word to Irina") == 1
    assert await states(town) == ["sent"]
    assert await logged(town) == ["sent again what may have arrived: 1"]


async def test_what_did_arrive_comes_twice_as_was_said(town: Town) -> None:
    await lose(town, "A word to Irina", fault=DropAfter())
    assert got(town, "A word to Irina") == 1
    await town.say("/desk")
    listed = await town.press("In doubt: 1")
    assert listed["text"].endswith("The connection broke before the answer came.")
    await town.press("1")
    await town.press("Send again")
    await deliver(town)
    await deliver(town)
    assert got(town, "A word to Irina") == 2


async def test_one_is_left_and_taken_back(town: Town) -> None:
    await lose(town, "A word to Irina", "Another word")
    await town.say("/desk")
    await town.press("In doubt: 2")
    await town.press("1")
    left = await town.press("Leave it")
    assert left["text"].startswith("1 message is left as it is.\n\n1 message may have arrived or not")
    assert labels(left) == [["Take it back"], ["1"], ["Desk"]]
    back = await town.press("Take it back")
    assert back["text"].startswith("1 message is in doubt again.\n\n2 messages may have arrived or not")
    await deliver(town)
    assert await states(town) == ["unknown"] * 2
    assert await logged(town) == ["put what was left in doubt again: 1", "left what may not have arrived: 1"]


async def test_many_are_settled_after_a_question(town: Town) -> None:
    await lose(town, *(f"Word {n}" for n in range(9)))
    await lose(town, "A word to Maya", to=OWNER)
    await town.say("/desk")
    listed = await town.press("In doubt: 10")
    assert "8. Ирина" in listed["text"]
    assert "9. " not in listed["text"]
    assert "10. Ирина" in (await town.press("Next page"))["text"]
    asked = await town.press("Send all again")
    assert asked["text"].splitlines() == [
        "Send 10 messages again?",
        "This may reach 2 readers twice, and cannot be taken back.",
    ]
    await lose(town, "One that came later")
    done = await town.press("Send all again")
    assert done["text"].startswith("10 messages go out again.\n\n1 message may have arrived"), (
        "it was not asked about"
    )
    await deliver(town)
    assert sum(got(town, f"Word {n}") for n in range(9)) == 9
    await lose(town, "And one more")
    await town.say("/desk")
    await town.press("In doubt: 2")
    assert (await town.press("Leave all"))["text"].startswith("Leave 2 messages as they are?")
    assert (await town.press("Leave all"))["text"].endswith("Nothing is in doubt.")
    back = await town.press("Take it back")
    assert back["text"].startswith("2 messages are in doubt again.")


async def test_of_two_editors_the_second_is_told_that_it_is_settled(town: Town) -> None:
    await lose(town, "A word to Irina", "Another word")
    await town.say("/desk")
    await town.press("In doubt: 2")
    mine = await town.press("1")
    await town.say("/desk", OTHER)
    await town.press("Неясно: 2", OTHER)
    asked = await town.press("Все ещё раз", OTHER)
    await town.press("Leave it", message=mine)
    late = await town.press("Все ещё раз", OTHER, message=asked)
    assert late["text"] == "1 сообщение уходит заново.\nУже решено: 1\n\nНеясного нет."
    stale = await town.press("Take it back")
    assert stale["text"].startswith("1 message is in doubt again.")
    await town.press("1")
    card = await town.press("Send again")
    again = await town.after(
        lambda: town.telegram.press_data(OTHER, late["message_id"], "unknown:1:0:0"), OTHER
    )
    assert again["text"].startswith("Это уже решено.")
    assert card["text"].startswith("1 message goes out again.")
    await deliver(town)
    assert (got(town, "A word to Irina"), got(town, "Another word")) == (1, 1)


async def test_both_at_the_same_moment_send_it_once(town: Town) -> None:
    await lose(town, "A word to Irina")
    await town.say("/desk")
    await town.press("In doubt: 1")
    mine = await town.press("1")
    await town.say("/desk", OTHER)
    await town.press("Неясно: 1", OTHER)
    theirs = await town.press("1", OTHER)
    places = (
        (OWNER, town.button("Send again", OWNER, mine)),
        (OTHER, town.button("Ещё раз", OTHER, theirs)),
    )
    for person, place in places:
        town.telegram.press(person, *place)
    await town.settled()
    said = {
        town.message(mine["message_id"])["text"].splitlines()[0],
        town.message(theirs["message_id"], OTHER)["text"].splitlines()[0],
    }
    assert said in (
        {"1 message goes out again.", "Это уже решено."},
        {"That was settled already.", "1 сообщение уходит заново."},
    )
    await deliver(town)
    assert got(town, "A word to Irina") == 1
    assert len(await logged(town)) == 1


async def test_rights_are_asked_anew_and_a_forged_button_does_nothing(town: Town) -> None:
    await lose(town, "A word to Irina", "Another word")
    await town.say("/desk", OTHER)
    listed = await town.press("Неясно: 2", OTHER)
    card = await town.press("1", OTHER)
    for data in ("settle:1:again:0:0", "settleall:1", "unsettle:1:0"):
        town.telegram.press_data(OTHER, card["message_id"], data)
        await town.settled()
    town.telegram.press_data(OTHER, card["message_id"], "unknownask:nothing:0")
    await town.settled()
    assert await states(town) == ["unknown"] * 2
    await town.app.db.write(people.appoint, Person(OTHER, Role.MODERATOR, "Ирина", town.clock()))
    refused = await town.press("Ещё раз", OTHER, message=card)
    assert refused["text"].startswith("Это для редакции.")
    for data in ("unknowns:0:0", "unknown:1:0:0", "unknownask:again:0"):
        again = await town.after(partial(town.telegram.press_data, OTHER, listed["message_id"], data), OTHER)
        assert again["text"].startswith("Это для редакции.")
    assert "Неясно: 2" not in str(labels(await town.say("/desk", OTHER)))
    assert await states(town) == ["unknown"] * 2


async def test_a_question_that_is_too_old_shows_how_it_stands(town: Town) -> None:
    await lose(town, "A word to Irina", "Another word")
    await town.say("/desk")
    await town.press("In doubt: 2")
    await town.press("Send all again")
    town.clock.advance(days=3)
    await town.app.runner.run("tidy")
    late = await town.press("Send all again")
    assert late["text"].startswith("That question is too old. This is how it stands now.\n\n2 messages may")


async def test_a_reader_who_left_gets_nothing_and_a_late_press_does_no_harm(town: Town) -> None:
    await lose(town, "A word to Irina")
    await town.say("/stop", OTHER)
    await town.press("Остановить всё", OTHER)
    await town.say("/desk")
    await town.press("In doubt: 1")
    assert "gets no messages now" in (await town.press("1"))["text"]
    await town.press("Send again")
    await deliver(town)
    assert await states(town) == ["gone"]


async def test_where_the_list_cannot_be_shown_anew_it_is_sent(town: Town) -> None:
    await lose(town, "A word to Irina")
    await town.say("/desk")
    await town.press("In doubt: 1")
    card = await town.press("1")
    gone = refuse(400, "Bad Request: message to edit not found")
    town.telegram.faults.add("editMessageText", gone)
    done = await town.press("Send again")
    assert done["message_id"] > card["message_id"]
    assert done["text"].startswith("1 message goes out again.")
    stale = await town.press("Send again", message=card)
    assert stale["text"].startswith("1 message goes out again."), "the second half of a double press"
    town.clock.advance(minutes=5)
    late = await town.after(lambda: town.telegram.press(OWNER, *town.button("Send again", OWNER, card)))
    assert town.message(card["message_id"])["text"].startswith("That was settled already."), late
    await deliver(town)
    assert got(town, "A word to Irina") == 1


async def test_what_is_lost_again_is_in_doubt_again(town: Town) -> None:
    await lose(town, "A word to Irina")
    await town.say("/desk")
    await town.press("In doubt: 1")
    await town.press("1")
    town.clock.advance(hours=30)
    await town.press("Send again")
    town.telegram.faults.add("sendMessage", ERROR, chat=OTHER)
    await deliver(town)
    await town.say("/desk")
    await town.press("In doubt: 1")
    assert "It was sent again before." in (await town.press("1"))["text"]
