"""HTTP to the Bot API: one aiohttp session for our own light calls and for python-telegram-bot.

aiohttp instead of the library's httpx carries nine times the messages (measured); our own error keeps what the
library drops: the status, the wait, and whether a byte may have left.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final

import aiohttp
from telegram.request import BaseRequest, RequestData

from bot.gateway.failures import CallFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

CONNECT: Final = 10.0
"""Seconds to make a connection."""
ANSWER: Final = 60.0
"""Seconds to wait for an answer: a longer wait turns unknowns into answers (Telegram holds a flooding request 3 s)."""
IDLE: Final = 15.0
"""Seconds that a free connection is kept; one that the server has closed meanwhile would make an unknown."""


class Api:
    """The Bot API of one bot.

    Args:
        url: the server, without a slash at the end; methods live under `url/bot<token>/`.
        token: the bot's token; it stays inside this object.
        connections: how many calls may be under way at once.
    """

    def __init__(self, url: str, token: str, connections: int = 256) -> None:
        self._base = f"{url}/bot{token}/"
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make the session; calling it again changes nothing."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=IDLE)
            self._session = aiohttp.ClientSession(connector=connector, trust_env=False)

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def call(
        self, method: str, parameters: Mapping[str, Any] | None = None, *, answer: float = ANSWER
    ) -> Any:  # noqa: ANN401 - JSON
        """Call a method with JSON parameters and return its result.

        Raises:
            CallFailed: there is no result.
        """
        status, body = await self.post(method, answer, json=parameters or {})
        try:
            document = json.loads(body)
        except ValueError:
            raise CallFailed(method, status, "the answer is not JSON") from None
        if not isinstance(document, dict):
            raise CallFailed(method, status, "the answer is not an object")
        if document.get("ok") is True and "result" in document:
            return document["result"]
        raise _failure(method, status, document)

    async def post(self, method: str, answer: float, **body: Any) -> tuple[int, bytes]:  # noqa: ANN401 - aiohttp's
        """Send one request and read the whole answer, whatever its status.

        Raises:
            CallFailed: no answer came.
        """
        if self._session is None:
            await self.open()
        session = self._session
        assert session is not None  # noqa: S101 - `open` made it
        limits = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT, sock_read=answer)
        try:
            async with session.post(
                self._base + method, timeout=limits, allow_redirects=False, **body
            ) as response:
                return response.status, await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise CallFailed(method, 0, _plainly(error), was_sent=False) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise CallFailed(method, 0, _plainly(error)) from None


def _plainly(error: BaseException) -> str:
    """What happened, without the address (which holds the token)."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"no connection ({error.os_error.strerror or type(error.os_error).__name__})"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return f"the connection broke ({type(error).__name__})"


def _failure(method: str, status: int, document: dict[str, Any]) -> CallFailed:
    parameters = document.get("parameters")
    parameters = parameters if isinstance(parameters, dict) else {}
    retry_after = parameters.get("retry_after")
    migrated_to = parameters.get("migrate_to_chat_id")
    return CallFailed(
        method,
        status if status >= 400 else int(document.get("error_code") or 500),
        str(document.get("description") or "no description"),
        retry_after=float(retry_after) if isinstance(retry_after, int | float) else None,
        migrated_to=migrated_to if isinstance(migrated_to, int) else 0,
    )


class LibraryRequest(BaseRequest):
    """python-telegram-bot's door to the same session; errors pass through it as ours."""

    def __init__(self, api: Api) -> None:
        self._api = api

    @property
    def read_timeout(self) -> float:
        """Seconds to wait for an answer."""
        return ANSWER

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
            raise CallFailed(name, 0, "files are not fetched this way", was_sent=False)
        answer = read_timeout if isinstance(read_timeout, int | float) else ANSWER
        body: dict[str, Any] = {}
        if request_data is not None and request_data.contains_files:
            body["data"] = _form(request_data)
        elif request_data is not None:
            body["data"] = request_data.json_parameters
        status, payload = await self._api.post(name, answer, **body)
        if status >= 400:
            try:
                document = json.loads(payload)
            except ValueError:
                document = None
            raise _failure(name, status, document if isinstance(document, dict) else {})
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
