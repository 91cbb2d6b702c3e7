"""What a button carries: `verb:argument:argument`, in at most 64 bytes (Bot API, InlineKeyboardButton).

A button that only shows something is public. One that changes something is signed for its chat when it is sent:
callback data need not come from a button of ours (Bot API, CallbackQuery).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Final

LIMIT: Final = 64
"""Bytes of callback data."""
CHANGING: Final = frozenset(
    {
        *("code", "erase", "less", "set", "save"),
        *("amendout", "amendto", "sendgo", "sendhold", "sendout", "sendstory", "sendto", "sendyes", "unsend"),
        *("settle", "settleall", "unsettle"),
        *("addall", "addfeed", "dropall"),
        *("dismiss", "doubt", "editset", "feedset", "invite"),
        *("follow", "keep", "refollow", "site", "still", "take", "takeall", "unfilter", "unfollow", "way"),
        *("comment", "giveup", "hear", "judge", "object", "pen", "report", "say", "unsay", "vote"),
    }
)
"""Verbs whose buttons change something and are therefore signed."""
_MARK: Final = "~"
_NUMBER: Final = re.compile(r"[0-9]{1,15}")
_SHORT: Final = re.compile(r"[A-Za-z0-9_-]{1,20}")


@dataclass(frozen=True, slots=True)
class Press:
    """A pressed button, read and found genuine."""

    verb: str
    arguments: tuple[str, ...]

    def word(self, place: int) -> str:
        """The argument at `place`; empty where there is none."""
        return self.arguments[place] if place < len(self.arguments) else ""

    def number(self, place: int) -> int:
        """The argument at `place` as a number; 0 where there is none, or none of at most 15 digits."""
        found = self.word(place)
        return int(found) if _NUMBER.fullmatch(found) else 0


def data(verb: str, *arguments: str | int) -> str:
    """What a button with this meaning carries, unsigned.

    Raises:
        ValueError: it does not fit, or an argument holds a separator.
    """
    parts = [verb, *map(str, arguments)]
    if any(":" in part or _MARK in part for part in parts):
        raise ValueError(f"a separator inside {parts}")
    joined = ":".join(parts)
    room = LIMIT - (12 if verb in CHANGING else 0)
    if len(joined.encode()) > room:
        raise ValueError(f"{joined} is longer than {room} bytes")
    return joined


def token(name: str) -> str:
    """What stands for a name in a button: the name itself if it fits, else eleven letters made from it.

    An operator may call a desk anything, at any length and with colons; whoever reads the button looks for the name
    with this token among those on offer.
    """
    if _SHORT.fullmatch(name):
        return name
    return _letters(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest())


def sealed(plain: str, key: bytes, chat_id: int) -> str:
    """`plain` as it is sent to the chat: signed if it changes something."""
    if plain.partition(":")[0] not in CHANGING:
        return plain
    return f"{plain}{_MARK}{_code(plain, key, chat_id)}"


def opened(received: str, key: bytes, chat_id: int) -> Press | None:
    """The press that `received` stands for; None where it is not ours or not for this chat."""
    plain, _, code = received.partition(_MARK)
    verb, *arguments = plain.split(":")
    if verb in CHANGING and not hmac.compare_digest(
        code.encode("utf-8", "surrogatepass"), _code(plain, key, chat_id).encode()
    ):
        return None
    return Press(verb, tuple(arguments))


def _code(plain: str, key: bytes, chat_id: int) -> str:
    """Eight bytes of HMAC-SHA256 over the chat and the data, as eleven letters."""
    return _letters(hmac.digest(key, f"{chat_id}\n{plain}".encode("utf-8", "surrogatepass"), "sha256"))


def _letters(digest: bytes) -> str:
    return urlsafe_b64encode(digest[:8]).decode().rstrip("=")
