"""Small pictures: at most 256 colours, each of which a pixel names by one byte."""

from __future__ import annotations

import base64
import struct
import zlib
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.async_api import Page

COLOURS: Final = 256
"""What the palette of a PNG holds at most (PNG specification, 11.2.2)."""
STEP: Final = 8
"""Shades that are taken for one."""
_WITH_PALETTE: Final = 3
"""A colour type of a PNG (PNG specification, 11.2.1)."""

_PIXELS: Final = """async (picture) => {
  const image = await createImageBitmap(await (await fetch("data:image/png;base64," + picture)).blob());
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const pixels = context.getImageData(0, 0, image.width, image.height).data;
  let text = "";
  for (let at = 0; at < pixels.length; at += 32768) text += String.fromCharCode(...pixels.subarray(at, at + 32768));
  return [image.width, btoa(text)];
}"""


async def small(page: Page, picture: bytes) -> bytes:
    """The picture with few colours, as a PNG; `page` is a blank one, which unpacks it."""
    width, packed = await page.evaluate(_PIXELS, base64.b64encode(picture).decode())
    raw = base64.b64decode(packed)
    return with_palette(width, list(zip(raw[::4], raw[1::4], raw[2::4], strict=True)))


def with_palette(width: int, pixels: list[tuple[int, int, int]]) -> bytes:
    """A PNG of pixels in their order; the colours that are there most often stay, nearly, as they are."""
    rounded = {colour: _rounded(colour) for colour in set(pixels)}
    often = Counter(rounded[one] for one in pixels)
    palette = [colour for colour, _ in often.most_common(COLOURS)]
    place = {colour: number for number, colour in enumerate(palette)}
    for colour in often.keys() - place.keys():
        place[colour] = min(range(len(palette)), key=lambda number: _distance(palette[number], colour))
    named = {colour: place[one] for colour, one in rounded.items()}
    line = bytes(named[one] for one in pixels)
    lines = b"".join(b"\0" + line[start : start + width] for start in range(0, len(line), width))
    header = struct.pack(">IIBBBBB", width, len(pixels) // width, 8, _WITH_PALETTE, 0, 0, 0)
    parts = (
        _chunk(b"IHDR", header),
        _chunk(b"PLTE", bytes(shade for colour in palette for shade in colour)),
        _chunk(b"IDAT", zlib.compress(lines, 9)),
        _chunk(b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _rounded(colour: tuple[int, int, int]) -> tuple[int, ...]:
    return tuple(min(255, (shade + STEP // 2) // STEP * STEP) for shade in colour)


def _distance(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
