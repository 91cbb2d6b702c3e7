"""The error table: what each answer says about delivery, and what the sender makes of it. One row, one test."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from bot.domain.delivery import Outcome
from bot.domain.message import Message, Text
from bot.gateway.failures import CallFailed, outcome
from bot.gateway.request import Api
from bot.playground.faults import Answer, AnswerAfter, Cut, DropAfter, DropBefore, Hold, refuse
from tests.gateway.rig import MAYA, SHORT, TOKEN, Gateway, open_gateway, raw_server, trickling_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bot.gateway.request import Limits
    from bot.playground.faults import Fault

NEWS = Message(Text("News"))
HTML = b"<html><body>502 Bad Gateway</body></html>"


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        what: what comes instead of a result.
        says: what it says about delivery.
        tries: how often an answer to a reader is tried.
        arrived: how many of one push's messages arrive all the same.
        pauses: seconds between the tries of an answer.
    """

    what: Callable[[], Fault]
    says: Outcome
    tries: int = 1
    arrived: int = 0
    pauses: list[float] = field(default_factory=list)


def refusal(status: int, description: str, says: Outcome) -> Row:
    return Row(lambda: refuse(status, description), says)


def result(body: object, status: int = 200, arrived: int = 1) -> Row:
    """The deed is done, and this is what comes back."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Row(lambda: AnswerAfter(status, raw), Outcome.UNKNOWN, arrived=arrived)


def not_telegrams(status: int) -> Row:
    return Row(lambda: Answer(status, HTML), Outcome.RETRY, tries=3, pauses=[1.0, 2.0])


def too_many(description: str, wait: float, *, tries: int, pauses: list[float]) -> Row:
    body = {"ok": False, "error_code": 429, "description": description, "parameters": {"retry_after": wait}}
    return Row(lambda: Answer(429, json.dumps(body).encode()), Outcome.RETRY, tries=tries, pauses=pauses)


ROWS = {
    "200 with a body that is no JSON": result(b"{garbage"),
    "200 with a body nested without end": result(b"[" * 200_000),
    "200 with nothing": result(b""),
    "200 with a list": result([]),
    "200 without a result": result({"ok": True}),
    "200 with a result that is no message": result({"ok": True, "result": True}),
    "200 with an id that is none": result({"ok": True, "result": {"message_id": "17"}}),
    "200 that is not ok": result({"ok": False}),
    "200 that is not ok, with a code that is none": result({"ok": False, "error_code": "many"}),
    "201 with HTML": result(HTML, 201),
    "429 with a wait": too_many("Too Many Requests: retry after 7", 7, tries=3, pauses=[7, 7]),
    "429 with no wait at all": too_many("Too Many Requests: retry after 0", 0, tries=3, pauses=[1.0, 2.0]),
    "429 with a wait that no reader bears": too_many("Too Many Requests", 3600, tries=1, pauses=[]),
    "429 without a number": refusal(429, "Too Many Requests", Outcome.UNKNOWN),
    "429 with words for a number": Row(
        lambda: Answer(429, b'{"ok":false,"description":"Slow","parameters":{"retry_after":"soon"}}'),
        Outcome.UNKNOWN,
    ),
    "429 with a number that is none": Row(
        lambda: Answer(429, b'{"ok":false,"description":"Slow","parameters":{"retry_after":NaN}}'),
        Outcome.UNKNOWN,
    ),
    "429 with parameters that are none": Row(
        lambda: Answer(429, b'{"ok":false,"description":"Slow","parameters":[1]}'), Outcome.UNKNOWN
    ),
    "400 migrated": Row(
        lambda: refuse(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            migrate_to_chat_id=-1_000_000_000_042,
        ),
        Outcome.MIGRATED,
    ),
    "400 chat not found": refusal(400, "Bad Request: chat not found", Outcome.GONE),
    "400 private chat not found": refusal(400, "Bad Request: private chat not found", Outcome.GONE),
    "400 no rights": refusal(
        400, "Bad Request: not enough rights to send text messages to the chat", Outcome.GONE
    ),
    "400 no rights, in other words": refusal(
        400, "Bad Request: have no rights to send a message", Outcome.GONE
    ),
    "400 no such thread": refusal(400, "Bad Request: message thread not found", Outcome.GONE),
    "400 topic closed": refusal(400, "Bad Request: TOPIC_CLOSED", Outcome.GONE),
    "403 blocked": refusal(403, "Forbidden: bot was blocked by the user", Outcome.GONE),
    "403 deactivated": refusal(403, "Forbidden: user is deactivated", Outcome.GONE),
    "403 kicked": refusal(403, "Forbidden: bot was kicked from the group chat", Outcome.GONE),
    "403 never started": refusal(403, "Forbidden: bot can't initiate conversation with a user", Outcome.GONE),
    "400 of the content, where it is plain already": refusal(
        400, "Bad Request: can't parse entities: unsupported start tag", Outcome.FAILED
    ),
    "400 empty": refusal(400, "Bad Request: message text is empty", Outcome.FAILED),
    "400 of a kind nobody knows": refusal(400, "Bad Request: mercury is in retrograde", Outcome.FAILED),
    "413 in Telegram's form": refusal(413, "Request Entity Too Large", Outcome.FAILED),
    "400 not modified": refusal(
        400,
        "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
        "as a current content and reply markup of the message",
        Outcome.SENT,
    ),
    "401": refusal(401, "Unauthorized", Outcome.STOP),
    "404": refusal(404, "Not Found", Outcome.STOP),
    "409": refusal(409, "Conflict: terminated by other getUpdates request", Outcome.FAILED),
    "500 restart": refusal(500, "Internal Server Error: restart", Outcome.UNKNOWN),
    "500 with HTML": Row(lambda: Answer(500, HTML), Outcome.UNKNOWN),
    "502 with HTML": Row(lambda: Answer(502, HTML, {"Content-Type": "text/html"}), Outcome.UNKNOWN),
    "504 with HTML after the deed": result(HTML, 504),
    "302 of a hotel": Row(
        lambda: Answer(302, HTML, {"Location": "/login"}), Outcome.RETRY, tries=3, pauses=[1.0, 2.0]
    ),
    "403 of a proxy, which says nothing about the reader": not_telegrams(403),
    "404 of a proxy, which says nothing about the token": not_telegrams(404),
    "a reset before the deed": Row(DropBefore, Outcome.UNKNOWN),
    "a reset after the deed": Row(DropAfter, Outcome.UNKNOWN, arrived=1),
    "a reset after half an answer": Row(Cut, Outcome.UNKNOWN, arrived=1),
    "an answer later than the limit": Row(Hold, Outcome.UNKNOWN, arrived=1),
}


@asynccontextmanager
async def open_row(name: str) -> AsyncIterator[tuple[Row, Gateway]]:
    row = ROWS[name]
    limits = SHORT if isinstance(row.what(), Hold) else None
    async with open_gateway(limits) as gateway:
        gateway.telegram.faults.add("sendMessage", row.what(), times=99)
        yield row, gateway


@pytest.mark.parametrize("name", ROWS)
async def test_a_push_is_tried_once_and_its_receipt_says_what_is_known(name: str) -> None:
    async with open_row(name) as (row, gateway):
        receipt = await gateway.push(NEWS)
        assert receipt.outcome is row.says
        assert receipt.sent_id == 0
        assert receipt.reason
        assert len(gateway.asked()) == 1
        assert len(gateway.shown()) == row.arrived
        assert gateway.patience.pauses == []


@pytest.mark.parametrize("name", ROWS)
async def test_an_answer_is_tried_again_only_where_it_certainly_did_not_arrive(name: str) -> None:
    async with open_row(name) as (row, gateway):
        with pytest.raises(CallFailed) as raised:
            await gateway.sender.send(MAYA, NEWS)
        assert outcome(raised.value) is row.says
        assert TOKEN not in f"{raised.value!r} {raised.value}"
        assert len(gateway.asked()) == row.tries
        assert gateway.patience.pauses == row.pauses


async def test_the_id_of_a_message_that_telegram_will_send_later_is_nothing_to_worry_about(
    gateway: Gateway,
) -> None:
    gateway.telegram.faults.add("sendMessage", Answer(200, b'{"ok":true,"result":{"message_id":0}}'))
    receipt = await gateway.push()
    assert (receipt.outcome, receipt.sent_id) == (Outcome.SENT, 0)


async def test_the_new_id_of_a_chat_that_moved_is_told(gateway: Gateway) -> None:
    gateway.telegram.faults.add("sendMessage", ROWS["400 migrated"].what())
    assert (await gateway.push()).migrated_to == -1_000_000_000_042


@pytest.mark.parametrize("number", ["1e400", "-1e400", "true", '"-100"', "NaN"])
async def test_a_new_id_that_is_none_is_not_used(gateway: Gateway, number: str) -> None:
    body = f'{{"ok":false,"description":"moved","parameters":{{"migrate_to_chat_id":{number}}}}}'
    gateway.telegram.faults.add("sendMessage", Answer(400, body.encode()))
    assert (await gateway.push()).outcome is Outcome.FAILED


async def test_the_wait_that_telegram_asked_for_is_kept_for_the_chat(gateway: Gateway) -> None:
    gateway.telegram.faults.add("sendMessage", ROWS["429 with a wait"].what())
    receipt = await gateway.push()
    assert receipt.retry_after == 7
    refused_at = gateway.patience.now
    assert gateway.sender.rests(MAYA) == pytest.approx(7, abs=0.5)
    assert gateway.sender.halted() == 0, "nobody else"
    withdrawn = await gateway.sender.deliver(MAYA, NEWS, yes)
    assert withdrawn is None, "so long a push waits in the outbox"
    await gateway.patience.pause(7)
    await gateway.sender.send(MAYA, NEWS)
    assert gateway.patience.now - refused_at >= 7


async def yes() -> bool:
    return True


async def never(url: str, limits: Limits | None = None) -> None:
    """A push and an answer to where no connection can be made."""
    async with open_gateway(limits, url) as gateway:
        receipt = await gateway.push()
        assert (receipt.outcome, gateway.asked()) == (Outcome.RETRY, [])
        assert receipt.reason.startswith("no connection")
        with pytest.raises(CallFailed, match="no connection"):
            await gateway.sender.send(MAYA, NEWS)
        assert gateway.patience.pauses == [1.0, 2.0]


async def test_a_refused_connection_sent_nothing() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        await never(f"http://127.0.0.1:{taken.getsockname()[1]}")


async def test_a_name_that_nobody_knows_sent_nothing() -> None:
    await never("http://telegram.invalid")


async def test_a_connection_that_is_not_made_in_time_sent_nothing() -> None:
    with ExitStack() as stack:
        full = stack.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        # Once its queue is full, Linux drops further attempts and lets them wait (listen(2)).
        for _ in range(3):
            knocking = stack.enter_context(socket.socket())
            knocking.settimeout(0)
            knocking.connect_ex(full.getsockname())
        await never(f"http://127.0.0.1:{full.getsockname()[1]}", SHORT)


async def test_a_server_that_speaks_no_tls_was_sent_nothing(gateway: Gateway) -> None:
    await never(gateway.url.replace("http:", "https:"))


async def test_an_answer_that_trickles_in_is_given_up_as_a_whole() -> None:
    async with trickling_server() as url, open_gateway(SHORT, url) as gateway:
        receipt = await gateway.push()
        assert (receipt.outcome, receipt.reason) == (Outcome.UNKNOWN, "no answer in time")


async def test_an_answer_that_is_no_http_is_unknown() -> None:
    async with raw_server(lambda _: b"SSH-2.0-OpenSSH_9.9\r\n") as url, open_gateway(None, url) as gateway:
        receipt = await gateway.push()
        assert receipt.outcome is Outcome.UNKNOWN
        assert receipt.reason.startswith("the connection broke")


async def test_a_call_that_gets_no_free_connection_sent_nothing(gateway: Gateway) -> None:
    narrow = Api(gateway.url, TOKEN, connections=1, limits=SHORT)
    hold = Hold()
    gateway.telegram.faults.add("getMe", hold)
    first = asyncio.create_task(narrow.call("getMe", answer=10))
    await hold.reached.wait()
    with pytest.raises(CallFailed, match="no connection in time") as raised:
        await narrow.call("getMe")
    assert outcome(raised.value) is Outcome.RETRY
    hold.release()
    assert (await first)["is_bot"]
    await narrow.close()
