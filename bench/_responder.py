"""What bench/send.py needs and may import nothing of ours: the Bot API at the other end, and senders that are not ours.

    python bench/_responder.py serve DELAY ...            a server for each delay in seconds; prints their ports
    python bench/_responder.py SENDER URL FLIGHT MESSAGES  sends with another library; prints its figures

Python and the library are all that the second needs, so that any interpreter can run it.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import importlib.metadata
import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator

    Push: TypeAlias = Callable[[int], Awaitable[object]]
    """Sends the message to a chat."""

TOKEN: Final = "1000000001:sending_and_nothing_else_uses_this"
TITLE: Final = "The harbour opens again"
WORDS: Final = TITLE + "\n\n" + "The ferries leave at seven, and the market is where it was. " * 10
BUTTONS: Final = (("Read", "open:1"), ("Related", "related:1"))
"""Labels, and what they carry."""
CONTENT: Final[dict[str, Any]] = {
    "text": WORDS,
    "entities": [{"type": "bold", "offset": 0, "length": len(TITLE)}],
    "link_preview_options": {"is_disabled": True},
    "reply_markup": {
        "inline_keyboard": [[{"text": label, "callback_data": data} for label, data in BUTTONS]]
    },
    "disable_notification": False,
}
"""What every sender sends, as the Bot API writes it."""

_BOT: Final = {"id": 1_000_000_001, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
_MESSAGE: Final = json.dumps(
    {
        "ok": True,
        "result": {
            "message_id": 1_000_000,
            "from": _BOT,
            "chat": {"id": 7, "type": "private", "first_name": "Maya"},
            "date": 1_796_000_000,
            "text": WORDS,
            "entities": CONTENT["entities"],
            "reply_markup": CONTENT["reply_markup"],
        },
    }
).encode()


def _answer(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


_ME: Final = _answer(json.dumps({"ok": True, "result": _BOT}).encode())
_SENT: Final = tuple(_answer(_MESSAGE).split(b"1000000", 1))
"""Around the id, which has seven digits so that the length is always the same."""


class Responder(asyncio.Protocol):
    """One connection to the Bot API: whatever is asked has the answer of sendMessage, except getMe.

    Args:
        delay: seconds before each answer.
        ids: the next message's id.
    """

    def __init__(self, delay: float, ids: count[int]) -> None:
        self._delay = delay
        self._ids = ids
        self._waiting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where answers go."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer all requests that are whole."""
        self._waiting += data
        while (end := self._waiting.find(b"\r\n\r\n")) >= 0:
            head = self._waiting[:end].lower()
            _, _, length = head.partition(b"content-length:")
            whole = end + 4 + (int(length.partition(b"\r")[0]) if length else 0)
            if len(self._waiting) < whole:
                return
            self._waiting = self._waiting[whole:]
            answer = _ME if head.find(b"/getme ", 0, 100) >= 0 else self._sent()
            if self._delay:
                asyncio.get_running_loop().call_later(self._delay, self._transport.write, answer)
            else:
                self._transport.write(answer)

    def _sent(self) -> bytes:
        front, back = _SENT
        return b"%b%d%b" % (front, next(self._ids), back)


async def listen(delay: float) -> asyncio.Server:
    """The Bot API on a free port of 127.0.0.1."""
    made = partial(Responder, delay, count(1_000_000))
    return await asyncio.get_running_loop().create_server(made, "127.0.0.1", 0, backlog=1024)


async def serve(delays: Iterable[float]) -> None:
    """Serve until the standard input ends, as it does with the process that started this one."""
    servers = [await listen(delay) for delay in delays]
    print(json.dumps([server.sockets[0].getsockname()[1] for server in servers]), flush=True)
    await asyncio.to_thread(sys.stdin.read)


