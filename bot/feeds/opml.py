"""Subscription lists (OPML 1 and 2): reading anybody's, writing our own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape, unescape
from typing import TYPE_CHECKING, Final

from lxml import etree

from bot.domain.cleaning import plain
from bot.domain.links import safe_url
from bot.errors import NotReadable, TooLarge
from bot.feeds.addresses import fetchable
from bot.feeds.entries import language_code

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_BYTES: Final = 5 * 1024 * 1024
MOST_FEEDS: Final = 5000
_LONGEST_TITLE: Final = 200
_LONGEST_DESK: Final = 64
_VALUE: Final = re.compile(
    rb"""(?<![\w:])([\w:]++)="((?:[^"\n]|"(?!
        \s+(?!(?:href|target|rel|class|style|src|alt|id|data-[\w-]+)\s*=)[\w:.-]+\s*=  # another attribute, not of HTML
        | \s*[/?]> | \s*>\s*(?:<|\Z)                                                 # the element's end
    )){0,2000}+)("?)""",
    re.VERBOSE,
)
"""An attribute, whose value ends at a quote that the like of another attribute or the element's end follows; without the
quote where the value has no end. It goes over every character once."""
_REFERENCE: Final = re.compile(rb"&(?:#?[A-Za-z0-9]{1,32};)?")


@dataclass(frozen=True, slots=True)
class OpmlFeed:
    """One feed of a list.

    Attributes:
        url: the feed's address, as it is fetched.
        title: its name in the list; empty for none.
        desk: the outermost group it stands in, else its first category; empty for none.
        site: the address of its site; empty for none.
        language: a two-letter code; empty where the list does not say.
        country: a two-letter code (ISO 3166-1), likewise.
    """

    url: str
    title: str = ""
    desk: str = ""
    site: str = ""
    language: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class OpmlDocument:
    """One list.

    Attributes:
        title: its title; empty for none.
        feeds: its feeds in the document's order, each address once.
        refused: what stands where an address should, and is none of a feed.
        broken_at: the line from which on feeds may have been lost; 0 where the whole of it was read.
    """

    title: str = ""
    feeds: tuple[OpmlFeed, ...] = ()
    refused: tuple[str, ...] = ()
    broken_at: int = 0


def read_opml(data: bytes) -> OpmlDocument:
    """Read a list, well-formed or not: many programs write a bare `&` into addresses.

    Nothing is looked up outside, no entity is expanded, and of a longer list the first 5,000 feeds are read. A list
    from outside belongs into a worker.

    Raises:
        TooLarge: more than 5 MiB (`source.too_large`).
        NotReadable: it is no list (`source.not_opml`, with the line where it stops making sense).
    """
    if len(data) > MOST_BYTES:
        raise TooLarge("source.too_large")
    root, line = _parsed(data)
    broken_at = 0
    if line:
        root, broken_at = _parsed(_VALUE.sub(_quoted, data))
    refused: dict[str, None] = {}
    feeds = () if root is None else tuple(_feeds(root, refused))
    if root is None or (not feeds and (_name(root) != "opml" or (broken_at and len(root) == 0))):
        raise NotReadable("source.not_opml", line=line or 1)
    title = next((each.text or "" for each in root.iter("*") if _name(each) == "title"), "")
    return OpmlDocument(plain(title, _LONGEST_TITLE), feeds, tuple(refused), broken_at)


def _parsed(data: bytes) -> tuple[etree._Element | None, int]:
    """What can be recovered of the document, and the line of the first fault; 0 where there is none."""
    parser = etree.XMLParser(
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    return root, parser.error_log[0].line if len(parser.error_log) else 0


def _quoted(match: re.Match[bytes]) -> bytes:
    """An attribute whose value is escaped as it should be; without it the rest of the element would be lost."""
    if not match[3]:
        return match[0]
    value = match[2].replace(b'"', b"&quot;").replace(b"<", b"&lt;")
    return match[1] + b'="' + _REFERENCE.sub(_escaped, value) + b'"'


def _escaped(match: re.Match[bytes]) -> bytes:
    """A character reference, also one that only HTML knows, or the bare `&` that stands there."""
    text = match[0].decode("ascii")
    return escape(unescape(text) if text.endswith(";") else text).encode("ascii", "xmlcharrefreplace")


def _feeds(root: etree._Element, refused: dict[str, None]) -> Iterable[OpmlFeed]:
    """Every outline with an address, in order; the groups around it are kept on a stack, however deep they go.

    Addresses that cannot be fetched go to `refused`.
    """
    groups: list[str] = []
    seen: set[str] = set()
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if _name(element) != "outline" or len(seen) >= MOST_FEEDS:
            continue
        if event == "end":
            groups.pop()
            continue
        fields = {str(key).lower(): str(value) for key, value in element.attrib.items()}
        label = plain(fields.get("title") or fields.get("text") or "", _LONGEST_TITLE)
        raw = fields.get("xmlurl", "").strip()
        url = _address(raw)
        if raw and not url and len(refused) < MOST_FEEDS:
            refused[plain(raw, _LONGEST_TITLE)] = None
        if url and url not in seen:
            seen.add(url)
            yield _feed(url, label, groups, fields)
        groups.append(label)


def _feed(url: str, title: str, groups: list[str], fields: dict[str, str]) -> OpmlFeed:
    # Categories are comma-separated slash-delimited paths (OPML 2.0, "category").
    category = fields.get("category", "").strip().strip("/").partition(",")[0].partition("/")[0]
    country = fields.get("country", "").strip()
    return OpmlFeed(
        url=url,
        title=title,
        desk=plain(next((group for group in groups if group), category), _LONGEST_DESK),
        site=safe_url(fields.get("htmlurl", "")),
        language=language_code(fields.get("language", "")),
        country=country.upper() if len(country) == 2 and country.isascii() and country.isalpha() else "",
    )


def _address(raw: str) -> str:
    """The feed's address; `feed:` before it, or in place of `http:`, is an old habit of browsers."""
    url = raw.replace(" ", "%20")
    if url.lower().startswith("feed:"):
        url = url[5:] if url[5:].lower().startswith("http") else "http:" + url[5:]
    return fetchable(url)


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()  # an entity has no name but a function


def write_opml(title: str, feeds: Iterable[OpmlFeed]) -> bytes:
    """Write a list that `read_opml` and every feed reader read: OPML 2.0, one group a desk.

    `language` and `country` are attributes of our own, which others ignore.
    """
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = plain(title)
    body = etree.SubElement(root, "body")
    groups: dict[str, etree._Element] = {"": body}
    for feed in feeds:
        desk = plain(feed.desk, _LONGEST_DESK)
        if desk not in groups:
            groups[desk] = etree.SubElement(body, "outline", text=desk, title=desk)
        name = plain(feed.title) or feed.url
        told = {"type": "rss", "text": name, "title": name, "xmlUrl": feed.url, "htmlUrl": feed.site}
        told |= {"language": feed.language, "country": feed.country}
        etree.SubElement(groups[desk], "outline", {key: value for key, value in told.items() if value})
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
