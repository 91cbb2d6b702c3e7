"""Keyboards that are taken and refused, and the size of pictures."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from bot.playground.rules.images import image_size
from bot.playground.rules.keyboards import read_keyboard
from bot.playground.rules.refusal import Refusal
from bot.playground.samples import SIDES, sample_photo

PARSE = "can't parse inline keyboard button: "


def button(label: Any = "Read", **action: Any) -> dict[str, Any]:
    return {"text": label, **(action or {"callback_data": "read:1"})}


def refusal(raw: Any) -> str:
    with pytest.raises(Refusal) as refused:
        read_keyboard(raw)
    assert refused.value.status == 400
    return refused.value.description.removeprefix("Bad Request: ")


def test_a_keyboard_of_all_kinds_of_buttons_is_taken() -> None:
    rows = [
        [button(), button("Page", url="https://a.example/"), button("Copy", copy_text={"text": "words"})],
        [{**button("Delete"), "style": "danger"}],
    ]
    assert read_keyboard({"inline_keyboard": rows}) == {"inline_keyboard": rows}


def test_the_address_of_a_button_is_kept_in_one_form() -> None:
    taken = read_keyboard({"inline_keyboard": [[button(url="A.Example")]]})
    assert taken == {"inline_keyboard": [[button(url="http://a.example/")]]}


@pytest.mark.parametrize("raw", [None, {}, {"inline_keyboard": []}, {"inline_keyboard": [[], []]}])
def test_no_buttons_are_no_keyboard(raw: Any) -> None:
    assert read_keyboard(raw) is None


def test_a_prompt_and_the_removal_of_a_keyboard_are_taken() -> None:
    prompt = {"force_reply": True, "input_field_placeholder": "Your comment"}
    assert read_keyboard(prompt) == prompt
    assert read_keyboard({"remove_keyboard": True}) == {"remove_keyboard": True}


@pytest.mark.parametrize(
    ("raw", "description"),
    [
        ([], "object expected as reply markup"),
        ({"inline_keyboard": "Read"}, 'field "inline_keyboard" must be of type Array'),
        (
            {"inline_keyboard": [button()]},
            'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
        ),
        ({"inline_keyboard": [["Read"]]}, PARSE + "InlineKeyboardButton must be an Object"),
        ({"inline_keyboard": [[button()] * 8] * 13}, "reply markup is too long"),
        (
            {"inline_keyboard": [[button()] * 9]},
            "the playground refuses more than 8 buttons in a row; Telegram would not show them without a word",
        ),
        ({"inline_keyboard": [[button("x" * 1000)]] * 11}, "reply markup is too long"),
        ({"keyboard": [["Read"]]}, "the playground does not know reply keyboards"),
        ({"colour": "red"}, "the playground does not know reply markup with colour"),
        (
            {"force_reply": True, "input_field_placeholder": "x" * 65},
            "the playground refuses a placeholder of more than 64 characters; Telegram would cut it without a word",
        ),
    ],
)
def test_a_malformed_keyboard_is_refused(raw: Any, description: str) -> None:
    assert refusal(raw) == description


@pytest.mark.parametrize(
    ("raw", "description"),
    [
        ({"callback_data": "x"}, PARSE + 'Can\'t find field "text"'),
        (button(7), PARSE + 'Field "text" must be of type String'),
        (button(""), "inline keyboard button text must be non-empty"),
        (button("  "), "inline keyboard button text must be non-empty"),
        ({"text": "Read"}, PARSE + "Text buttons are unallowed in the inline keyboard"),
        (button(callback_data=""), PARSE + "Text buttons are unallowed in the inline keyboard"),
        (button(callback_data="я" * 33), "BUTTON_DATA_INVALID"),
        (button(callback_data=7), PARSE + 'Field "callback_data" must be of type String'),
        (button(url="nowhere"), "inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL"),
        (
            button(url="ftp://a.example"),
            "inline keyboard button URL 'ftp://a.example' is invalid: Unsupported URL protocol",
        ),
        (button(url=7), PARSE + 'Field "url" must be of type String'),
        (button(url="tg://user?id=1"), "the playground does not know links to people"),
        (
            button(url="https://a.example", callback_data="x"),
            (
                "the playground refuses a button that is both callback_data and url; "
                "Telegram would take the first without a word"
            ),
        ),
        (button(web_app={"url": "https://a.example"}), "the playground does not know buttons with web_app"),
        (button(colour="red"), "the playground does not know buttons with colour"),
        (button(copy_text={"text": "x" * 257}), "BUTTON_COPY_TEXT_INVALID"),
        (button(copy_text="x"), "BUTTON_COPY_TEXT_INVALID"),
        ({**button(), "style": "pink"}, PARSE + "Invalid button style specified"),
    ],
)
def test_one_wrong_button_refuses_the_whole_message(raw: dict[str, Any], description: str) -> None:
    assert refusal({"inline_keyboard": [[button(), raw]]}) == description


def test_callback_data_has_up_to_64_bytes() -> None:
    longest = button(callback_data="я" * 32)
    assert read_keyboard({"inline_keyboard": [[longest]]}) == {"inline_keyboard": [[longest]]}


JPEG = b"\xff\xd8\xff\xe0\0\x10" + bytes(14) + b"\xff\xc0\0\x11\x08" + struct.pack(">HH", 480, 640) + bytes(8)


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (sample_photo(), SIDES),
        (b"GIF89a" + struct.pack("<HH", 3, 4), (3, 4)),
        (JPEG, (640, 480)),
        (b"\xff\xd8\xff\xd0" + JPEG[2:], (640, 480)),
        (JPEG[:28], None),
        (b"\xff\xd8nonsense" * 2, None),
        (b"GIF89a", None),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"<svg>", None),
        (b"", None),
    ],
)
def test_the_size_of_a_picture_is_read_from_its_first_bytes(
    data: bytes, size: tuple[int, int] | None
) -> None:
    assert image_size(data) == size
