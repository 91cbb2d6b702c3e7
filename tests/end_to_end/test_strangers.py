"""What belongs to editors is done by nobody else: every kind of sender, with every command and button of the desk."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.domain.buttons import data
from bot.storage.broadcast_tables import broadcasts
from bot.storage.people_tables import desk_log, invitations, people
from bot.storage.tables import articles, deliveries, feeds, stories
from handlers import AT_DESK
from handlers.press import VERBS
from tests.end_to_end.newsdesk import CROWD, OTHER, OWNER, open_newsdesk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.town import Town

GROUP = {"id": -1_001_000_000_001, "type": "supergroup", "title": "Readers", "is_forum": True}
SMALL = {"id": -900_001, "type": "group", "title": "A few"}
CHANNEL = {"id": -1_001_000_000_002, "type": "channel", "title": "The news"}
BOSS = {"id": OWNER, "is_bot": False, "first_name": "Maya", "username": "maya"}
READER = {"id": CROWD[0].id, "is_bot": False, "first_name": "Maya", "username": "maya_"}
NEW = {"id": 5_000_000_001, "is_bot": False, "first_name": "Owner"}
BOT = {"id": 5_000_000_002, "is_bot": True, "first_name": "Maya", "username": "maya_bot"}
ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
AS_CHANNEL = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
TELEGRAM = {"id": 777000, "is_bot": False, "first_name": "Telegram"}


def alone(user: dict[str, Any]) -> dict[str, Any]:
    """The private chat of somebody."""
    return {"id": user["id"], "type": "private", "first_name": user["first_name"]}


def origin(kind: str, **more: Any) -> dict[str, Any]:
    return {"forward_origin": {"type": kind, "date": 1, **more}}


FROM_OWNER = origin("user", sender_user=BOSS)
HERE = {"from": BOSS, "chat": alone(BOSS)}
SENDERS: dict[str, tuple[str, dict[str, Any]]] = {
    "a stranger": ("message", {"from": NEW, "chat": alone(NEW)}),
    "a reader": ("message", {"from": READER, "chat": alone(READER)}),
    "a reader of another language": (
        "message",
        {"from": READER | {"id": OTHER}, "chat": alone(READER | {"id": OTHER})},
    ),
    "a reader with the owner's username": (
        "message",
        {"from": READER | {"username": "maya"}, "chat": alone(READER) | {"username": "maya"}},
    ),
    "a reader who pays": ("message", {"from": READER | {"is_premium": True}, "chat": alone(READER)}),
    "a bot": ("message", {"from": BOT, "chat": alone(BOT)}),
    "a reader who forwards the owner": ("message", {"from": READER, "chat": alone(READER)} | FROM_OWNER),
    "a reader who replies to the owner": (
        "message",
        {"from": READER, "chat": alone(READER), "reply_to_message": HERE | {"message_id": 1, "date": 1}},
    ),
    "a reader with the owner's bot": ("message", {"from": READER, "chat": alone(READER), "via_bot": BOT}),
    "a reader as a business": (
        "message",
        {"from": READER, "chat": alone(READER), "business_connection_id": "b"},
    ),
    "a reader as the owner's channel": (
        "message",
        {"from": READER, "chat": alone(READER), "sender_chat": CHANNEL},
    ),
    "the owner forwarded": ("message", HERE | FROM_OWNER),
    "the owner forwarding a reader": ("message", HERE | origin("user", sender_user=READER)),
    "the owner forwarding somebody hidden": (
        "message",
        HERE | origin("hidden_user", sender_user_name="Maya"),
    ),
    "the owner forwarding a group": ("message", HERE | origin("chat", sender_chat=GROUP)),
    "the owner forwarding a channel": ("message", HERE | origin("channel", chat=CHANNEL, message_id=1)),
    "the owner forwarding a bot": ("message", HERE | origin("user", sender_user=BOT)),
    "the owner in a group": ("message", {"from": BOSS, "chat": SMALL}),
    "the owner in a supergroup": ("message", {"from": BOSS, "chat": GROUP}),
    "the owner in a topic": (
        "message",
        {"from": BOSS, "chat": GROUP, "is_topic_message": True, "message_thread_id": 5},
    ),
    "an anonymous administrator": ("message", {"from": ANONYMOUS, "chat": GROUP, "sender_chat": GROUP}),
    "an administrator with a title": (
        "message",
        {"from": ANONYMOUS, "chat": GROUP, "sender_chat": GROUP, "author_signature": "Maya"},
    ),
    "a channel in its group": ("message", {"from": AS_CHANNEL, "chat": GROUP, "sender_chat": CHANNEL}),
    "a channel's post in its group": (
        "message",
        {"from": TELEGRAM, "chat": GROUP, "sender_chat": CHANNEL, "is_automatic_forward": True}
        | origin("channel", chat=CHANNEL, message_id=1),
    ),
    "a reader in a group": ("message", {"from": READER, "chat": GROUP}),
    "a stranger in a group": ("message", {"from": NEW, "chat": SMALL}),
    "a bot in a group": ("message", {"from": BOT, "chat": GROUP}),
    "the owner as a guest of a channel": ("message", {"from": BOSS, "chat": CHANNEL}),
    "nobody in a group": ("message", {"chat": GROUP}),
    "a channel": ("channel_post", {"chat": CHANNEL, "sender_chat": CHANNEL}),
    "a channel signed by the owner": (
        "channel_post",
        {"chat": CHANNEL, "sender_chat": CHANNEL, "author_signature": "Maya"},
    ),
    "a channel with its author": ("channel_post", {"chat": CHANNEL, "sender_chat": CHANNEL, "from": BOSS}),
    "a channel that edits": (
        "edited_channel_post",
        {"chat": CHANNEL, "sender_chat": CHANNEL, "edit_date": 2},
    ),
    "the owner who edits": ("edited_message", HERE | {"edit_date": 2}),
    "the owner who edits in a group": ("edited_message", {"from": BOSS, "chat": GROUP, "edit_date": 2}),
    "a reader who edits": ("edited_message", {"from": READER, "chat": alone(READER), "edit_date": 2}),
    "a business": ("business_message", HERE | {"business_connection_id": "b"}),
    "a business that edits": (
        "edited_business_message",
        HERE | {"business_connection_id": "b", "edit_date": 2},
    ),
    "the owner's words in a caption": ("caption", HERE),
    "the owner's words in a poll": ("poll", HERE),
}
"""How a message comes, and from whom; `caption` and `poll` are messages whose words are no text."""
PRESSES: dict[str, dict[str, Any]] = {
    "a reader on the owner's message": {"from": READER, "message": HERE},
    "a reader on an own message": {"from": READER, "message": {"from": BOT, "chat": alone(READER)}},
    "a stranger": {"from": NEW, "message": {"from": BOT, "chat": alone(NEW)}},
    "a bot": {"from": BOT, "message": {"from": BOT, "chat": alone(BOT)}},
    "a reader in a group": {"from": READER, "message": {"from": BOT, "chat": GROUP}},
    "a reader on what was sent with an inline bot": {"from": READER, "inline_message_id": "i"},
    "an anonymous administrator": {"from": ANONYMOUS, "message": {"from": BOT, "chat": GROUP}},
    "a channel": {"from": AS_CHANNEL, "message": {"from": BOT, "chat": CHANNEL}},
}
OF_EDITORS = (
    "office",
    "feed",
    "newfeed",
    "add",
    "drop",
    "edit",
    "send",
    "unsend",
    "amend",
    "unknown",
    "settle",
    "unsettle",
)
OF_OWNERS = ("invite", "letgo", "dismiss")
ARGUMENTS: tuple[tuple[str | int, ...], ...] = (
    (1,),
    (1, 1, 1, 1),
    (1, "note", 0),
    (1, "title", "x"),
    (1, "pause", 1),
    (1, "withdraw"),
    ("editor", 1),
    (CROWD[0].id, 1),
)
"""What their buttons carry: there is a story, a feed and a broadcast with the number 1."""
NUMBERS = count(1)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_newsdesk(tmp_path, forged=True) as opened:
        yield opened


async def kept(town: Town) -> dict[str, list[tuple[Any, ...]]]:
    """All that editors can change."""
    tables = (broadcasts, deliveries, feeds, stories, articles, people, invitations, desk_log)

    def read(connection: sa.Connection) -> dict[str, list[tuple[Any, ...]]]:
        return {one.name: [tuple(row) for row in connection.execute(sa.select(one))] for one in tables}

    return await town.app.db.read(read)


def command(kind: str, sender: dict[str, Any], words: str) -> dict[str, Any]:
    """An update with a command."""
    entity = {"type": "bot_command", "offset": 0, "length": len(words.split(maxsplit=1)[0])}
    message = sender | {"message_id": 900_000 + next(NUMBERS), "date": 1}
    if kind == "caption":
        photo = {"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9}
        return {"message": message | {"caption": words, "caption_entities": [entity], "photo": [photo]}}
    if kind == "poll":
        poll = {"id": "1", "question": words, "options": [], "total_voter_count": 0, "is_closed": False}
        poll |= {"is_anonymous": True, "type": "regular", "allows_multiple_answers": False}
        return {"message": message | {"poll": poll}}
    return {kind: message | {"text": words, "entities": [entity]}}


def batched(what: list[str], most: int) -> Iterator[list[str]]:
    """So many at a time, so that none is left undone."""
    for first in range(0, len(what), most):
        yield what[first : first + most]


def press(presser: dict[str, Any], what: str) -> dict[str, Any]:
    """An update with a press."""
    number = next(NUMBERS)
    found = presser | {"id": str(number), "chat_instance": "1", "data": what}
    if "message" in found:
        found["message"] = found["message"] | {"message_id": number, "date": 1}
    return {"callback_query": found}


@pytest.mark.slow
async def test_only_an_editor_does_anything_with_a_command_of_the_desk(town: Town) -> None:
    assert len(SENDERS) >= 40
    before = await kept(town)
    for kind, sender in SENDERS.values():
        for name in sorted(AT_DESK):
            await town.update(next(NUMBERS), **command(kind, sender, f"/{name} s1"))
    assert await kept(town) == before
    await town.update(next(NUMBERS), **command("message", HERE, "/broadcast s1"))
    assert len((await kept(town))["broadcasts"]) == 1, "the owner does"


@pytest.mark.slow
async def test_only_an_editor_does_anything_with_a_button_of_the_desk(town: Town) -> None:
    await town.say("/broadcast s1")
    before = await kept(town)
    assert len(before["broadcasts"]) == 1
    buttons = [
        data(verb, *arguments)
        for verb in VERBS
        if verb.startswith(OF_EDITORS) or verb in OF_OWNERS
        for arguments in ARGUMENTS
    ]
    assert len(buttons) > 200
    for presser in PRESSES.values():
        for some in batched(buttons, 100):
            await town.app.inbox.receive(
                [{"update_id": 10**9 + next(NUMBERS)} | press(presser, what) for what in some]
            )
            await town.settled()
    assert await kept(town) == before
    await town.press("Send now")
    assert await kept(town) != before, "the owner does"
