"""Messages out: what they look like on the wire, and what remains of one that Telegram refuses."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.domain import message as m
from bot.domain.buttons import opened
from bot.domain.delivery import Outcome
from bot.domain.message import Button, Message, Text
from bot.domain.splitting import bare
from bot.gateway.failures import CallFailed, is_about_content, outcome
from bot.gateway.pacing import Book, Pacer
from bot.gateway.sender import Sender
from bot.playground.faults import Answer, DropAfter, refuse
from tests.gateway.rig import KEY, MAYA, Gateway

if TYPE_CHECKING:
    from bot.playground.faults import Fault

RICH = Message(
    m.join("\n", (m.bold("Bridge closed"), m.link("Herald", "https://herald.example/bridge"))),
    ((Button("Save", "save:1:1"), Button("Herald", url="https://herald.example/")),),
    preview="https://herald.example/bridge",
    silent=True,
)
REFUSALS = (
    "Bad Request: can't parse entities: Unsupported start tag",
    "Bad Request: ENTITY_BOUNDS_INVALID",
    "Bad Request: message is too long",
    "Bad Request: MESSAGE_TOO_LONG",
    "Bad Request: text is too long",
    "Bad Request: wrong HTTP URL specified",
    "Bad Request: failed to get HTTP URL content",
    "Bad Request: wrong type of the web page content",
    "Bad Request: WEBPAGE_CURL_FAILED",
    "Bad Request: reply markup is too long",
    "Bad Request: BUTTON_DATA_INVALID",
    "Bad Request: BUTTON_URL_INVALID",
    "Bad Request: inline keyboard button URL 'x' is invalid: Wrong HTTP URL",
)


async def no_before() -> bool:
    return True


def order(gateway: Gateway, fault: Fault, method: str = "sendMessage", times: int = 1) -> None:
    gateway.telegram.faults.add(method, fault, times=times)


async def test_a_message_arrives_with_its_words_styles_buttons_and_preview(gateway: Gateway) -> None:
    sent_id = await gateway.sender.send(MAYA, RICH)
    message = gateway.telegram.last(MAYA)
    assert message["message_id"] == sent_id
    assert message["text"] == "Bridge closed\nHerald"
    assert [entity["type"] for entity in message["entities"]] == ["bold", "text_link"]
    save, page = message["reply_markup"]["inline_keyboard"][0]
    assert opened(save["callback_data"], KEY, MAYA) is not None
    assert page["url"] == "https://herald.example/"
    (asked,) = gateway.asked()
    assert asked["disable_notification"] is True
    assert asked["link_preview_options"]["url"] == "https://herald.example/bridge"


async def test_a_moment_travels_as_a_moment(gateway: Gateway) -> None:
    await gateway.sender.send(MAYA, Message(m.clock("06:40", datetime(2026, 11, 26, 6, 40, tzinfo=UTC))))
    (entity,) = gateway.asked()[0]["entities"]
    assert (entity["type"], entity["unix_time"], entity["date_time_format"]) == ("date_time", 1795675200, "t")


async def test_an_answer_may_reply_to_a_message_even_if_that_is_gone(gateway: Gateway) -> None:
    first = await gateway.sender.send(MAYA, RICH)
    await gateway.sender.send(MAYA, RICH, reply_to=first)
    assert gateway.telegram.last(MAYA)["reply_to_message"]["message_id"] == first
    await gateway.sender.send(MAYA, RICH, reply_to=9999)
    assert "reply_to_message" not in gateway.telegram.last(MAYA)


async def test_a_push_that_is_withdrawn_at_the_last_moment_is_not_sent(gateway: Gateway) -> None:
    async def before() -> bool:
        return False

    assert await gateway.sender.deliver(MAYA, RICH, before) is None
    assert gateway.asked() == []


@pytest.mark.parametrize("description", REFUSALS)
async def test_a_push_whose_content_is_refused_says_so_and_can_go_in_plain_words(
    gateway: Gateway, description: str
) -> None:
    order(gateway, refuse(400, description))
    refused = await gateway.push(RICH)
    assert (refused.outcome, refused.reason, refused.about_content) == (Outcome.FAILED, description, True)
    receipt = await gateway.push(bare(RICH))
    message = gateway.telegram.last(MAYA)
    assert message["message_id"] == receipt.sent_id
    assert message["text"] == "Bridge closed\nHerald"
    assert "entities" not in message
    assert "reply_markup" not in message
    assert gateway.asked()[1]["link_preview_options"] == {"is_disabled": True}
    assert gateway.asked()[1]["disable_notification"] is True


async def test_plain_words_that_are_refused_have_no_plainer_ones(gateway: Gateway) -> None:
    order(gateway, refuse(400, REFUSALS[0]))
    assert not (await gateway.push(bare(RICH))).about_content
    assert len(gateway.asked()) == 1


async def test_a_pushed_message_is_changed_and_deleted_and_one_that_is_gone_counts_as_done(
    gateway: Gateway,
) -> None:
    sent = (await gateway.push(RICH)).sent_id

    async def go() -> bool:
        return True

    for _ in range(2):
        changed = await gateway.sender.alter(MAYA, sent, Message(Text("Corrected")), go)
        assert changed is not None
        assert (changed.outcome, changed.sent_id) == (Outcome.SENT, sent)
        assert gateway.telegram.last(MAYA)["text"] == "Corrected"
    for _ in range(2):
        deleted = await gateway.sender.alter(MAYA, sent, None, go)
        assert deleted is not None
        assert deleted.outcome is Outcome.SENT
    late = await gateway.sender.alter(MAYA, sent, Message(Text("Too late")), go)
    assert late is not None
    assert late.outcome is Outcome.SENT


async def test_an_answer_that_is_refused_for_its_content_goes_out_as_plain_text_too(gateway: Gateway) -> None:
    first = await gateway.sender.send(MAYA, Message(Text("First")))
    order(gateway, refuse(400, REFUSALS[0]))
    assert await gateway.sender.send(MAYA, RICH, reply_to=first) == gateway.telegram.last(MAYA)["message_id"]
    assert gateway.telegram.last(MAYA)["reply_to_message"]["message_id"] == first
    assert gateway.patience.pauses == []


async def test_a_press_whose_answer_is_refused_for_its_content_shows_plain_text(gateway: Gateway) -> None:
    shown = await gateway.sender.send(MAYA, RICH)
    order(gateway, refuse(400, REFUSALS[0]), "editMessageText")
    await gateway.sender.edit(MAYA, shown, Message(m.bold("Changed"), RICH.rows))
    message = gateway.telegram.last(MAYA)
    assert (message["message_id"], message["text"]) == (shown, "Changed")
    assert "entities" not in message


@pytest.mark.parametrize(
    "message",
    [
        Message(Text("x" * 5000)),
        Message(Text("News"), ((Button("Bad", url="https://no dots/"),),)),
        Message(Text("News"), ((Button("Bad", url="ftp://herald.example/"),),)),
        Message(Text("News"), ((Button("", "save:1:1"),),)),
        Message(Text("News"), ((Button("Long", "x" * 80),),)),
        Message(Text("News"), tuple((Button("b" * 60, f"open:{n}"),) for n in range(101))),
    ],
    ids=["long", "no host", "no web", "no label", "data", "hundred and one"],
)
async def test_what_telegrams_own_rules_refuse_arrives_in_plain_words(
    gateway: Gateway, message: Message
) -> None:
    assert (await gateway.push(message)).about_content
    assert (await gateway.push(bare(message))).outcome is Outcome.SENT
    shown = gateway.telegram.last(MAYA)["text"]
    assert message.text.plain.startswith(shown)
    assert len(shown) >= min(2000, len(message.text.plain))


@pytest.mark.parametrize(
    "failure",
    [
        CallFailed("sendMessage", 400, "Bad Request: message text is empty"),
        CallFailed("sendMessage", 400, "Bad Request: not enough rights to send a web page"),
        CallFailed("sendMessage", 403, "Forbidden: can't parse your mind"),
        CallFailed("sendMessage", 413, "Request Entity Too Large"),
        CallFailed("sendMessage", 500, "can't parse entities"),
        CallFailed("editMessageText", 400, "Bad Request: message is not modified: button"),
        CallFailed("sendMessage", 400, "<html>url</html>", is_foreign=True),
    ],
    ids=str,
)
def test_other_refusals_are_not_about_the_content(failure: CallFailed) -> None:
    assert not is_about_content(failure)


async def test_nothing_but_white_space_has_no_plain_words_to_send(gateway: Gateway) -> None:
    order(gateway, refuse(400, REFUSALS[0]))
    assert (await gateway.push(Message(m.bold("  ")))).outcome is Outcome.FAILED
    assert len(gateway.asked()) == 1


async def test_an_edit_that_changes_nothing_is_no_failure(gateway: Gateway) -> None:
    shown = await gateway.sender.send(MAYA, RICH)
    await gateway.sender.edit(MAYA, shown, RICH)
    await gateway.sender.edit_buttons(MAYA, shown, RICH.rows)
    assert [call.status for call in gateway.telegram.calls if call.method.startswith("edit")] == [400, 400]


async def test_only_the_buttons_can_be_changed(gateway: Gateway) -> None:
    shown = await gateway.sender.send(MAYA, RICH)
    await gateway.sender.edit_buttons(MAYA, shown, ((Button("Saved", "save:1:0"),),))
    message = gateway.telegram.last(MAYA)
    assert [[b["text"] for b in row] for row in message["reply_markup"]["inline_keyboard"]] == [["Saved"]]
    assert message["text"] == RICH.text.plain


async def test_a_change_is_tried_again_even_where_nobody_knows_since_twice_is_as_once(
    gateway: Gateway,
) -> None:
    shown = await gateway.sender.send(MAYA, RICH)
    order(gateway, DropAfter(), "editMessageText")
    order(gateway, Answer(502, b"<html>"), "editMessageText")
    await gateway.sender.edit(MAYA, shown, Message(Text("Changed")))
    assert gateway.telegram.last(MAYA)["text"] == "Changed"
    assert gateway.patience.pauses == [1.0, 2.0]


async def test_a_change_that_telegram_refuses_for_good_is_told(gateway: Gateway) -> None:
    shown = await gateway.sender.send(MAYA, RICH)
    order(gateway, refuse(403, "Forbidden: bot was blocked by the user"), "editMessageText")
    with pytest.raises(CallFailed) as raised:
        await gateway.sender.edit(MAYA, shown, Message(Text("Changed")))
    assert outcome(raised.value) is Outcome.GONE
    with pytest.raises(CallFailed, match="message to edit not found"):
        await gateway.sender.edit_buttons(MAYA, 9999, ())


async def test_a_429_on_a_change_makes_messages_to_that_chat_wait_too(gateway: Gateway) -> None:
    shown = await gateway.sender.send(MAYA, RICH)
    order(gateway, refuse(429, "Too Many Requests", retry_after=3600), "editMessageText")
    with pytest.raises(CallFailed):
        await gateway.sender.edit(MAYA, shown, Message(Text("Changed")))
    before = gateway.patience.now
    gateway.patience.now += 3599
    assert gateway.sender._pacer._book.ready_at(MAYA) > before + 3599


async def test_while_a_chat_must_rest_nothing_is_sent_or_changed_there(gateway: Gateway) -> None:
    shown = await gateway.sender.send(MAYA, RICH)
    gateway.sender._pacer.refused(MAYA, 15)
    await gateway.sender.edit(MAYA, shown, Message(Text("Changed")))
    assert gateway.patience.pauses == [pytest.approx(15, abs=0.1)]
    gateway.sender._pacer.refused(MAYA, 3600)
    calls = len(gateway.telegram.calls)
    for act in (
        gateway.sender.edit(MAYA, shown, Message(Text("Once more"))),
        gateway.sender.send(MAYA, RICH),
    ):
        with pytest.raises(CallFailed, match="must rest") as raised:
            await act
        assert outcome(raised.value) is Outcome.RETRY
    assert len(gateway.telegram.calls) == calls, "nobody waits an hour for an answer"


@pytest.mark.slow
async def test_many_refused_at_once_do_not_wait_for_each_other(gateway: Gateway) -> None:
    pacer = Pacer(Book(rate=28, chat_rate=1000, chat_burst=200))
    sender = Sender(gateway.api, pacer, KEY)
    order(gateway, refuse(400, REFUSALS[0]), times=35)
    async with asyncio.timeout(30):
        await asyncio.gather(*(sender.send(MAYA, RICH) for _ in range(35)))
    assert len(gateway.shown()) == 35


async def test_a_press_is_answered_and_one_that_is_too_old_is_left_alone(gateway: Gateway) -> None:
    shown = await gateway.sender.send(MAYA, RICH)
    press_id = gateway.telegram.press(MAYA, shown, 0, 0)
    await gateway.sender.answer_press(press_id)
    answer = await gateway.telegram.callback_answer(press_id)
    assert answer is not None
    assert answer["text"] == ""
    await gateway.sender.answer_press(press_id)
    assert [call.status for call in gateway.telegram.calls if call.method == "answerCallbackQuery"] == [
        200,
        400,
    ]
