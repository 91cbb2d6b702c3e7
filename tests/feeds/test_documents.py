"""Feeds of every format into the same articles, and what is no feed at all."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import NotReadable, SourceError
from tests.feeds.written import JSON, TEN, read, rss

RSS = rss(
    """<item><title>Bridge &amp; road closed</title><link>/news/bridge</link><guid>id-1</guid>
    <pubDate>Tue, 24 Nov 2026 12:00:00 +0200</pubDate><dc:creator>Ada Lind</dc:creator>
    <category>Roads</category><category domain="x">Floods</category>
    <description>&lt;p&gt;The bridge is &lt;b&gt;closed&lt;/b&gt;.&lt;/p&gt;</description>
    <enclosure url="/pictures/bridge.jpg" type="image/jpeg" length="1"/></item>""",
    "<link>https://herald.example/</link><language>en-GB</language><ttl>30</ttl>",
    dc="http://purl.org/dc/elements/1.1/",
)
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-GB"><title>The Herald</title>
    <link href="https://herald.example/"/><entry><title type="html">Bridge &amp;amp; road closed</title>
    <id>id-1</id><link href="/news/bridge"/><published>2026-11-24T12:00:00+02:00</published>
    <updated>2026-11-24T11:30:00Z</updated><author><name>Ada Lind</name></author>
    <category term="Roads"/><category term="floods" label="Floods"/>
    <summary type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">The bridge is <b>closed</b>.</div></summary>
    <link rel="enclosure" type="image/jpeg" href="/pictures/bridge.jpg"/></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
    <channel rdf:about="x"><title>The Herald</title><link>https://herald.example/</link><dc:language>en</dc:language>
    <sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency></channel>
    <item rdf:about="id-1"><title>Bridge &amp; road closed</title><link>/news/bridge</link>
    <dc:date>2026-11-24T12:00:00+02:00</dc:date><dc:creator>Ada Lind</dc:creator>
    <dc:subject>Roads</dc:subject><dc:subject>Floods</dc:subject>
    <description>The bridge is closed.</description></item></rdf:RDF>"""


@pytest.mark.parametrize("body", [RSS, ATOM, RDF, json.dumps(JSON)], ids=["rss", "atom", "rdf", "json"])
def test_one_article_reads_the_same_in_every_format(body: str) -> None:
    document = read(body)
    assert (document.title, document.site, document.language) == (
        "The Herald",
        "https://herald.example/",
        "en",
    )
    (entry,) = document.entries
    assert entry.title == "Bridge & road closed"
    assert entry.url == "https://herald.example/news/bridge"
    assert entry.guid == "id-1"
    assert entry.published == TEN
    assert entry.teaser == "The bridge is closed."
    assert entry.author == "Ada Lind"
    assert entry.categories == ("Roads", "Floods")
    assert entry.image == ("https://herald.example/pictures/bridge.jpg" if body != RDF else "")
    assert (entry.blocks, entry.complete) == ((), False)


# What is no feed


@pytest.mark.parametrize("body", [b"", b" \r\n\t", b"\xef\xbb\xbf \n", b"\0" * 9000])
def test_nothing_is_an_empty_document(body: bytes) -> None:
    with pytest.raises(NotReadable) as error:
        read(body)
    assert error.value.key == "source.empty"


@pytest.mark.parametrize(
    "body",
    [
        "<!doctype html><html><head><title>Log in</title></head></html>",
        "\ufeff\n<HTML><body>Not here</body></HTML>",
        "<!-- a remark --><?xml version='1.0'?><!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0'><html/>",
        "<html><body><rss version='2.0'><channel><item><title>One</title></item></channel></rss></body></html>",
        "words",
        "%PDF-1.7",
        "<opml version='2.0'><body><outline text='x'/></body></opml>",
        "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>https://x.example/</loc></url></urlset>",
        "{",
        "[1, 2]",
        "{}",
        '{"version": 1, "items": []}',
        '{"version": "https://other.example/version/1", "items": []}',
    ],
)
def test_other_documents_are_no_feeds(body: str) -> None:
    with pytest.raises(NotReadable) as error:
        read(body)
    assert error.value.key == "source.not_a_feed"


def test_a_feed_without_articles_is_a_feed() -> None:
    assert read(rss("")).entries == ()
    assert read(json.dumps(JSON | {"items": []})).title == "The Herald"
    assert read(json.dumps({"version": "https://jsonfeed.org/version/1", "items": "none"})).entries == ()


@given(
    st.binary(max_size=300),
    st.sampled_from(["", "text/xml", "application/json", "text/xml; charset=undefined"]),
)
def test_no_bytes_raise_anything_else(body: bytes, content_type: str) -> None:
    for start in (
        b"",
        b"<rss version='2.0'><channel><item>",
        b'{"version":"https://jsonfeed.org/version/1",',
    ):
        with suppress(NotReadable):
            read(start + body, content_type)


