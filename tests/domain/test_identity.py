"""Knowing an article again: its id, else its address, else its headline, each only where it tells articles apart."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.articles import Block, BlockKind, Entry
from bot.domain.identity import article_keys, content_hash, fingerprint, folded_title

A = Entry("id-1", "https://herald.example/a", "Bridge closed")
B = Entry("id-2", "https://herald.example/b", "Trees planted")


def keys(*entries: Entry) -> list[tuple[str, ...]]:
    return article_keys(entries)


def kinds(*entries: Entry) -> list[str]:
    """The kinds of keys that each entry has, such as `gl`."""
    return ["".join(key[0] for key in own) for own in keys(*entries)]


def test_an_article_is_known_by_its_id_and_its_address() -> None:
    assert kinds(A, B) == ["gl", "gl"]
    assert not set(keys(A, B)[0]) & set(keys(A, B)[1])


def test_a_changed_id_leaves_the_address_and_a_changed_address_the_id() -> None:
    (before,) = keys(A)
    assert set(before) & set(keys(replace(A, guid="id-9"))[0])
    assert set(before) & set(keys(replace(A, url="https://herald.example/moved"))[0])
    assert not set(before) & set(keys(replace(A, guid="id-9", url="https://herald.example/moved"))[0])


def test_an_edited_headline_changes_nothing() -> None:
    assert keys(A) == keys(replace(A, title="Bridge closed for a week"))


@pytest.mark.parametrize(
    "url",
    [
        "http://www.herald.example/a",
        "https://herald.example/a/?utm_source=rss&utm_campaign=x",
        "https://herald.example/a?fbclid=123#comments",
    ],
)
def test_tracking_parameters_and_spellings_of_an_address_change_nothing(url: str) -> None:
    assert keys(A) == keys(replace(A, url=url))


def test_parameters_that_name_the_article_count() -> None:
    one, two = (replace(A, guid="", url=f"https://herald.example/?p={n}") for n in (1, 2))
    assert keys(one) != keys(two)


def test_an_id_that_several_entries_have_is_none() -> None:
    assert kinds(A, replace(B, guid="id-1")) == ["l", "l"]


def test_an_address_that_several_entries_have_is_none() -> None:
    assert kinds(A, replace(B, url=A.url + "?utm_source=x")) == ["g", "g"]


@pytest.mark.parametrize("url", ["https://herald.example", "https://www.herald.example/?utm_source=rss#a"])
def test_the_address_of_a_front_page_is_none(url: str) -> None:
    assert kinds(replace(A, url=url)) == ["g"]
    assert kinds(replace(A, url="https://herald.example/?p=1")) == ["gl"]


def test_the_headline_counts_where_neither_id_nor_address_tells_apart() -> None:
    bare = [replace(entry, guid="", url="https://herald.example/") for entry in (A, B)]
    assert kinds(*bare) == ["t", "t"]
    assert keys(*bare)[0] != keys(*bare)[1]
    loud = replace(bare[0], title="BRIDGE closed!")
    assert keys(loud, bare[1]) == keys(*bare)


def test_the_beginning_of_the_text_stands_for_a_missing_headline() -> None:
    entries = [Entry("", "", "", teaser) for teaser in ("The bridge is closed.", "Trees were planted.")]
    assert kinds(*entries) == ["t", "t"]
    assert len(set(keys(*entries))) == 2


def test_an_entry_that_says_nothing_has_no_key() -> None:
    assert keys(Entry("", "", "")) == keys(Entry("", "", "…", "—")) == [()]


def test_the_same_item_told_twice_has_the_same_keys_both_times() -> None:
    first, second = keys(A, A)
    assert first == second != ()


def test_the_text_of_an_article_is_told_anew_when_anything_a_reader_sees_changes() -> None:
    told = content_hash(A)
    assert content_hash(replace(A, guid="x", author="y", image="z", categories=("c",))) == told
    for changes in (
        {"title": "Bridge open"},
        {"url": "https://herald.example/b"},
        {"teaser": "It is."},
        {"blocks": (Block(BlockKind.PARAGRAPH, "It is."),)},
    ):
        assert content_hash(replace(A, **changes)) != told


@given(st.text(max_size=80))
def test_a_folded_headline_is_folded_for_good(title: str) -> None:
    once = folded_title(title)
    assert once == once.strip()
    assert "  " not in once
    assert folded_title(title.upper()) == folded_title(title.upper().casefold())


@given(st.lists(st.text(alphabet=st.characters(), max_size=20), min_size=1, max_size=4))
def test_a_fingerprint_tells_where_one_part_ends(parts: list[str]) -> None:
    own = fingerprint(*parts)
    assert len(own) == 32
    assert own == fingerprint(*parts)
    assert own != fingerprint(*parts, "")


@given(
    st.lists(
        st.builds(
            Entry,
            guid=st.sampled_from(["", "1", "2"]),
            url=st.sampled_from(
                ["", "https://a.example/1", "https://a.example/2", "https://a.example/1?utm_id=2"]
            ),
            title=st.sampled_from(["", "One", "Two", "one!"]),
            teaser=st.sampled_from(["", "Text"]),
        ),
        max_size=6,
    )
)
def test_ids_and_addresses_belong_to_one_entry_of_a_document(entries: list[Entry]) -> None:
    given_keys = article_keys(entries)
    assert len(given_keys) == len(entries)
    strong = [key for own in given_keys for key in own if key[0] in "gl"]
    assert len(strong) == len(set(strong))
