"""Feeds of every format into the same articles, and what is no feed at all."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import NotReadable, SourceError
from bot.feeds.documents import read_feed

if TYPE_CHECKING:
    from bot.domain.articles import Entry, FeedDocument

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
URL = "https://herald.example/feeds/world.xml"
TEN = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def read(body: bytes | str, content_type: str = "") -> FeedDocument:
    return read_feed(body.encode() if isinstance(body, str) else body, content_type, URL, NOW)


def rss(items: str, channel: str = "", **spaces: str) -> str:
    names = "".join(f' xmlns:{name}="{space}"' for name, space in spaces.items())
    return f"<rss version='2.0'{names}><channel><title>The Herald</title>{channel}{items}</channel></rss>"


def item(inside: str, **spaces: str) -> Entry:
    """The one article of an RSS feed."""
    (entry,) = read(rss(f"<item><title>One</title>{inside}</item>", **spaces)).entries
    return entry


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
JSON: dict[str, Any] = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "The Herald",
    "home_page_url": "https://herald.example/",
    "language": "en-GB",
    "items": [
        {
            "id": "id-1",
            "url": "/news/bridge",
            "title": "Bridge & road closed",
            "summary": "The bridge is closed.",
            "date_published": "2026-11-24T12:00:00+02:00",
            "authors": [{"name": "Ada Lind"}],
            "tags": ["Roads", "Floods"],
            "image": "/pictures/bridge.jpg",
        }
    ],
}


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


# Parts of an article


def test_the_address_before_the_click_counter_is_the_articles_own() -> None:
    entry = item(
        "<link>https://feeds.example/~r/1</link><fb:origLink>https://herald.example/a</fb:origLink>",
        fb="http://rssnamespace.org/feedburner/ext/1.0",
    )
    assert entry.url == "https://herald.example/a"


@pytest.mark.parametrize(
    ("inside", "url"),
    [
        ("<guid>https://herald.example/a</guid>", "https://herald.example/a"),
        ('<guid isPermaLink="false">https://herald.example/a</guid>', ""),
        ("<guid>17</guid>", ""),
        ("<guid>/17</guid>", "https://herald.example/17"),
        ("<guid>https://herald.example/a</guid><link>javascript:alert(1)</link>", "https://herald.example/a"),
        ("<link>tg://resolve?domain=x</link>", ""),
        ("<link>https://user:pw@herald.example/a</link>", ""),
        ("<link>a?b=1&amp;c=2</link>", "https://herald.example/feeds/a?b=1&c=2"),
        ("<link>//other.example/a</link>", "https://other.example/a"),
    ],
)
def test_only_addresses_that_can_be_linked_are_taken(inside: str, url: str) -> None:
    assert item(inside).url == url


def test_the_longest_text_is_the_articles_and_the_summary_its_teaser() -> None:
    whole = "&lt;p&gt;" + "A sentence of the whole text of this article. " * 30 + "&lt;/p&gt;"
    entry = item(
        f"<description>In short.</description><content:encoded>{whole}</content:encoded>",
        content="http://purl.org/rss/1.0/modules/content/",
    )
    assert (entry.teaser, entry.complete) == ("In short.", True)
    assert len(entry.blocks[0].text) > 1000


def test_a_text_that_breaks_off_is_not_the_whole_one() -> None:
    entry = item(f"<description>{'A sentence of the text. ' * 60} [&#8230;]</description>")
    assert not entry.complete


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("ada@herald.example (Ada Lind)", "Ada Lind"),
        ("Ada Lind &lt;ada@herald.example&gt;", "Ada Lind"),
        ("ada@herald.example", ""),
        ("Ada &amp; Bo", "Ada & Bo"),
    ],
)
def test_authors_have_names_and_no_mail_addresses(author: str, name: str) -> None:
    assert item(f"<author>{author}</author>").author == name


def test_several_authors_are_named_up_to_three() -> None:
    entries = "".join(f"<author><name>A{n}</name></author>" for n in (1, 1, 2, 3, 4))
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>One</title>{entries}</entry></feed>'
    assert read(atom).entries[0].author == "A1, A2"


def test_the_widest_picture_is_taken_and_a_thumbnail_last() -> None:
    media = {"media": "http://search.yahoo.com/mrss/"}
    pictures = (
        '<media:thumbnail url="https://p.example/t.jpg" width="900"/><media:content url="https://p.example/v.mp4"'
        ' type="video/mp4" width="2000"/><media:content url="https://p.example/s.jpg" width="100"/>'
        '<media:content url="https://p.example/l" medium="image" width="800"/>'
    )
    assert item(pictures, **media).image == "https://p.example/l"
    assert (
        item('<media:thumbnail url="https://p.example/t.jpg"/>', **media).image == "https://p.example/t.jpg"
    )
    assert item('<description>&lt;img src="/i.png"&gt;</description>').image == "https://herald.example/i.png"
    assert item('<enclosure url="https://p.example/a.mp3" type="audio/mpeg"/>').image == ""


def test_categories_are_cleaned_and_few() -> None:
    told = [
        "Roads",
        "Roads",
        "https://herald.example/tag",
        "&lt;b&gt;Bold&lt;/b&gt;",
        *(f"c{n}" for n in range(20)),
    ]
    entry = item("".join(f"<category>{name}</category>" for name in told))
    assert entry.categories[:2] == ("Roads", "Bold")
    assert len(entry.categories) == 10


def test_a_very_long_id_is_kept_as_its_hash() -> None:
    entry = item(f"<guid isPermaLink='false'>{'x' * 5000}</guid>")
    assert len(entry.guid) == 64
    assert item("<guid isPermaLink='false'>\u200bx\n</guid>").guid == "x"


def test_an_id_does_not_change_with_the_feeds_address() -> None:
    body = rss("<item><title>One</title><guid>17</guid><link>/one</link></item>").encode()
    here, there = (read_feed(body, "", f"https://{host}.example/rss", NOW).entries[0] for host in "ab")
    assert here.guid == there.guid == "17"
    assert (here.url, there.url) == ("https://a.example/one", "https://b.example/one")


def test_a_base_inside_the_document_is_where_its_links_begin() -> None:
    atom = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://other.example/x/">
        <entry xml:base="news/"><title>One</title><link href="one"/></entry></feed>"""
    assert read(atom).entries[0].url == "https://other.example/x/news/one"


