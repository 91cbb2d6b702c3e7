"""The parts of an article as feeds give them: addresses, texts, names, pictures and dates."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.feeds.documents import read_feed
from tests.feeds.written import JSON, NOW, TEN, read, rss

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.articles import Entry


def item(inside: str, **spaces: str) -> Entry:
    """The one article of an RSS feed."""
    (entry,) = read(rss(f"<item><title>One</title>{inside}</item>", **spaces)).entries
    return entry


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


# Dates


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
