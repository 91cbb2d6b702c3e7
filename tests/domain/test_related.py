"""Which articles belong together, by the words that they really share."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.related import ASKED, FEWEST, KEPT, REASONS, SUBJECT, Term, kin, terms

FLOOD = "The Orrin bridge was closed after the flood. The flood damaged the bridge and the ferry harbour."


def test_what_is_said_often_or_in_the_headline_says_most() -> None:
    found = terms("Ferry sunk", FLOOD, "en")
    assert [term.said for term in found][:4] == ["Ferry", "sunk", "bridge", "flood"]
    assert {term.stem for term in found} >= {"orrin", "harbour"}
    assert len(terms("", " ".join(f"word{n}" for n in range(200)), "en")) == ASKED


def test_an_article_with_rare_words_in_common_is_of_the_affair() -> None:
    asked = [Term(word, word.title(), 1.0) for word in ("orrin", "bridge", "flood", "minister", "town")]
    holders = {"orrin": [1, 2], "bridge": [1, 2], "flood": [1, 2, 3], "minister": [3, *range(10, 90)]}
    first, second = kin(asked, holders, 100)
    assert {first.article_id, second.article_id} == {1, 2}
    assert first.of_the_affair
    assert first.words == ("Orrin", "Bridge", "Flood"), "the rarest first"


def test_few_words_in_common_are_no_reason_however_rare() -> None:
    asked = [Term(word, word, 1.0) for word in ("orrin", "bridge", "flood")]
    assert kin(asked, {"orrin": [1], "bridge": [1]}, 1000) == []
    assert kin(asked, {}, 0) == []
    assert kin([], {}, 10) == []


@given(
    st.dictionaries(
        st.text("abcdef", min_size=1, max_size=3), st.lists(st.integers(1, 30), unique=True), max_size=30
    ),
    st.integers(30, 10_000),
)
def test_kin_are_in_order_and_have_their_reasons(holders: dict[str, list[int]], total: int) -> None:
    asked = [Term(stem, stem.upper(), 1.0 + len(stem)) for stem in holders]
    found = kin(asked, holders, total)
    assert [one.likeness for one in found] == sorted((one.likeness for one in found), reverse=True)
    for one in found:
        assert SUBJECT <= one.likeness <= 1.0000001
        assert len(one.words) == REASONS <= FEWEST <= KEPT
        assert all(one.article_id in holders[word.lower()] for word in one.words)
