"""Keyboards under messages (TBA `get_reply_markup`, TD `ReplyMarkup.cpp`, SPEC InlineKeyboardButton)."""

from __future__ import annotations

import json
from typing import Any, Final

from bot.playground.rules.links import check_link, is_mention
from bot.playground.rules.refusal import Refusal, bad_request, refused_here, unknown_here

BUTTON_LIMIT: Final = 100
ROW_LIMIT: Final = 8
"""Buttons in a row; not in the reference, but what clients show."""

MARKUP_LIMIT: Final = 10_240
"""Bytes of JSON; the server says `reply markup is too long` somewhere near."""

DATA_LIMIT: Final = 64
"""Bytes of callback data, at least 1."""

COPY_LIMIT: Final = 256
"""Characters that a button may copy, at least 1."""

_ACTIONS: Final = frozenset({"url", "callback_data", "copy_text"})
_ACTIONS_ELSEWHERE: Final = frozenset(
    """
    web_app login_url switch_inline_query switch_inline_query_current_chat switch_inline_query_chosen_chat
    callback_game pay icon_custom_emoji_id
    """.split()
)
_STYLES: Final = frozenset({"primary", "success", "danger"})


def read_keyboard(raw: Any) -> dict[str, Any] | None:  # noqa: ANN401 - whatever JSON the bot sent
    """The markup as a message shows it; None for no markup, or for an inline keyboard without buttons.

    Raises:
        Refusal: the markup or one of its buttons is wrong, or larger than Telegram takes.
    """
    if raw is None:
        return None
    if not isinstance(raw, dict):
        raise bad_request("object expected as reply markup")
    if len(json.dumps(raw, ensure_ascii=False).encode("utf-8", "replace")) > MARKUP_LIMIT:
        raise bad_request("reply markup is too long")
    if "keyboard" in raw:
        raise unknown_here("reply keyboards")
    if "inline_keyboard" in raw:
        rows = _rows(raw["inline_keyboard"])
        return {"inline_keyboard": rows} if rows else None
    if raw.get("remove_keyboard") is True:
        return {"remove_keyboard": True}
    if raw.get("force_reply") is True:
        return _force_reply(raw)
    if raw:
        raise unknown_here(f"reply markup with {', '.join(sorted(map(str, raw)))}")
    return None


def _force_reply(raw: dict[str, Any]) -> dict[str, Any]:
    placeholder = raw.get("input_field_placeholder", "")
    if not isinstance(placeholder, str) or len(placeholder) > 64:
        raise refused_here("a placeholder of more than 64 characters", "cut it")
    return {"force_reply": True, "input_field_placeholder": placeholder}


def _rows(raw: Any) -> list[list[dict[str, Any]]]:  # noqa: ANN401 - as above
    if not isinstance(raw, list):
        raise bad_request('field "inline_keyboard" must be of type Array')
    if not all(isinstance(row, list) for row in raw):
        raise bad_request('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    rows = [[_button(button) for button in row] for row in raw if row]
    if sum(map(len, rows)) > BUTTON_LIMIT:
        raise bad_request("reply markup is too long")
    if any(len(row) > ROW_LIMIT for row in rows):
        raise refused_here(f"more than {ROW_LIMIT} buttons in a row", "not show them")
    return rows


def _button(raw: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    if not isinstance(raw, dict):
        raise _cannot_parse("InlineKeyboardButton must be an Object")
    elsewhere = sorted(set(raw) - _ACTIONS - {"text", "style"})
    if elsewhere:
        known = [name for name in elsewhere if name in _ACTIONS_ELSEWHERE]
        raise unknown_here(f"buttons with {', '.join(map(str, known or elsewhere))}")
    label, actions = _label(raw), [name for name in _ACTIONS if raw.get(name)]
    if not actions:
        raise _cannot_parse("Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise refused_here(f"a button that is both {' and '.join(sorted(actions))}", "take the first")
    action = actions[0]
    return {"text": label, **_style(raw), action: _READ[action](raw[action])}


def _label(raw: dict[str, Any]) -> str:
    label = raw.get("text")
    if label is None:
        raise _cannot_parse('Can\'t find field "text"')
    if not isinstance(label, str):
        raise _cannot_parse('Field "text" must be of type String')
    if not label.strip():
        raise bad_request("inline keyboard button text must be non-empty")
    return label


def _style(raw: dict[str, Any]) -> dict[str, str]:
    style = raw.get("style")
    if style is None:
        return {}
    if style not in _STYLES:
        raise _cannot_parse("Invalid button style specified")
    return {"style": style}


def _url(value: Any) -> str:  # noqa: ANN401 - as above
    if not isinstance(value, str):
        raise _cannot_parse('Field "url" must be of type String')
    if is_mention(value):
        raise unknown_here("links to people")
    try:
        return check_link(value)
    except ValueError as reason:
        raise bad_request(f"inline keyboard button URL '{value}' is invalid: {reason}") from None


def _callback_data(value: Any) -> str:  # noqa: ANN401 - as above
    if not isinstance(value, str):
        raise _cannot_parse('Field "callback_data" must be of type String')
    if len(value.encode("utf-8", "replace")) > DATA_LIMIT:
        raise bad_request("BUTTON_DATA_INVALID")
    return value


def _copy_text(value: Any) -> dict[str, str]:  # noqa: ANN401 - as above
    text = value.get("text") if isinstance(value, dict) else None
    if not isinstance(text, str) or not 1 <= len(text) <= COPY_LIMIT:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")
    return {"text": text}


_READ: Final = {"url": _url, "callback_data": _callback_data, "copy_text": _copy_text}


def _cannot_parse(reason: str) -> Refusal:
    return bad_request(f"can't parse inline keyboard button: {reason}")
