"""In which encoding a web page is written, whatever it says about itself. Pure."""

from __future__ import annotations

import codecs
import re
from typing import Final

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEADER: Final = re.compile(r"charset\s*=\s*[\"']?\s*([\w:.+-]{1,40})", re.IGNORECASE)
_META: Final = re.compile(
    rb"<(?:meta|\?xml)\s[^>]{0,300}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w:.+-]{1,40})", re.IGNORECASE
)
_HEAD: Final = 8192
"""Bytes in which a page names its encoding; the standard says 1,024, and pages do it later."""

_READ_AS: Final = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
"""Wider encodings that browsers read for narrower names (WHATWG Encoding, labels)."""
_BEFORE_UTF_8: Final = ("iso2022", "utf-16", "utf-32", "hz")
"""Encodings whose bytes are valid UTF-8 as well, so that their name has to be believed."""
_NEVER: Final = frozenset("utf-7 punycode idna unicode-escape raw-unicode-escape undefined mbcs oem".split())
"""Python's text codecs that no page is written in; some are slow, some raise, one hides markup."""


def decoded(body: bytes, content_type: str) -> str:
    """The page as text; this never raises.

    Order: a byte order mark; valid UTF-8, which other encodings hit by chance next to never; the header's charset; the
    page's own; Windows-1252, which reads anything.

    Args:
        body: the page.
        content_type: the Content-Type header as it came.
    """
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    header, meta = _HEADER.search(content_type), _META.search(body[:_HEAD])
    named = [header[1] if header else "", meta[1].decode("ascii") if meta else ""]
    known = [codec for name in named if (codec := _codec(name))]
    first = [codec for codec in known if codec.startswith(_BEFORE_UTF_8)]
    for encoding in (*first, "utf-8", *known):
        try:
            return body.decode(encoding)
        except UnicodeError:
            continue
    return body.decode(known[0] if known else "cp1252", "replace")


def _codec(name: str) -> str:
    """Python's name of an encoding, as browsers would read it; "" for none, or none that a page is written in."""
    try:
        codec = codecs.lookup(name)
        "".encode(codec.name)  # refuses what is no text encoding, such as base64
    except (LookupError, UnicodeError):
        return ""
    return "" if codec.name in _NEVER else _READ_AS.get(codec.name, codec.name)
