"""RSS 0.9x, 1.0, 2.0 and Atom, through feedparser. Pure; runs where it can be killed."""

from __future__ import annotations

import calendar
import io
import re
import sys
from datetime import UTC, datetime
from time import struct_time
from typing import Any, Final

import feedparser

from bot.domain.articles import FeedDocument
from bot.domain.links import safe_url
from bot.errors import NotReadable
from bot.feeds.entries import Told, entries_of, language_code
from bot.feeds.html import text_of

_LONGEST_TITLE: Final = 200
_DECLARATION: Final = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<\?xml[^>]{0,200}\?>")
_REFERENCE: Final = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));")
_PERIODS: Final = {
    "hourly": 3600,
    "daily": 86_400,
    "weekly": 604_800,
    "monthly": 2_592_000,
    "yearly": 31_536_000,
}
_LONGEST_TTL: Final = 31_536_000.0
_PICTURE: Final = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)(?:[?#]|$)", re.IGNORECASE)


def read_xml(body: bytes, content_type: str, url: str, now: datetime) -> FeedDocument:
    """Read an XML feed, well-formed or not.

    Args:
        body: the document.
        content_type: the Content-Type header, for its charset.
        url: where it came from, for relative links.
        now: the time; dates more than a day after it are not believed.

    Raises:
        NotReadable: it is no feed (`source.not_a_feed`).
    """
    answer = _parsed(body, content_type)
    if not answer["version"] and not answer["entries"]:
        raise NotReadable("source.not_a_feed")
    feed = answer["feed"]
    return FeedDocument(
        title=text_of(_text(feed, "title"), _LONGEST_TITLE),
        site=safe_url(_text(feed, "link"), url),
        language=language_code(_text(feed, "language")),
        entries=entries_of([_told(entry) for entry in answer["entries"]], url, now),
        ttl=_ttl(feed),
    )


def _parsed(body: bytes, content_type: str) -> dict[str, Any]:
    """What feedparser makes of the bytes.

    They go in as a stream: bare bytes it would try to open as a file name first, and a string as an address. It is not
    told where they came from: it would join that to ids as well as to addresses, and every id would change with the
    feed's address.
    """
    body = _REFERENCE.sub(_possible, body)
    try:
        return _fed(body, {"content-type": content_type} if content_type else {})
    except Exception:  # noqa: BLE001 - on hostile bytes its parsers raise whatever they come upon
        # Often a codec that raises what nobody expects ("undefined", punycode): as UTF-8 then, declared by nobody.
        bare = _DECLARATION.sub(b"", body).decode("utf-8", "replace").encode()
        try:
            return _fed(bare, {})
        except Exception as error:
            raise NotReadable("source.not_a_feed") from error


def _possible(match: re.Match[bytes]) -> bytes:
    """A character reference, or nothing where there is no such character: feedparser raises there."""
    digits, base = (match[1], 16) if match[1] else (match[2], 10)
    significant = digits.lstrip(b"0")
    number = int(significant or b"0", base) if len(significant) < 8 else sys.maxunicode + 1
    return b"" if number > sys.maxunicode or 0xD800 <= number < 0xE000 else match[0]


def _fed(body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    answer: dict[str, Any] = feedparser.parse(
        io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    return {"version": "", "entries": [], "feed": {}} | answer


def _told(entry: Any) -> Told:  # noqa: ANN401 - feedparser's dictionary, untyped
    contents = [_text(each, "value") for each in _items(entry, "content")]
    return Told(
        guid=_text(entry, "id"),
        urls=tuple(_addresses(entry)),
        title=_text(entry, "title"),
        summary=_text(entry, "summary"),
        content=max(contents, key=len, default=""),
        author=_author(entry),
        published=_published(entry),
        categories=tuple(_text(tag, "label") or _text(tag, "term") for tag in _items(entry, "tags")),
        images=tuple(_images(entry)),
        language=_text(entry, "language"),
    )


def _text(fields: Any, key: str) -> str:  # noqa: ANN401 - as above
    """A field if it is text; read past feedparser's own lookup, which answers with other fields and warnings."""
    value = dict.get(fields, key) if isinstance(fields, dict) else None
    return value if isinstance(value, str) else ""


def _items(fields: Any, key: str) -> list[Any]:  # noqa: ANN401 - as above
    value = dict.get(fields, key)
    return value if isinstance(value, list) else []


def _addresses(entry: Any) -> list[str]:  # noqa: ANN401 - as above
    """The page's address as the publisher wrote it before FeedBurner counted clicks, then the link, then other hints.

    The hints are further rel=alternate links, and an id that is an address.
    """
    original, guid, link = (_text(entry, key) for key in ("feedburner_origlink", "id", "link"))
    links = [_text(one, "href") for one in _items(entry, "links") if _text(one, "rel") == "alternate"]
    absolute = [url for url in (original, guid) if url.startswith(("http://", "https://"))]
    first = [original] if original in absolute else []
    last = [guid] if guid in absolute and dict.get(entry, "guidislink") else []
    # Where an item has no link, feedparser takes its id for one, be it a bare number.
    named = [] if link == guid and "/" not in link else [link]
    return [*first, *named, *links, *last]


def _author(entry: Any) -> str:  # noqa: ANN401 - as above
    """The names; of a text with an e-mail address in it the whole.

    feedparser takes at most four letters of the address's last part for it, and the rest for a name.
    """
    authors, whole = _items(entry, "authors"), _text(entry, "author")
    if len(authors) < 2 and "@" in whole:
        return whole
    names = [name for author in authors if (name := _text(author, "name"))]
    return ", ".join(dict.fromkeys(names[:3])) or whole


def _published(entry: Any) -> datetime | None:  # noqa: ANN401 - as above
    for key in ("published_parsed", "updated_parsed", "created_parsed"):
        value = dict.get(entry, key)
        if isinstance(value, tuple | struct_time):
            try:
                return datetime.fromtimestamp(calendar.timegm(value), UTC)
            except (ValueError, OverflowError, OSError):
                continue
    return None


def _images(entry: Any) -> list[str]:  # noqa: ANN401 - as above
    """Pictures that the item names, the widest first, thumbnails last."""
    media = [each for each in _items(entry, "media_content") if _is_picture(each)]
    media.sort(key=_width, reverse=True)
    links = [
        each for each in _items(entry, "links") if _text(each, "rel") == "enclosure" and _is_picture(each)
    ]
    thumbnails = sorted(_items(entry, "media_thumbnail"), key=_width, reverse=True)
    found = [_text(each, "url") or _text(each, "href") for each in (*media, *links, *thumbnails)]
    return [*found, _text(dict.get(entry, "image"), "href")]


def _is_picture(media: Any) -> bool:  # noqa: ANN401 - as above
    kind = _text(media, "type")
    if kind or _text(media, "medium"):
        return kind.startswith("image/") or _text(media, "medium") == "image"
    return bool(_PICTURE.search(_text(media, "url") or _text(media, "href")))


def _width(media: Any) -> int:  # noqa: ANN401 - as above
    width = _text(media, "width")
    return int(width) if width.isascii() and width.isdecimal() and len(width) < 6 else 0


def _ttl(feed: Any) -> float | None:  # noqa: ANN401 - as above
    """RSS ttl (minutes), else sy:updatePeriod over sy:updateFrequency (RSS 1.0 Syndication), in seconds."""
    minutes = _text(feed, "ttl").strip()
    if minutes.isascii() and minutes.isdecimal() and int(minutes[:9]) > 0:
        return min(float(minutes[:9]) * 60, _LONGEST_TTL)
    period = _PERIODS.get(_text(feed, "sy_updateperiod").strip().lower())
    if period is None:
        return None
    times = _text(feed, "sy_updatefrequency").strip()
    return period / max(int(times[:6]), 1) if times.isascii() and times.isdecimal() else float(period)
