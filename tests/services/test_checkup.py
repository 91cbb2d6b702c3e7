"""What `check` finds, and how it says so."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bot.services import checkup
from bot.services.checkup import Finding, Grade
from bot.storage.database import Database

if TYPE_CHECKING:
    from pathlib import Path

GIB = 2**30


def about(findings: list[Finding], subject: str) -> Finding:
    (found,) = [finding for finding in findings if finding.subject == subject]
    assert found.sentence.endswith((".", "6"))
    return found


def test_a_database_that_is_not_there_yet_is_no_trouble(tmp_path: Path) -> None:
    found = about(checkup.database(tmp_path / "news.db"), "database")
    assert found.grade is Grade.GOOD
    assert "the first run makes it" in found.sentence
    assert not (tmp_path / "news.db").exists(), "looking makes nothing"


def test_a_sound_database_is_good_also_while_the_newsroom_writes(path: Path) -> None:
    db = Database(path)
    with db._write_engine.begin():
        found = about(checkup.database(path), "database")
    db.close_now()
    assert found.grade is Grade.GOOD
    assert "sound and up to date" in found.sentence


def test_a_database_that_is_not_up_to_date_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "news.db").touch()
    found = about(checkup.database(tmp_path / "news.db"), "database")
    assert found.grade is Grade.WARNING
    assert "at revision none" in found.sentence


@pytest.mark.parametrize("trouble", ["newer", "damaged", "no database"])
def test_a_database_that_cannot_be_used_is_wrong(path: Path, trouble: str) -> None:
    if trouble == "newer":
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
    elif trouble == "damaged":
        pages = bytearray(path.read_bytes())
        pages[4 * 4096 :] = bytes(len(pages) - 4 * 4096)
        path.write_bytes(pages)
    else:
        path.write_bytes(b"buy milk, " * 1000)
    assert about(checkup.database(path), "database").grade is Grade.BAD


@pytest.mark.parametrize(
    ("version", "grade"),
    [
        ((3, 36, 0), Grade.BAD),
        ((3, 37, 0), Grade.WARNING),
        ((3, 40, 1), Grade.WARNING),
        ((3, 44, 5), Grade.WARNING),
        ((3, 44, 6), Grade.GOOD),
        ((3, 50, 6), Grade.WARNING),
        ((3, 50, 7), Grade.GOOD),
        ((3, 51, 2), Grade.WARNING),
        ((3, 51, 3), Grade.GOOD),
        ((4, 0, 0), Grade.GOOD),
    ],
)
def test_a_sqlite_with_the_bug_is_a_warning(version: tuple[int, int, int], grade: Grade) -> None:
    found = checkup._sqlite(version)
    assert found.grade is grade
    assert found.sentence.startswith(".".join(map(str, version)))


@pytest.mark.parametrize(
    ("text", "grade", "words"),
    [
        (
            '<opml><body><outline xmlUrl="https://a.example/"/></body></opml>',
            Grade.GOOD,
            "can be read, feeds: 1.",
        ),
        (
            '<opml><body><outline xmlUrl="https://a.example/"/>\n<outline xml',
            Grade.WARNING,
            "broken from line 2 on",
        ),
        ('<opml><body><outline xmlUrl="ftp://a.example/"/></body></opml>', Grade.WARNING, "ftp://a.example/"),
        ("<opml><body/></opml>", Grade.WARNING, "names no feed"),
        ("<html/>", Grade.BAD, "is not a list of feeds"),
    ],
)
def test_the_list_of_feeds_is_read(tmp_path: Path, text: str, grade: Grade, words: str) -> None:
    file = tmp_path / "feeds.opml"
    file.write_text(text, "utf-8")
    found = checkup.feeds_file(file)
    assert found.grade is grade
    assert words in found.sentence


def test_the_built_in_catalogue_is_good() -> None:
    assert checkup.feeds_file(None).grade is Grade.GOOD


def test_little_room_on_the_disk_is_a_warning(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there" / "yet"
    assert checkup.disk(folder, lambda _: 2 * GIB).grade is Grade.GOOD
    found = checkup.disk(folder, lambda _: GIB - 1)
    assert found.grade is Grade.WARNING
    assert f"at {tmp_path}" in found.sentence
    assert "GiB free" in checkup.disk(tmp_path).sentence


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("MemTotal: 9 kB\nMemAvailable:  500000 kB\n", Grade.GOOD),
        ("MemAvailable:  100000 kB\n", Grade.WARNING),
        ("MemAvailable:  much\n", Grade.GOOD),
        ("", Grade.GOOD),
    ],
)
def test_little_memory_is_a_warning(tmp_path: Path, text: str, grade: Grade) -> None:
    file = tmp_path / "meminfo"
    file.write_text(text, "ascii")
    assert checkup.memory(file).grade is grade
    assert checkup.memory(tmp_path / "missing").grade is Grade.GOOD
