"""Claims on rows: who may claim, what is taken and how it goes out, and what ends instead, for which reason."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.domain.delivery import State
from bot.domain.message import Message, Text
from bot.storage import claims, meta, outbox, readers
from bot.storage.claims import A_CHAT, AS_IT_IS, PLAIN, STOPPED, Claimed, Fenced
from bot.storage.outbox import Debt
from bot.storage.tables import deliveries, messages, owed_again, stories, told
from tests.storage.archive import HOUR, MINUTE, NOW, Archive

if TYPE_CHECKING:
    from datetime import datetime

MOMENT = timedelta(microseconds=1)
GOOD_UNTIL = NOW + 6 * HOUR
LEASE = NOW + 2 * MINUTE
WORDS = Message(Text("Good morning"))


def owe(archive: Archive, *chats: int, message: Message = WORDS, **debt: Any) -> list[int]:
    """Owe each of these chats one message more, readers who join with it; returns the deliveries."""
    first = archive.count("deliveries")
    for chat in set(chats):
        archive.reader(chat)
    (kept,) = outbox.keep_all(archive.connection, [message], NOW)
    debts = [Debt(kept, chat, f"debt {first + number}", **debt) for number, chat in enumerate(chats)]
    outbox.plan_all(archive.connection, debts, NOW, GOOD_UNTIL)
    ids = sa.select(deliveries.c.id).order_by(deliveries.c.id).offset(first)
    return list(archive.connection.execute(ids).scalars())


def claim(archive: Archive, at: datetime = NOW, epoch: int = 1, most: int = 20, **more: Any) -> Claimed:
    return claims.claim(archive.connection, epoch, at, at + 2 * MINUTE, most, **more)


def taken(found: Claimed) -> list[int]:
    return [one.id for one in found.leaving]


def change(archive: Archive, **values: Any) -> None:
    """Change all deliveries."""
    archive.connection.execute(sa.update(deliveries).values(values))


def rows(archive: Archive) -> list[Any]:
    return list(archive.connection.execute(sa.select(deliveries).order_by(deliveries.c.id)))


def states(archive: Archive) -> list[str]:
    return [row.state for row in rows(archive)]


def told_a_story(archive: Archive, *chats: int) -> None:
    """Owe each of these chats a story that counts as told."""
    archive.connection.execute(sa.insert(stories).values(id=5, first_seen_at=NOW, shown_at=NOW))
    owe(archive, *chats, story_id=5)
    pairs = [{"chat_id": chat, "story_id": 5, "how": "push", "at": NOW} for chat in chats]
    archive.connection.execute(sa.insert(told), pairs)


def test_a_claim_makes_rows_this_workers_until_its_lease_is_over(archive: Archive) -> None:
    one, other = owe(archive, 7, 8)
    found = claim(archive, epoch=4)
    assert (taken(found), found.looked_at) == ([one, other], 2)
    assert [(row.state, row.epoch, row.lease_until, row.attempts) for row in rows(archive)] == [
        (State.CLAIMED, 4, LEASE, 0)
    ] * 2


def test_an_older_worker_claims_nothing_and_is_told_so(archive: Archive) -> None:
    owe(archive, 7)
    older = meta.next_epoch(archive.connection)
    newer = meta.next_epoch(archive.connection)
    with pytest.raises(Fenced, match="Another newsroom sends on this database now"):
        claim(archive, epoch=older)
    assert [(row.state, row.epoch, row.lease_until) for row in rows(archive)] == [(State.PLANNED, 0, None)]
    assert len(claim(archive, epoch=newer).leaving) == 1, "the newest one goes on"


def test_an_older_worker_ends_nothing_either(archive: Archive) -> None:
    owe(archive, 7)
    older = meta.next_epoch(archive.connection)
    meta.next_epoch(archive.connection)
    with pytest.raises(Fenced):
        claim(archive, at=GOOD_UNTIL, epoch=older)
    assert states(archive) == [State.PLANNED]


def test_what_is_not_due_yet_is_left(archive: Archive) -> None:
    (later,) = owe(archive, 7, not_before=NOW + MINUTE)
    assert claim(archive, at=NOW + MINUTE - MOMENT) == Claimed()
    assert taken(claim(archive, at=NOW + MINUTE)) == [later]


@pytest.mark.parametrize("state", State)
def test_only_what_is_planned_or_tried_again_is_taken(archive: Archive, state: State) -> None:
    (one,) = owe(archive, 7)
    change(archive, state=state)
    due = state in {State.PLANNED, State.RETRY}
    assert taken(claim(archive)) == ([one] if due else [])
    assert states(archive) == [State.CLAIMED if due else state]


def test_what_its_worker_has_under_way_is_not_taken_again(archive: Archive) -> None:
    one, other = owe(archive, 7, 8)
    change(archive, state=State.RETRY)
    found = claim(archive, under_way={one: 7})
    assert (taken(found), found.looked_at) == ([other], 1)
    assert states(archive) == [State.RETRY, State.CLAIMED]
    assert claim(archive, under_way={one: 7, other: 8}) == Claimed(), "so there is nothing more to look for"
    assert taken(claim(archive)) == [one], "once its worker is done with it"


def test_what_is_under_way_does_not_end_behind_its_workers_back(archive: Archive) -> None:
    one, _ = owe(archive, 7, 8)
    change(archive, state=State.RETRY)
    assert claim(archive, at=GOOD_UNTIL, under_way={one: 7}).leaving == []
    assert states(archive) == [State.RETRY, State.EXPIRED]


def test_of_one_chat_three_are_taken_and_the_rest_waits_for_them(archive: Archive) -> None:
    assert A_CHAT == 3
    *mine, late, later, theirs = owe(archive, 7, 7, 7, 7, 7, 8)
    found = claim(archive)
    assert (taken(found), found.looked_at) == ([*mine, theirs], 6)
    assert states(archive) == [*[State.CLAIMED] * 3, *[State.PLANNED] * 2, State.CLAIMED]
    assert taken(claim(archive, under_way=dict.fromkeys(mine, 7))) == []
    assert taken(claim(archive, under_way={mine[0]: 7, mine[1]: 7})) == [late]
    assert taken(claim(archive)) == [later]


@pytest.mark.parametrize("under_way", range(5))
def test_what_a_chat_has_under_way_counts(archive: Archive, under_way: int) -> None:
    others = dict.fromkeys(range(1000, 1000 + under_way), 7) | {2000: 8}
    ids = owe(archive, 7, 7, 7, 7, 8)
    found = claim(archive, under_way=others)
    assert taken(found) == [*ids[: max(0, 3 - under_way)], ids[-1]]


def test_a_chat_that_is_full_takes_nobodys_place_in_a_claim(archive: Archive) -> None:
    *_, theirs = owe(archive, 7, 7, 7, 7, 8)
    found = claim(archive, most=2, under_way={1000: 7, 1001: 7, 1002: 7})
    assert (taken(found), found.looked_at) == ([theirs], 1)


@pytest.mark.parametrize(("most", "lanes"), [(3, [0, 0, 0]), (6, [0] * 4 + [1, 1]), (7, [0] * 4 + [1, 1, 2])])
def test_a_claim_takes_no_more_than_it_has_room_for(archive: Archive, most: int, lanes: list[int]) -> None:
    lane_of: dict[int, int] = {}
    for lane in outbox.Lane:
        chats = range(10 * lane + 10, 10 * lane + 20)
        lane_of |= dict.fromkeys(owe(archive, *chats, lane=lane), int(lane))
    found = claim(archive, most=most)
    assert [lane_of[one] for one in taken(found)] == lanes
    assert found.looked_at == most


@pytest.mark.parametrize(("mode", "plain"), [(AS_IT_IS, [False, True]), (PLAIN, [True, True])])
def test_a_message_goes_out_the_way_that_is_noted_with_it(
    archive: Archive, mode: str, plain: list[bool]
) -> None:
    owe(archive, 7)
    owe(archive, 8, plain=True)
    archive.connection.execute(sa.update(messages).values(mode=mode))
    leaving = claim(archive).leaving
    assert [one.plain for one in leaving] == plain
    assert {one.message for one in leaving} == {WORDS}, "its plain words are made when it is sent"


def test_a_message_that_is_stopped_goes_out_to_nobody(archive: Archive) -> None:
    owe(archive, 7, 8)
    (other,) = owe(archive, 9, message=Message(Text("Good evening")))
    archive.connection.execute(sa.update(messages).where(messages.c.id == 1).values(mode=STOPPED))
    found = claim(archive)
    assert (taken(found), found.looked_at) == ([other], 3)
    stopped = [(row.state, row.reason, row.ended_at) for row in rows(archive)[:2]]
    assert stopped == [(State.FAILED, "Telegram refuses this message for everybody", NOW)] * 2


def test_a_message_is_read_once_by_a_worker_that_remembers_it(archive: Archive) -> None:
    owe(archive, 7)
    known: dict[int, tuple[Message, str]] = {}
    claim(archive, known=known)
    assert known == {1: (WORDS, AS_IT_IS)}
    owe(archive, 8)
    archive.connection.execute(sa.update(messages).values(document={"text": 5}))
    known[1] = (WORDS, PLAIN)
    (one,) = claim(archive, known=known).leaving
    assert (one.message, one.plain) == (WORDS, True)


@pytest.mark.parametrize("state", [State.PLANNED, State.RETRY])
def test_what_is_too_late_expires_and_not_a_moment_before(archive: Archive, state: State) -> None:
    owe(archive, 7, 8)
    change(archive, state=state)
    archive.connection.execute(
        sa.update(deliveries).where(deliveries.c.id == 2).values(expires_at=GOOD_UNTIL + MOMENT)
    )
    found = claim(archive, at=GOOD_UNTIL)
    assert (taken(found), found.looked_at) == ([2], 2)
    late = rows(archive)[0]
    assert (late.state, late.reason, late.ended_at) == (State.EXPIRED, "its time had passed", GOOD_UNTIL)
    assert (late.epoch, late.lease_until) == (0, None), "nobody has claimed it"


@pytest.mark.parametrize("state", ["paused", "stopped", "blocked"])
def test_what_is_for_a_reader_who_wants_nothing_is_gone(archive: Archive, state: str) -> None:
    _, other = owe(archive, 7, 8)
    readers.change(archive.connection, 7, state=state)
    assert taken(claim(archive)) == [other]
    row = rows(archive)[0]
    assert (row.state, row.reason, row.ended_at) == (State.GONE, "the reader is not active", NOW)


@pytest.mark.parametrize("document", [{"text": 5}, {}, [], {"text": "Good morning", "rows": 5}])
def test_a_message_that_cannot_be_read_fails_and_the_others_go(archive: Archive, document: object) -> None:
    owe(archive, 7)
    (other,) = owe(archive, 8, message=Message(Text("Good evening")))
    archive.connection.execute(sa.update(messages).where(messages.c.id == 1).values(document=document))
    assert taken(claim(archive)) == [other]
    row = rows(archive)[0]
    assert (row.state, row.reason, row.ended_at) == (State.FAILED, "its message cannot be read", NOW)


def test_a_place_that_is_not_known_any_more_has_the_clock_of_utc(archive: Archive) -> None:
    loud, _ = owe(archive, 7, 9)
    readers.change(archive.connection, 7, zone="Mars/Base")
    readers.change(archive.connection, 9, zone="Mars/Base", quiet=(0, 8 * 60))
    assert taken(claim(archive)) == [loud]
    assert [row.not_before for row in rows(archive)] == [NOW, NOW + 2 * HOUR]


def test_lateness_is_told_before_all_else(archive: Archive) -> None:
    owe(archive, 7)
    readers.change(archive.connection, 7, state="blocked", zone="Mars/Base")
    archive.connection.execute(sa.update(messages).values(mode=STOPPED))
    claim(archive, at=GOOD_UNTIL)
    assert [(row.state, row.reason) for row in rows(archive)] == [(State.EXPIRED, "its time had passed")]


def test_what_waits_for_quiet_hours_is_looked_at_and_does_not_leave(archive: Archive) -> None:
    _, other = owe(archive, 7, 8)
    readers.change(archive.connection, 7, zone="UTC", quiet=(0, 8 * 60))
    found = claim(archive)
    assert (taken(found), found.looked_at) == ([other], 2)
    row = rows(archive)[0]
    assert (row.state, row.not_before, row.expires_at) == (
        State.PLANNED,
        NOW + 2 * HOUR,
        GOOD_UNTIL + 2 * HOUR,
    )
    assert (row.epoch, row.lease_until, row.ended_at) == (0, None, None)


@pytest.mark.parametrize(("end", "owed"), [(State.EXPIRED, 2), (State.FAILED, 2), (State.GONE, 0)])
def test_a_story_is_news_again_for_who_certainly_missed_it(archive: Archive, end: State, owed: int) -> None:
    told_a_story(archive, 7, 8)
    if end is State.GONE:
        archive.connection.execute(sa.text("UPDATE readers SET state = 'stopped'"))
    if end is State.FAILED:
        archive.connection.execute(sa.update(messages).values(mode=STOPPED))
    at = GOOD_UNTIL if end is State.EXPIRED else NOW
    claim(archive, at=at)
    assert states(archive) == [end] * 2
    found = archive.connection.execute(sa.select(owed_again)).all()
    assert [(row.chat_id, row.story_id, row.at) for row in found] == [(7, 5, at), (8, 5, at)][:owed]
    assert archive.count("told") == 2 - owed
