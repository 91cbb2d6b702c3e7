"""HTTP to the Bot API: one aiohttp session for our own light calls and for python-telegram-bot.

One session serves both, instead of the library's httpx beside ours; our own error keeps what the library drops: the
status, the wait, and whether a byte may have left.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import aiohttp
from telegram.request import BaseRequest, RequestData

from bot import failpoints
from bot.gateway.failures import CallFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.domain.message import Document

NEVER: Final = 10.0**8
"""Seconds; three years. A server that names a longer wait has not named one."""
LARGEST_ID: Final = 2**52
"""Ids of chats have at most 52 bits (Bot API, Chat)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long things may take, in seconds.

    Attributes:
        connect: to get a connection, be it a free one or a new one.
        answer: to get a whole answer: a long wait turns unknowns into answers (Telegram holds a flooding request
            for 3 s).
        idle: how long a free connection is kept; one that the server has closed meanwhile would make an unknown.
    """

    connect: float = 10.0
    answer: float = 60.0
    idle: float = 15.0


class Api:
    """The Bot API of one bot.

    Args:
        url: the server, without a slash at the end; methods live under `url/bot<token>/`.
        token: the bot's token; it stays inside this object.
        connections: how many calls may be under way at once.
        limits: how long things may take.
    """

    def __init__(self, url: str, token: str, connections: int = 256, limits: Limits | None = None) -> None:
        self._base = f"{url}/bot{token}/"
        self._files = f"{url}/file/bot{token}/"
        self._connections = connections
        self.limits = limits or Limits()
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make the session; calling it again changes nothing."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=self.limits.idle)
            self._session = aiohttp.ClientSession(
                connector=connector, trust_env=False, trace_configs=[_traced()] if failpoints.armed else None
            )

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def call(
        self, method: str, parameters: Mapping[str, Any] | None = None, *, answer: float | None = None
    ) -> Any:  # noqa: ANN401 - JSON
        """Call a method with JSON parameters and return its result.

        Args:
            method: the Bot API method.
            parameters: what it takes.
            answer: seconds to wait for the answer; None for the usual limit.

        Raises:
            CallFailed: there is no result.
        """
        return result_of(method, *await self.post(method, answer, json=parameters or {}))

    async def upload(self, method: str, parameters: Mapping[str, Any], field: str, file: Document) -> Any:  # noqa: ANN401 - JSON
        """Call a method with a file in the form's `field` and return its result (Bot API, "Sending files").

        Raises:
            CallFailed: there is no result.
        """
        form = aiohttp.FormData()
        for name, value in parameters.items():
            form.add_field(name, value if isinstance(value, str) else json.dumps(value))
        form.add_field(field, file.content, filename=file.name, content_type=file.kind)
        return result_of(method, *await self.post(method, None, data=form))

    async def download(self, file_id: str, most: int) -> bytes:
        """The content of a file (Bot API, getFile).

        Raises:
            CallFailed: it cannot be had, or has more than `most` bytes.
        """
        told = await self.call("getFile", {"file_id": file_id})
        path = told.get("file_path") if isinstance(told, dict) else None
        if not isinstance(path, str) or ".." in path:
            raise CallFailed("getFile", 200, "the result is no file")
        await self.open()
        session = self._session
        assert session is not None  # noqa: S101 - `open` made it
        limits = aiohttp.ClientTimeout(
            total=self.limits.connect + self.limits.answer, connect=self.limits.connect
        )
        try:
            async with session.get(self._files + path, timeout=limits, allow_redirects=False) as response:
                if response.status != 200:
                    raise CallFailed("a file", response.status, f"status {response.status}")
                content = await response.content.read(most + 1)
                while not response.content.at_eof() and len(content) <= most:
                    content += await response.content.read(most + 1 - len(content))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            failure = CallFailed("a file", 0, _plainly(error))
        else:
            if len(content) <= most:
                return content
            failure = CallFailed("a file", 200, "it is larger than was said")
        raise failure

    async def post(self, method: str, answer: float | None, **body: Any) -> tuple[int, bytes]:  # noqa: ANN401 - aiohttp's
        """Send one request and read the whole answer, whatever its status.

        Raises:
            CallFailed: no answer came.
        """
        await self.open()
        session = self._session
        assert session is not None  # noqa: S101 - `open` made it
        connect, answer = self.limits.connect, answer or self.limits.answer
        # The sum can only run out after a connection was made, since that has its own, shorter limit.
        limits = aiohttp.ClientTimeout(total=connect + answer, connect=connect, sock_read=answer)
        failpoints.hit("send, before the first byte")
        try:
            async with session.post(
                self._base + method, timeout=limits, allow_redirects=False, **body
            ) as response:
                answered = response.status, await response.read()
                failpoints.hit("send, answer read")
                return answered
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            failure = CallFailed(method, 0, _plainly(error), was_sent=False)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            failure = CallFailed(method, 0, _plainly(error))
        # Raised out here, so that the library's error, which may name the address, is not carried along.
        raise failure


def _traced() -> aiohttp.TraceConfig:
    """What tells a crash test that a request has been written."""

    async def written(*_: object) -> None:
        failpoints.hit("send, bytes written")

    trace = aiohttp.TraceConfig()
    trace.on_request_chunk_sent.append(written)
    return trace


def _plainly(error: BaseException) -> str:
    """What happened, without the address (which holds the token)."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"no connection ({error.os_error.strerror or type(error.os_error).__name__})"
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return "no connection in time"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return f"the connection broke ({type(error).__name__})"


