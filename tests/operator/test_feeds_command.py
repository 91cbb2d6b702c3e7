"""`paperboy feeds`, as an operator uses it."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bot.storage.database import Database

if TYPE_CHECKING:
    from tests.operator.console import Paperboy

HERALD = "https://herald.example/rss"


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
    assert paperboy("feeds", "import", str(file)).stdout == "New feeds: 0, known: 2, refused: 0.\n"
    (paperboy.folder / "data" / "playground.db").unlink()
    assert paperboy("feeds", "import", str(file)).stdout == "New feeds: 2, known: 0, refused: 0.\n"
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
    assert done.stdout == "New feeds: 1, known: 0, refused: 2.\n"
    assert "file:///etc/passwd" in done.stderr
    assert "hunter2" not in done.stderr
    assert "\x1b" not in paperboy("feeds", "list").stdout


@pytest.mark.parametrize("data", [b"", b"<html/>", b"\x00\xff" * 50], ids=["empty", "a page", "bytes"])
def test_a_file_that_is_no_list_is_told(paperboy: Paperboy, data: bytes) -> None:
    file = paperboy.folder / "list.opml"
    file.write_bytes(data)
    assert "is not a list of feeds (OPML)" in paperboy.sentence("feeds", "import", str(file), code=1)


def test_a_list_that_breaks_off_is_read_as_far_as_it_goes_and_that_is_said(paperboy: Paperboy) -> None:
    file = paperboy.folder / "torn.opml"
    file.write_text('<opml><body>\n<outline xmlUrl="https://a.example/rss"/>\n<outline xmlU')
    done = paperboy("feeds", "import", str(file))
    assert done.stdout.startswith("New feeds: 1,")
    assert done.stderr == "The file is broken from line 3 on; feeds behind it may be missing.\n"
    file.write_text("<opml")
    assert "is not a list of feeds (OPML)" in paperboy.sentence("feeds", "import", str(file), code=1)


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "[::1]", "10.0.0.7", "router.lan", "localhost"])
def test_a_feed_in_a_private_network_is_refused_unless_the_network_is_open(
    paperboy: Paperboy, host: str
) -> None:
    said = paperboy.sentence("feeds", "add", f"http://{host}/rss", code=1)
    assert said.endswith("leads into a private network that FETCH_ALLOW_NETWORKS does not open.")
    paperboy.set(fetch_allow_networks="127.0.0.0/8, ::1/128, 10.0.0.0/8")
    paperboy("feeds", "add", f"http://{host}/rss")


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
