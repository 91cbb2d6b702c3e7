"""The command line as an operator meets it: in this process, and in a process of its own."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from bot.__main__ import main

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

TOKEN = "1000000001:AAtest_token_that_must_never_be_seen_anywhere"
ROOT = Path(__file__).parents[2]


class Paperboy:
    """`paperboy` in a folder; settings go into its `.env`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def set(self, **values: object) -> None:
        with (self.folder / ".env").open("a", encoding="utf-8") as file:
            file.writelines(f"{name.upper()}={value}\n" for name, value in values.items())

    def __call__(self, *arguments: str, code: int = 0, **options: Any) -> Result:
        """Run a command; it must end with this exit code, without a traceback and without the token."""
        result = CliRunner().invoke(main, arguments, prog_name="paperboy", **options)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        assert TOKEN not in result.output
        return result

    def sentence(self, *arguments: str, code: int) -> str:
        """What a command that fails says: one sentence on standard error."""
        result = self(*arguments, code=code)
        assert result.stdout == ""
        told = [line for line in result.stderr.splitlines() if " INFO " not in line]
        assert len(told) == 1, told
        return told[0]


class Process:
    """`python -m bot` in a process of its own, whose lines can be waited for."""

    def __init__(self, folder: Path, *arguments: str, blocks: int = 0, **settings: object) -> None:
        """Start it.

        Args:
            folder: where it runs.
            arguments: its command and options.
            blocks: how large its files may grow, in kilobytes; 0 for any size.
            settings: its environment, besides a port that nobody uses.
        """
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
        given = {name.upper(): str(value) for name, value in settings.items()}
        limit = f"ulimit -f {blocks * 2}; " if blocks else ""
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", f'{limit}exec "$0" "$@"', sys.executable, "-m", "bot", *arguments],
            cwd=folder,
            env={**kept, "PYTHONPATH": str(ROOT), "HTTP_PORT": "0", **given},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.output = ""

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def until(self, words: str, timeout: float = 20) -> str:
        """Wait for a line with these words; returns it."""
        while line := self._lines.get(timeout=timeout):
            self.output += line
            if words in line:
                return line
        raise AssertionError(f"it ended without {words!r}:\n{self.output}")

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def end(self, timeout: float = 20) -> int:
        """Wait for its end; returns its exit code."""
        code = self._process.wait(timeout)
        self._reader.join()
        while line := self._lines.get():
            self.output += line
        assert self._process.stdout is not None
        self._process.stdout.close()
        assert "Traceback" not in self.output, self.output
        assert TOKEN not in self.output
        return code

    def stop(self) -> int:
        """End it as a terminal or a supervisor does."""
        self.send(signal.SIGTERM)
        return self.end()

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._reader.join()
        if self._process.stdout is not None:
            self._process.stdout.close()


@contextmanager
def started(folder: Path, *arguments: str, **options: Any) -> Iterator[Process]:
    process = Process(folder, *arguments, **options)
    try:
        yield process
    finally:
        process.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def answering(status: int, body: object) -> Iterator[str]:
    """A web server that gives one answer to everybody."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        do_POST = do_GET  # noqa: N815 - the name that the library calls

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
