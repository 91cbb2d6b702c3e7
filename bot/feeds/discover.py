"""The feeds that a web page names, and where sites usually keep one. Pure; runs where it can be killed."""

from __future__ import annotations

from typing import Final
from urllib.parse import urljoin, urlsplit

from bot.feeds.addresses import fetchable
from bot.feeds.charset import decoded
from bot.feeds.html import parsed

TYPES: Final = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"}
)
"""Media types by which a `<link rel="alternate">` names a feed (RSS Advisory Board, "RSS Autodiscovery")."""
USUAL: Final = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml")
"""Where the common programs of sites keep their feed."""
MOST: Final = 6
"""Feeds that one page is asked for; some name one for every comment."""


def named_feeds(body: bytes, content_type: str, url: str) -> tuple[str, ...]:
    """The addresses of the feeds that a page names, in its order, at most 6.

    Args:
        body: the page as fetched, unpacked.
        content_type: its Content-Type header; its charset counts.
        url: where it came from, for relative addresses.
    """
    tree = parsed(decoded(body, content_type))
    found: dict[str, None] = {}
    for link in () if tree is None else tree.iter("link"):
        rel = str(link.get("rel") or "").lower().split()
        kind = str(link.get("type") or "").partition(";")[0].strip().lower()
        if "alternate" in rel and kind in TYPES:
            found[_absolute(url, str(link.get("href") or ""))] = None
    return tuple(address for address in found if address)[:MOST]


def usual_feeds(url: str) -> tuple[str, ...]:
    """Where a feed of this page's site may be, if the page names none."""
    parts = urlsplit(url)
    return tuple(f"{parts.scheme}://{parts.netloc}{path}" for path in USUAL)


def _absolute(base: str, address: str) -> str:
    """An address of a page as it is fetched; "" for one that is none."""
    try:
        return fetchable(urljoin(base, address.strip())) if address.strip() else ""
    except ValueError:
        return ""
