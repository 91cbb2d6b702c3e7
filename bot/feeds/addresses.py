"""The guard's judgement: which addresses of the internet a fetch may lead to. Pure; `connection.py` obeys it.

The list is our own, since Python's `is_global` lets through what is none of a reader's business: measured on 3.11,
`::127.0.0.1`, `64:ff9b::a9fe:a9fe`, `2002:7f00:1::`, `fec0::1`, `224.0.0.1`, `192.0.0.192` and `168.63.129.16` all
count as global there.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, TypeAlias

import regex
from yarl import URL

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

LONGEST: Final = 2048
"""Characters in an address that is fetched."""

_CLOSED_V4: Final = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network (RFC 1122)
        "10.0.0.0/8",  # private (RFC 1918)
        "100.64.0.0/10",  # carrier-grade NAT (RFC 6598); Alibaba's metadata at 100.100.100.200
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's host, which answers inside every machine there
        "169.254.0.0/16",  # link-local; metadata of most clouds at 169.254.169.254
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # IETF protocols; Oracle's metadata at 192.0.0.192
        "192.0.2.0/24",  # documentation (RFC 5737)
        "192.88.99.0/24",  # 6to4 relays, withdrawn (RFC 7526)
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks (RFC 2544)
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
_GLOBAL_V6: Final = IPv6Network("2000::/3")
"""The only part of IPv6 given out for the public internet (IANA); all else is closed without a list."""
_CLOSED_V6: Final = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # IETF protocols: Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation (RFC 9637)
    )
)
_NAT64: Final = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR: Final = IPv6Network("2002::/16")
_ISATAP: Final = (0x00005EFE, 0x02005EFE)
"""The upper half of an interface id that carries an IPv4 address (RFC 5214)."""

_SERVICE_PORTS: Final = frozenset(
    map(
        int,
        """
        1080 1433 1434 1521 1719 1720 1723 1883 2049 2181 2375 2376 2379 2380 3128 3268 3269 3306
        3389 3659 4045 4190 4369 5060 5061 5222 5269 5432 5671 5672 5900 5984 5985 5986 6000 6379
        6380 6443 6566 6665 6666 6667 6668 6669 6679 6697 8125 8300 8301 8500 8883 9042 9092 9160
        9200 9300 10080 10250 10255 11211 15672 25565 26379 27017 27018 27019 28017
        """.split(),
    )
)
"""Ports from 1024 up where no web server lives: the bad ports of the Fetch standard, and databases, queues, remote
desktops and cluster agents, which a request could set to work."""

_PRIVATE_NAMES: Final = "localhost local internal intranet lan home corp home.arpa localdomain".split()
"""Ends of names that are looked up inside a house: special uses of RFC 6761, 6762, 8375, and common habits."""
_PLAIN_START: Final = regex.compile(
    r"https?://(?:\[[0-9a-f:.]+(?:%25[\w.-]+)?\]|[^/?#@%\[\]:]+)(?::\d{1,5})?(?=[/?#]|$)", regex.IGNORECASE
)
_AMBIGUOUS: Final = regex.compile(r"[\p{C}\p{Z}\\]")


def fetchable(raw: str) -> str:
    """`raw` as the address that is fetched, or "" where its very form is refused.

    http and https only, with a host, a port above 0, no user name or password, and no white space, control
    character or backslash, in which parsers differ. The address is normalised by the parser that connects (yarl),
    so what is judged is what is used; the fragment is dropped.
    """
    if len(raw) > LONGEST or not _PLAIN_START.match(raw) or _AMBIGUOUS.search(raw):
        return ""
    try:
        url = URL(raw)
        return str(url.with_fragment(None)) if url.host and url.port else ""
    except ValueError:
        return ""


def is_private_name(host: str) -> bool:
    """Whether `host` is a name that only the machine's own surroundings know, and no address in its usual form.

    A name without a dot is one, and so are the odd spellings of an IPv4 address as one number.
    """
    name = host.lower().rstrip(".")
    try:
        ip_address(name.partition("%")[0])
    except ValueError:
        return "." not in name or any(name == end or name.endswith(f".{end}") for end in _PRIVATE_NAMES)
    return False


def reachable(url: str, allowed: tuple[Network, ...] = ()) -> bool:
    """Whether a fetch of `url` may be tried, as far as its form tells; names are judged by what they lead to then."""
    host = URL(url).host or ""
    try:
        return is_public(ip_address(host.partition("%")[0]), allowed)
    except ValueError:
        return bool(allowed) or not is_private_name(host)


def is_public(address: Address, allowed: tuple[Network, ...] = ()) -> bool:
    """Whether a fetch may go to `address`.

    An IPv4 address inside an IPv6 one (mapped, NAT64, 6to4, Teredo, ISATAP) is judged with it.

    Args:
        address: where a connection would be made.
        allowed: networks of the operator's that are open although private.
    """
    if any(address in network for network in allowed):
        return True
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _CLOSED_V4)
    if stands_for := address.ipv4_mapped or _behind_nat64(address):
        return is_public(stands_for, allowed)
    inside = _carried(address)
    return (
        address in _GLOBAL_V6
        and not any(address in network for network in _CLOSED_V6)
        and (inside is None or is_public(inside))
    )


def _behind_nat64(address: IPv6Address) -> IPv4Address | None:
    """What an IPv6-only machine reaches through the well-known prefix (RFC 6052); the local prefix stays closed."""
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None


def _carried(address: IPv6Address) -> IPv4Address | None:
    if address in _SIX_TO_FOUR:
        return IPv4Address((int(address) >> 80) & 0xFFFFFFFF)
    if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def may_connect(address: str, port: int, allowed: tuple[Network, ...] = ()) -> bool:
    """Whether a connection may be made to `address` (as the system resolved it) at `port`.

    Public addresses are open at 80, 443 and from 1024 up except for well-known services; `allowed` networks at any.
    """
    try:
        judged = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = judged.ipv4_mapped if isinstance(judged, IPv6Address) else None
    if any((mapped or judged) in network for network in allowed):
        return True
    return is_public(judged) and _is_web_port(port)


def _is_web_port(port: int) -> bool:
    return port in {80, 443} or (1024 <= port <= 65_535 and port not in _SERVICE_PORTS)
