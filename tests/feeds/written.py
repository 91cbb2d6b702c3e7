"""Feeds as papers write them, and what is read from them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.feeds.documents import read_feed

if TYPE_CHECKING:
    from bot.domain.articles import FeedDocument

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
URL = "https://herald.example/feeds/world.xml"
TEN = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def read(body: bytes | str, content_type: str = "") -> FeedDocument:
    return read_feed(body.encode() if isinstance(body, str) else body, content_type, URL, NOW)


def rss(items: str, channel: str = "", **spaces: str) -> str:
    names = "".join(f' xmlns:{name}="{space}"' for name, space in spaces.items())
    return f"<rss version='2.0'{names}><channel><title>The Herald</title>{channel}{items}</channel></rss>"


JSON: dict[str, Any] = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "The Herald",
    "home_page_url": "https://herald.example/",
    "language": "en-GB",
    "items": [
        {
            "id": "id-1",
            "url": "/news/bridge",
            "title": "Bridge & road closed",
            "summary": "The bridge is closed.",
            "date_published": "2026-11-24T12:00:00+02:00",
            "authors": [{"name": "Ada Lind"}],
            "tags": ["Roads", "Floods"],
            "image": "/pictures/bridge.jpg",
        }
    ],
}
"""A JSON Feed of one article."""
