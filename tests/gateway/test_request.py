"""The transport: through python-telegram-bot and beside it, and what it never tells."""

from __future__ import annotations

import asyncio
import logging
import traceback
import warnings
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
import pytest
from telegram import Bot
from telegram.error import TelegramError

from bot.gateway.failures import CallFailed
from bot.gateway.request import Api, LibraryRequest, Limits
from bot.logs import TextFormat
from bot.playground.faults import Answer, Cut, DropAfter, DropBefore, Hold, refuse
from tests.gateway.rig import MAYA, TOKEN, Gateway, raw_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.playground.faults import Fault

FAULTS = (
    DropBefore(),
    DropAfter(),
    Cut(),
    Answer(200, b"garbage"),
    Answer(200, b'{"ok":true}'),
    Answer(502, b"<html>"),
    Answer(302, b"", {"Location": "/elsewhere"}),
    refuse(400, "Bad Request: chat not found"),
    refuse(429, "Too Many Requests: retry after 9", retry_after=9),
)


@asynccontextmanager
async def library(gateway: Gateway) -> AsyncIterator[Bot]:
    """python-telegram-bot over our transport."""
    door = LibraryRequest(gateway.api)
    bot = Bot(
        TOKEN, base_url=f"{gateway.url}/bot", request=door, get_updates_request=LibraryRequest(gateway.api)
    )
    async with bot:
        yield bot


async def test_the_library_calls_through_the_same_session(gateway: Gateway) -> None:
    async with library(gateway) as bot:
        me = await bot.get_me()
        assert me.username == "paperboy_playground_bot"
        message = await bot.send_message(MAYA, "Üñí 🗞", disable_notification=True)
    assert gateway.telegram.last(MAYA)["text"] == "Üñí 🗞"
    assert message.message_id == gateway.telegram.last(MAYA)["message_id"]
    assert (await gateway.api.call("getMe"))["id"] == me.id, "the session is not the library's to close"


async def test_a_file_goes_through_the_library(gateway: Gateway) -> None:
    async with library(gateway) as bot:
        await bot.send_document(MAYA, b"<opml/>" * 1000, filename="feeds.opml", caption="Your feeds")
    message = gateway.telegram.last(MAYA)
    assert message["document"]["file_name"] == "feeds.opml"
    assert message["document"]["file_size"] == 7000
    assert message["caption"] == "Your feeds"


@pytest.mark.parametrize(
    "fault", FAULTS, ids=lambda fault: f"{type(fault).__name__} {getattr(fault, 'status', '')}"
)
async def test_a_failure_comes_through_the_library_as_ours(gateway: Gateway, fault: Fault) -> None:
    async with library(gateway) as bot:
        gateway.telegram.faults.add("sendMessage", fault, times=2)
        with pytest.raises(TelegramError) as through:
            await bot.send_message(MAYA, "News")
        with pytest.raises(CallFailed) as directly:
            await gateway.api.call("sendMessage", {"chat_id": MAYA, "text": "News"})
    one, other = through.value, directly.value
    assert isinstance(one, CallFailed)
    assert (one.method, one.status, one.description, one.retry_after, one.was_sent, one.is_foreign) == (
        other.method,
        other.status,
        other.description,
        other.retry_after,
        other.was_sent,
        other.is_foreign,
    )


async def test_the_library_fetches_no_files(gateway: Gateway) -> None:
    with pytest.raises(CallFailed) as raised:
        await LibraryRequest(gateway.api).retrieve(f"{gateway.url}/file/bot{TOKEN}/documents/1")
    assert not raised.value.was_sent
    assert TOKEN not in str(raised.value)


async def test_the_librarys_own_limit_is_kept(gateway: Gateway) -> None:
    door = LibraryRequest(gateway.api)
    assert door.read_timeout == gateway.api.limits.answer
    gateway.telegram.say(MAYA, "News")
    async with library(gateway) as bot:
        assert len(await bot.get_updates(timeout=1, read_timeout=5)) == 2


async def test_the_token_is_in_nothing_that_anybody_reads(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[str] = []
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        async with library(gateway) as bot:
            for fault in FAULTS:
                gateway.telegram.faults.add("*", fault, times=2)
                for call in (bot.send_message(MAYA, "News"), gateway.api.call("getMe")):
                    with pytest.raises(CallFailed) as raised:
                        await call
                    told += [*traceback.format_exception(raised.value), repr(raised.value), str(raised.value)]
                    told += [repr(link) for link in (raised.value.__context__, raised.value.__cause__)]
        for url in ("http://127.0.0.1:1", "http://127.0.0.1:99999", "http://no such host", "gopher://x"):
            nowhere = Api(url, TOKEN, limits=Limits(connect=0.2))
            with pytest.raises(CallFailed) as raised:
                await nowhere.call("getMe")
            told += [*traceback.format_exception(raised.value), repr(raised.value.__context__), repr(nowhere)]
            await nowhere.close()
    told += [str(warning.message) for warning in warned]
    # At DEBUG the library itself logs its base address; the log's format makes that, too, unreadable.
    told += [TextFormat().format(record) for record in caplog.records]
    secret = TOKEN.partition(":")[2]
    assert len(told) > 50
    assert any("[token]" in line for line in told)
    assert [line for line in told if secret in line] == []


async def test_a_connection_that_the_server_closes_between_two_calls_is_not_used_again() -> None:
    body = b'{"ok":true,"result":{"id":1}}'
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    async with raw_server(lambda _: head + body) as url:
        api = Api(url, TOKEN)
        for _ in range(3):
            # The answer promises to keep the connection, and then the server closes it all the same.
            assert await api.call("getMe") == {"id": 1}
            await asyncio.sleep(0.02)
        await api.close()


async def test_a_connection_is_kept_for_the_next_call(gateway: Gateway) -> None:
    await gateway.api.call("getMe")
    session = gateway.api._session
    assert session is not None
    assert isinstance(session.connector, aiohttp.TCPConnector)
    kept = sum(map(len, session.connector._conns.values()))
    assert kept == 1
    for _ in range(5):
        await gateway.api.call("getMe")
    assert sum(map(len, session.connector._conns.values())) == 1


async def test_opening_and_closing_twice_changes_nothing(gateway: Gateway) -> None:
    await gateway.api.open()
    first = gateway.api._session
    await gateway.api.open()
    assert gateway.api._session is first
    await gateway.api.close()
    await gateway.api.close()
    assert (await gateway.api.call("getMe"))["is_bot"], "it opens by itself"


async def test_a_call_that_is_given_up_leaves_the_session_usable(gateway: Gateway) -> None:
    hold = Hold()
    gateway.telegram.faults.add("getMe", hold)
    waiting = asyncio.create_task(gateway.api.call("getMe"))
    await hold.reached.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (await gateway.api.call("getMe"))["is_bot"]
