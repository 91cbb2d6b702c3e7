"""The readable text of a web page, without what stands around it. Pure; runs where it can be killed.

The extraction is trafilatura's in its fast mode: with its slow fallbacks it is no better on the benchmark's pages
(`bench/extraction.py`) and takes several times as long. The library is loaded with the first page: the processes that
read pages have it from the one that they are forked from, and the program itself, which reads none, starts sooner.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import regex

from bot.domain.articles import Block, BlockKind, FullText
from bot.domain.cleaning import plain
from bot.errors import NotReadable
from bot.feeds.charset import decoded
from bot.feeds.endings import without_ending
from bot.feeds.html import blocks_in, parsed, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml import etree

LEAST_TEXT: Final = 200
"""Characters of prose below which a page has no text to speak of; one of Chinese, Japanese or Korean counts twice."""
_LONGEST_TITLE: Final = 500
_MOST_TEXT: Final = 200_000

_PAGES: Final = ("text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain")
_MARKUP: Final = re.compile(r"<(?:!doctype\s+html|html|head|body|article|main|div|p)\b", re.IGNORECASE)
_HEAD: Final = 100_000
_DENSE: Final = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]")
_WORDS: Final = regex.compile(r"[\p{L}\p{N}]+")
_HTML_NAMES: Final = {
    "head": "h2",
    "quote": "blockquote",
    "item": "li",
    "list": "ul",
    "row": "tr",
    "cell": "td",
    "lb": "br",
    "hi": "span",
    "ref": "a",
}
"""trafilatura's names (of TEI) for what HTML calls otherwise."""


def read_page(body: bytes, content_type: str, url: str) -> FullText:
    """The text of one page.

    Args:
        body: the page as fetched, unpacked.
        content_type: the Content-Type header as it came; its charset counts.
        url: where the page came from, for relative addresses.

    Raises:
        NotReadable: it is no web page (`source.not_a_page`), or there is no text on it (`source.no_text`).
    """
    kind = content_type.partition(";")[0].strip().lower()
    markup = decoded(body, content_type) if not kind or kind in _PAGES else ""
    if not _MARKUP.search(markup[:_HEAD]):
        raise NotReadable("source.not_a_page")
    document = _extracted(markup, url)
    title = text_of(document.title if isinstance(document.title, str) else "", _LONGEST_TITLE)
    blocks = _without_headline(without_ending(blocks_in(_as_html(document.body), _MOST_TEXT)), title)
    if _prose(blocks) < LEAST_TEXT or _is_menu(markup, blocks):
        raise NotReadable("source.no_text")
    return FullText(blocks)


def _extracted(markup: str, url: str) -> Any:  # noqa: ANN401 - trafilatura's Document, untyped
    import trafilatura  # noqa: PLC0415 - as said above

    try:
        document: Any = trafilatura.bare_extraction(
            markup, url=url, fast=True, include_comments=False, include_tables=True, with_metadata=True
        )
    except Exception as error:  # on hostile markup it raises whatever it comes upon
        raise NotReadable("source.no_text") from error
    if document is None or document.body is None:
        raise NotReadable("source.no_text")
    return document


def _as_html(body: etree._Element) -> etree._Element:
    """The tree with HTML's names, changed in place."""
    for element in body.iter():
        parent = element.getparent()
        if element.tag == "code" and parent is not None and parent.tag != "p":
            element.tag = "pre"
        elif isinstance(element.tag, str):
            element.tag = _HTML_NAMES.get(element.tag, element.tag)
    return body


def _without_headline(blocks: Sequence[Block], title: str) -> tuple[Block, ...]:
    """`blocks` without a first one that only says the headline again, which may have the site's name behind it."""
    first = _words(blocks[0].text) if blocks else []
    again = bool(first) and len(first) > 1 and _words(title)[: len(first)] == first
    return tuple(blocks[1:] if again else blocks)


def _words(text: str) -> list[str]:
    return _WORDS.findall(text.casefold())


def _is_menu(markup: str, blocks: Sequence[Block]) -> bool:
    """Whether the text is the labels of links: where a page has no article, trafilatura gives all its words in one."""
    tree = parsed(markup) if len(blocks) == 1 else None
    if tree is None:
        return False
    labels = (plain("".join(map(str, link.itertext()))) for link in tree.iter("a"))
    linked = sum(len(label) for label in labels if label in blocks[0].text)
    return linked > len(blocks[0].text) / 2


def _prose(blocks: Sequence[Block]) -> int:
    prose = [block.text for block in blocks if block.kind is not BlockKind.HEADING]
    return sum(len(text) + len(_DENSE.findall(text)) for text in prose)
