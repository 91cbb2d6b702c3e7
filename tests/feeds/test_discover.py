"""The feeds that pages name, however they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.discover import MOST, named_feeds, usual_feeds

URL = "https://site.example/a/page.html"


def named(markup: str) -> tuple[str, ...]:
    return named_feeds(markup.encode("utf-8", "surrogatepass"), "text/html", URL)


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ('<link rel="alternate" type="application/rss+xml" href="/rss">', "https://site.example/rss"),
        (
            "<link rel=\"Alternate home\" type='APPLICATION/ATOM+XML; charset=x' href=atom>",
            "https://site.example/a/atom",
        ),
        (
            '<link rel="alternate" type="application/feed+json" href="//cdn.example/f.json">',
            "https://cdn.example/f.json",
        ),
        (
            '<link rel="alternate" type="application/rss+xml" href="  http://x.example/?a=1&amp;b=2 ">',
            "http://x.example/?a=1&b=2",
        ),
    ],
)
def test_a_link_to_a_feed_is_found(link: str, address: str) -> None:
    assert named(f"<html><head>{link}</head></html>") == (address,)


@pytest.mark.parametrize(
    "link",
    [
        '<link rel="stylesheet" type="application/rss+xml" href="/rss">',
        '<link rel="alternate" type="text/html" href="/de">',
        '<link rel="alternate" type="application/rss+xml">',
        '<link rel="alternate" type="application/rss+xml" href="">',
        '<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">',
        '<link rel="alternate" type="application/rss+xml" href="http://user:word@x.example/">',
        '<link rel="alternate" type="application/rss+xml" href="http://[::1">',
        '<!-- <link rel="alternate" type="application/rss+xml" href="/rss"> -->',
    ],
)
def test_anything_else_is_none(link: str) -> None:
    assert named(f"<html><head>{link}</head></html>") == ()


def test_a_page_that_names_many_is_believed_for_a_few() -> None:
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="/{n}">' for n in range(99))
    assert len(named(links * 2)) == MOST
    assert named("") == ()


@given(st.text(max_size=300))
def test_no_address_breaks_it(address: str) -> None:
    for found in named(f'<link rel="alternate" type="application/rss+xml" href="{address}">'):
        assert found.startswith(("http://", "https://"))


def test_the_usual_places_are_at_the_sites_root() -> None:
    assert usual_feeds(URL)[0] == "https://site.example/feed"
