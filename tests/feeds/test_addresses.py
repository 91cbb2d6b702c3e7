"""The guard's judgement, address by address."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.addresses import fetchable, is_private_name, is_public, may_connect

CLOSED = """
    0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.255 168.63.129.16 169.254.169.254
    169.254.170.2 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1
    198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
    :: ::1 ::127.0.0.1 ::a9fe:a9fe ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:a9fe:a9fe ::ffff:100.64.0.1 ::ffff:0:127.0.0.1
    64:ff9b::a9fe:a9fe 64:ff9b::7f00:1 64:ff9b:1::1 64:ff9b:1::808:808 100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2
    2001:db8::1 2001:10::1 2002:7f00:1:: 2002:a9fe:a9fe::1 2002:c0a8:101::1 3fff::1 5f00::1 fc00::1 fd00:ec2::254
    fe80::1 fe80::1%eth0 fec0::1 ff02::1 2606:4700::5efe:7f00:1 2606:4700::200:5efe:a00:1
"""
OPEN = """
    1.1.1.1 8.8.8.8 93.184.216.34 100.63.255.255 100.128.0.1 172.15.255.255 172.32.0.1 192.167.255.255 223.255.255.255
    2606:4700:4700::1111 2a00:1450:4001:81b::200e ::ffff:8.8.8.8 64:ff9b::808:808 2002:808:808::1
    2606:4700::5efe:808:808
"""


@pytest.mark.parametrize("address", CLOSED.split())
def test_what_is_not_the_public_internet_is_closed(address: str) -> None:
    assert not is_public(ip_address(address))
    assert not may_connect(address, 443)


@pytest.mark.parametrize("address", OPEN.split())
def test_the_public_internet_is_open(address: str) -> None:
    assert is_public(ip_address(address))
    assert may_connect(address, 443)


@given(st.integers(0, 2**32 - 1))
def test_an_ipv4_address_is_judged_the_same_however_it_is_wrapped(number: int) -> None:
    plain = is_public(IPv4Address(number))
    assert is_public(IPv6Address((0xFFFF << 32) | number)) is plain
    assert is_public(IPv6Address((0x0064_FF9B << 96) | number)) is plain
    assert is_public(IPv6Address((0x2002 << 112) | (number << 80) | 1)) is plain
    assert is_public(IPv6Address((0x2606_4700 << 96) | (0x5EFE << 32) | number)) is plain


def test_the_operators_networks_are_open_at_any_port() -> None:
    allowed = (ip_network("10.1.0.0/16"), ip_network("fd00::/8"))
    assert may_connect("10.1.2.3", 6379, allowed)
    assert may_connect("::ffff:10.1.2.3", 22, allowed)
    assert may_connect("fd00::5", 1, allowed)
    assert is_public(ip_address("64:ff9b::a01:203"), allowed)
    assert not may_connect("10.2.0.1", 443, allowed)
    assert not may_connect("127.0.0.1", 443, allowed)


@pytest.mark.parametrize("port", [80, 443, 1024, 8080, 8443, 3000, 65_535])
def test_ports_of_web_servers_are_open(port: int) -> None:
    assert may_connect("8.8.8.8", port)


@pytest.mark.parametrize(
    "port", [0, 21, 22, 25, 53, 1023, 1433, 2375, 3306, 5432, 6379, 9200, 11_211, 27_017, 65_536]
)
def test_ports_of_other_services_are_closed(port: int) -> None:
    assert not may_connect("8.8.8.8", port)


@pytest.mark.parametrize("address", ["", "example.com", "127.1", "0x7f.0.0.1", "1.2.3.4.5"])
def test_what_is_no_address_is_closed(address: str) -> None:
    assert not may_connect(address, 443)


REFUSED_FORMS = [
    "",
    "news.example.com/feed",
    "//news.example.com/feed",
    "file:///etc/passwd",
    "gopher://news.example.com/",
    "ftp://news.example.com/",
    "javascript:alert(1)",
    "http:127.0.0.1",
    "http:///127.0.0.1",
    "http://",
    "http://:80/",
    "http://good@127.0.0.1/",
    "http://good:word@news.example.com/",
    "http://@news.example.com/",
    "http://news.example.com\\@127.0.0.1/",
    "http://news.example.com\t/",
    "http://news.\nexample.com/",
    "\0http://news.example.com/",
    " http://news.example.com/",
    "http://news.example.com/a b",
    "http://news.example.com/\u202e",
    "http://news.example.com:80:80/",
    "http://news.example.com:0/",
    "http://news.example.com:65536/",
    "http://news.example.com:x/",
    "http://[::1/",
    "http://news.example.com/\ud800",
    "http://news.example.com/" + "a" * 2048,
]


@pytest.mark.parametrize("url", REFUSED_FORMS)
def test_addresses_that_parsers_could_read_in_two_ways_are_refused(url: str) -> None:
    assert fetchable(url) == ""


@pytest.mark.parametrize(
    ("url", "fetched"),
    [
        ("HTTP://News.Example.com", "http://news.example.com/"),
        ("https://news.example.com:443/a?b=c#d", "https://news.example.com/a?b=c"),
        ("https://bücher.example/ü?q=ü", "https://xn--bcher-kva.example/%C3%BC?q=%C3%BC"),
        ("https://news.example.com/a%2Fb?c=%26", "https://news.example.com/a%2Fb?c=%26"),
        ("http://127.0.0.1#@news.example.com/", "http://127.0.0.1/"),
        ("http://１２７.0.0.1/", "http://127.0.0.1/"),
        ("http://rss-bridge:3000/?action=display", "http://rss-bridge:3000/?action=display"),
    ],
)
def test_an_address_is_normalised_once(url: str, fetched: str) -> None:
    assert fetchable(url).rstrip("/") == fetched.rstrip("/")
    assert fetchable(fetchable(url)) == fetchable(url)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST.",
        "news.localhost",
        "router",
        "2130706433",
        "metadata.google.internal",
        "printer.local",
        "nas.home.arpa",
        "wiki.corp",
        "0",
    ],
)
def test_names_of_the_house_are_private(host: str) -> None:
    assert is_private_name(host)


@pytest.mark.parametrize(
    "host", ["example.com", "127.0.0.1", "::1", "fe80::1%eth0", "localhost.example.com", "local.com"]
)
def test_names_of_the_internet_and_plain_addresses_are_not_private_names(host: str) -> None:
    assert not is_private_name(host)
