"""What a message of ours is in the Bot API's words: which method sends or changes it, and with what parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.domain.buttons import sealed
from bot.domain.message import Style

if TYPE_CHECKING:
    from bot.domain.message import Entity, Media, Message, Rows, Text


def sending(chat_id: int, message: Message, key: bytes) -> tuple[str, dict[str, Any]]:
    """The method that sends a message, and what it takes besides the chat.

    Args:
        chat_id: where to; buttons are signed for it.
        message: what; of an album, which can have no buttons, they are left out.
        key: signs the buttons.
    """
    told: dict[str, Any] = {"disable_notification": message.silent}
    if not message.media:
        return "sendMessage", told | _written(chat_id, message, key)
    first, *others = message.media
    if not others:
        return f"send{first.kind.capitalize()}", told | _item(first) | _captioned(chat_id, message, key)
    parts = [_part(first) | caption(message.text), *map(_part, others)]
    return "sendMediaGroup", told | {"media": parts}


def changing(chat_id: int, message: Message, key: bytes) -> tuple[str, dict[str, Any]]:
    """The method that shows a message in the place of an earlier one of the same kind, and what it takes besides both.

    Media stay as they are: only the words under them change, and the buttons.
    """
    if not message.media:
        return "editMessageText", _written(chat_id, message, key)
    if len(message.media) > 1:
        return "editMessageCaption", caption(message.text)
    return "editMessageCaption", _captioned(chat_id, message, key)


def caption(words: Text) -> dict[str, Any]:
    """Words under a picture or a file."""
    return {"caption": words.plain, "caption_entities": [_entity(entity) for entity in words.entities]}


def keyboard(chat_id: int, rows: Rows, key: bytes) -> dict[str, Any]:
    """Buttons, of which those that come back to us are signed for their chat."""
    return {
        "inline_keyboard": [
            [
                {"text": button.label, "url": button.url}
                if button.url
                else {"text": button.label, "callback_data": sealed(button.data, key, chat_id)}
                for button in row
            ]
            for row in rows
        ]
    }


def _written(chat_id: int, message: Message, key: bytes) -> dict[str, Any]:
    preview: dict[str, Any] = {"is_disabled": True}
    if message.preview:
        preview = {"url": message.preview, "prefer_large_media": True, "show_above_text": True}
    return {
        "text": message.text.plain,
        "entities": [_entity(entity) for entity in message.text.entities],
        "link_preview_options": preview,
        "reply_markup": keyboard(chat_id, message.rows, key),
    }


def _captioned(chat_id: int, message: Message, key: bytes) -> dict[str, Any]:
    return caption(message.text) | {"reply_markup": keyboard(chat_id, message.rows, key)}


def _item(one: Media) -> dict[str, Any]:
    return {one.kind.value: one.file_id} | ({"has_spoiler": True} if one.hidden else {})


def _part(one: Media) -> dict[str, Any]:
    """One of an album (Bot API, InputMedia)."""
    return {"type": one.kind.value, "media": one.file_id} | ({"has_spoiler": True} if one.hidden else {})


def _entity(entity: Entity) -> dict[str, Any]:
    """An entity as the Bot API writes it."""
    made: dict[str, Any] = {"type": entity.style.value, "offset": entity.offset, "length": entity.length}
    if entity.url:
        made["url"] = entity.url
    if entity.at is not None:
        made |= {"unix_time": int(entity.at.timestamp()), "date_time_format": entity.form}
    if entity.style is Style.PRE and entity.form:
        made["language"] = entity.form
    return made