def result_of(method: str, status: int, body: bytes) -> Any:  # noqa: ANN401 - JSON
    """The result in an answer of the Bot API (Bot API, "Making requests").

    Raises:
        CallFailed: it holds none.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or "ok" not in document:
        raise CallFailed(method, status, f"status {status}, and no answer of Telegram's", is_foreign=True)
    if status < 300 and document["ok"] is True and "result" in document:
        return document["result"]
    raise _failure(method, status, document)


def _failure(method: str, status: int, document: dict[str, Any]) -> CallFailed:
    parameters = document.get("parameters")
    parameters = parameters if isinstance(parameters, dict) else {}
    if status < 400:
        status = int(_number(document.get("error_code")) or 500)
    return CallFailed(
        method,
        status,
        str(document.get("description") or "no description"),
        retry_after=_number(parameters.get("retry_after")),
        migrated_to=int(_number(parameters.get("migrate_to_chat_id"), -LARGEST_ID, LARGEST_ID) or 0),
    )


def _number(value: Any, least: float = 0.0, most: float = NEVER) -> float | None:  # noqa: ANN401 - JSON
    """A number that can be used, or None."""
    usable = isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most
    return value if usable else None


class LibraryRequest(BaseRequest):
    """python-telegram-bot's door to the same session; errors pass through it as ours."""

    def __init__(self, api: Api) -> None:
        self._api = api

    @property
    def read_timeout(self) -> float:
        """Seconds to wait for an answer."""
        return self._api.limits.answer

    async def initialize(self) -> None:
        """Make the session."""
        await self._api.open()

    async def shutdown(self) -> None:
        """Leave the session to its owner."""

    async def do_request(  # noqa: PLR0917 - the library's signature
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ANN401 - the library's marker or a number
        write_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ANN401, ARG002 - as above; one limit covers both
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ANN401, ARG002 - as above
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ANN401, ARG002 - as above
    ) -> tuple[int, bytes]:
        """Send what the library composed; a failed call is raised as CallFailed."""
        name = url.rsplit("/", 1)[-1]
        if method != "POST":
            raise CallFailed("a file", 0, "files are not fetched this way", was_sent=False)
        answer = read_timeout if isinstance(read_timeout, int | float) else None
        body: dict[str, Any] = {}
        if request_data is not None and request_data.contains_files:
            body["data"] = _form(request_data)
        elif request_data is not None:
            body["data"] = request_data.json_parameters
        status, payload = await self._api.post(name, answer, **body)
        result_of(name, status, payload)
        return status, payload


def _form(request_data: RequestData) -> aiohttp.FormData:
    """Parameters and files as multipart/form-data."""
    form = aiohttp.FormData()
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, kind) in request_data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return form


async def patiently(seconds: float) -> None:
    """Wait between two tries; the one place of this room that sleeps."""
    await asyncio.sleep(seconds)
