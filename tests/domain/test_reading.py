"""A long text as pages: about equally high, never ending with a heading, and nothing lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.articles import Block, BlockKind
from bot.domain.message import ENTITY_LIMIT, TEXT_LIMIT, Style, Text, units
from bot.domain.reading import MOST_ENTITIES, PAGE_UNITS, SPARE, pages, reading_minutes, styled_block

P, H, Q, LI, CODE = (
    BlockKind.PARAGRAPH,
    BlockKind.HEADING,
    BlockKind.QUOTE,
    BlockKind.ITEM,
    BlockKind.CODE,
)
SENTENCE = "The master of the port explains why the old crane has to be moved. "
SENTENCES = st.integers(1, 5_000).map(lambda n: (SENTENCE * 80)[:n].strip())
BLOCKS = st.lists(
    st.builds(
        Block,
        st.sampled_from((P, P, P, H, Q, LI, CODE)),
        st.one_of(
            SENTENCES,
            st.sampled_from(("One line.", "й" * 4096, "😀" * 2100, "/stop @me", "日本語の文。" * 300, "a")),
        ),
    ),
    max_size=30,
)


def squeezed(text: str) -> str:
    return "".join(text.split()).replace("\u2060", "").replace("•", "")


def paragraph(length: int) -> Block:
    return Block(P, " ".join(["word"] * (length // 5))[:length].ljust(length, "d"))


@settings(max_examples=80)
@given(BLOCKS, st.sampled_from(sorted(PAGE_UNITS)))
def test_pages_fit_and_lose_nothing(blocks: list[Block], size: str) -> None:
    made = pages(blocks, PAGE_UNITS[size])
    assert all(0 < len(page) <= PAGE_UNITS[size] * SPARE for page in made)
    assert all(len(page.entities) <= MOST_ENTITIES < ENTITY_LIMIT for page in made)
    assert all(page.plain == page.plain.strip() for page in made)
    told = "".join(squeezed(page.plain) for page in made)
    assert told == squeezed("".join(block.text for block in blocks))


@settings(max_examples=80)
@given(BLOCKS)
def test_a_heading_is_never_the_last_of_a_page_that_goes_on(blocks: list[Block]) -> None:
    short = [Block(H, block.text[:40]) if block.kind is H else block for block in blocks]
    for page in pages(short, 1800)[:-1]:
        runs = _last_headings(page)
        assert runs == 0 or runs > 8, page.plain[-60:]


def _last_headings(page: Text) -> int:
    """How many lines at the end of a page are bold over their whole length."""
    count, end = 0, len(page)
    for line in reversed(page.plain.split("\n\n")):
        start = end - units(line)
        if not any(e.style is Style.BOLD and (e.offset, e.end) == (start, end) for e in page.entities):
            break
        count, end = count + 1, start - 2
    return count


@given(st.lists(st.integers(40, 700), min_size=20, max_size=60))
def test_pages_of_paragraphs_are_about_equally_high(lengths: list[int]) -> None:
    made = pages([paragraph(length) for length in lengths], 1800)
    for page in made[:-1]:
        assert 900 <= len(page) <= 1800 * SPARE
    assert len(made[-1]) >= 1800 * (SPARE - 1) or len(made[-2]) + len(made[-1]) > 1800 * SPARE - 2


def test_a_short_text_is_one_page() -> None:
    assert [page.plain for page in pages([Block(P, "One."), Block(P, "Two.")], 1800)] == ["One.\n\nTwo."]
    assert pages([], 1800) == []


def test_a_page_ends_with_a_paragraph_where_one_is_near() -> None:
    made = pages([paragraph(700)] * 6, 1800)
    assert [len(page) for page in made] == [1402, 1402, 1402]


def test_a_last_stub_joins_the_page_before() -> None:
    made = pages([paragraph(1700), paragraph(200)], 1800)
    assert [len(page) for page in made] == [1902]


def test_a_heading_goes_to_the_next_page_with_its_text() -> None:
    made = pages([paragraph(1500), Block(H, "Next"), paragraph(1000)], 1800)
    assert [page.plain.startswith("Next") for page in made] == [False, True]


def test_a_list_stays_together_and_a_quotation_is_one() -> None:
    (page,) = pages([Block(LI, "a"), Block(LI, "b"), Block(Q, "c"), Block(CODE, "d\ne")], 1800)
    assert page.plain == "• a\n• b\n\nc\n\nd\ne"
    assert [entity.style for entity in page.entities] == [Style.QUOTE, Style.PRE]


def test_hundreds_of_small_quotations_take_several_pages() -> None:
    made = pages([Block(Q, "a")] * 300, 1800)
    assert len(made) == 4
    assert sum(len(page.entities) for page in made) == 300


def test_many_headings_in_a_row_are_no_reason_for_a_page_too_long() -> None:
    made = pages([*[Block(H, f"Heading {n}") for n in range(400)], Block(P, "Text")], 1800)
    assert all(len(page) <= 1800 * SPARE for page in made)


@pytest.mark.parametrize("text", ["/stop and @admin", "ask (@admin)"])
def test_commands_and_mentions_in_a_text_do_nothing(text: str) -> None:
    assert "\u2060" in styled_block(Block(P, text)).plain
    assert styled_block(Block(CODE, text)).plain == text


def test_reading_takes_a_minute_at_least() -> None:
    assert reading_minutes([]) == 1
    assert reading_minutes([Block(P, "word " * 660)]) == 3
    assert reading_minutes([Block(P, "字" * 880)]) == 2


def test_pages_leave_room_for_what_stands_around_them() -> None:
    assert max(PAGE_UNITS.values()) * SPARE <= TEXT_LIMIT - 480