words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
markup = st.lists(
    words | st.sampled_from(["<b>", "</b>", "<p>", "<![CDATA[", "]]>", "&lt;", "&amp;", "<!--"]), max_size=6
)


@given(
    st.lists(
        st.tuples(st.sampled_from(["title", "link", "guid", "description", "author", "pubDate"]), markup)
    )
)
def test_items_of_any_words_and_marks_give_texts_without_marks_or_a_refusal(fields: list[Any]) -> None:
    inside = "".join(f"<{name}>{''.join(parts)}</{name}>" for name, parts in fields)
    try:
        entries = read(rss(f"<item>{inside}</item>")).entries
    except SourceError:
        return
    for entry in entries:
        assert entry.title or entry.url or entry.teaser
        assert len(entry.title) <= 500
        assert entry.url == "" or entry.url.startswith(("http://", "https://"))


# Encodings


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251", "koi8-r", "utf-16"])
def test_a_feed_is_read_in_the_encoding_that_it_declares(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + rss("<item><title>Мост закрыт</title></item>")
    assert read(text.encode(encoding), "application/xml").entries[0].title == "Мост закрыт"


def test_the_headers_charset_counts_for_a_feed_that_declares_none() -> None:
    body = rss("<item><title>Мост закрыт</title></item>").encode("cp1251")
    assert read(body, "application/xml; charset=windows-1251").entries[0].title == "Мост закрыт"


@pytest.mark.parametrize("label", ["undefined", "punycode", "no-such-thing", "idna"])
def test_an_encoding_that_cannot_be_is_read_as_utf_8(label: str) -> None:
    text = f'<?xml version="1.0" encoding="{label}"?>' + rss("<item><title>Мост закрыт</title></item>")
    assert read(text, f"text/xml; charset={label}").entries[0].title == "Мост закрыт"


@pytest.mark.parametrize(
    "reference", ["&#xD800;", "&#56320;", "&#x110000;", "&#99999999999;", "&#" + "9" * 5000 + ";"]
)
def test_a_reference_to_a_character_that_cannot_be_is_left_out(reference: str) -> None:
    (entry,) = read(rss(f"<item><title>Br{reference}idge &#233;&#x1F6F6;&#0065;</title></item>")).entries
    assert entry.title == "Bridge é🛶A"
    again = reference.replace("&", "&amp;")
    (entry,) = read(rss(f"<item><title>One</title><description>{again} words</description></item>")).entries
    assert entry.teaser.endswith("words")


def test_a_document_that_feedparser_stumbles_over_is_no_feed() -> None:
    space = "xmlns:media='http://search.yahoo.com/mrss/'"
    with pytest.raises(NotReadable):
        read(
            f"<rss version='2.0' {space}><channel><item><title>x</title></media:player></item></channel></rss>"
        )


# Lengths, and what a feed says of itself


def test_of_a_long_feed_the_newest_500_are_taken_in_the_feeds_order() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    dates = [start + timedelta(minutes=(7 * n) % 900) for n in range(900)]
    items = "".join(
        f"<item><title>{n}</title><pubDate>{at.isoformat()}</pubDate></item>" for n, at in enumerate(dates)
    )
    taken = [int(entry.title) for entry in read(rss(items)).entries]
    assert len(taken) == 500
    assert taken == sorted(taken)
    assert min(dates[n] for n in taken) >= max(at for n, at in enumerate(dates) if n not in taken)


def test_of_a_long_feed_without_dates_the_first_500_are_taken() -> None:
    taken = read(rss("".join(f"<item><title>{n}</title></item>" for n in range(600)))).entries
    assert [entry.title for entry in taken] == [str(n) for n in range(500)]


@pytest.mark.parametrize(
    ("channel", "ttl"),
    [
        ("<ttl>30</ttl>", 1800),
        ("<ttl>0</ttl>", None),
        ("<ttl>-5</ttl>", None),
        ("<ttl>soon</ttl>", None),
        ("<ttl>99999999999999</ttl>", 31_536_000),
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", 3600),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", 21_600),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", 86_400),
        ("<sy:updatePeriod>sometimes</sy:updatePeriod>", None),
        ("<ttl>30</ttl><sy:updatePeriod>daily</sy:updatePeriod>", 1800),
    ],
)
def test_how_long_a_feed_wants_to_be_left_alone(channel: str, ttl: float | None) -> None:
    assert read(rss("", channel, sy="http://purl.org/rss/1.0/modules/syndication/")).ttl == ttl


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("en", "en"),
        ("en-US", "en"),
        ("pt_BR", "pt"),
        ("UA", "uk"),
        ("zh-cn", "zh"),
        ("english", ""),
        ("恩", ""),
        ("", ""),
    ],
)
def test_languages_are_two_letters_or_unknown(code: str, language: str) -> None:
    assert read(rss("", f"<language>{code}</language>")).language == language
