"""The oracle: a small Bot API in a process of its own that writes down every message it accepts, and injects faults.

It is never killed during a run, so its log says what really arrived. The text of each message is `row N`. Orders come
as lines of JSON on its standard input, each answered by a line; at the end of the input it stops. The first line that
it writes is its port.

    {"log": "/tmp/x/accepted.jsonl", "seed": 3, "share": 0.05, "kinds": ["cut", "html"], "longest": 2.0, "speed": 1.0}
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
import struct
import sys
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

sys.path.insert(0, str(Path(__file__).parents[2]))  # for `bench`, which is no package

from bench.crash.faults import (
    BLOCKED,
    CONTENT,
    CUT,
    DROP_AFTER,
    DROP_BEFORE,
    ERROR_500,
    ERROR_504,
    GARBAGE,
    HTML,
    LATE,
    MIGRATED,
    NEVER,
    NONE,
    REVOKED,
    SLOW,
    TOO_MANY,
    TOO_MANY_0,
    TOO_MANY_1,
    TOO_MANY_60,
    TOO_MANY_3600,
    fate,
)

_RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER on, for no time: closing resets the connection (socket(7))."""
_PAGE: Final = b"<html><head><title>502 Bad Gateway</title></head></html>"
_REFUSALS: Final[dict[str, tuple[int, str, dict[str, int]]]] = {
    TOO_MANY_0: (429, "Too Many Requests: retry after 0", {"retry_after": 0}),
    TOO_MANY_1: (429, "Too Many Requests: retry after 1", {"retry_after": 1}),
    TOO_MANY_60: (429, "Too Many Requests: retry after 60", {"retry_after": 60}),
    TOO_MANY_3600: (429, "Too Many Requests: retry after 3600", {"retry_after": 3600}),
    TOO_MANY: (429, "Too Many Requests", {}),
    BLOCKED: (403, "Forbidden: bot was blocked by the user", {}),
    CONTENT: (400, "Bad Request: can't parse entities", {}),
    REVOKED: (401, "Unauthorized", {}),
}


def _answer(status: int, document: dict[str, Any]) -> bytes:
    return _raw(status, json.dumps(document).encode(), b"application/json")


def _raw(status: int, body: bytes, kind: bytes) -> bytes:
    head = b"HTTP/1.1 %d X\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
    return head % (status, kind, len(body)) + body


_NO_ANSWERS: Final = {
    GARBAGE: _raw(200, b'{"ok":tr', b"application/json"),
    HTML: _raw(502, _PAGE, b"text/html"),
    ERROR_500: _answer(500, {"ok": False, "error_code": 500, "description": "Internal Server Error"}),
    ERROR_504: _raw(504, b"", b"text/plain"),
    NEVER: b"",
}
MOVED: Final = -1_000_000_000_000
"""Added to the id of a chat that has migrated."""


@dataclass(slots=True, eq=False)
class Run:
    """One run's log and faults; a call that is late still writes into the log of the run in which it came.

    Attributes:
        share, kinds: as `faults.fate` takes them.
        longest: seconds that a late answer takes at most, and seconds are `speed` times as fast.
        latency: seconds of the machine that every answer takes at most.
        revoked: from which call on the token is refused, and for how many seconds.
    """

    log: IO[str]
    seed: int = 0
    share: float = 0.0
    kinds: tuple[str, ...] = ()
    longest: float = 1.0
    speed: float = 1.0
    latency: float = 0.0
    revoked: tuple[int, float] = (0, 0.0)
    calls: Counter[int] = field(default_factory=Counter)
    ids: Counter[int] = field(default_factory=Counter)
    standing: dict[int, str] = field(default_factory=dict)
    valid_again: float | None = None

    def is_revoked(self, now: float) -> bool:
        """Whether the token is refused at this moment of the loop's clock."""
        first, seconds = self.revoked
        if not first or self.calls.total() < first:
            return False
        if self.valid_again is None:
            self.valid_again = now + seconds / self.speed
        return now < self.valid_again

    def note(self, row: int, chat: int, fault: str, *, accepted: bool) -> None:
        """Write a call down."""
        if not self.log.closed:
            at = asyncio.get_running_loop().time()
            line = {"row": row, "chat": chat, "fault": fault, "accepted": accepted, "at": round(at, 5)}
            self.log.write(json.dumps(line) + "\n")

    def accept(self, row: int, chat: int, fault: str) -> bytes:
        """Take a message, and return the answer."""
        self.note(row, chat, fault, accepted=True)
        self.ids[chat] += 1
        message = {"message_id": self.ids[chat], "date": 1, "chat": {"id": chat, "type": "private"}}
        return _answer(200, {"ok": True, "result": message})


