"""Entities that Telegram finds in a text by itself: commands, addresses, mentions, hashtags (TD `find_entities`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bot.domain.message import units
from bot.playground.rules.entities import QUOTES, SPLITTABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.playground.rules.cleaning import Entity

_COMMAND: Final = re.compile(
    r"(?<![\w/<>])/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?(?![\w/<>])", re.UNICODE
)
_MENTION: Final = re.compile(r"(?<!\w)@[a-zA-Z0-9_]{2,32}\b", re.UNICODE)
_HASHTAG: Final = re.compile(r"(?<!\w)#(?=\d*[^\W\d])\w{1,256}(?!\w|#)", re.UNICODE)
_COMMON_ENDINGS: Final = (
    "com|org|net|info|io|dev|app|me|eu|de|fr|es|it|pl|ru|ua|by|kz|uk|us|ca|in|cn|jp|br|tr|ir"
)
_ADDRESS: Final = re.compile(
    rf"(?<![\w@./-])(?:https?://[^\s/?#]*\.[^\s/?#.]{{2,}}|(?:[a-z0-9-]+\.)+(?:{_COMMON_ENDINGS})\b)(?:[/?#]\S*)?",
    re.IGNORECASE,
)
_AFTER: Final = ".,:;!?'\"”’»)]}>"
"""What ends a sentence and not an address."""

_KINDS: Final = (("url", _ADDRESS), ("bot_command", _COMMAND), ("mention", _MENTION), ("hashtag", _HASHTAG))


def find_entities(text: str) -> list[Entity]:
    """The commands, addresses, mentions and hashtags in `text`, from left to right, none inside another."""
    found: list[Entity] = []
    taken: list[tuple[int, int]] = []
    for kind, start, end in _matches(text):
        if not any(start < other_end and other_start < end for other_start, other_end in taken):
            taken.append((start, end))
            found.append({"type": kind, "offset": units(text[:start]), "length": units(text[start:end])})
    return sorted(found, key=lambda entity: int(entity["offset"]))


def _matches(text: str) -> Iterator[tuple[str, int, int]]:
    for kind, pattern in _KINDS:
        for match in pattern.finditer(text):
            end = match.end()
            while kind == "url" and text[end - 1] in _AFTER:
                end -= 1
            yield kind, match.start(), end


def add_found(text: str, entities: list[Entity]) -> list[Entity]:
    """A bot's own entities and those that Telegram finds beside and inside them.

    None is added inside a link, a code or a time, and none that crosses an entity.
    """
    new = [entity for entity in find_entities(text) if all(_beside(entity, other) for other in entities)]
    if not new:
        return entities
    return sorted([*entities, *new], key=lambda entity: (entity["offset"], -entity["length"]))


def _beside(new: Entity, other: Entity) -> bool:
    start, end = new["offset"], new["offset"] + new["length"]
    other_start, other_end = other["offset"], other["offset"] + other["length"]
    if end <= other_start or other_end <= start:
        return True
    inside = other_start <= start and end <= other_end
    around = start <= other_start and other_end <= end
    if other["type"] in SPLITTABLE:
        return bool(inside or around)
    return bool(inside and other["type"] in QUOTES)
