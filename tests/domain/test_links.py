"""Addresses: safe to link, equal for the same page, readable."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.links import canonical_url, host_of, safe_url

PARTS = st.sampled_from(
    [
        *(
            "https://",
            "HTTP://",
            "//",
            "www.",
            "m.",
            "news",
            ".example",
            ".com",
            ":443",
            ":80",
            ":8080",
            "/",
            "//",
            "amp",
        ),
        *(
            "?",
            "&",
            "=",
            "#",
            "utm_source=x",
            "b=2",
            "a=1",
            "%41",
            "%2f",
            "%",
            "ü",
            "中",
            "Б",
            " ",
            ";",
            "[",
            "|",
            "@",
        ),
        *("..", ".", "xn--", "127.0.0.1", "0x7f", "１", "。", "ß", "\\", "\t", "'", '"', "<", "~", "+"),
    ]
)
URLS = st.one_of(
    st.lists(PARTS, max_size=14).map("".join),
    st.lists(PARTS, max_size=14).map(lambda parts: "https://news.example.com/" + "".join(parts)),
    st.text(st.characters(), max_size=40),
)
HOST_CHARACTERS = set("abcdefghijklmnopqrstuvwxyz0123456789.-_")


@settings(max_examples=300)
@given(URLS, st.sampled_from(["", "https://base.example.com/dir/page?x#y", "nonsense", "http://[/"]))
def test_a_safe_address_is_one_that_telegram_links_and_safe_again(raw: str, base: str) -> None:
    url = safe_url(raw, base)
    assert safe_url(url) == url
    if url:
        parts = urlsplit(url)
        assert url.isascii()
        assert url.isprintable()
        assert " " not in url
        assert len(url) <= 2048
        assert parts.scheme in {"http", "https"}
        assert "@" not in parts.netloc
        assert parts.port != 0
        assert parts.hostname is not None
        assert "." in parts.hostname
        assert set(parts.hostname) <= HOST_CHARACTERS


@settings(max_examples=300)
@given(URLS)
def test_a_canonical_address_is_its_own(raw: str) -> None:
    url = canonical_url(raw)
    assert canonical_url(url) == url
    assert bool(url) == bool(safe_url(raw))
    assert url == "" or url.startswith("https://")


@settings(max_examples=150)
@given(URLS)
def test_a_hosts_name_belongs_to_the_address(raw: str) -> None:
    name = host_of(raw)
    assert bool(name) == bool(safe_url(raw))
    assert name == "" or urlsplit(safe_url("https://" + name)).hostname in {
        urlsplit(safe_url(raw)).hostname,
        (urlsplit(safe_url(raw)).hostname or "").removeprefix("www."),
    }


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "news.example.com",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "smb://server.example.com/x",
        "tg://resolve?domain=durov",
        "mailto:a@example.com",
        "ftp://example.com/",
        "http:example.com",
        "http:///example.com",
        "https://",
        "https://localhost/",
        "https://localhost.",
        "https://example.com:0/",
        "https://example.com:/",
        "https://example.com:99999/",
        "https://example.com:80:80/",
        "https://user@example.com/",
        "https://user:password@example.com/",
        "https://example.com\\@evil.example/",
        "https://exa\tmple.com/",
        "https://exa\nmple.com/",
        "https://exa mple.com/",
        "https://example.com/\u2028x",
        "https://example.com/\x7f",
        "https://example.com/\ud800",
        "https://[::1]/",
        "https://[::1/",
        "https://127.1/",
        "https://0x7f.0.0.1/",
        "https://1.2.3/",
        "https://999.1.1.1/",
        "https://-example-.com-/",
        "https://exa..mple.com/",
        "https://💩.example.com/",
        "https://" + "a" * 64 + ".com/",
        "https://" + "abcdefgh." * 32 + "com/",
        "https://example.com/" + "a" * 2048,
        "https://example.com/" + "ü" * 400,
    ],
)
def test_what_must_not_be_linked_is_not(raw: str) -> None:
    assert safe_url(raw) == ""
    assert canonical_url(raw) == ""
    assert host_of(raw) == ""


@pytest.mark.parametrize(
    ("raw", "url"),
    [
        (" https://example.com/a \n", "https://example.com/a"),
        ("HTTPS://Example.COM./A", "https://example.com/A"),
        ("https://example.com:443/", "https://example.com/"),
        ("http://example.com:8080/x", "http://example.com:8080/x"),
        ("https://example.com/a b?c=d e#f g", "https://example.com/a%20b?c=d%20e#f%20g"),
        ("https://example.com/ü?q=ö", "https://example.com/%C3%BC?q=%C3%B6"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://faß.de/", "https://xn--fa-hia.de/"),
        ("https://ex。ample．com/", "https://ex.ample.com/"),
        ("https://ＥＸＡＭＰＬＥ.com/", "https://example.com/"),
        ("https://127.0.0.1/x", "https://127.0.0.1/x"),
        ("https://a_b.example.com/", "https://a_b.example.com/"),
        (
            "https://example.com?u=http://other.example/?a|b",
            "https://example.com?u=http://other.example/?a|b",
        ),
    ],
)
def test_addresses_are_normalised(raw: str, url: str) -> None:
    assert safe_url(raw) == url


@pytest.mark.parametrize(
    ("raw", "url"),
    [
        ("page", "https://example.com/dir/page"),
        ("../up?x", "https://example.com/up?x"),
        ("//cdn.example.com/x", "https://cdn.example.com/x"),
        ("#part", "https://example.com/dir/#part"),
        ("http://other.example/", "http://other.example/"),
        ("javascript:alert(1)", ""),
    ],
)
def test_relative_addresses_begin_with_the_base(raw: str, url: str) -> None:
    assert safe_url(raw, "https://example.com/dir/") == url


@pytest.mark.parametrize(
    "raw",
    [
        "https://example.com/news/story-1",
        "http://example.com/news/story-1/",
        "https://www.example.com/news/story-1#comments",
        "https://m.example.com/news/story-1?utm_source=rss&utm_medium=feed",
        "https://amp.example.com/news/story-1/amp/",
        "https://www.m.example.com:443/news/story-1/amp?fbclid=abc",
        "https://mobile.example.com/news/story%2D1?at_medium=RSS&ns_campaign=x&xtor=1&CMPID=2",
    ],
)
def test_the_same_page_has_the_same_canonical_address(raw: str) -> None:
    assert canonical_url(raw) == "https://example.com/news/story-1"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.com/a?id=1", "https://example.com/a?id=2"),
        ("https://example.com/a", "https://example.com/A"),
        ("https://example.com/a", "https://example.org/a"),
        ("https://example.com:8443/a", "https://example.com/a"),
        ("https://example.com/a%2Fb", "https://example.com/a/b"),
        ("https://m.com/a", "https://example.com/a"),
    ],
)
def test_other_pages_have_other_canonical_addresses(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


def test_parameters_are_sorted_and_escapes_spelled_alike() -> None:
    assert canonical_url("https://example.com/%7ea%2fb?b=2&&a=%41") == "https://example.com/~a%2Fb?a=A&b=2"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.example.com/x", "example.com"),
        ("https://news.example.com:8080/x", "news.example.com"),
        ("https://www.com/", "www.com"),
        ("https://127.0.0.1/", "127.0.0.1"),
        ("https://кремль.рф/", "кремль.рф"),
        ("https://bücher.de/", "bücher.de"),
        ("https://日本.jp/", "日本.jp"),
        ("https://аpple.com/", "xn--pple-43d.com"),  # a Cyrillic а among Latin letters
        ("https://аррӏе.com/", "xn--80ak6aa92e.com"),  # all Cyrillic under a Latin end
        ("https://пример.com/", "xn--e1afmkfd.com"),
        ("https://xn--a.com/", "xn--a.com"),  # decodes to nothing sensible
        ("https://xn--99999999999.com/", "xn--99999999999.com"),
    ],
)
def test_a_hosts_name_is_decoded_only_where_nobody_is_fooled(url: str, name: str) -> None:
    assert host_of(url) == name
