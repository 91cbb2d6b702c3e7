"""HTML of any quality into blocks of plain text. Pure; nothing of the markup survives, so nothing can be smuggled in."""

from __future__ import annotations

import html as entities
import re
from typing import TYPE_CHECKING, Final

from lxml import etree

from bot.domain.articles import Block, BlockKind
from bot.domain.cleaning import plain
from bot.domain.links import safe_url
from bot.domain.message import units
from bot.feeds.endings import without_ending

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_TEXT: Final = 65_536
"""UTF-16 units of text taken out of one document or one item of a feed."""
_MOST_MARKUP: Final = 2_000_000
"""Characters of markup read for it."""

_DROPPED: Final = frozenset(
    """
    script style noscript template iframe frame frameset object embed applet form button select textarea
    input label nav menu dialog svg math canvas audio video map head title figcaption
    """.split()
)
"""Elements that go with all that is in them."""

_BLOCKS: Final = {
    **dict.fromkeys(
        """
        p div section article main header footer aside address figure body center
        ul ol dl table tbody thead tr dt dd hr details summary
        """.split()
    ),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), BlockKind.HEADING),
    "blockquote": BlockKind.QUOTE,
    "li": BlockKind.ITEM,
    "pre": BlockKind.CODE,
}
"""Elements that begin and end a block, and the kind that they give to what is in them, if they give one."""

_MARKUP: Final = re.compile(
    r"</?[a-zA-Z][a-zA-Z0-9:-]*(?:\s[^<>]*|/)?>|<!(?:--|\[CDATA\[)|&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});",
    re.IGNORECASE,
)
_HIDDEN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_EMPTY_LINE: Final = re.compile(r"\n[ \t\r]*\n")
_BREAKING: Final = re.compile(r"<(?:p|br|div|li|h[1-6]|pre|blockquote|td)\b", re.IGNORECASE)
_BREAK: Final = "\v"
"""Stands for `<br>` until the text is split; unlike a line end of the source it means something."""
_PARTING: Final = re.compile(r"\v\s*\v")


def blocks_of(html: str, limit: int = MOST_TEXT) -> tuple[Block, ...]:
    """The text of a piece of HTML, without invitations to read on elsewhere at its end.

    Args:
        html: markup of any quality.
        limit: UTF-16 units of text; the block that reaches it is cut at a word, and the rest falls away.
    """
    return without_ending(all_blocks(html, limit))


def all_blocks(html: str, limit: int = MOST_TEXT) -> tuple[Block, ...]:
    """The text of a piece of HTML as `blocks_of` gives it, with the end as it stands."""
    if "<![CDATA[" in html:
        html = html.replace("<![CDATA[", "").replace("]]>", "")
    if "<" in html and not _MARKUP.search(html):
        html = entities.escape(html, quote=False)
    if not _BREAKING.search(html):
        html = _EMPTY_LINE.sub("<br><br>", html)  # plain text, after all
    tree = parsed(html)
    return () if tree is None else blocks_in(tree, limit)


def blocks_in(tree: etree._Element, limit: int = MOST_TEXT) -> tuple[Block, ...]:
    """The text of a tree of HTML as `all_blocks` gives it."""
    blocks = []
    for kind, text in _pieces(tree):
        line = _lines(text) if kind is BlockKind.CODE else plain(text)
        if units(line) > limit:
            line = plain(line, limit)
        limit -= units(line)
        if line:
            blocks.append(Block(kind, line))
        if limit <= 0:
            break
    return tuple(blocks)


def text_of(html: str, limit: int | None = None) -> str:
    """The text of a piece of HTML on one line; text that only looks like markup (`a < b`) stays as it is.

    Args:
        html: a headline, a summary, a name, as a feed has it.
        limit: UTF-16 units that the result may take.
    """
    if not _MARKUP.search(html):
        return plain(html, limit)
    if "<" not in html:
        return plain(entities.unescape(html), limit)
    return plain(" ".join(block.text for block in all_blocks(html)), limit)


def image_of(html: str, base: str) -> str:
    """The address of the first picture in a piece of HTML; "" for none. Pixels that count readers are none."""
    if "<img" not in html.lower():
        return ""
    tree = parsed(html)
    for image in () if tree is None else tree.iter("img"):
        sizes = (image.get("width", ""), image.get("height", ""))
        url = safe_url(image.get("src") or "", base)
        if url and not any(size.rstrip("px") in {"0", "1"} for size in sizes):
            return url
    return ""


def parsed(html: str) -> etree._Element | None:
    """The tree of a piece of HTML; None where there is none. Neither network nor depth nor bytes can harm."""
    data = html[:_MOST_MARKUP].replace("\0", "").encode("utf-8", "ignore")
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        return etree.fromstring(data, parser) if data.strip() else None
    except etree.XMLSyntaxError:
        return None


def _pieces(tree: etree._Element) -> Iterator[tuple[BlockKind, str]]:
    """Each block's kind and raw text, empty ones among them."""
    kinds = [BlockKind.PARAGRAPH]
    text: list[str] = []
    walk = etree.iterwalk(tree, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        starts = event == "start"
        if tag in _BLOCKS:
            yield from _split(kinds[-1], "".join(text))
            text.clear()
            if starts:
                kinds.append(_BLOCKS[tag] or kinds[-1])
            else:
                kinds.pop()
        if starts and _is_dropped(element):
            walk.skip_subtree()
        elif starts:
            text.append(_opening(tag) + (element.text or ""))
        if not starts:
            text.append(element.tail or "")
    yield from _split(kinds[-1], "".join(text))


def _is_dropped(element: etree._Element) -> bool:
    return (
        element.tag in _DROPPED
        or "hidden" in element.attrib
        or ("style" in element.attrib and bool(_HIDDEN.search(element.get("style", ""))))
    )


def _opening(tag: str) -> str:
    """What an element that is no block stands for in the text."""
    if tag == "br":
        return _BREAK
    return " " if tag in {"td", "th"} else ""


def _split(kind: BlockKind, text: str) -> Iterator[tuple[BlockKind, str]]:
    """A block, or several where empty lines (two `<br>` in a row) part it."""
    if kind is BlockKind.CODE:
        yield kind, text
    else:
        for part in _PARTING.split(text):
            yield kind, part


def _lines(text: str) -> str:
    """Code: every word cleaned by itself, so that lines and spaces stay."""
    lines = text.expandtabs(4).splitlines()
    return "\n".join(" ".join(map(plain, line.split(" "))).rstrip() for line in lines).strip("\n")
