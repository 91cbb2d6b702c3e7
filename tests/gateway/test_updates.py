"""Updates in: what confirms them, and what the loop lives through."""

from __future__ import annotations

import json
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import TelegramRefuses
from bot.gateway.updates import ALLOWED, bare, lane_of, updates
from bot.playground.faults import Answer, DropBefore, refuse
from tests.gateway.rig import MAYA, Gateway, open_gateway

if TYPE_CHECKING:
    from bot.playground.faults import Fault

CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


def order(gateway: Gateway, fault: Fault, times: int = 1) -> None:
    gateway.telegram.faults.add("getUpdates", fault, times=times)


def answer(result: Any) -> Answer:
    return Answer(200, json.dumps({"ok": True, "result": result}).encode())


async def next_group(gateway: Gateway, count: int = 1) -> list[dict[str, Any]]:
    """The `count`th group from now."""
    async with aclosing(updates(gateway.api, 1, gateway.patience.pause)) as groups:
        for _ in range(count - 1):
            await anext(groups)
        return await anext(groups)


async def test_a_group_is_confirmed_only_when_the_next_one_is_asked_for(gateway: Gateway) -> None:
    gateway.telegram.say(MAYA, "first")
    gateway.telegram.say(MAYA, "second")
    async with aclosing(updates(gateway.api, 1, gateway.patience.pause)) as groups:
        first = await anext(groups)
        assert [u["message"]["text"] for u in first] == ["/start", "first", "second"]
        assert gateway.telegram.waiting_updates == 3
        gateway.telegram.say(MAYA, "third")
        (third,) = await anext(groups)
        assert third["message"]["text"] == "third"
        assert gateway.telegram.waiting_updates == 1
    assert [asked.get("offset") for asked in gateway.asked("getUpdates")] == [
        None,
        first[-1]["update_id"] + 1,
    ]


async def test_what_others_may_have_written_is_not_taken_along(gateway: Gateway) -> None:
    said = gateway.telegram.say(MAYA, "what another reader wrote")
    gateway.telegram.say(MAYA, "mine", said["message_id"])
    gateway.telegram.press_data(MAYA, said["message_id"], "read:1")
    *_, reply, press = await next_group(gateway)
    assert "another reader" not in str((reply, press))
    assert reply["message"]["text"] == "mine"
    assert reply["message"]["reply_to_message"]["message_id"] == said["message_id"]
    assert press["callback_query"]["message"]["message_id"] == said["message_id"]
    assert press["callback_query"]["data"] == "read:1"
    for odd in ({"update_id": 1, "message": None}, {"update_id": 1, "callback_query": {"message": "x"}}):
        assert bare(odd) == odd


async def test_what_an_editor_wants_to_send_on_is_taken_along_without_names(gateway: Gateway) -> None:
    bold = {"type": "bold", "offset": 0, "length": 4}
    post = gateway.telegram.say(MAYA, "News of the day", entities=[bold])
    photo = gateway.telegram.send_photo(MAYA, "A sunrise")
    said = (
        "/broadcast",
        "/Broadcast@paperboy_playground_bot and words",
        "/broadcasting",
        "broadcast",
        "/read",
    )
    for words in said:
        gateway.telegram.say(MAYA, words, post["message_id"])
    gateway.telegram.say(MAYA, "/broadcast", photo["message_id"])
    gateway.telegram.say(MAYA, "/broadcast", photo["message_id"], origin={"type": "hidden_user", "date": 1})
    *replies, of_photo, forwarded = [one["message"] for one in (await next_group(gateway))[-7:]]
    found = [reply["reply_to_message"].get("text") for reply in replies]
    assert found == ["News of the day"] * 2 + [None] * 3
    assert replies[0]["reply_to_message"]["entities"] == [bold]
    assert "from" not in replies[0]["reply_to_message"]
    (size,) = of_photo["reply_to_message"]["photo"]
    assert size["file_id"] == photo["photo"][0]["file_id"]
    assert "file_size" not in size
    assert of_photo["reply_to_message"]["caption"] == "A sunrise"
    assert "photo" not in forwarded["reply_to_message"]


async def test_what_was_not_confirmed_comes_again(gateway: Gateway) -> None:
    first = await next_group(gateway)
    assert await next_group(gateway) == first


async def test_the_kinds_of_update_are_chosen_and_the_long_poll_is_the_callers(gateway: Gateway) -> None:
    await next_group(gateway)
    (asked,) = gateway.asked("getUpdates")
    assert asked["allowed_updates"] == list(ALLOWED)
    assert (asked["timeout"], asked["limit"]) == (1, 100)


async def test_edits_which_nothing_handles_are_not_asked_for(gateway: Gateway) -> None:
    await next_group(gateway)
    said = gateway.telegram.say(MAYA, "first")
    gateway.telegram.edit(MAYA, said["message_id"], "second")
    assert [next(iter(u.keys() - {"update_id"})) for u in await next_group(gateway)] == ["message", "message"]


async def test_nothing_new_is_no_group(gateway: Gateway) -> None:
    await next_group(gateway)
    order(gateway, answer([]), times=3)
    await next_group(gateway)
    assert gateway.patience.pauses == [], "an empty answer has already waited"


async def test_telegram_that_cannot_be_reached_is_waited_for_ever_longer(gateway: Gateway) -> None:
    order(gateway, DropBefore(), times=9)
    assert len(await next_group(gateway)) == 1
    assert gateway.patience.pauses == [1, 2, 4, 8, 16, 30, 30, 30, 30]


