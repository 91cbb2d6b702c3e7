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
