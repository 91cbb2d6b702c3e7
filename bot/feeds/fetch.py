"""The one way out to the web: feeds, pages and pictures are all fetched here, guarded, bounded and politely."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urljoin

import aiohttp
from aiohttp.http_exceptions import LineTooLong
from yarl import URL

from bot.domain.articles import Fetched
from bot.errors import AddressRefused, SourceError, TooLarge, TooSlow, Unreachable
from bot.feeds import answers, connection
from bot.feeds.addresses import Network, fetchable, is_private_name
from bot.feeds.encoding import ACCEPTED, unpacked
from bot.feeds.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from types import TracebackType

    from aiohttp.abc import AbstractResolver

FEEDS: Final = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, text/html;q=0.5, */*;q=0.4"
)
PAGES: Final = "text/html, application/xhtml+xml;q=0.9, */*;q=0.4"
_CHUNK: Final = 65_536
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one fetch may take.

    Attributes:
        seconds: for the whole fetch with all its redirects, not counting the wait for a place.
        bytes: of the body, packed and unpacked alike.
        redirects: hops followed.
        per_host: fetches at one host at a time.
        at_once: fetches in all at a time; a last bound, who fetches many paces himself.
    """

    seconds: float = 20.0
    bytes: int = 10 * 1024 * 1024
    redirects: int = 5
    per_host: int = 2
    at_once: int = 256


@dataclass(frozen=True, slots=True)
class _Request:
    """What stays the same over all hops of one fetch."""

    url: str
    etag: str
    last_modified: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Redirect:
    to: str
    permanent: bool


@dataclass(slots=True)
class _Way:
    """How far a fetch has come."""

    url: str
    seconds: float
    permanent: bool = True
    seen: set[str] = field(default_factory=set)


def as_it_is(url: str) -> str:
    """The address itself: nothing is rewritten."""
    return url


