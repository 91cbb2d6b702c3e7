"""New databases for tests: made once by the migrations, and copied from then on."""

from __future__ import annotations

import atexit
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from bot.storage import migrate


@cache
def _empty() -> Path:
    folder = mkdtemp(prefix="empty-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    migrate.migrate(Path(folder) / "empty.db")
    return Path(folder) / "empty.db"


def database(path: Path) -> Path:
    """A database of the newest form with nothing in it; returns its path. One that is there already stays."""
    if not path.exists():
        shutil.copyfile(_empty(), path)
    return path
