"""Albums that readers sent: Telegram brings their parts as messages of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.storage import inbox

if TYPE_CHECKING:
    from bot.storage.database import Database


class Albums:
    """The parts of albums, for as long as the inbox keeps them.

    Args:
        db: the database.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    async def parts(self, chat_id: int, album_id: str) -> list[dict[str, Any]]:
        """The messages of a chat that are parts of an album, in their order; none where they are too old."""
        return await self._db.read(inbox.album, chat_id, album_id)
