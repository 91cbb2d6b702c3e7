"""What the bot tells about itself: name, descriptions, commands, menu button."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from bot.playground.methods.chats import person_of
from bot.playground.methods.outcome import Done
from bot.playground.rules.refusal import bad_request, unknown_here

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.playground.exchange import Exchange
    from bot.playground.people import Person
    from bot.playground.state import State

LIMITS: Final = {"name": 64, "description": 512, "short_description": 120}
"""Characters of each text (SPEC setMyName, setMyDescription, setMyShortDescription)."""

MOST_COMMANDS: Final = 100
_COMMAND: Final = re.compile(r"[a-z0-9_]{1,32}")
_DESCRIPTION_LIMIT: Final = 256
_GENERAL_SCOPES: Final = frozenset(
    {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"}
)
_MENU_BUTTONS: Final = frozenset({"default", "commands"})


def get_me(exchange: Exchange, _params: dict[str, Any]) -> Done:
    """Tell who the bot is (getMe)."""
    extras = {
        "can_join_groups": False,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }
    return Done({**exchange.bot, "first_name": exchange.profile("name"), **extras})


def setter(name: str) -> Callable[[Exchange, dict[str, Any]], Done]:
    """The method that sets one of the texts in LIMITS, in a language or in general."""

    def run(exchange: Exchange, params: dict[str, Any]) -> Done:
        text, language = params.get(name, ""), _language(params)
        if len(text) > LIMITS[name]:
            raise bad_request(f"BOT_{name.upper()}_TOO_LONG")
        exchange.record("profile", name=name, language=language, text=text)
        return Done(result=True)

    return run


def getter(name: str) -> Callable[[Exchange, dict[str, Any]], Done]:
    """The method that tells one of the texts in LIMITS; in general where it is not set in the language."""

    def run(exchange: Exchange, params: dict[str, Any]) -> Done:
        return Done({name: exchange.profile(name, _language(params))})

    return run


def set_my_commands(exchange: Exchange, params: dict[str, Any]) -> Done:
    """Set the commands of a scope and language (setMyCommands)."""
    raw = params.get("commands", [])
    if not isinstance(raw, list):
        raise bad_request("expected an Array of BotCommand")
    if len(raw) > MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    commands = [_command(item) for item in raw]
    scope, language = _scope(exchange, params), _language(params)
    exchange.record("commands", scope=scope, language=language, commands=commands)
    return Done(result=True)


def get_my_commands(exchange: Exchange, params: dict[str, Any]) -> Done:
    """Tell the commands of exactly this scope and language (getMyCommands)."""
    key = (_scope(exchange, params), _language(params))
    return Done(exchange.state.commands.get(key, []))


def delete_my_commands(exchange: Exchange, params: dict[str, Any]) -> Done:
    """Delete the commands of a scope and language (deleteMyCommands)."""
    scope, language = _scope(exchange, params), _language(params)
    exchange.record("commands", scope=scope, language=language, commands=[])
    return Done(result=True)


def commands_for(state: State, person: Person) -> list[dict[str, str]]:
    """The commands that this person's menu shows (SPEC "Determining list of commands", private chats)."""
    for scope in (f"chat:{person.id}", "all_private_chats", "default"):
        for language in (person.language_code, ""):
            if commands := state.commands.get((scope, language)):
                return commands
    return []


def set_chat_menu_button(exchange: Exchange, params: dict[str, Any]) -> Done:
    """Take a menu button (setChatMenuButton); the page's always shows the commands, so there is nothing to keep."""
    if "chat_id" in params:
        person_of(exchange, params)
    button = params.get("menu_button", {"type": "default"})
    if not isinstance(button, dict):
        raise bad_request("can't parse menu button: MenuButton must be an Object")
    if button.get("type") == "web_app":
        raise unknown_here("menu buttons of type web_app")
    if button.get("type") not in _MENU_BUTTONS:
        raise bad_request("can't parse menu button: MenuButton has unsupported type")
    return Done(result=True)


def _command(raw: Any) -> dict[str, str]:  # noqa: ANN401 - any JSON
    if not isinstance(raw, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    for name in ("command", "description"):
        if not isinstance(raw.get(name), str):
            raise bad_request(f"can't parse BotCommand: Can't find field \"{name}\"")
    command, description = raw["command"].removeprefix("/"), raw["description"].strip()
    if not _COMMAND.fullmatch(command):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= _DESCRIPTION_LIMIT:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": command, "description": description}


def _scope(exchange: Exchange, params: dict[str, Any]) -> str:
    """The scope in one word, such as `default` or `chat:17`."""
    raw = params.get("scope", {"type": "default"})
    if not isinstance(raw, dict):
        raise bad_request("can't parse BotCommandScope: BotCommandScope must be an Object")
    kind = raw.get("type")
    if kind in _GENERAL_SCOPES:
        return str(kind)
    if kind == "chat":
        chat = str(raw.get("chat_id", ""))
        number = int(chat) if chat.isascii() and chat.isdecimal() else chat
        return f"chat:{person_of(exchange, {'chat_id': number}).id}"
    if kind in {"chat_administrators", "chat_member"}:
        raise unknown_here(f"command scopes of type {kind}")
    raise bad_request("can't parse BotCommandScope: Unsupported type specified")


def _language(params: dict[str, Any]) -> str:
    language = params.get("language_code", "")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad_request("invalid language code specified")
    return str(language)
