"""Small things that people can send besides words: pictures, films, sounds."""

from __future__ import annotations

import math
import struct
import zlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

SIDES: Final = (480, 320)
STICKER_SIDE: Final = 256

_TRUE_COLOUR: Final = 2
_WITH_ALPHA: Final = 6
"""Colour types of a PNG (PNG specification, 11.2.1), eight bits each."""


def sample_photo() -> bytes:
    """A PNG of a sunrise over the sea, SIDES large."""
    width, height = SIDES
    horizon, radius = height * 5 // 8, height // 4
    rows = []
    for y in range(height):
        if y >= horizon:
            rows.append(bytes((30, 60 + y // 4, 100 + y // 4)) * width)
            continue
        half = math.isqrt(max(radius**2 - (horizon - y) ** 2, 0))
        sky = bytes((255, 130 + y // 2, 90 + y // 5)) * (width // 2 - half)
        rows.append(sky + b"\xff\xe0\x90" * (2 * half) + sky)
    return _png(width, height, _TRUE_COLOUR, rows)


def sample_sticker() -> bytes:
    """A PNG of a folded newspaper on nothing, STICKER_SIDE large."""
    blank, paper, ink, grey, sun = (
        bytes(colour)
        for colour in (
            (0, 0, 0, 0),
            (255, 255, 255, 255),
            (38, 62, 92, 255),
            (176, 190, 204, 255),
            (243, 178, 60, 255),
        )
    )
    edge, fold = blank * 28, grey * 22 + blank * 22

    def row(*runs: tuple[bytes, int]) -> bytes:
        return edge + b"".join(colour * length for colour, length in runs) + fold

    margin = blank * STICKER_SIDE
    plain = row((paper, 184))
    title = row((paper, 20), (ink, 144), (paper, 20))
    line = row((paper, 20), (grey, 144), (paper, 20))
    picture = row((paper, 20), (sun, 64), (paper, 100))
    beside = row((paper, 20), (sun, 64), (paper, 16), (grey, 64), (paper, 20))
    rows = [margin] * 30 + [plain] * 20 + [title] * 22 + [plain] * 18
    rows += ([beside] * 8 + [picture] * 12) * 3 + [beside] * 8 + [plain] * 16
    rows += ([line] * 8 + [plain] * 12) * 2 + [plain] * 8
    rows += [margin] * (STICKER_SIDE - len(rows))
    return _png(STICKER_SIDE, STICKER_SIDE, _WITH_ALPHA, rows)


def _png(width: int, height: int, colour_type: int, rows: Iterable[bytes]) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)
    pixels = b"".join(b"\0" + row for row in rows)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def sample_voice() -> bytes:
    """The first page of an Ogg stream; enough for somebody who does not listen."""
    return b"OggS\0\2" + bytes(20) + b"\1\x13OpusHead\1\1"


def sticker_fields() -> dict[str, Any]:
    """The fields of a Sticker that do not come from its file."""
    sides = {"width": STICKER_SIDE, "height": STICKER_SIDE}
    return {"type": "regular", **sides, "is_animated": False, "is_video": False, "emoji": "📰"}


def sample_film() -> bytes:
    """The first box of an MP4 file (ISO/IEC 14496-12, 4.3); enough for somebody who does not watch."""
    return b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"


def sample_song() -> bytes:
    """An empty ID3 tag and the head of an MPEG frame; enough for somebody who does not listen."""
    return b"ID3\4\0\0\0\0\0\0\xff\xfb\x90\0"
