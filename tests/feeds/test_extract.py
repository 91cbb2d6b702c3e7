"""The text of a page, without what stands around it; and pages that have none, or are none."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.articles import BlockKind
from bot.errors import NotReadable, SourceError
from bot.feeds.extract import LEAST_TEXT, read_page
from bot.feeds.workers import Workers
from tests.feeds.heartbeat import heartbeat

if TYPE_CHECKING:
    from pathlib import Path

    from bot.domain.articles import FullText

URL = "https://herald.example/news/bridge"
ONE = "The bridge over the Orrin was closed on Monday morning, after the river had risen by two metres in a night."
TWO = "Engineers will look at its piers as soon as the water has gone down, which may take until the end of the week."
THREE = "Until then the ferry runs every twenty minutes and takes bicycles, said the master of the port on the radio."


def read(body: str, head: str = "", content_type: str = "text/html") -> FullText:
    page = f'<!doctype html><html lang="en-GB"><head><title>Bridge closed</title>{head}</head><body>{body}</body></html>'
    return read_page(page.encode(), content_type, URL)


def article(*inside: str) -> str:
    return f"<article>{''.join(inside)}</article>"


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def told(text: FullText) -> list[tuple[BlockKind, str]]:
    return [(block.kind, block.text) for block in text.blocks]


def test_the_text_comes_without_what_stands_around_it() -> None:
    page = read(
        "<nav><a href='/'>Home</a><a href='/sport'>Sport</a></nav>"
        + article("<h1>Bridge closed</h1>", paragraphs(ONE, TWO, THREE))
        + "<aside><h2>Most read</h2><p>A dog can count to ten and other stories of the day.</p></aside>"
        "<footer><p>All rights reserved by nobody at all.</p></footer>"
    )
    assert told(page) == [(BlockKind.PARAGRAPH, text) for text in (ONE, TWO, THREE)]


def test_headings_quotes_lists_and_code_keep_their_kinds() -> None:
    page = read(
        article(
            paragraphs(ONE),
            "<h2>What now</h2>",
            paragraphs(TWO),
            f"<blockquote><p>{THREE}</p></blockquote>",
            "<ul><li>the ferry every twenty minutes</li><li>the old road</li></ul>",
            "<pre><code>water = 2\nbridge = None</code></pre>",
        )
    )
    kinds = {text: kind for kind, text in told(page)}
    assert kinds["What now"] is BlockKind.HEADING
    assert kinds[THREE] is BlockKind.QUOTE
    assert kinds["the old road"] is BlockKind.ITEM
    assert kinds["water = 2\nbridge = None"] is BlockKind.CODE


def test_the_headline_is_not_told_again_as_the_first_paragraph() -> None:
    page = read(
        article("<p>Bridge closed</p>", paragraphs(ONE, TWO)), "<title>Bridge closed | Herald</title>"
    )
    assert told(page)[0] == (BlockKind.PARAGRAPH, ONE)


def test_invitations_at_the_end_go() -> None:
    assert told(read(article(paragraphs(ONE, TWO, THREE, "Read more"))))[-1][1] == THREE


@pytest.mark.parametrize("encoding", ["windows-1251", "utf-8", "koi8-r"])
def test_the_encoding_is_that_of_the_header(encoding: str) -> None:
    text = "Мост через реку закрыли в понедельник утром, когда вода поднялась на два метра за одну ночь. " * 4
    page = f"<html><body><article><p>{text}</p></article></body></html>".encode(encoding)
    assert read_page(page, f"text/html; charset={encoding}", URL).blocks[0].text == text.strip()


@pytest.mark.parametrize(
    "content_type",
    ["application/pdf", "image/png", "application/json", "video/mp4", "application/octet-stream"],
)
def test_another_kind_of_document_is_no_page(content_type: str) -> None:
    with pytest.raises(NotReadable) as error:
        read(article(paragraphs(ONE, TWO)), content_type=content_type)
    assert error.value.key == "source.not_a_page"


@pytest.mark.parametrize("body", [b"", b"words", b"%PDF-1.7", b"{}", b"\x89PNG\r\n", b"<rss version='2.0'/>"])
def test_what_has_no_markup_of_a_page_is_no_page(body: bytes) -> None:
    with pytest.raises(NotReadable) as error:
        read_page(body, "", URL)
    assert error.value.key == "source.not_a_page"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<p>Short.</p>",
        "<div id='app'></div><script>start()</script>",
        article(f"<p hidden style='display:none'>{ONE}{TWO}{THREE}</p>"),
        "<nav>" + "".join(f"<a href='/{n}'>Section {n}</a> " for n in range(100)) + "</nav>",
        "<main>"
        + "".join(f"<h3><a href='/{n}'>The headline of story {n}</a></h3>" for n in range(30))
        + "</main>",
    ],
)
def test_a_page_without_a_text_says_so(body: str) -> None:
    with pytest.raises(NotReadable) as error:
        read(body)
    assert error.value.key == "source.no_text"


def test_one_paragraph_with_links_in_it_is_a_text() -> None:
    linked = ONE.replace("Orrin", "<a href='/orrin'>Orrin</a>").replace("river", "<a href='/river'>river</a>")
    menu = "<nav>" + "".join(f"<a href='/{n}'>Section {n}</a> " for n in range(100)) + "</nav>"
    assert told(read(menu + article(f"<p>{linked} {TWO}</p>"))) == [(BlockKind.PARAGRAPH, f"{ONE} {TWO}")]


def test_a_text_without_spaces_counts_double() -> None:
    chinese = "奥林河大桥因洪水于周一上午关闭，水位一夜之间上涨了两米。" * 5
    assert len(chinese) < LEAST_TEXT
    assert read(article(f"<p>{chinese}</p>")).blocks[0].text == chinese


def test_a_page_of_a_million_levels_is_read_or_refused_and_holds_up_nobody() -> None:
    for body in ("<div>" * 1_000_000, "<table><tr><td>" * 200_000, "<p>" + "<b>" * 500_000 + ONE):
        try:
            read(body)
        except NotReadable as error:
            assert error.key == "source.no_text"  # noqa: PT017 - a text is as good


async def test_the_event_loop_goes_on_while_a_large_page_is_read() -> None:
    page = f"<html><body><article>{paragraphs(*(f'{n} {ONE}' for n in range(8000)))}</article></body></html>".encode()
    async with Workers(count=1, seconds=30) as workers, heartbeat() as heart:
        await workers.run(read_page, page, "text/html", URL)
    assert heart.busiest < 0.1


@given(st.binary(max_size=400))
def test_no_bytes_raise_anything_else(body: bytes) -> None:
    for start in (
        b"<html><body><article><p>",
        b"<p>" + ONE.encode() + TWO.encode(),
        b"<html><head><meta charset='",
    ):
        try:
            read_page(start + body, "text/html", URL)
        except SourceError as error:
            assert error.key in {"source.no_text", "source.not_a_page"}  # noqa: PT017 - reading it is as good


# Captured pages


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text))


@pytest.mark.slow
def test_captured_pages_give_nearly_all_of_their_text(captured: Path) -> None:
    folder = captured / "articles"
    truth = json.loads((folder / "ground-truth.json").read_text("utf-8"))
    shares = []
    for key in sorted(truth)[::8]:
        wanted = words(truth[key]["articleBody"])
        page = read_page((folder / "html" / f"{key}.html").read_bytes(), "text/html", truth[key]["url"])
        given_words = words("\n".join(block.text for block in page.blocks))
        shares.append((wanted & given_words).total() / max((wanted | given_words).total(), 1))
    assert len(shares) == 11
    assert sorted(shares)[5] > 0.95