class Fetcher:
    """Fetches documents; open it with `async with`, or with `open` and `close`.

    Args:
        user_agent: who we say we are.
        clock: the time, for dates in headers.
        allowed: networks of the operator's that are open although private.
        limits: how much one fetch may take.
        rewrite: turns an address into the one really connected to. Where it changes one, the program itself stands
            for that host, so the new address is not judged. It is asked again at every hop, and all that is
            reported speaks of the addresses before it.
        resolver: who looks names up; the system by default.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        clock: Callable[[], datetime],
        allowed: tuple[Network, ...] = (),
        limits: Limits = Limits(),
        rewrite: Callable[[str], str] = as_it_is,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._user_agent = user_agent
        self._clock = clock
        self._allowed = allowed
        self._limits = limits
        self._rewrite = rewrite
        self._resolver = resolver or connection.SystemResolver()
        self._turns = Turns(limits.per_host, limits.at_once)
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def open(self) -> None:
        """Make the HTTP clients: a guarded one, and one for rewritten addresses."""
        for guarded in (True, False):
            self._sessions[guarded] = connection.open_session(
                self._user_agent, self._allowed, self._resolver, guarded=guarded
            )

    async def close(self) -> None:
        """Close all connections; fetches under way fail."""
        for session in self._sessions.values():
            await session.close()
        await self._resolver.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def fetch(
        self, url: str, *, etag: str = "", last_modified: str = "", accept: str = FEEDS
    ) -> Fetched:
        """Fetch one document.

        Args:
            url: an absolute http or https address.
            etag: the ETag of the last answer, for a conditional request; empty for none.
            last_modified: its Last-Modified, likewise.
            accept: the Accept header.

        Raises:
            AddressRefused: the address, or one that it redirects to, is none that we go to (`source.refused`).
            Unreachable: no answer, or a broken one (`source.unreachable`), or redirects without an end
                (`source.redirects`).
            TooSlow: the whole took longer than allowed (`source.too_slow`).
            TooLarge: the head or the body is larger than allowed (`source.too_large`).
            BadStatus: the status brings no document (`source.status`, `.busy`, `.unwell`, `.gone`, `.forbidden`, `.robot_check`).
            NotReadable: it is packed in a way that cannot be unpacked (`source.encoding`).
        """
        headers = {"Accept": accept, "Accept-Encoding": ACCEPTED}
        headers |= {"If-None-Match": etag} if etag else {}
        headers |= {"If-Modified-Since": last_modified} if last_modified else {}
        request = _Request(url, etag, last_modified, headers)
        way = _Way(self._checked(url), self._limits.seconds)
        while True:
            way.seen.add(way.url)
            answer = await self._hop(request, way)
            if isinstance(answer, Fetched):
                return answer
            self._follow(way, answer)

    def _checked(self, url: str) -> str:
        """The address as it is fetched.

        Raises:
            AddressRefused: its form, or a name known only around this machine, is refused.
        """
        checked = fetchable(url)
        host = URL(checked).host or "" if checked else ""
        ours = checked and self._rewrite(checked) != checked
        if not checked or (is_private_name(host) and not self._allowed and not ours):
            raise AddressRefused("source.refused")
        return checked

    def _follow(self, way: _Way, redirect: _Redirect) -> None:
        """Take the next hop, or refuse to."""
        target = self._checked(_joined(way.url, redirect.to))
        if way.url.startswith("https:") and target.startswith("http:"):
            raise AddressRefused("source.refused")
        if target in way.seen or len(way.seen) > self._limits.redirects:
            raise Unreachable("source.redirects")
        way.url = target
        way.permanent = way.permanent and redirect.permanent

    async def _hop(self, request: _Request, way: _Way) -> Fetched | _Redirect:
        """One request in its place and time, with every failure as one of ours."""
        loop = asyncio.get_running_loop()
        async with self._turns.at(URL(way.url).host or ""):
            began = loop.time()
            try:
                async with asyncio.timeout(way.seconds):
                    return await self._exchange(request, way)
            except SourceError:
                raise
            except TimeoutError:
                raise TooSlow("source.too_slow") from None
            except (aiohttp.ClientError, OSError, ValueError) as error:
                raise _failure(error) from None
            finally:
                way.seconds -= loop.time() - began

    async def _exchange(self, request: _Request, way: _Way) -> Fetched | _Redirect:
        address = self._rewrite(way.url)
        session = self._sessions[address == way.url]
        async with session.get(
            URL(address, encoded=True), headers=request.headers, allow_redirects=False
        ) as response:
            try:
                return await self._read(request, way, response)
            finally:
                response.close()

    async def _read(
        self, request: _Request, way: _Way, response: aiohttp.ClientResponse
    ) -> Fetched | _Redirect:
        headers, now = response.headers, self._clock()
        if response.status in answers.REDIRECTS and "Location" in headers:
            return _Redirect(headers["Location"].strip(), response.status in answers.PERMANENT)
        conditional = bool(request.etag or request.last_modified)
        unchanged = response.status == 304 and conditional
        if not unchanged:
            answers.check_status(response.status, headers, now)
        return Fetched(
            url=request.url,
            final_url=way.url,
            moved_to=way.url if way.permanent and len(way.seen) > 1 else "",
            not_modified=unchanged,
            body=b"" if unchanged else await self._body(response),
            content_type=headers.get("Content-Type", ""),
            etag=answers.validator(headers, "ETag", request.etag if unchanged else ""),
            last_modified=answers.validator(
                headers, "Last-Modified", request.last_modified if unchanged else ""
            ),
            fresh_for=answers.fresh_for(headers, now),
        )

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        if (response.content_length or 0) > self._limits.bytes:
            raise TooLarge("source.too_large")
        encodings = ",".join(response.headers.getall("Content-Encoding", []))
        return await unpacked(response.content.iter_chunked(_CHUNK), encodings, self._limits.bytes)


def _joined(base: str, to: str) -> str:
    """Where a Location header leads; "" where it makes no sense.

    What names a scheme stands alone: joining would make `http:///x` a path of the same host.
    """
    try:
        return to if _SCHEME.match(to) else urljoin(base, to)
    except ValueError:
        return ""


def _failure(error: Exception) -> SourceError:
    """What a failure of the HTTP client means; what was found at the other side is not told."""
    if isinstance(error, aiohttp.InvalidURL) or connection.caused_by(error, connection.Refused):
        return AddressRefused("source.refused")
    if connection.caused_by(error, LineTooLong):
        return TooLarge("source.too_large")
    return Unreachable("source.unreachable")
