"""The playground in a process of its own: `python -m bot.playground`."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING

import pytest

from bot.playground.__main__ import main
from tests.operator.console import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def test_its_help_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    for option in ("--host", "--port", "--token", "--journal", "--people", "--keep-messages", "--no-flood"):
        assert option in shown


def test_a_token_that_is_none_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--token", "secret"]) == 2
    assert capsys.readouterr().err == "The playground needs a bot token such as 123456:playground.\n"


def test_a_port_that_is_taken_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        assert main(["--port", str(listener.getsockname()[1])]) == 5
    assert "cannot be listened on" in capsys.readouterr().err


def test_a_journal_that_is_none_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "journal").write_text("no record\n")
    assert main(["--journal", str(tmp_path / "journal")]) == 3
    assert "is not a journal" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_what_is_no_port_is_a_matter_of_usage(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([f"--port={port}"])
    assert ended.value.code == 2
    assert "--port" in capsys.readouterr().err


def test_it_serves_a_bot_until_it_is_stopped(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "bot.playground",
        "--people",
        "3",
        "--journal",
        str(tmp_path / "journal"),
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address, token = (process.stdout.readline().split()[-1] for _ in range(2))
        assert token.startswith("1000000001:")
        assert len(token) > 40
        with urllib.request.urlopen(f"{address}/bot{token}/getMe", timeout=10) as answer:
            assert json.load(answer)["result"]["is_bot"]
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    assert (tmp_path / "journal").stat().st_size > 0
