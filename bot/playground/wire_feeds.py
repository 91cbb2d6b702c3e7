"""Feed documents of the sample wire, and its list of subscriptions.

RSS 2.0 (rssboard.org), Atom (RFC 4287), RSS 1.0 (web.resource.org/rss/1.0) with its content and syndication modules,
JSON Feed 1.1 (jsonfeed.org), OPML 2.0 (opml.org).
"""

from __future__ import annotations

import json
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Final

from lxml import etree
from lxml.builder import ElementMaker

from bot.playground.wire_pages import text_html
from bot.playground.wire_sources import DESKS, Article, Feed, FeedFormat, Source, address

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_SPACES: Final = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rss1": "http://purl.org/rss/1.0/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
}


def _maker(name: str) -> ElementMaker:
    return ElementMaker(namespace=_SPACES[name])


_PLAIN: Final = ElementMaker()
_ATOM: Final = _maker("atom")
_CONTENT: Final = _maker("content")
_DC: Final = _maker("dc")
_MEDIA: Final = _maker("media")
_RDF: Final = _maker("rdf")
_RSS1: Final = _maker("rss1")
_SY: Final = _maker("sy")


def document(source: Source, feed: Feed, articles: Sequence[Article], updated: datetime) -> bytes:
    """The feed's document in its own format, UTF-8.

    Args:
        source: whose feed it is.
        feed: which of its feeds.
        articles: what it lists, the newest first.
        updated: when the list last changed, aware.
    """
    match feed.form:
        case FeedFormat.RSS:
            return _rss(source, feed, articles, updated)
        case FeedFormat.ATOM:
            return _atom(source, feed, articles, updated)
        case FeedFormat.RDF:
            return _rdf(source, feed, articles)
        case FeedFormat.JSON:
            return _json(source, feed, articles)


def subscriptions(sources: Sequence[Source]) -> bytes:
    """All feeds as OPML: one group a desk, each feed with the attributes language and country."""
    groups = [
        _PLAIN.outline(
            *[_outline(source, feed) for source in sources for feed in source.feeds if feed.desk == desk],
            text=desk,
            title=desk,
        )
        for desk in DESKS
    ]
    head = _PLAIN.head(_PLAIN.title("Sample wire"))
    return _bytes(_PLAIN.opml(head, _PLAIN.body(*groups), version="2.0"))


def _outline(source: Source, feed: Feed) -> Any:  # noqa: ANN401 - an lxml element; the library has no public type for it
    return _PLAIN.outline(
        type="rss",
        text=source.title,
        title=source.title,
        xmlUrl=address(source.host, feed.path),
        htmlUrl=address(source.host, ""),
        language=source.language,
        country=source.country,
    )


def _bytes(root: Any, unprefixed: str = "") -> bytes:  # noqa: ANN401 - as above
    prefixes: Any = {None if name == unprefixed else name: space for name, space in _SPACES.items()}
    etree.cleanup_namespaces(root, top_nsmap=prefixes)
    written: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return written


def _rss(source: Source, feed: Feed, articles: Sequence[Article], updated: datetime) -> bytes:
    channel = _PLAIN.channel(
        _PLAIN.title(source.title),
        _PLAIN.link(address(source.host, "")),
        _PLAIN.description(source.about),
        _PLAIN.language(source.language),
        _PLAIN.category(feed.desk),
        _PLAIN.ttl("1"),
        _PLAIN.lastBuildDate(format_datetime(updated)),
        _ATOM.link(rel="self", type="application/rss+xml", href=address(source.host, feed.path)),
        *[_rss_item(feed, article) for article in articles],
    )
    return _bytes(_PLAIN.rss(channel, version="2.0"))


def _rss_item(feed: Feed, article: Article) -> Any:  # noqa: ANN401 - as above
    item = _PLAIN.item(
        _PLAIN.title(article.title),
        _PLAIN.link(article.link),
        _PLAIN.guid(article.guid, isPermaLink="false"),
        _PLAIN.pubDate(format_datetime(article.published)),
        _DC.creator(article.author),
        *[_PLAIN.category(tag) for tag in article.tags],
        _PLAIN.description(article.teaser),
    )
    if article.carries_text(feed):
        item.append(_CONTENT.encoded(etree.CDATA(text_html(article.text))))
    if article.picture:
        item.append(_MEDIA.content(url=article.picture_url, medium="image", type="image/png"))
    return item


