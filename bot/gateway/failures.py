"""What a failed call says about delivery: the error table, one row a line.

Classified by HTTP status, Telegram's description, and whether a byte may have left; the library's own exceptions
drop the status, and its BadRequest is a NetworkError.
"""

from __future__ import annotations

from typing import Final

from telegram.error import TelegramError

from bot.domain.delivery import Outcome, Receipt


class CallFailed(TelegramError):
    """A call to the Bot API that brought no result.

    Attributes:
        method: the Bot API method.
        status: the HTTP status; 0 where there was no answer.
        description: Telegram's words, or ours where there was no answer; never the token.
        retry_after: seconds that Telegram asked for; None where it named no number.
        migrated_to: the chat's new id, where Telegram named one.
        was_sent: False only if it is certain that no byte left (the connection was never made).
        is_foreign: the answer is not in Telegram's form: something on the way there gave it.
    """

    def __init__(
        self,
        method: str,
        status: int,
        description: str,
        *,
        retry_after: float | None = None,
        migrated_to: int = 0,
        was_sent: bool = True,
        is_foreign: bool = False,
    ) -> None:
        super().__init__(f"{method}: {description}")
        self.method = method
        self.status = status
        self.description = description
        self.retry_after = retry_after
        self.migrated_to = migrated_to
        self.was_sent = was_sent
        self.is_foreign = is_foreign


GONE_WORDS: Final = (
    "chat not found",
    "not enough rights to send",
    "message thread not found",
    "topic_closed",
    "topic closed",
    "have no rights to send",
)
"""A 400 that means: this chat cannot be written to, whatever the message."""

NOTHING_THERE: Final = ("message to edit not found", "message to delete not found")
"""A 400 that means: what should be changed is not there (any more)."""

CONTENT_WORDS: Final = (
    "can't parse",
    "entit",
    "too long",
    "too_long",
    "url",
    "button",
    "markup",
    "web page",
    "webpage",
    "file",
    "media",
    "photo",
    "image",
    "video",
    "document",
    "voice",
    "album",
)
"""A 400 that means: this message cannot be shown as it is; without entities, buttons, preview and media it may be."""


def receipt(failure: CallFailed) -> Receipt:
    """What is known about the message after `failure`."""
    return Receipt(
        outcome(failure),
        retry_after=failure.retry_after,
        reason=failure.description,
        migrated_to=failure.migrated_to,
        about_content=is_about_content(failure),
    )


def outcome(failure: CallFailed) -> Outcome:
    """The row of the table that `failure` belongs to."""
    words = failure.description.lower()
    match failure.status:
        case 0:
            return Outcome.UNKNOWN if failure.was_sent else Outcome.RETRY
        case status if failure.is_foreign and 300 <= status < 500:
            # A gateway or a proxy refused: nothing reached Telegram, and nothing is said about the chat.
            return Outcome.RETRY
        case 429:
            return Outcome.UNKNOWN if failure.retry_after is None else Outcome.RETRY
        case 400 if failure.migrated_to:
            return Outcome.MIGRATED
        case 400 if "message is not modified" in words:
            return Outcome.SENT
        case 400 if any(gone in words for gone in GONE_WORDS):
            return Outcome.GONE
        case 403:
            return Outcome.GONE
        case 401 | 404:
            return Outcome.STOP
        case status if status < 300 or status >= 500:
            return Outcome.UNKNOWN
        case _:
            return Outcome.FAILED


def is_not_there(failure: CallFailed) -> bool:
    """Whether the message that should be changed is gone."""
    words = failure.description.lower()
    return failure.status == 400 and any(gone in words for gone in NOTHING_THERE)


def is_about_content(failure: CallFailed) -> bool:
    """Whether Telegram refused what the message holds, so that its plain words alone may still pass."""
    if failure.status != 400 or outcome(failure) is not Outcome.FAILED:
        return False
    words = failure.description.lower()
    return any(word in words for word in CONTENT_WORDS)
