"""`paperboy check` and `paperboy health`: what an operator is told of the newsroom."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.operator.console import TOKEN, answering, free_port

if TYPE_CHECKING:
    from tests.operator.console import Paperboy


def graded(paperboy: Paperboy, *options: str, code: int = 0) -> dict[str, tuple[str, str]]:
    """The findings of `check` by subject: grade and sentence."""
    lines = [line.split("\t") for line in paperboy("check", *options, code=code).stdout.splitlines()]
    return {subject: (grade, sentence) for grade, subject, sentence in lines}


def test_a_sound_newsroom_is_told_so(paperboy: Paperboy, telegram: str) -> None:
    paperboy.set(telegram_bot_token=TOKEN, telegram_api_url=telegram)
    paperboy("migrate")
    found = graded(paperboy)
    assert {"settings", "token", "SQLite", "database", "feeds", "list of feeds", "disk", "memory"} == set(
        found
    )
    assert found["token"] == ("ok", "Telegram knows this bot as @paperboy_playground_bot.")
    assert found["database"][0] == found["feeds"][0] == found["list of feeds"][0] == "ok"
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
    assert found["list of feeds"][0] == found["database"][0] == "wrong"


@pytest.mark.parametrize(
    ("failing", "grade", "words"),
    [
        (0, "ok", "3 are in use, and none of them fails."),
        (1, "ok", "1 of 3 fail; `paperboy feeds list` says why."),
        (2, "warning", "2 of 3 fail; "),
    ],
)
def test_feeds_that_mostly_fail_are_a_warning(
    paperboy: Paperboy, failing: int, grade: str, words: str
) -> None:
    for name in ("a", "b", "c"):
        paperboy("feeds", "add", f"https://{name}.example/rss")
    with closing(sqlite3.connect(paperboy.folder / "data" / "playground.db")) as connection, connection:
        connection.execute("UPDATE feeds SET failures = 1 WHERE id <= ?", (failing,))
    found, sentence = graded(paperboy)["feeds"]
    assert found == grade
    assert sentence.startswith(words)


def served_at(paperboy: Paperboy, url: str) -> None:
    """Let a newsroom have been served at an address."""
    paperboy("migrate")
    with closing(sqlite3.connect(paperboy.folder / "data" / "playground.db")) as connection, connection:
        connection.execute("INSERT INTO meta (name, value) VALUES ('served_at', ?)", (url,))


def test_a_newsroom_that_never_ran_is_not_healthy(paperboy: Paperboy) -> None:
    assert paperboy("health", code=1).stdout == "No newsroom has run here yet.\n"
    (paperboy.folder / "data").mkdir()
    (paperboy.folder / "data" / "playground.db").touch()
    assert paperboy("health", code=1).stdout == "No newsroom has run here yet.\n"


def test_a_newsroom_that_does_not_run_is_not_healthy(paperboy: Paperboy) -> None:
    served_at(paperboy, url := f"http://127.0.0.1:{free_port()}")
    assert paperboy("health", code=1).stdout == f"No newsroom answers at {url}/readyz.\n"


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
        served_at(paperboy, url)
        assert paperboy("health", code=int(status != 200 or isinstance(body, list))).stdout.startswith(words)
