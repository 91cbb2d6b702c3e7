"""Sending: text, pictures, films, files, albums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bot.playground.attachments import COVERABLE, attached, check_album, check_kind
from bot.playground.methods.chats import recipient_of
from bot.playground.methods.outcome import Done
from bot.playground.parameters import Upload
from bot.playground.rules.formatted import Formatted, caption_text, message_text
from bot.playground.rules.images import image_size
from bot.playground.rules.keyboards import read_keyboard
from bot.playground.rules.links import check_link
from bot.playground.rules.refusal import Refusal, bad_request, refused_here, unknown_here

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.playground.exchange import Exchange
    from bot.playground.people import Person
    from bot.playground.state import Message, StoredFile

PHOTO_LIMIT: Final = 10 * 1024 * 1024
"""Bytes of a photo (SPEC sendPhoto), as are the next two."""

PHOTO_SIDES: Final = 10_000
PHOTO_RATIO: Final = 20

_PREVIEW_FLAGS: Final = ("is_disabled", "prefer_small_media", "prefer_large_media", "show_above_text")
_REPLY_FIELDS: Final = frozenset({"message_id", "allow_sending_without_reply", "chat_id"})
_IN_ALBUMS: Final = frozenset({"photo", "video", "document", "audio"})
_OF_A_PART: Final = frozenset(
    "type media caption parse_mode caption_entities show_caption_above_media has_spoiler".split()
)
_FIRST_ALBUM: Final = 13_900_000_000_000_000


def send_message(exchange: Exchange, params: dict[str, Any]) -> Done:
    """Send a text (sendMessage)."""
    formatted = read_text(params)
    return _send(exchange, params, {**text_content(formatted), **read_preview(params)}, formatted.dropped)


def send_photo(exchange: Exchange, params: dict[str, Any]) -> Done:
    """Send a photo, uploaded or known (sendPhoto)."""
    given = _given_file(exchange, params, "photo")
    details = {}
    if isinstance(given, Upload):
        size = _photo_size(given.data)
        details = {"width": size[0], "height": size[1]}
    return _send_file(exchange, params, "photo", given, details)


def _photo_size(data: bytes) -> tuple[int, int]:
    size = image_size(data)
    if size is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    if len(data) > PHOTO_LIMIT:
        raise bad_request("file is too big")
    if sum(size) > PHOTO_SIDES or max(size) > PHOTO_RATIO * min(size):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return size


def send_document(exchange: Exchange, params: dict[str, Any]) -> Done:
    """Send a document, uploaded or known (sendDocument)."""
    return _send_file(exchange, params, "document", _given_file(exchange, params, "document"))


def sender_of_known(kind: str) -> Callable[[Exchange, dict[str, Any]], Done]:
    """What sends a file of another kind, which the bot knows by its id (sendVideo and its like)."""

    def send(exchange: Exchange, params: dict[str, Any]) -> Done:
        given = _given_file(exchange, params, kind)
        if isinstance(given, Upload):
            raise unknown_here(f"uploads of type {kind}")
        return _send_file(exchange, params, kind, given)

    return send


def send_media_group(exchange: Exchange, params: dict[str, Any]) -> Done:
    """Send an album of files that the bot knows by their ids (sendMediaGroup)."""
    raw = params.get("media")
    if raw is None:
        raise bad_request('parameter "media" is required')
    if not isinstance(raw, list) or not all(isinstance(one, dict) for one in raw):
        raise bad_request("can't parse InputMedia: expected an Array of InputMedia")
    check_album([str(one.get("type")) for one in raw])
    parts = [_album_part(exchange, one) for one in raw]
    person, reply_to = _admitted(exchange, params)
    album = {"media_group_id": str(_FIRST_ALBUM + exchange.state.last_message)}
    sent = [
        exchange.post(person, {**_protected(params), **album, **content}, by_bot=True, reply_to=reply_to)
        for content, _ in parts
    ]
    return Done(sent, sum(dropped for _, dropped in parts))


def _album_part(exchange: Exchange, raw: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """What one part shows, and how many of its entities were too many."""
    kind = str(raw.get("type"))
    if kind not in _IN_ALBUMS:
        raise bad_request("can't parse InputMedia: type of the media is invalid")
    if unknown := sorted(set(raw) - _OF_A_PART):
        raise unknown_here(f"parts of an album with {', '.join(unknown)}")
    given = raw.get("media")
    if not isinstance(given, str) or given.startswith(("attach://", "http://", "https://", "file:")):
        raise unknown_here("parts of an album that are no id of a file")
    stored = _known_file(exchange, given)
    check_kind(stored, kind)
    caption = read_caption(raw)
    content = {**attached(kind, stored), **caption_content(caption, raw), **_covered(kind, raw)}
    return content, caption.dropped


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


def _send_file(
    exchange: Exchange,
    params: dict[str, Any],
    kind: str,
    given: Upload | StoredFile,
    details: dict[str, int] | None = None,
) -> Done:
    """Send a file with its caption; an upload is kept only where it arrives."""
    if not isinstance(given, Upload):
        check_kind(given, kind)
    caption = read_caption(params)
    content = {**caption_content(caption, params), **_covered(kind, params)}

    def file() -> dict[str, Any]:
        stored = given
        if isinstance(stored, Upload):
            stored = exchange.keep_file(stored.name, stored.content_type, stored.data, details, kind)
        return attached(kind, stored)

    return _send(exchange, params, content, caption.dropped, file)


def _send(
    exchange: Exchange,
    params: dict[str, Any],
    content: dict[str, Any],
    dropped: int,
    file: Callable[[], dict[str, Any]] | None = None,
) -> Done:
    markup = read_keyboard(params.get("reply_markup"))
    person, reply_to = _admitted(exchange, params)
    content = {**content, **(file() if file else {}), **_protected(params)}
    if markup and "inline_keyboard" in markup:
        content["reply_markup"] = markup
    return Done(exchange.post(person, content, by_bot=True, reply_to=reply_to), dropped)


def _admitted(exchange: Exchange, params: dict[str, Any]) -> tuple[Person, Message | None]:
    """Who gets a message, and what it replies to.

    Raises:
        Refusal: it cannot be written to the person, what it replies to is not there, or it is too many.
    """
    person = recipient_of(exchange, params)
    reply_to = _replied(exchange, params, person.id)
    paid = params.get("allow_paid_broadcast") is True
    if exchange.flood and (wait := exchange.flood.admit(person.id, exchange.clock(), paid=paid)):
        raise Refusal(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
    return person, reply_to


def _protected(params: dict[str, Any]) -> dict[str, Any]:
    return {"has_protected_content": True} if params.get("protect_content") else {}


def _covered(kind: str, params: dict[str, Any]) -> dict[str, Any]:
    covered = params.get("has_spoiler") is True
    if covered and kind not in COVERABLE:
        raise refused_here(f"a covered {kind}", "show it")
    return {"has_media_spoiler": True} if covered else {}


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
    return _known_file(exchange, given)


def _known_file(exchange: Exchange, file_id: str) -> StoredFile:
    stored = exchange.state.files.get(file_id)
    if stored is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    return stored
