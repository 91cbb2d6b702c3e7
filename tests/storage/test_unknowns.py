"""Deliveries in doubt, as rows: which are listed, in which order, and what settling one changes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.domain.delivery import FINAL, State
from bot.domain.message import Message, Text
from bot.domain.unknowns import Kind, Why
from bot.storage import claims, editing, outbox, unknowns
from bot.storage.outbox import Debt
from bot.storage.tables import deliveries
from tests.storage.archive import HOUR, MINUTE, NOW, Archive, entry

if TYPE_CHECKING:
    from datetime import datetime

UNKNOWN = {"state": State.UNKNOWN, "attempts": 1, "reason": "no answer in time"}


def owe(archive: Archive, name: str, chat_id: int = 7, at: datetime = NOW, **values: Any) -> int:
    """A delivery that became unknown at a time; `values` are columns of it."""
    if not archive.connection.execute(sa.text(f"SELECT 1 FROM readers WHERE chat_id = {chat_id}")).first():
        archive.reader(chat_id)
    (message,) = outbox.keep_all(archive.connection, [Message(Text("Good morning"))], NOW)
    outbox.plan_all(archive.connection, [Debt(message, chat_id, name)], NOW, NOW + HOUR)
    found = sa.update(deliveries).where(deliveries.c.dedupe == name).returning(deliveries.c.id)
    return int(archive.connection.execute(found.values(UNKNOWN | {"ended_at": at} | values)).scalar_one())


def row(archive: Archive, delivery_id: int) -> Any:
    return archive.connection.execute(sa.select(deliveries).where(deliveries.c.id == delivery_id)).one()


def ids(archive: Archive, **wanted: int) -> list[int]:
    return [one.id for one in unknowns.page(archive.connection, 100, 0, **wanted)]


def test_only_what_is_in_doubt_is_listed_the_newest_first(archive: Archive) -> None:
    for state in State:
        if state is not State.UNKNOWN:
            owe(archive, f"other {state}", state=state)
    owe(archive, "settled", settled_at=NOW)
    old, new, same = owe(archive, "a", at=NOW - HOUR), owe(archive, "b"), owe(archive, "c")
    assert ids(archive) == [same, new, old]
    assert unknowns.count(archive.connection) == 3
    assert [one.id for one in unknowns.page(archive.connection, 1, 1)] == [new]


def test_a_row_says_whom_what_and_why(archive: Archive) -> None:
    delivery = owe(archive, "digest:7:2026-11-24:480", at=NOW)
    (found,) = unknowns.page(archive.connection, 9, 0)
    assert unknowns.get(archive.connection, delivery) == found
    assert (found.name, found.chat_id, found.at, found.kind) == ("Maya", 7, NOW, Kind.DIGEST)
    assert (found.reason.why, found.again, found.away) == (Why.NO_ANSWER, False, False)
    archive.connection.execute(sa.text("UPDATE readers SET state = 'blocked'"))
    (found,) = unknowns.page(archive.connection, 9, 0)
    assert found.away


def test_a_broadcast_has_its_headline_and_what_one_reader_follows_has_none(archive: Archive) -> None:
    archive.look(archive.feed(), entry("flood"))
    story = archive.story()
    sent = owe(archive, "broadcast:3:7", broadcast_id=3, story_id=story.id)
    followed = owe(archive, f"follow:7:{story.id}", story_id=story.id)
    titles = {one.id: one.headline for one in unknowns.page(archive.connection, 9, 0)}
    assert titles == {sent: "Headline of the flood", followed: ""}
    editing.change(archive.connection, story.id, headline="Our own words")
    assert unknowns.page(archive.connection, 9, 0, 3)[0].headline == "Our own words"
    assert unknowns.numbers(archive.connection) == {0: 1, 3: 1}
    assert ids(archive, broadcast_id=3) == [sent]


def test_those_of_a_broadcast_are_counted_with_their_readers(archive: Archive) -> None:
    one = owe(archive, "broadcast:3:7", broadcast_id=3, at=NOW - MINUTE)
    two = owe(archive, "broadcast:3:8", 8, broadcast_id=3)
    three = owe(archive, "digest:8:x", 8, at=NOW + MINUTE)
    assert unknowns.these(archive.connection, 9) == ([three, two, one], 2)
    assert unknowns.these(archive.connection, 9, 3) == ([two, one], 2)
    assert unknowns.these(archive.connection, 1) == ([three], 1)


def test_what_is_sent_again_is_planned_as_news_of_six_hours(archive: Archive) -> None:
    later = NOW + 30 * HOUR
    delivery = owe(archive, "digest", epoch=4, lease_until=NOW)
    assert unknowns.send_again(archive.connection, [delivery], later) == [delivery]
    now = row(archive, delivery)
    assert (now.state, now.again, now.not_before) == (State.PLANNED, True, later)
    assert (now.expires_at, now.ended_at, now.lease_until) == (later + 6 * HOUR, None, None)
    assert now.attempts == 1, "they are kept"
    assert ids(archive) == []
    (claimed,) = claims.claim(archive.connection, 5, later, later + MINUTE, 9).leaving
    assert claimed.id == delivery


def test_what_is_left_stays_unknown_until_it_is_taken_back(archive: Archive) -> None:
    delivery = owe(archive, "digest")
    assert unknowns.leave(archive.connection, [delivery], NOW) == [delivery]
    now = row(archive, delivery)
    assert (now.state, now.settled_at, now.again) == (State.UNKNOWN, NOW, False)
    assert ids(archive) == []
    assert unknowns.get(archive.connection, delivery) is None
    assert unknowns.take_back(archive.connection, [delivery]) == [delivery]
    assert unknowns.take_back(archive.connection, [delivery]) == []
    assert ids(archive) == [delivery]


@pytest.mark.parametrize("state", State)
def test_only_what_is_in_doubt_can_be_settled(archive: Archive, state: State) -> None:
    settled = NOW if state is State.UNKNOWN else None
    delivery = owe(archive, "digest", state=state, settled_at=settled)
    before = row(archive, delivery)
    assert unknowns.send_again(archive.connection, [delivery], NOW) == []
    assert unknowns.leave(archive.connection, [delivery], NOW) == []
    assert row(archive, delivery) == before


def test_what_is_sent_again_cannot_be_taken_back(archive: Archive) -> None:
    delivery = owe(archive, "digest")
    unknowns.send_again(archive.connection, [delivery], NOW)
    assert unknowns.take_back(archive.connection, [delivery]) == []
    assert row(archive, delivery).state == State.PLANNED


def test_what_is_in_doubt_is_kept_however_old_until_it_is_settled(archive: Archive) -> None:
    doubt = owe(archive, "in doubt")
    owe(archive, "left", settled_at=NOW)
    for state in FINAL - {State.UNKNOWN}:
        owe(archive, f"other {state}", state=state)
    later = NOW + timedelta(days=400)
    assert outbox.prune(archive.connection, later, 99) == len(FINAL)
    assert ids(archive) == [doubt]
    assert archive.count("deliveries") == 1
    assert outbox.prune_messages(archive.connection, later, 99) == 0, "it may be sent again"
    unknowns.leave(archive.connection, [doubt], later)
    assert outbox.prune(archive.connection, later, 99) == 1


def test_many_in_doubt_take_no_place_of_what_may_go(archive: Archive) -> None:
    for number in range(5):
        owe(archive, f"in doubt {number}")
    owe(archive, "sent", state=State.SENT)
    assert outbox.prune(archive.connection, NOW + MINUTE, 2) == 1
    assert unknowns.count(archive.connection) == archive.count("deliveries") == 5


def test_the_list_reads_the_partial_index_and_nothing_else(archive: Archive) -> None:
    seen: list[str] = []

    def note(connection: sa.Connection, cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if "unknown" in statement and not statement.startswith("EXPLAIN"):
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            seen.append(" ".join(line[3] for line in plan))

    sa.event.listen(archive.connection, "before_cursor_execute", note)
    unknowns.count(archive.connection)
    unknowns.numbers(archive.connection)
    unknowns.page(archive.connection, 8, 0)
    unknowns.page(archive.connection, 8, 8, 3)
    unknowns.these(archive.connection, 9)
    assert len(seen) == 5
    for plan in seen:
        assert "ix_deliveries_unsettled" in plan or "ix_deliveries_broadcast_id" in plan, plan
        assert "SCAN deliveries USING" in plan or "SEARCH deliveries" in plan, plan
