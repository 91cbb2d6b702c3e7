"""Who the bot is: found out with patience, and told in every language."""

from __future__ import annotations

import logging

import pytest

from bot.errors import TelegramRefuses
from bot.gateway.profile import introduce, present
from bot.playground.faults import Answer, DropBefore, refuse
from bot.playground.methods.profile import commands_for
from bot.playground.people import CAST
from bot.texts.catalogue import LANGUAGES
from bot.views import notices
from tests.gateway.rig import Gateway, open_gateway

LONGEST_NAME = "N" * 64
"""As long as NEWSROOM_NAME may be."""


async def hello(gateway: Gateway) -> None:
    async def first_call() -> None:
        await gateway.api.call("getMe")

    await introduce(first_call, gateway.patience.pause)


async def test_the_first_call_waits_until_telegram_can_be_reached(gateway: Gateway) -> None:
    gateway.telegram.faults.add("getMe", DropBefore(), times=4)
    gateway.telegram.faults.add("getMe", Answer(502, b"<html>"), times=4)
    gateway.telegram.faults.add("getMe", Answer(200, b"<html>Welcome to our hotel</html>"))
    await hello(gateway)
    assert gateway.patience.pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]


async def test_a_wait_that_telegram_asks_for_is_kept(gateway: Gateway) -> None:
    gateway.telegram.faults.add("getMe", refuse(429, "Too Many Requests", retry_after=40))
    await hello(gateway)
    assert gateway.patience.pauses == [40]


@pytest.mark.parametrize("token", ["1000000001:AAanother_token", "1000000001:not a token"])
async def test_a_wrong_token_is_refused_at_once(token: str) -> None:
    async with open_gateway(token=token) as gateway:
        with pytest.raises(TelegramRefuses, match="TELEGRAM_BOT_TOKEN") as raised:
            await hello(gateway)
        assert gateway.patience.pauses == []
        assert "AAanother" not in str(raised.value)


async def test_a_server_that_is_no_bot_api_is_named(gateway: Gateway) -> None:
    gateway.telegram.faults.add("getMe", Answer(404, b"<html>nginx</html>"))
    with pytest.raises(TelegramRefuses, match="TELEGRAM_API_URL"):
        await hello(gateway)


PRIVATE = {"type": "all_private_chats"}
PROFILES = {language: notices.profile(language, "The Herald") for language in LANGUAGES}


async def test_the_profile_is_told_in_every_language(gateway: Gateway) -> None:
    await present(gateway.api, PROFILES)
    assert [call for call in gateway.telegram.calls if call.status != 200] == []
    for language, profile in PROFILES.items():
        code = {} if language == "en" else {"language_code": language}
        told = await gateway.api.call("getMyDescription", code)
        assert told["description"] == profile.long
        short = await gateway.api.call("getMyShortDescription", code)
        assert short["short_description"] == profile.short
        menu = await gateway.api.call("getMyCommands", {"scope": PRIVATE} | code)
        assert [(one["command"], one["description"]) for one in menu] == list(profile.commands)
    assert (await gateway.api.call("getMyDescription", {"language_code": "pt"}))["description"] == PROFILES[
        "en"
    ].long
    assert PROFILES["en"].long != PROFILES["ru"].long


async def test_a_refusal_is_logged_and_keeps_nothing_else_from_being_told(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.telegram.faults.add("setMyCommands", refuse(400, "Bad Request: BOT_COMMAND_INVALID"))
    gateway.telegram.faults.add("setMyDescription", DropBefore())
    with caplog.at_level(logging.WARNING):
        await present(gateway.api, PROFILES)
    assert "BOT_COMMAND_INVALID" in caplog.text
    assert len(caplog.records) == 2
    assert (await gateway.api.call("getMyShortDescription"))["short_description"] == PROFILES["en"].short
    assert await gateway.api.call("getMyCommands", {"scope": PRIVATE, "language_code": "ru"})


async def test_groups_are_shown_no_menu_since_the_bot_is_silent_there(gateway: Gateway) -> None:
    await present(gateway.api, PROFILES)
    for scope in ("default", "all_group_chats", "all_chat_administrators"):
        assert await gateway.api.call("getMyCommands", {"scope": {"type": scope}}) == []
    state = gateway.telegram._exchange.state
    for person in CAST:
        profile = PROFILES.get(person.language_code, PROFILES["en"])
        assert [tuple(one.values()) for one in commands_for(state, person)] == list(profile.commands)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_profile_fits(language: str) -> None:
    profile = notices.profile(language, LONGEST_NAME)
    assert 0 < len(profile.long) <= 512
    assert 0 < len(profile.short) <= 120
    assert 0 < len(profile.commands) <= 100
    for name, words in profile.commands:
        assert 1 <= len(name) <= 32
        assert 1 <= len(words) <= 256
