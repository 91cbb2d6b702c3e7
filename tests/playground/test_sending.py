"""Sending to people: who can be reached, what a message looks like, what is refused."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from telegram import Message as LibraryMessage

from bot.playground.samples import SIDES, sample_photo

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from tests.playground.conftest import Clock, Telegram

KEYBOARD = {"inline_keyboard": [[{"text": "Read", "callback_data": "read:1"}]]}


def form(**fields: Any) -> aiohttp.FormData:
    data = aiohttp.FormData()
    for name, value in fields.items():
        if isinstance(value, bytes):
            data.add_field(name, io.BytesIO(value), filename=f"{name}.png", content_type="image/png")
        else:
            data.add_field(name, str(value))
    return data


async def upload(telegram: Telegram, method: str, **fields: Any) -> dict[str, Any]:
    async with telegram.session.post(f"{telegram.api}/{method}", data=form(**fields)) as response:
        answer: dict[str, Any] = await response.json()
        return answer


async def test_a_message_arrives_as_telegram_would_show_it(telegram: Telegram, clock: Clock) -> None:
    bold = {"type": "bold", "offset": 0, "length": 4}
    sent = await telegram.send(
        "News /start",
        entities=[bold],
        reply_markup=KEYBOARD,
        link_preview_options={"is_disabled": True},
        protect_content=True,
        disable_notification=True,
    )
    assert sent == {
        "message_id": 2,
        "from": {
            "id": 1_000_000_001,
            "is_bot": True,
            "first_name": "Newsroom",
            "username": "paperboy_playground_bot",
        },
        "chat": {
            "id": telegram.maya,
            "first_name": "Maya",
            "username": "maya_reads",
            "type": "private",
        },
        "date": int(clock().timestamp()),
        "text": "News /start",
        "entities": [bold, {"type": "bot_command", "offset": 5, "length": 6}],
        "link_preview_options": {"is_disabled": True},
        "reply_markup": KEYBOARD,
        "has_protected_content": True,
    }
    assert telegram.playground.last(telegram.maya) == sent
    assert LibraryMessage.de_json(sent, None).text == "News /start"


async def test_a_chat_may_be_named_by_a_number_in_a_string(telegram: Telegram) -> None:
    assert (await telegram.ok("sendMessage", chat_id=f" {telegram.maya} ", text=17))["text"] == "17"


@pytest.mark.parametrize(
    ("chat", "description"),
    [
        (None, "Bad Request: chat_id is empty"),
        (17, "Bad Request: chat not found"),
        ("@channel", "Bad Request: chat not found"),
        (-1001, "Bad Request: chat not found"),
    ],
)
async def test_an_unknown_chat_is_refused(telegram: Telegram, chat: Any, description: str) -> None:
    assert await telegram.refused("sendMessage", chat_id=chat, text="News") == description


async def test_a_bot_reaches_only_people_who_want_it(telegram: Telegram) -> None:
    playground = telegram.playground
    answer = await telegram.call("sendMessage", chat_id=telegram.irina, text="News")
    assert answer["error_code"] == 403
    assert answer["description"] == "Forbidden: bot can't initiate conversation with a user"
    playground.block(telegram.maya)
    blocked = await telegram.refused("sendMessage", chat_id=telegram.maya, text="News")
    assert blocked == "Forbidden: bot was blocked by the user"
    assert await telegram.refused("sendChatAction", chat_id=telegram.maya, action="typing") == blocked
    playground.block(telegram.maya, blocked=False)
    await telegram.send()
    playground.deactivate(telegram.maya)
    gone = await telegram.refused("sendMessage", chat_id=telegram.maya, text="News")
    assert gone == "Forbidden: user is deactivated"


async def test_a_refused_message_is_not_sent(telegram: Telegram) -> None:
    before = telegram.playground.messages(telegram.maya)
    assert await telegram.refused("sendMessage", chat_id=telegram.maya, text="a" * 4097)
    assert await telegram.refused("sendMessage", chat_id=telegram.maya, text="a", reply_markup="[")
    assert telegram.playground.messages(telegram.maya) == before


async def test_a_reply_shows_what_it_answers_but_not_what_that_answered(telegram: Telegram) -> None:
    first = await telegram.send("one")
    second = await telegram.send("two", reply_parameters={"message_id": first["message_id"]})
    third = await telegram.send("three", reply_to_message_id=second["message_id"])
    assert second["reply_to_message"] == first
    assert third["reply_to_message"] == {
        name: value for name, value in second.items() if name != "reply_to_message"
    }


async def test_a_reply_to_nothing_is_refused_unless_it_may_go_without(telegram: Telegram) -> None:
    nothing = {"message_id": 999}
    refused = await telegram.refused("sendMessage", chat_id=telegram.maya, text="a", reply_parameters=nothing)
    assert refused == "Bad Request: message to be replied not found"
    free = {**nothing, "allow_sending_without_reply": True}
    assert "reply_to_message" not in await telegram.send(reply_parameters=free)
    assert "reply_to_message" not in await telegram.send(
        reply_to_message_id=999, allow_sending_without_reply="true"
    )


@pytest.mark.parametrize(
    ("reply", "description"),
    [
        ([], "object expected as reply parameters"),
        ({}, 'can\'t find field "message_id"'),
        ({"message_id": "1"}, 'can\'t find field "message_id"'),
        ({"message_id": 1, "quote": "a"}, "the playground does not know reply parameters with quote"),
        ({"message_id": 1, "chat_id": 5}, "the playground does not know replies to other chats"),
    ],
)
async def test_malformed_reply_parameters_are_refused(
    telegram: Telegram, reply: Any, description: str
) -> None:
    refused = await telegram.refused("sendMessage", chat_id=telegram.maya, text="a", reply_parameters=reply)
    assert refused == f"Bad Request: {description}"


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({}, None),
        ({"is_disabled": False}, None),
        (
            {"url": "a.example", "prefer_large_media": True, "show_above_text": True},
            {"url": "http://a.example/", "prefer_large_media": True, "show_above_text": True},
        ),
    ],
)
async def test_link_preview_options_are_kept(telegram: Telegram, options: Any, kept: Any) -> None:
    assert (await telegram.send(link_preview_options=options)).get("link_preview_options") == kept


@pytest.mark.parametrize(
    ("options", "description"),
    [
        ("{", "can't parse link preview options JSON object"),
        ("[" * 100_000, "can't parse link preview options JSON object"),
        ([], "object expected as link preview options"),
        ({"is_disabled": 1}, 'field "is_disabled" must be of type Boolean'),
        ({"size": "large"}, "the playground does not know link preview options with size"),
        ({"url": "nowhere"}, "WEBPAGE_URL_INVALID"),
        ({"url": 7}, 'field "url" must be of type String'),
        (
            {"prefer_large_media": True},
            "the playground refuses the size of a link preview without its url; Telegram would ignore it without a word",
        ),
    ],
)
async def test_malformed_link_preview_options_are_refused(
    telegram: Telegram, options: Any, description: str
) -> None:
    refused = await telegram.refused(
        "sendMessage", chat_id=telegram.maya, text="a", link_preview_options=options
    )
    assert refused == f"Bad Request: {description}"


async def test_entities_that_are_no_json_are_refused_aloud(telegram: Telegram) -> None:
    refused = await telegram.refused("sendMessage", chat_id=telegram.maya, text="a", entities="[{")
    assert refused.startswith("Bad Request: the playground refuses entities that are no JSON")


async def test_dropped_entities_stand_in_the_call_log(telegram: Telegram) -> None:
    bolds = [{"type": "bold", "offset": 2 * place, "length": 1} for place in range(103)]
    await telegram.send("ab" * 103, entities=bolds)
    await telegram.send()
    assert [call.dropped for call in telegram.playground.calls.of("sendMessage")] == [3, 0]


async def test_a_prompt_is_taken_and_no_part_of_the_message(telegram: Telegram) -> None:
    assert "reply_markup" not in await telegram.send(reply_markup={"force_reply": True})


async def test_a_photo_is_uploaded_shown_fetched_and_sent_again(telegram: Telegram) -> None:
    answer = await upload(
        telegram,
        "sendPhoto",
        chat_id=telegram.maya,
        photo=sample_photo(),
        caption="<b>x</b>",
        parse_mode="HTML",
    )
    photo = answer["result"]["photo"][0]
    assert answer["result"]["caption"] == "x"
    assert answer["result"]["caption_entities"] == [{"type": "bold", "offset": 0, "length": 1}]
    assert (photo["width"], photo["height"], photo["file_size"]) == (*SIDES, len(sample_photo()))
    file = await telegram.ok("getFile", file_id=photo["file_id"])
    async with telegram.session.get(
        telegram.api.replace("/bot", "/file/bot") + "/" + file["file_path"]
    ) as got:
        assert await got.read() == sample_photo()
    again = await telegram.ok(
        "sendPhoto", chat_id=telegram.maya, photo=photo["file_id"], show_caption_above_media=True
    )
    assert again["photo"] == answer["result"]["photo"]
    assert again["show_caption_above_media"]
    call = telegram.playground.calls.of("sendPhoto")[0]
    assert call.params["photo"] == {"upload": "photo.png", "size": len(sample_photo())}


async def test_a_document_may_come_under_another_name_of_the_form(telegram: Telegram) -> None:
    answer = await upload(
        telegram, "sendDocument", chat_id=telegram.maya, document="attach://part", part=b"a,b\n"
    )
    document = answer["result"]["document"]
    assert document["file_name"] == "part.png"
    assert document["mime_type"] == "image/png"
    assert document["file_size"] == 4
    assert (await telegram.ok("getFile", file_id=document["file_id"]))["file_path"].startswith("documents/")


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes(8)


@pytest.mark.parametrize(
    ("photo", "description"),
    [
        (b"no picture", "IMAGE_PROCESS_FAILED"),
        (b"", "file must be non-empty"),
        (png(9000, 1001), "PHOTO_INVALID_DIMENSIONS"),
        (png(2100, 100), "PHOTO_INVALID_DIMENSIONS"),
        ("attach://missing", "there is no photo in the request"),
        ("nothing-known", "wrong file identifier/HTTP URL specified"),
        ("https://a.example/1.png", "the playground does not know files by address"),
    ],
)
async def test_a_photo_that_telegram_would_not_take_is_refused(
    telegram: Telegram, photo: Any, description: str
) -> None:
    answer = await upload(telegram, "sendPhoto", chat_id=telegram.maya, photo=photo)
    assert answer["description"] == f"Bad Request: {description}"


async def test_a_call_without_its_file_is_refused(telegram: Telegram) -> None:
    refused = await telegram.refused("sendDocument", chat_id=telegram.maya)
    assert refused == "Bad Request: there is no document in the request"
    assert await telegram.refused("getFile", file_id="x") == "Bad Request: invalid file_id"


async def test_a_file_above_20_megabytes_can_be_sent_but_not_fetched(telegram: Telegram) -> None:
    answer = await upload(telegram, "sendDocument", chat_id=telegram.maya, document=bytes(21 * 1024 * 1024))
    file_id = answer["result"]["document"]["file_id"]
    assert await telegram.refused("getFile", file_id=file_id) == "Bad Request: file is too big"


async def test_an_upload_above_50_megabytes_is_refused(telegram: Telegram) -> None:
    answer = await upload(telegram, "sendDocument", chat_id=telegram.maya, document=bytes(51 * 1024 * 1024))
    assert answer == {"ok": False, "error_code": 413, "description": "Request Entity Too Large"}


async def test_a_photo_above_10_megabytes_is_refused(telegram: Telegram) -> None:
    large = png(100, 100) + bytes(10 * 1024 * 1024)
    answer = await upload(telegram, "sendPhoto", chat_id=telegram.maya, photo=large)
    assert answer["description"] == "Bad Request: file is too big"


async def test_what_the_bot_does_is_shown_while_it_does_it(telegram: Telegram) -> None:
    assert await telegram.ok("sendChatAction", chat_id=telegram.maya, action="TYPING") is True
    refused = await telegram.refused("sendChatAction", chat_id=telegram.maya, action="thinking")
    assert refused == "Bad Request: wrong parameter action in request"


async def test_the_brakes_answer_429_and_count_only_what_is_sent(
    open_telegram: Callable[..., AbstractAsyncContextManager[Telegram]], clock: Clock
) -> None:
    async with open_telegram(flood=True) as telegram:
        telegram.playground.start(telegram.maya)
        for number in range(5):
            sent = await telegram.send(f"{number}")
            await telegram.ok("sendChatAction", chat_id=telegram.maya, action="typing")
            await telegram.ok(
                "editMessageText", chat_id=telegram.maya, message_id=sent["message_id"], text=f"{number}!"
            )
        refused = await telegram.call("sendMessage", chat_id=telegram.maya, text="one more")
        assert refused == {
            "ok": False,
            "error_code": 429,
            "description": "Too Many Requests: retry after 1",
            "parameters": {"retry_after": 1},
        }
        clock.forward(seconds=1)
        await telegram.send("one more")
        assert [call.status for call in telegram.playground.calls.of("sendmessage")] == [200] * 5 + [429, 200]


async def test_what_is_paid_for_goes_when_the_free_ones_are_used_up(
    open_telegram: Callable[..., AbstractAsyncContextManager[Telegram]],
) -> None:
    async with open_telegram(flood=True) as telegram:
        *others, last = telegram.playground.add_people(31)
        for chat in others:
            await telegram.ok("sendMessage", chat_id=chat, text="free", allow_paid_broadcast=False)
        assert (await telegram.call("sendMessage", chat_id=last, text="free"))["error_code"] == 429
        await telegram.ok("sendMessage", chat_id=last, text="paid", allow_paid_broadcast=True)
