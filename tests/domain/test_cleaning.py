"""Foreign text: what a reader cannot see goes, what scripts need stays, and nothing ever raises."""

from __future__ import annotations

import unicodedata

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.cleaning import both_ends, inert, isolated, plain
from bot.domain.message import units
from bot.playground.rules.detection import find_entities

ANY = st.text(st.characters(), max_size=60)  # lone surrogates too
NASTY = st.lists(
    st.sampled_from(
        [
            *"aé ßxя中日ا ",
            *(
                "\u200b",
                "\u200c",
                "\u200d",
                "\u202e",
                "\u2066",
                "\u2069",
                "\ufeff",
                "\u00ad",
                "\0",
                "\x1b",
                "\n",
            ),
            *(
                "\u0301",
                "\u0316",
                "\u093c",
                "\u094d",
                "\u0915",
                "\u0937",
                "\ufb2c",
                "\u05bc",
                "\u1161",
                "\u1100",
            ),
            *("\U0001f468", "\u2764", "\ufe0f", "\U0001f3fb", "\U000e0067", "\U000e007f", "\ud800", "\udc00"),
            *("\u3164", "\u034f", "\ufffe", "\ue000", "\u2028", "\u0600", "\u200e"),
        ]
    ),
    max_size=80,
).map("".join)


@settings(max_examples=200)
@given(st.one_of(ANY, NASTY))
@example("\ufb2c" + "\u05bc" * 9)
@example("क" + "\u093c\u200c" * 9)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@settings(max_examples=200)
@given(st.one_of(ANY, NASTY))
def test_the_result_is_visible_on_one_line_and_can_be_stored(text: str) -> None:
    cleaned = plain(text)
    cleaned.encode("utf-8")
    assert cleaned == cleaned.strip()
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not regex.search(
        r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b\ufeff\u00ad\u2060-\u2064]", cleaned
    )
    assert not regex.search(r"[\U000E0000-\U000E007F\p{Cs}]|  |\s(?<! )|\p{M}{6}", cleaned)
    assert not cleaned or regex.search(r"[^\p{C}\p{Z}\p{M}]", cleaned)


@settings(max_examples=200)
@given(st.one_of(ANY, NASTY), st.integers(-1, 40))
def test_a_limit_holds_and_a_cut_is_marked(text: str, limit: int) -> None:
    whole, short = plain(text), plain(text, limit)
    assert units(short) <= max(limit, 0)
    if units(whole) <= max(limit, 0):
        assert short == whole
    elif limit > 0:
        assert short.endswith("…")
        assert whole.startswith(short.removesuffix("…"))


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  Plain \t words\r\n here ", "Plain words here"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("one\u2067two\u2069", "onetwo"),
        ("free\u200b dom\u2060", "free dom"),
        ("\ufeffTitle", "Title"),
        ("hy\u00adphen", "hyphen"),
        ("nul\0 and \x1b[31mred", "nul and [31mred"),
        ("a\u2028b\u2029c\u00a0d\u3000e", "a b c d e"),
        ("cafe\u0301", "café"),
        ("\ud800lone\udfff", "lone"),
        ("\ud83d\ude00", "😀"),
        ("tag\U000e0041\U000e0042s", "tags"),
        ("Z" + "\u0335" * 40 + "algo", "Z" + "\u0335" * 5 + "algo"),
        ("\u200e\u200f", ""),
        ("\u3164", ""),
        ("\u2800", ""),
        ("", ""),
    ],
)
def test_what_cannot_be_seen_goes(text: str, cleaned: str) -> None:
    assert plain(text) == cleaned


@pytest.mark.parametrize(
    "text",
    [
        "می‌خواهم",  # Persian with a non-joiner
        "क्‍ष",  # Devanagari with a joiner
        "ന്‍",  # an old Malayalam spelling ends with a joiner
        "👨‍👩‍👧‍👦",
        "👩🏽‍🚀",
        "❤️‍🔥",
        "🇺🇦",
        "בְּרֵאשִׁ֖ית",
        "ภาษาไทยก็",
        "\u200eC++\u200e",
        "Łódź, naïve, Привіт, 日本語, العربية",
    ],
)
def test_what_scripts_and_emoji_need_stays(text: str) -> None:
    assert plain(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("text", ["a\u200db", "a\u200d", "\u200cab", "5\u200d6", "я\u200dя", "👍\u200d x"])
def test_joiners_go_where_nothing_joins(text: str) -> None:
    assert "\u200d" not in plain(text)
    assert "\u200c" not in plain(text)


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("The quick brown fox jumps", 12, "The quick…"),
        ("The quick, brown fox", 12, "The quick…"),
        ("The quick brown", 15, "The quick brown"),
        ("Donaudampfschifffahrt auf", 10, "Donaudamp…"),
        ("a Donaudampfschifffahrt", 10, "a Donauda…"),
        ("日本語の長い文章です", 5, "日本語の…"),
        ("👨‍👩‍👧 family", 9, "👨‍👩‍👧…"),
        ("ab👨‍👩‍👧 family", 9, "ab…"),
        ("👨‍👩‍👧 family", 5, "👨…"),
        ("😀😀", 2, "…"),
        ("anything", 1, "…"),
        ("anything", 0, ""),
    ],
)
def test_a_cut_ends_at_a_word_and_leaves_every_grapheme_whole(text: str, limit: int, short: str) -> None:
    assert plain(text, limit) == short


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("World", "World"),
        ("The New York Times > World and more", "The New York T…nd more"),
        ("The New York Times > World and less", "The New York T…nd less"),
        ("👩‍👩‍👧‍👦" * 9, "👩‍👩‍👧‍👦…"),
        ("e\u0301" * 64, "é" * 14 + "…" + "é" * 7),
        ("\u200b", ""),
    ],
)
def test_of_a_long_name_the_end_stays_too(text: str, short: str) -> None:
    assert both_ends(text, 22) == short


def test_isolating_keeps_the_direction_of_a_text_to_itself() -> None:
    assert isolated("عنوان\u2067") == "\u2068عنوان\u2069"
    assert isolated("\u200b") == ""


def test_hostile_lengths_take_no_time() -> None:
    for text in ("a" + "\u0301\u0316" * 100_000, "a\u200b" * 100_000, "👨\u200d" * 50_000, " " * 1_000_000):
        assert len(plain(text, 100)) <= 100


@settings(max_examples=150)
@given(
    st.lists(st.sampled_from([*"/@._ a1é(x", "/stop", "@admin", "https://", "x.com/"]), max_size=30).map(
        "".join
    )
)
@example("see https://x.com/@name")
@example("https://@name")
def test_no_command_and_no_mention_stays_alive(text: str) -> None:
    tame = inert(text)
    kinds = {entity["type"] for entity in find_entities(tame)}
    assert not kinds & {"bot_command", "mention"}
    assert tame.replace("\u2060", "") == text
    assert inert(tame) == tame
    assert plain(tame) == plain(text)


def test_addresses_keep_working_when_commands_do_not() -> None:
    assert inert("see https://x.com/@name and /stop, @me") == (
        "see https://x.com/@name and /\u2060stop, @\u2060me"
    )
    assert inert("and/or 24/7 a@b.example") == "and/or 24/7 a@b.example"


def test_taming_hostile_lengths_takes_no_time() -> None:
    for text in ("a." * 50_000, "@" * 100_000 + "x", "/@" * 50_000, "https://" * 20_000):
        assert inert(text)
