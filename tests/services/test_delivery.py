"""Every transition of a delivery, with the real sender, Telegram's answers over HTTP, and a real database."""

from __future__ import annotations

import asyncio
import random
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.domain.message import Message, Text
from bot.domain.news import Reader
from bot.errors import DatabaseBusy
from bot.gateway.pacing import Book, Pacer
from bot.gateway.request import Api
from bot.gateway.sender import Sender
from bot.playground.faults import Answer, AnswerAfter, Cut, DropAfter, DropBefore, Hold, refuse
from bot.playground.playground import Playground
from bot.playground.serving import serve
from bot.services import delivery
from bot.services.delivery import AT_ONCE, LEASE, Deliveries
from bot.storage import lists, migrate, outbox, readers
from bot.storage.database import Database, engine
from bot.storage.tables import deliveries

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from bot.playground.faults import Fault

TOKEN = "1000000001:AAtest_token_that_must_never_be_seen_anywhere"
MORNING = datetime(2026, 11, 24, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


class StillClock:
    """Time that stands until it is moved."""

    def __init__(self) -> None:
        self.now = MORNING

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@dataclass(slots=True)
class PostOffice:
    """Telegram, a database with readers in it, and the outbox's worker between them."""

    db: Database
    telegram: Playground
    clock: StillClock
    sender: Sender
    worker: Deliveries
    chats: list[int]

    async def owe(self, *chats: int, good_for: timedelta = HOUR, name: str = "d") -> None:
        """Owe each of these chats one message."""

        def write(connection: sa.Connection) -> None:
            for number, chat in enumerate(chats):
                (message,) = outbox.keep_all(
                    connection, [Message(Text(f"News {name} for {chat}"))], self.clock()
                )
                debt = outbox.Debt(message, chat, f"{name}:{number}:{chat}")
                outbox.plan_all(connection, [debt], self.clock(), self.clock() + good_for)

        await self.db.write(write)

    async def rows(self) -> list[Any]:
        return await self.db.read(lambda c: list(c.execute(sa.select(deliveries).order_by(deliveries.c.id))))

    async def row(self) -> Any:
        (row,) = await self.rows()
        return row

    async def states(self) -> list[str]:
        return [row.state for row in await self.rows()]

    async def until(self, counts: dict[str, int]) -> None:
        """Wait until so many rows are in these states."""
        async with asyncio.timeout(5):
            # Rows ring no bell.
            while await self.db.read(outbox.counts) != counts:  # noqa: ASYNC110
                await asyncio.sleep(0)

    def accepted(self, chat: int | None = None) -> int:
        """How many messages Telegram has taken."""
        return sum(1 for call in self.telegram.calls.of("sendMessage", chat) if call.message_id)

    def colleague(self, pacer: Pacer | None = None) -> Deliveries:
        """Another worker on the same outbox."""
        sender = self.sender if pacer is None else Sender(self.sender._api, pacer, b"k")
        return Deliveries(self.db, self.clock, sender, lambda: 0.5)


def quick() -> Pacer:
    return Pacer(Book(rate=5000, chat_rate=5000))


def reader(chat_id: int, state: str = "active") -> Reader:
    return Reader(
        chat_id,
        "R",
        "en",
        "UTC",
        (),
        (),
        480,
        "wait",
        "short",
        state,
        "done",
        MORNING,
        MORNING,
        MORNING,
        None,
    )


@asynccontextmanager
async def open_office(folder: Path, people: int = 3, pacer: Pacer | None = None) -> AsyncIterator[PostOffice]:
    clock = StillClock()
    async with AsyncExitStack() as stack:
        await asyncio.to_thread(migrate.migrate, folder / "news.db")
        db = Database(folder / "news.db", busy=0.05)
        stack.push_async_callback(db.close)
        telegram = Playground(token=TOKEN, clock=clock, flood=False, keep_calls=None)
        chats = telegram.add_people(people)
        await db.write(lambda c: [readers.add(c, reader(chat)) for chat in chats])
        api = Api(await stack.enter_async_context(serve(telegram)), TOKEN)
        stack.push_async_callback(api.close)
        sender = Sender(api, pacer or quick(), b"k")
        worker = Deliveries(db, clock, sender, lambda: 0.5)
        await worker.recover()
        yield PostOffice(db, telegram, clock, sender, worker, chats)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[PostOffice]:
    async with open_office(tmp_path) as opened:
        yield opened


@contextmanager
def locked(db: Database) -> Iterator[None]:
    """Another program holds the database."""
    other = engine(db.path)
    with other.begin():
        yield
    other.dispose()


async def test_a_delivery_is_claimed_then_committed_as_being_sent_and_then_sent(office: PostOffice) -> None:
    await office.owe(office.chats[0])
    hold = Hold(before=True)
    office.telegram.faults.add("sendMessage", hold)
    assert (await office.row()).state == "planned"
    draining = asyncio.create_task(office.worker.drain())
    await hold.reached.wait()
    row = await office.row()
    assert (row.state, row.attempts) == ("sending", 1), "committed before Telegram has done anything"
    assert row.lease_until == office.clock() + LEASE
    hold.release()
    assert await draining == 1
    row = await office.row()
    assert (row.state, row.sent_id, row.ended_at) == (
        "sent",
        office.telegram.last(office.chats[0])["message_id"],
        office.clock(),
    )


async def test_what_waits_for_its_turn_is_claimed_and_no_more(tmp_path: Path) -> None:
    async with open_office(tmp_path, pacer=Pacer(Book(rate=0.001))) as office:
        await office.owe(*office.chats)
        draining = asyncio.create_task(office.worker.drain())
        await office.telegram.wait_for(lambda: office.accepted() == 1)
        await office.until({"sent": 1, "claimed": 2})
        draining.cancel()
        with pytest.raises(asyncio.CancelledError):
            await draining


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


async def test_after_a_crash_what_was_claimed_goes_out_and_what_was_on_its_way_does_not(
    office: PostOffice,
) -> None:
    await office.owe(*office.chats)

    def crash(connection: sa.Connection) -> None:
        first, second, _ = outbox.claim(connection, 1, office.clock(), office.clock() + LEASE, 10)
        outbox.start(connection, first.id, 1, office.clock())
        outbox.start(connection, second.id, 1, office.clock())

    await office.db.write(crash)
    assert await office.colleague().recover() == (1, 2)
    following = office.colleague()
    assert await following.recover() == (0, 0)
    assert await following.drain() == 1
    assert await office.states() == ["unknown", "unknown", "sent"]
    assert (await office.rows())[0].reason == "nobody has seen the end of sending this"
    office.clock.advance(hours=2)
    assert await following.drain() == 0
    assert office.accepted() == 1


async def test_a_worker_of_an_earlier_epoch_can_neither_send_nor_record(tmp_path: Path) -> None:
    async with open_office(tmp_path, pacer=Pacer(Book(rate=0.001))) as office:
        await office.owe(*office.chats[:2])
        hold = Hold()
        office.telegram.faults.add("sendMessage", hold)
        sleeper = asyncio.create_task(office.worker.drain())
        await hold.reached.wait()
        second = office.colleague(quick())
        assert await second.recover() == (1, 1)
        assert await second.drain() == 1
        assert await office.states() == ["unknown", "sent"]
        hold.release()
        office.sender._pacer._book = Book(rate=5000)
        office.sender._pacer._serve()
        assert await sleeper == 1, "it saw the answer to its own message"
        assert await office.states() == ["unknown", "sent"], "but what it says counts no more"
        assert [office.accepted(chat) for chat in office.chats[:2]] == [1, 1]


async def test_a_lease_that_ends_while_waiting_for_a_turn_sends_nothing(tmp_path: Path) -> None:
    pacer = Pacer(Book(rate=0.001))
    async with open_office(tmp_path, pacer=pacer) as office:
        await office.owe(*office.chats[:2])
        draining = asyncio.create_task(office.worker.drain())
        await office.telegram.wait_for(lambda: office.accepted() == 1)
        office.clock.advance(seconds=LEASE.total_seconds() + 1)
        office.worker.stop()
        pacer._book = Book(rate=5000)
        pacer._serve()
        assert await draining == 1
        assert await office.states() == ["sent", "planned"]
        after = office.colleague(quick())
        await after.recover()
        assert await after.drain() == 1
        assert [office.accepted(chat) for chat in office.chats[:2]] == [1, 1]


async def test_a_lease_that_is_over_is_no_leave_to_send(tmp_path: Path) -> None:
    pacer = Pacer(Book(rate=0.001))
    async with open_office(tmp_path, pacer=pacer) as office:
        await office.owe(*office.chats[:2])
        draining = asyncio.create_task(office.worker.drain())
        await office.telegram.wait_for(lambda: office.accepted() == 1)
        office.clock.advance(seconds=LEASE.total_seconds() + 1)
        pacer._book = Book(rate=5000)
        pacer._serve()
        assert await draining == 2, "given back, claimed anew, and sent"
        assert [row.attempts for row in await office.rows()] == [1, 1]


async def test_stopping_gives_back_what_was_not_begun_and_ends_what_was(tmp_path: Path) -> None:
    pacer = Pacer(Book(rate=0.001))
    async with open_office(tmp_path, pacer=pacer) as office:
        await office.owe(*office.chats)
        hold = Hold()
        office.telegram.faults.add("sendMessage", hold)
        draining = asyncio.create_task(office.worker.drain())
        await hold.reached.wait()
        office.worker.stop()
        pacer._book = Book(rate=5000)
        pacer._serve()
        hold.release()
        assert await draining == 1
        assert await office.states() == ["sent", "planned", "planned"]
        assert [row.lease_until for row in await office.rows()] == [None] * 3
        assert await office.worker.drain() == 0, "a stopped worker begins nothing"


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


async def test_a_reader_who_stops_while_the_message_waits_gets_nothing(tmp_path: Path) -> None:
    pacer = Pacer(Book(rate=0.001))
    async with open_office(tmp_path, pacer=pacer) as office:
        await office.owe(*office.chats[:2])
        draining = asyncio.create_task(office.worker.drain())
        await office.telegram.wait_for(lambda: office.accepted() == 1)
        await office.db.write(outbox.drop_for, office.chats[1], office.clock(), "stopped everything")
        pacer._book = Book(rate=5000)
        pacer._serve()
        assert await draining == 1
        assert await office.states() == ["sent", "gone"]


async def test_looking_for_work_reads_no_row_that_has_ended(office: PostOffice) -> None:
    seen: list[tuple[str, Any]] = []
    made = engine(office.db.path)

    @sa.event.listens_for(made, "before_cursor_execute")
    def note(_c: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        seen.append((statement, values))

    with made.begin() as connection:
        outbox.claim(connection, 1, office.clock(), office.clock(), 10)
        outbox.recover(connection, 1, office.clock())
        outbox.oldest_due(connection, office.clock())
        plans = [
            row[3]
            for statement, values in [*seen]
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
    made.dispose()
    read = [line for line in plans if " deliveries" in line and "PRIMARY KEY" not in line]
    assert len(read) == 6
    assert all("ix_deliveries_due" in line or "ix_deliveries_held" in line for line in read), read


async def test_one_slow_answer_holds_up_nobody_else(tmp_path: Path) -> None:
    async with open_office(tmp_path, people=AT_ONCE * 3) as office:
        await office.owe(*office.chats)
        hold = Hold()
        office.telegram.faults.add("sendMessage", hold, chat=office.chats[0])
        draining = asyncio.create_task(office.worker.drain())
        await office.telegram.wait_for(lambda: office.accepted() == AT_ONCE * 3)
        assert not draining.done()
        states = await office.states()
        assert states[0] == "sending"
        hold.release()
        assert await draining == AT_ONCE * 3
        assert set(await office.states()) == {"sent"}


async def test_what_comes_due_while_a_chat_must_rest_goes_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "LOOK", 0.01)
    pacer = Pacer(Book(rate=5000, chat_rate=0.001, chat_burst=1))
    async with open_office(tmp_path, pacer=pacer) as office:
        await office.owe(office.chats[0], office.chats[0])
        draining = asyncio.create_task(office.worker.drain())
        await office.until({"sent": 1, "claimed": 1})
        await office.owe(office.chats[1], name="later")
        await office.until({"sent": 2, "claimed": 1})
        assert office.accepted(office.chats[1]) == 1
        draining.cancel()
        with pytest.raises(asyncio.CancelledError):
            await draining


async def test_never_more_are_under_way_than_a_crash_may_leave_unknown(tmp_path: Path) -> None:
    async with open_office(tmp_path, people=AT_ONCE * 2) as office:
        await office.owe(*office.chats)
        hold = Hold(before=True)
        office.telegram.faults.add("sendMessage", hold, times=AT_ONCE * 2)
        draining = asyncio.create_task(office.worker.drain())
        await hold.reached.wait()
        await office.until({"sending": AT_ONCE, "planned": AT_ONCE})
        hold.release()
        assert await draining == AT_ONCE * 2


async def test_an_outcome_that_could_not_be_written_down_is_unknown_in_the_end(office: PostOffice) -> None:
    await office.owe(*office.chats[:2])
    hold = Hold()
    office.telegram.faults.add("sendMessage", hold, times=2)
    draining = asyncio.create_task(office.worker.drain())
    await office.telegram.wait_for(lambda: office.accepted() == 2)
    with locked(office.db):
        hold.release()
        with pytest.raises(DatabaseBusy):
            await draining
    assert await office.states() == ["sending", "sending"]
    assert await office.worker.drain() == 0
    office.clock.advance(seconds=LEASE.total_seconds() + 1)
    await office.worker.drain()
    assert await office.states() == ["sending", "sending"], "an answer may still be on its way"
    office.clock.advance(minutes=6)
    assert await office.worker.drain() == 0
    assert await office.states() == ["unknown", "unknown"]
    assert office.accepted() == 2, "and nothing is sent twice"


async def test_what_could_not_be_begun_is_taken_up_when_its_lease_is_over(tmp_path: Path) -> None:
    pacer = Pacer(Book(rate=0.001))
    async with open_office(tmp_path, pacer=pacer) as office:
        await office.owe(*office.chats[:2])
        draining = asyncio.create_task(office.worker.drain())
        await office.telegram.wait_for(lambda: office.accepted() == 1)
        with locked(office.db):
            pacer._book = Book(rate=5000)
            pacer._serve()
            with pytest.raises(DatabaseBusy):
                await draining
        assert (await office.states())[1] == "claimed"
        office.clock.advance(seconds=LEASE.total_seconds() + 1)
        assert await office.worker.drain() == 1
        assert (await office.states())[1] == "sent"
        assert office.accepted(office.chats[1]) == 1


async def test_giving_up_in_mid_flight_leaves_rows_that_recovery_understands(tmp_path: Path) -> None:
    async with open_office(tmp_path, pacer=Pacer(Book(rate=0.001))) as office:
        await office.owe(*office.chats)
        hold = Hold()
        office.telegram.faults.add("sendMessage", hold)
        draining = asyncio.create_task(office.worker.drain())
        await hold.reached.wait()
        draining.cancel()
        with pytest.raises(asyncio.CancelledError):
            await draining
        assert await office.states() == ["sending", "claimed", "claimed"]
        following = office.colleague(quick())
        assert await following.recover() == (2, 1)
        assert await following.drain() == 2
        assert [office.accepted(chat) for chat in office.chats] == [1, 1, 1]


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
