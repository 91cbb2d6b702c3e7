"""The town's grammar: every minute tells something, in good language, and always the same."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.wire_sources import FOLDER, read_sources
from bot.playground.wire_town import Town, read_grammar
from tests.playground.test_wire import OPENED

if TYPE_CHECKING:
    from pathlib import Path

SOURCES = read_sources(OPENED)
TOWN = Town(SOURCES)
minutes = st.integers(0, 60_000_000)


def told(minute: int) -> list[tuple[str, str, str]]:
    """Who tells what in a minute: host, headline, first paragraph."""
    found = [
        (source.host, article.title, article.teaser)
        for source in SOURCES
        for feed in source.feeds
        if (article := TOWN.article(source, feed, minute))
    ]
    assert all(article for article in found)
    return found


@given(minutes)
def test_a_minute_is_told_once_and_every_tenth_one_twice_under_one_headline(minute: int) -> None:
    articles = told(minute)
    assert len(articles) == (1 if minute % 10 else 2)
    assert len({title for _, title, _ in articles}) == 1
    assert len({host for host, _, _ in articles}) == len(articles)


@given(minutes)
def test_no_place_is_left_open_and_every_line_is_a_sentence(minute: int) -> None:
    for _, title, teaser in told(minute):
        for line in (title, teaser):
            assert not re.search(r"[{}|]|\s\s", line)
            assert line == line.strip()
            assert line[0].isupper() or not line[0].isalpha()
        assert teaser[-1] in ".!?»”…"


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_template_comes_once_before_the_first_comes_again(language: str) -> None:
    grammar = read_grammar(FOLDER / f"town-{language}.json")
    count = len(grammar.templates)
    for lap in range(3):
        turns = {grammar.template(count * lap + turn).title for turn in range(count)}
        assert len(turns) == len({template.title for template in grammar.templates})


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "лодка"),
        (2, "лодки"),
        (4, "лодки"),
        (5, "лодок"),
        (11, "лодок"),
        (12, "лодок"),
        (21, "лодка"),
        (22, "лодки"),
        (111, "лодок"),
    ],
)
def test_forms_go_with_their_numbers(tmp_path: Path, number: int, words: str) -> None:
    line = f"{{n:{number}-{number}}} {{n|лодка|лодки|лодок}}, {{n|boat|boats}}"
    (title, _) = filled(tmp_path, line, {"street": ["x"]})
    assert title == f"{number} {words}, {'boat' if number == 1 else 'boats'}"


def test_a_word_stays_the_same_all_through_an_item_and_its_other_is_another(tmp_path: Path) -> None:
    words: dict[str, list[str | dict[str, str]]] = {"street": ["Mill Lane", {"": "Quay", "on": "the Quay"}]}
    for minute in range(20):
        title, text = filled(tmp_path, "{street}, {street2}, {street}", words, minute)
        first, other, again = title.split(", ")
        assert first == again != other
        assert text == ("A fixed line.",)
    forms: dict[str, list[str | dict[str, str]]] = {"street": [{"": "Quay", "on": "the Quay"}]}
    assert filled(tmp_path, "{street} {street.on} {street2.on}", forms)[0] == "Quay the Quay the Quay"


def filled(
    folder: Path, title: str, words: dict[str, list[str | dict[str, str]]], minute: int = 1
) -> tuple[str, tuple[str, ...]]:
    path = folder / "town.json"
    template = {"desk": "World", "title": title, "text": ["a fixed line."]}
    path.write_text(json.dumps({"words": words, "templates": [template]}), "utf-8")
    grammar = read_grammar(path)
    return grammar.fill(grammar.templates[0], minute)
