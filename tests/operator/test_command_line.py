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
from bot.storage import backup
from bot.storage.database import Database
from tests.operator.console import TOKEN, answering, free_port

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
    assert "--playground" in paperboy.sentence("run", "--fresh", code=1)


def test_migrating_says_what_it_did(paperboy: Paperboy) -> None:
    assert paperboy("migrate").stdout == "The database went from revision none to 0001.\n"
    assert paperboy("migrate").stdout == "The database is up to date (revision 0001).\n"


# check


def graded(paperboy: Paperboy, *options: str, code: int = 0) -> dict[str, tuple[str, str]]:
    """The findings of `check` by subject: grade and sentence."""
    lines = [line.split("\t") for line in paperboy("check", *options, code=code).stdout.splitlines()]
    return {subject: (grade, sentence) for grade, subject, sentence in lines}


def test_a_sound_newsroom_is_told_so(paperboy: Paperboy, telegram: str) -> None:
    paperboy.set(telegram_bot_token=TOKEN, telegram_api_url=telegram)
    paperboy("migrate")
    found = graded(paperboy)
    assert {"settings", "token", "SQLite", "database", "feeds", "disk", "memory"} == set(found)
    assert found["token"] == ("ok", "Telegram knows this bot as @paperboy_playground_bot.")
    assert found["database"][0] == found["feeds"][0] == found["settings"][0] == "ok"
    assert "token" not in graded(paperboy, "--playground")


def test_without_a_token_that_is_said(paperboy: Paperboy) -> None:
    grade, sentence = graded(paperboy)["token"]
    assert grade == "warning"
    assert "runs in the playground" in sentence


def test_a_wrong_token_is_wrong(paperboy: Paperboy, telegram: str) -> None:
    paperboy.set(telegram_bot_token="123456:ABC-DEF", telegram_api_url=telegram)
    grade, sentence = graded(paperboy, code=1)["token"]
    assert (grade, sentence) == (
        "wrong",
        "Telegram does not know this token. Ask BotFather for the right one.",
    )


def test_an_unreachable_telegram_is_a_warning(paperboy: Paperboy) -> None:
    paperboy.set(telegram_bot_token=TOKEN, telegram_api_url=f"http://127.0.0.1:{free_port()}")
    grade, sentence = graded(paperboy)["token"]
    assert grade == "warning"
    assert "cannot be reached" in sentence


def test_a_server_that_is_no_bot_api_is_wrong(paperboy: Paperboy) -> None:
    with answering(200, {"ok": True, "result": ["hello"]}) as url:
        paperboy.set(telegram_bot_token=TOKEN, telegram_api_url=url)
        assert graded(paperboy, code=1)["token"] == (
            "wrong",
            "What answers at TELEGRAM_API_URL is no Bot API server.",
        )


def test_a_broken_list_of_feeds_and_a_damaged_database_are_wrong(paperboy: Paperboy) -> None:
    (paperboy.folder / "feeds.opml").write_text("<html/>")
    (paperboy.folder / "data").mkdir()
    (paperboy.folder / "data" / "playground.db").write_bytes(b"buy milk, " * 1000)
    paperboy.set(feeds_file="feeds.opml")
    found = graded(paperboy, code=1)
    assert found["feeds"][0] == found["database"][0] == "wrong"


# feeds


def rows(paperboy: Paperboy) -> list[list[str]]:
    return [line.split("\t") for line in paperboy("feeds", "list").stdout.splitlines()]


def test_feeds_are_added_listed_removed_and_taken_up_again(paperboy: Paperboy) -> None:
    assert rows(paperboy) == []
    assert (
        "Added"
        in paperboy("feeds", "add", HERALD, "--title", "Herald", "--desk", "World", "--language", "en").stdout
    )
    assert "in use already" in paperboy("feeds", "add", "HTTPS://HERALD.example/rss").stdout
    ((desk, title, language, newest, _, state, url),) = rows(paperboy)
    assert (desk, title, language, newest, state, url) == (
        "World",
        "Herald",
        "en",
        "-",
        "not looked at yet",
        HERALD,
    )
    assert paperboy("feeds", "remove", HERALD).stdout == "Removed: Herald\n"
    assert "No feed with the address" in paperboy.sentence("feeds", "remove", HERALD, code=1)
    assert rows(paperboy) == []
    assert "Added" in paperboy("feeds", "add", HERALD).stdout
    assert len(rows(paperboy)) == 1


@pytest.mark.parametrize(
    "address", ["herald.example", "file:///etc/passwd", "https://joe:pw@herald.example/"]
)
def test_what_is_no_address_of_a_feed_is_refused(paperboy: Paperboy, address: str) -> None:
    assert "no address of a feed" in paperboy.sentence("feeds", "add", address, code=1)


