"""The archive's index: it finds words of every script, nothing that is typed breaks it, and it stays in step."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.searching import terms
from bot.storage import search, stories
from bot.storage.database import engine
from tests.storage.archive import DAY, HOUR, NOW, Archive, entry, paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEADLINES = {
    "en": "Bridge over the Orrin closed after flood",
    "fr": "Été précoce à Besançon, les élèves s'étonnent",
    "uk": "Міст через річку зачинили після повені",
    "zh": "河上大桥因洪水关闭",
    "ja": "洪水のため橋が閉鎖された",
    "th": "ปิดสะพานข้ามแม่น้ำหลังน้ำท่วม",
    "ar": "إغلاق الجسر بعد الفيضان",
    "ko": "홍수로 다리 폐쇄",
    "hi": "बाढ़ के बाद पुल बंद",
    "de": "Straße bleibt nach Überschwemmung gesperrt",
}


def find(archive: Archive, query: str, languages: tuple[str, ...] = ()) -> list[str]:
    ids = search.stories_with(archive.connection, terms(query), languages, 50)
    return [line.title for line in stories.lines(archive.connection, ids)]


def in_step(archive: Archive) -> bool:
    """The index's own check against its table, and one row for each article."""
    archive.connection.exec_driver_sql(
        "INSERT INTO article_search(article_search, rank) VALUES ('integrity-check', 1)"
    )
    lost = "SELECT count(*) FROM article_search WHERE rowid NOT IN (SELECT id FROM articles)"
    return archive.connection.exec_driver_sql(lost).scalar() == 0 and archive.count(
        "article_search"
    ) == archive.count("articles")


@pytest.fixture(scope="module")
def library(empty: Path) -> Iterator[Archive]:
    """An archive of all the headlines, for tests that only look; nothing of it is kept at the end."""
    made = engine(empty)
    with made.connect() as connection, connection.begin() as transaction:
        library = Archive(connection)
        for language, headline in HEADLINES.items():
            library.look(library.feed(f"paper-{language}", "World", language), entry(language, headline))
        yield library
        transaction.rollback()
    made.dispose()


@pytest.mark.parametrize(
    ("query", "language"),
    [
        ("bridge", "en"),
        ("ORRIN flood", "en"),
        ("clos", "en"),
        ("ete", "fr"),
        ("Besancon", "fr"),
        ("повені", "uk"),
        ("洪水", "zh"),
        ("大桥", "zh"),
        ("洪水关闭", "zh"),
        ("橋が閉鎖", "ja"),
        ("สะพาน", "th"),
        ("น้ำท่วม", "th"),
        ("الجسر", "ar"),
        ("다리", "ko"),
        ("पुल", "hi"),
        ("uberschwemmung", "de"),
    ],
)
def test_words_of_every_script_are_found(library: Archive, query: str, language: str) -> None:
    assert HEADLINES[language] in find(library, query)


def test_all_words_must_be_there(library: Archive) -> None:
    assert find(library, "bridge Orrin") == [HEADLINES["en"]]
    assert find(library, "bridge Besançon") == []
    assert find(library, "洪水 bridge") == []


@pytest.mark.parametrize("query", ["", "   ", "!!! ***", '""', "\0", "-", "AND", "NEAR(", "title:", "bri*ge"])
def test_what_names_nothing_finds_nothing(library: Archive, query: str) -> None:
    assert find(library, query) == []


def test_the_text_is_searched_but_the_headline_counts_more(archive: Archive) -> None:
    feed = archive.feed()
    archive.look(feed, *(entry(f"other-{n}", f"Another story of the number {n}") for n in range(30)))
    archive.look(feed, entry("a", "A quiet day", teaser="Nothing but the harbour."), at=NOW)
    archive.look(feed, entry("b", "Harbour closed", published=NOW - DAY), at=NOW)
    archive.look(feed, entry("c", "Another day", blocks=paragraphs("Ships in the harbour.")), at=NOW)
    assert find(archive, "harbour")[0] == "Harbour closed"
    assert set(find(archive, "harbour")) == {"Harbour closed", "A quiet day", "Another day"}


def test_a_reader_finds_what_is_in_his_languages(library: Archive) -> None:
    assert find(library, "洪水", ("zh",)) == [HEADLINES["zh"]]
    assert find(library, "bridge", ("zh",)) == []


def test_a_story_told_twice_is_found_once(archive: Archive) -> None:
    for paper in ("herald", "lens"):
        archive.look(archive.feed(paper), entry("x", HEADLINES["en"], url=f"https://{paper}.example/x"))
    assert find(archive, "bridge") == [HEADLINES["en"]]


def test_the_index_follows_edits_and_removals(archive: Archive) -> None:
    feed = archive.feed()
    archive.look(feed, entry("bridge", "Bridge closed"), entry("ferry", "Ferry sinks"))
    archive.look(feed, entry("bridge", "Tunnel opened"), entry("ferry", "Ferry sinks"), at=NOW + HOUR)
    assert find(archive, "bridge") == []
    assert find(archive, "tunnel") == ["Tunnel opened"]
    assert in_step(archive)
    leaving = stories.leaving(archive.connection, NOW + DAY, NOW)
    assert stories.remove(archive.connection, leaving[:1], NOW + DAY, NOW) == 1
    assert in_step(archive)
    archive.prune(NOW + DAY)
    assert find(archive, "ferry") == []
    assert archive.count("article_search") == 0
    assert in_step(archive)


SYNTAX = [
    '"',
    "'",
    "*",
    "^",
    "(",
    ")",
    ":",
    "+",
    "-",
    "{",
    "}",
    ",",
    "\\",
    "AND",
    "OR",
    "NOT",
    "NEAR",
    "NEAR/2",
]
PIECES = [
    *SYNTAX,
    *SYNTAX,
    " ",
    "\0",
    "title",
    "rowid",
    "bridge",
    "洪水",
    "ปิด",
    "é",
    "\u0301",
    "%",
    "_",
    ";",
    "--",
    "😀",
]


@pytest.mark.no_cover
def test_a_thousand_hostile_queries_raise_nothing(library: Archive) -> None:
    draw = random.Random(11)
    found = 0
    for _ in range(1000):
        query = draw.choice(("", " ")).join(draw.choices(PIECES, k=draw.randrange(12)))
        found += len(find(library, query))
        # What has not gone through `terms` must be harmless as well.
        search.stories_with(library.connection, query.replace("\0", " ").split(), (), 5)
    assert found > 0, "some of these name a word of the archive"


@settings(max_examples=150)
@given(st.text(max_size=60))
def test_no_text_is_an_error(library: Archive, query: str) -> None:
    find(library, query)
    words = [word for word in query.split() if word.isprintable()]
    search.stories_with(library.connection, words, (), 5)


@settings(max_examples=100)
@given(
    st.sampled_from([headline for language, headline in HEADLINES.items() if language in {"zh", "ja", "th"}]),
    st.data(),
)
def test_every_part_of_a_text_without_spaces_is_found(
    library: Archive, headline: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(headline) - 2))
    part = headline[start : start + data.draw(st.integers(2, len(headline)))]
    assert headline in find(library, part)
