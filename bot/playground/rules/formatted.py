"""The text of a message or a caption, from what a bot sends to what a chat shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bot.playground.rules.cleaning import clean, is_empty
from bot.playground.rules.detection import add_found
from bot.playground.rules.entities import keep_entities, place_entities, read_entities
from bot.playground.rules.markup import parse_html
from bot.playground.rules.refusal import bad_request, unknown_here

if TYPE_CHECKING:
    from bot.playground.rules.cleaning import Entity

TEXT_LIMIT: Final = 4096
"""Code points in a text after its markup is read and it is cleaned (TD `MessageContent.cpp`)."""

CAPTION_LIMIT: Final = 1024
"""Code points in a caption (TD `OptionManager.cpp`)."""

RAW_LIMIT: Final = 32_768
"""Bytes of UTF-8 before the markup is read (TBA `get_formatted_text`)."""


@dataclass(frozen=True, slots=True)
class Formatted:
    """What is left of a text.

    Attributes:
        text: the words.
        entities: a bot's own entities and those that Telegram found.
        dropped: how many of the bot's own entities were too many.
    """

    text: str
    entities: list[Entity]
    dropped: int = 0


def message_text(text: str, parse_mode: str = "", entities: Any = None) -> Formatted:  # noqa: ANN401 - any JSON
    """The text of a message.

    Raises:
        Refusal: it is empty or too long, or its entities or markup are wrong.
    """
    if not text:
        raise bad_request("message text is empty")
    formatted = _formatted(text, parse_mode, entities)
    if is_empty(formatted.text):
        raise bad_request("text must be non-empty")
    if len(formatted.text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return formatted


def caption_text(text: str, parse_mode: str = "", entities: Any = None) -> Formatted:  # noqa: ANN401 - any JSON
    """The caption of a photo or document; one that shows nothing is none.

    Raises:
        Refusal: it is too long, or its entities or markup are wrong.
    """
    formatted = _formatted(text, parse_mode, entities)
    if is_empty(formatted.text):
        return Formatted("", [])
    if len(formatted.text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    return formatted


def _formatted(text: str, parse_mode: str, raw: Any) -> Formatted:  # noqa: ANN401 - any JSON
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise bad_request("strings must be encoded in UTF-8") from None
    if size > RAW_LIMIT:
        raise bad_request("text is too long")
    text, own = _parsed(text, parse_mode.lower(), raw)
    text, own = clean(text, place_entities(text, own))
    own, dropped = keep_entities(own)
    return Formatted(text, add_found(text, own), dropped)


def _parsed(text: str, mode: str, raw: Any) -> tuple[str, list[Entity]]:  # noqa: ANN401 - any JSON
    if not text or mode in {"", "none"}:
        return text, read_entities(raw)
    if mode == "html":
        return parse_html(text)
    if mode in {"markdown", "markdownv2"}:
        raise unknown_here(f"parse_mode {mode}")
    raise bad_request("unsupported parse_mode")
