"""Entities that a bot sends: what Telegram takes, refuses and drops (TBA `get_text_entity`, TD `MessageEntity.cpp`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from bot.domain.message import ENTITY_LIMIT
from bot.playground.rules.links import check_link, is_mention
from bot.playground.rules.refusal import Refusal, bad_request, refused_here, unknown_here

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.playground.rules.cleaning import Entity

SPLITTABLE: Final = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler"})
"""Styles that may stand anywhere but in code; they are counted last where entities are too many."""

QUOTES: Final = frozenset({"blockquote", "expandable_blockquote"})
CODES: Final = frozenset({"code", "pre"})
_FOUND_BY_TELEGRAM: Final = frozenset(
    "mention hashtag cashtag bot_command url email phone_number bank_card_number".split()
)
_NOT_HERE: Final = frozenset({"text_mention", "custom_emoji"})
_FORM: Final = re.compile(r"r|w?[dD]?[tT]?")
_WHOLE: Final = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_PLAIN: Final = SPLITTABLE | QUOTES | {"code"}
_LARGEST: Final = 1_000_000


def read_entities(raw: Any) -> list[Entity]:  # noqa: ANN401 - whatever JSON the bot sent
    """The entities of a request; kinds that Telegram finds by itself are left out, as it does.

    Raises:
        Refusal: something is no entity, or has an unknown type, or lacks what its type needs.
    """
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise refused_here("entities that are no list", "ignore them")
    return [entity for item in raw if (entity := _read_entity(item)) is not None]


def _read_entity(raw: Any) -> Entity | None:  # noqa: ANN401 - as above
    if not isinstance(raw, dict):
        raise _cannot_parse("expected an Object")
    offset, length, kind = _number(raw, "offset"), _number(raw, "length"), _string(raw, "type")
    if kind in _FOUND_BY_TELEGRAM:
        return None
    if kind in _NOT_HERE:
        raise unknown_here(f"entities of type {kind}")
    place = {"type": kind, "offset": offset, "length": length}
    if kind in _PLAIN:
        return place
    more = _DETAILS.get(kind)
    if more is None:
        raise _cannot_parse("Unsupported type specified")
    return {**place, **more(raw)}


def _pre(raw: dict[str, Any]) -> dict[str, Any]:
    language = raw.get("language") or ""
    return {"language": language} if language else {}


def _text_link(raw: dict[str, Any]) -> dict[str, Any]:
    url = _string(raw, "url")
    if is_mention(url):
        raise unknown_here("links to people")
    try:
        return {"url": check_link(url)}
    except ValueError as reason:
        raise bad_request(f"entity URL '{url}' is invalid: {reason}") from None


def _date_time(raw: dict[str, Any]) -> dict[str, Any]:
    at, form = _number(raw, "unix_time"), raw.get("date_time_format") or ""
    return {"unix_time": at, **check_form(form)}


def check_form(form: Any) -> dict[str, str]:  # noqa: ANN401 - any JSON
    """The format of a `date_time` entity as fields of it; empty for none.

    Raises:
        Refusal: the format is not `r|w?[dD]?[tT]?` (SPEC "Date-time entity formatting").
    """
    if not isinstance(form, str) or not _FORM.fullmatch(form):
        raise _cannot_parse("Invalid date_time_format specified")
    return {"date_time_format": form} if form else {}


_DETAILS: Final[dict[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "pre": _pre,
    "text_link": _text_link,
    "date_time": _date_time,
}


def _cannot_parse(reason: str) -> Refusal:
    return bad_request(f"can't parse MessageEntity: {reason}")


def _number(raw: dict[str, Any], field: str) -> int:
    """An integer field; Telegram also reads one that stands in a string."""
    value = raw.get(field)
    if type(value) is int:
        return value
    if value is None:
        raise _cannot_parse(f'Can\'t find field "{field}"')
    if not isinstance(value, str) or not _WHOLE.fullmatch(value):
        raise _cannot_parse(f'Field "{field}" must be of type Number')
    return int(value)


def _string(raw: dict[str, Any], field: str) -> str:
    value = raw.get(field)
    if value is None:
        raise _cannot_parse(f'Can\'t find field "{field}"')
    if not isinstance(value, str):
        raise _cannot_parse(f'Field "{field}" must be of type String')
    return value


def place_entities(text: str, entities: list[Entity]) -> list[Entity]:
    """The entities sorted from left to right, the outer ones first, empty ones left out.

    Raises:
        Refusal: one lies outside the text, cuts a surrogate pair in two, crosses another, or stands where its
            kind must not stand.
    """
    for entity in entities:
        for field in ("offset", "length"):
            if not 0 <= entity[field] <= _LARGEST:
                raise bad_request(f"receive an entity with incorrect {field} {entity[field]}")
    placed = sorted((entity for entity in entities if entity["length"]), key=_order)
    if placed:
        _check_places(text, placed)
        _check_nesting(placed)
    return placed


def _order(entity: Entity) -> tuple[int, int, bool]:
    return entity["offset"], -entity["length"], entity["type"] not in QUOTES


def _check_places(text: str, entities: list[Entity]) -> None:
    end, middles = len(text), frozenset[int]()
    if not text.isascii():
        end, middles = _middles(text)
    for entity in entities:
        start, stop = entity["offset"], entity["offset"] + entity["length"]
        if start > end:
            raise bad_request(f"entity begins after the end of the text at UTF-16 offset {start}")
        if stop > end:
            raise bad_request(
                f"entity beginning at UTF-16 offset {start} ends after the end of the text at UTF-16 offset {stop}"
            )
        if start in middles:
            raise bad_request(f"entity begins in a middle of a UTF-16 symbol at UTF-16 offset {start}")
        if stop in middles:
            raise bad_request(
                f"entity beginning at UTF-16 offset {start} ends in a middle of a UTF-16 symbol at UTF-16 offset {stop}"
            )


def _middles(text: str) -> tuple[int, frozenset[int]]:
    """The length in UTF-16 units, and the units that are second halves of surrogate pairs."""
    middles, at = set(), 0
    for character in text:
        at += 1
        if character > "\uffff":
            middles.add(at)
            at += 1
    return at, frozenset(middles)


def _check_nesting(entities: list[Entity]) -> None:
    around: list[Entity] = []
    for entity in entities:
        while around and _end(around[-1]) <= entity["offset"]:
            around.pop()
        for outer in around:
            if _end(outer) < _end(entity):
                raise refused_here(f"{_name(entity)} that crosses {_name(outer)}", "cut one of them")
            if not _may_hold(outer["type"], entity["type"]):
                raise refused_here(f"{_name(entity)} inside {_name(outer)}", "drop one of them")
        around.append(entity)


def _end(entity: Entity) -> int:
    return int(entity["offset"]) + int(entity["length"])


def _name(entity: Entity) -> str:
    return f"{entity['type']} at UTF-16 offset {entity['offset']}"


def _may_hold(outer: str, inner: str) -> bool:
    """The nesting rules of SPEC "Formatting options"."""
    if outer in CODES:
        return False
    if outer in QUOTES:
        return inner not in QUOTES
    if outer in SPLITTABLE:
        return inner not in CODES
    return inner in SPLITTABLE


def keep_entities(entities: list[Entity]) -> tuple[list[Entity], int]:
    """What the server keeps of too many entities, and how many it drops.

    It keeps 100: links, code, quotations and times in the order of the text, then of the other styles as many as
    still fit (TD `get_input_message_entities`).
    """
    if len(entities) <= ENTITY_LIMIT:
        return entities, 0
    by_rank = sorted(entities, key=lambda entity: entity["type"] in SPLITTABLE)
    kept = sorted(by_rank[:ENTITY_LIMIT], key=_order)
    return kept, len(entities) - len(kept)
