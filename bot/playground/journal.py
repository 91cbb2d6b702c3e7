"""The playground's memory on disk: one JSON record a line, appended before anybody hears of it.

A line is one write, so that a process killed at any moment leaves whole lines and at most one torn one at the end,
which counts as never written. Power loss is not guarded against: nothing here is worth a sync for each message.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from bot.errors import DatabaseDamaged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from bot.playground.state import Record

_HEADER: Final[dict[str, Any]] = {"kind": "playground", "version": 1}


def read_journal(path: Path) -> Iterator[Record]:
    """The records of a journal, also of one that another process is writing; none where there is no file.

    Raises:
        DatabaseDamaged: the file is no journal, or a line before the last cannot be read.
    """
    if not path.exists():
        return
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.endswith(b"\n"):
                return
            record = _parse(line)
            if record is None or (number == 1 and record != _HEADER):
                raise DatabaseDamaged(
                    f"{path} is not a journal of the playground: line {number} cannot be read."
                )
            if number > 1:
                yield record


def _parse(line: bytes) -> Record | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) and isinstance(record.get("kind"), str) else None


class Journal:
    """A journal open for writing.

    Args:
        path: the file; it and its folder are made where they are missing.
        records: what it is to hold from the start, in the place of all that it held before.
    """

    def __init__(self, path: Path, records: Iterable[Record]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(path.name + ".new")
        with fresh.open("wb") as file:
            file.write(_line(_HEADER))
            file.writelines(map(_line, records))
        fresh.replace(path)
        self._file = path.open("ab", buffering=0)

    def append(self, record: Record) -> None:
        """Write one record; when this returns, a kill of this process cannot undo it."""
        self._file.write(_line(record))

    def close(self) -> None:
        """Give the file back."""
        self._file.close()


def _line(record: Record) -> bytes:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
