"""Files out: a document that answers a reader, over the same pace and with the same care as words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.domain import message as m
from bot.domain.message import Document, Text
from bot.gateway.failures import CallFailed
from bot.playground.faults import Answer, DropAfter, refuse
from bot.playground.wire_pictures import HEIGHT, WIDTH, picture
from tests.gateway.rig import MAYA

if TYPE_CHECKING:
    from tests.gateway.rig import Gateway

FILE = Document("my-data-2026-11-24.json", '{"name": "Мая"}'.encode(), "application/json")


async def test_a_document_arrives_with_its_name_its_bytes_and_its_words(gateway: Gateway) -> None:
    sent_id = await gateway.sender.send_document(MAYA, FILE, m.bold("Yours") + ", as JSON")
    message = gateway.telegram.last(MAYA)
    assert message["message_id"] == sent_id
    assert message["document"]["file_name"] == FILE.name
    assert message["document"]["mime_type"] == "application/json"
    assert message["document"]["file_size"] == len(FILE.content)
    assert message["caption"] == "Yours, as JSON"
    assert [entity["type"] for entity in message["caption_entities"]] == ["bold"]
    assert gateway.telegram._exchange.state.files[message["document"]["file_id"]].data == FILE.content


async def test_a_photo_arrives_with_its_size_and_its_words(gateway: Gateway) -> None:
    photo = Document("hours.png", picture("coast"), "image/png")
    sent_id = await gateway.sender.send_photo(MAYA, photo, m.bold("By hour") + " of the day")
    message = gateway.telegram.last(MAYA)
    assert message["message_id"] == sent_id
    (size,) = message["photo"]
    assert (size["width"], size["height"]) == (WIDTH, HEIGHT)
    assert message["caption"] == "By hour of the day"
    assert [entity["type"] for entity in message["caption_entities"]] == ["bold"]
    assert gateway.telegram._exchange.state.files[size["file_id"]].data == photo.content


async def test_a_sign_that_is_refused_is_no_failure(gateway: Gateway) -> None:
    gateway.telegram.faults.add("sendChatAction", refuse(400, "Bad Request: no"))
    await gateway.sender.show_doing(MAYA, "upload_photo")
    await gateway.sender.show_doing(MAYA, "upload_photo")
    assert [call.status for call in gateway.telegram.calls if call.method == "sendChatAction"] == [0, 200]


async def test_what_certainly_did_not_arrive_is_sent_again(gateway: Gateway) -> None:
    body = b'{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":2}}'
    gateway.telegram.faults.add("sendDocument", Answer(429, body))
    assert await gateway.sender.send_document(MAYA, FILE, Text("x"))
    assert gateway.patience.pauses == [2]


async def test_what_may_have_arrived_is_not_sent_again(gateway: Gateway) -> None:
    gateway.telegram.faults.add("sendDocument", DropAfter())
    with pytest.raises(CallFailed):
        await gateway.sender.send_document(MAYA, FILE, Text("x"))
    documents = [one for one in gateway.telegram.messages(MAYA) if "document" in one]
    assert len(documents) == 1


@pytest.mark.parametrize("body", [b'{"ok":true,"result":true}', b'{"ok":true,"result":{"message_id":"5"}}'])
async def test_an_answer_that_is_no_message_is_a_failure(gateway: Gateway, body: bytes) -> None:
    gateway.telegram.faults.add("sendDocument", Answer(200, body))
    with pytest.raises(CallFailed, match="no message"):
        await gateway.sender.send_document(MAYA, FILE, Text("x"))


async def test_a_refusal_is_told(gateway: Gateway) -> None:
    gateway.telegram.faults.add("sendDocument", refuse(403, "Forbidden: bot was blocked by the user"))
    with pytest.raises(CallFailed, match="blocked"):
        await gateway.sender.send_document(MAYA, FILE, Text("x"))
