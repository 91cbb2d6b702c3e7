"""The outbox's transitions and their guards, on rows; what Telegram's answers do is tested with the delivery service."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.domain.delivery import State, Transition
from bot.domain.message import Message, Text
from bot.storage import claims, ledger, lists, meta, outbox, readers
from bot.storage.claims import Delivery, Fenced
from bot.storage.database import engine
from bot.storage.ledger import Ending
from bot.storage.outbox import Debt, Lane
from bot.storage.tables import deliveries
from tests.storage.archive import DAY, HOUR, MINUTE, NOW, Archive, entry, taken_side_by_side

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from bot.storage.database import Connection, Database

SENT = Transition(State.SENT, sent_id=41)
LEASE = NOW + 2 * MINUTE
ANSWERED = LEASE + 5 * MINUTE
"""When whatever was begun before the end of that lease has had its answer, or gets none."""
MOMENT = timedelta(microseconds=1)


def owe(archive: Archive, name: str = "digest 1", chat_id: int = 7, list_id: int | None = None) -> bool:
    archive.reader(chat_id)
    (message,) = outbox.keep_all(archive.connection, [Message(Text("Good morning"))], NOW)
    debt, before = Debt(message, chat_id, name, list_id), archive.count("deliveries")
    outbox.plan_all(archive.connection, [debt], NOW, NOW + 6 * HOUR)
    return archive.count("deliveries") > before


def claim(archive: Archive, epoch: int = 1, at: datetime = NOW, most: int = 10) -> list[Delivery]:
    return claims.claim(archive.connection, epoch, at, at + 2 * MINUTE, most).leaving


def begin(archive: Archive, delivery_id: int, epoch: int = 1, at: datetime = NOW) -> bool:
    return ledger.begin(archive.connection, epoch, [delivery_id], at) == {delivery_id}


def finish(
    archive: Archive, delivery: Delivery, epoch: int = 1, transition: Transition = SENT, at: datetime = NOW
) -> None:
    ledger.finish(archive.connection, epoch, [Ending(delivery, transition)], at)


def put(archive: Archive, state: State, epoch: int = 1) -> int:
    """A delivery in a state."""
    owe(archive)
    values = {"state": state, "epoch": epoch, "lease_until": LEASE}
    statement = sa.update(deliveries).values(values).returning(deliveries.c.id)
    return int(archive.connection.execute(statement).scalar_one())


def state(archive: Archive) -> str:
    return str(archive.connection.execute(sa.select(deliveries.c.state)).scalar_one())


def row(archive: Archive) -> Any:
    return archive.connection.execute(sa.select(deliveries)).one()


def sending(delivery_id: int, list_id: int | None = None) -> Delivery:
    return Delivery(delivery_id, 7, 1, Message(Text("Good morning")), 0, NOW + HOUR, list_id)


def test_a_message_is_kept_once_however_many_get_it(archive: Archive) -> None:
    same = [*outbox.keep_all(archive.connection, [Message(Text("Good morning"))] * 2, NOW)]
    same += outbox.keep_all(archive.connection, [Message(Text("Good morning"))], NOW)
    (other,) = outbox.keep_all(archive.connection, [Message(Text("Good evening"))], NOW)
    assert len({*same}) == 1
    assert other not in same


def test_a_debt_is_noted_once(archive: Archive) -> None:
    assert owe(archive)
    assert not owe(archive)
    assert owe(archive, "digest 2")
    assert len(claim(archive)) == 2


def test_a_claim_brings_the_message_and_the_longest_due_first(archive: Archive) -> None:
    for name in ("b", "a", "c"):
        owe(archive, name)
    first, second = claim(archive, most=2)
    assert (first.chat_id, first.message, first.attempts) == (7, Message(Text("Good morning")), 0)
    assert first.id < second.id
    assert [one.id for one in claim(archive)] == [3]
    assert claim(archive) == []


def test_four_claimers_at_once_take_none_twice(path: Path) -> None:
    made = engine(path)
    with made.begin() as connection:
        for n in range(200):
            owe(Archive(connection), str(n))
    made.dispose()

    def claimed(connection: Connection) -> list[int]:
        return [one.id for one in claim(Archive(connection), most=3)]

    assert taken_side_by_side(path, claimed) == list(range(1, 201))


@pytest.mark.parametrize("found", State)
def test_only_what_is_claimed_is_started(archive: Archive, found: State) -> None:
    delivery_id = put(archive, found)
    assert begin(archive, delivery_id) == (found is State.CLAIMED)
    assert state(archive) == (State.SENDING if found is State.CLAIMED else found)


def test_a_lease_or_an_epoch_that_is_over_is_no_leave_to_send(archive: Archive) -> None:
    delivery_id = put(archive, State.CLAIMED)
    assert not begin(archive, delivery_id, 2)
    assert not begin(archive, delivery_id, at=LEASE)
    assert (row(archive).state, row(archive).attempts) == (State.CLAIMED, 0)
    assert begin(archive, delivery_id, at=LEASE - MOMENT)
    assert (row(archive).state, row(archive).attempts) == (State.SENDING, 1)


def test_of_many_those_are_begun_that_nobody_has_withdrawn(archive: Archive) -> None:
    for chat in (7, 8, 9):
        owe(archive, str(chat), chat)
    ids = [one.id for one in claim(archive)]
    outbox.drop_for(archive.connection, 8, NOW, "stopped everything")
    assert ledger.begin(archive.connection, 1, ids, NOW) == {ids[0], ids[2]}
    found = archive.connection.execute(sa.select(deliveries.c.state, deliveries.c.attempts))
    assert [(one.state, one.attempts) for one in found] == [
        (State.SENDING, 1),
        (State.GONE, 0),
        (State.SENDING, 1),
    ]
    assert ledger.begin(archive.connection, 1, [], NOW) == set()


@pytest.mark.parametrize("found", State)
@pytest.mark.parametrize("epoch", [1, 2])
def test_only_what_this_run_is_sending_is_finished(archive: Archive, found: State, epoch: int) -> None:
    delivery_id = put(archive, found)
    right = found is State.SENDING and epoch == 1
    finish(archive, sending(delivery_id), epoch)
    assert state(archive) == (State.SENT if right else found)


@pytest.mark.parametrize("end", [SENT, Transition(State.RETRY, NOW + MINUTE, "too many")])
def test_what_a_newer_worker_took_over_is_not_finished_by_the_older_one(
    archive: Archive, end: Transition
) -> None:
    older = meta.next_epoch(archive.connection)
    delivery_id = put(archive, State.SENDING, older)
    ledger.recover(archive.connection, meta.next_epoch(archive.connection), NOW)
    before = row(archive)
    with pytest.raises(Fenced):
        finish(archive, sending(delivery_id), older, end, at=NOW + MINUTE)
    assert row(archive) == before
    assert (before.state, before.ended_at, before.sent_id) == (State.UNKNOWN, NOW, None)


async def test_of_what_an_older_worker_writes_down_together_nothing_is_kept(db: Database, path: Path) -> None:
    def prepare(connection: Connection) -> list[Delivery]:
        archive = Archive(connection)
        listing = archive.listing(archive.reader(7).chat_id)
        owe(archive, "taken over", 8)
        owe(archive, "digest", 7, listing.id)
        leaving = claim(archive, meta.next_epoch(connection))
        ledger.begin(connection, 1, [one.id for one in leaving], NOW)
        first = sa.update(deliveries).where(deliveries.c.id == leaving[0].id)
        connection.execute(first.values(epoch=meta.next_epoch(connection)))
        return leaving

    leaving = await db.write(prepare)
    with pytest.raises(Fenced):
        await db.write(ledger.finish, 1, [Ending(one, SENT) for one in leaving], NOW)
    states = sa.select(deliveries.c.state)
    assert await db.read(lambda c: list(c.execute(states).scalars())) == [State.SENDING] * 2
    assert await db.read(lists.newest, 7) is None


def test_a_retry_waits_for_its_time_and_keeps_count(archive: Archive) -> None:
    owe(archive)
    for attempt in range(3):
        at = NOW + attempt * 10 * MINUTE
        (one,) = claim(archive, at=at)
        assert one.attempts == attempt
        assert begin(archive, one.id, at=at)
        finish(archive, one, transition=Transition(State.RETRY, at + 10 * MINUTE, "too many"), at=at)
        assert state(archive) == State.RETRY
        assert claim(archive, at=at + 9 * MINUTE) == []


def test_a_digest_that_was_sent_is_the_newest_list_of_its_chat(archive: Archive) -> None:
    archive.reader()
    archive.look(archive.feed(), entry("bridge"))
    listing = archive.listing(7, archive.story().id)
    owe(archive, list_id=listing.id)
    assert lists.newest(archive.connection, 7) is None
    (one,) = claim(archive)
    begin(archive, one.id)
    finish(archive, one)
    newest = lists.newest(archive.connection, 7)
    assert newest is not None
    assert (newest.id, newest.message_id) == (listing.id, 41)


@pytest.mark.parametrize("found", State)
def test_only_what_is_claimed_by_this_run_is_given_back(archive: Archive, found: State) -> None:
    delivery_id = put(archive, found)
    ledger.give_back(archive.connection, 2, [delivery_id])
    assert state(archive) == found
    ledger.give_back(archive.connection, 1, [delivery_id])
    assert state(archive) == (State.PLANNED if found is State.CLAIMED else found)


AFTER_A_CRASH = {State.CLAIMED: State.PLANNED, State.SENDING: State.UNKNOWN}


@pytest.mark.parametrize("found", State)
def test_a_new_epoch_takes_over_what_the_last_one_held(archive: Archive, found: State) -> None:
    put(archive, found)
    again, unknown = ledger.recover(archive.connection, 2, NOW)
    assert state(archive) == AFTER_A_CRASH.get(found, found)
    assert (again, unknown) == (found is State.CLAIMED, found is State.SENDING)


HELD = pytest.mark.parametrize(("found", "over"), [(State.CLAIMED, LEASE), (State.SENDING, ANSWERED)])


@HELD
def test_what_this_epoch_holds_is_left_to_it_while_its_lease_lasts(
    archive: Archive, found: State, over: datetime
) -> None:
    put(archive, found)
    assert ledger.recover(archive.connection, 1, over - MOMENT) == (0, 0)
    assert (row(archive).state, row(archive).lease_until) == (found, LEASE)
    assert sum(ledger.recover(archive.connection, 1, over)) == 1
    assert state(archive) == AFTER_A_CRASH[found]


@HELD
def test_what_is_under_way_is_not_taken_from_who_works_on_it(
    archive: Archive, found: State, over: datetime
) -> None:
    delivery_id = put(archive, found)
    for epoch in (1, 2):
        assert ledger.recover(archive.connection, epoch, over + HOUR, {delivery_id: 7}) == (0, 0)
    assert (row(archive).state, row(archive).lease_until) == (found, LEASE)
    assert sum(ledger.recover(archive.connection, 1, over + HOUR, {delivery_id + 1: 7})) == 1


@HELD
def test_what_a_newer_epoch_holds_is_left_to_it(archive: Archive, found: State, over: datetime) -> None:
    put(archive, found, epoch=3)
    assert ledger.recover(archive.connection, 2, over + HOUR) == (0, 0)
    assert (row(archive).state, row(archive).lease_until) == (found, LEASE)


def test_what_a_crash_leaves_says_what_became_of_it(archive: Archive) -> None:
    for chat in (7, 8):
        owe(archive, str(chat), chat)
    one, other = (delivery.id for delivery in claim(archive))
    begin(archive, other)
    assert ledger.recover(archive.connection, 2, NOW + MINUTE) == (1, 1)
    found = {one.id: one for one in archive.connection.execute(sa.select(deliveries))}
    planned, unknown = found[one], found[other]
    assert (planned.state, planned.lease_until, planned.ended_at) == (State.PLANNED, None, None)
    assert (unknown.state, unknown.ended_at) == (State.UNKNOWN, NOW + MINUTE)
    assert unknown.reason == "nobody has seen the end of sending this"


def test_what_is_too_late_or_for_a_reader_who_left_is_not_claimed(archive: Archive) -> None:
    owe(archive, "late")
    assert claim(archive, at=NOW + 6 * HOUR) == []
    assert state(archive) == State.EXPIRED
    owe(archive, "gone")
    readers.change(archive.connection, 7, state="blocked")
    assert claim(archive) == []
    assert outbox.counts(archive.connection) == {"expired": 1, "gone": 1}


@pytest.mark.parametrize("found", State)
def test_a_chat_that_is_lost_loses_what_is_unsent(archive: Archive, found: State) -> None:
    put(archive, found)
    outbox.drop_for(archive.connection, 7, NOW, "blocked")
    unsent = found in {State.PLANNED, State.CLAIMED, State.RETRY}
    ended = (State.GONE, "blocked", NOW)
    assert (row(archive).state, row(archive).reason, row(archive).ended_at) == (
        ended if unsent else (found, "", None)
    )


def test_what_waits_longest_is_known(archive: Archive) -> None:
    assert outbox.oldest_due(archive.connection, NOW) is None
    owe(archive)
    assert outbox.oldest_due(archive.connection, NOW - MINUTE) is None
    assert outbox.oldest_due(archive.connection, NOW + HOUR) == NOW


@pytest.mark.parametrize("found", State)
def test_only_what_nobody_works_on_waits(archive: Archive, found: State) -> None:
    put(archive, found)
    waits = found in {State.PLANNED, State.RETRY}
    assert outbox.oldest_due(archive.connection, NOW + HOUR) == (NOW if waits else None)


def test_it_is_known_when_a_delivery_ended_last(archive: Archive) -> None:
    for chat in (7, 8, 9):
        owe(archive, str(chat), chat)
    assert outbox.last_end(archive.connection) is None
    for chat, minutes in ((8, 2), (7, 1)):
        outbox.drop_for(archive.connection, chat, NOW + minutes * MINUTE, "blocked")
    assert outbox.last_end(archive.connection) == NOW + 2 * MINUTE


def test_a_digest_is_early_while_nobody_has_tried_it_before_its_hour(archive: Archive) -> None:
    archive.reader()
    archive.reader(8)
    listing, theirs = archive.listing(7), archive.listing(8)
    (message,) = outbox.keep_all(archive.connection, [Message(Text("Good morning"))], NOW)

    def owed(name: str, **debt: Any) -> Debt:
        usual: dict[str, Any] = {"chat_id": 7, "list_id": listing.id, "lane": Lane.DIGEST}
        return Debt(message, dedupe=name, **usual | {"not_before": NOW + HOUR} | debt)

    others = (
        owed("tried"),
        owed("claimed"),
        owed("due", not_before=NOW),
        owed("without a list", list_id=None),
        owed("no digest", lane=Lane.NOTICE),
        owed("another reader's", chat_id=8, list_id=theirs.id),
    )
    outbox.plan_all(archive.connection, [owed("early"), *others], NOW, NOW + DAY)
    for name, values in (("tried", {"attempts": 1}), ("claimed", {"state": State.CLAIMED})):
        archive.connection.execute(sa.update(deliveries).where(deliveries.c.dedupe == name).values(values))
    found = outbox.early_digests(archive.connection, 7, NOW)
    named = sa.select(deliveries.c.id).where(deliveries.c.dedupe == "early")
    assert found == [(archive.connection.execute(named).scalar_one(), listing.id)]


def test_what_has_ended_goes_and_then_messages_that_nobody_waits_for(archive: Archive) -> None:
    for n in range(5):
        owe(archive, str(n), chat_id=7 + n)
    made = [Message(Text(words)) for words in ("Still to come", "Never owed", "Owed no more")]
    waiting, *_ = outbox.keep_all(archive.connection, made, NOW)
    outbox.plan_all(archive.connection, [Debt(waiting, 7, "later")], NOW + DAY, NOW + 9 * DAY)
    for one in claim(archive, most=5):
        begin(archive, one.id)
        finish(archive, one)

    assert outbox.prune_messages(archive.connection, NOW, 2) == 0, "they were made just now"
    assert [outbox.prune(archive.connection, NOW + DAY, 3) for _ in range(3)] == [3, 2, 0]
    assert [outbox.prune_messages(archive.connection, NOW + DAY, 2) for _ in range(3)] == [2, 1, 0]
    assert (archive.count("deliveries"), archive.count("messages")) == (1, 1)


def test_counts_are_by_state(archive: Archive) -> None:
    for n in range(3):
        owe(archive, str(n))
    claim(archive, most=1)
    assert Counter(outbox.counts(archive.connection)) == {"planned": 2, "claimed": 1}
