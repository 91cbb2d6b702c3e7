"""Sending: text, photos, documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bot.playground.methods.chats import recipient_of
from bot.playground.methods.outcome import Done
from bot.playground.parameters import Upload
from bot.playground.rules.formatted import Formatted, caption_text, message_text
from bot.playground.rules.images import image_size
from bot.playground.rules.keyboards import read_keyboard
from bot.playground.rules.links import check_link
from bot.playground.rules.refusal import Refusal, bad_request, refused_here, unknown_here

if TYPE_CHECKING:
    from bot.playground.exchange import Exchange
    from bot.playground.state import Message, StoredFile

PHOTO_LIMIT: Final = 10 * 1024 * 1024
"""Bytes of a photo (SPEC sendPhoto), as are the next two."""

PHOTO_SIDES: Final = 10_000
PHOTO_RATIO: Final = 20

_PREVIEW_FLAGS: Final = ("is_disabled", "prefer_small_media", "prefer_large_media", "show_above_text")
_REPLY_FIELDS: Final = frozenset({"message_id", "allow_sending_without_reply", "chat_id"})


def send_message(exchange: Exchange, params: dict[str, Any]) -> Done:
    """Send a text (sendMessage)."""
    formatted = read_text(params)
    return _send(exchange, params, {**text_content(formatted), **read_preview(params)}, formatted.dropped)


def send_photo(exchange: Exchange, params: dict[str, Any]) -> Done:
    """Send a photo, uploaded or known (sendPhoto)."""
    caption = read_caption(params)
    given = _given_file(exchange, params, "photo")
    size = image_size(given.data)
    if size is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    if len(given.data) > PHOTO_LIMIT:
        raise bad_request("file is too big")
    if sum(size) > PHOTO_SIDES or max(size) > PHOTO_RATIO * min(size):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    content = {"photo": given, **caption_content(caption, params)}
    return _send(exchange, params, content, caption.dropped)


def send_document(exchange: Exchange, params: dict[str, Any]) -> Done:
    """Send a document, uploaded or known (sendDocument)."""
    caption = read_caption(params)
    content = {"document": _given_file(exchange, params, "document"), **caption_content(caption, params)}
    return _send(exchange, params, content, caption.dropped)


def read_text(params: dict[str, Any]) -> Formatted:
    """The text of a call."""
    return message_text(params.get("text", ""), params.get("parse_mode", ""), params.get("entities"))


def read_caption(params: dict[str, Any]) -> Formatted:
    """The caption of a call."""
    return caption_text(
        params.get("caption", ""), params.get("parse_mode", ""), params.get("caption_entities")
    )


def text_content(formatted: Formatted) -> dict[str, Any]:
    """What a message holds of a text."""
    return {"text": formatted.text, **({"entities": formatted.entities} if formatted.entities else {})}


def caption_content(formatted: Formatted, params: dict[str, Any]) -> dict[str, Any]:
    """What a message holds of a caption."""
    content: dict[str, Any] = {}
    if formatted.text:
        content["caption"] = formatted.text
    if formatted.entities:
        content["caption_entities"] = formatted.entities
    if params.get("show_caption_above_media"):
        content["show_caption_above_media"] = True
    return content


def read_preview(params: dict[str, Any]) -> dict[str, Any]:
    """The link preview that a call asks for.

    Raises:
        Refusal: its shape is wrong, or it asks for a size without naming the page, which Telegram ignores (SPEC).
    """
    raw = params.get("link_preview_options")
    if raw is None:
        return {}
    if not isinstance(raw, dict):
        raise bad_request("object expected as link preview options")
    if unknown := sorted(set(raw) - {"url", *_PREVIEW_FLAGS}):
        raise unknown_here(f"link preview options with {', '.join(unknown)}")
    for name in _PREVIEW_FLAGS:
        if not isinstance(raw.get(name, False), bool):
            raise bad_request(f'field "{name}" must be of type Boolean')
    options = {name: True for name in _PREVIEW_FLAGS if raw.get(name)}
    url = raw.get("url") or ""
    if not url and (options.get("prefer_small_media") or options.get("prefer_large_media")):
        raise refused_here("the size of a link preview without its url", "ignore it")
    preview = {**options, **({"url": _preview_url(url)} if url else {})}
    return {"link_preview_options": preview} if preview else {}


def _preview_url(url: Any) -> str:  # noqa: ANN401 - any JSON
    if not isinstance(url, str):
        raise bad_request('field "url" must be of type String')
    try:
        return check_link(url)
    except ValueError:
        raise bad_request("WEBPAGE_URL_INVALID") from None


def _send(exchange: Exchange, params: dict[str, Any], content: dict[str, Any], dropped: int) -> Done:
    markup = read_keyboard(params.get("reply_markup"))
    person = recipient_of(exchange, params)
    reply_to = _replied(exchange, params, person.id)
    if exchange.flood and (wait := exchange.flood.admit(person.id, exchange.clock())):
        raise Refusal(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
    content = {name: _kept(exchange, name, value) for name, value in content.items()}
    if markup and "inline_keyboard" in markup:
        content["reply_markup"] = markup
    if params.get("protect_content"):
        content["has_protected_content"] = True
    return Done(exchange.post(person, content, by_bot=True, reply_to=reply_to), dropped)


def _replied(exchange: Exchange, params: dict[str, Any], chat: int) -> Message | None:
    message_id, without = _reply_parameters(params, chat)
    if message_id is None:
        return None
    message = exchange.find(chat, message_id)
    if message is None and not without:
        raise bad_request("message to be replied not found")
    return message


def _reply_parameters(params: dict[str, Any], chat: int) -> tuple[int | None, bool]:
    """The message that is replied to, None for none, and whether the message may go without it."""
    raw = params.get("reply_parameters")
    if raw is None:
        return params.get("reply_to_message_id"), params.get("allow_sending_without_reply", False)
    if not isinstance(raw, dict):
        raise bad_request("object expected as reply parameters")
    if unknown := sorted(set(raw) - _REPLY_FIELDS):
        raise unknown_here(f"reply parameters with {', '.join(unknown)}")
    if str(raw.get("chat_id", chat)) != str(chat):
        raise unknown_here("replies to other chats")
    message_id = raw.get("message_id")
    if isinstance(message_id, bool) or not isinstance(message_id, int):
        raise bad_request('can\'t find field "message_id"')
    return message_id, raw.get("allow_sending_without_reply") is True


def _given_file(exchange: Exchange, params: dict[str, Any], name: str) -> Upload | StoredFile:
    given = params.get(name)
    if given is None:
        raise bad_request(f"there is no {name} in the request")
    if isinstance(given, Upload):
        if not given.data:
            raise bad_request("file must be non-empty")
        return given
    stored = exchange.state.files.get(given)
    if stored is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    return stored


def _kept(exchange: Exchange, name: str, value: Any) -> Any:  # noqa: ANN401 - any field of a message
    """An upload kept and written as a message shows it; anything else as it is."""
    if name not in {"photo", "document"}:
        return value
    size = image_size(value.data) if name == "photo" else None
    details = {"width": size[0], "height": size[1]} if size else {}
    stored = (
        exchange.keep_file(value.name, value.content_type, value.data, details)
        if isinstance(value, Upload)
        else value
    )
    return photo_of(stored) if name == "photo" else document_of(stored)


def photo_of(stored: StoredFile) -> list[dict[str, Any]]:
    """The sizes of a photo; here it is always one."""
    return [{**_file(stored), **stored.details}]


def document_of(stored: StoredFile) -> dict[str, Any]:
    """A document."""
    return {**_file(stored), "file_name": stored.name, "mime_type": stored.content_type}


def _file(stored: StoredFile) -> dict[str, Any]:
    return {
        "file_id": stored.id,
        "file_unique_id": f"unique-{stored.id}",
        "file_size": len(stored.data),
    }
