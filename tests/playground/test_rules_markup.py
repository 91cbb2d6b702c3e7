"""Telegram's HTML: what it means and how it breaks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.message import units
from bot.playground.rules.formatted import message_text
from bot.playground.rules.markup import parse_html
from bot.playground.rules.refusal import Refusal


def entity(kind: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length, **more}


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("<b>a</b><STRONG>b</strong>", "ab", [entity("bold", 0, 1), entity("bold", 1, 1)]),
        ("<i>a<em>b</></i>", "ab", [entity("italic", 1, 1), entity("italic", 0, 2)]),
        ("<u>a</u><ins>b</ins >", "ab", [entity("underline", 0, 1), entity("underline", 1, 1)]),
        ("<s>😀</s>", "😀", [entity("strikethrough", 0, 2)]),
        ("<tg-spoiler>a</tg-spoiler>", "a", [entity("spoiler", 0, 1)]),
        ("<span class='tg-spoiler'>a</span>", "a", [entity("spoiler", 0, 1)]),
        ("<code>a</code>", "a", [entity("code", 0, 1)]),
        ("<pre>a</pre>", "a", [entity("pre", 0, 1)]),
        (
            '<pre><code class="language-python">a</code></pre>',
            "a",
            [entity("pre", 0, 1, language="python")],
        ),
        (
            '<code class="language-c"><pre>a</pre></code>',
            "a",
            [entity("pre", 0, 1, language="c")],
        ),
        ('<code class="language-c">a</code>', "a", [entity("code", 0, 1)]),
        ("<blockquote>a</blockquote>", "a", [entity("blockquote", 0, 1)]),
        ("<blockquote expandable>a</blockquote>", "a", [entity("expandable_blockquote", 0, 1)]),
        ("<blockquote expandable=false>a</blockquote>", "a", [entity("expandable_blockquote", 0, 1)]),
        (
            '<a href="https://a.example/?a=1&amp;b=2">a</a>',
            "a",
            [entity("text_link", 0, 1, url="https://a.example/?a=1&b=2")],
        ),
        ("<a>a.example</a>", "a.example", [entity("text_link", 0, 9, url="http://a.example/")]),
        ("<a href=nowhere>a</a>", "a", []),
        ("<b></b>a", "a", []),
        (
            '<tg-time unix="1647531900" format="wDT">noon</tg-time>',
            "noon",
            [entity("date_time", 0, 4, unix_time=1_647_531_900, date_time_format="wDT")],
        ),
        ("<tg-time unix=5>noon</tg-time>", "noon", [entity("date_time", 0, 4, unix_time=5)]),
        ("&lt;&gt;&amp;&quot;&#65;&#x42;&lt", '<>&"AB<', []),
        ("&nbsp;&laquo; & > &#0; &#1234567890;", "&nbsp;&laquo; & > &#0; &#1234567890;", []),
        ("<b key = 'v' other>a</b>", "a", [entity("bold", 0, 1)]),
    ],
)
def test_markup_becomes_text_and_entities(source: str, text: str, entities: list[dict[str, Any]]) -> None:
    assert parse_html(source) == (text, entities)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("я<br>", 'Unsupported start tag "br" at byte offset 2'),
        ("<p>a</p>", 'Unsupported start tag "p" at byte offset 0'),
        ("a<b/>", 'Unsupported start tag "b/" at byte offset 1'),
        ("<b />", 'Empty attribute name in the tag "b" at byte offset 0'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("1 <2", "Unclosed start tag at byte offset 2"),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b a", "Unclosed start tag at byte offset 0"),
        ("<b a=", "Unclosed start tag at byte offset 0"),
        ("<b a='x", "Unclosed start tag at byte offset 0"),
        ("<b  ", "Unclosed start tag at byte offset 0"),
        ("<a href=a/b>x</a>", "Unexpected end of name token at byte offset 8"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("</b>", "Unexpected end tag at byte offset 0"),
        ("<b>a</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        (
            "&#xD83D;&#xDE00;",
            (
                "Text contains invalid Unicode characters after decoding HTML entities, "
                "check for unmatched surrogate code units"
            ),
        ),
        ("<tg-time unix=soon>a</tg-time>", "Invalid unix time specified"),
    ],
)
def test_broken_markup_is_refused_with_its_place(source: str, reason: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_html(source)
    assert refused.value.description == f"Bad Request: can't parse entities: {reason}"


@pytest.mark.parametrize(
    ("source", "thing"),
    [
        ("<tg-emoji emoji-id='1'>a</tg-emoji>", "custom emoji"),
        ("<a href='tg://user?id=1'>a</a>", "links to people"),
    ],
)
def test_what_the_playground_does_not_have_is_refused_aloud(source: str, thing: str) -> None:
    with pytest.raises(Refusal, match=f"the playground does not know {thing}"):
        parse_html(source)


def test_markup_is_held_to_the_rules_of_nesting_too() -> None:
    assert message_text("<b>a<i>b</i></b>", "HTML").entities == [entity("bold", 0, 2), entity("italic", 1, 1)]
    with pytest.raises(Refusal, match="code at UTF-16 offset 0 inside bold"):
        message_text("<b><code>a</code>b</b>", "HTML")


def test_the_length_is_counted_after_the_markup_is_read() -> None:
    assert len(message_text("<b>" + "&amp;" * 4096 + "</b>", "html").text) == 4096


@given(st.text(st.sampled_from("<>/b aiu&;=#'\"x1\0é😀ampcode")))
def test_no_source_breaks_the_parser_otherwise(source: str) -> None:
    try:
        text, entities = parse_html(source)
    except Refusal as refusal:
        assert refusal.status == 400  # noqa: PT017 - either outcome is right
        return
    for found in entities:
        assert 0 <= found["offset"] < found["offset"] + found["length"] <= units(text)
