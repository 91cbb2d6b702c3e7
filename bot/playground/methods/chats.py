"""Which chat a call is for, whether the bot may write there, and what else can be done in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bot.playground.methods.outcome import Done
from bot.playground.rules.refusal import Refusal, bad_request

if TYPE_CHECKING:
    from bot.playground.exchange import Exchange
    from bot.playground.people import Person
    from bot.playground.state import Message

ACTIONS: Final = frozenset(
    """
    typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker
    find_location record_video_note upload_video_note
    """.split()
)
CALLBACK_TEXT_LIMIT: Final = 200
DOWNLOAD_LIMIT: Final = 20 * 1024 * 1024


def person_of(exchange: Exchange, params: dict[str, Any]) -> Person:
    """The person whose private chat is meant.

    Raises:
        Refusal: there is no such chat, or the account is deleted (TBA `check_chat_access`).
    """
    chat = params.get("chat_id")
    if chat is None:
        raise bad_request("chat_id is empty")
    person = exchange.state.people.get(chat) if isinstance(chat, int) else None
    if person is None:
        raise bad_request("chat not found")
    if person.deactivated:
        raise Refusal(403, "Forbidden: user is deactivated")
    return person


def recipient_of(exchange: Exchange, params: dict[str, Any]) -> Person:
    """The same, where the bot may write to the person.

    Raises:
        Refusal: as above, or the person never started the bot or has blocked it.
    """
    person = person_of(exchange, params)
    if not person.started:
        raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")
    if person.blocked:
        raise Refusal(403, "Forbidden: bot was blocked by the user")
    return person


def message_of(exchange: Exchange, params: dict[str, Any], purpose: str) -> Message:
    """The message that a call is about.

    Args:
        exchange: where it is looked for.
        params: the call's parameters.
        purpose: what is wanted of it, in Telegram's words: `edit` or `delete`.

    Raises:
        Refusal: the chat or the message is not there.
    """
    person = person_of(exchange, params)
    if "message_id" not in params:
        raise bad_request("message identifier is not specified")
    message = exchange.find(person.id, params["message_id"])
    if message is None:
        raise bad_request(f"message to {purpose} not found")
    return message


def send_chat_action(exchange: Exchange, params: dict[str, Any]) -> Done:
    """Show for a few seconds what the bot is doing (sendChatAction)."""
    person = recipient_of(exchange, params)
    if params.get("action", "").lower() not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    exchange.tell("typing", chat=person.id)
    return Done(result=True)


def answer_callback_query(exchange: Exchange, params: dict[str, Any]) -> Done:
    """Answer a press (answerCallbackQuery); an address may only lead back to the bot: there are no games here."""
    callback_id = params.get("callback_query_id", "")
    if len(params.get("text", "")) > CALLBACK_TEXT_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    url = params.get("url", "")
    if url and not url.startswith(f"https://t.me/{exchange.bot['username']}?start="):
        raise bad_request("URL_INVALID")
    if not exchange.open_callback(callback_id):
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    answer = {"text": params.get("text", ""), "show_alert": params.get("show_alert", False), "url": url}
    exchange.record("answered", id=callback_id, answer=answer)
    return Done(result=True)


def get_chat(exchange: Exchange, params: dict[str, Any]) -> Done:
    """Tell about a chat (getChat): the fields of ChatFullInfo that are always there."""
    person = person_of(exchange, params)
    gifts = "unlimited_gifts limited_gifts unique_gifts premium_subscription gifts_from_channels".split()
    return Done(
        {
            **person.as_chat(),
            "accent_color_id": 0,
            "max_reaction_count": 11,
            "accepted_gift_types": dict.fromkeys(gifts, False),
        }
    )


def get_file(exchange: Exchange, params: dict[str, Any]) -> Done:
    """Tell where a file can be fetched (getFile)."""
    stored = exchange.state.files.get(params.get("file_id", ""))
    if stored is None:
        raise bad_request("invalid file_id")
    if len(stored.data) > DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    folder = "photos" if stored.details else "documents"
    return Done(
        {
            "file_id": stored.id,
            "file_unique_id": f"unique-{stored.id}",
            "file_size": len(stored.data),
            "file_path": f"{folder}/{stored.id}",
        }
    )
