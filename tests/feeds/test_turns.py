"""Turns at hosts: few at one, and a host with a queue holds no other up."""

from __future__ import annotations

import asyncio

from bot.feeds.turns import Turns


async def test_a_queue_at_one_host_takes_no_places_from_others() -> None:
    turns = Turns(per_host=1, in_all=2)
    leave, two = asyncio.Event(), asyncio.Event()
    inside: list[str] = []

    async def visit(host: str) -> None:
        async with turns.at(host):
            inside.append(host)
            if len(inside) == 2:
                two.set()
            await leave.wait()

    visits = [asyncio.create_task(visit(host)) for host in ("slow", "slow", "slow", "other")]
    await two.wait()
    assert inside == ["slow", "other"]
    leave.set()
    await asyncio.gather(*visits)
    assert inside == ["slow", "other", "slow", "slow"]


async def test_a_host_without_guests_is_forgotten_even_after_trouble() -> None:
    turns = Turns(per_host=1, in_all=1)

    async def fall() -> None:
        async with turns.at("a"):
            assert len(turns) == 1
            raise ValueError

    await asyncio.gather(fall(), fall(), return_exceptions=True)
    assert len(turns) == 0
