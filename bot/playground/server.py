"""The Bot API over HTTP: tokens, methods, answers, and the faults that were ordered."""

from __future__ import annotations

import hmac
import json
import re
import socket
import struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from aiohttp import web

from bot.playground.calls import Call
from bot.playground.faults import Answer, AnswerAfter, Cut, DropAfter, DropBefore, Hold
from bot.playground.methods.outcome import Done
from bot.playground.methods.table import find_method
from bot.playground.parameters import Upload, read_parameters, typed
from bot.playground.rules.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from bot.playground.exchange import Exchange
    from bot.playground.faults import Fault, Faults
    from bot.playground.methods.table import Method
    from bot.playground.polling import Polling

_TOKEN: Final = re.compile(r"[1-9]\d{0,19}:[A-Za-z0-9_-]{1,80}", re.ASCII)
_RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER on, for no time: closing resets the connection (socket(7))."""


class _Answered(NamedTuple):
    status: int
    body: bytes


class BotApi:
    """The Bot API of one bot.

    Args:
        token: the bot's token; never kept in a log.
        exchange: where methods act.
        polling: getUpdates.
        faults: what shall go wrong.
        note: hears of each call.
    """

    def __init__(
        self, token: str, exchange: Exchange, polling: Polling, faults: Faults, note: Callable[[Call], None]
    ) -> None:
        self._token = token
        self._exchange = exchange
        self._polling = polling
        self._faults = faults
        self._note = note

    def routes(self) -> list[web.AbstractRouteDef]:
        """The routes of methods and files."""
        return [
            web.route("*", "/bot{token}/{method}", self._handle),
            web.get("/file/bot{token}/{folder}/{file}", self._download),
        ]

    def _check_token(self, request: web.Request) -> None:
        token = request.match_info["token"]
        if not _TOKEN.fullmatch(token):
            raise Refusal(404, "Not Found")
        if not hmac.compare_digest(token, self._token):
            raise Refusal(401, "Unauthorized")

    async def _download(self, request: web.Request) -> web.Response:
        try:
            self._check_token(request)
        except Refusal as refusal:
            return _response(_refused(refusal))
        stored = self._exchange.state.files.get(request.match_info["file"])
        if stored is None:
            return _response(_refused(Refusal(404, "Not Found")))
        return web.Response(body=stored.data, content_type="application/octet-stream")

    async def _handle(self, request: web.Request) -> web.Response:
        try:
            self._check_token(request)
        except Refusal as refusal:
            return _response(_refused(refusal))
        call = await self._ask(request)
        fault = self._faults.take(call.name, call.chat)
        if fault is None:
            return _response(await self._act(call))
        call.fault = type(fault).__name__
        return await self._go_wrong(request, call, fault)

    async def _ask(self, request: web.Request) -> _Asked:
        """The call as it was asked, with the refusal that it will get in any case."""
        call = _Asked(request.match_info["method"], self._exchange.clock())
        try:
            call.method = find_method(call.name)
            call.name = call.method.name
            call.params = await read_parameters(request)
            call.params = typed(call.name, call.method.signature, call.params)
        except Refusal as refusal:
            call.refusal = refusal
        return call

    async def _go_wrong(self, request: web.Request, call: _Asked, fault: Fault) -> web.Response:
        if isinstance(fault, DropBefore | Answer):
            self._note(call.noted(0))
            return _reset(request) if isinstance(fault, DropBefore) else _odd(fault)
        if isinstance(fault, Hold) and fault.before:
            await fault.wait()
            if fault.answer is not None:
                self._note(call.noted(0))
                return _odd(fault.answer)
        answered = await self._act(call)
        if isinstance(fault, Hold) and not fault.before:
            await fault.wait()
        if isinstance(fault, AnswerAfter):
            return _odd(fault)
        if isinstance(fault, DropAfter):
            return _reset(request)
        return _reset(request, after=_half(answered)) if isinstance(fault, Cut) else _response(answered)

    async def _act(self, call: _Asked) -> _Answered:
        try:
            done = await self._run(call)
        except Refusal as refusal:
            self._note(call.noted(refusal.status, description=refusal.description))
            return _refused(refusal)
        self._note(call.noted(200, message_id=done.message_id, dropped=done.dropped))
        return _Answered(200, _json({"ok": True, "result": done.result}))

    async def _run(self, call: _Asked) -> Done:
        if call.refusal or call.method is None:
            raise call.refusal or Refusal(404, "Not Found")
        if call.method.run is not None:
            return call.method.run(self._exchange, call.params)
        params = call.params
        return Done(
            await self._polling.take(
                params.get("offset", 0),
                params.get("limit", 100),
                params.get("timeout", 0),
                params.get("allowed_updates"),
            )
        )


class _Asked:
    """A call while it is worked on."""

    def __init__(self, name: str, at: datetime) -> None:
        self.name = name
        self.at = at
        self.method: Method | None = None
        self.params: dict[str, Any] = {}
        self.refusal: Refusal | None = None
        self.fault = ""

    @property
    def chat(self) -> int | None:
        found = self.params.get("chat_id")
        return found if isinstance(found, int) else None

    def noted(self, status: int, **more: Any) -> Call:  # noqa: ANN401 - further fields of Call
        return Call(self.at, self.name, _loggable(self.params), status, fault=self.fault, **more)


def _loggable(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters without the bytes of uploads."""
    if not any(isinstance(value, Upload) for value in raw.values()):
        return dict(raw)
    return {
        name: {"upload": value.name, "size": len(value.data)} if isinstance(value, Upload) else value
        for name, value in raw.items()
    }


def _json(value: Any) -> bytes:  # noqa: ANN401 - plain JSON values
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _refused(refusal: Refusal) -> _Answered:
    return _Answered(refusal.status, _json(refusal.answer()))


def _odd(fault: Answer | AnswerAfter) -> web.Response:
    return web.Response(status=fault.status, body=fault.body, headers=fault.headers)


def _response(answered: _Answered) -> web.Response:
    return web.Response(status=answered.status, body=answered.body, content_type="application/json")


def _half(answered: _Answered) -> bytes:
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(answered.body)}\r\n\r\n"
    )
    return head.encode() + answered.body[: len(answered.body) // 2]


def _reset(request: web.Request, after: bytes = b"") -> web.Response:
    """Reset the connection, after some bytes that look like an answer; what is returned never leaves."""
    transport = request.transport
    if transport is not None:
        if after:
            transport.write(after)
        raw: socket.socket | None = transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        transport.abort()
    return web.Response()
