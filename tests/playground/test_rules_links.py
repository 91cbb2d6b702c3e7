"""Which addresses are taken, and in which form they are kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.rules.links import check_link, is_mention


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("example.org", "http://example.org/"),
        ("HTTPS://Example.ORG/A b", "https://example.org/A%20b"),
        ("https://example.org?a=1", "https://example.org/?a=1"),
        ("https://example.org#part", "https://example.org/#part"),
        ("https://user:pass@example.org:0080/", "https://user:pass@example.org:80/"),
        ("https://пример.рф/путь", "https://пример.рф/путь"),
        ("http://[2001:db8::1]:8080/x", "http://[2001:db8::1]:8080/x"),
        ("http://127.0.0.1:8080/wire/", "http://127.0.0.1:8080/wire/"),
        (
            "https://t.me/share/url?url=https%3A%2F%2Fa.example",
            "https://t.me/share/url?url=https%3A%2F%2Fa.example",
        ),
        ("tg:resolve?domain=x", "tg://resolve?domain=x"),
        ("TON://wallet/1", "ton://wallet/1"),
        ("https://example.org/ \n", "https://example.org/"),
    ],
)
def test_a_link_is_kept_in_one_form(url: str, kept: str) -> None:
    assert check_link(url) == kept
    assert check_link(kept) == kept


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "URL host is empty"),
        ("https://", "URL host is empty"),
        ("nodot", "Wrong HTTP URL"),
        ("http://localhost/x", "Wrong HTTP URL"),
        ("javascript:alert(1)", "Wrong port number specified in the URL"),
        ("ftp://example.org", "Unsupported URL protocol"),
        ("https://example.org:99999", "Wrong port number specified in the URL"),
        ("https://example.org:", "Wrong port number specified in the URL"),
        ("https://exa mple.org", "Disallowed character in URL host"),
        ("https://exam%zzple.org", "Disallowed character in URL host"),
        ("https://us er@example.org", "Disallowed character in URL userinfo"),
        ("https://.", "Host is invalid"),
        ("http://[::1", "Disallowed character in URL host"),
        ("http://[nonsense]/", "Wrong IPv6 address specified in the URL"),
        ("tg://", "URL host is empty"),
        ("tg://a.b/", "Unallowed characters in URL host"),
    ],
)
def test_a_wrong_link_is_refused_with_its_reason(url: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{reason}$"):
        check_link(url)


@given(st.text(max_size=60) | st.from_regex(r"https?://[a-z.:@\[\]%]{0,20}[/?#]?.{0,10}", fullmatch=True))
def test_every_link_is_kept_or_refused_and_what_is_kept_stays(url: str) -> None:
    try:
        kept = check_link(url)
    except ValueError:
        return
    assert check_link(kept) == kept


def test_links_to_people_are_known() -> None:
    assert is_mention("tg://user?id=17")
    assert not is_mention("tg://resolve?domain=user")
