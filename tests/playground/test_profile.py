"""What the bot tells about itself, and what its people see of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from telegram import ChatFullInfo

from bot.playground.methods.profile import commands_for

if TYPE_CHECKING:
    from tests.playground.conftest import Telegram


def command(name: str) -> dict[str, str]:
    return {"command": name, "description": f"What {name} does"}


async def test_the_bot_is_who_its_token_says(telegram: Telegram) -> None:
    me = await telegram.ok("getMe")
    assert (me["id"], me["is_bot"], me["username"]) == (1_000_000_001, True, "paperboy_playground_bot")
    await telegram.ok("setMyName", name="The Morning Desk")
    assert (await telegram.ok("getMe"))["first_name"] == "The Morning Desk"


@pytest.mark.parametrize(
    ("method", "field", "limit"),
    [
        ("MyName", "name", 64),
        ("MyDescription", "description", 512),
        ("MyShortDescription", "short_description", 120),
    ],
)
async def test_texts_are_kept_by_language_and_fall_back_to_the_general_one(
    telegram: Telegram, method: str, field: str, limit: int
) -> None:
    await telegram.ok(f"set{method}", **{field: "general"})
    await telegram.ok(f"set{method}", **{field: "русский", "language_code": "ru"})
    assert await telegram.ok(f"get{method}") == {field: "general"}
    assert await telegram.ok(f"get{method}", language_code="ru") == {field: "русский"}
    assert await telegram.ok(f"get{method}", language_code="ar") == {field: "general"}
    await telegram.ok(f"set{method}", language_code="ru")
    assert await telegram.ok(f"get{method}", language_code="ru") == {field: "general"}
    refused = await telegram.refused(f"set{method}", **{field: "x" * (limit + 1)})
    assert refused == f"Bad Request: BOT_{field.upper()}_TOO_LONG"
    assert await telegram.ok(f"set{method}", **{field: "x" * limit})


async def test_a_language_has_two_small_letters(telegram: Telegram) -> None:
    for wrong in ("eng", "EN", "e1"):
        refused = await telegram.refused("getMyCommands", language_code=wrong)
        assert refused == "Bad Request: invalid language code specified"


async def test_commands_are_kept_by_scope_and_language(telegram: Telegram) -> None:
    private = {"type": "all_private_chats"}
    await telegram.ok("setMyCommands", commands=[command("digest")])
    await telegram.ok("setMyCommands", commands=[command("latest")], scope=private, language_code="ru")
    assert await telegram.ok("getMyCommands") == [command("digest")]
    assert await telegram.ok("getMyCommands", scope=private) == []
    assert await telegram.ok("getMyCommands", scope=private, language_code="ru") == [command("latest")]
    await telegram.ok("deleteMyCommands", scope=private, language_code="ru")
    assert await telegram.ok("getMyCommands", scope=private, language_code="ru") == []


async def test_a_person_sees_the_most_special_commands(telegram: Telegram) -> None:
    playground = telegram.playground

    def seen(person: int) -> list[str]:
        return [
            item["command"] for item in commands_for(playground._exchange.state, playground.person(person))
        ]

    assert seen(telegram.irina) == []
    order: list[tuple[str, dict[str, Any]]] = [
        ("a", {}),
        ("b", {"language_code": "ru"}),
        ("c", {"scope": {"type": "all_private_chats"}}),
        ("d", {"scope": {"type": "all_private_chats"}, "language_code": "ru"}),
        ("e", {"scope": {"type": "chat", "chat_id": telegram.irina}}),
        ("f", {"scope": {"type": "chat", "chat_id": str(telegram.irina)}, "language_code": "ru"}),
    ]
    for name, place in order:
        await telegram.ok("setMyCommands", commands=[command(name)], **place)
        assert seen(telegram.irina) == [name]
    assert seen(telegram.maya) == ["c"]


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"commands": "["}, "can't parse commands JSON object"),
        ({"commands": {}}, "expected an Array of BotCommand"),
        ({"commands": ["digest"]}, "can't parse BotCommand: expected an Object"),
        ({"commands": [{"command": "a"}]}, "can't parse BotCommand: Can't find field \"description\""),
        ({"commands": [command("Digest")]}, "BOT_COMMAND_INVALID"),
        ({"commands": [command("a" * 33)]}, "BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "a", "description": " "}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ({"commands": [{"command": "a", "description": "x" * 257}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ({"commands": [command(f"a{number}") for number in range(101)]}, "BOT_COMMANDS_TOO_MUCH"),
        ({"scope": []}, "can't parse BotCommandScope: BotCommandScope must be an Object"),
        ({"scope": {"type": "moon"}}, "can't parse BotCommandScope: Unsupported type specified"),
        ({"scope": {"type": "chat", "chat_id": 17}}, "chat not found"),
        (
            {"scope": {"type": "chat_member", "chat_id": 1, "user_id": 2}},
            "the playground does not know command scopes of type chat_member",
        ),
    ],
)
async def test_malformed_commands_are_refused(
    telegram: Telegram, params: dict[str, Any], description: str
) -> None:
    assert await telegram.refused("setMyCommands", **params) == f"Bad Request: {description}"


async def test_menu_buttons_of_two_kinds_are_taken(telegram: Telegram) -> None:
    assert await telegram.ok("setChatMenuButton")
    assert await telegram.ok("setChatMenuButton", chat_id=telegram.maya, menu_button={"type": "commands"})
    for button, description in (
        ({"type": "web_app"}, "the playground does not know menu buttons of type web_app"),
        ({"type": "moon"}, "can't parse menu button: MenuButton has unsupported type"),
        ([], "can't parse menu button: MenuButton must be an Object"),
    ):
        assert (
            await telegram.refused("setChatMenuButton", menu_button=button) == f"Bad Request: {description}"
        )


async def test_a_chat_tells_about_its_person(telegram: Telegram) -> None:
    chat = await telegram.ok("getChat", chat_id=telegram.salma)
    assert (chat["first_name"], chat["type"]) == ("سلمى", "private")
    read = ChatFullInfo.de_json(chat, None)
    assert read is not None
    assert read.id == telegram.salma
