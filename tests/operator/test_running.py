"""A newsroom that runs in a process of its own, and what an operator does beside it."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.operator.console import Process, free_port, started

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.operator.console import Paperboy

OPEN = "The newsroom is open. Read it at http://127.0.0.1:"

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose newsroom has no feeds, so that nothing is under way when it stops."""
    (tmp_path / "feeds.opml").write_text("<opml><body/></opml>")
    return tmp_path


@pytest.fixture
def running(folder: Path, paperboy: Paperboy) -> Iterator[Process]:
    port = free_port()
    paperboy.set(http_port=port, feeds_file="feeds.opml")
    with started(folder, "run", http_port=port) as process:
        process.until(OPEN)
        yield process


def test_what_an_operator_does_beside_it(running: Process, paperboy: Paperboy) -> None:
    assert paperboy("health").stdout == "The newsroom is ready.\n"
    assert paperboy("feeds", "add", "https://herald.example/rss").exit_code == 0
    assert len(paperboy("feeds", "list").stdout.splitlines()) == 1
    paperboy("backup", "copy.db")
    assert "Another newsroom is running" in paperboy.sentence("restore", "copy.db", code=3)
    assert "Another newsroom is running" in paperboy.sentence("run", "--no-wait", code=3)
    assert "Another newsroom is running" in paperboy.sentence("run", "--fresh", code=3)
    assert paperboy("migrate").stdout.startswith("The database is up to date")
    assert paperboy("check").stdout.count("\nok\tdatabase\t") == 1
    running.send(signal.SIGINT)
    assert running.end() == 0
    assert running.output.endswith("Closing ...\n")
    assert paperboy("health", code=1).stdout.startswith("No newsroom answers")
    assert "Restored." in paperboy("restore", "copy.db").stdout


def test_a_second_one_waits_and_takes_over_when_the_first_is_gone(running: Process, folder: Path) -> None:
    with started(folder, "run", http_port=free_port()) as second:
        second.until("This one waits, and takes over when that is gone.")
        assert f"(process {running.pid})" in second.output
        running.kill()
        second.until(OPEN)
        with started(folder, "run", http_port=free_port()) as third:
            third.until("This one waits")
            assert third.stop() == 0, "who waits can be stopped"
        assert second.stop() == 0


def test_it_starts_again_where_it_stopped_and_starts_over_when_asked(
    folder: Path, paperboy: Paperboy
) -> None:
    paperboy.set(feeds_file="feeds.opml")
    names = ("playground.db", "playground.chats.jsonl")
    paperboy("feeds", "add", "https://herald.example/rss")
    for arguments, feeds in ((), 1), (("run",), 1), (("run", "--fresh"), 0), (("run",), 0):
        with started(folder, *arguments) as process:
            process.until(OPEN)
            assert process.stop() == 0
        assert all((folder / "data" / name).exists() for name in names)
        assert not (folder / "data" / "playground.db-wal").exists(), "the log is settled at the end"
        assert len(paperboy("feeds", "list").stdout.splitlines()) == feeds


def test_a_second_signal_changes_nothing(running: Process) -> None:
    running.send(signal.SIGINT)
    running.send(signal.SIGINT)
    running.send(signal.SIGTERM)
    assert running.end() == 0


def test_a_killed_newsroom_starts_again(folder: Path, paperboy: Paperboy) -> None:
    paperboy.set(feeds_file="feeds.opml")
    for end in (Process.kill, Process.kill, Process.stop):
        with started(folder, "run") as process:
            process.until(OPEN)
            end(process)
    assert paperboy("check").stdout.count("\nok\tdatabase\t") == 1
