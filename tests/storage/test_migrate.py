"""Bringing a database up to date: from nothing, from an older form, and never from what is not ours."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.errors import DatabaseBusy, DatabaseDamaged, DatabaseError, DatabaseNewer
from bot.storage import backup, migrate
from bot.storage.database import Database
from tests.storage.archive import Archive, entry

if TYPE_CHECKING:
    from pathlib import Path


TRIAL = "trial"
"""The revision of a test's step; the program's own have numbers."""


def step(history: Path, body: str) -> None:
    """Add a step to a history."""
    (history / "versions" / f"{TRIAL}_step.py").write_text(
        f"import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision = '{TRIAL}'\ndown_revision = '{migrate.newest()}'\n"
        f"def upgrade():\n    {body}\n",
        "utf-8",
    )


def content(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


@pytest.fixture
def filled(path: Path) -> Path:
    """A database with a reader who saved a story."""
    db = Database(path)
    with db._write_engine.begin() as connection:
        archive = Archive(connection)
        archive.look(archive.feed(), entry("bridge"))
        archive.reader()
        archive.listing(7, archive.story().id)
    db.close_now()
    return path


def test_a_database_is_made_from_nothing(tmp_path: Path) -> None:
    path = tmp_path / "data" / "deep" / "news.db"
    assert migrate.migrate(path) == migrate.Migrated("", migrate.newest())
    assert migrate.revision(path) == migrate.newest()
    backup.check(path)


def test_one_that_is_up_to_date_is_only_read(filled: Path) -> None:
    before = filled.read_bytes()
    db = Database(filled)
    assert migrate.migrate(filled) == migrate.Migrated(migrate.newest(), migrate.newest())
    db.close_now()
    assert filled.read_bytes() == before


def test_an_upgrade_is_preceded_by_a_copy(filled: Path, history: Path) -> None:
    before = content(filled)
    step(history, "op.add_column('feeds', sa.Column('mood', sa.Text(), nullable=True))")
    done = migrate.migrate(filled, scripts=history)
    assert done == migrate.Migrated(migrate.newest(), TRIAL, filled.with_name(f"news-before-{TRIAL}.db"))
    assert done.copy is not None
    assert content(done.copy) == before
    with closing(sqlite3.connect(filled)) as connection:
        assert connection.execute("SELECT mood FROM feeds").fetchone() == (None,)


def test_a_table_made_anew_keeps_the_rows_that_point_to_it(filled: Path, history: Path) -> None:
    body = (
        "with op.batch_alter_table('stories', recreate='always') as batch:\n"
        "        batch.add_column(sa.Column('mood', sa.Text()))"
    )
    step(history, body)
    migrate.migrate(filled, scripts=history)
    with closing(sqlite3.connect(filled)) as connection:
        assert connection.execute("SELECT count(*) FROM articles").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM list_items").fetchone() == (1,)
        assert connection.execute(
            "SELECT strict FROM pragma_table_list WHERE name = 'stories'"
        ).fetchone() == (1,)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            "op.drop_table('openings'); op.execute('DELETE FROM stories'); op.execute('no SQL')",
            "syntax error",
        ),
        ("op.execute('DELETE FROM stories')", "point to nothing"),
    ],
)
def test_a_step_that_fails_leaves_the_database_as_it_was(
    filled: Path, history: Path, body: str, words: str
) -> None:
    before = content(filled)
    step(history, body)
    with pytest.raises((sa.exc.DBAPIError, DatabaseError), match=words):
        migrate.migrate(filled, scripts=history)
    assert content(filled) == before


def test_nothing_is_changed_under_a_running_newsroom(filled: Path, history: Path) -> None:
    step(history, "op.drop_table('openings')")
    running = Database(filled)
    with pytest.raises(DatabaseBusy, match="Another newsroom is running"):
        migrate.migrate(filled, scripts=history)
    running.close_now()
    assert migrate.migrate(filled, scripts=history).after == TRIAL


def test_what_a_newer_version_wrote_is_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    for look in (migrate.migrate, migrate.revision):
        with pytest.raises(DatabaseNewer, match=r"newer version .* 9999"):
            look(path)


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    before = path.read_bytes()
    with pytest.raises(DatabaseError, match="another program"):
        migrate.migrate(path)
    assert path.read_bytes() == before


def test_what_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    path.write_bytes(random.Random(1).randbytes(50_000))
    before = path.read_bytes()
    for look in (migrate.migrate, migrate.revision):
        with pytest.raises(DatabaseDamaged, match="not a database"):
            look(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("place", ["a folder", "a file in the place of a folder", "a device"])
def test_a_place_that_takes_no_database_is_told(tmp_path: Path, place: str) -> None:
    match place:
        case "a folder":
            path = tmp_path / "news.db"
            path.mkdir()
        case "a file in the place of a folder":
            (tmp_path / "data").touch()
            path = tmp_path / "data" / "news.db"
        case _:
            path = tmp_path / "missing" / ("n" * 300)
    with pytest.raises(DatabaseError, match="cannot be") as told:
        migrate.migrate(path)
    assert str(told.value).endswith(".")


def test_a_broken_page_is_found_at_the_start(filled: Path) -> None:
    pages = bytearray(filled.read_bytes())
    pages[3 * 4096 : 4 * 4096] = bytes(4096)
    filled.write_bytes(pages)
    with pytest.raises(DatabaseDamaged, match="paperboy restore"):
        migrate.migrate(filled)


def test_flipped_bytes_are_found_or_do_no_harm(filled: Path, tmp_path: Path) -> None:
    sound = filled.read_bytes()
    draw = random.Random(7)
    found = 0
    for number in range(60):
        path = shutil.copyfile(filled, tmp_path / f"flipped-{number}.db")
        pages = bytearray(sound)
        for _ in range(draw.choice((1, 1, 8, 200))):
            pages[draw.randrange(len(pages))] ^= 1 << draw.randrange(8)
        path.write_bytes(pages)
        try:
            migrate.migrate(path)
        except DatabaseError:
            found += 1
        path.unlink()
    assert found > 10


def test_a_sqlite_too_old_for_strict_tables_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))
    with pytest.raises(DatabaseError, match="too old"):
        migrate.migrate(tmp_path / "news.db")
    assert not (tmp_path / "news.db").exists()
