"""Small things that people can send besides words: a photo, a sticker, a voice message."""

from __future__ import annotations

import struct
import zlib
from typing import Any, Final

SIDES: Final = (96, 64)


def sample_photo() -> bytes:
    """A PNG of a sunrise over the sea, SIDES large."""
    width, height = SIDES
    rows = bytearray()
    for y in range(height):
        rows += b"\0" + b"".join(_pixel(x, y) for x in range(width))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _pixel(x: int, y: int) -> bytes:
    width, height = SIDES
    horizon = height * 5 // 8
    if y >= horizon:
        return bytes((30, 70 + y, 110 + y))
    if (x - width // 2) ** 2 + (y - horizon) ** 2 < (height // 4) ** 2:
        return b"\xff\xe0\x90"
    return bytes((255, 130 + 2 * y, 90 + y))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def sample_voice() -> bytes:
    """The first page of an Ogg stream; enough for somebody who does not listen."""
    return b"OggS\0\2" + bytes(20) + b"\1\x13OpusHead\1\1"


def sticker_fields() -> dict[str, Any]:
    """The fields of a Sticker that do not come from its file."""
    sides = {"width": 512, "height": 512}
    return {"type": "regular", **sides, "is_animated": False, "is_video": False, "emoji": "📰"}
