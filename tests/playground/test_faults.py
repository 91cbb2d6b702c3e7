"""Faults on order: each one as a bot would meet it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bot.playground.faults import Answer, AnswerAfter, Cut, DropAfter, DropBefore, Faults, Hold, refuse

if TYPE_CHECKING:
    from bot.playground.faults import Fault
    from tests.playground.conftest import Telegram

HTML = b"<html>502 Bad Gateway</html>"


def texts(telegram: Telegram) -> list[str]:
    return [message["text"] for message in telegram.playground.messages(telegram.maya)[1:]]


def order(telegram: Telegram, fault: Fault) -> None:
    telegram.playground.faults.add("sendMessage", fault)


async def test_a_connection_dropped_before_leaves_nothing(telegram: Telegram) -> None:
    order(telegram, DropBefore())
    with pytest.raises(aiohttp.ClientConnectionError):
        await telegram.send("one")
    assert texts(telegram) == []
    (call,) = telegram.playground.calls
    assert (call.status, call.message_id, call.fault, call.chat) == (0, None, "DropBefore", telegram.maya)


async def test_a_connection_dropped_after_leaves_a_message_that_nobody_acknowledged(
    telegram: Telegram,
) -> None:
    order(telegram, DropAfter())
    with pytest.raises(aiohttp.ClientConnectionError):
        await telegram.send("one")
    assert texts(telegram) == ["one"]
    (call,) = telegram.playground.calls
    assert (call.status, call.fault) == (200, "DropAfter")
    assert call.message_id is not None


async def test_an_answer_can_break_off_in_the_middle(telegram: Telegram) -> None:
    order(telegram, Cut())
    body = {"chat_id": telegram.maya, "text": "one"}
    async with telegram.session.post(f"{telegram.api}/sendMessage", json=body) as response:
        assert response.status == 200
        with pytest.raises(aiohttp.ClientError):
            await response.read()
    assert texts(telegram) == ["one"]


async def test_another_answer_can_come_without_or_after_the_deed(telegram: Telegram) -> None:
    body = {"chat_id": telegram.maya, "text": "one"}
    for fault in (
        Answer(502, HTML, {"Content-Type": "text/html"}),
        AnswerAfter(200, b"garbage", {"X-Odd": "yes"}),
    ):
        order(telegram, fault)
        async with telegram.session.post(f"{telegram.api}/sendMessage", json=body) as response:
            assert (response.status, await response.read()) == (fault.status, fault.body)
            assert fault.headers.items() <= response.headers.items()
    assert texts(telegram) == ["one"]
    assert [call.fault for call in telegram.playground.calls] == ["Answer", "AnswerAfter"]


async def test_a_refusal_can_be_ordered_in_telegrams_form(telegram: Telegram) -> None:
    order(telegram, refuse(429, "Too Many Requests: retry after 60", retry_after=60))
    answer = await telegram.call("sendMessage", chat_id=telegram.maya, text="one")
    assert answer["parameters"] == {"retry_after": 60}
    order(telegram, refuse(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-100))
    answer = await telegram.call("sendMessage", chat_id=telegram.maya, text="one")
    assert answer["parameters"] == {"migrate_to_chat_id": -100}
    assert texts(telegram) == []


async def test_an_answer_can_be_held_after_or_before_the_deed(telegram: Telegram) -> None:
    for before in (False, True):
        hold = Hold(before=before)
        order(telegram, hold)
        sending = asyncio.create_task(telegram.send("one"))
        await hold.reached.wait()
        assert len(texts(telegram)) == 1
        assert not sending.done()
        hold.release()
        await sending
    assert texts(telegram) == ["one", "one"]


async def test_what_is_held_is_let_go_when_the_playground_closes(telegram: Telegram) -> None:
    hold = Hold()
    order(telegram, hold)
    sending = asyncio.create_task(telegram.send("one"))
    await hold.reached.wait()
    telegram.playground.faults.clear()
    assert (await sending)["text"] == "one"


async def test_a_refused_call_is_refused_although_a_fault_was_ordered(telegram: Telegram) -> None:
    order(telegram, AnswerAfter(200, b"garbage"))
    async with telegram.session.post(f"{telegram.api}/sendMessage", json={"text": "one"}) as response:
        assert await response.read() == b"garbage"
    (call,) = telegram.playground.calls
    assert (call.status, call.fault) == (400, "AnswerAfter")


async def test_polling_can_fail_too(telegram: Telegram) -> None:
    telegram.playground.faults.add("getupdates", DropBefore())
    with pytest.raises(aiohttp.ClientConnectionError):
        await telegram.ok("getUpdates")
    assert await telegram.ok("getUpdates") == []


def test_faults_come_in_order_for_their_method_and_chat_as_often_as_ordered() -> None:
    faults = Faults()
    first, second, third = DropBefore(), DropAfter(), Cut()
    faults.add("sendMessage", first, times=2)
    faults.add("SENDMESSAGE", second, chat=5)
    faults.add("*", third)
    assert len(faults) == 4
    assert list(faults) == [first, second, third]
    taken = [faults.take("sendmessage", 6), faults.take("sendMessage", 5), faults.take("sendMessage", 5)]
    assert taken == [first, first, second]
    assert faults.take("getMe", None) is third
    assert faults.take("getMe", None) is None
    assert len(faults) == 0
