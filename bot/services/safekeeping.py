"""Keeping the newsroom's data safe: room on the disk, and a checked copy of the database every night."""

from __future__ import annotations

import asyncio
import logging
import re
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.errors import DatabaseError
from bot.services.owners import tell_owners
from bot.storage import backup, desk

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from bot.domain.schedule import Clock
    from bot.storage.database import Connection, Database

log = logging.getLogger(__name__)

NIGHT: Final = 3
"""The hour of the operator's day from which on a copy is made: few read then."""
DEAD_AFTER: Final = timedelta(days=3)
"""A feed without a success for so long is taken for dead."""
MIB: Final = 2**20


class Room:
    """How much room there is on the disk that the database lies on.

    Args:
        folder: of the database.
        least: bytes that must stay free; with less, no more articles are taken in.
        free_on: how many bytes are free there.
    """

    def __init__(
        self,
        folder: Path,
        least: int,
        free_on: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free,
    ) -> None:
        self._folder = folder
        self._least = least
        self._free_on = free_on

    def free(self) -> int:
        """Bytes that are free now."""
        return self._free_on(self._folder)

    def enough(self, more: int = 0) -> bool:
        """Whether so many bytes more may be written."""
        return self.free() - more >= self._least


class Safekeeping:
    """What is done so that nothing gets lost.

    Args:
        db: the database.
        clock: the time.
        zone: the operator's, whose night it is.
        room: on the disk.
        keep: copies that are kept; 0 makes none.
        owners: who is told when something is wrong.
    """

    def __init__(
        self, db: Database, clock: Clock, zone: ZoneInfo, room: Room, *, keep: int, owners: Collection[int]
    ) -> None:
        self._db = db
        self._clock = clock
        self._zone = zone
        self._room = room
        self._keep = keep
        self._owners = owners

    @property
    def folder(self) -> Path:
        """Where the copies are."""
        return self._db.path.parent / "backups"

    def copies(self) -> list[Path]:
        """The nightly copies, the oldest first; other files in their folder are none of ours."""
        ours = re.compile(rf"{re.escape(self._db.path.stem)}-\d{{4}}-\d\d-\d\d\.db")
        return sorted(path for path in self.folder.glob("*.db") if ours.fullmatch(path.name))

    async def back_up(self) -> Path | None:
        """Make tonight's copy if it is due and not made yet, and remove the oldest ones; returns the new one.

        A machine that sleeps at night makes it when it wakes up.
        """
        local = self._clock().astimezone(self._zone)
        target = self.folder / f"{self._db.path.stem}-{local.date().isoformat()}.db"
        if self._keep == 0 or local.hour < NIGHT or target.exists():
            return None
        size = self._db.path.stat().st_size
        if not self._room.enough(size):
            await self._tell("owner.no_backup", f"backup:{local.date()}", need=size // MIB)
            return None
        try:
            await asyncio.to_thread(self._copy, target)
        except DatabaseError:
            await self._tell("owner.no_backup", f"backup:{local.date()}", need=size // MIB)
            raise
        log.info("the night's copy is %s", target)
        return target

    def _copy(self, target: Path) -> None:
        self.folder.mkdir(exist_ok=True)
        backup.copy(self._db.path, target)
        for old in self.copies()[: -self._keep]:
            old.unlink()

    async def watch(self) -> bool:
        """Look at the disk; where there is too little room, say so to the owners once a day."""
        enough = self._room.enough()
        if not enough:
            free = self._room.free() // MIB
            log.warning("only %d MiB are free on the disk: no feeds are read until there is more", free)
            await self._tell("owner.disk", f"disk:{self._clock().date()}", free=free)
        return enough

    async def mourn(self) -> int:
        """Tell the owners of feeds that have died, once each; returns how many there were."""

        def write(connection: Connection) -> int:
            now = self._clock()
            dead = desk.newly_dead(connection, now - DEAD_AFTER)
            for feed_id, name, state in dead:
                key = "owner.feed_gone" if state == "gone" else "owner.feed_dead"
                occasion = f"feed:{feed_id}:{now.date()}"
                tell_owners(connection, self._owners, key, {"name": name}, occasion, now)
                desk.change(connection, feed_id, dead_told_at=now)
            return len(dead)

        if not await self._db.read(desk.newly_dead, self._clock() - DEAD_AFTER):
            return 0
        return await self._db.write(write)

    async def _tell(self, key: str, occasion: str, **values: int) -> None:
        await self._db.write(tell_owners, self._owners, key, values, occasion, self._clock())
