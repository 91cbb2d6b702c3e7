"""Files of a database that somebody works on and is killed at it: the database stays whole, and nothing is lost."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from bench._reckoning import is_whole
from bench.crash import scenes
from bench.crash.small import FAILPOINT
from bench.crash.stage import PATIENCE, Found
from bot.storage import backup, migrate

if TYPE_CHECKING:
    from pathlib import Path

    from bench.crash.stage import Play, Stage

FORMS: Final = tuple(sorted(path.name[:4] for path in (migrate.SCRIPTS / "versions").glob("[0-9]*.py"))[:-1])
"""Every form that a database once had."""
KEPT: Final = ("feeds", "stories", "readers", "saves", "lists", "messages", "deliveries")
"""Tables of the first form, in the order in which they are filled."""
ROWS: Final = 200
VALUES: Final = {
    "feeds": "(id, url, added_at, next_check_at) VALUES (:n, 'https://papers.example/' || :n, :at, :at)",
    "stories": "(id, title, first_seen_at, shown_at) VALUES (:n, 'Story ' || :n, :at, :at)",
    "readers": "(chat_id, language, zone, digest_minute, joined_at, seen_at, covered_until) "
    "VALUES (:n, 'en', 'UTC', 480, :at, :at, :at)",
    "saves": "VALUES (:n, :n, :at)",
    "lists": "(id, chat_id, kind, made_at) VALUES (:n, :n, 'digest', :at)",
    "messages": "(id, fingerprint, document, made_at) VALUES (:n, 'f' || :n, '{}', :at)",
    "deliveries": "(id, dedupe, message_id, chat_id, list_id, state, not_before, expires_at, made_at) "
    "VALUES (:n, 'digest:' || :n || ':2026-11-24', :n, :n, :n, 'planned', :at, :at, :at)",
}
"""What stands in each of their rows."""


async def fall(stage: Stage, name: str, passing: int) -> Found:
    """Let a life die while it works on files, then let another one do the same to its end."""
    found = Found()
    scene = name.partition(",")[0]
    async with stage.play(passing, 40) as play:
        play.order = replace(play.order, scene=scene)
        kept = await asyncio.to_thread(
            _prepare, play.path, scene, FORMS[passing - 1] if scene == scenes.MIGRATE else ""
        )
        child = await play.begin({FAILPOINT: f"{name}:{1 if scene == scenes.MIGRATE else passing}"})
        code = await child.within(PATIENCE)
        play.kills += code == -signal.SIGKILL
        found.require(code == -signal.SIGKILL, f"the place was not reached: {code} {play.last_words()}")
        await child.killed()
        await asyncio.to_thread(_judge, play, scene, kept, found)
        child = await play.begin()
        code = await child.within(PATIENCE)
        found.require(code == 0, f"the second life ended with {code}: {play.last_words()}")
        await child.killed()
        await asyncio.to_thread(_judge, play, scene, kept, found)
        await asyncio.to_thread(_judge_end, play, scene, kept, found)
        found.figures |= {"reached": play.kills, "kills": play.kills, "lives": play.lives}
    return found


def _prepare(path: Path, scene: str, form: str) -> dict[str, int]:
    """What the scene needs beside the database; returns what must not be lost: rows by table."""
    if scene == scenes.MIGRATE:
        for end in ("", "-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
        _make_old(path, form)
    elif scene == scenes.RESTORE:
        # As many rows in both, so that nothing but a message tells them apart.
        with closing(sqlite3.connect(path)) as raw, raw:
            raw.execute("PRAGMA journal_mode = WAL")
            raw.execute("INSERT INTO messages (fingerprint, document, made_at) VALUES ('copied', '{}', 0)")
        backup.copy(path, scenes.copy_of(path))
        with closing(sqlite3.connect(path)) as raw, raw:
            raw.execute("DELETE FROM messages WHERE fingerprint = 'copied'")
            raw.execute("INSERT INTO messages (fingerprint, document, made_at) VALUES ('newer', '{}', 0)")
    return _counts(path)


def _make_old(path: Path, form: str) -> None:
    """A database of an earlier form, with rows that were written in the first one."""
    at = int(datetime.now(UTC).timestamp() * 1_000_000)
    for last in dict.fromkeys((FORMS[0], form)):
        history = path.with_name(f"history-{last}")
        shutil.copytree(migrate.SCRIPTS, history, ignore=shutil.ignore_patterns("__pycache__"))
        for step in (history / "versions").glob("[0-9]*.py"):
            if step.name[:4] > last:
                step.unlink()
        migrate.migrate(path, scripts=history)
        if last == FORMS[0]:
            with closing(sqlite3.connect(path)) as raw, raw:
                for table in KEPT:
                    values = [{"n": number, "at": at} for number in range(1, ROWS + 1)]
                    raw.executemany(f"INSERT INTO {table} {VALUES[table]}", values)


def _open(path: Path) -> sqlite3.Connection:
    """The database, without a right to write: what a kill left is for the next life."""
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)


def _counts(path: Path) -> dict[str, int]:
    with closing(_open(path)) as raw:
        return {table: raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in KEPT}


def _said(path: Path) -> str:
    """Which of the two databases of a restoring this is."""
    with closing(_open(path)) as raw:
        found = raw.execute("SELECT fingerprint FROM messages WHERE fingerprint IN ('copied', 'newer')")
        return ", ".join(name for (name,) in found)


def _judge(play: Play, scene: str, kept: dict[str, int], found: Found) -> None:
    """After each life: what stands there is whole and has all rows, and so has what was kept beside it."""
    path, copy = play.path, scenes.copy_of(play.path)
    beside = [*path.parent.glob("news-*.db"), *([copy] if copy.exists() else [])]
    for one in (path, *beside):
        found.require(is_whole(one), f"{one.name} is damaged")
        found.require(_counts(one) == kept, f"{one.name} has {_counts(one)} of {kept}")
    if scene == scenes.RESTORE:
        # The newer one is at its place, or kept under another name; never nowhere.
        found.require("newer" in {_said(one) for one in (path, *beside)}, "what was replaced is lost")


def _judge_end(play: Play, scene: str, kept: dict[str, int], found: Found) -> None:
    """After the second life: it has done what it should."""
    path = play.path
    if scene == scenes.MIGRATE:
        found.require(migrate.revision(path) == migrate.newest(), f"it stayed {migrate.revision(path)}")
    else:
        found.require(_counts(scenes.copy_of(path)) == kept, "the copy is not whole")
        found.require(scene != scenes.RESTORE or _said(path) == "copied", "the copy was not put in its place")
