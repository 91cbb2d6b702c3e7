"""What a feed document says, whatever its format. Pure; runs where it can be killed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bot.errors import NotReadable
from bot.feeds.json_feed import read_json
from bot.feeds.xml_feed import read_xml

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.articles import FeedDocument

_BLANK: Final = b" \t\r\n\0\xef\xbb\xbf"
_PAGE: Final = re.compile(
    rb"(?:\s|<\?[^>]{0,400}>|<!--.{0,2000}?-->)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_HEAD: Final = 8192
"""Bytes in which a web page tells that it is one."""


def read_feed(body: bytes, content_type: str, url: str, now: datetime) -> FeedDocument:
    """Read a feed: RSS 0.9x, 1.0 and 2.0, Atom, JSON Feed 1 and 1.1.

    All texts come out plain and all addresses safe to link; of a long feed the newest 500 articles.

    Args:
        body: the document as fetched, unpacked.
        content_type: the Content-Type header as it came; its charset counts.
        url: where the document came from, for relative links.
        now: the time; dates more than a day after it, and before 1990, are not believed.

    Raises:
        NotReadable: there is nothing in it (`source.empty`), or it is a web page or something else that is no feed
            (`source.not_a_feed`).
    """
    start = body[:_HEAD].lstrip(_BLANK)
    if not start and not body.strip(_BLANK):
        raise NotReadable("source.empty")
    if start.startswith((b"{", b"[")):
        return read_json(body, url, now)
    if _PAGE.match(start):
        raise NotReadable("source.not_a_feed")
    return read_xml(body, content_type, url, now)
