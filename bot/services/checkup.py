"""What `check` looks at: each finding says what is, and what to do where something is wrong."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.errors import OperatorError
from bot.services.feeds import catalogue, read_list
from bot.storage import backup, migrate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.domain.news import Feed

DISK_WANTED: Final = 2**30
"""Free bytes below which a newsroom will soon stand still: a year of 60 feeds takes about as much."""
MEMORY_WANTED: Final = 350 * 2**20
_WAL_BUG: Final = ((3, 7, 0), (3, 51, 2))
_WAL_MENDED: Final = {(3, 50): 7, (3, 44): 6}
"""SQLite's own repairs of older lines: from these patch levels on they are sound."""


class Grade(StrEnum):
    """How a finding is."""

    GOOD = "ok"
    WARNING = "warning"
    BAD = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    grade: Grade
    subject: str
    sentence: str


def database(path: Path) -> list[Finding]:
    """Whether the database can be used, and by which SQLite."""
    findings = [_sqlite(migrate.sqlite_version())]
    if not path.exists():
        findings.append(Finding(Grade.GOOD, "database", f"{path} is not there yet; the first run makes it."))
        return findings
    try:
        found = migrate.revision(path)
        backup.check_pages(path)
    except OperatorError as error:
        findings.append(Finding(Grade.BAD, "database", str(error)))
        return findings
    newest = migrate.newest()
    if found == newest:
        findings.append(
            Finding(Grade.GOOD, "database", f"{path} is sound and up to date (revision {found}).")
        )
    else:
        sentence = (
            f"{path} is sound, at revision {found or 'none'} of {newest}; the next run brings it up to date."
        )
        findings.append(Finding(Grade.WARNING, "database", sentence))
    return findings


def _sqlite(version: tuple[int, int, int]) -> Finding:
    written = ".".join(map(str, version))
    low, high = _WAL_BUG
    mended = version[2] >= _WAL_MENDED.get((version[0], version[1]), 10**6)
    if version < (3, 37, 0):
        return Finding(
            Grade.BAD, "SQLite", f"{written} is too old; 3.37 or newer is needed. Use a newer Python."
        )
    if low <= version <= high and not mended:
        return Finding(
            Grade.WARNING,
            "SQLite",
            f"{written} has a rare bug when two programs write at the same instant. The newsroom keeps clear of it; "
            "let no other program write to its database. Mended in 3.51.3, 3.50.7 and 3.44.6.",
        )
    return Finding(Grade.GOOD, "SQLite", f"{written}")


def feeds(known: Sequence[Feed]) -> Finding:
    """Whether the feeds give what they are there for; where most of them do not, the trouble is rarely theirs."""
    active = [feed for feed in known if feed.state == "active"]
    failing = [feed for feed in active if feed.failures]
    if not failing:
        return Finding(Grade.GOOD, "feeds", f"{len(active)} are in use, and none of them fails.")
    sentence = f"{len(failing)} of {len(active)} fail; `paperboy feeds list` says why."
    if 2 * len(failing) > len(active):
        sentence += " When most of them do, look at this machine's way to the internet first."
        return Finding(Grade.WARNING, "feeds", sentence)
    return Finding(Grade.GOOD, "feeds", sentence)


def feeds_file(path: Path | None) -> Finding:
    """Whether the list of feeds can be read."""
    try:
        data, name = catalogue(path)
        found = read_list(data, name)
    except OperatorError as error:
        return Finding(Grade.BAD, "list of feeds", str(error))
    flaws = []
    if found.refused:
        flaws.append(
            f"addresses that cannot be fetched ({len(found.refused)}): {', '.join(found.refused[:3])}"
        )
    if found.broken_at:
        flaws.append(f"the file is broken from line {found.broken_at} on, and feeds behind it may be missing")
    if not found.feeds:
        flaws.append("it names no feed")
    sentence = "; ".join((f"{name} can be read, feeds: {len(found.feeds)}", *flaws))
    return Finding(Grade.WARNING if flaws else Grade.GOOD, "list of feeds", f"{sentence}.")


def disk(folder: Path, free_on: Callable[[Path], int] | None = None) -> Finding:
    """Whether there is room to grow where the database lies."""
    existing = next((parent for parent in (folder, *folder.parents) if parent.exists()), Path())
    free = free_on(existing) if free_on else shutil.disk_usage(existing).free
    sentence = f"{free / 2**30:.1f} GiB free at {existing}"
    if free < DISK_WANTED:
        return Finding(Grade.WARNING, "disk", f"{sentence}; at least 1 GiB is advised. Free some space.")
    return Finding(Grade.GOOD, "disk", f"{sentence}.")


def memory(meminfo: Path = Path("/proc/meminfo")) -> Finding:
    """Whether there is memory for the program and its workers; systems that do not tell are trusted."""
    try:
        line = next(one for one in meminfo.read_text("ascii").splitlines() if one.startswith("MemAvailable:"))
        available = int(line.split()[1]) * 1024
    except (OSError, StopIteration, ValueError):
        return Finding(Grade.GOOD, "memory", "this system does not tell how much is free.")
    sentence = f"{available / 2**20:.0f} MiB available"
    if available < MEMORY_WANTED:
        return Finding(Grade.WARNING, "memory", f"{sentence}; 350 MiB are advised.")
    return Finding(Grade.GOOD, "memory", f"{sentence}.")
