"""Editing and deleting what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bot.playground.attachments import FIELDS
from bot.playground.exchange import CONTENT
from bot.playground.methods.chats import message_of, person_of
from bot.playground.methods.outcome import Done
from bot.playground.methods.sending import (
    caption_content,
    read_caption,
    read_preview,
    read_text,
    text_content,
)
from bot.playground.rules.keyboards import read_keyboard
from bot.playground.rules.refusal import bad_request

if TYPE_CHECKING:
    from bot.playground.exchange import Exchange
    from bot.playground.state import Message

DELETABLE_FOR: Final = 48 * 3600
"""Seconds after which a message in a private chat stays (SPEC deleteMessage)."""

MOST_DELETED: Final = 100

_NOT_MODIFIED: Final = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)


def edit_message_text(exchange: Exchange, params: dict[str, Any]) -> Done:
    """Change a text (editMessageText); a keyboard that is not given again goes away."""
    formatted = read_text(params)
    preview, markup = read_preview(params), _markup(params)
    message = _editable(exchange, params)
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    content = {**text_content(formatted), **preview, **markup}
    return _revised(exchange, message, content, formatted.dropped)


def edit_message_caption(exchange: Exchange, params: dict[str, Any]) -> Done:
    """Change a caption (editMessageCaption)."""
    formatted, markup = read_caption(params), _markup(params)
    message = _editable(exchange, params)
    media = {name: message[name] for name in FIELDS & message.keys()}
    if not media:
        raise bad_request("there is no caption in the message to edit")
    content = {**media, **caption_content(formatted, params), **markup}
    return _revised(exchange, message, content, formatted.dropped)


def edit_message_reply_markup(exchange: Exchange, params: dict[str, Any]) -> Done:
    """Change a keyboard (editMessageReplyMarkup); the message does not count as edited."""
    markup = _markup(params)
    message = _editable(exchange, params)
    return _revised(exchange, message, {**_content(message, without="reply_markup"), **markup}, silently=True)


def delete_message(exchange: Exchange, params: dict[str, Any]) -> Done:
    """Delete a message, the bot's own or the person's (deleteMessage)."""
    message = message_of(exchange, params, "delete")
    _check_age(exchange, message)
    exchange.record("deleted", chat=message["chat"]["id"], message_ids=[message["message_id"]])
    return Done(result=True)


def delete_messages(exchange: Exchange, params: dict[str, Any]) -> Done:
    """Delete several (deleteMessages); those that are not there are passed over."""
    person = person_of(exchange, params)
    wanted = _message_ids(params.get("message_ids"))
    there = [message for message_id in wanted if (message := exchange.find(person.id, message_id))]
    for message in there:
        _check_age(exchange, message)
    exchange.record("deleted", chat=person.id, message_ids=[message["message_id"] for message in there])
    return Done(result=True)


def _message_ids(raw: Any) -> list[int]:  # noqa: ANN401 - any JSON
    if not raw:
        raise bad_request("message identifiers are not specified")
    if not isinstance(raw, list):
        raise bad_request("expected an Array of message identifiers")
    if len(raw) > MOST_DELETED:
        raise bad_request("too many message identifiers specified")
    if not all(isinstance(message_id, int) for message_id in raw):
        raise bad_request("message identifier must be a Number")
    if min(raw) <= 0:
        raise bad_request("invalid message identifier specified")
    return raw


def _check_age(exchange: Exchange, message: Message) -> None:
    if exchange.unix() - message["date"] > DELETABLE_FOR:
        raise bad_request("message can't be deleted for everyone")


def _markup(params: dict[str, Any]) -> dict[str, Any]:
    markup = read_keyboard(params.get("reply_markup"))
    if markup is None:
        return {}
    if "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return {"reply_markup": markup}


def _editable(exchange: Exchange, params: dict[str, Any]) -> Message:
    message = message_of(exchange, params, "edit")
    if not exchange.is_from_bot(message):
        raise bad_request("message can't be edited")
    return message


def _content(message: Message, without: str = "") -> dict[str, Any]:
    return {name: value for name, value in message.items() if name in CONTENT and name != without}


def _revised(
    exchange: Exchange,
    message: Message,
    content: dict[str, Any],
    dropped: int = 0,
    *,
    silently: bool = False,
) -> Done:
    if content == _content(message):
        raise bad_request(_NOT_MODIFIED)
    return Done(exchange.revise(message, content, silently=silently), dropped)
