"""Which addresses Telegram takes (TD `LinkManager::check_link`, `parse_url`)."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address
from typing import Final

_PROTOCOL: Final = re.compile(r"([^:/?#@\[\]]*)://")
_TAIL: Final = re.compile(r"[/?#]")
_BLANK: Final = re.compile(r"[\x00-\x20]")
_OWN_SCHEME: Final = re.compile(r"(tg|ton|tonsite):(?://)?", re.IGNORECASE)
_OWN_HOST: Final = re.compile(r"[A-Za-z0-9_-]+")
_HOST_PORT: Final = re.compile(r"(?P<name>.*?)(?::(?P<port>[^:\]@]*))?", re.DOTALL)
_ALLOWED: Final = re.compile(r"(?:[A-Za-z0-9.\-_!$,~*'();&+=]|[^\x00-\x7f]|%[0-9A-Fa-f]{2})*")
_MENTION: Final = re.compile(r"tg:(?://)?user\?(?:.*&)?id=\d+", re.IGNORECASE)


def check_link(url: str) -> str:
    """The address in the form that Telegram keeps: a scheme, the host in small letters, at least `/` after it.

    Raises:
        ValueError: Telegram refuses the address; the reason in its own words.
    """
    if own := _OWN_SCHEME.match(url):
        return _check_own(own[1].lower(), url[own.end() :])
    protocol, rest = _split_protocol(url)
    authority, tail = _split_tail(rest)
    host = _check_authority(authority)
    if "." not in host and not host.startswith("["):
        raise ValueError("Wrong HTTP URL")
    tail = tail.rstrip(" \t\r\n\v\0")
    tail = tail if tail.startswith("/") else f"/{tail}"
    return f"{protocol}://{host}" + _BLANK.sub(lambda match: f"%{ord(match[0]):02X}", tail)


def is_mention(url: str) -> bool:
    """Whether the address is no page but a person (SPEC "Formatting options")."""
    return _MENTION.match(url) is not None


def _split_tail(rest: str) -> tuple[str, str]:
    """What stands before the first `/`, `?` or `#`, and what follows."""
    authority = _TAIL.split(rest, maxsplit=1)[0]
    return authority, rest[len(authority) :]


def _check_own(scheme: str, rest: str) -> str:
    host, tail = _split_tail(rest)
    if not host:
        raise ValueError("URL host is empty")
    if not _OWN_HOST.fullmatch(host):
        raise ValueError("Unallowed characters in URL host")
    return f"{scheme}://{host.lower()}{tail}"


def _split_protocol(url: str) -> tuple[str, str]:
    found = _PROTOCOL.match(url)
    if not found:
        return "http", url
    protocol = found[1].lower()
    if protocol not in {"http", "https"}:
        raise ValueError("Unsupported URL protocol")
    return protocol, url[found.end() :]


def _check_authority(authority: str) -> str:
    """User information, host and port, checked; the host in small letters."""
    user, at, host_port = authority.rpartition("@")
    parts = _HOST_PORT.fullmatch(host_port)
    name, port = (parts["name"], parts["port"]) if parts else (host_port, None)
    if port is not None and not (port.isascii() and port.isdecimal() and 0 < int(port) <= 65_535):
        raise ValueError("Wrong port number specified in the URL")
    if not name:
        raise ValueError("URL host is empty")
    if name.startswith("[") and name.endswith("]"):
        _check_address(name[1:-1])
    elif name == ".":
        raise ValueError("Host is invalid")
    elif not _ALLOWED.fullmatch(name):
        raise ValueError("Disallowed character in URL host")
    if not _ALLOWED.fullmatch(user.replace(":", "")):
        raise ValueError("Disallowed character in URL userinfo")
    return f"{user}{at}{name.lower()}" + (f":{int(port)}" if port else "")


def _check_address(address: str) -> None:
    try:
        IPv6Address(address)
    except AddressValueError:
        raise ValueError("Wrong IPv6 address specified in the URL") from None
