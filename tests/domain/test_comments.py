"""What makes a comment wait, and what makes a text harmless."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.cleaning import plain
from bot.domain.comments import (
    IN_A_BREATH,
    NEWCOMER,
    Comment,
    Hold,
    Past,
    essence,
    has_link,
    hold,
    length,
    tame,
)
from bot.playground.rules.detection import find_entities

NOW = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
KNOWN = Past(joined_at=NOW - timedelta(days=30), approved=3)
FRESH = Past(joined_at=NOW - timedelta(hours=1))


def held(text: str, past: Past = KNOWN, *listed: str, watched: bool = True) -> Hold | None:
    return hold(text, past, listed, NOW, watched=watched)


def test_an_ordinary_comment_appears_at_once() -> None:
    assert held("I doubt that sanctions decide this.") is None


def test_only_the_first_comment_of_a_newcomer_waits_and_only_for_editors_that_there_are() -> None:
    assert held("Hello.", FRESH) is Hold.NEWCOMER
    assert held("Hello.", FRESH, watched=False) is None
    assert held("Hello.", replace(FRESH, approved=1)) is None
    assert held("Hello.", replace(FRESH, joined_at=NOW - NEWCOMER)) is None


@pytest.mark.parametrize(
    "text",
    [
        *("https://evil.example/x", "evil.example", "www.evil.example", "t.me/joinchat", "пример.рф"),
        *(
            "HTTP://EVIL.EXAMPLE",
            "tg://resolve?domain=x",
            "mail me: a@b.example",
            "ask @durov",
            "xn--80ak6aa92e.com",
        ),
        *("ev\u200bil.example", "evil。com", "1.evil.example"),
    ],
)
def test_what_leads_out_of_the_chat_is_a_link(text: str) -> None:
    assert has_link(text)
    assert held(text) is Hold.LINK


@pytest.mark.parametrize(
    "text",
    [
        *(
            "It rose by 3.5 percent.",
            "e.g. this, i.e. that",
            "the U.S. and the E.U.",
            "т.е. так, и т.д.",
            "Well ... no",
        ),
        *("at 12:30, ok?", "version 1.2.3", "me @ home", "either/or", "10.000 euro", "No. Never.", ""),
    ],
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert not has_link(text)


@pytest.mark.parametrize(
    "text", ["CASINO!", "the c\u0430sin\u043e is good", "ca\u0301sino", "c\u200basino", "cas1no"]
)
def test_a_listed_word_is_known_in_every_disguise(text: str) -> None:
    assert held(text, KNOWN, "casino") is Hold.WORD


def test_a_listed_word_is_a_whole_one_and_a_phrase_a_whole_phrase() -> None:
    assert held("casinos", KNOWN, "casino") is None
    assert held("lottery and a ticket", KNOWN, "lottery ticket") is None
    assert held("a Lottery-Ticket", KNOWN, "lottery ticket") is Hold.WORD
    assert held("anything", KNOWN, "", "…") is None


def test_more_than_five_in_ten_minutes_are_too_fast() -> None:
    assert held("x y", replace(KNOWN, recent=IN_A_BREATH - 1)) is None
    assert held("x y", replace(KNOWN, recent=IN_A_BREATH)) is Hold.FAST


def test_the_same_words_again_are_a_repetition() -> None:
    before = replace(KNOWN, words=("Trees, trees!", "👍"))
    assert held("trees TREES", before) is Hold.REPEATED
    assert held("👍", before) is Hold.REPEATED
    assert held("👎", before) is None


@pytest.mark.parametrize(
    ("judged", "rejected", "waits"), [(2, 2, False), (3, 3, True), (6, 3, True), (7, 3, False)]
)
def test_who_was_often_taken_away_waits(judged: int, rejected: int, waits: bool) -> None:  # noqa: FBT001 - a case
    found = held("Hello.", replace(KNOWN, judged=judged, rejected=rejected))
    assert (found is Hold.REJECTED) == waits


def test_an_answer_is_what_did_not_begin_its_talk() -> None:
    comment = Comment(1, 1, 1, 7, "Maya", "", "x", "shown", "", NOW)
    assert not comment.is_answer
    assert replace(comment, id=2).is_answer


LETTERS = st.sampled_from(
    [
        *"aZя9 .:/@#$-_\n",
        "https://",
        "t.me/",
        "@durov",
        "/start",
        "evil.com",
        ".рф",
        "。",
        "\u2060",
        "\u200b",
        "😀",
        "\u0301",
    ]
)
TEXTS = st.one_of(st.text(st.characters(), max_size=60), st.lists(LETTERS, max_size=20).map("".join))


@settings(max_examples=250)
@given(TEXTS)
@example("\u0300@00")
@example("\u0300#a")
def test_nothing_that_a_client_makes_a_link_of_is_left(text: str) -> None:
    tamed = tame(plain(text))
    assert find_entities(tamed) == []
    assert tamed.replace("\u2060", "") == plain(text).replace("\u2060", ""), (
        "nothing that can be seen is changed"
    )
    assert tame(tamed) == tamed


@settings(max_examples=150)
@given(TEXTS, st.lists(TEXTS, max_size=3))
def test_no_text_breaks_the_rules(text: str, listed: list[str]) -> None:
    found = hold(text, KNOWN, listed, NOW, watched=True)
    assert (found is Hold.LINK) == has_link(text)
    assert length(text) >= 0
    assert essence(text) == essence(text.upper().lower()) or not text.isascii()


@pytest.mark.parametrize(
    "text", ["a." * 250, "@a" * 250, "x" * 4096, "://" * 1000, "a-" * 2000, "a.b" * 1300]
)
def test_a_hostile_text_takes_no_time(text: str) -> None:
    assert tame(plain(text)) is not None
    has_link(text)
