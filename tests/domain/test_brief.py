"""A story in a few of its own sentences."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.articles import Block, BlockKind
from bot.domain.brief import LONGEST, SENTENCES, Sentence, brief, sentences

TEXT = (
    Block(BlockKind.HEADING, "The flood"),
    Block(
        BlockKind.PARAGRAPH, "Mr. Ives opened a shop. The flood closed the bridge over the Orrin on Monday."
    ),
    Block(BlockKind.CODE, "make run. It is code."),
    Block(BlockKind.QUOTE, "I saw the flood take the bridge away, said the ferryman of the Orrin."),
    Block(
        BlockKind.PARAGRAPH,
        "It was a cold evening in a quiet valley. The bridge is closed until the flood has gone.",
    ),
)


def test_sentences_end_where_they_end() -> None:
    assert [(one.block, one.text) for one in sentences(TEXT, "en")][:3] == [
        (1, "Mr. Ives opened a shop."),
        (1, "The flood closed the bridge over the Orrin on Monday."),
        (3, "I saw the flood take the bridge away, said the ferryman of the Orrin."),
    ]
    chinese = (Block(BlockKind.PARAGRAPH, "今天下雨了！他说：“不。”然后走了。"),)
    assert len(sentences(chinese, "zh")) == 3


def test_the_sentences_whose_words_the_text_says_most_are_taken_in_their_order() -> None:
    assert [one.text for one in brief(TEXT, "en", 2)] == [
        "The flood closed the bridge over the Orrin on Monday.",
        "I saw the flood take the bridge away, said the ferryman of the Orrin.",
    ]


def test_a_short_text_is_its_own_brief() -> None:
    assert brief(TEXT[:2], "en") == [Sentence(1, "The flood closed the bridge over the Orrin on Monday.")]
    assert brief((), "en") == []


@given(
    st.lists(st.builds(Block, st.sampled_from(BlockKind), st.text(max_size=300)), max_size=8),
    st.sampled_from(["en", "ru", "zh", "", "xx"]),
)
def test_every_sentence_stands_in_the_text(blocks: list[Block], language: str) -> None:
    found = brief(blocks, language)
    assert len(found) <= SENTENCES
    assert [one.block for one in found] == sorted(one.block for one in found)
    for one in found:
        assert one.text in blocks[one.block].text
        assert len(one.text) <= LONGEST
