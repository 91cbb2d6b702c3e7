"""The one way to say no: an answer with a status and Telegram's own words."""

from __future__ import annotations

from typing import Any

from bot.errors import PaperboyError


class Refusal(PaperboyError):
    """What the Bot API answers instead of a result.

    Args:
        status: the HTTP status, which is the `error_code` as well.
        description: the words, such as `Bad Request: chat not found`.
        parameters: what a program may act on, such as `retry_after` in seconds (SPEC ResponseParameters).
    """

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters

    def answer(self) -> dict[str, Any]:
        """The JSON body of the answer."""
        body: dict[str, Any] = {"ok": False, "error_code": self.status, "description": self.description}
        return {**body, "parameters": self.parameters} if self.parameters else body


def bad_request(words: str) -> Refusal:
    """Telegram's 400."""
    return Refusal(400, f"Bad Request: {words}")


def unknown_here(thing: str) -> Refusal:
    """A 400 in our own words: Telegram has this, the playground has not."""
    return bad_request(f"the playground does not know {thing}")


def refused_here(thing: str, silently: str) -> Refusal:
    """A 400 in our own words: Telegram would take it and do something else than was meant."""
    return bad_request(f"the playground refuses {thing}; Telegram would {silently} without a word")
