"""Readers and their plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.storage import readers
from tests.storage.archive import DAY, HOUR, NOW

if TYPE_CHECKING:
    from tests.storage.archive import Archive


def test_a_reader_is_added_once_and_stays_who_he_is(archive: Archive) -> None:
    first = archive.reader(7, languages=("uk", "en"), desks=("World",))
    assert archive.reader(7, language="de") == first
    assert readers.get(archive.connection, 7) == first
    assert first.languages == ("uk", "en")
    assert readers.get(archive.connection, 8) is None


def test_an_id_of_52_bits_is_kept(archive: Archive) -> None:
    assert archive.reader(2**52 - 1).chat_id == 2**52 - 1


def test_a_change_gives_the_reader_as_he_is_now(archive: Archive) -> None:
    archive.reader(7)
    changed = readers.change(archive.connection, 7, zone="Europe/Kyiv", digest_minutes=())
    assert changed is not None
    assert (changed.zone, changed.digest_minutes, changed.language) == ("Europe/Kyiv", (), "en")
    assert readers.change(archive.connection, 8, zone="UTC") is None


def test_a_plan_is_one_time_and_can_be_taken_back(archive: Archive) -> None:
    archive.reader(7)
    assert readers.due_at(archive.connection, 7) is None
    assert readers.oldest_plan(archive.connection) is None
    readers.plan(archive.connection, 7, NOW)
    readers.plan(archive.connection, 7, NOW + HOUR)
    assert readers.due_at(archive.connection, 7) == NOW + HOUR
    readers.plan(archive.connection, 7, None)
    assert readers.due_at(archive.connection, 7) is None


def test_the_longest_overdue_come_first(archive: Archive) -> None:
    for chat in (7, 8, 9):
        archive.reader(chat)
        readers.plan(archive.connection, chat, NOW - chat * HOUR)
    assert [(one.chat_id, at) for one, at in readers.due(archive.connection, NOW, 2)] == [
        (9, NOW - 9 * HOUR),
        (8, NOW - 8 * HOUR),
    ]
    assert readers.due(archive.connection, NOW - DAY, 9) == []
    assert readers.oldest_plan(archive.connection) == NOW - 9 * HOUR


def test_many_are_planned_and_covered_at_once(archive: Archive) -> None:
    for chat in (7, 8):
        archive.reader(chat)
    readers.plan(archive.connection, 7, NOW)
    readers.plan_all(archive.connection, {7: NOW + DAY, 8: NOW + DAY})
    readers.plan_all(archive.connection, {})
    readers.cover(archive.connection, {7: NOW + HOUR, 8: NOW + HOUR})
    readers.cover(archive.connection, {})
    planned = readers.planned(archive.connection, [7, 8])
    assert {chat: at for chat, (_, at) in planned.items()} == {7: NOW + DAY}, (
        "who has no plan gets none by it"
    )
    covered = [readers.get(archive.connection, chat) for chat in (7, 8)]
    assert [one and one.covered_until for one in covered] == [NOW + HOUR, NOW + HOUR]


def test_readers_are_counted_by_state(archive: Archive) -> None:
    for chat, state in ((7, "active"), (8, "active"), (9, "blocked")):
        archive.reader(chat, state=state)
    assert readers.counts(archive.connection) == {"active": 2, "blocked": 1}


def test_the_places_of_readers_are_told_once_each(archive: Archive) -> None:
    assert readers.zones(archive.connection) == []
    for chat, zone in enumerate(("Europe/Kyiv", "Asia/Tokyo", "Europe/Kyiv", "UTC"), 1):
        archive.reader(chat)
        readers.change(archive.connection, chat, zone=zone)
    assert readers.zones(archive.connection) == ["Asia/Tokyo", "Europe/Kyiv", "UTC"]
