"""Tokens, methods, and the many ways in which parameters arrive."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bot.errors import AddressTaken, SettingsError
from bot.playground.methods.table import _ELSEWHERE, METHODS
from bot.playground.playground import Playground
from bot.playground.serving import serve

if TYPE_CHECKING:
    from tests.playground.conftest import Clock, Telegram


async def answer(response: aiohttp.ClientResponse) -> tuple[int, str]:
    body = await response.json()
    assert body["error_code"] == response.status
    return response.status, body["description"]


@pytest.mark.parametrize(
    ("token", "status", "description"),
    [
        ("1000000001:playground-tesT", 401, "Unauthorized"),
        ("1000000002:playground-test", 401, "Unauthorized"),
        ("1000000001", 404, "Not Found"),
        ("0:zero", 404, "Not Found"),
        ("x:y", 404, "Not Found"),
        ("1000000001:spa ce", 404, "Not Found"),
    ],
)
async def test_a_wrong_token_is_turned_away(
    telegram: Telegram, token: str, status: int, description: str
) -> None:
    for path in (f"/bot{token}/getMe", f"/file/bot{token}/photos/x"):
        async with telegram.session.get(telegram.base + path) as response:
            assert await answer(response) == (status, description)
    assert len(telegram.playground.calls) == 0


async def test_a_file_that_is_not_there_is_not_found(telegram: Telegram) -> None:
    async with telegram.session.get(telegram.api.replace("/bot", "/file/bot") + "/photos/x") as response:
        assert await answer(response) == (404, "Not Found")


async def test_names_of_methods_are_not_told_apart_by_case(telegram: Telegram) -> None:
    assert (await telegram.ok("GETME"))["is_bot"]
    assert [call.method for call in telegram.playground.calls] == ["getMe"]


async def test_an_unknown_method_is_not_found_and_one_that_is_not_here_is_refused_aloud(
    telegram: Telegram,
) -> None:
    assert await telegram.refused("sendNews") == "Not Found: method not found"
    for method in ("logOut", "close", "copyMessage", "forwardMessage", "pinChatMessage", "sendRichMessage"):
        refused = await telegram.refused(method)
        assert refused == f"Bad Request: the playground does not know the method {method}"
    assert not _ELSEWHERE & METHODS.keys()


async def test_an_unknown_parameter_is_refused_aloud(telegram: Telegram) -> None:
    refused = await telegram.refused("sendMessage", chat_id=telegram.maya, text="a", message_effect_id="5")
    assert refused == "Bad Request: the playground does not know parameter message_effect_id of sendMessage"
    assert await telegram.send(parse_mode=None, message_effect_id="")


BOLD = json.dumps([{"type": "bold", "offset": 0, "length": 4}])


async def test_parameters_come_by_query_form_multipart_and_json(telegram: Telegram) -> None:
    session, maya = telegram.session, str(telegram.maya)
    url = f"{telegram.api}/sendMessage"
    fields = {"chat_id": maya, "text": "Привет & 100 %", "entities": BOLD, "protect_content": "True"}
    multipart = aiohttp.FormData(default_to_multipart=True)
    for name, value in fields.items():
        multipart.add_field(name, value)
    requests: list[dict[str, Any]] = [
        {"params": fields},
        {"data": fields},
        {"data": multipart},
        {"json": {**fields, "chat_id": telegram.maya, "entities": json.loads(BOLD), "protect_content": True}},
        {"params": {"text": "overruled", "chat_id": maya}, "json": {**fields, "entities": BOLD}},
    ]
    texts = []
    for arguments in requests:
        async with session.post(url, **arguments) as response:
            result = (await response.json())["result"]
            texts.append((result["text"], len(result["entities"]), result["has_protected_content"]))
    async with session.get(url, params=fields) as response:
        assert response.status == 200
    assert texts == [("Привет & 100 %", 1, True)] * 5
    logged = {json.dumps(call.params, sort_keys=True) for call in telegram.playground.calls}
    assert len(logged) == 1, "the log holds typed parameters, however they came"


@pytest.mark.parametrize(
    ("headers", "body", "description"),
    [
        ({"Content-Type": "application/json"}, b"{", "can't parse JSON object"),
        ({"Content-Type": "application/json"}, b"\xff", "can't parse JSON object"),
        ({"Content-Type": "application/json"}, b'{"text":"\\ud83d"}', "can't parse JSON object"),
        ({"Content-Type": "application/json"}, b"[" * 100_000, "can't parse JSON object"),
        ({"Content-Type": "application/json"}, b"[]", "the body must be a JSON object"),
        (
            {"Content-Type": "application/x-www-form-urlencoded"},
            b"text=%ff",
            "strings must be encoded in UTF-8",
        ),
        (
            {"Content-Type": "application/x-www-form-urlencoded"},
            b"text=\xff",
            "strings must be encoded in UTF-8",
        ),
        ({"Content-Type": "multipart/form-data"}, b"x", "can't parse the multipart form"),
        (
            {"Content-Type": "multipart/form-data; boundary=b"},
            b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xff\r\n--b--\r\n',
            "can't parse the multipart form",
        ),
        (
            {"Content-Type": "multipart/form-data; boundary=b"},
            b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n",
            "a part of the form has no name",
        ),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(
    telegram: Telegram, headers: dict[str, str], body: bytes, description: str
) -> None:
    async with telegram.session.post(f"{telegram.api}/sendMessage", headers=headers, data=body) as response:
        assert await answer(response) == (400, f"Bad Request: {description}")


async def test_a_body_above_a_megabyte_is_refused(telegram: Telegram) -> None:
    async with telegram.session.post(
        f"{telegram.api}/sendMessage", data=io.BytesIO(bytes(1_100_000))
    ) as response:
        assert await answer(response) == (413, "Request Entity Too Large")


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"text": ["a"]}, 'parameter "text" must be a String'),
        ({"text": "a", "chat_id": {"id": 1}}, 'parameter "chat_id" must be a String'),
        (
            {"text": "a", "reply_to_message_id": "first"},
            (
                'the playground refuses "first" as reply_to_message_id; Telegram would read some other number '
                "without a word"
            ),
        ),
        (
            {"text": "a", "protect_content": "maybe"},
            'the playground refuses "maybe" as protect_content; Telegram would read it as false without a word',
        ),
        ({"text": "a", "reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
    ],
)
async def test_a_parameter_of_the_wrong_kind_is_refused(
    telegram: Telegram, params: dict[str, Any], description: str
) -> None:
    refused = await telegram.refused("sendMessage", **{"chat_id": telegram.maya, **params})
    assert refused == f"Bad Request: {description}"


async def test_every_call_stands_in_the_log_with_its_outcome(telegram: Telegram, clock: Clock) -> None:
    sent = await telegram.send("one")
    clock.forward(seconds=5)
    await telegram.refused("sendMessage", chat_id=17, text="two")
    await telegram.refused("sendNews")
    first, second, third = telegram.playground.calls
    assert first.params == {"chat_id": telegram.maya, "text": "one"}
    assert (first.method, first.status, first.message_id) == ("sendMessage", 200, sent["message_id"])
    assert (second.at - first.at).total_seconds() == 5
    assert (second.status, second.description, second.message_id) == (
        400,
        "Bad Request: chat not found",
        None,
    )
    assert (third.method, third.status) == ("sendNews", 404)
    assert telegram.playground.calls.of("sendMessage", chat=17) == [second]
    assert first.chat == telegram.maya


async def test_the_log_is_bounded_where_that_is_wanted(clock: Clock) -> None:
    playground = Playground(token="5:x", clock=clock, keep_calls=2)
    async with serve(playground) as base, aiohttp.ClientSession() as session:
        for _ in range(3):
            async with session.get(f"{base}/bot5:x/getMe") as response:
                assert response.status == 200
    assert len(playground.calls) == 2


@pytest.mark.parametrize("token", ["", "5", ":x", "5:", "five:x"])
def test_a_playground_needs_a_token(clock: Clock, token: str) -> None:
    with pytest.raises(SettingsError, match="needs a bot token"):
        Playground(token=token, clock=clock)


async def test_an_address_that_is_taken_is_told(telegram: Telegram, clock: Clock) -> None:
    port = int(telegram.base.rpartition(":")[2])
    with pytest.raises(AddressTaken, match=f"127.0.0.1:{port} cannot be listened on"):
        async with serve(Playground(token="5:x", clock=clock), port=port):
            pass
