"""A hundred thousand updates at once: what the inbox takes of memory, and how long others wait meanwhile.

    python bench/flood.py [--updates N] [--short]

Updates come in groups of a hundred, as Telegram gives them, from one chat that floods, or from many. Each is written to a
real database first, and answered by nothing but a look at the event loop: what is measured is the inbox. Among each
thousand, one is of a reader who floods nobody; its wait is from its arrival to its turn. Every flood is a process of its
own; memory is what the kernel says of it (resident).
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.table import Table

from bot.gateway.updates import lane_of
from bot.services.inbox import Inbox
from bot.storage import migrate
from bot.storage.database import Database

if TYPE_CHECKING:
    from bot.storage.inbox import Received

GROUP: Final = 100
OTHER: Final = 7_777
"""The reader who floods nobody."""


def resident() -> float:
    """The memory of this process, in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1e6


def update(number: int, chat: int) -> dict[str, Any]:
    """A message of a private chat."""
    who = {"id": chat, "type": "private"}
    return {
        "update_id": number,
        "message": {"message_id": number, "chat": who, "from": {"id": chat}, "text": "/latest"},
    }


async def flood(path: Path, updates: int, chats: int) -> tuple[float, float, float, float, int]:
    """Let them come; returns seconds, memory before and at its height, the longest wait of the other, and its answers."""
    migrate.migrate(path)
    db = Database(path)
    came: dict[int, float] = {}
    waits: list[float] = []

    async def work(received: Received) -> str:
        await asyncio.sleep(0)
        if received.lane == OTHER:
            waits.append(time.monotonic() - came[received.update_id])
        return "answered"

    box = Inbox(db, lambda: datetime.now(UTC), lane_of, work, work)
    before = height = resident()
    began = time.monotonic()
    for first in range(1, updates + 1, GROUP):
        group = [update(number, 10_000 + number % chats) for number in range(first, first + GROUP)]
        if first % 1000 == 1:
            came[first] = time.monotonic()
            group[0] = update(first, OTHER)
        await box.receive(group)
        height = max(height, resident())
    await box.drain()
    took = time.monotonic() - began
    await db.close()
    return took, before, height, max(waits), len(waits)


def main() -> None:
    """Print the table; exits with 1 if somebody got no answer."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--updates", type=int, default=100_000, help="(%(default)s)")
    parser.add_argument("--short", action="store_true", help="5,000 updates")
    parser.add_argument("--chats", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    updates = 5_000 if given.short else given.updates
    if given.chats:
        with tempfile.TemporaryDirectory() as folder:
            found = asyncio.run(flood(Path(folder) / "news.db", updates, given.chats))
        print(*found)
        return
    table = Table("updates", "chats", "seconds", "MB before", "MB at most", "longest wait", "answered")
    missing = 0
    for chats in (1, 5_000):
        command = [sys.executable, __file__, "--updates", str(updates), "--chats", str(chats)]
        ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=900)
        took, before, height, wait, answered = map(float, ran.stdout.split())
        missing += int(updates / 1000 - answered)
        table.add_row(
            f"{updates:,}",
            f"{chats:,}",
            f"{took:.1f}",
            f"{before:.0f}",
            f"{height:.0f}",
            f"{wait:.2f} s",
            f"{answered:.0f} of {updates // 1000}",
        )
    Console().print(table)
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main()
