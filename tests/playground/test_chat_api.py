"""What the chat page asks for, and who else is kept away from it."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from yarl import URL

from bot.playground.events import RING, Events
from bot.playground.samples import sample_photo

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    import aiohttp

    from tests.playground.conftest import Clock, Telegram

OURS = {"X-Playground": "1"}


async def get(telegram: Telegram, path: str, **query: Any) -> Any:
    async with telegram.session.get(f"{telegram.base}/playground/{path}", params=query) as response:
        assert response.status == 200
        assert response.headers["Cache-Control"] == "no-store"
        return await response.json()


async def act(telegram: Telegram, action: str, person: int | None = None, **body: Any) -> Any:
    url = f"{telegram.base}/playground/chats/{person or telegram.maya}/{action}"
    async with telegram.session.post(url, json=body, headers=OURS) as response:
        assert response.status == 200
        return await response.json()


async def impossible(telegram: Telegram, action: str, person: int | None = None, **body: Any) -> str:
    url = f"{telegram.base}/playground/chats/{person or telegram.maya}/{action}"
    async with telegram.session.post(url, json=body, headers=OURS) as response:
        assert response.status == 400
        return str((await response.json())["error"])


async def test_the_state_shows_the_bot_and_the_people(telegram: Telegram) -> None:
    await telegram.ok("setMyDescription", description="The news of the day")
    await telegram.ok("setMyDescription", description="Новости дня", language_code="ru")
    await telegram.send()
    state = await get(telegram, "state")
    assert state["bot"] == {
        "id": 1_000_000_001,
        "username": "paperboy_playground_bot",
        "first_name": "Newsroom",
        "description": "The news of the day",
        "short_description": "",
    }
    assert [person["first_name"] for person in state["people"]] == ["Maya", "Ирина", "سلمى", "Edith"]
    assert state["people"][0] == {
        "id": telegram.maya,
        "first_name": "Maya",
        "username": "maya_reads",
        "language_code": "en",
        "started": True,
        "blocked": False,
        "unread": 1,
        "editor": False,
        "description": "The news of the day",
    }
    assert [person["editor"] for person in state["people"]] == [False, False, False, True]
    assert state["people"][1]["description"] == "Новости дня"


async def unread(telegram: Telegram) -> int:
    return int((await get(telegram, "state"))["people"][0]["unread"])


async def test_what_was_fetched_or_answered_is_read(telegram: Telegram) -> None:
    chat = f"chats/{telegram.maya}/messages"
    for number in range(3):
        await telegram.send(f"{number}")
    assert await unread(telegram) == 3
    await get(telegram, chat, before=3)
    assert await unread(telegram) == 2
    await get(telegram, chat)
    assert await unread(telegram) == 0
    await telegram.send()
    await act(telegram, "messages", text="hello")
    assert await unread(telegram) == 0


async def test_messages_come_in_pages_the_oldest_first(telegram: Telegram) -> None:
    for number in range(5):
        await telegram.send(f"{number}")
    chat = f"chats/{telegram.maya}/messages"
    newest = (await get(telegram, chat, limit=2))["messages"]
    assert [message["text"] for message in newest] == ["3", "4"]
    older = (await get(telegram, chat, before=newest[0]["message_id"], limit=2))["messages"]
    assert [message["text"] for message in older] == ["1", "2"]
    assert newest[1] == telegram.playground.last(telegram.maya)
    assert len((await get(telegram, chat, limit="many", before=""))["messages"]) == 6
    assert (await get(telegram, f"chats/{telegram.irina}/messages"))["messages"] == []


async def test_people_see_the_commands_of_their_language(telegram: Telegram) -> None:
    russian = [{"command": "digest", "description": "Сводка"}]
    await telegram.ok("setMyCommands", commands=russian, language_code="ru")
    assert await get(telegram, "commands", person=telegram.irina) == {"commands": russian}
    assert await get(telegram, "commands", person=telegram.maya) == {"commands": []}


async def test_a_person_starts_writes_edits_and_blocks(telegram: Telegram) -> None:
    irina = telegram.irina
    started = await act(telegram, "start", irina, payload="x")
    assert started["message"]["text"] == "/start x"
    reply_to = started["message"]["message_id"]
    said = await act(telegram, "messages", irina, text="привет", reply_to_message_id=reply_to)
    assert said["message"]["reply_to_message"]["message_id"] == reply_to
    edited = await act(telegram, "edit", irina, message_id=said["message"]["message_id"], text="пока")
    assert edited["message"]["text"] == "пока"
    assert "sticker" in (await act(telegram, "sticker", irina))["message"]
    assert "photo" in (await act(telegram, "photo", irina))["message"]
    assert (await act(telegram, "photo", irina, caption="News"))["message"]["caption"] == "News"
    assert "document" in (await act(telegram, "document", irina))["message"]
    assert len((await act(telegram, "album", irina, caption="News"))["messages"]) == 3
    assert await act(telegram, "block", irina, blocked=True) == {}
    assert telegram.playground.person(irina).blocked
    assert (await act(telegram, "start", irina))["message"]["text"] == "/start"
    kinds = [next(kind for kind in update if kind != "update_id") for update in await telegram.updates()]
    assert kinds == [
        *["message"] * 2,
        "edited_message",
        *["message"] * 7,
        *["my_chat_member"] * 2,
        "message",
    ]


KEYBOARD = {"inline_keyboard": [[{"text": "Read", "callback_data": "read:1"}]]}


async def test_a_press_waits_for_the_bots_answer(telegram: Telegram) -> None:
    message_id = (await telegram.send(reply_markup=KEYBOARD))["message_id"]
    pressing = asyncio.create_task(act(telegram, "press", message_id=message_id, row=0, column=0))
    await telegram.playground.wait_for(lambda: telegram.playground.waiting_updates == 1)
    (update,) = await telegram.updates()
    assert not pressing.done()
    query_id = update["callback_query"]["id"]
    await telegram.ok("answerCallbackQuery", callback_query_id=query_id, text="Here it is")
    assert await pressing == {"callback": {"text": "Here it is", "show_alert": False, "url": ""}}


async def test_what_cannot_be_done_is_told_in_words(telegram: Telegram) -> None:
    assert await impossible(telegram, "messages", text=" ") == "the message is empty"
    assert await impossible(telegram, "messages") == "text must be a string"
    assert (
        await impossible(telegram, "messages", text="a", reply_to_message_id=99)
        == "there is no message 99 in this chat"
    )
    assert await impossible(telegram, "edit", message_id="1", text="a") == "message_id must be a number"
    assert await impossible(telegram, "press", message_id=1, row=True, column=0) == "row must be a number"
    assert await impossible(telegram, "start", payload=5) == "payload must be a string"
    assert await impossible(telegram, "messages", 17, text="a") == "there is nobody with the id 17"


@pytest.mark.parametrize(
    ("body", "words"),
    [(b"{", "no JSON"), (b"[" * 100_000, "no JSON"), (b"[]", "an object"), (b"\xff", "no JSON")],
)
async def test_a_body_that_cannot_be_read_is_refused(telegram: Telegram, body: bytes, words: str) -> None:
    url = f"{telegram.base}/playground/chats/{telegram.maya}/messages"
    headers = {**OURS, "Content-Type": "application/json"}
    async with telegram.session.post(url, data=body, headers=headers) as response:
        assert response.status == 400
        assert words.replace("an object", "a JSON object") in (await response.json())["error"]


@pytest.mark.parametrize(
    "path", ["/", "/page/chat.js", "/playground/state", "/playground/events", "/playground/files/x"]
)
@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "localhost.evil.example", "[::1", ""])
async def test_another_host_name_is_turned_away(telegram: Telegram, path: str, host: str) -> None:
    async with telegram.session.get(telegram.base + path, headers={"Host": host}) as response:
        assert response.status == 403


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8081", "127.0.0.1:1", "[::1]:8081", "LOCALHOST", "desk.local"]
)
async def test_this_machine_and_named_hosts_are_let_in(
    open_telegram: Callable[..., AbstractAsyncContextManager[Telegram]], host: str
) -> None:
    async with open_telegram(hosts=["Desk.local"]) as telegram:
        url = f"{telegram.base}/playground/state"
        async with telegram.session.get(url, headers={"Host": host}) as response:
            assert response.status == 200


@pytest.mark.parametrize(
    "action", ["messages", "edit", "press", "block", "start", "sticker", "photo", "album"]
)
async def test_a_foreign_page_changes_nothing(telegram: Telegram, action: str) -> None:
    url = f"{telegram.base}/playground/chats/{telegram.maya}/{action}"
    before = telegram.playground.messages(telegram.maya)
    for arguments in (
        {"json": {"text": "a"}},
        {"data": '{"text":"a"}', "headers": {**OURS, "Content-Type": "text/plain"}},
        {"json": {"text": "a"}, "headers": {**OURS, "Host": "evil.example"}},
    ):
        async with telegram.session.post(url, **arguments) as response:
            assert response.status == 403
    assert telegram.playground.messages(telegram.maya) == before


async def test_pages_come_with_their_types_and_a_strict_policy(
    open_telegram: Callable[..., AbstractAsyncContextManager[Telegram]], tmp_path: Path
) -> None:
    page = tmp_path / "page"
    page.mkdir()
    (page / "index.html").write_text("<p>chat", "utf-8")
    (page / "chat.js").write_text("//", "utf-8")
    (page / "notes.txt").write_text("private", "utf-8")
    (tmp_path / "secret.js").write_text("secret", "utf-8")
    async with open_telegram(page=page) as telegram:
        for path, kind in (("/", "text/html"), ("/page/chat.js", "text/javascript")):
            async with telegram.session.get(telegram.base + path) as response:
                assert response.status == 200
                assert response.content_type == kind
                assert response.headers["Cache-Control"] == "no-store"
                assert response.headers["Content-Security-Policy"].startswith("default-src 'self'; img-src")
                assert response.headers["X-Content-Type-Options"] == "nosniff"
        for name in ("missing.js", "notes.txt", "..%2Fsecret.js", "%2E%2E%2Fsecret.js", ".hidden.js", "..js"):
            url = f"{telegram.base}/page/{name}"
            async with telegram.session.get(URL(url, encoded=True)) as response:
                assert response.status == 404, name


async def test_files_are_shown_if_they_are_pictures_and_else_downloaded(telegram: Telegram) -> None:
    exchange = telegram.playground._exchange
    picture = exchange.keep_file("a.png", "image/png", sample_photo(), {"width": 1, "height": 1})
    script = exchange.keep_file("a.html", "text/html", b"<script>alert(1)</script>")
    for stored, kind, disposition in (
        (picture, "image/png", "inline"),
        (script, "application/octet-stream", "attachment"),
    ):
        async with telegram.session.get(f"{telegram.base}/playground/files/{stored.id}") as response:
            assert await response.read() == stored.data
            assert response.content_type == kind
            assert response.headers["Content-Disposition"] == disposition
            assert "sandbox" in response.headers["Content-Security-Policy"]
    async with telegram.session.get(f"{telegram.base}/playground/files/nothing") as response:
        assert response.status == 404


class Listener:
    """A stream of events, read one by one."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.last_id = ""

    async def next(self) -> tuple[str, Any]:
        while True:
            block = (await self._response.content.readuntil(b"\n\n")).decode()
            fields = dict(
                line.split(": ", 1) for line in block.splitlines() if line and not line.startswith(":")
            )
            self.last_id = fields.get("id", self.last_id)
            if "event" in fields:
                return fields["event"], json.loads(fields["data"])

    async def begin(self) -> Listener:
        await self._response.content.readuntil(b"\n\n")
        return self


