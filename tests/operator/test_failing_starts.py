"""Starts that cannot succeed: one sentence for the operator, the right exit code, no traceback and no token."""

from __future__ import annotations

import shutil
import socket
import sqlite3
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from bot.storage import migrate
from bot.storage.backup import held
from tests.operator.console import TOKEN, Process, free_port, started

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.operator.console import Paperboy


@dataclass(frozen=True)
class Start:
    """A start that must fail: what is prepared in its folder, its settings, and what it must end with.

    `real` starts a process of its own, which costs two seconds; the others run in this one.
    """

    code: int
    words: str
    prepare: Callable[[Path, ExitStack], object] = lambda _folder, _stack: None
    arguments: tuple[str, ...] = ("run",)
    settings: dict[str, Any] = field(default_factory=dict)
    blocks: int = 0
    real: bool = False


def with_database(folder: Path, change: Callable[[Path], object] = lambda _path: None) -> Path:
    path = folder / "data" / "paperboy.db"
    migrate.migrate(path)
    change(path)
    return path


def make_newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")


def break_pages(path: Path) -> None:
    pages = bytearray(path.read_bytes())
    pages[4096 : 9 * 4096] = bytes(8 * 4096)
    path.write_bytes(pages)


def taken_port(stack: ExitStack) -> int:
    listener = stack.enter_context(socket.socket())
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    return int(listener.getsockname()[1])


def put(name: str, content: bytes) -> Callable[[Path, ExitStack], object]:
    def prepare(folder: Path, _stack: ExitStack) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)

    return prepare


def a_folder_for_settings(folder: Path, _stack: ExitStack) -> None:
    (folder / ".env").unlink()
    (folder / ".env").mkdir()


STARTS = {
    "a wrong token": Start(
        4, "Telegram does not know this token", settings={"telegram_bot_token": "123456:ABC-DEF"}, real=True
    ),
    "wrong settings": Start(
        2, "did you mean HTTP_PORT?", put(".env", f"HTTP_PROT=1\nX={TOKEN}".encode()), real=True
    ),
    "a broken list of feeds": Start(
        1,
        "feeds.opml is not a list of feeds",
        put("feeds.opml", b"<html/>"),
        settings={"feeds_file": "feeds.opml"},
    ),
    "a folder instead of settings": Start(2, "The file .env cannot be read", a_folder_for_settings),
    "a folder of feeds": Start(2, "FEEDS_FILE: must be a file", settings={"feeds_file": "."}),
    "a missing list of feeds": Start(2, "there is no such file", settings={"feeds_file": "feeds.opml"}),
    "another newsroom": Start(
        3,
        "Another newsroom is running",
        lambda folder, stack: stack.enter_context(held(with_database(folder))),
        ("run", "--no-wait"),
    ),
    "a newer database": Start(3, "newer version", lambda folder, _: with_database(folder, make_newer)),
    "random bytes": Start(3, "not a database", put("data/paperboy.db", b"\x07buy milk" * 9000), real=True),
    "broken pages": Start(3, "is damaged", lambda folder, _: with_database(folder, break_pages), real=True),
    "another program's database": Start(
        3,
        "another program",
        lambda folder, _: with_database(folder, lambda path: shutil.copyfile(_foreign(path), path)),
    ),
    "a folder in the place of the database": Start(
        3, "cannot be opened", lambda folder, _: (folder / "data" / "paperboy.db").mkdir(parents=True)
    ),
    "a file in the place of the folder": Start(3, "cannot be used", put("data", b"")),
    "a folder that takes no files": Start(
        3, "cannot be", settings={"database_url": "sqlite:////proc/news/news.db"}
    ),
    "a full disk": Start(3, "Check the disk and its space", blocks=64, real=True),
    "a full disk, later": Start(
        3, "Check the disk and its space", real=True, blocks=40, prepare=lambda f, _: with_database(f)
    ),
    "a playground with a broken memory": Start(
        3, "is not a journal", put("data/playground.chats.jsonl", b"no record\n"), ("run", "--playground")
    ),
    "starting over what runs": Start(
        3,
        "Another newsroom is running",
        lambda folder, stack: stack.enter_context(held(folder / "data" / "playground.db")),
        ("run", "--playground", "--fresh"),
    ),
    "starting over what is real": Start(2, "--playground", arguments=("run", "--fresh")),
}


