"""Documents that were written to harm whoever reads them, each made when it is wanted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
URL = "https://herald.example/rss"


def item(inside: bytes) -> bytes:
    return (
        b"<rss version='2.0'><channel><title>Herald</title><item><title>One</title>"
        + inside
        + b"</item></channel></rss>"
    )


def good(n: int) -> bytes:
    """A feed that means no harm."""
    return item(b"").replace(b"One", b"Good story %d" % n)


def _with_entities(entities: bytes, title: bytes) -> bytes:
    doctype = b"<?xml version='1.0'?><!DOCTYPE rss [" + entities + b"]>"
    return doctype + item(b"<description>" + title + b"</description>")


def _laughs() -> bytes:
    ten = b"".join(b"<!ENTITY l%d '%s'>" % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 11))
    return _with_entities(b"<!ENTITY l0 'ha'>" + ten, b"&l10;")


HOSTILE: dict[str, Callable[[], bytes]] = {
    "a billion laughs": _laughs,
    "quadratic blow-up": lambda: _with_entities(b"<!ENTITY a '" + b"x" * 100_000 + b"'>", b"&a;" * 2000),
    "escaped comments": lambda: item(b"<description>" + b"&lt;!--" * 100_000 + b"</description>"),
    "an author of dots": lambda: item(b"<author>a@" + b"a." * 32_000 + b"!</author>"),
    "a million levels": lambda: b"<rss version='2.0'><channel>" + b"<a>" * 1_000_000,
    "a million levels of HTML": lambda: item(b"<description>" + b"&lt;b&gt;" * 1_000_000 + b"</description>"),
    "many elements": lambda: item(b"<a b='c'/>" * 400_000),
    "many attributes": lambda: b"<rss " + b" ".join(b"a%d='1'" % n for n in range(200_000)) + b"/>",
    "open marks": lambda: b"<" * 3_000_000,
    "open lists": lambda: b"[" * 1_000_000,
    "a number of a million digits": lambda: (
        b'{"version":"https://jsonfeed.org/version/1","items":[%s]}' % (b"9" * 1_000_000)
    ),
    "invitations to read more": lambda: item(
        b"<description>" + b"&lt;p&gt;read more&lt;/p&gt;" * 100_000 + b"</description>"
    ),
}