def test_what_is_exported_can_be_imported(paperboy: Paperboy) -> None:
    paperboy("feeds", "add", HERALD, "--title", "Вісник & Co", "--desk", "World")
    paperboy("feeds", "add", "https://lens.example/rss")
    before = rows(paperboy)
    file = paperboy.folder / "list.opml"
    file.write_bytes(paperboy("feeds", "export").stdout_bytes)
    assert paperboy("feeds", "import", str(file)).stdout == "0 feeds are new, 2 known, 0 refused.\n"
    (paperboy.folder / "data" / "playground.db").unlink()
    assert paperboy("feeds", "import", str(file)).stdout == "2 feeds are new, 0 known, 0 refused.\n"
    assert [(row[0], row[1], row[6]) for row in rows(paperboy)] == [
        (row[0], row[1] if row[1] != "-" else row[6], row[6]) for row in before
    ]


def test_a_hostile_list_is_read_and_what_is_refused_is_named(paperboy: Paperboy) -> None:
    file = paperboy.folder / "list.opml"
    file.write_text(
        '<opml><body><outline xmlUrl="https://herald.example/rss" text="[red]H&#27;[2J"/>'
        '<outline xmlUrl="https://joe:hunter2@lens.example/"/><outline xmlUrl="file:///etc/passwd"/></body></opml>'
    )
    done = paperboy("feeds", "import", str(file))
    assert done.stdout == "1 feeds are new, 0 known, 2 refused.\n"
    assert "file:///etc/passwd" in done.stderr
    assert "hunter2" not in done.stderr
    assert "\x1b" not in paperboy("feeds", "list").stdout


@pytest.mark.parametrize("data", [b"", b"<html/>", b"\x00\xff" * 50], ids=["empty", "a page", "bytes"])
def test_a_file_that_is_no_list_is_told(paperboy: Paperboy, data: bytes) -> None:
    file = paperboy.folder / "list.opml"
    file.write_bytes(data)
    assert "is not a list of feeds (OPML)" in paperboy.sentence("feeds", "import", str(file), code=1)


def test_a_file_that_cannot_be_read_is_told(paperboy: Paperboy) -> None:
    assert "cannot be read" in paperboy.sentence("feeds", "import", "/proc/self/mem", code=1)


def test_what_is_wrong_with_a_feed_is_told_in_plain_words(paperboy: Paperboy) -> None:
    paperboy("feeds", "add", HERALD)
    with closing(sqlite3.connect(paperboy.folder / "data" / "playground.db")) as connection, connection:
        connection.execute(
            "UPDATE feeds SET state = 'gone', moved_to = 'https://new.example/', trouble = ?",
            ('{"key": "source.not_opml", "line": 3}',),
        )
    ((*_, newest, next_look, state, _),) = rows(paperboy)
    assert (newest, next_look) == ("-", "-")
    assert re.fullmatch(r"gone: [A-Z].* line 3\. \(moved to https://new\.example/\)", state)


def test_feeds_are_changed_while_the_newsroom_runs(paperboy: Paperboy) -> None:
    paperboy("migrate")
    running = Database(paperboy.folder / "data" / "playground.db")
    paperboy("feeds", "add", HERALD)
    assert len(rows(paperboy)) == 1
    running.close_now()


def test_on_a_terminal_there_is_a_table_and_no_markup_of_a_feed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    command_line._show([("World", "[red]Herald[/red]")], ("Desk", "Feed"), ["green"])
    shown = capsys.readouterr().out
    assert "Desk" in shown
    assert "[red]Herald[/red]" in shown


# backup and restore


def test_a_backup_brings_back_what_was_there(paperboy: Paperboy) -> None:
    paperboy("feeds", "add", HERALD)
    assert paperboy("backup", "copy.db").stdout == "The copy is at copy.db.\n"
    assert "exists already" in paperboy.sentence("backup", "copy.db", code=3)
    paperboy("feeds", "remove", HERALD)
    told = paperboy("restore", "copy.db").stdout
    assert told == "Restored. What was there before is data/playground-replaced.db.\n"
    assert len(rows(paperboy)) == 1
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
    assert len(rows(paperboy)) == 1


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


# health


def test_a_newsroom_that_does_not_run_is_not_healthy(paperboy: Paperboy) -> None:
    assert "HTTP_PORT is 0" in paperboy.sentence("health", code=1)
    paperboy.set(http_port=free_port())
    assert paperboy("health", code=1).stdout.startswith("No newsroom answers at http://127.0.0.1:")


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (200, {"status": "ready", "trouble": []}, "The newsroom is ready."),
        (
            503,
            {"status": "not ready", "trouble": ["a is late", "b too"]},
            "The newsroom is not ready: a is late; b too.",
        ),
        (200, ["something else"], "No newsroom answers at"),
        (404, {"error": "not found"}, "No newsroom answers at"),
    ],
)
def test_a_running_newsroom_is_asked(paperboy: Paperboy, status: int, body: object, words: str) -> None:
    with answering(status, body) as url:
        paperboy.set(http_port=url.rpartition(":")[2])
        assert paperboy("health", code=int(status != 200 or isinstance(body, list))).stdout.startswith(words)


# what was not foreseen


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