def _foreign(path: Path) -> Path:
    other = path.with_name("bookmarks.db")
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    return other


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory, telegram: str) -> Iterator[dict[str, tuple[int, str]]]:
    """All real ones, side by side: exit code and output."""
    with ExitStack() as stack:
        begun = {
            name: launch(start, tmp_path_factory, stack, telegram)
            for name, start in STARTS.items()
            if start.real
        }
        yield {name: (process.end(40), process.output) for name, process in begun.items()}


def launch(start: Start, folders: pytest.TempPathFactory, stack: ExitStack, telegram: str) -> Process:
    folder = folders.mktemp("start")
    start.prepare(folder, stack)
    settings = {"telegram_bot_token": TOKEN, "telegram_api_url": telegram, **start.settings}
    return stack.enter_context(started(folder, *start.arguments, blocks=start.blocks, **settings))


def look(start: Start, code: int, output: str) -> None:
    told = [
        line
        for line in output.splitlines()
        if " INFO " not in line and not line.startswith("The newsroom is open")
    ]
    assert code == start.code, output
    assert start.words in output
    assert len(told) == 1 or told[0] == "These settings need a change:", output


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, start in STARTS.items() if start.real])
def test_a_process_that_cannot_start_says_why(ended: dict[str, tuple[int, str]], name: str) -> None:
    look(STARTS[name], *ended[name])


@pytest.mark.parametrize("name", [name for name, start in STARTS.items() if not start.real])
def test_a_start_that_cannot_succeed_says_why(paperboy: Paperboy, telegram: str, name: str) -> None:
    start = STARTS[name]
    paperboy.set(**{"telegram_bot_token": TOKEN, "telegram_api_url": telegram, **start.settings})
    with ExitStack() as stack:
        start.prepare(paperboy.folder, stack)
        look(start, start.code, paperboy(*start.arguments, code=start.code).output)


@pytest.mark.slow
def test_a_port_that_is_taken_is_told(tmp_path: Path, telegram: str) -> None:
    with ExitStack() as stack:
        port = taken_port(stack)
        settings = {"telegram_bot_token": TOKEN, "telegram_api_url": telegram, "http_port": port}
        process = stack.enter_context(started(tmp_path, "run", **settings))
        assert process.end() == 5
        assert f"Port {port} on 127.0.0.1" in process.output
        assert len(process.output.splitlines()) == 1


@pytest.mark.slow
def test_a_database_locked_by_another_program_is_waited_for_and_then_told(
    tmp_path: Path, telegram: str
) -> None:
    path = with_database(tmp_path)
    settings = {"telegram_bot_token": TOKEN, "telegram_api_url": telegram}
    with closing(sqlite3.connect(path)) as other, started(tmp_path, "run", **settings) as process:
        other.execute("BEGIN IMMEDIATE")
        assert process.end() == 3
        assert (
            process.output
            == "The database is locked by another program. Stop it, or try again in a moment.\n"
        )


@pytest.mark.slow
def test_an_unreachable_telegram_is_waited_for(
    tmp_path: Path, telegram_at: Callable[[int], AbstractContextManager[str]]
) -> None:
    port = free_port()
    settings = {
        "telegram_bot_token": TOKEN,
        "telegram_api_url": f"http://127.0.0.1:{port}",
        "feeds_file": "feeds.opml",
    }
    (tmp_path / "feeds.opml").write_text("<opml><body/></opml>")
    with started(tmp_path, "run", **settings) as process:
        process.until("The newsroom is open on Telegram")
        process.until("Telegram cannot be reached")
        with telegram_at(port):
            process.until("connected to Telegram as @paperboy_playground_bot")
            assert process.stop() == 0
