"""Knowing an article again, although its feed changes ids, addresses or headlines."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import regex

from bot.domain.links import canonical_url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.articles import Entry

GUID: Final = "g:"
"""How a key begins that stands for the feed's own id of an article."""
ADDRESS: Final = "l:"
"""How a key begins that stands for an article's address."""
_NOT_A_WORD: Final = regex.compile(r"[^\p{L}\p{N}\p{M}]+")


def folded_title(title: str) -> str:
    """A headline without case, punctuation and spacing, for comparing."""
    return _NOT_A_WORD.sub(" ", unicodedata.normalize("NFKC", title).casefold()).strip()


def fingerprint(*parts: str) -> str:
    """128 bits of SHA-256 over the parts, as 32 hexadecimal digits."""
    joined = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(joined).hexdigest()[:32]


def content_hash(entry: Entry) -> str:
    """What changes when the feed tells the article anew."""
    return fingerprint(entry.title, entry.url, entry.teaser, *(block.text for block in entry.blocks))


def page_address(url: str) -> str:
    """What the spellings of an article's address have in common; "" for a front page, which names no article."""
    address = canonical_url(url) if url else ""
    parts = urlsplit(address)
    return address if parts.path or parts.query else ""


def article_keys(entries: Sequence[Entry]) -> list[tuple[str, ...]]:
    """For each entry of one document the keys by which its feed knows it again; none where nothing tells it apart.

    An id or an address counts only if no other entry of the document has it (feeds repeat ids, and some link
    every entry to one page). The headline counts only for an entry that has neither.
    """
    guids = Counter(entry.guid for entry in entries)
    links = [page_address(entry.url) for entry in entries]
    link_counts = Counter(links)
    titles = [folded_title(entry.title) for entry in entries]
    keys = []
    for entry, address, title in zip(entries, links, titles, strict=True):
        own = []
        if entry.guid and guids[entry.guid] == 1:
            own.append(GUID + fingerprint(entry.guid))
        if address and link_counts[address] == 1:
            own.append(ADDRESS + fingerprint(address))
        if not own:
            text = title or folded_title(entry.teaser)
            own += ["t:" + fingerprint(text, address, entry.guid)] if text else []
        keys.append(tuple(own))
    return keys
