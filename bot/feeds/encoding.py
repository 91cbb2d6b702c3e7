"""Unpacking what a server sent, with an end to it: a gzip bomb stops at the limit, not at the memory's."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

from bot.errors import NotReadable, TooLarge

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ACCEPTED: Final = "gzip, deflate"
"""What we ask for (the Accept-Encoding header): the formats that can be unpacked a bounded piece at a time."""

_GZIP_MAGIC: Final = b"\x1f\x8b"
_MOST_MEMBERS: Final = 100
"""gzip members in a row; half a million empty ones would fit the limit of bytes and hold the loop for seconds."""
_EITHER: Final = 32 + zlib.MAX_WBITS
"""zlib's mode that knows gzip from zlib by its head."""


async def unpacked(chunks: AsyncIterator[bytes], encoding: str, limit: int) -> bytes:
    """The whole body, unpacked.

    Args:
        chunks: the body as it comes off the wire.
        encoding: the Content-Encoding header; one layer, since nobody needs two but attackers
            (495 bytes made 200 MiB in two layers, measured).
        limit: bytes allowed, packed and unpacked alike.

    Raises:
        TooLarge: there were more.
        NotReadable: an encoding that was not asked for, several of them, or data that does not unpack.
    """
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        return await _as_it_is(chunks, limit)
    if name not in {"gzip", "x-gzip", "deflate"}:
        raise NotReadable("source.encoding")
    unpacker = _Unpacker(limit)
    try:
        async for chunk in chunks:
            unpacker.add(chunk)
    except zlib.error:
        raise NotReadable("source.encoding") from None
    return unpacker.finish()


async def _as_it_is(chunks: AsyncIterator[bytes], limit: int) -> bytes:
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > limit:
            raise TooLarge("source.too_large")
    return bytes(body)


class _Unpacker:
    """Unpacks gzip (also several members in a row), zlib and raw deflate, never more than `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._body = bytearray()
        self._taken = 0
        self._members = 0
        self._waiting = b""
        self._stream: zlib._Decompress | None = None

    def add(self, chunk: bytes) -> None:
        """Unpack one more piece.

        Raises:
            TooLarge: the whole is larger than allowed.
            zlib.error: it is not packed as it says.
        """
        self._taken += len(chunk)
        if self._taken > self._limit:
            raise TooLarge("source.too_large")
        data = self._waiting + chunk
        self._waiting = b""
        while data:
            self._stream = self._stream or self._begun(data)
            if self._stream is None:
                return
            data = self._inflate(self._stream, data)

    def finish(self) -> bytes:
        """The whole.

        Raises:
            NotReadable: the data ends before its end.
        """
        half = self._waiting and not self._members
        if half or (self._stream is not None and not self._stream.eof):
            raise NotReadable("source.encoding")
        return bytes(self._body)

    def _begun(self, data: bytes) -> zlib._Decompress | None:
        """A stream of the format that the first two bytes tell; none while there is only one, or after the end."""
        if self._members and not _GZIP_MAGIC.startswith(data[:2]):
            return None  # zeros or rubbish after the last member, as some servers add
        if len(data) < 2:
            self._waiting = data
            return None
        self._members += 1
        if self._members > _MOST_MEMBERS:
            raise TooLarge("source.too_large")
        has_head = data.startswith(_GZIP_MAGIC) or (data[0] & 15 == 8 and (data[0] << 8 | data[1]) % 31 == 0)
        # "deflate" means zlib (RFC 9110, 8.4.1.2), but some servers send it without its head.
        return zlib.decompressobj(_EITHER if has_head else -zlib.MAX_WBITS)

    def _inflate(self, stream: zlib._Decompress, data: bytes) -> bytes:
        """Unpack what `stream` takes of `data`; the rest, if any, belongs to the next one."""
        while data and not stream.eof:
            self._body += stream.decompress(data, self._limit + 1 - len(self._body))
            if len(self._body) > self._limit:
                raise TooLarge("source.too_large")
            data = stream.unconsumed_tail
        if stream.eof:
            self._stream = None
        return stream.unused_data
