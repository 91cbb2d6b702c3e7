"""The newsroom as it is in life but for its pace and perhaps its clock, for a harness that kills it.

python bench/_newsroom.py ORDER     an Order as JSON; it runs until SIGTERM
"""

from __future__ import annotations

import asyncio
import gc
import json
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))  # for `bench`, which is no package

from bench.crash.quick_time import QuickTime
from bot import app, config
from bot.gateway.pacing import Book, Pacer

TOKEN: Final = "1000000001:campaigns_and_nothing_else_use_this"


@dataclass(frozen=True, slots=True)
class Order:
    """What the newsroom's process is given.

    Attributes:
        path: the database.
        url: the Bot API.
        editor: who may send to many.
        rate: messages a second.
        speed, began, at: as `QuickTime` takes them.
    """

    path: str
    url: str
    editor: int
    rate: float
    speed: float
    began: float
    at: float


async def newsroom(order: Order, clock: QuickTime) -> None:
    """The newsroom, until it is ended."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    path = Path(order.path)
    chosen = config.load(
        None, telegram_bot_token=TOKEN, telegram_api_url=order.url, database_url=f"sqlite:///{path}",
        feeds_file=path.with_name("feeds.opml"), http_port=0, log_level="WARNING", admin_ids=(order.editor,),
        broadcast_confirm_over=0, backup_keep=0,
    )  # fmt: skip
    pacer = Pacer(Book(rate=order.rate), clock.monotonic)
    real = order.speed == 1.0
    async with app.open_app(chosen, clock=clock.now, pacer=pacer, ticking=real) as running:
        await running.connected.wait()
        gc.collect()  # as the program does it
        gc.freeze()
        # The scheduler's seconds are the machine's, however fast time passes.
        ticks = () if real else (tick(running, name, stop) for name in ("broadcast", "deliver"))
        await asyncio.gather(running.wait(stop), *ticks)


async def tick(running: app.App, name: str, stop: asyncio.Event) -> None:
    """Do a tick's work every second until the end."""
    while not stop.is_set():
        await running.runner.run(name)
        await asyncio.sleep(1)


def main() -> None:
    """Run it in its own time."""
    order = Order(**json.loads(sys.argv[1]))
    clock = QuickTime(order.speed, order.began, order.at)
    with asyncio.Runner(loop_factory=clock.loop) as runner:
        runner.run(newsroom(order, clock))


if __name__ == "__main__":
    main()
