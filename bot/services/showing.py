"""Whether a story may be shown to a reader, and which it is by now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import UserError
from bot.storage import editing, stories

if TYPE_CHECKING:
    from bot.storage.database import Connection


def to_show(connection: Connection, chat_id: int, story_id: int) -> int:
    """The story that a reader means: it may have become part of another one.

    Raises:
        UserError: the story has left the archive, was withdrawn, or is somebody else's.
    """
    story_id = editing.now_in(connection, story_id)
    if stories.visible(connection, chat_id, story_id):
        return story_id
    gone = "error.story_withdrawn" if editing.is_withdrawn(connection, story_id) else "error.story_gone"
    raise UserError(gone)
