"""The step of the history that lets readers choose more: what was there before means the same afterwards."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from alembic import command

from bot.storage import lists, migrate, outbox, readers
from bot.storage.database import Database, engine
from tests.storage.archive import NOW

if TYPE_CHECKING:
    from pathlib import Path

AT = int(NOW.timestamp() * 1_000_000)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A database of the first form: a reader with a digest at eight, one with none, and what they had."""
    path = tmp_path / "old.db"
    made = engine(path)
    with made.begin() as connection:
        command.upgrade(migrate._config(connection, migrate.SCRIPTS), "0001")
    made.dispose()
    with closing(sqlite3.connect(path)) as connection:
        for chat, minute, state in ((7, 480, "active"), (8, None, "stopped")):
            connection.execute(
                "INSERT INTO readers (chat_id, language, zone, digest_minute, state, step, joined_at, seen_at, "
                "covered_until) VALUES (?, 'en', 'UTC', ?, ?, 'done', ?, ?, ?)",
                (chat, minute, state, AT, AT, AT),
            )
            connection.execute(
                "INSERT INTO lists (id, chat_id, kind, made_at) VALUES (?, ?, 'digest', ?)", (chat, chat, AT)
            )
            connection.execute(
                "INSERT INTO editions (chat_id, local_date, composed_at, list_id) VALUES (?, '2026-11-24', ?, ?)",
                (chat, AT, chat),
            )
        connection.execute("INSERT INTO plans VALUES (7, ?)", (AT,))
        connection.execute(
            "INSERT INTO messages (id, fingerprint, document, made_at) VALUES (1, 'f', '{}', ?)", (AT,)
        )
        connection.execute(
            "INSERT INTO deliveries (dedupe, message_id, chat_id, list_id, state, not_before, expires_at, made_at) "
            "VALUES ('digest:7:2026-11-24', 1, 7, 7, 'planned', ?, ?, ?)",
            (AT, AT, AT),
        )
        connection.commit()
    return path


async def test_hours_editions_and_what_is_owed_are_kept(old: Path) -> None:
    done = migrate.migrate(old)
    assert (done.before, done.after) == ("0001", migrate.newest())
    db = Database(old)
    early, late = await db.read(readers.get, 7), await db.read(readers.get, 8)
    assert early is not None
    assert late is not None
    assert (early.digest_minutes, late.digest_minutes) == ((480,), ())
    assert (early.days, early.stories, early.sound, early.quiet) == ("daily", "usual", True, None)
    assert (late.state, late.away_since, late.missed) == ("stopped", None, 0)
    assert await db.read(readers.due_at, 7) == NOW
    slots = await db.read(lambda c: c.exec_driver_sql("SELECT chat_id, minute, list_id FROM editions").all())
    assert [tuple(row) for row in slots] == [(7, 480, 7), (8, 0, 8)]
    own = await db.read(lambda c: c.exec_driver_sql("SELECT own_hour FROM deliveries").scalars().all())
    assert own == [1], "what is owed from before is a digest"
    assert await db.read(outbox.counts) == {"planned": 1}
    listed = await db.read(lists.get, 7, 7)
    assert listed is not None
    await db.close()


def test_the_tables_made_anew_are_strict_and_take_two_editions_of_a_day(old: Path) -> None:
    migrate.migrate(old)
    with closing(sqlite3.connect(old)) as connection:
        strict = dict(connection.execute("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'"))
        assert strict["editions"] == strict["readers"] == 1
        insert = (
            "INSERT INTO editions (chat_id, local_date, minute, composed_at) VALUES (7, '2026-11-24', ?, 0)"
        )
        connection.execute(insert, (1200,))
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(insert, (480,))
