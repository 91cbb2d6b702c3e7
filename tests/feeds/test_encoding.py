"""Unpacking in whatever pieces the wire gives, and never beyond the limit."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import NotReadable, TooLarge
from bot.feeds.encoding import unpacked

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LIMIT = 10_000


async def pieces(data: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def packed(data: bytes, wbits: int) -> bytes:
    packer = zlib.compressobj(wbits=wbits)
    return packer.compress(data) + packer.flush()


@settings(max_examples=100)
@given(
    st.binary(max_size=400) | st.binary(max_size=4).map(lambda data: data * 2000),
    st.integers(1, 50),
    st.sampled_from([("gzip", 31), ("deflate", 15), ("deflate", -15), ("gzip", 15)]),
)
async def test_any_pieces_give_the_same_whole(data: bytes, size: int, form: tuple[str, int]) -> None:
    name, wbits = form
    assert await unpacked(pieces(packed(data, wbits), size), name, LIMIT) == data


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_several_gzip_members_are_one_document_and_rubbish_after_them_none(size: int) -> None:
    data = gzip.compress(b"first ") + gzip.compress(b"second") + b"\0\0\0rubbish"
    assert await unpacked(pieces(data, size), "gzip", LIMIT) == b"first second"


@pytest.mark.parametrize("name", ["", "identity", "IDENTITY"])
async def test_a_body_that_is_not_packed_stays_as_it_is(name: str) -> None:
    assert await unpacked(pieces(b"x" * LIMIT, 999), name, LIMIT) == b"x" * LIMIT
    with pytest.raises(TooLarge):
        await unpacked(pieces(b"x" * (LIMIT + 1), 999), name, LIMIT)


@pytest.mark.parametrize("wbits", [31, 15, -15])
async def test_the_limit_counts_after_unpacking(wbits: int) -> None:
    name = "gzip" if wbits == 31 else "deflate"
    assert len(await unpacked(pieces(packed(bytes(LIMIT), wbits), 100), name, LIMIT)) == LIMIT
    with pytest.raises(TooLarge):
        await unpacked(pieces(packed(bytes(LIMIT + 1), wbits), 100), name, LIMIT)


async def test_the_limit_counts_before_unpacking_too() -> None:
    padded = gzip.compress(b"x") + bytes(LIMIT)
    with pytest.raises(TooLarge):
        await unpacked(pieces(padded, 100), "gzip", LIMIT)


async def test_members_without_end_are_refused() -> None:
    with pytest.raises(TooLarge):
        await unpacked(pieces(gzip.compress(b"") * 101, 4096), "gzip", LIMIT)


@pytest.mark.parametrize(
    "data", [b"\x1f", gzip.compress(b"x" * 500, mtime=0)[:-5], b"plain words", b"\x1f\x8bnonsense"]
)
async def test_what_does_not_unpack_is_not_readable(data: bytes) -> None:
    with pytest.raises(NotReadable) as error:
        await unpacked(pieces(data, 3), "gzip", LIMIT)
    assert error.value.key == "source.encoding"


async def test_an_empty_body_is_an_empty_document() -> None:
    assert await unpacked(pieces(b"", 1), "gzip", LIMIT) == b""
