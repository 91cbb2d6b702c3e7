"""Updates as rows: received, applied with their effect, done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.storage import inbox
from bot.storage.inbox import Received
from tests.storage.archive import DAY, HOUR, NOW

if TYPE_CHECKING:
    from tests.storage.archive import Archive


def update(number: int, text: str = "/news", at: object = NOW) -> Received:
    return Received(number, 7, {"update_id": number, "message": {"text": text}}, at)  # type: ignore[arg-type]


def test_a_repeated_update_changes_nothing(archive: Archive) -> None:
    assert inbox.receive(archive.connection, []) == []
    assert inbox.receive(archive.connection, [update(1), update(2)]) == [1, 2]
    assert inbox.receive(archive.connection, [update(2, "forged"), update(3)]) == [3]
    assert inbox.unfinished(archive.connection) == [update(1), update(2), update(3)]


def test_an_album_is_found_in_its_chat_in_the_order_of_its_parts(archive: Archive) -> None:
    def part(number: int, message_id: int, album: str | None, lane: int = 7) -> Received:
        message = {"message_id": message_id} | ({"media_group_id": album} if album else {})
        return Received(number, lane, {"update_id": number, "message": message}, NOW)

    others = [part(4, 14, "78"), part(5, 15, None), part(6, 16, "77", lane=8), update(8)]
    press = Received(9, 7, {"update_id": 9, "callback_query": {"message": {"media_group_id": "77"}}}, NOW)
    inbox.receive(
        archive.connection, [part(3, 12, "77"), part(1, 13, "77"), part(7, 11, "77"), *others, press]
    )
    found = inbox.album(archive.connection, 7, "77")
    assert [one["message_id"] for one in found] == [11, 12, 13]
    assert inbox.album(archive.connection, 7, "79") == []
    for number in range(1, 8):
        inbox.finish(archive.connection, number, NOW - 3 * DAY, "answered")
    inbox.prune(archive.connection, NOW - 2 * DAY, 100)
    assert inbox.album(archive.connection, 7, "77") == []


def test_the_same_update_twice_in_one_group_is_one(archive: Archive) -> None:
    assert inbox.receive(archive.connection, [update(1), update(1)]) == [1]


def test_an_effect_happens_once(archive: Archive) -> None:
    inbox.receive(archive.connection, [update(1)])
    assert [inbox.apply(archive.connection, 1, NOW) for _ in range(3)] == [True, False, False]
    assert not inbox.apply(archive.connection, 2, NOW), "nobody received it"


def test_what_is_done_is_not_taken_up_again(archive: Archive) -> None:
    inbox.receive(archive.connection, [update(1), update(2, at=NOW - HOUR)])
    assert inbox.oldest_open(archive.connection) == NOW - HOUR
    inbox.finish(archive.connection, 2, NOW, "answered")
    assert [one.update_id for one in inbox.unfinished(archive.connection)] == [1]
    assert inbox.oldest_open(archive.connection) == NOW
    inbox.finish(archive.connection, 1, NOW, "failed")
    assert inbox.oldest_open(archive.connection) is None


def test_only_what_was_done_long_ago_is_removed(archive: Archive) -> None:
    inbox.receive(archive.connection, [update(1), update(2), update(3)])
    inbox.finish(archive.connection, 1, NOW - 3 * DAY, "answered")
    inbox.finish(archive.connection, 2, NOW, "answered")
    assert inbox.prune(archive.connection, NOW - 2 * DAY, 9) == 1
    assert inbox.receive(archive.connection, [update(2), update(3)]) == []
