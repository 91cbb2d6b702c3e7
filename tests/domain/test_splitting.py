"""Splitting: nothing is lost, nothing is cut that must stay whole, nothing is larger than Telegram takes."""

from __future__ import annotations

import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain import message as m
from bot.domain.message import SOLID, Entity, Style, Text, units
from bot.domain.splitting import split

PIECES = st.one_of(
    st.text(max_size=12),
    st.sampled_from([" ", "\n", "\n\n", ". ", "👩‍👩‍👧‍👦", "🇩🇪", "é", "क्षि", "한", "слово", "a" * 30]),
)


@st.composite
def texts(draw: st.DrawFn) -> Text:
    pieces = draw(st.lists(st.tuples(PIECES, st.sampled_from([None, None, *Style])), max_size=40))
    inner = m.concat(m.styled(style, words) if style else words for words, style in pieces)
    clean = inner.plain.encode("utf-16-le", "ignore").decode("utf-16-le")
    return inner if clean == inner.plain else Text(clean)


@settings(max_examples=150)
@given(texts(), st.integers(8, 60), st.integers(1, 5))
def test_every_part_fits_and_nothing_but_white_space_is_lost(text: Text, limit: int, entities: int) -> None:
    parts = split(text, limit, entities)
    for part in parts:
        assert 0 < len(part) <= limit
        assert part.plain == part.plain.strip()
        assert len(part.entities) <= entities
        part.plain.encode("utf-8")
        for entity in part.entities:
            assert 0 <= entity.offset < entity.end <= len(part)
    assert "".join("".join(part.plain.split()) for part in parts) == "".join(text.plain.split())


@settings(max_examples=150)
@given(texts(), st.integers(20, 60))
def test_no_grapheme_that_fits_is_cut(text: Text, limit: int) -> None:
    whole = [g for g in regex.findall(r"\X", text.plain.strip()) if g.strip() == g]
    parts = [g for part in split(text, limit) for g in regex.findall(r"\X", part.plain)]
    assert [g for g in whole if units(g) <= limit and " " not in g and "\n" not in g] == [
        g for g in parts if units(g) <= limit and g.strip() == g and " " not in g and "\n" not in g
    ] or any(units(g) > limit for g in whole)


@settings(max_examples=150)
@given(texts(), st.integers(20, 60))
@example(Text("aaaa bbbb cccc", (Entity(Style.LINK, 5, 9, "https://e.org"),)), 20)
def test_a_link_a_code_or_a_time_stays_whole_if_it_fits(text: Text, limit: int) -> None:
    solid = [
        e
        for e in text.strip().entities
        if e.style in SOLID and e.length <= limit and not _blank(text.strip(), e)
    ]
    kept = [e for part in split(text, limit) for e in part.entities if e.style in SOLID]
    assert len(kept) >= len(solid)
    stripped = text.strip()
    lengths = sorted(len(stripped.slice(e.offset, e.end).strip()) for e in solid)
    assert all(length in [e.length for e in kept] or _touches_edge(stripped, length) for length in lengths)


def _blank(text: Text, entity: Entity) -> bool:
    return not text.slice(entity.offset, entity.end).plain.strip()


def _touches_edge(text: Text, length: int) -> bool:
    """A range whose own ends are white space loses them when a part begins or ends there."""
    return any(
        text.slice(e.offset, e.end).plain != text.slice(e.offset, e.end).plain.strip() for e in text.entities
    ) or (length == 0)


def test_a_short_text_is_left_alone() -> None:
    text = m.bold("a") + " b"
    assert split(text) == [text]


def test_white_space_alone_gives_no_part() -> None:
    assert split(Text(" \n ")) == []


def test_the_cut_is_after_a_paragraph_if_there_is_one() -> None:
    parts = split(Text("one two.\n\nthree four five six"), 20)
    assert [part.plain for part in parts] == ["one two.", "three four five six"]


def test_a_link_that_would_be_cut_moves_to_the_next_part() -> None:
    text = "x" * 15 + m.link("a b c d e f", "https://example.org/")
    first, second = split(text, 20)
    assert first == Text("x" * 15)
    assert second == m.link("a b c d e f", "https://example.org/")


def test_bold_closes_and_opens_again() -> None:
    parts = split(m.bold("one two three four"), 10)
    assert parts == [m.bold(part.plain) for part in parts]
    assert len(parts) > 1


def test_a_part_ends_before_one_entity_too_many() -> None:
    text = m.join(" ", [m.bold(str(n)) for n in range(250)])
    parts = split(text)
    assert [len(part.entities) for part in parts] == [100, 100, 50]


def test_a_grapheme_longer_than_a_message_is_cut_between_code_points() -> None:
    tower = "a" + "́" * 9000
    parts = split(Text(tower))
    assert "".join(part.plain for part in parts) == tower
    assert max(len(part) for part in parts) == 4096


def test_more_ranges_at_one_place_than_a_message_may_have_are_dropped() -> None:
    text = m.bold("word")
    for _ in range(120):
        text = m.styled(m.Style.ITALIC, text)
    (part,) = split(text)
    assert len(part.entities) == 100
