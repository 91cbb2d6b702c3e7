"""Updates: how they come, wait, are confirmed, and who may fetch them."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
from telegram import Update as LibraryUpdate

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from tests.playground.conftest import Clock, Telegram

OTHER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


def texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


async def waiting(telegram: Telegram) -> asyncio.Task[dict[str, Any]]:
    """A long poll of 50 s that has reached the server."""
    turn = telegram.playground._polling._turn
    poll = asyncio.create_task(telegram.call("getUpdates", timeout=50))
    await telegram.playground.wait_for(lambda: telegram.playground._polling._turn > turn)
    return poll


async def test_updates_are_numbered_one_by_one_and_stay_until_they_are_confirmed(telegram: Telegram) -> None:
    for number in range(3):
        telegram.playground.say(telegram.maya, f"{number}")
    first = await telegram.ok("getUpdates")
    assert await telegram.ok("getUpdates") == first
    ids = [update["update_id"] for update in first]
    assert ids == list(range(ids[0], ids[0] + 3))
    assert telegram.playground.waiting_updates == 3
    assert texts(await telegram.ok("getUpdates", offset=ids[1])) == ["1", "2"]
    assert telegram.playground.waiting_updates == 2
    assert await telegram.ok("getUpdates", offset=ids[2] + 1) == []
    assert telegram.playground.waiting_updates == 0


async def test_a_limit_is_kept_and_held_to_between_1_and_100(telegram: Telegram) -> None:
    for number in range(103):
        telegram.playground.say(telegram.maya, f"{number}")
    assert len(await telegram.ok("getUpdates", limit=2)) == 2
    assert len(await telegram.ok("getUpdates", limit=0)) == 1
    assert len(await telegram.ok("getUpdates", limit=1000)) == 100


async def test_a_negative_offset_counts_from_the_end_and_forgets_the_rest(telegram: Telegram) -> None:
    for number in range(5):
        telegram.playground.say(telegram.maya, f"{number}")
    assert texts(await telegram.ok("getUpdates", offset=-2)) == ["3", "4"]
    assert texts(await telegram.ok("getUpdates")) == ["3", "4"]
    assert texts(await telegram.ok("getUpdates", offset=-9)) == ["3", "4"]


async def test_a_long_poll_waits_for_the_next_update(telegram: Telegram) -> None:
    poll = await waiting(telegram)
    assert not poll.done()
    telegram.playground.say(telegram.maya, "at last")
    assert texts((await poll)["result"]) == ["at last"]


async def test_a_long_poll_without_updates_ends_empty(telegram: Telegram) -> None:
    began = time.monotonic()
    assert await telegram.playground._polling.take(wait=0.05) == []
    assert time.monotonic() - began < 5


async def test_a_second_poller_ends_the_first_with_409(telegram: Telegram) -> None:
    first = await waiting(telegram)
    second = await waiting(telegram)
    answer = await first
    assert (answer["error_code"], answer["description"]) == (409, OTHER)
    telegram.playground.say(telegram.maya, "for the second")
    assert texts((await second)["result"]) == ["for the second"]


async def test_updates_older_than_a_day_and_presses_older_than_150_seconds_are_dropped(
    telegram: Telegram, clock: Clock
) -> None:
    telegram.playground.say(telegram.maya, "old")
    clock.forward(hours=24, seconds=1)
    telegram.playground.press_data(telegram.maya, 1, "x")
    telegram.playground.say(telegram.maya, "new")
    clock.forward(seconds=151)
    assert telegram.playground.waiting_updates == 1
    assert texts(await telegram.ok("getUpdates")) == ["new"]


async def test_only_wanted_kinds_come_and_the_wish_stays(telegram: Telegram) -> None:
    await telegram.ok("getUpdates", allowed_updates=["message"])
    telegram.playground.block(telegram.maya)
    telegram.playground.block(telegram.maya, blocked=False)
    own = telegram.playground.say(telegram.maya, "hello")
    telegram.playground.edit(telegram.maya, own["message_id"], "edited")
    assert [list(update) for update in await telegram.ok("getUpdates")] == [["update_id", "message"]]
    await telegram.ok("getUpdates", allowed_updates="[]")
    telegram.playground.edit(telegram.maya, own["message_id"], "again")
    assert "edited_message" in (await telegram.ok("getUpdates"))[-1]


@pytest.mark.parametrize("wrong", ["message", '"message"', [7], {"message": True}])
async def test_a_malformed_wish_is_refused(telegram: Telegram, wrong: Any) -> None:
    assert (await telegram.refused("getUpdates", allowed_updates=wrong)).startswith("Bad Request: ")


async def test_while_a_webhook_is_set_updates_cannot_be_fetched(telegram: Telegram) -> None:
    poll = await waiting(telegram)
    secret = {"secret_token": "a-b_C", "max_connections": 999, "allowed_updates": ["message"]}
    assert await telegram.ok("setWebhook", url="https://bot.example/hook", **secret)
    assert (await poll)["description"] == "Conflict: terminated by setWebhook request"
    telegram.playground.say(telegram.maya, "hello")
    answer = await telegram.call("getUpdates")
    assert answer["error_code"] == 409
    assert answer["description"].startswith("Conflict: can't use getUpdates method while webhook is active")
    assert await telegram.ok("getWebhookInfo") == {
        "url": "https://bot.example/hook",
        "has_custom_certificate": False,
        "pending_update_count": 1,
        "max_connections": 100,
        "allowed_updates": ["message"],
    }
    assert await telegram.ok("deleteWebhook", drop_pending_updates=True)
    assert await telegram.ok("getUpdates") == []
    assert (await telegram.ok("getWebhookInfo"))["url"] == ""


async def test_a_webhook_without_an_address_is_deleted(telegram: Telegram) -> None:
    await telegram.ok("setWebhook", url="https://bot.example/hook")
    await telegram.ok("setWebhook")
    assert await telegram.ok("getUpdates") == []


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"url": "http://bot.example"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "https://bot.example", "secret_token": "a" * 257}, "secret token is too long"),
        ({"url": "https://bot.example", "secret_token": "a b"}, "secret token contains unallowed characters"),
    ],
)
async def test_a_malformed_webhook_is_refused(telegram: Telegram, params: Any, description: str) -> None:
    assert await telegram.refused("setWebhook", **params) == f"Bad Request: {description}"


async def test_with_the_brakes_on_asking_again_at_once_gets_a_single_update(
    open_telegram: Callable[..., AbstractAsyncContextManager[Telegram]], clock: Clock
) -> None:
    async with open_telegram(flood=True) as telegram:
        telegram.playground.start(telegram.maya)
        for number in range(2):
            telegram.playground.say(telegram.maya, f"{number}")
        assert len(await telegram.ok("getUpdates")) == 3
        assert len(await telegram.ok("getUpdates")) == 1
        clock.forward(seconds=0.6)
        assert len(await telegram.ok("getUpdates")) == 3


async def test_with_the_brakes_on_asking_again_for_nothing_waits_for_something(
    open_telegram: Callable[..., AbstractAsyncContextManager[Telegram]],
) -> None:
    async with open_telegram(flood=True) as telegram:
        assert await telegram.ok("getUpdates") == []
        poll = await waiting(telegram)
        telegram.playground.start(telegram.maya)
        assert len((await poll)["result"]) == 1


def contains(whole: Any, part: Any) -> bool:
    """Whether `whole` says all that `part` says; a library adds defaults of its own."""
    if isinstance(part, dict):
        return all(name in whole and contains(whole[name], value) for name, value in part.items())
    if isinstance(part, list):
        return all(contains(one, other) for one, other in zip(whole, part, strict=True))
    return bool(whole == part)


async def test_all_kinds_of_update_are_what_the_library_expects(telegram: Telegram) -> None:
    playground, maya = telegram.playground, telegram.maya
    sent = await telegram.send(reply_markup={"inline_keyboard": [[{"text": "a", "callback_data": "x"}]]})
    playground.press(maya, sent["message_id"], 0, 0)
    playground.press_data(maya, 999, "forged")
    own = playground.say(maya, "hello", reply_to=sent["message_id"])
    playground.edit(maya, own["message_id"], "edited")
    playground.send_photo(maya)
    playground.send_sticker(maya)
    playground.send_voice(maya)
    playground.block(maya)
    playground.start(maya, "payload-1")
    updates = await telegram.ok("getUpdates")
    read = [LibraryUpdate.de_json(update, None) for update in updates]
    assert all(contains(update.to_dict(), raw) for update, raw in zip(read, updates, strict=True))
    assert [next(kind for kind in update if kind != "update_id") for update in updates] == [
        *["callback_query"] * 2,
        "message",
        "edited_message",
        *["message"] * 3,
        *["my_chat_member"] * 2,
        "message",
    ]
    assert read[1].callback_query is not None
    assert not read[1].callback_query.message.is_accessible  # type: ignore[union-attr]  # a stub is no None
    assert updates[-1]["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert updates[-1]["message"]["text"] == "/start payload-1"