@dataclass(frozen=True, slots=True)
class Running:
    """The Bot API in a process of its own.

    Attributes:
        pid: of the process.
        urls: of its servers.
    """

    pid: int
    urls: list[str]

    def worked(self) -> float:
        """Seconds of CPU that it has taken, in the program and in the kernel (proc(5))."""
        fields = Path(f"/proc/{self.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def start(delays: Iterable[float]) -> Iterator[Running]:
    """The Bot API with a server for each delay; it ends with the context, and also with this process."""
    command = [sys.executable, __file__, "serve", *map(str, delays)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        ports = json.loads(process.stdout.readline())
        try:
            yield Running(process.pid, [f"http://127.0.0.1:{port}" for port in ports])
        finally:
            process.stdin.close()
            process.wait()


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run took.

    Attributes:
        messages: how many arrived.
        seconds: from the first to the last.
        cpu: seconds of the sender's process, in the program and in the kernel.
        version: of the library.
        writer: of `cpu` the seconds of the thread that writes to the database.
        before: MB of memory before the first message.
        highest: MB of memory at most.
        slowest: messages in the slowest of all whole seconds.
    """

    messages: int
    seconds: float
    cpu: float
    version: str = ""
    writer: float = 0.0
    before: float = 0.0
    highest: float = 0.0
    slowest: int = 0

    def told(self) -> str:
        """The figures as JSON."""
        return json.dumps(asdict(self))


class Stopwatch:
    """Measures from where it is made; what was made before is set aside from garbage collection, for everybody alike."""

    def __init__(self) -> None:
        gc.collect()
        gc.freeze()
        self._began = time.perf_counter()
        self._worked = time.process_time()

    def stop(self, messages: int, **more: Any) -> Figures:  # noqa: ANN401 - fields of the figures
        """The figures until now."""
        return Figures(
            messages, time.perf_counter() - self._began, time.process_time() - self._worked, **more
        )


async def in_flight(push: Push, flight: int, chats: Iterable[int]) -> None:
    """Send to these chats, so many at once."""
    waiting = iter(chats)

    async def go_on() -> None:
        for chat in waiting:
            await push(chat)

    await asyncio.gather(*(go_on() for _ in range(flight)))


async def measured(push: Push, flight: int, messages: int, version: str) -> Figures:
    """Send after a warm-up that opens all connections."""
    await in_flight(push, flight, range(1, flight + 1))
    watch = Stopwatch()
    await in_flight(push, flight, range(flight + 1, flight + 1 + messages))
    return watch.stop(messages, version=version)


async def python_telegram_bot(url: str, flight: int, messages: int) -> Figures:
    """python-telegram-bot's own Bot over its own HTTPXRequest; entities and buttons are made once."""
    telegram, request = importlib.import_module("telegram"), importlib.import_module("telegram.request")
    keyboard = telegram.InlineKeyboardMarkup(
        [[telegram.InlineKeyboardButton(label, callback_data=data) for label, data in BUTTONS]]
    )
    content = {
        "text": WORDS,
        "entities": [telegram.MessageEntity("bold", 0, len(TITLE))],
        "link_preview_options": telegram.LinkPreviewOptions(is_disabled=True),
        "reply_markup": keyboard,
        "disable_notification": False,
    }
    over = request.HTTPXRequest(connection_pool_size=flight, pool_timeout=60, read_timeout=60)
    async with telegram.Bot(TOKEN, base_url=f"{url}/bot", request=over) as bot:

        async def push(chat: int) -> int:
            message = await bot.send_message(chat, **content)
            return int(message.message_id)

        return await measured(push, flight, messages, telegram.__version__)


async def aiogram(url: str, flight: int, messages: int) -> Figures:
    """The Bot of aiogram over its own session; entities and buttons are made once."""
    library, types = importlib.import_module("aiogram"), importlib.import_module("aiogram.types")
    sessions = importlib.import_module("aiogram.client.session.aiohttp")
    servers = importlib.import_module("aiogram.client.telegram")
    keyboard = types.InlineKeyboardMarkup(
        inline_keyboard=[
            [types.InlineKeyboardButton(text=label, callback_data=data) for label, data in BUTTONS]
        ]
    )
    content = {
        "text": WORDS,
        "entities": [types.MessageEntity(type="bold", offset=0, length=len(TITLE))],
        "link_preview_options": types.LinkPreviewOptions(is_disabled=True),
        "reply_markup": keyboard,
        "disable_notification": False,
    }
    session = sessions.AiohttpSession(api=servers.TelegramAPIServer.from_base(url), limit=flight)
    async with library.Bot(TOKEN, session=session) as bot:

        async def push(chat: int) -> int:
            message = await bot.send_message(chat, **content)
            return int(message.message_id)

        return await measured(push, flight, messages, library.__version__)


async def aiohttp(url: str, flight: int, messages: int) -> Figures:
    """No library of Telegram's: one POST with JSON, and its answer read as JSON."""
    library = importlib.import_module("aiohttp")
    connector = library.TCPConnector(limit=flight)
    async with library.ClientSession(connector=connector) as session:

        async def push(chat: int) -> int:
            async with session.post(
                f"{url}/bot{TOKEN}/sendMessage", json={"chat_id": chat, **CONTENT}
            ) as response:
                answer = await response.json()
            return int(answer["result"]["message_id"])

        return await measured(push, flight, messages, library.__version__)


OTHERS: Final[dict[str, Callable[[str, int, int], Awaitable[Figures]]]] = {
    "python-telegram-bot": python_telegram_bot,
    "aiogram": aiogram,
    "aiohttp alone": aiohttp,
}


async def run(name: str, url: str, flight: int, messages: int) -> None:
    """Run another sender and print its figures, or null where its library is not installed."""
    try:
        figures = await OTHERS[name](url, flight, messages)
    except ModuleNotFoundError:
        print("null")
    else:
        print(figures.told())


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(serve(map(float, sys.argv[2:])))
    else:
        asyncio.run(run(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
