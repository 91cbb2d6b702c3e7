"""The words that carry a text's sense."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.words import LONGEST, weighty


def stems(text: str, language: str) -> list[str]:
    return [word.stem for word in weighty(text, language)]


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "The elections were held", "An election, holding"),
        ("ru", "Путин обсудил санкции", "о санкциях Путина"),
        ("de", "Die Wahlen", "der Wahl"),
        ("fr", "les élections", "une élection"),
        ("es", "las elecciones", "una elección"),
    ],
)
def test_forms_of_a_word_are_one_word(language: str, one: str, other: str) -> None:
    assert set(stems(one, language)) & set(stems(other, language))


def test_little_words_and_numbers_say_nothing() -> None:
    assert stems("It was on the 24th of June, and 2026 is not over: he has said so", "en") == ["24th", "june"]
    assert stems("это было в 2026 году у моста", "ru") == ["мост"]
    assert list(weighty("", "en")) == []


def test_a_word_is_kept_as_it_was_said() -> None:
    assert [(word.stem, word.said) for word in weighty("Russia's CO2 state-owned", "en")] == [
        ("russia", "Russia"),
        ("co2", "CO2"),
        ("state-own", "state-owned"),
    ]


def test_scripts_without_spaces_give_pairs() -> None:
    assert stems("北京下雨", "zh") == ["北京", "京下", "下雨"]


def test_a_language_that_we_do_not_know_has_words_too() -> None:
    assert stems("Kitabu kizuri", "sw") == stems("Kitabu kizuri", "") == ["kitabu", "kizuri"]


@given(st.text(), st.sampled_from(["en", "ru", "ar", "zh", "uk", "", "xx"]))
def test_any_text_has_words_of_bounded_length(text: str, language: str) -> None:
    for word in weighty(text, language):
        assert 2 <= len(word.said) <= LONGEST
        assert word.stem == word.stem.lower()
