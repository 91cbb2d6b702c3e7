"""Little pictures for the sample wire's articles, drawn from nothing but a name."""

from __future__ import annotations

import hashlib
import struct
import zlib
from typing import Final

WIDTH: Final = 480
HEIGHT: Final = 270

_PALETTES: Final = (
    ((250, 214, 165), (236, 142, 110), (255, 244, 214), (96, 82, 110), (58, 52, 82)),
    ((186, 214, 235), (122, 168, 206), (255, 250, 240), (74, 108, 122), (42, 70, 84)),
    ((214, 228, 200), (150, 190, 170), (255, 255, 235), (92, 128, 104), (52, 84, 72)),
    ((60, 72, 120), (30, 36, 72), (244, 240, 220), (24, 28, 56), (14, 16, 36)),
)
"""Sky above, sky below, sun, far hill, near hill, as red, green, blue."""

Colour = tuple[int, int, int]


def picture(name: str) -> bytes:
    """A PNG of a coast, 480 by 270 pixels; the same name gives the same bytes.

    The file follows the PNG specification (ISO/IEC 15948): signature, IHDR, IDAT, IEND; eight bits a channel, no
    filter.
    """
    seed = hashlib.sha256(name.encode()).digest()
    rows = b"".join(b"\0" + _row(y, seed) for y in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _row(y: int, seed: bytes) -> bytes:
    """One row of pixels: the sky's own colour, then the sun and the hills as runs over it."""
    above, below, sun, far, near = _PALETTES[seed[0] % len(_PALETTES)]
    pixels = bytearray(bytes(_between(above, below, y / HEIGHT)) * WIDTH)
    sun_x, sun_y, radius = 60 + seed[1], 50 + seed[2] % 60, 22 + seed[3] % 14
    _run(pixels, sun_x, radius**2 - (y - sun_y) ** 2, sun)
    for number, colour in ((4, far), (6, far), (8, near), (10, near)):
        top = 140 + seed[number] % 60 + (40 if colour is near else 0)
        _run(pixels, 2 * seed[number + 1], (y - top) * 260, colour)
    if y > 250:
        _run(pixels, WIDTH // 2, WIDTH**2, near)
    return bytes(pixels)


def _run(pixels: bytearray, middle: int, square: int, colour: Colour) -> None:
    """Colour the pixels around `middle` up to the root of `square` on either side; none where it is not positive."""
    if square <= 0:
        return
    half = int(square**0.5)
    left, right = max(0, middle - half), min(WIDTH, middle + half)
    if left < right:
        pixels[3 * left : 3 * right] = bytes(colour) * (right - left)


def _between(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
