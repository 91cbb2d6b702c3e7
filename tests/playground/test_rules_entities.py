"""Entities that are taken, refused and dropped."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.message import Style, Text, concat, styled
from bot.domain.splitting import split
from bot.playground.rules.formatted import Formatted, message_text
from bot.playground.rules.refusal import Refusal

PARSE = "Bad Request: can't parse MessageEntity: "


def entity(kind: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length, **more}


def take(text: str, *entities: Any) -> Formatted:
    return message_text(text, entities=list(entities))


def refusal(text: str, *entities: Any) -> str:
    with pytest.raises(Refusal) as refused:
        take(text, *entities)
    return refused.value.description


def test_all_kinds_that_a_bot_may_send_are_taken() -> None:
    given_entities = [
        entity("blockquote", 0, 30),
        entity("bold", 0, 4),
        entity("italic", 1, 2),
        entity("underline", 5, 2),
        entity("strikethrough", 7, 2),
        entity("spoiler", 9, 2),
        entity("code", 12, 2),
        entity("pre", 15, 2, language="python"),
        entity("pre", 18, 1),
        entity("text_link", 20, 3, url="https://a.example/"),
        entity("date_time", 24, 3, unix_time=1_795_000_000, date_time_format="wDT"),
        entity("date_time", 28, 1, unix_time=1_795_000_000),
        entity("expandable_blockquote", 31, 3),
    ]
    assert take("x" * 34, *given_entities) == Formatted("x" * 34, given_entities)


def test_kinds_that_telegram_finds_by_itself_are_ignored() -> None:
    assert take("news", entity("mention", 0, 4), entity("url", 0, 99)).entities == []


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("bold", "expected an Object"),
        ({"offset": 0, "length": 1}, 'Can\'t find field "type"'),
        ({"type": "bold", "length": 1}, 'Can\'t find field "offset"'),
        ({"type": "bold", "offset": 0}, 'Can\'t find field "length"'),
        ({"type": "bold", "offset": "one", "length": 1}, 'Field "offset" must be of type Number'),
        ({"type": "bold", "offset": True, "length": 1}, 'Field "offset" must be of type Number'),
        ({"type": 7, "offset": 0, "length": 1}, 'Field "type" must be of type String'),
        ({"type": "blink", "offset": 0, "length": 1}, "Unsupported type specified"),
        ({"type": "text_link", "offset": 0, "length": 1}, 'Can\'t find field "url"'),
        ({"type": "date_time", "offset": 0, "length": 1}, 'Can\'t find field "unix_time"'),
    ],
)
def test_a_malformed_entity_is_refused(raw: Any, reason: str) -> None:
    assert refusal("news", raw) == PARSE + reason


def test_numbers_may_stand_in_strings() -> None:
    assert take("news", {"type": "bold", "offset": "1", "length": "2"}).entities == [entity("bold", 1, 2)]


@pytest.mark.parametrize("form", ["", "r", "w", "d", "D", "t", "T", "wd", "wDT", "Dt"])
def test_a_time_may_be_shown_in_these_forms(form: str) -> None:
    time = entity("date_time", 0, 4, unix_time=1, date_time_format=form)
    assert take("noon", time).entities[0].get("date_time_format", "") == form


@pytest.mark.parametrize("form", ["x", "rt", "tw", "dD", "R", "wwd", 5])
def test_a_time_in_another_form_is_refused(form: Any) -> None:
    time = entity("date_time", 0, 4, unix_time=1, date_time_format=form)
    assert refusal("noon", time) == PARSE + "Invalid date_time_format specified"


def test_a_link_needs_a_usable_address() -> None:
    link = entity("text_link", 0, 4, url="nowhere")
    assert refusal("news", link) == "Bad Request: entity URL 'nowhere' is invalid: Wrong HTTP URL"
    person = entity("text_link", 0, 4, url="tg://user?id=17")
    assert refusal("news", person) == "Bad Request: the playground does not know links to people"


def test_kinds_that_the_playground_does_not_have_are_refused_aloud() -> None:
    emoji = entity("custom_emoji", 0, 4, custom_emoji_id="17")
    assert refusal("news", emoji) == "Bad Request: the playground does not know entities of type custom_emoji"


def test_entities_that_are_no_list_are_refused_aloud() -> None:
    with pytest.raises(Refusal, match="entities that are no list"):
        message_text("news", entities={"type": "bold"})


@pytest.mark.parametrize(
    ("offset", "length", "description"),
    [
        (-1, 2, "receive an entity with incorrect offset -1"),
        (0, -2, "receive an entity with incorrect length -2"),
        (1_000_001, 1, "receive an entity with incorrect offset 1000001"),
        (6, 1, "entity begins after the end of the text at UTF-16 offset 6"),
        (1, 5, "entity beginning at UTF-16 offset 1 ends after the end of the text at UTF-16 offset 6"),
        (2, 3, "entity begins in a middle of a UTF-16 symbol at UTF-16 offset 2"),
        (0, 2, "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at UTF-16 offset 2"),
    ],
)
def test_an_entity_lies_inside_the_text_and_never_inside_a_symbol(
    offset: int, length: int, description: str
) -> None:
    assert refusal("a😀ab", entity("bold", offset, length)) == f"Bad Request: {description}"


def test_an_entity_may_cover_a_whole_symbol_and_an_empty_one_falls_away() -> None:
    assert take("a😀ab", entity("bold", 1, 2), entity("italic", 3, 0)).entities == [entity("bold", 1, 2)]


LEGAL = [
    ("bold", "italic"),
    ("italic", "text_link"),
    ("text_link", "bold"),
    ("date_time", "bold"),
    ("blockquote", "text_link"),
    ("expandable_blockquote", "code"),
    ("blockquote", "pre"),
    ("bold", "blockquote"),
    ("spoiler", "date_time"),
]
ILLEGAL = [
    ("code", "bold"),
    ("pre", "italic"),
    ("bold", "code"),
    ("text_link", "code"),
    ("blockquote", "blockquote"),
    ("blockquote", "expandable_blockquote"),
    ("text_link", "text_link"),
    ("text_link", "date_time"),
    ("text_link", "blockquote"),
]
DETAILS: dict[str, dict[str, Any]] = {
    "text_link": {"url": "https://a.example/"},
    "date_time": {"unix_time": 1},
}


def of(kind: str, offset: int, length: int) -> dict[str, Any]:
    return entity(kind, offset, length, **DETAILS.get(kind, {}))


@pytest.mark.parametrize(("outer", "inner"), LEGAL)
def test_styles_nest_as_the_reference_allows(outer: str, inner: str) -> None:
    assert take("abcdef", of(inner, 1, 3), of(outer, 0, 6)).entities == [of(outer, 0, 6), of(inner, 1, 3)]


@pytest.mark.parametrize(("outer", "inner"), ILLEGAL)
def test_other_nesting_is_refused_aloud(outer: str, inner: str) -> None:
    description = refusal("abcdef", of(outer, 0, 6), of(inner, 1, 3))
    assert description.startswith(
        f"Bad Request: the playground refuses {inner} at UTF-16 offset 1 inside {outer}"
    )


def test_a_quotation_over_the_same_words_is_the_outer_one() -> None:
    link, quote = of("text_link", 0, 6), of("blockquote", 0, 6)
    assert take("abcdef", link, quote).entities == [quote, link]


def test_entities_that_cross_are_refused_aloud() -> None:
    assert "crosses bold at UTF-16 offset 0" in refusal("abcdef", of("bold", 0, 4), of("italic", 2, 4))


def test_entities_side_by_side_do_not_cross() -> None:
    side_by_side = [of("bold", 0, 3), of("code", 3, 3)]
    assert take("abcdef", *side_by_side).entities == side_by_side


def test_of_too_many_entities_links_are_kept_first_and_the_rest_is_counted() -> None:
    text = "ab" * 60
    bolds = [of("bold", 2 * place, 1) for place in range(60)]
    links = [of("text_link", 2 * place + 1, 1) for place in range(60)]
    taken = message_text(text, entities=[*bolds, *links])
    assert taken.dropped == 20
    assert [item for item in taken.entities if item["type"] == "text_link"] == links
    assert [item for item in taken.entities if item["type"] == "bold"] == bolds[:40]
    assert taken.entities == sorted(taken.entities, key=lambda item: int(item["offset"]))
    assert message_text(text, entities=[*bolds, *links[:40]]).dropped == 0


STYLES = st.sampled_from([Style.BOLD, Style.ITALIC, Style.LINK, Style.QUOTE])
WORDS = st.text(st.sampled_from("aя😀é \n."), min_size=1, max_size=12)


@settings(max_examples=100)
@given(st.lists(st.tuples(WORDS, st.none() | STYLES), min_size=1, max_size=30))
def test_what_the_domain_splits_is_never_refused(pieces: list[tuple[str, Style | None]]) -> None:
    whole = concat(
        styled(style, words, url="https://a.example/") if style else Text(words) for words, style in pieces
    )
    for piece in split(whole, 40, 10):
        entities = [
            entity(e.style.value, e.offset, e.length, **({"url": e.url} if e.url else {}))
            for e in piece.entities
        ]
        assert message_text(piece.plain, entities=entities).dropped == 0
