"""What the chat page asks for: its files, people, chats, and the stream of events.

The page has no password, so other web pages in the operator's browser must not reach it: the Host must be this
machine (against DNS rebinding), and what changes something carries a header of our own, which a foreign page cannot
send without being asked first (Fetch standard, CORS preflight).
"""

from __future__ import annotations

import asyncio
import re
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import urlsplit

from aiohttp import web

from bot.playground.methods.profile import commands_for
from bot.playground.people import EDITH
from bot.playground.visitors import Impossible

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection
    from pathlib import Path

    from bot.playground.events import Events
    from bot.playground.exchange import Exchange
    from bot.playground.state import Message
    from bot.playground.visitors import Visitors

    Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]
    Action: TypeAlias = Callable[[int, dict[str, Any]], Awaitable[dict[str, Any]]]

ANSWER_WITHIN: Final = 10.0
"""Seconds that a press waits for the bot's answer."""

SLOWEST: Final = 30.0
"""Seconds for one event to leave; a listener who takes longer is let go."""

MOST_PEOPLE: Final = 50
MOST_MESSAGES: Final = 200

_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_TYPES: Final = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "png": "image/png",
    "json": "application/json",
    "woff2": "font/woff2",
}
_SHOWN: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_SAFE: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class PageApi:
    """The chat page's side of the server.

    Args:
        page: the folder with the page's files.
        exchange: what there is to see.
        visitors: what there is to do.
        events: what happens.
        answer: waits for the bot's answer to a press, and gives None where there is none in time.
        hosts: names, besides this machine's own, under which the page may be opened.
    """

    def __init__(
        self,
        page: Path,
        exchange: Exchange,
        visitors: Visitors,
        events: Events,
        answer: Callable[[str, float], Awaitable[dict[str, Any] | None]],
        hosts: Collection[str],
    ) -> None:
        self._page = page
        self._exchange = exchange
        self._visitors = visitors
        self._events = events
        self._answer = answer
        self._hosts = _THIS_MACHINE | {host.lower().strip("[]") for host in hosts}
        self._read_until: dict[int, int] = {
            chat: max(messages, default=0) for chat, messages in exchange.state.chats.items()
        }

    def routes(self) -> list[web.AbstractRouteDef]:
        """The routes of the page and of what it asks for."""
        chat = "/playground/chats/{person}"
        return [
            web.get("/", self._guarded(self._index)),
            web.get("/page/{file}", self._guarded(self._static)),
            web.get("/playground/state", self._guarded(self._state)),
            web.get("/playground/commands", self._guarded(self._commands)),
            web.get("/playground/events", self._guarded(self._stream)),
            web.get("/playground/files/{file}", self._guarded(self._file)),
            web.get(f"{chat}/messages", self._guarded(self._messages)),
            web.post(f"{chat}/messages", self._changing(self._say)),
            web.post(f"{chat}/edit", self._changing(self._edit)),
            web.post(f"{chat}/press", self._changing(self._press)),
            web.post(f"{chat}/block", self._changing(self._block)),
            web.post(f"{chat}/start", self._changing(self._start)),
            web.post(f"{chat}/sticker", self._changing(self._sticker)),
            web.post(f"{chat}/photo", self._changing(self._photo)),
            web.post(f"{chat}/document", self._changing(self._document)),
            web.post(f"{chat}/album", self._changing(self._album)),
        ]

    def _guarded(self, handler: Handler) -> Handler:
        async def run(request: web.Request) -> web.StreamResponse:
            if not self._is_here(request.host):
                return _problem(403, "the playground answers only on this machine")
            try:
                return await handler(request)
            except Impossible as reason:
                return _problem(400, str(reason))

        return run

    def _is_here(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname
        except ValueError:
            return False
        return name in self._hosts

    def _changing(self, action: Action) -> Handler:
        """A handler around `action`, which gets the person and the body and gives the answer."""

        async def run(request: web.Request) -> web.StreamResponse:
            if request.headers.get("X-Playground") != "1" or request.content_type != "application/json":
                return _problem(403, "this needs the header X-Playground and a JSON body")
            try:
                body = await request.json()
            except (ValueError, RecursionError):
                return _problem(400, "the body is no JSON")
            if not isinstance(body, dict):
                return _problem(400, "the body must be a JSON object")
            return web.json_response(await action(self._person(request), body), headers=_SAFE)

        return self._guarded(run)

    def _person(self, request: web.Request) -> int:
        return self._visitors.person(_whole(request.match_info["person"], 0)).id

    async def _index(self, _request: web.Request) -> web.StreamResponse:
        return await self._page_file("index.html")

    async def _static(self, request: web.Request) -> web.StreamResponse:
        return await self._page_file(request.match_info["file"])

    async def _page_file(self, name: str) -> web.StreamResponse:
        path = self._page / name
        kind = _TYPES.get(name.rpartition(".")[2])
        if kind is None or not re.fullmatch(r"\w[\w.-]*", name, re.ASCII) or not path.is_file():
            return _problem(404, "there is no such file")
        body = await asyncio.to_thread(path.read_bytes)
        return web.Response(
            body=body,
            content_type=kind,
            charset="utf-8",
            headers={**_SAFE, "Content-Security-Policy": _POLICY},
        )

    async def _state(self, _request: web.Request) -> web.StreamResponse:
        exchange = self._exchange
        texts = {name: exchange.profile(name) for name in ("description", "short_description")}
        bot = {name: exchange.bot[name] for name in ("id", "username")}
        people = [
            {
                "id": person.id,
                "first_name": person.first_name,
                "username": person.username,
                "language_code": person.language_code,
                "started": person.started,
                "blocked": person.blocked,
                "unread": self._unread(person.id),
                "editor": person.id == EDITH,
                "description": exchange.profile("description", person.language_code),
            }
            for person in list(exchange.state.people.values())[:MOST_PEOPLE]
        ]
        bot |= {"first_name": exchange.profile("name"), **texts}
        return web.json_response({"bot": bot, "people": people}, headers=_SAFE)

    def _unread(self, person: int) -> int:
        read_until = self._read_until.get(person, 0)
        chat = self._exchange.state.chats.get(person, {})
        return sum(
            1
            for message_id, message in chat.items()
            if message_id > read_until and self._exchange.is_from_bot(message)
        )

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        person = self._person(request)
        before = _whole(request.query.get("before", ""), self._exchange.state.last_message + 1)
        limit = min(max(_whole(request.query.get("limit", ""), 100), 1), MOST_MESSAGES)
        chat = self._exchange.state.chats.get(person, {})
        messages = [message for message_id, message in chat.items() if message_id < before][-limit:]
        self._have_read(person, messages)
        return web.json_response({"messages": messages}, headers=_SAFE)

    def _have_read(self, person: int, messages: list[Message]) -> None:
        last = messages[-1]["message_id"] if messages else 0
        self._read_until[person] = max(self._read_until.get(person, 0), last)

    async def _commands(self, request: web.Request) -> web.StreamResponse:
        person = self._visitors.person(_whole(request.query.get("person", ""), 0))
        return web.json_response({"commands": commands_for(self._exchange.state, person)}, headers=_SAFE)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        stored = self._exchange.state.files.get(request.match_info["file"])
        if stored is None:
            return _problem(404, "there is no such file")
        shown = stored.content_type in _SHOWN
        headers = {**_SAFE, "Content-Security-Policy": "default-src 'none'; sandbox"}
        headers["Content-Type"] = stored.content_type if shown else "application/octet-stream"
        headers["Content-Disposition"] = "inline" if shown else "attachment"
        return web.Response(body=stored.data, headers=headers)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        headers = {**_SAFE, "Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        try:
            async with aclosing(self._events.listen(request.headers.get("Last-Event-ID", ""))) as events:
                async for event in events:
                    async with asyncio.timeout(SLOWEST):
                        await response.write(event)
        except (TimeoutError, ConnectionError):
            return response
        return response

    async def _say(self, person: int, body: dict[str, Any]) -> dict[str, Any]:
        reply_to = _number(body, "reply_to_message_id") if body.get("reply_to_message_id") else None
        message = self._visitors.say(person, _text(body, "text"), reply_to)
        self._have_read(person, [message])
        return {"message": message}

    async def _edit(self, person: int, body: dict[str, Any]) -> dict[str, Any]:
        return {"message": self._visitors.edit(person, _number(body, "message_id"), _text(body, "text"))}

    async def _press(self, person: int, body: dict[str, Any]) -> dict[str, Any]:
        place = (_number(body, name) for name in ("message_id", "row", "column"))
        return {"callback": await self._answer(self._visitors.press(person, *place), ANSWER_WITHIN)}

    async def _block(self, person: int, body: dict[str, Any]) -> dict[str, Any]:
        self._visitors.block(person, blocked=body.get("blocked") is True)
        return {}

    async def _start(self, person: int, body: dict[str, Any]) -> dict[str, Any]:
        return {"message": self._visitors.start(person, _text({"payload": "", **body}, "payload"))}

    async def _sticker(self, person: int, _body: dict[str, Any]) -> dict[str, Any]:
        return {"message": self._visitors.send_sticker(person)}

    async def _photo(self, person: int, body: dict[str, Any]) -> dict[str, Any]:
        return {"message": self._visitors.send(person, "photo", _caption(body))}

    async def _document(self, person: int, body: dict[str, Any]) -> dict[str, Any]:
        return {"message": self._visitors.send(person, "document", _caption(body))}

    async def _album(self, person: int, body: dict[str, Any]) -> dict[str, Any]:
        return {"messages": self._visitors.send_album(person, ("photo",) * 3, _caption(body))}


def _problem(status: int, words: str) -> web.Response:
    return web.json_response({"error": words}, status=status, headers=_SAFE)


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise Impossible(f"{name} must be a string")
    return value


def _caption(body: dict[str, Any]) -> str:
    return _text({"caption": "", **body}, "caption")


def _number(body: dict[str, Any], name: str) -> int:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Impossible(f"{name} must be a number")
    return value


def _whole(written: str, default: int) -> int:
    return int(written) if re.fullmatch(r"\d{1,18}", written, re.ASCII) else default
