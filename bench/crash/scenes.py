"""What is done to the files of a database, in a process to be killed: it is brought up to date, copied, restored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.storage import backup, migrate

if TYPE_CHECKING:
    from pathlib import Path

MIGRATE: Final = "migrate"
BACKUP: Final = "backup"
RESTORE: Final = "restore"
TIMES: Final = 20
"""How often a life copies or restores: as often as the campaign lets one die at the same place."""


def act(scene: str, path: Path) -> None:
    """Play a scene with the database at `path`.

    Raises:
        DatabaseError: it did not work.
    """
    match scene:
        case "migrate":
            migrate.migrate(path)
        case "backup":
            for _ in range(TIMES):
                backup.copy(path, copy_of(path), replace=True)
        case "restore":
            for _ in range(TIMES):
                with backup.held(path):
                    backup.restore(copy_of(path), path)


def copy_of(path: Path) -> Path:
    """Where the copy is."""
    return path.with_name("copy.db")
