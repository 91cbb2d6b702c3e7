"""What Telegram does to a text before it looks at it (TD `clean_input_string`, `fix_formatted_text`)."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Any, Final, TypeAlias

Entity: TypeAlias = dict[str, Any]
"""A MessageEntity as the Bot API writes it; offset and length in UTF-16 units."""

_BLANK: Final = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f]")
"""Control characters and the tab, which become spaces; the line end stays."""

_GONE: Final = re.compile("[\r\u2028-\u202e\u030a\u0333\u033f]")
"""What vanishes: carriage return, separators and embeddings, three combining marks. All of them one unit long."""

_MARKS: Final = re.compile("[\u200e\u200f]+(?=[\u200e\u200f])")
"""All but the last of several direction marks in a row, which become joiners (TD `replace_offending_characters`)."""

_SPACES: Final = "\u1680\u180e\u2000-\u200a\u202e\u202f\u205f\u2800\u3000\ufffc\U000e0000-\U000e007f"
_NOTHING: Final = re.compile(f"[ \n\u200b-\u200f\ufeff\u00a0{_SPACES}]*")
"""What shows nothing (TD `strip_empty_characters`): isolates and the Arabic letter mark are not among it."""

_EDGE: Final = " \n"


def is_empty(text: str) -> bool:
    """Whether nothing of `text` can be seen."""
    return _NOTHING.fullmatch(text) is not None


def clean(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Text and entities as Telegram keeps them.

    Control characters become spaces, some characters vanish, white space at both ends is cut; entities move along
    and fall away where nothing of them is left. White space inside the first entity is not cut from the start.

    Args:
        text: well-formed Unicode.
        entities: sorted by offset, inside the text, never inside a surrogate pair.
    """
    text = _MARKS.sub(lambda run: "\u200c" * len(run[0]), text)
    text = _BLANK.sub(" ", text)
    if _GONE.search(text):
        gone = _places(text)
        text = _GONE.sub("", text)
        entities = [_moved(entity, gone) for entity in entities]
    return _trim(text, [entity for entity in entities if entity["length"] > 0])


def _places(text: str) -> list[int]:
    """The units at which vanishing characters stand."""
    places: list[int] = []
    units = last = 0
    for found in _GONE.finditer(text):
        units += sum(2 if character > "\uffff" else 1 for character in text[last : found.start()])
        places.append(units)
        units += 1
        last = found.end()
    return places


def _moved(entity: Entity, gone: list[int]) -> Entity:
    start = entity["offset"]
    end = start + entity["length"]
    before, until = bisect_left(gone, start), bisect_left(gone, end)
    return {**entity, "offset": start - before, "length": end - until - (start - before)}


def _trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    lead = len(text) - len(text.lstrip(_EDGE))
    if entities:
        lead = min(lead, *(entity["offset"] for entity in entities))
    text = text.rstrip(_EDGE)[lead:]
    if not entities:
        return text, entities
    end = len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
    trimmed = []
    for entity in entities:
        offset = entity["offset"] - lead
        length = min(entity["length"], end - offset)
        if length > 0:
            trimmed.append({**entity, "offset": offset, "length": length})
    return text, trimmed
