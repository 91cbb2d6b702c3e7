"""Every command, as an operator uses it."""

from __future__ import annotations

import re
import sqlite3
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from bot import __main__ as command_line
from bot import __version__
from bot.__main__ import main
from bot.storage import backup, migrate
from bot.storage.database import Database
from tests.operator.console import TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.operator.console import Paperboy

HERALD = "https://herald.example/rss"


def every(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    """All commands, as what one types."""
    yield path
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from every(command, *path, name)
        else:
            yield (*path, name)


@pytest.mark.parametrize("command", [*every(main)], ids=" ".join)
def test_every_command_has_help_that_reads_well(paperboy: Paperboy, command: tuple[str, ...]) -> None:
    for option in ("--help", "-h"):
        text = paperboy(*command, option).stdout
        assert text.startswith(f"Usage: {' '.join(('paperboy', *command))} ")
        assert "..." not in re.sub(r"(COMMAND|\[ARGS\]|OPTIONS\]).*", "", text), "a sentence was cut"
        for line in text.splitlines():
            assert len(line) <= 80
    listed = paperboy(*command[:-1], "--help").stdout
    assert not command or re.search(rf"^  {command[-1]} +[A-Z].*\.$", listed, re.MULTILINE)


def test_the_version_is_told(paperboy: Paperboy) -> None:
    assert paperboy("--version").stdout == f"paperboy, version {__version__}\n"


def test_what_is_no_command_or_option_is_a_matter_of_usage(paperboy: Paperboy) -> None:
    for wrong in (
        ("publish",),
        ("run", "--loud"),
        ("feeds",),
        ("feeds", "add"),
        ("feeds", "import", "missing.opml"),
    ):
        assert "Usage:" in paperboy(*wrong, code=2).stderr


def test_wrong_settings_end_every_command_with_all_problems(paperboy: Paperboy) -> None:
    paperboy.set(http_prot=1, retention_days=3)
    for command in (("run",), ("check",), ("feeds", "list"), ("migrate",), ("health",), ("backup", "x.db")):
        told = paperboy(*command, code=2).stderr.splitlines()
        assert told == [
            "These settings need a change:",
            "  RETENTION_DAYS: must be at least 7 (it is '3')",
            "  HTTP_PROT: there is no such setting; did you mean HTTP_PORT?",
        ]


def test_without_a_token_every_command_means_the_playground(paperboy: Paperboy) -> None:
    paperboy("migrate")
    assert (paperboy.folder / "data" / "playground.db").exists()
    assert not (paperboy.folder / "data" / "paperboy.db").exists()
    paperboy.set(telegram_bot_token=TOKEN)
    paperboy("migrate")
    assert (paperboy.folder / "data" / "paperboy.db").exists()


def test_starting_over_is_for_the_playground(paperboy: Paperboy) -> None:
    paperboy.set(telegram_bot_token=TOKEN)
    assert "--playground" in paperboy.sentence("run", "--fresh", code=2)


def test_migrating_says_what_it_did(paperboy: Paperboy) -> None:
    newest = migrate.newest()
    assert paperboy("migrate").stdout == f"The database went from revision none to {newest}.\n"
    assert paperboy("migrate").stdout == f"The database is up to date (revision {newest}).\n"


# backup and restore


def test_a_backup_brings_back_what_was_there(paperboy: Paperboy) -> None:
    paperboy("feeds", "add", HERALD)
    assert paperboy("backup", "copy.db").stdout == "The copy is at copy.db.\n"
    assert "exists already" in paperboy.sentence("backup", "copy.db", code=3)
    paperboy("feeds", "remove", HERALD)
    told = paperboy("restore", "copy.db").stdout
    assert told == "Restored. What was there before is data/playground-replaced.db.\n"
    assert len(paperboy("feeds", "list").stdout.splitlines()) == 1
    backup.check(paperboy.folder / "data" / "playground-replaced.db")


def test_restoring_into_an_empty_folder(paperboy: Paperboy) -> None:
    paperboy("migrate")
    paperboy("backup", "copy.db")
    (paperboy.folder / "data" / "playground.db").unlink()
    assert paperboy("restore", "copy.db").stdout == "Restored.\n"


def test_nothing_to_copy_is_told(paperboy: Paperboy) -> None:
    assert "There is no database at" in paperboy.sentence("backup", "copy.db", code=3)
    assert "There is no backup at" in paperboy.sentence("restore", "copy.db", code=3)


def test_a_running_newsroom_keeps_its_database_but_can_be_copied(paperboy: Paperboy) -> None:
    paperboy("migrate")
    running = Database(paperboy.folder / "data" / "playground.db")
    paperboy("backup", "copy.db")
    assert "Another newsroom is running" in paperboy.sentence("restore", "copy.db", code=3)
    running.close_now()


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.touch(), "is empty"),
        (lambda path: path.write_bytes(b"buy milk, " * 1000), "no sound backup"),
        (foreign, "belongs to another program"),
        (lambda path: path.mkdir(), "There is no backup at"),
    ],
)
def test_what_is_no_backup_of_ours_replaces_nothing(paperboy: Paperboy, make: object, words: str) -> None:
    paperboy("feeds", "add", HERALD)
    make(paperboy.folder / "copy.db")  # type: ignore[operator]
    assert words in paperboy.sentence("restore", "copy.db", code=3)
    assert len(paperboy("feeds", "list").stdout.splitlines()) == 1


def test_a_bar_moves_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    for terminal in ("", "1"):
        monkeypatch.setenv("FORCE_COLOR" if terminal else "NO_COLOR", "1")
        with command_line._bar("Copying") as move:
            move(1, 4)
            assert "Copying" not in capsys.readouterr().err, "what is done in a second needs none"
            now += 2
            move(2, 4)
        told = capsys.readouterr()
        assert told.out == ""
        assert ("Copying" in told.err) == bool(terminal)


# what the terminal shows, and what was not foreseen


def test_on_a_terminal_there_is_a_table_and_no_markup_of_a_feed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    command_line._show([("World", "[red]Herald[/red]")], ("Desk", "Feed"), ["green"])
    shown = capsys.readouterr().out
    assert "Desk" in shown
    assert "[red]Herald[/red]" in shown


def test_a_bug_is_logged_without_secrets(paperboy: Paperboy) -> None:
    paperboy.set(telegram_bot_token=TOKEN)
    (paperboy.folder / "data").mkdir()
    # Nobody has foreseen a database whose revision stands in a table that is not there, and that bears such a name.
    with closing(sqlite3.connect(paperboy.folder / "data" / "paperboy.db")) as connection:
        connection.execute(f'CREATE VIEW alembic_version AS SELECT * FROM "{TOKEN}"')
    result = CliRunner().invoke(main, ["migrate"])
    assert result.exit_code == 1
    assert "please report it" in result.stderr
    assert "OperationalError) no such table: main." in result.stderr
    assert TOKEN not in result.output
