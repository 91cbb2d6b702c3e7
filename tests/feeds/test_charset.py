"""Pages in every encoding, whatever they say about themselves; nothing that a page says about itself can raise."""

from __future__ import annotations

import codecs
from encodings.aliases import aliases

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.charset import decoded

RUSSIAN = "Мост через реку закрыт"
HTML = '<html><head><meta charset="{}"></head><body>{}</body></html>'


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("windows-1251", RUSSIAN),
        ("koi8-r", RUSSIAN),
        ("iso-8859-2", "Žluťoučký kůň"),
        ("shift_jis", "橋が閉鎖された"),
        ("euc-jp", "橋が閉鎖された"),
        ("iso-2022-jp", "橋が閉鎖された"),
        ("euc-kr", "다리가 폐쇄되었다"),
        ("gb2312", "大桥已关闭"),
        ("gbk", "大橋已關閉"),
        ("big5", "大橋已關閉"),
        ("utf-16-le", RUSSIAN),
        ("tis-620", "สะพานปิด"),
        ("windows-1256", "الجسر مغلق"),
    ],
)
def test_a_page_is_read_in_the_encoding_that_it_or_its_header_names(encoding: str, text: str) -> None:
    assert decoded(text.encode(encoding), f"text/html; charset={encoding}") == text
    assert decoded(text.encode(encoding), f'text/html; Charset = "{encoding.upper()}"') == text
    if "16" not in encoding:
        page = HTML.format(encoding, text)
        assert decoded(page.encode(encoding), "text/html") == page


def test_an_xml_declaration_and_the_older_meta_element_count_as_well() -> None:
    for head in (
        '<?xml version="1.0" encoding="windows-1251"?><html>',
        '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">',
    ):
        assert decoded((head + RUSSIAN).encode("cp1251"), "") == head + RUSSIAN


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ],
)
def test_a_byte_order_mark_goes_before_all_that_is_said(mark: bytes, encoding: str) -> None:
    assert decoded(mark + RUSSIAN.encode(encoding), "text/html; charset=koi8-r") == RUSSIAN


@pytest.mark.parametrize("label", ["windows-1251", "iso-8859-1", "us-ascii", "undefined", "no-such-thing"])
def test_valid_utf_8_is_utf_8_whatever_it_calls_itself(label: str) -> None:
    page = HTML.format(label, RUSSIAN)
    assert decoded(page.encode(), f"text/html; charset={label}") == page


def test_the_header_goes_before_the_page() -> None:
    page = HTML.format("koi8-r", RUSSIAN)
    assert decoded(page.encode("cp1251"), "text/html; charset=windows-1251") == page


def test_names_are_read_as_wide_as_browsers_read_them() -> None:
    assert (
        decoded("“Bridge” – closed €".encode("cp1252"), "text/html; charset=iso-8859-1")
        == "“Bridge” – closed €"
    )
    assert decoded("“Bridge”".encode("cp1252"), "text/html; charset=us-ascii") == "“Bridge”"
    assert decoded("镕".encode("gb18030"), "text/html; charset=gb2312") == "镕"


def test_without_any_name_it_is_windows_1252() -> None:
    assert decoded("Café – crème".encode("cp1252"), "") == "Café – crème"


def test_broken_bytes_are_shown_as_such_in_the_encoding_that_was_named() -> None:
    assert decoded(b"\xfd\xfe abc", "text/html; charset=utf-8").endswith(" abc")
    assert decoded(b"\x82\xa0\x81", "text/html; charset=shift_jis") == "あ�"


@pytest.mark.parametrize(
    "label",
    [
        "utf-7",
        "punycode",
        "idna",
        "unicode_escape",
        "raw_unicode_escape",
        "undefined",
        "base64",
        "rot13",
        "hex",
    ],
)
def test_codecs_that_hide_markup_or_are_no_encodings_are_never_used(label: str) -> None:
    hidden = b"+ADw-script+AD4- \\u003cscript\\u003e \xe9"
    assert decoded(hidden, f"text/html; charset={label}") == hidden.decode("cp1252")


@given(
    st.binary(max_size=200),
    st.sampled_from(sorted({*aliases, *aliases.values(), "undefined", "", "\0", "é"})),
)
def test_no_bytes_under_no_name_raise(body: bytes, label: str) -> None:
    decoded(body, f"text/html; charset={label}")
    decoded(HTML.format(label, "").encode() + body, "text/html")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_utf_8_comes_out_as_it_went_in(text: str) -> None:
    kept = text.removeprefix("\ufeff")
    assert decoded(text.encode(), "text/html; charset=utf-8") == kept
