"""Names for strangers' eyes: nobody's twin, and never the newsroom."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.message import units
from bot.domain.pen_names import LONGEST, folded, free, trouble

NEWSROOM = "The Quiet Hour"


@pytest.mark.parametrize(
    "name",
    [
        "Maya",
        "Ирина",
        "سلمى",
        "李雷",
        "O'Brien",
        "Анна-Мария",
        "Reader 17",
        "J. R. Ewing",
        "Night owl",
        "Ёж 2",
    ],
)
def test_people_may_be_called_what_they_are_called(name: str) -> None:
    assert trouble(name, NEWSROOM) == ""


@pytest.mark.parametrize(
    ("name", "key"),
    [
        *(
            (name, "talk.name_odd")
            for name in ("", "a", "😀😀", "\u200b\u3164", "@durov", "/start", "evil.com", "<b>x</b>")
        ),
        *((name, "talk.name_odd") for name in ("M\u0430ya", "Мауa", "#tag me")),
        *((name, "talk.name_long") for name in ("x" * 25, "😀" * 13)),
        *(
            (name, "talk.name_ours")
            for name in ("The Editor", "ADMIN", "m\u043ederator".replace("\u043e", "o"), "Модератор Вася")
        ),
        *(
            (name, "talk.name_ours")
            for name in ("the quiet  hour", "The Quiet Hour Desk", "Редакция", "Edit0r", "É ditor")
        ),
    ],
)
def test_a_name_that_strangers_must_not_see_is_refused(name: str, key: str) -> None:
    assert trouble(name, NEWSROOM) == key


def test_a_newsroom_without_letters_forbids_nobody() -> None:
    assert trouble("Maya", "…") == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Maya", "MAYA"),
        ("Maya", "\u041c\u0430\u0443\u0430"),
        ("Maya", "M a-y.a"),
        ("Ёлка", "елка"),
        ("ﬁn", "fin"),
        ("Café", "cafe"),
    ],
)
def test_look_alikes_are_one_name(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_whose_name_is_taken_gets_a_number() -> None:
    assert free(" Maya ", set()) == "Maya"
    assert free("Maya", {folded("Maya")}) == "Maya 2"
    assert free("Maya", {folded("Maya"), folded("Maya 2")}) == "Maya 3"
    long = free("x" * LONGEST, {folded("x" * LONGEST)})
    assert units(long) <= LONGEST
    assert long.endswith(" 2")


@settings(max_examples=150)
@given(st.text(st.characters(), max_size=30), st.sets(st.text(max_size=5)))
def test_no_name_breaks_anything(name: str, taken: set[str]) -> None:
    if not trouble(name, NEWSROOM):
        given = free(name, {folded(one) for one in taken} | {folded(name)})
        assert folded(given) != folded(name)
        assert units(given) <= LONGEST
        assert given == given.strip()
