"""What a command replies to, as a message of ours that can be sent on."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from bot.domain.message import CAPTION_LIMIT
from bot.errors import UserError
from bot.gateway.content import ALBUM, content
from handlers.context import rows_of

if TYPE_CHECKING:
    from bot.domain.message import Message
    from handlers.context import Context

_SAVES: Final = re.compile(r"save:(\d{1,15}):")


def told(context: Context) -> int | None:
    """The story that the replied message of ours tells: the one that its button saves; None for no such message."""
    message = context.event.message
    replied = message.reply_to_message if message else None
    if replied is None or replied.reply_markup is None:
        return None
    for button in chain.from_iterable(rows_of(replied.reply_markup)):
        if found := _SAVES.match(button.data):
            return int(found[1])
    return None


async def quoted(context: Context) -> Message | None:
    """The content of the message that the command replies to; None where it replies to none.

    Only of a message that /broadcast replies to is the content kept.

    Raises:
        UserError: a bot cannot send it on, its caption is too long, or the rest of its album is not kept any more.
    """
    message = context.event.message
    replied = message.reply_to_message if message else None
    if replied is None:
        return None
    found = content(await _parts(context, replied.to_dict()))
    if found is None:
        raise UserError("broadcast.no_content")
    if found.media and len(found.text) > CAPTION_LIMIT:
        raise UserError("broadcast.caption_long")
    return found


async def _parts(context: Context, replied: dict[str, Any]) -> list[dict[str, Any]]:
    """The message, or all of its album in order; that one as it is now, the others as they came.

    Raises:
        UserError: nothing else is known of the album.
    """
    album = replied.get(ALBUM)
    if not album:
        return [replied]
    parts = {part["message_id"]: part for part in await context.newsroom.albums.parts(context.chat_id, album)}
    parts[replied["message_id"]] = replied
    if len(parts) == 1:
        raise UserError("broadcast.album_gone")
    return [parts[number] for number in sorted(parts)]
