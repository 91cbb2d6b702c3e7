"""The second half of a double press: what the button opens is there already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.storage import lists

if TYPE_CHECKING:
    from datetime import datetime

    from bot.storage.database import Connection

DOUBLE_PRESS: Final = timedelta(seconds=3)
"""A second press that came before the first was answered, or shortly after, is the same press."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What was pressed: the message with the button, and when the press was received."""

    message_id: int
    received_at: datetime


def pressed_twice(connection: Connection, update_id: int, chat_id: int, origin: Origin, what: str) -> bool:
    """Whether another update has opened `what` from there a moment ago."""
    last = lists.last_opening(connection, chat_id, f"{origin.message_id}:{what}")
    return last is not None and last[0] != update_id and origin.received_at <= last[1] + DOUBLE_PRESS


def note_press(
    connection: Connection, update_id: int, chat_id: int, origin: Origin, what: str, now: datetime
) -> None:
    """Note that `what` was opened from there."""
    lists.note_opening(connection, chat_id, f"{origin.message_id}:{what}", update_id, now)
