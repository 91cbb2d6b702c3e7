"""Subscription lists: anybody's are read, hostile ones do no harm, and ours are read by everybody."""

from __future__ import annotations

import re
import time
from html import unescape
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import NotReadable, SourceError, TooLarge
from bot.feeds.addresses import fetchable
from bot.feeds.opml import MOST_BYTES, MOST_FEEDS, OpmlFeed, read_opml, write_opml
from bot.services.feeds import catalogue

if TYPE_CHECKING:
    from pathlib import Path


def opml(body: str, head: str = "<title>My list</title>") -> bytes:
    return f'<?xml version="1.0"?><opml version="2.0"><head>{head}</head><body>{body}</body></opml>'.encode()


def outline(url: str, **fields: str) -> str:
    told = "".join(f' {name}="{value}"' for name, value in fields.items())
    return f'<outline type="rss" xmlUrl="{url}"{told}/>'


def feeds(body: str) -> list[OpmlFeed]:
    return list(read_opml(opml(body)).feeds)


def urls(body: str) -> list[str]:
    return [feed.url for feed in feeds(body)]


A, B = "https://a.example/rss", "https://b.example/rss"


# What a list says


def test_a_feed_comes_with_all_that_the_list_says_about_it() -> None:
    told = outline(A, title="The A", text="a", htmlUrl="https://a.example/", language="en-GB", country="gb")
    (feed,) = feeds(f'<outline text="World">{told}</outline>')
    assert feed == OpmlFeed(A, "The A", "World", "https://a.example/", "en", "GB")
    assert read_opml(opml(told)).title == "My list"


def test_of_nested_groups_the_outermost_is_the_desk() -> None:
    inner = f'<outline text="Europe">{outline(A)}<outline title="Deep">{outline(B)}</outline></outline>'
    assert [feed.desk for feed in feeds(f'<outline title="World">{inner}</outline>')] == ["World", "World"]
    assert [feed.desk for feed in feeds(f'<outline text="">{inner}</outline>{outline(A + "2")}')] == [
        "Europe",
        "Europe",
        "",
    ]


@pytest.mark.parametrize(
    ("category", "desk"),
    [("/Science/Space,/World", "Science"), ("Tech", "Tech"), ("", ""), ("/", ""), (",a", "")],
)
def test_a_feed_outside_of_groups_has_its_first_category(category: str, desk: str) -> None:
    assert feeds(outline(A, category=category))[0].desk == desk


def test_a_feed_may_be_a_group_at_the_same_time() -> None:
    assert urls(f'<outline text="x" xmlUrl="{A}">{outline(B)}</outline>') == [A, B]


def test_an_address_counts_once_and_names_of_fields_in_any_case() -> None:
    assert urls(outline(A) + outline(A) + f'<OUTLINE XMLURL="{B}"/>') == [A, B]


@pytest.mark.parametrize(
    ("raw", "url"),
    [
        ("feed://a.example/rss", "http://a.example/rss"),
        ("feed:https://a.example/rss", "https://a.example/rss"),
        (" https://a.example/my feed ", "https://a.example/my%20feed"),
        ("https://a.example/rss?a=1&amp;b=2", "https://a.example/rss?a=1&b=2"),
    ],
)
def test_addresses_are_read_as_they_are_meant(raw: str, url: str) -> None:
    assert urls(outline(raw)) == [url]


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://user:pw@a.example/",
        "rss.xml",
        "ftp://a.example/",
        "https://",
    ],
)
def test_what_cannot_be_fetched_is_left_out(raw: str) -> None:
    assert urls(outline(raw) + outline(B)) == [B]


def test_names_are_plain_and_of_bounded_length() -> None:
    (feed,) = feeds(
        f'<outline text="{"d" * 500}">{outline(A, title="&lt;b&gt; &#x202E;x" + "t" * 500)}</outline>'
    )
    assert feed.title.startswith("<b> xt")
    assert (len(feed.title), len(feed.desk)) == (200, 64)


@pytest.mark.parametrize("country", ["xyz", "1", "é!", ""])
def test_a_country_is_two_letters_or_unknown(country: str) -> None:
    assert feeds(outline(A, country=country, language="english"))[0].country == ""


# Broken lists


@pytest.mark.parametrize(
    "body",
    [
        outline("https://a.example/rss?x=1&y=2") + outline(B),
        outline(A, title="Q&A") + outline(B),
        outline(A, title='The "A"') + outline(B),
        outline(A, title="1 < 2") + outline(B),
        outline(A) + outline(B) + "</outline></outline>",
        f'<outline text="World">{outline(A)}<outline text="more">{outline(B)}',
        outline(A) + "\x08" + outline(B),
    ],
)
def test_a_list_that_is_no_proper_xml_is_read_all_the_same(body: str) -> None:
    read = read_opml(opml(body))
    assert [feed.url.partition("?")[0] for feed in read.feeds] == [A, B]


def test_quotes_inside_a_name_stay_in_it() -> None:
    assert feeds(outline(A, title='The "A" of B', text="x"))[0].title == 'The "A" of B'


def test_a_description_with_markup_of_its_own_hides_no_address() -> None:
    markup = 'By <a href="https://c.example" target="_blank">us</a> and <em data-x="i">friends</em>.'
    assert urls(f'<outline text="A" description="{markup}" xmlUrl="{A}"/>' + outline(B)) == [A, B]


