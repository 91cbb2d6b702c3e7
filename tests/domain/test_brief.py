"""A story in a few of its own sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.articles import Block, BlockKind
from bot.domain.brief import LONGEST, SENTENCES, Sentence, brief, leans, sentences

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


LEANING = {
    "ar": ("لكن الجسر مغلق.", "الجسر لكن مغلق."),
    "de": ("„Deshalb ist die Brücke zu.“", "Die Brücke ist deshalb zu."),
    "en": ("However, the bridge is closed.", "The bridge, however, is closed."),
    "es": ("Además, el puente está cerrado.", "El puente además está cerrado."),
    "fr": ("Cependant, le pont est fermé.", "Le pont est cependant fermé."),
    "ru": ("ОДНАКО мост закрыт.", "Мост однако закрыт."),
    "uk": ("— Проте міст закрито.", "Міст проте закрито."),
    "zh": ("但大桥关闭了。", "大桥但关闭了。"),
}


@pytest.mark.parametrize("language", LEANING)
def test_a_sentence_leans_on_the_one_before_by_its_first_word_in_its_language(language: str) -> None:
    first, inside = LEANING[language]
    assert leans(first, language)
    assert not leans(inside, language)
    assert not leans(first, "")
    assert not leans(first, "xx")
    others = {one for one in LEANING if one != language and leans(first, one)}
    assert others == set()


def test_only_the_whole_first_word_leans_but_for_chinese_which_has_no_spaces() -> None:
    assert leans("It rained.", "en")
    assert not leans("Italy closed the bridge.", "en")
    assert leans("因此大桥关闭了。", "zh")
    assert not leans("12:30 — ?", "en")
    assert not leans("", "en")


def test_a_sentence_that_leans_gives_way_to_one_that_stands_alone() -> None:
    def chosen(beginning: str, first: str = "The harbour was quiet in the morning") -> list[str]:
        told = f"{first}. {beginning} flood closed the bridge. The bridge was closed by rain. Gulls flew over empty roofs."
        found = brief((Block(BlockKind.PARAGRAPH, told),), "en", 1)
        return [one.text for one in found]

    assert chosen("Heavy") == ["Heavy flood closed the bridge."]
    assert chosen("This") == ["The bridge was closed by rain."]


def test_the_first_sentence_of_a_text_leans_on_nothing() -> None:
    told = (
        "This flood closed the old bridge. The old bridge was built by monks. A flood is no surprise there."
    )
    (found,) = brief((Block(BlockKind.PARAGRAPH, told),), "en", 1)
    assert found.text == "This flood closed the old bridge."


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
