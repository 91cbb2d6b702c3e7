"""At the door of the outbox: what is held over quiet hours, and what leaves without a sound."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.message import Message, Text
from bot.storage import outbox, readers
from tests.services.post_office import HOUR, MORNING

if TYPE_CHECKING:
    import sqlalchemy as sa

    from tests.services.post_office import PostOffice

NIGHT = (22 * 60, 7 * 60)
EVENING = MORNING + 13 * HOUR
"""21:00 in UTC, and in Lisbon in November; 22:00 in Berlin."""


async def wish(office: PostOffice, place: int = 0, **values: object) -> int:
    """What a reader wishes; returns the chat."""
    chat = office.chats[place]
    await office.db.write(lambda c: readers.change(c, chat, **values))
    return chat


async def owe_digest(office: PostOffice, chat: int, *, silent: bool = False) -> None:
    def write(connection: sa.Connection) -> None:
        (message,) = outbox.keep_all(connection, [Message(Text("Digest"), silent=silent)], office.clock())
        debt = outbox.Debt(message, chat, f"digest:{chat}", own_hour=True)
        outbox.plan_all(connection, [debt], office.clock(), office.clock() + 6 * HOUR)

    await office.db.write(write)


def silent(office: PostOffice) -> list[object]:
    return [call.params.get("disable_notification") for call in office.telegram.calls.of("sendMessage")]


async def test_what_falls_into_quiet_hours_is_held_until_they_end_and_not_dropped(office: PostOffice) -> None:
    berlin = await wish(office, quiet=NIGHT, zone="Europe/Berlin")
    other = await wish(office, 1, quiet=NIGHT)
    office.clock.now = EVENING
    await office.owe(berlin, other)
    assert await office.worker.drain() == 1, "in Lisbon it is 21:00 still"
    held = next(row for row in await office.rows() if row.chat_id == berlin)
    assert (held.state, held.attempts, held.lease_until) == ("planned", 0, None)
    assert held.not_before == EVENING + 9 * HOUR
    assert held.expires_at == EVENING + 10 * HOUR, "it is good for as long as before"
    office.clock.now = EVENING + 9 * HOUR - timedelta(seconds=1)
    assert await office.worker.drain() == 0
    office.clock.now = EVENING + 9 * HOUR
    assert await office.worker.drain() == 1
    assert silent(office) == [False, False]


async def test_a_digest_in_quiet_hours_comes_at_its_hour_without_a_sound(office: PostOffice) -> None:
    chat = await wish(office, quiet=NIGHT, zone="Europe/Berlin")
    office.clock.now = EVENING
    await owe_digest(office, chat)
    assert await office.worker.drain() == 1
    assert silent(office) == [True]


@pytest.mark.parametrize(
    ("sound", "own", "expected"), [(True, False, False), (False, False, True), (True, True, True)]
)
async def test_the_sound_is_the_readers_choice_unless_the_message_makes_none(
    office: PostOffice,
    sound: bool,  # noqa: FBT001 - a row of the table
    own: bool,  # noqa: FBT001 - likewise
    expected: bool,  # noqa: FBT001 - likewise
) -> None:
    chat = await wish(office, sound=sound)
    await owe_digest(office, chat, silent=own)
    assert await office.worker.drain() == 1
    assert silent(office) == [expected]


async def test_what_was_planned_before_the_quiet_hours_and_is_tried_again_in_them_is_held_too(
    office: PostOffice,
) -> None:
    chat = await wish(office, quiet=NIGHT, zone="Europe/Berlin")
    office.clock.now = EVENING - timedelta(minutes=1)
    await office.owe(chat)
    office.clock.now = EVENING + timedelta(minutes=1)
    assert await office.worker.drain() == 0
    assert (await office.row()).not_before == EVENING + 9 * HOUR


async def test_a_message_is_kept_once_whoever_gets_it_with_or_without_a_sound(office: PostOffice) -> None:
    quiet, loud = await wish(office, sound=False), await wish(office, 1, sound=True)
    for chat in (quiet, loud):
        await owe_digest(office, chat)
    assert await office.worker.drain() == 2
    assert sorted(map(str, silent(office))) == ["False", "True"]
    assert len({row.message_id for row in await office.rows()}) == 1
