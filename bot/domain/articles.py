"""The words of the trade: what a feed says, what a page says, and what we keep of both."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class BlockKind(StrEnum):
    """What a block of an article's text is."""

    PARAGRAPH = "p"
    HEADING = "h"
    QUOTE = "q"
    ITEM = "i"
    CODE = "c"


@dataclass(frozen=True, slots=True)
class Block:
    """One block of plain text; line ends inside stand only in CODE."""

    kind: BlockKind
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One article as its feed tells it, cleaned: all texts are plain, all addresses are safe to link.

    Attributes:
        guid: the feed's own id of the article, as it stands there; empty where it has none.
        url: the article's page; empty where the feed gives none that can be linked.
        title: the headline; empty where the feed has none.
        teaser: the summary as plain text, at most 1,000 characters.
        blocks: the full text where the feed carries one, else empty.
        complete: whether `blocks` looks like the whole article and not like its beginning.
        author: who wrote it; empty where unknown.
        published: when the feed says it appeared; None where it does not say or says nonsense.
        categories: the feed's own tags, at most 10.
        image: the address of its picture; empty for none.
        language: a two-letter code where the entry says one; else empty.
    """

    guid: str
    url: str
    title: str
    teaser: str = ""
    blocks: tuple[Block, ...] = ()
    complete: bool = False
    author: str = ""
    published: datetime | None = None
    categories: tuple[str, ...] = ()
    image: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """What one feed document says.

    Attributes:
        title: the feed's name for itself.
        site: the address of its site; empty for none.
        language: a two-letter code; empty where it does not say.
        entries: its articles in the document's order, at most 500.
        ttl: seconds the feed asks to be left alone between two fetches (RSS ttl, sy:updatePeriod); None for none.
    """

    title: str = ""
    site: str = ""
    language: str = ""
    entries: tuple[Entry, ...] = ()
    ttl: float | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """What one successful HTTP fetch gave.

    Attributes:
        url: the address asked for.
        final_url: where the redirects, if any, ended.
        moved_to: the new address where every redirect was permanent (301, 308); else empty.
        not_modified: the server said 304; `body` is empty then.
        body: the document, unpacked.
        content_type: the Content-Type header as it came.
        etag: the ETag header, to be sent back next time; empty for none.
        last_modified: the Last-Modified header, likewise.
        fresh_for: seconds the answer may be kept (Cache-Control max-age less Age, else Expires less Date); None
            where the server does not say.
    """

    url: str
    final_url: str
    moved_to: str = ""
    not_modified: bool = False
    body: bytes = b""
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    fresh_for: float | None = None


@dataclass(frozen=True, slots=True)
class FullText:
    """The readable text of one page."""

    blocks: tuple[Block, ...]
