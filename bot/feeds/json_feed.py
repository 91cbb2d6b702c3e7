"""JSON Feed 1 and 1.1 (jsonfeed.org). Pure; runs where it can be killed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from html import escape
from typing import Any, Final

from bot.domain.articles import FeedDocument
from bot.domain.links import safe_url
from bot.errors import NotReadable
from bot.feeds.entries import Told, entries_of, language_code
from bot.feeds.html import text_of

_LONGEST_TITLE: Final = 200


def read_json(body: bytes, url: str, now: datetime) -> FeedDocument:
    """Read a JSON feed.

    Args:
        body: the document.
        url: where it came from, for relative links.
        now: the time; dates more than a day after it are not believed.

    Raises:
        NotReadable: it is no JSON, or JSON of another kind (`source.not_a_feed`).
    """
    try:
        feed = json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        raise NotReadable("source.not_a_feed") from None
    if not isinstance(feed, dict) or "jsonfeed.org/version/" not in _text(feed, "version"):
        raise NotReadable("source.not_a_feed")
    return FeedDocument(
        title=text_of(escape(_text(feed, "title")), _LONGEST_TITLE),
        site=safe_url(_text(feed, "home_page_url"), url),
        language=language_code(_text(feed, "language")),
        entries=entries_of([_told(item) for item in _objects(feed, "items")], url, now),
    )


def _told(item: dict[str, Any]) -> Told:
    authors = [_text(author, "name") for author in (*_objects(item, "authors"), *_objects(item, "author"))]
    pictures = [
        _text(each, "url")
        for each in _objects(item, "attachments")
        if _text(each, "mime_type").startswith("image/")
    ]
    tags = item.get("tags")
    return Told(
        guid=_id(item),
        urls=(_text(item, "url"), _text(item, "external_url"), _text(item, "id")),
        title=_text(item, "title"),
        summary=escape(_text(item, "summary"), quote=False),
        content=_text(item, "content_html") or escape(_text(item, "content_text"), quote=False),
        author=", ".join(dict.fromkeys(name for name in authors[:3] if name)),
        published=_moment(_text(item, "date_published")) or _moment(_text(item, "date_modified")),
        categories=tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
        images=(_text(item, "image"), _text(item, "banner_image"), *pictures),
        language=_text(item, "language"),
    )


def _text(fields: dict[str, Any], key: str) -> str:
    value = fields.get(key)
    return value if isinstance(value, str) else ""


def _id(item: dict[str, Any]) -> str:
    """The id, which should be text and is a number in some feeds."""
    value = item.get("id")
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else _text(item, "id")


def _objects(fields: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """A field if it is a list of objects, or one object alone."""
    value = fields.get(key)
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, dict)]


def _moment(text: str) -> datetime | None:
    """An RFC 3339 date as an aware moment; one without a zone is taken as UTC."""
    try:
        at = datetime.fromisoformat(text.strip())
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
