"""What a story is tagged with."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.buttons import LIMIT, data
from bot.domain.tags import LONGEST, candidates

BODY = "On Monday the ferry Lorna met the Orrin bridge. The master of Port Selby, Ada Quill, saw it. Nobody was hurt."


def test_a_category_counts_where_the_story_speaks_of_it() -> None:
    filed = ["News", "Ferries", "World", "Uncategorized", "Port Selby", "An endless category of words"]
    assert candidates(filed, "World", "Ferry meets bridge", BODY, "en")[:2] == ["Ferries", "Port Selby"]


def test_names_are_words_with_a_capital_letter_inside_a_sentence() -> None:
    found = candidates([], "World", "Ferry meets bridge", BODY, "en", {"monday"})
    assert {"Lorna", "Orrin", "Port Selby", "Ada Quill"} == set(found)


def test_a_category_and_a_name_are_one_tag() -> None:
    assert candidates(["Lorna"], "", "Ferry meets bridge", BODY, "en").count("Lorna") == 1


def test_a_desk_is_no_tag() -> None:
    assert candidates(["Science"], "Science", "Science of bridges", "The science of it.", "en") == []


@given(st.lists(st.text(max_size=40), max_size=5), st.text(max_size=80), st.text(max_size=300))
def test_every_tag_fits_its_button(categories: list[str], title: str, body: str) -> None:
    for tag in candidates(categories, "World", title, f"{body} {title} {' '.join(categories)}", "en"):
        assert 0 < len(tag) <= LONGEST
        assert len(data("find", tag).encode()) <= LIMIT
