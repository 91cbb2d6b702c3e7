"""HTML into blocks: every kind of mark-up, and every kind of attack with it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.articles import Block, BlockKind
from bot.domain.cleaning import plain
from bot.domain.message import units
from bot.feeds.html import all_blocks, blocks_of, image_of, text_of

P, H, Q, LI, C = BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.QUOTE, BlockKind.ITEM, BlockKind.CODE


def told(html: str) -> list[tuple[BlockKind, str]]:
    return [(block.kind, block.text) for block in all_blocks(html)]


@pytest.mark.parametrize(
    ("html", "blocks"),
    [
        ("", []),
        ("just words", [(P, "just words")]),
        ("5 < 6 & 7 > 3, a <b", [(P, "5 < 6 & 7 > 3, a <b")]),
        ("<p>one</p><p>two</p>", [(P, "one"), (P, "two")]),
        ("<p>one<p>two", [(P, "one"), (P, "two")]),
        (
            "before<div>inside<div>deep</div>after</div>end",
            [(P, t) for t in ("before", "inside", "deep", "after", "end")],
        ),
        ("one<br>still one<br/><br>two<br> <br />three", [(P, "one still one"), (P, "two"), (P, "three")]),
        ("<p>source\n\nlines mean\nnothing</p>", [(P, "source lines mean nothing")]),
        ("plain text\n\nhas <b>lines</b>", [(P, "plain text"), (P, "has lines")]),
        ("<h2>Head</h2>text<h3>More</h3>", [(H, "Head"), (P, "text"), (H, "More")]),
        ("<blockquote><p>a</p><p>b</p></blockquote>c", [(Q, "a"), (Q, "b"), (P, "c")]),
        ("<ul><li>x</li><li><p>y</p><ul><li>z</li></ul></li></ul>", [(LI, "x"), (LI, "y"), (LI, "z")]),
        ("<pre>def f():\n\treturn  1\n\n# end</pre>", [(C, "def f():\n    return  1\n\n# end")]),
        ("<pre>a<br>b</pre>", [(C, "a\nb")]),
        ("<table><tr><td>a</td><td>b</td></tr><tr><th>c</th></tr></table>", [(P, "a b"), (P, "c")]),
        ("<b>bo</b>ld and <i>it</i>alic, <a href='x'>linked</a>", [(P, "bold and italic, linked")]),
        ("&lt;b&gt; &amp; &laquo;x&raquo;&nbsp;y &#8212; &#x2014;", [(P, "<b> & «x» y — —")]),
        ("a<!-- hidden -->b<?php echo 1 ?>c", [(P, "abc")]),
        ("<unknown-tag>kept</unknown-tag>", [(P, "kept")]),
        ("<p>x</p><hr><p> </p><p>&nbsp;</p>", [(P, "x")]),
        ("<![CDATA[<p>x</p>]]>", [(P, "x")]),
    ],
)
def test_markup_becomes_blocks(html: str, blocks: list[tuple[BlockKind, str]]) -> None:
    assert told(html) == blocks


@pytest.mark.parametrize(
    "dropped",
    [
        "<script>alert(1)</script>",
        "<style>p{}</style>",
        "<noscript>turn it on</noscript>",
        "<iframe src='x'>inside</iframe>",
        "<form><p>Subscribe</p><input><button>Go</button></form>",
        "<nav><ul><li>Home</li></ul></nav>",
        "<svg><text>x</text></svg>",
        "<video>no video</video>",
        "<figure><img src='x'><figcaption>A caption</figcaption></figure>",
        "<p hidden>x</p>",
        "<span style='color:red; display : none'>x</span>",
        "<img src='https://count.example.com/1.gif' width=1 height=1 alt='x'>",
    ],
)
def test_what_is_no_text_goes_and_what_follows_stays(dropped: str) -> None:
    assert told(f"<p>one</p>{dropped} two") == [(P, "one"), (P, "two")]


PIECES = st.sampled_from(
    [
        *(
            "<p>",
            "</p>",
            "<div>",
            "</div>",
            "<br>",
            "<li>",
            "<pre>",
            "</pre>",
            "<b>",
            "</i>",
            "<script>",
            "</script>",
        ),
        *(
            "<blockquote>",
            "</blockquote>",
            "<h1>",
            "<table>",
            "<td>",
            "<a href='",
            "'>",
            "<!--",
            "-->",
            "<![CDATA[",
        ),
        *(
            "]]>",
            "&amp;",
            "&#0;",
            "&#xD800;",
            "&#1114112;",
            "&nosuch;",
            "<",
            ">",
            "&",
            "\0",
            "\ud800",
            "\u202e",
            "\n\n",
        ),
        *("words ", "слово ", "文字", "👩‍👩‍👧", "<svg><style>", "<plaintext>", "<frameset>", "<template>"),
    ]
)


@settings(max_examples=200)
@given(st.one_of(st.lists(PIECES, max_size=40).map("".join), st.text(st.characters(), max_size=80)))
def test_no_markup_harms(html: str) -> None:
    for block in all_blocks(html):
        assert block.text
        block.text.encode("utf-8")
        if block.kind is C:
            assert all(plain(word) == word for word in block.text.split())
        else:
            assert plain(block.text) == block.text
    assert plain(text_of(html)) == text_of(html)
    image_of(html, "https://example.com/")


@settings(max_examples=100)
@given(
    st.lists(st.sampled_from(["<p>слово дело</p>", "<pre>a\n b</pre>", "<li>👩‍👩‍👧</li>"]), max_size=30),
    st.integers(0, 60),
)
def test_the_limit_holds_for_all_blocks_together(parts: list[str], limit: int) -> None:
    blocks = all_blocks("".join(parts), limit)
    assert sum(units(block.text) for block in blocks) <= limit


@pytest.mark.parametrize(
    "bomb",
    [
        "<div>" * 1_000_000 + "x",
        "<b>" * 300_000 + "x",
        "<p>x" * 300_000,
        "<!--" * 300_000,
        "&lt;" * 300_000,
        "<a " * 300_000,
        "<table>" * 100_000,
        "<" * 1_000_000,
        "x" * 3_000_000,
    ],
    ids=lambda bomb: bomb[:5],
)
def test_depth_and_size_take_no_time(bomb: str) -> None:
    assert sum(units(block.text) for block in all_blocks(bomb)) <= 65_536


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("Tom &amp; Jerry", "Tom & Jerry"),
        ("AT&T and R&D", "AT&T and R&D"),
        ("1 < 2 > 0", "1 < 2 > 0"),
        ("if a<b then", "if a<b then"),
        ("<b>Bold</b> title", "Bold title"),
        ("It&#8217;s<br>here", "It’s here"),
        ("<script>alert(1)</script>Title", "Title"),
        ("<img src=x onerror=alert(1)>", ""),
        ("one\u202e\ntwo", "one two"),
    ],
)
def test_a_line_of_text_is_read_out_of_markup_and_of_plain_words(html: str, text: str) -> None:
    assert text_of(html) == text


def test_a_line_of_text_keeps_to_its_limit() -> None:
    assert text_of("<p>one two</p><p>three</p>", 9) == "one two…"


@pytest.mark.parametrize(
    ("html", "image"),
    [
        ("<p>no picture</p>", ""),
        ("<p><img src='/a.jpg'><img src='/b.jpg'>", "https://example.com/a.jpg"),
        ("<img src='p.gif' width='1' height=1><IMG SRC='b.jpg' width=800>", "https://example.com/b.jpg"),
        ("<img src='p.gif' width='0px'>", ""),
        ("<img src='data:image/gif;base64,R0'><img src='javascript:x'><img>", ""),
        ("<img", ""),
    ],
)
def test_the_first_real_picture_is_found(html: str, image: str) -> None:
    assert image_of(html, "https://example.com/") == image


def test_blocks_come_without_invitations_at_their_end() -> None:
    html = "<p>News.</p><p><a href='x'>Continue reading →</a></p><p>The post News appeared first on Site.</p>"
    assert blocks_of(html) == (Block(P, "News."),)
