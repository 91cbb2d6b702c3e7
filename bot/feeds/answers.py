"""What the head of an HTTP answer means for us. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from bot.errors import BadStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
PERMANENT: Final = frozenset({301, 308})

LONGEST_WAIT: Final = 86_400.0
"""Seconds that we let a server send us away for."""
_LONGEST_TAG: Final = 1024
_MAX_AGE: Final = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)
_NO_STORE: Final = re.compile(r"(?:^|,)\s*no-(?:cache|store)\b(?!\s*=)", re.IGNORECASE)


def check_status(status: int, headers: Mapping[str, str], now: datetime) -> None:
    """Pass for an answer that brings a document.

    Args:
        status: the HTTP status.
        headers: the answer's headers, read without regard to case.
        now: the time, for a Retry-After that is a date.

    Raises:
        BadStatus: it brings none; the key says why, and `retry_after` when to come again, if the server said so.
    """
    if _asks_for_a_person(status, headers):
        raise BadStatus("source.robot_check", status=status)
    if 200 <= status < 300:
        return
    wait = retry_after(headers, now)
    if status in {429, 503}:
        raise BadStatus("source.busy", retry_after=wait, status=status)
    if status == 408 or status >= 500:
        raise BadStatus("source.unwell", retry_after=wait, status=status)
    if status == 410:
        raise BadStatus("source.gone", status=status)
    if status in {401, 403}:
        raise BadStatus("source.forbidden", retry_after=wait, status=status)
    raise BadStatus("source.status", retry_after=wait, status=status)


def _asks_for_a_person(status: int, headers: Mapping[str, str]) -> bool:
    """Whether this is a page that only lets browsers with people in front of them through.

    Cloudflare and Amazon say so in a header of their own; DataDome's header stands on good answers, too.
    """
    return (
        headers.get("cf-mitigated", "").lower() == "challenge"
        or headers.get("x-amzn-waf-action", "").lower() in {"challenge", "captcha"}
        or (status == 403 and "x-datadome" in headers)
    )


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait by the Retry-After header (a number or a date, RFC 9110 10.2.3), between 0 and one day."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdecimal():
        return min(float(value[:10]), LONGEST_WAIT)
    at = http_date(value)
    return None if at is None else min(max((at - now).total_seconds(), 0.0), LONGEST_WAIT)


def fresh_for(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that the answer is good for: max-age less Age, else Expires less Date (RFC 9111 4.2.1).

    Returns:
        0 where the server forbids keeping it, None where it does not say.
    """
    cache_control = headers.get("cache-control", "")
    if _NO_STORE.search(cache_control):
        return 0.0
    if max_age := _MAX_AGE.search(cache_control):
        age = headers.get("age", "").strip()
        return max(float(max_age[1]) - (float(age[:10]) if age.isascii() and age.isdecimal() else 0.0), 0.0)
    if "expires" not in headers:
        return None
    expires = http_date(headers["expires"])
    if expires is None:
        return 0.0  # an invalid date, and 0 above all, means "already stale" (RFC 9111 5.3)
    return max((expires - (http_date(headers.get("date", "")) or now)).total_seconds(), 0.0)


def http_date(value: str) -> datetime | None:
    """The aware moment that an HTTP date names, or None."""
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def validator(headers: Mapping[str, str], name: str, sent: str = "") -> str:
    """The ETag or Last-Modified to send next time; `sent`, what we sent, where the answer has none.

    One that is too long or could not stand in a header again counts as none.
    """
    value = headers.get(name, "").strip()
    if not value:
        return sent
    return value if len(value) <= _LONGEST_TAG and value.isascii() and value.isprintable() else ""
