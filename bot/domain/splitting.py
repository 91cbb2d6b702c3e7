"""Cutting a long text into messages that Telegram takes and a reader can follow."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise
from typing import Final

import regex

from bot.domain.message import ENTITY_LIMIT, SOLID, TEXT_LIMIT, Message, Text, units

_GRAPHEME: Final = regex.compile(r"\X")
_LAST_OF_ONE_UNIT: Final = "\uffff"
_BREAKS: Final = ("\n\n", "\n", ". ", "! ", "? ", "。", " ")
"""Where to cut, the best first: after a paragraph, a line, a sentence, a word."""


def split(text: Text, limit: int = TEXT_LIMIT, entities: int = ENTITY_LIMIT) -> list[Text]:
    """Cut `text` into parts that each fit one message; white space at the cuts falls away.

    No part cuts a surrogate pair, nor a grapheme that fits a message. A link, a code or a time moves whole to
    the next part if it fits one; other entities end with the part and begin again in the next.

    Args:
        text: any length; all white space gives no part at all.
        limit: UTF-16 units in a part, at least 2 (one code point may take two).
        entities: entities in a part, at least 1. Ranges beyond that number at one and the same place are
            dropped, as Telegram would do.

    Returns:
        The parts in order, none of them empty or blank.
    """
    parts = []
    rest = text.strip()
    while rest:
        cut = _cut(rest, limit, entities)
        head = rest.slice(0, cut).strip()
        if head:
            parts.append(Text(head.plain, head.entities[:entities]))
        rest = rest.slice(cut, len(rest)).strip()
    return parts


def bare(message: Message) -> Message:
    """The plain words of a message alone, as far as they fit one: what may still pass where the whole was refused."""
    words = split(Text(message.text.plain))
    return Message(words[0], silent=message.silent) if words else message


def _cut(text: Text, limit: int, entities: int) -> int:
    """Where the first part ends, in units, above 0."""
    length = len(text)
    room = _room_for_entities(text, entities) or length
    if length <= limit and room >= length:
        return length
    edges = _edges(text.plain, min(limit, room))
    solid = [entity for entity in text.entities if entity.style in SOLID and entity.length <= limit]
    if solid:
        edges = [e for e in edges if not any(one.offset < e < one.end for one in solid)] or edges
    return _at_a_pause(text, edges)


def _room_for_entities(text: Text, entities: int) -> int:
    """The unit at which one entity too many begins; 0 where none does."""
    if len(text.entities) <= entities:
        return 0
    return sorted(entity.offset for entity in text.entities)[entities]


def _edges(plain: str, room: int) -> list[int]:
    """All units up to `room` where a cut leaves every grapheme whole; at least one, above 0, in rising order."""
    window = plain[: room + 1]
    if window.isascii() and "\r" not in window:
        return list(range(1, min(room, len(plain)) + 1))
    edges: list[int] = []
    at = 0
    for found in _GRAPHEME.finditer(plain):
        grapheme = found.group()
        at += 1 if len(grapheme) == 1 and grapheme <= _LAST_OF_ONE_UNIT else units(grapheme)
        if at > room:
            break
        edges.append(at)
    # A single grapheme can be longer than a message (stacked marks): then code points are kept whole.
    return edges or _code_point_edges(plain, room)


def _code_point_edges(plain: str, room: int) -> list[int]:
    edges: list[int] = []
    at = 0
    for character in plain:
        at += units(character)
        if at > room and edges:
            break
        edges.append(at)
        if at >= room:
            break
    return edges


def _at_a_pause(text: Text, edges: list[int]) -> int:
    """The last edge that follows a pause in the second half of the room, the best kind of pause first."""
    last = edges[-1]
    late = set(edges[bisect_left(edges, last / 2) :])
    head = text.slice(0, last).plain
    for pause in _BREAKS:
        ends = _ends(head, pause)
        for end in reversed(ends):
            if end in late:
                return end
    return last


def _ends(plain: str, pause: str) -> list[int]:
    """The units after each `pause` in `plain`."""
    ends: list[int] = []
    at = 0
    pieces = plain.split(pause)
    for piece, _ in pairwise(pieces):
        at += units(piece) + units(pause)
        ends.append(at)
    return ends
