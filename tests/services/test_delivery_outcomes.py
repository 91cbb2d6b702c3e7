"""What becomes of a delivery: Telegram's answers over HTTP, time, and what its reader does."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.message import Message, Text
from bot.gateway.request import Api
from bot.gateway.sender import Sender
from bot.playground.faults import Answer, AnswerAfter, Cut, DropAfter, DropBefore, refuse
from bot.services.delivery import Deliveries
from bot.storage import lists, outbox, readers
from tests.services.post_office import HOUR, MORNING, PostOffice, open_office, quick
from tests.town import TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    import sqlalchemy as sa

    from bot.playground.faults import Fault


async def test_the_list_of_a_digest_learns_which_message_shows_it(office: PostOffice) -> None:
    chat = office.chats[0]

    def write(connection: sa.Connection) -> int:
        listing = lists.add(connection, lists.New(chat, "digest", {}, ()), office.clock())
        (message,) = outbox.keep_all(connection, [Message(Text("News"))], office.clock())
        debt = outbox.Debt(message, chat, "d", listing.id)
        outbox.plan_all(connection, [debt], office.clock(), office.clock() + HOUR)
        return listing.id

    list_id = await office.db.write(write)
    await office.worker.drain()
    sent = office.telegram.last(chat)["message_id"]
    shown = await office.db.read(lists.shown_by, chat, sent)
    assert shown is not None
    assert shown.id == list_id


ANSWERS: dict[str, tuple[Fault, str]] = {
    "403 blocked": (refuse(403, "Forbidden: bot was blocked by the user"), "gone"),
    "403 deactivated": (refuse(403, "Forbidden: user is deactivated"), "gone"),
    "400 chat not found": (refuse(400, "Bad Request: chat not found"), "gone"),
    "400 too long": (refuse(400, "Bad Request: message is too long"), "failed"),
    "401": (refuse(401, "Unauthorized"), "retry"),
    "404": (refuse(404, "Not Found"), "retry"),
    "429 with a wait": (refuse(429, "Too Many Requests: retry after 0", retry_after=0), "retry"),
    "429 without": (refuse(429, "Too Many Requests"), "unknown"),
    "500": (refuse(500, "Internal Server Error: restart"), "unknown"),
    "502 in HTML": (Answer(502, b"<html>Bad Gateway</html>"), "unknown"),
    "200 that is no JSON": (AnswerAfter(200, b"<html>ok</html>"), "unknown"),
    "200 without a message": (AnswerAfter(200, b'{"ok":true,"result":true}'), "unknown"),
    "reset before": (DropBefore(), "unknown"),
    "reset after": (DropAfter(), "unknown"),
    "half an answer": (Cut(), "unknown"),
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_an_answer_decides_what_becomes_of_the_delivery(office: PostOffice, name: str) -> None:
    fault, state = ANSWERS[name]
    await office.owe(office.chats[0])
    office.telegram.faults.add("sendMessage", fault)
    assert await office.worker.drain() == 0
    row = await office.row()
    assert row.state == state
    assert row.reason, "an operator can see why"
    assert (row.ended_at is None) == (state == "retry")
    await office.worker.drain()
    assert len(office.telegram.calls.of("sendMessage")) == 1, "nothing is tried again at once"
    office.clock.advance(minutes=20)
    await office.worker.drain()
    tries = 2 if state == "retry" else 1
    assert len(office.telegram.calls.of("sendMessage")) == tries
    assert office.accepted() <= 1


async def test_no_connection_means_not_delivered_and_is_tried_again(office: PostOffice) -> None:
    nowhere = Api("http://127.0.0.1:1", TOKEN)
    worker = Deliveries(office.db, office.clock, Sender(nowhere, quick(), b"k"), lambda: 0.5)
    await worker.recover()
    await office.owe(office.chats[0])
    await worker.drain()
    await nowhere.close()
    row = await office.row()
    assert row.state == "retry"
    assert "no connection" in row.reason
    assert row.not_before > office.clock()


async def test_after_a_429_the_wait_is_honoured_and_then_the_message_goes(office: PostOffice) -> None:
    await office.owe(office.chats[0])
    office.telegram.faults.add("sendMessage", refuse(429, "Too Many Requests", retry_after=0))
    office.telegram.faults.add("sendMessage", refuse(429, "Too Many Requests", retry_after=30))
    await office.worker.drain()
    office.clock.advance(seconds=5)
    # The pacer keeps to the wait as well; another one stands in for its real half minute.
    await office.worker.drain()
    row = await office.row()
    assert (row.state, row.attempts) == ("retry", 2)
    assert row.not_before >= office.clock() + timedelta(seconds=30)
    later = office.colleague(quick())
    await later.recover()
    office.clock.advance(seconds=29)
    assert await later.drain() == 0
    assert len(office.telegram.calls.of("sendMessage")) == 2
    office.clock.advance(seconds=60)
    assert await later.drain() == 1
    row = await office.row()
    assert (row.state, row.attempts) == ("sent", 3)


async def test_what_keeps_failing_expires_and_waits_longer_each_time(office: PostOffice) -> None:
    await office.owe(office.chats[0], good_for=timedelta(minutes=10))
    office.telegram.faults.add("sendMessage", refuse(401, "Unauthorized"), times=100)
    waits = []
    row = await office.row()
    while row.state not in {"expired", "sent"}:
        await office.worker.drain()
        row = await office.row()
        waits.append((row.not_before - office.clock()).total_seconds())
        office.clock.now = max(row.not_before, office.clock())
    assert row.state == "expired"
    assert waits[:-1] == sorted(waits[:-1])
    assert len(waits) > 3
    assert office.clock() < MORNING + timedelta(minutes=10)


async def test_what_is_too_late_expires_unsent(office: PostOffice) -> None:
    await office.owe(office.chats[0], good_for=HOUR)
    office.clock.advance(hours=1)
    assert await office.worker.drain() == 0
    row = await office.row()
    assert (row.state, row.reason, row.ended_at) == ("expired", "its time had passed", office.clock())
    assert office.accepted() == 0


async def test_a_reader_who_blocked_the_bot_loses_the_rest(office: PostOffice) -> None:
    chat = office.chats[0]
    await office.owe(chat, name="a")
    await office.db.write(readers.plan, chat, office.clock() + HOUR)
    office.telegram.faults.add("sendMessage", refuse(403, "Forbidden: bot was blocked by the user"))
    office.clock.advance(seconds=1)

    def more(connection: sa.Connection) -> None:
        (message,) = outbox.keep_all(connection, [Message(Text("Later"))], office.clock())
        debt = outbox.Debt(message, chat, "later")
        outbox.plan_all(connection, [debt], office.clock() + timedelta(minutes=5), office.clock() + HOUR)

    await office.db.write(more)
    await office.worker.drain()
    assert await office.states() == ["gone", "gone"]
    found = await office.db.read(readers.get, chat)
    assert found is not None
    assert found.state == "blocked"
    assert await office.db.read(readers.due_at, chat) is None


async def test_a_reader_who_stopped_gets_nothing_more(office: PostOffice) -> None:
    await office.owe(*office.chats[:2])
    await office.db.write(lambda c: readers.change(c, office.chats[0], state="stopped"))
    assert await office.worker.drain() == 1
    assert await office.states() == ["gone", "sent"]
    assert (await office.rows())[0].reason == "the reader is not active"


async def test_a_reader_who_stops_while_the_message_waits_gets_nothing(slow_office: PostOffice) -> None:
    await slow_office.owe(*slow_office.chats[:2])
    draining = await slow_office.one_sent()
    await slow_office.db.write(
        outbox.drop_for, slow_office.chats[1], slow_office.clock(), "stopped everything"
    )
    slow_office.hurry()
    assert await draining == 1
    assert await slow_office.states() == ["sent", "gone"]


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_telegram_answers_nothing_arrives_twice_and_everything_ends(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    faults = [fault for name, (fault, _) in ANSWERS.items() if "429 with" not in name]
    async with open_office(tmp_path, people=40) as office:
        await office.owe(*office.chats)
        for chat in office.chats:
            for _ in range(chance.randrange(3)):
                office.telegram.faults.add("sendMessage", chance.choice(faults), chat=chat)
        for _ in range(30):
            await office.worker.drain()
            office.clock.advance(minutes=3)
        for row in await office.rows():
            arrived = office.accepted(row.chat_id)
            assert row.state in {"sent", "unknown", "failed", "gone", "expired"}
            assert arrived <= 1
            assert (row.state == "sent") <= (arrived == 1)
            assert arrived == 0 or row.state in {"sent", "unknown"}
