"""What an update handler may ask for: every use case of a reader, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.domain.schedule import Clock
    from bot.services.digests import Digests
    from bot.services.lists import Lists
    from bot.services.readers import Readers
    from bot.services.reading import Reading


@dataclass(frozen=True, slots=True)
class Newsroom:
    """The use cases, the newsroom's name, and the key that its buttons are signed with."""

    name: str
    clock: Clock
    button_key: bytes
    default_language: str
    default_zone: str
    readers: Readers
    lists: Lists
    reading: Reading
    digests: Digests