def test_a_bare_ampersand_stays_in_addresses_and_names() -> None:
    (feed,) = feeds(
        outline("https://a.example/rss?x=1&y=2&copy=3&amp;z=4", title="Q&A &eacute; &lt;b&gt; &#233; &x;")
    )
    assert feed.url == "https://a.example/rss?x=1&y=2&copy=3&z=4"
    assert feed.title == "Q&A é <b> é &x;"


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251", "utf-16"])
def test_a_list_is_read_in_its_encoding(encoding: str) -> None:
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?><opml><body>{outline(A, text="Новости")}</body></opml>'
    )
    assert read_opml(text.encode(encoding)).feeds[0].title == "Новости"


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", 1),
        (b"words", 1),
        (b"<html><body><p>Not here</p></body></html>", 1),
        (b"<rss version='2.0'><channel/></rss>", 1),
        (b"\n\n<a", 3),
        (b"{}", 1),
        (b"\0\0\0", 1),
    ],
)
def test_what_is_no_list_is_refused_with_the_line(data: bytes, line: int) -> None:
    with pytest.raises(NotReadable) as error:
        read_opml(data)
    assert (error.value.key, error.value.values) == ("source.not_opml", {"line": line})


def test_an_empty_list_is_a_list() -> None:
    assert read_opml(opml("")).feeds == ()


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    for start in (b"", b"<opml><body><outline xmlUrl='", b"<opml><body><outline "):
        try:
            read_opml(start + data)
        except SourceError as error:
            assert error.key == "source.not_opml"  # noqa: PT017 - reading it is allowed as well


# Hostile lists


def quickly(data: bytes, seconds: float = 5.0) -> list[OpmlFeed]:
    began = time.process_time()
    try:
        return list(read_opml(data).feeds)
    except SourceError:
        return []
    finally:
        assert time.process_time() - began < seconds


def test_of_ten_thousand_feeds_the_first_five_thousand_are_read() -> None:
    body = "".join(outline(f"https://a.example/{n}", text=f"Feed {n}") for n in range(10_000))
    read = quickly(opml(body))
    assert len(read) == MOST_FEEDS
    assert read[-1].url == f"https://a.example/{MOST_FEEDS - 1}"


def test_groups_of_any_depth_do_no_harm() -> None:
    quickly(opml('<outline text="g">' * 100_000 + outline(A)))
    deep = '<outline text="g">' * 200 + outline(A) + "</outline>" * 200
    assert [feed.desk for feed in quickly(opml(deep))] == ["g"]


def test_entities_are_neither_expanded_nor_looked_up(tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("canary") / "secret.txt"
    secret.write_text("canary")
    laughs = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 11))
    for entity in (laughs, f'<!ENTITY l10 SYSTEM "{secret.as_uri()}">'):
        doctype = f"<!DOCTYPE opml [<!ENTITY l0 'ha'>{entity}]>"
        body = (
            f"<opml><head><title>t&l10;</title></head><body>{outline(A, text='x')}<p>&l10;</p></body></opml>"
        )
        document = read_opml((doctype + body).encode())
        assert "canary" not in repr(document)
        assert len(document.title) <= 200
        quickly(f"{doctype}<opml><body>{outline(A, text='&l10;')}</body></opml>".encode())


@pytest.mark.parametrize(
    "data",
    [
        b'<opml><body><outline a="' + b'x" ' * 250_000,
        b"<opml><body>" + b"<outline " * 100_000,
        b"<opml><body>" + b'<outline text="a"b"c"d' * 50_000,
        b"<opml><body>" + b"&" * 1_000_000,
        b"<opml " + b"a='1' " * 100_000,
        b'<opml><body><outline text="' + b'"' * 750_000,
    ],
)
def test_lists_that_break_off_in_every_element_are_over_soon(data: bytes) -> None:
    quickly(data)


def test_a_list_of_more_than_five_megabytes_is_too_large() -> None:
    with pytest.raises(TooLarge):
        read_opml(b" " * (MOST_BYTES + 1))


# Our own lists

names = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(names, st.lists(st.builds(OpmlFeed, st.sampled_from([A, B]), names, names), max_size=4))
def test_what_we_write_we_read(title: str, told: list[OpmlFeed]) -> None:
    document = read_opml(write_opml(title, told))
    assert {feed.url for feed in document.feeds} == {feed.url for feed in told}
    again = read_opml(write_opml(document.title, document.feeds))
    assert again == document


def test_what_we_write_others_read() -> None:
    told = [
        OpmlFeed(A, "A & B", "World", "https://a.example/", "en", "GB"),
        OpmlFeed(B),
        OpmlFeed(A + "2", "C", "World"),
    ]
    root = ET.fromstring(write_opml("List", told))
    assert (root.tag, root.get("version"), root.findtext("head/title")) == ("opml", "2.0", "List")
    group, alone = root.findall("body/outline")
    assert (group.get("text"), len(group)) == ("World", 2)
    assert (alone.get("text"), alone.get("xmlUrl"), alone.get("type")) == (B, B, "rss")
    assert dict(group[0].attrib)["title"] == "A & B"


def test_the_built_in_catalogue_is_well_formed_and_every_feed_has_a_desk_and_a_language() -> None:
    data, _ = catalogue(None)
    assert ET.fromstring(data).tag == "opml"
    read = read_opml(data).feeds
    assert len(read) > 50
    assert all(feed.desk and feed.language and feed.title and feed.url.startswith("http") for feed in read)


# Captured lists


def test_captured_lists_give_every_address_that_stands_in_them(captured: Path) -> None:
    lists = sorted((captured / "opml").glob("*.opml"))
    assert len(lists) > 30
    for path in lists:
        data = path.read_bytes()
        written = re.findall(rb"\sxmlurl\s*=\s*[\"']([^\"']*)[\"']", data, re.IGNORECASE)
        addresses = {fetchable(unescape(raw.decode("utf-8", "replace")).strip()) for raw in written} - {""}
        assert {feed.url for feed in read_opml(data).feeds} == addresses, path.name
