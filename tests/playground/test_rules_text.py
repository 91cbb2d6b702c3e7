"""What becomes of a text before anybody sees it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.message import units
from bot.playground.rules.cleaning import clean, is_empty
from bot.playground.rules.detection import find_entities
from bot.playground.rules.entities import place_entities
from bot.playground.rules.formatted import caption_text, message_text
from bot.playground.rules.refusal import Refusal


def bold(offset: int, length: int) -> dict[str, object]:
    return {"type": "bold", "offset": offset, "length": length}


def part(text: str, entity: dict[str, int]) -> str:
    encoded = text.encode("utf-16-le")
    start = 2 * entity["offset"]
    return encoded[start : start + 2 * entity["length"]].decode("utf-16-le")


def refusal(text: str, **options: object) -> str:
    with pytest.raises(Refusal) as refused:
        message_text(text, **options)  # type: ignore[arg-type]  # wrong on purpose in some tests
    return refused.value.description


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("a\tb\x00c\x1fd", "a b c d"),
        ("one\r\ntwo", "one\ntwo"),
        ("a\u2028b\u2029c\u202ad\u202ee", "abcde"),
        ("\u2066left alone\u2069", "\u2066left alone\u2069"),
        ("a\u030ab\u0333c\u033fd", "abcd"),
        ("\u200e\u200fx\u200f", "\u200c\u200fx\u200f"),
        (" \n both ends \n ", "both ends"),
        ("\u00a0 kept \u00a0", "\u00a0 kept \u00a0"),
    ],
)
def test_a_text_is_cleaned_as_telegram_cleans_it(raw: str, kept: str) -> None:
    assert clean(raw, []) == (kept, [])


def test_entities_move_with_the_text_that_is_left() -> None:
    text, entities = clean("\r😀\r\u2028bold\r word \n", [bold(5, 10)])
    assert text == "😀bold word"
    assert [part(text, entity) for entity in entities] == ["bold word"]


def test_an_entity_that_loses_all_its_text_falls_away() -> None:
    assert clean("a\r\rb", [bold(1, 2)]) == ("ab", [])


def test_white_space_that_is_styled_stays_at_the_start_but_not_at_the_end() -> None:
    assert clean("  a  ", [bold(1, 4)]) == (" a", [bold(0, 2)])
    assert clean("a  ", [bold(1, 2)]) == ("a", [])


PIECES = st.sampled_from(["a", "😀", "\r", "\u2028", "\u030a", " ", "\n", "é", "я", "\t"])


@given(st.lists(PIECES, min_size=1, max_size=20), st.data())
def test_an_entity_covers_after_cleaning_what_it_covered_before(
    pieces: list[str], data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(pieces) - 1))
    end = data.draw(st.integers(start + 1, len(pieces)))
    raw, covered = "".join(pieces), "".join(pieces[start:end])
    entity = bold(units("".join(pieces[:start])), units(covered))
    text, entities = clean(raw, place_entities(raw, [entity]))
    gone = str.maketrans({"\r": None, "\u2028": None, "\u030a": None, "\t": " "})
    expected = covered.translate(gone)
    if entities:
        assert part(text, entities[0]) in {expected, expected.rstrip(" \n")}
    else:
        assert not expected.strip(" \n")


@pytest.mark.parametrize(
    "text", ["", " ", "\u200b", "\u200f\ufeff\u00a0", "\u2003\u3000", "\U000e0041", "\n\u2800"]
)
def test_what_shows_nothing_is_empty(text: str) -> None:
    assert is_empty(text)


@pytest.mark.parametrize("text", ["a", "\u2066\u2069", "\u061c", "."])
def test_isolates_and_the_arabic_letter_mark_are_not_empty(text: str) -> None:
    assert not is_empty(text)


def test_an_empty_text_and_one_that_shows_nothing_are_refused() -> None:
    assert refusal("") == "Bad Request: message text is empty"
    assert refusal(" \n ") == "Bad Request: text must be non-empty"
    assert refusal("\u200b\u00a0") == "Bad Request: text must be non-empty"


def test_a_text_has_at_most_4096_code_points() -> None:
    assert len(message_text("😀" * 4096).text) == 4096
    assert refusal("a" * 4097) == "Bad Request: message is too long"
    assert message_text("a" * 4096 + " " * 500).text == "a" * 4096


def test_a_raw_text_has_at_most_32768_bytes() -> None:
    assert refusal(" " * 32_768 + "a") == "Bad Request: text is too long"
    assert refusal("я" * 16_385) == "Bad Request: text is too long"
    assert refusal("я" * 16_384) == "Bad Request: message is too long"


def test_a_caption_has_at_most_1024_code_points_and_may_be_empty() -> None:
    assert caption_text("").text == ""
    assert caption_text(" \u200b", entities=[bold(0, 1)]).entities == []
    assert caption_text("😀" * 1024).text == "😀" * 1024
    with pytest.raises(Refusal, match="message caption is too long"):
        caption_text("a" * 1025)


def test_halves_of_surrogate_pairs_are_refused() -> None:
    assert refusal("a\ud83d") == "Bad Request: strings must be encoded in UTF-8"


def test_markdown_is_refused_aloud_and_an_unknown_mode_as_telegram_does() -> None:
    assert (
        refusal("*a*", parse_mode="MarkdownV2")
        == "Bad Request: the playground does not know parse_mode markdownv2"
    )
    assert refusal("a", parse_mode="BBCode") == "Bad Request: unsupported parse_mode"
    assert message_text("<b>", "None").text == "<b>"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/start", [("bot_command", "/start")]),
        ("/read 3, /read@some_bot", [("bot_command", "/read"), ("bot_command", "/read@some_bot")]),
        ("a/b http://c.example/d", [("url", "http://c.example/d")]),
        ("either/or 1/2 </b>", []),
        ("😀 see voanews.com/a?b=1, please.", [("url", "voanews.com/a?b=1")]),
        ("(https://x.example/a_b)", [("url", "https://x.example/a_b")]),
        ("mail a@b.example or @nobody", [("mention", "@nobody")]),
        ("#news #1 #2nd a#b", [("hashtag", "#news"), ("hashtag", "#2nd")]),
        ("no.such ending.here", []),
        ("https://x.example/#tag /stop", [("url", "https://x.example/#tag"), ("bot_command", "/stop")]),
    ],
)
def test_commands_addresses_mentions_and_hashtags_are_found(text: str, found: list[tuple[str, str]]) -> None:
    assert [(entity["type"], part(text, entity)) for entity in find_entities(text)] == found


def test_what_telegram_finds_is_added_beside_a_bots_own_entities() -> None:
    text = "/a /b https://x.example #c"
    own = [{"type": "code", "offset": 0, "length": 2}, bold(3, 23)]
    kinds = [(entity["type"], part(text, entity)) for entity in message_text(text, entities=own).entities]
    assert kinds == [
        ("code", "/a"),
        ("bold", "/b https://x.example #c"),
        ("bot_command", "/b"),
        ("url", "https://x.example"),
        ("hashtag", "#c"),
    ]


def test_nothing_is_found_across_the_edge_of_a_quotation_or_around_a_link() -> None:
    text = "https://x.example/a"
    quote = {"type": "blockquote", "offset": 0, "length": 10}
    assert message_text(text, entities=[quote]).entities == [quote]
    link = {"type": "text_link", "offset": 8, "length": 1, "url": "https://y.example/"}
    assert message_text(text, entities=[link]).entities == [link]
    whole = {"type": "blockquote", "offset": 0, "length": 19}
    assert [entity["type"] for entity in message_text(text, entities=[whole]).entities] == [
        "blockquote",
        "url",
    ]


@given(st.text(max_size=200))
def test_no_text_breaks_the_finder_and_what_it_finds_lies_apart(text: str) -> None:
    entities = find_entities(text)
    ends = 0
    for entity in entities:
        assert entity["offset"] >= ends
        ends = entity["offset"] + entity["length"]
    assert ends <= units(text)