async def test_after_a_success_the_pauses_begin_anew(gateway: Gateway) -> None:
    order(gateway, DropBefore(), times=3)
    async with aclosing(updates(gateway.api, 1, gateway.patience.pause)) as groups:
        await anext(groups)
        gateway.telegram.say(MAYA, "again")
        order(gateway, Answer(502, b"<html>"))
        await anext(groups)
    assert gateway.patience.pauses == [1, 2, 4, 1]


async def test_a_wait_that_telegram_asks_for_is_kept(gateway: Gateway) -> None:
    order(gateway, refuse(429, "Too Many Requests: retry after 17", retry_after=17))
    await next_group(gateway)
    assert gateway.patience.pauses == [17]


@pytest.mark.parametrize("times", [1, 2])
async def test_a_passing_conflict_is_waited_out(gateway: Gateway, times: int) -> None:
    order(gateway, refuse(409, CONFLICT), times=times)
    order(gateway, DropBefore())
    order(gateway, refuse(409, CONFLICT), times=times)
    assert len(await next_group(gateway)) == 1


async def test_three_conflicts_in_a_row_mean_another_copy(gateway: Gateway) -> None:
    order(gateway, refuse(409, CONFLICT), times=3)
    with pytest.raises(TelegramRefuses, match="Another copy of this bot is running"):
        await next_group(gateway)
    assert len(gateway.patience.pauses) == 2


async def test_a_webhook_is_named_as_one(gateway: Gateway) -> None:
    await gateway.api.call("setWebhook", {"url": "https://elsewhere.example/hook"})
    with pytest.raises(TelegramRefuses, match="deleteWebhook"):
        await next_group(gateway)


@pytest.mark.parametrize(("status", "words"), [(401, "Unauthorized"), (404, "Not Found")])
async def test_a_token_that_is_no_longer_taken_ends_the_loop(
    gateway: Gateway, status: int, words: str
) -> None:
    order(gateway, refuse(status, words))
    with pytest.raises(TelegramRefuses, match="TELEGRAM_BOT_TOKEN"):
        await next_group(gateway)


async def test_a_proxys_404_does_not(gateway: Gateway) -> None:
    order(gateway, Answer(404, b"<html>Not here</html>"))
    assert len(await next_group(gateway)) == 1


async def test_a_wrong_token_ends_the_loop_at_once() -> None:
    async with open_gateway(token="1000000001:AAanother_token") as gateway:
        with pytest.raises(TelegramRefuses):
            await next_group(gateway)


@pytest.mark.parametrize(
    "garbage", [5, "text", True, None, {}, {"update_id": True}, [5], [None, "x"], [{"message": {}}], [[]]]
)
async def test_an_answer_that_is_no_list_of_updates_is_a_failure_like_any_other(
    gateway: Gateway, garbage: Any
) -> None:
    order(gateway, answer(garbage), times=2)
    assert len(await next_group(gateway)) == 1
    assert gateway.patience.pauses == [1, 2]


async def test_what_has_no_id_is_left_out_of_a_group(gateway: Gateway) -> None:
    order(gateway, answer([{"update_id": 7}, {"message": {}}, {"update_id": "8"}, {"update_id": 10**30}, 9]))
    async with aclosing(updates(gateway.api, 1, gateway.patience.pause)) as groups:
        assert await anext(groups) == [{"update_id": 7}]
        order(gateway, answer([{"update_id": 8}]))
        await anext(groups)
    assert gateway.asked("getUpdates")[-1]["offset"] == 8


async def test_ids_that_begin_anew_after_a_week_of_silence_are_followed(gateway: Gateway) -> None:
    order(gateway, answer([{"update_id": 900}]))
    order(gateway, answer([{"update_id": 20}]))
    order(gateway, answer([{"update_id": 21}]))
    await next_group(gateway, 3)
    assert [asked.get("offset") for asked in gateway.asked("getUpdates")] == [None, 901, 21]


CHAT, PERSON = {"id": 5, "type": "private"}, {"id": 7}


@pytest.mark.parametrize(
    ("update", "lane"),
    [
        ({"message": {"chat": CHAT, "from": PERSON}}, 5),
        ({"message": {"from": PERSON}}, 7),
        ({"callback_query": {"message": {"chat": CHAT, "date": 0}, "from": PERSON}}, 5),
        ({"callback_query": {"inline_message_id": "x", "from": PERSON}}, 7),
        ({"callback_query": {"message": [], "from": PERSON}}, 7),
        ({"my_chat_member": {"chat": {"id": -100200}, "from": PERSON}}, -100200),
        ({"poll": {"id": 3}}, 0),
        ({}, 0),
        ({"message": None}, 0),
        ({"message": []}, 0),
        ({"message": {"chat": 5}}, 0),
        ({"message": {"chat": {"id": "5"}}}, 0),
        ({"message": {"chat": {"id": True}}}, 0),
        ({"message": {"chat": {"id": 10**30}}}, 0),
        ({"message": {"chat": {"id": 1.5}, "from": PERSON}}, 7),
    ],
    ids=str,
)
def test_an_update_belongs_to_its_chat(update: dict[str, Any], lane: int) -> None:
    assert lane_of({"update_id": 1, **update}) == lane


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from((*ALLOWED, "chat", "from", "id", "message")), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from((*ALLOWED, "update_id")), JSON))
def test_whatever_comes_has_a_lane_that_the_database_can_hold(update: dict[str, Any]) -> None:
    assert abs(lane_of(update)) < 2**63
