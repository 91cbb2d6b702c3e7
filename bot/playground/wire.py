"""The sample wire: invented newspapers on this machine, for the newsroom to read where no real ones are wanted."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from aiohttp import ETag, web

from bot.playground.wire_feeds import document, subscriptions
from bot.playground.wire_pages import STYLE_PATH, article_page, front_page, missing_page
from bot.playground.wire_pictures import picture
from bot.playground.wire_sources import FOLDER, Article, Feed, Source, read_sources
from bot.playground.wire_town import Town

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LISTED: Final = 30
"""Town items in one feed; older ones keep their pages."""

HEAD_START: Final = timedelta(minutes=30)
"""How far back from the opening the town items begin, so that the first reader finds some."""

LOOK_BACK: Final = 24 * 60
"""Minutes that a feed looks back for its town items."""

_TOWN_PATH: Final = re.compile(r"town/(\d{1,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Document:
    """One answer of the wire: its bytes, their media type, and when they last changed."""

    body: bytes
    content_type: str
    modified: datetime

    @property
    def etag(self) -> str:
        """A mark that changes with the bytes."""
        return hashlib.sha256(self.body).hexdigest()[:16]


class Wire:
    """Newspapers, their feeds and pages, and a new item every minute.

    Everything follows from the clock and the opening: the same two always give the same bytes.

    Args:
        clock: the time now, aware.
        opened_at: the moment that the printed stories' dates count back from, aware.
    """

    def __init__(self, clock: Callable[[], datetime], opened_at: datetime) -> None:
        self._clock = clock
        self._opened_at = opened_at
        self._sources = read_sources(opened_at)
        self._by_host = {source.host: source for source in self._sources}
        self._town = Town(self._sources)
        self._style = (FOLDER / STYLE_PATH).read_bytes()

    def routes(self) -> list[web.RouteDef]:
        """What the wire answers: `/wire/hosts.json` and everything under `/wire/<host>/`."""
        return [
            web.get("/wire/hosts.json", self._serve_hosts),
            web.get("/wire/{host}", self._serve_slash),
            web.get("/wire/{host}/{path:.*}", self._serve),
        ]

    def local(self, url: str, base: str) -> str:
        """Where on this machine an invented address is found.

        Args:
            url: any address.
            base: where the routes are mounted, such as `http://127.0.0.1:8080`.

        Returns:
            The local address for an invented host; any other address as it is.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or parts.netloc.lower() not in self._by_host:
            return url
        query = f"?{parts.query}" if parts.query else ""
        return f"{base.rstrip('/')}/wire/{parts.netloc.lower()}{parts.path or '/'}{query}"

    def opml(self) -> bytes:
        """The sample list of feeds, by desk."""
        return subscriptions(self._sources)

    async def _serve_hosts(self, _: web.Request) -> web.Response:
        return web.json_response({"hosts": sorted(self._by_host)})

    async def _serve_slash(self, request: web.Request) -> web.Response:
        """Relative links need the slash after the host."""
        raise web.HTTPMovedPermanently(f"/wire/{request.match_info['host']}/")

    async def _serve(self, request: web.Request) -> web.Response:
        source = self._by_host.get(request.match_info["host"])
        if source is None:
            return web.Response(status=404, text="There is no such newspaper on this wire.\n")
        path = request.match_info["path"]
        found = self._document(source, path)
        if found is None:
            missing = missing_page(source, "../" * path.count("/"))
            return web.Response(status=404, text=missing, content_type="text/html")
        return _answer(request, found)

    def _document(self, source: Source, path: str) -> Document | None:
        """What stands at `path` of a newspaper now; None where nothing does."""
        if not path:
            return self._front(source)
        if path == STYLE_PATH:
            return Document(self._style, "text/css", self._opened_at)
        for feed in source.feeds:
            if feed.path == path:
                listed = self._listed(source, feed)
                updated = self._updated(listed)
                return Document(document(source, feed, listed, updated), feed.content_type, updated)
        for pictured in source.stories:
            if pictured.picture and pictured.picture_path == path:
                return Document(picture(pictured.guid), "image/png", pictured.published)
        article = self._article(source, path)
        if article is None:
            return None
        return _page(article_page(source, article, _others(source, article)), article.published)

    def _front(self, source: Source) -> Document:
        listed = [article for feed in source.feeds for article in self._listed(source, feed) if article.path]
        listed.sort(key=lambda article: article.published, reverse=True)
        return _page(front_page(source, listed), self._updated(listed))

    def _updated(self, listed: list[Article]) -> datetime:
        """When a list last changed: with its newest article, or at the opening where it is empty."""
        return listed[0].published if listed else self._opened_at

    def _article(self, source: Source, path: str) -> Article | None:
        town = _TOWN_PATH.fullmatch(path)
        if town is None:
            return next((article for article in source.stories if article.path == path), None)
        minute = int(town[1])
        told = (self._town.article(source, feed, minute) for feed in source.feeds)
        return next(filter(None, told), None) if minute <= self._minute() else None

    def _listed(self, source: Source, feed: Feed) -> list[Article]:
        """What a feed lists now, the newest first."""
        stories = [article for article in source.stories if article.desk == feed.desk]
        listed = [*stories, *self._town_items(source, feed)]
        return sorted(listed, key=lambda article: article.published, reverse=True)

    def _town_items(self, source: Source, feed: Feed) -> Iterator[Article]:
        now = self._minute()
        first = int((self._opened_at - HEAD_START).timestamp()) // 60
        told = (
            self._town.article(source, feed, minute) for minute in range(now, max(first, now - LOOK_BACK), -1)
        )
        return islice(filter(None, told), LISTED)

    def _minute(self) -> int:
        return int(self._clock().timestamp()) // 60


def _others(source: Source, article: Article) -> list[Article]:
    """Three more of the desk, or of the newspaper where the desk has none."""
    rest = [other for other in source.stories if other.path and other != article]
    return ([other for other in rest if other.desk == article.desk] or rest)[:3]


def _page(html: str, modified: datetime) -> Document:
    return Document(html.encode(), "text/html", modified)


def _answer(request: web.Request, found: Document) -> web.Response:
    """The document, or 304 where the asker has it (RFC 9110, 13.2.2: If-None-Match goes first)."""
    modified = found.modified.astimezone(UTC).replace(microsecond=0)
    known = {mark.value for mark in request.if_none_match or ()}
    same = found.etag in known or "*" in known
    if request.if_none_match is None and request.if_modified_since is not None:
        same = modified <= request.if_modified_since
    kind = found.content_type
    response = web.Response(status=304) if same else web.Response(body=found.body, content_type=kind)
    if not same and not kind.startswith("image/"):
        response.charset = "utf-8"
    response.etag = ETag(found.etag)
    response.last_modified = modified
    response.headers["Cache-Control"] = "max-age=60"
    return response