def listening(telegram: Telegram, last_id: str = "") -> Any:
    headers = {"Last-Event-ID": last_id} if last_id else {}
    return telegram.session.get(f"{telegram.base}/playground/events", headers=headers)


async def test_events_tell_what_happens(telegram: Telegram) -> None:
    async with listening(telegram) as response:
        assert response.content_type == "text/event-stream"
        listener = await Listener(response).begin()
        maya = telegram.maya
        sent = await telegram.send()
        assert await listener.next() == ("message", {"person": maya, "message": sent})
        place = {"chat_id": maya, "message_id": sent["message_id"]}
        edited = await telegram.ok("editMessageText", **place, text="changed")
        assert await listener.next() == ("message", {"person": maya, "message": edited})
        await telegram.ok("sendChatAction", chat_id=maya, action="typing")
        assert await listener.next() == ("typing", {"person": maya})
        await telegram.ok("deleteMessage", **place)
        assert await listener.next() == ("deleted", {"person": maya, "message_ids": [sent["message_id"]]})
        await telegram.ok("setMyCommands", commands=[])
        assert await listener.next() == ("commands", {})
        await telegram.ok("setMyName", name="Desk")
        assert await listener.next() == ("state", {})
        telegram.playground.block(maya)
        assert await listener.next() == ("state", {})