def _atom(source: Source, feed: Feed, articles: Sequence[Article], updated: datetime) -> bytes:
    own = address(source.host, feed.path)
    atom = _ATOM.feed(
        {"{http://www.w3.org/XML/1998/namespace}lang": source.language},
        _ATOM.title(source.title),
        _ATOM.subtitle(source.about),
        _ATOM.id(own),
        _ATOM.updated(updated.isoformat()),
        _ATOM.link(rel="self", href=own),
        _ATOM.link(rel="alternate", href=address(source.host, "")),
        *_every_minute(),
        *[_atom_entry(feed, article) for article in articles],
    )
    return _bytes(atom, unprefixed="atom")


def _atom_entry(feed: Feed, article: Article) -> Any:  # noqa: ANN401 - as above
    entry = _ATOM.entry(
        _ATOM.title(article.title),
        # RFC 4287, 4.2.6 asks for an IRI; RFC 4151 makes one of a bare name.
        _ATOM.id(f"tag:{article.host},2025:{article.guid}"),
        _ATOM.link(rel="alternate", type="text/html", href=article.link),
        _ATOM.published(article.published.isoformat()),
        _ATOM.updated(article.published.isoformat()),
        _ATOM.author(_ATOM.name(article.author)),
        *[_ATOM.category(term=tag) for tag in article.tags],
        _ATOM.summary(article.teaser),
    )
    if article.carries_text(feed):
        entry.append(_ATOM.content(text_html(article.text), type="html"))
    if article.picture:
        entry.append(_ATOM.link(rel="enclosure", type="image/png", href=article.picture_url))
    return entry


def _every_minute() -> list[Any]:
    """Sixty times an hour is how the syndication module says one minute."""
    return [_SY.updatePeriod("hourly"), _SY.updateFrequency("60")]


def _rdf(source: Source, feed: Feed, articles: Sequence[Article]) -> bytes:
    about, resource = f"{{{_SPACES['rdf']}}}about", f"{{{_SPACES['rdf']}}}resource"
    listed = [_RDF.li({resource: article.link}) for article in articles]
    channel = _RSS1.channel(
        {about: address(source.host, feed.path)},
        _RSS1.title(source.title),
        _RSS1.link(address(source.host, "")),
        _RSS1.description(source.about),
        _DC.language(source.language),
        *_every_minute(),
        _RSS1.items(_RDF.Seq(*listed)),
    )
    items = [_rdf_item(feed, article, about) for article in articles]
    return _bytes(_RDF.RDF(channel, *items), unprefixed="rss1")


def _rdf_item(feed: Feed, article: Article, about: str) -> Any:  # noqa: ANN401 - as above
    item = _RSS1.item(
        {about: article.link},
        _RSS1.title(article.title),
        _RSS1.link(article.link),
        _RSS1.description(article.teaser),
        _DC.identifier(article.guid),
        _DC.date(article.published.isoformat()),
        _DC.creator(article.author),
        *[_DC.subject(tag) for tag in article.tags],
    )
    if article.carries_text(feed):
        item.append(_CONTENT.encoded(etree.CDATA(text_html(article.text))))
    return item


def _json(source: Source, feed: Feed, articles: Sequence[Article]) -> bytes:
    written = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": source.title,
        "home_page_url": address(source.host, ""),
        "feed_url": address(source.host, feed.path),
        "description": source.about,
        "language": source.language,
        "items": [_json_item(feed, article) for article in articles],
    }
    return json.dumps(written, ensure_ascii=False, indent=1).encode()


def _json_item(feed: Feed, article: Article) -> dict[str, Any]:
    # An item must have a content_html or a content_text (JSON Feed 1.1, Items).
    whole = {"content_html": text_html(article.text)}
    item: dict[str, Any] = {
        "id": article.guid,
        "url": article.link,
        "title": article.title,
        "summary": article.teaser,
        "date_published": article.published.isoformat(),
        "authors": [{"name": article.author}],
        "tags": list(article.tags),
        **(whole if article.carries_text(feed) else {"content_text": article.teaser}),
    }
    if article.picture:
        item["image"] = article.picture_url
    return item
