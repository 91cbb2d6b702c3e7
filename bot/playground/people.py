"""The people of the playground: three readers and an editor, all invented, and crowds for load tests."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

EDITH: Final = 7_100_000_009
"""The id of Edith, who is meant to be the newsroom's admin."""

_CROWD: Final = 7_200_000_000
_CROWD_LANGUAGES: Final = ("en", "ru", "ar")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a Telegram account.

    Attributes:
        id: the user id, which is the id of the private chat as well.
        first_name: the name that others see.
        username: without the `@`; empty for none.
        language_code: the language of the person's app.
        started: whether the person ever pressed Start; before that the bot must not write (SPEC).
        blocked: whether the person has blocked the bot.
        deactivated: whether the account is deleted.
    """

    id: int
    first_name: str
    username: str = ""
    language_code: str = "en"
    started: bool = False
    blocked: bool = False
    deactivated: bool = False

    def as_user(self) -> dict[str, Any]:
        """The Bot API's User."""
        return {
            "id": self.id,
            "is_bot": False,
            "first_name": self.first_name,
            **self._username(),
            "language_code": self.language_code,
        }

    def as_chat(self) -> dict[str, Any]:
        """The Bot API's Chat: the private chat with this person."""
        return {"id": self.id, "first_name": self.first_name, **self._username(), "type": "private"}

    def as_record(self) -> dict[str, Any]:
        """All fields as plain JSON values."""
        return asdict(self)

    def _username(self) -> dict[str, str]:
        return {"username": self.username} if self.username else {}


CAST: Final = (
    Person(7_100_000_001, "Maya", "maya_reads", "en"),
    Person(7_100_000_002, "Ирина", "irina_chitaet", "ru"),
    Person(7_100_000_003, "سلمى", "salma_reads", "ar"),
    Person(EDITH, "Edith", "edith_at_the_desk", "en"),
)


def crowd(size: int) -> Iterator[Person]:
    """`size` readers who have all pressed Start, the same ones each time."""
    for number in range(1, size + 1):
        language = _CROWD_LANGUAGES[number % len(_CROWD_LANGUAGES)]
        yield Person(_CROWD + number, f"Reader {number}", language_code=language, started=True)
