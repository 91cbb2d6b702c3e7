"""A message of Telegram's as the content of one of ours: its words with their styles, and its media by their ids."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from bot.domain import message as m
from bot.domain.message import ALBUM_LIMIT, ENTITY_LIMIT, Entity, Kind, Media, Message, Style, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ALBUM: Final = "media_group_id"
"""Where a message says which album it is a part of."""
_COVERED: Final = "has_media_spoiler"
_KEPT: Final = frozenset({"text", "entities", "caption", "caption_entities", ALBUM, _COVERED})
_LISTS: Final = frozenset({"entities", "caption_entities"})
_OF_A_FILE: Final = frozenset({"file_id", "file_unique_id", "width", "height", "duration"})
"""What a picture or file is never without (Bot API, PhotoSize and the like)."""
_KINDS: Final = (Kind.PHOTO, Kind.VIDEO, Kind.ANIMATION, Kind.AUDIO, Kind.VOICE, Kind.DOCUMENT)
"""The document comes last, since an animation also says that it is one (Bot API, Message)."""
_STYLES: Final = {style.value: style for style in Style}


def kept(message: dict[str, Any]) -> dict[str, Any]:
    """What must be kept of a message so that its content can be sent on: no names, no small pictures."""
    found = {name: value for name, value in message.items() if name in _KEPT}
    for name in _LISTS & found.keys():
        styles = found[name] if isinstance(found[name], list) else ()
        found[name] = [one for one in styles if isinstance(one, dict) and str(one.get("type")) in _STYLES]
    for kind, file in _files(message):
        less = {name: value for name, value in file.items() if name in _OF_A_FILE}
        found[kind.value] = [less] if kind is Kind.PHOTO else less
    return found


def content(parts: Sequence[dict[str, Any]]) -> Message | None:
    """A message that shows what another one does, or what the parts of an album do.

    Styles that a bot cannot give fall away, and so do those that Telegram finds anew by itself: addresses, mentions,
    commands. Words under several parts come together under the first.

    Args:
        parts: as the Bot API writes them, in their order.

    Returns:
        None where there is nothing that a bot can send on.
    """
    media = tuple(one for part in parts for one in _media(part))[:ALBUM_LIMIT]
    field, styles = ("caption", "caption_entities") if media else ("text", "entities")
    words = m.join("\n\n", (_text(part.get(field), part.get(styles)) for part in parts))
    return Message(words, media=media) if words or media else None


def _media(message: dict[str, Any]) -> tuple[Media, ...]:
    hidden = message.get(_COVERED) is True
    return tuple(Media(kind, file["file_id"], hidden) for kind, file in _files(message))


def _files(message: dict[str, Any]) -> Iterator[tuple[Kind, dict[str, Any]]]:
    """The picture or file of a message, if it has one that can be sent on; of a photo the largest size."""
    for kind in _KINDS:
        file = message.get(kind.value)
        if kind is Kind.PHOTO and isinstance(file, list | tuple) and file:
            file = file[-1]
        if isinstance(file, dict) and isinstance(file.get("file_id"), str):
            yield kind, file
            return


def _text(words: str | None, styles: Sequence[dict[str, Any]] | None) -> Text:
    entities = (_entity(one) for one in styles or ())
    return Text(words or "", tuple(entity for entity in entities if entity is not None)[:ENTITY_LIMIT])


def _entity(told: dict[str, Any]) -> Entity | None:
    style = _STYLES.get(told["type"])
    if style is None:
        return None
    at = datetime.fromtimestamp(told["unix_time"], UTC) if style is Style.TIME else None
    form = told.get("language" if style is Style.PRE else "date_time_format") or ""
    return Entity(style, told["offset"], told["length"], told.get("url") or "", at, form)