def _refusal(status: int, description: str, parameters: dict[str, int]) -> bytes:
    document = {"ok": False, "error_code": status, "description": description, "parameters": parameters}
    return _answer(status, document)


class Oracle:
    """Who takes the calls of all connections."""

    def __init__(self) -> None:
        self.run: Run | None = None

    def order(self, line: str) -> None:
        """Begin another run: a new log and new faults."""
        asked = json.loads(line)
        log = Path(asked.pop("log")).open("a", buffering=1, encoding="utf-8")  # noqa: SIM115 - kept open
        if self.run is not None:
            self.run.log.close()
        kinds = tuple(asked.pop("kinds", ()))
        self.run = Run(log, kinds=kinds, **asked)

    def take(self, connection: Connection, body: bytes) -> None:
        """One call."""
        run, asked = self.run, json.loads(body)
        text = asked.get("text", "")
        if run is None or not text.startswith("row "):
            connection.say(_answer(200, {"ok": True, "result": True}))
            return
        row, chat = int(text.split()[1]), int(asked["chat_id"])
        run.calls[row] += 1
        if run.is_revoked(asyncio.get_running_loop().time()):
            self._meet(connection, run, (row, chat, REVOKED), 0.0)
            return
        fault, chance = fate(run.seed, row, run.calls[row], run.share, run.kinds)
        fault = run.standing.get(chat, fault) if chat > 0 else NONE
        if fault in {BLOCKED, MIGRATED}:
            run.standing[chat] = fault
        self._meet(connection, run, (row, chat, fault), chance)

    def _meet(self, connection: Connection, run: Run, call: tuple[int, int, str], chance: float) -> None:
        _, chat, fault = call
        wait = chance * run.longest / run.speed
        loop = asyncio.get_running_loop()
        if fault == NONE:
            loop.call_later(run.latency * random.random(), connection.say, run.accept(*call))
        elif fault == LATE:
            loop.call_later(wait, connection.say, run.accept(*call))
        elif fault == SLOW:
            loop.call_later(wait, lambda: connection.say(run.accept(*call)))
        elif fault == DROP_AFTER:
            run.accept(*call)
            connection.reset()
        elif fault == CUT:
            answer = run.accept(*call)
            connection.say(answer[: len(answer) - 1 - int(chance * 60)])
            loop.call_soon(connection.reset)
        elif fault in _NO_ANSWERS:
            if chance < 0.5:
                run.accept(*call)
            else:
                run.note(*call, accepted=False)
            connection.say(_NO_ANSWERS[fault])
        else:
            run.note(*call, accepted=False)
            if fault == DROP_BEFORE:
                connection.reset()
            elif fault == MIGRATED:
                told = {"migrate_to_chat_id": MOVED - chat}
                words = "Bad Request: group chat was upgraded to a supergroup chat"
                connection.say(_refusal(400, words, told))
            else:
                connection.say(_refusal(*_REFUSALS[fault]))


class Connection(asyncio.Protocol):
    """One connection: requests with a length, one after the other."""

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle
        self._bytes = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what answers are written to."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Take every whole request."""
        self._bytes += data
        while (end := self._bytes.find(b"\r\n\r\n")) >= 0:
            head = self._bytes[:end].lower()
            mark = head.find(b"content-length:")
            length = int(head[mark + 15 :].split(b"\r\n", 1)[0]) if mark >= 0 else 0
            if len(self._bytes) < end + 4 + length:
                return
            body = self._bytes[end + 4 : end + 4 + length]
            self._bytes = self._bytes[end + 4 + length :]
            self._oracle.take(self, body or b"{}")

    def say(self, answer: bytes) -> None:
        """Answer, if somebody is still there."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(answer)

    def reset(self) -> None:
        """Reset the connection; what was written before has left."""
        if self._transport is None or self._transport.is_closing():
            return
        with suppress(OSError):
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._transport.abort()


async def main() -> None:
    """Serve until the standard input ends."""
    oracle = Oracle()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(oracle), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while line := await orders.readline():
        oracle.order(line.decode())
        print("ready", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
