"""Editing, deleting, and answers to presses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from tests.playground.conftest import Clock, Telegram

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as "
    "a current content and reply markup of the message"
)


def keyboard(label: str) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": label, "callback_data": "x"}]]}


async def edit(telegram: Telegram, message: dict[str, Any], text: str, **params: Any) -> Any:
    return await telegram.ok(
        "editMessageText", chat_id=telegram.maya, message_id=message["message_id"], text=text, **params
    )


async def refused(telegram: Telegram, method: str, message_id: Any, **params: Any) -> str:
    return await telegram.refused(method, chat_id=telegram.maya, message_id=message_id, **params)


async def test_an_edit_replaces_text_entities_preview_and_keyboard(telegram: Telegram, clock: Clock) -> None:
    before = await telegram.send(
        "<b>one</b>",
        parse_mode="HTML",
        reply_markup=keyboard("a"),
        link_preview_options={"is_disabled": True},
    )
    clock.forward(minutes=5)
    after = await edit(telegram, before, "two")
    expected = {name: before[name] for name in ("message_id", "from", "chat", "date")}
    assert after == {**expected, "text": "two", "edit_date": before["date"] + 300}
    assert telegram.playground.last(telegram.maya) == after


async def test_an_edit_that_changes_nothing_is_refused(telegram: Telegram) -> None:
    message = await telegram.send("<b>one</b>", parse_mode="HTML", reply_markup=keyboard("a"))
    bold = [{"type": "bold", "offset": 0, "length": 3}]
    message_id = message["message_id"]
    same = {"text": " one ", "entities": [{**bold[0], "offset": 1}], "reply_markup": keyboard("a")}
    assert await refused(telegram, "editMessageText", message_id, **same) == NOT_MODIFIED
    assert (
        await refused(telegram, "editMessageReplyMarkup", message_id, reply_markup=keyboard("a"))
        == NOT_MODIFIED
    )
    await edit(telegram, message, "one", entities=bold, reply_markup=keyboard("b"))
    await edit(telegram, message, "one", reply_markup=keyboard("b"))


async def test_a_keyboard_changes_without_an_edit_date_and_goes_away_when_it_is_left_out(
    telegram: Telegram,
) -> None:
    message = await telegram.send("one", reply_markup=keyboard("a"))
    place = {"chat_id": telegram.maya, "message_id": message["message_id"]}
    changed = await telegram.ok("editMessageReplyMarkup", **place, reply_markup=keyboard("b"))
    assert changed == {**message, "reply_markup": keyboard("b")}
    gone = await telegram.ok("editMessageReplyMarkup", **place)
    assert "reply_markup" not in gone
    assert gone["text"] == "one"
    assert await refused(telegram, "editMessageReplyMarkup", place["message_id"]) == NOT_MODIFIED


async def test_what_is_not_there_or_not_the_bots_cannot_be_edited(telegram: Telegram) -> None:
    own = telegram.playground.say(telegram.maya, "hello")
    assert (
        await refused(telegram, "editMessageText", 999, text="a") == "Bad Request: message to edit not found"
    )
    assert (
        await refused(telegram, "editMessageText", None, text="a")
        == "Bad Request: message identifier is not specified"
    )
    assert (
        await refused(telegram, "editMessageText", own["message_id"], text="a")
        == "Bad Request: message can't be edited"
    )


async def test_an_edit_is_held_to_the_rules_of_sending(telegram: Telegram) -> None:
    message_id = (await telegram.send())["message_id"]
    assert (
        await refused(telegram, "editMessageText", message_id, text="a" * 4097)
        == "Bad Request: message is too long"
    )
    assert await refused(telegram, "editMessageText", message_id) == "Bad Request: message text is empty"
    prompt = {"force_reply": True}
    assert (
        await refused(telegram, "editMessageText", message_id, text="a", reply_markup=prompt)
        == "Bad Request: inline keyboard expected"
    )


async def test_a_caption_is_edited_where_there_is_one_to_edit(telegram: Telegram) -> None:
    incoming = telegram.playground.send_photo(telegram.maya)
    photo = await telegram.ok(
        "sendPhoto", chat_id=telegram.maya, photo=incoming["photo"][0]["file_id"], caption="one"
    )
    place = {"chat_id": telegram.maya, "message_id": photo["message_id"]}
    assert (await telegram.ok("editMessageCaption", **place, caption="two"))["caption"] == "two"
    without = await telegram.ok("editMessageCaption", **place)
    assert "caption" not in without
    assert without["photo"] == photo["photo"]
    assert (
        await refused(telegram, "editMessageText", photo["message_id"], text="a")
        == "Bad Request: there is no text in the message to edit"
    )
    text = await telegram.send()
    assert (
        await refused(telegram, "editMessageCaption", text["message_id"], caption="a")
        == "Bad Request: there is no caption in the message to edit"
    )


async def test_messages_of_both_sides_can_be_deleted(telegram: Telegram) -> None:
    own, theirs = await telegram.send(), telegram.playground.say(telegram.maya, "hello")
    for message in (own, theirs):
        assert await telegram.ok("deleteMessage", chat_id=telegram.maya, message_id=message["message_id"])
    left = [message["message_id"] for message in telegram.playground.messages(telegram.maya)]
    assert own["message_id"] not in left
    assert theirs["message_id"] not in left
    assert (
        await refused(telegram, "deleteMessage", own["message_id"])
        == "Bad Request: message to delete not found"
    )


async def test_after_48_hours_a_message_stays(telegram: Telegram, clock: Clock) -> None:
    message_id = (await telegram.send())["message_id"]
    clock.forward(hours=48, seconds=1)
    stays = "Bad Request: message can't be deleted for everyone"
    assert await refused(telegram, "deleteMessage", message_id) == stays
    assert await telegram.refused("deleteMessages", chat_id=telegram.maya, message_ids=[message_id]) == stays
    assert await telegram.ok("editMessageText", chat_id=telegram.maya, message_id=message_id, text="later")


async def test_several_are_deleted_and_those_not_there_passed_over(telegram: Telegram) -> None:
    ids = [(await telegram.send(f"{number}"))["message_id"] for number in range(3)]
    assert await telegram.ok("deleteMessages", chat_id=telegram.maya, message_ids=[*ids[:2], 999])
    assert [message["message_id"] for message in telegram.playground.messages(telegram.maya)] == [1, ids[2]]


@pytest.mark.parametrize(
    ("ids", "description"),
    [
        ([], "message identifiers are not specified"),
        ({"1": 1}, "expected an Array of message identifiers"),
        (list(range(1, 102)), "too many message identifiers specified"),
        (["one"], "message identifier must be a Number"),
        ([0], "invalid message identifier specified"),
        ("[1", "can't parse message_ids JSON object"),
    ],
)
async def test_malformed_lists_of_messages_are_refused(
    telegram: Telegram, ids: Any, description: str
) -> None:
    refusal = await telegram.refused("deleteMessages", chat_id=telegram.maya, message_ids=ids)
    assert refusal == f"Bad Request: {description}"


async def test_only_the_newest_messages_are_kept_where_that_is_wanted(
    open_telegram: Callable[..., AbstractAsyncContextManager[Telegram]],
) -> None:
    async with open_telegram(keep_messages=2) as telegram:
        telegram.playground.start(telegram.maya)
        sent = [await telegram.send(f"{number}") for number in range(4)]
        assert telegram.playground.messages(telegram.maya) == sent[-2:]
        oldest = sent[0]["message_id"]
        assert (
            await refused(telegram, "editMessageText", oldest, text="a")
            == "Bad Request: message to edit not found"
        )


TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


async def press(telegram: Telegram) -> str:
    message = await telegram.send("one", reply_markup=keyboard("a"))
    return telegram.playground.press(telegram.maya, message["message_id"], 0, 0)


async def test_a_press_is_answered_once(telegram: Telegram) -> None:
    pressed = await press(telegram)
    assert await telegram.ok("answerCallbackQuery", callback_query_id=pressed, text="Saved", show_alert=True)
    answer = await telegram.playground.callback_answer(pressed)
    assert answer == {"text": "Saved", "show_alert": True, "url": ""}
    assert await telegram.refused("answerCallbackQuery", callback_query_id=pressed) == TOO_OLD


async def test_an_unknown_press_and_one_that_is_too_old_are_refused(telegram: Telegram, clock: Clock) -> None:
    assert await telegram.refused("answerCallbackQuery", callback_query_id="17") == TOO_OLD
    assert await telegram.refused("answerCallbackQuery") == TOO_OLD
    pressed = await press(telegram)
    clock.forward(seconds=151)
    assert await telegram.refused("answerCallbackQuery", callback_query_id=pressed) == TOO_OLD


async def test_presses_of_the_past_are_forgotten(telegram: Telegram, clock: Clock) -> None:
    for _ in range(5):
        await press(telegram)
        clock.forward(seconds=100)
    assert len(telegram.playground._exchange.state.callbacks) == 2


async def test_an_answer_has_at_most_200_characters_and_leads_nowhere_else(telegram: Telegram) -> None:
    pressed = await press(telegram)
    long = await telegram.refused("answerCallbackQuery", callback_query_id=pressed, text="a" * 201)
    assert long == "Bad Request: MESSAGE_TOO_LONG"
    foreign = await telegram.refused(
        "answerCallbackQuery", callback_query_id=pressed, url="https://a.example"
    )
    assert foreign == "Bad Request: URL_INVALID"
    back = "https://t.me/paperboy_playground_bot?start=x"
    assert await telegram.ok("answerCallbackQuery", callback_query_id=pressed, url=back)
