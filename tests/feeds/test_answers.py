"""Heads of answers: how long they are good for, when to come again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from bot.feeds.answers import fresh_for, http_date, retry_after, validator

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Cache-Control": "max-age=300"}, 300),
        ({"Cache-Control": 'public, MAX-AGE="300", stale-while-revalidate=60'}, 300),
        ({"Cache-Control": "max-age=300", "Age": "100"}, 200),
        ({"Cache-Control": "max-age=300", "Age": "400"}, 0),
        ({"Cache-Control": "max-age=300", "Age": "old"}, 300),
        ({"Cache-Control": "s-maxage=9999"}, None),
        ({"Cache-Control": "no-cache, max-age=300"}, 0),
        ({"Cache-Control": "no-store"}, 0),
        ({"Cache-Control": 'no-cache="Set-Cookie", max-age=300'}, 300),
        ({"Cache-Control": "max-age=nonsense", "Expires": "Tue, 24 Nov 2026 12:10:00 GMT"}, 600),
        ({"Expires": "Tue, 24 Nov 2026 12:10:00 GMT"}, 600),
        ({"Expires": "Tue, 24 Nov 2026 12:10:00 GMT", "Date": "Tue, 24 Nov 2026 12:09:00 GMT"}, 60),
        ({"Expires": "Tue, 24 Nov 2026 11:00:00 GMT"}, 0),
        ({"Expires": "0"}, 0),
        ({"Cache-Control": "max-age=60", "Expires": "Tue, 24 Nov 2026 13:00:00 GMT"}, 60),
    ],
)
def test_how_long_an_answer_is_good_for(headers: dict[str, str], seconds: float | None) -> None:
    assert fresh_for(CIMultiDict(headers), NOW) == seconds


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("99999999999999999999", 86_400),
        ("Tue, 24 Nov 2026 12:01:00 GMT", 60),
        ("Tue, 24 Nov 2026 14:01:00 +0200", 60),
        ("Tue, 24 Nov 2026 11:00:00 GMT", 0),
        ("Fri, 24 Nov 2028 11:00:00 GMT", 86_400),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("١٢", None),
    ],
)
def test_when_to_come_again(value: str, seconds: float | None) -> None:
    assert retry_after(CIMultiDict({"Retry-After": value}), NOW) == seconds


@given(st.text(st.characters(), max_size=40))
def test_no_date_is_too_odd(value: str) -> None:
    at = http_date(value)
    assert at is None or at.tzinfo is UTC


@pytest.mark.parametrize("value", ['"' + "x" * 2000 + '"', '"tag\x7f"', '"täg"'])
def test_a_validator_that_could_not_be_sent_back_is_none(value: str) -> None:
    assert validator(CIMultiDict({"ETag": value}), "ETag") == ""


def test_what_was_sent_stands_where_the_answer_is_silent() -> None:
    assert validator(CIMultiDict(), "ETag", '"old"') == '"old"'
    assert validator(CIMultiDict({"etag": ' "new" '}), "ETag", '"old"') == '"new"'