def test_titles_are_text_and_never_markup() -> None:
    told = [
        ("&lt;b&gt;Bold&lt;/b&gt; news", "Bold news"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;News", "News"),
        ("5 &lt; 6", "5 < 6"),
        ("<![CDATA[AT&amp;T &mdash; up]]>", "AT&T — up"),
        ("a\u202eb", "ab"),
        ("x " * 600, ("x " * 250).strip()[:499].rstrip() + "…"),
    ]
    for raw, title in told:
        (entry,) = read(rss(f"<item><title>{raw}</title><guid>1</guid></item>")).entries
        assert entry.title == title


# Dates and lengths


@pytest.mark.parametrize(
    ("date", "published"),
    [
        ("Tue, 24 Nov 2026 10:00:00 GMT", TEN),
        ("2026-11-24T10:00:00Z", TEN),
        ("Wed, 25 Nov 2026 11:59:00 GMT", NOW + timedelta(hours=23, minutes=59)),
        ("Wed, 25 Nov 2026 12:01:00 GMT", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("9999999-99-99", None),
        ("2026-13-45", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_are_believed_within_reason(date: str, published: datetime | None) -> None:
    assert item(f"<pubDate>{date}</pubDate>").published == published
    told = JSON["items"][0] | {"date_published": date}
    if date.startswith("2026-11"):
        assert read(json.dumps(JSON | {"items": [told]})).entries[0].published == published


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


# JSON


def told_json(**fields: Any) -> Entry:
    (entry,) = read(json.dumps(JSON | {"items": [JSON["items"][0] | fields]})).entries
    return entry


def test_plain_text_of_a_json_feed_is_no_markup() -> None:
    entry = told_json(summary="5 < 6 & <b>", content_text="a <b> c\n\nSecond.", content_html=None)
    assert entry.teaser == "5 < 6 & <b>"
    assert told_json(content_html="<p>One</p><p>Two</p>", summary=None).teaser == "One Two"


def test_fields_of_the_wrong_kind_count_as_missing() -> None:
    entry = told_json(
        id=17, title=["x"], tags="news", authors="Ada", author={"name": "Bo"}, image=5, attachments=3
    )
    assert (entry.guid, entry.title, entry.categories, entry.author, entry.image) == ("17", "", (), "Bo", "")


def test_a_json_items_pictures_and_addresses_in_their_order() -> None:
    picture = {"url": "https://p.example/a.png", "mime_type": "image/png"}
    entry = told_json(
        image=None, attachments=[{"url": "x.mp3", "mime_type": "audio/mpeg"}, picture], url=None
    )
    assert entry.image == "https://p.example/a.png"
    assert told_json(url=None, external_url="https://other.example/a").url == "https://other.example/a"
    assert told_json(date_published=None, date_modified="2026-11-24T10:00:00").published == TEN
    assert told_json(date_published="24 Nov").published is None