async def test_a_listener_comes_back_where_it_left(telegram: Telegram) -> None:
    async with listening(telegram) as response:
        listener = await Listener(response).begin()
        await telegram.send("one")
        await listener.next()
        last = listener.last_id
    await telegram.send("two")
    async with listening(telegram, last) as response:
        _, data = await (await Listener(response).begin()).next()
        assert data["message"]["text"] == "two"


@pytest.mark.parametrize("last_id", ["nonsense", "5-1", "1-99999", "-", "²-²"])
async def test_a_listener_of_another_life_begins_now(telegram: Telegram, last_id: str) -> None:
    await telegram.send("before")
    events = telegram.playground._events
    stream = events.listen(last_id)
    await anext(stream)
    events.publish("state", {})
    assert b"event: state" in await anext(stream)
    await stream.aclose()


async def test_a_slow_listener_is_sent_away_and_costs_nothing() -> None:
    events = Events(epoch=1)
    stream = events.listen()
    await anext(stream)
    for _ in range(3 * RING):
        events.publish("state", {})
    assert len(events._ring) == RING
    with pytest.raises(StopAsyncIteration):
        await anext(stream)
    late = events.listen("1-5")
    assert b"id: 1-3000" in await anext(late)
    await late.aclose()


async def test_a_listener_that_fell_behind_while_it_was_told_is_sent_away() -> None:
    events = Events(epoch=1)
    stream = events.listen()
    await anext(stream)
    events.publish("state", {})
    await anext(stream)
    for _ in range(RING + 1):
        events.publish("state", {})
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


async def test_a_stream_shows_that_it_is_alive() -> None:
    stream = Events(epoch=1, keep_alive=0.01).listen()
    await anext(stream)
    assert await anext(stream) == b": still here\n\n"
    await stream.aclose()


async def test_a_listener_that_left_is_forgotten(telegram: Telegram) -> None:
    async with listening(telegram) as response:
        await Listener(response).begin()
    for number in range(3):
        await telegram.send(f"{number}")
    async with listening(telegram) as response:
        await Listener(response).begin()
        await telegram.playground.close()
        assert await response.content.read() == b""


async def test_a_crowd_is_not_listed_in_full(telegram: Telegram, clock: Clock) -> None:
    telegram.playground.add_people(500)
    assert len((await get(telegram, "state"))["people"]) == 50
