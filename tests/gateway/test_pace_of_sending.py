"""What `bench/send.py` compares is the same message from every sender, and all of them arrive."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from bench._responder import CONTENT, start
from bench.send import ALONE, MESSAGE, OURS, Bench
from tests.gateway.rig import MAYA, open_gateway

if TYPE_CHECKING:
    from pathlib import Path


async def test_our_senders_in_the_benchmark_send_what_the_others_do() -> None:
    async with open_gateway() as gateway:
        await gateway.push(MESSAGE)
    assert gateway.asked() == [{"chat_id": MAYA, **CONTENT}]


@pytest.mark.slow
def test_all_messages_of_the_benchmark_arrive(tmp_path: Path) -> None:
    with start((0.0, 0.0)) as responder:
        bench = Bench(tmp_path, responder, sys.executable, [])
        for sender in (OURS, ALONE, "aiohttp alone", "python-telegram-bot"):
            figures = bench.send(sender, case=0, messages=70)
            assert figures is not None
            assert figures.messages == 70
            assert figures.cpu > figures.writer
            assert (figures.writer > 0) == (sender == OURS)
