"""Addresses: safe to link, the same for the same page, and readable for people."""

from __future__ import annotations

import unicodedata
from ipaddress import AddressValueError, IPv4Address
from typing import Final
from urllib.parse import quote, urljoin, urlsplit

import regex

LONGEST: Final = 2048
"""Characters in an address; longer ones are refused by common servers and by Telegram's clients."""

_FORBIDDEN: Final = regex.compile(r"[\x00-\x1F\x7F-\x9F\\\p{Z}--[ ]]", regex.VERSION1)
"""Never in an address: parsers drop or turn them in different ways, and a link then leads elsewhere than it says."""
_LABEL: Final = regex.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_LETTERS: Final = regex.compile(r"[\p{L}\p{M}\p{N}-]+")
_PATH: Final = "/%:@!$&'()*+,;=~"
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def safe_url(raw: str, base: str = "") -> str:
    """`raw` as an address that a message may link to.

    Only absolute http and https addresses pass, at most 2,048 characters long, without user name, password, control
    characters or a port 0, and with a host that Telegram's own check takes: a name with a dot or an IPv4 address in
    its usual form. (A bad address in a button makes the whole message fail, TDLib's LinkManager and ReplyMarkup.)
    Spaces and foreign letters are percent-encoded, foreign host names become punycode.

    Args:
        raw: the address as found, perhaps relative.
        base: the address of the document it was found in.

    Returns:
        The address, or "" when it cannot be linked. A result given back in comes out unchanged.
    """
    try:
        return _safe(raw.strip(), base)
    except (ValueError, UnicodeError):
        return ""


def _safe(raw: str, base: str) -> str:
    if not raw or len(raw) > LONGEST or _FORBIDDEN.search(raw):
        return ""
    if base and not _FORBIDDEN.search(base):
        raw = urljoin(base.strip(), raw)
    parts = urlsplit(raw)
    if parts.scheme not in _DEFAULT_PORTS or "@" in parts.netloc:
        return ""
    host, port = _ascii_host(parts.hostname or ""), parts.port
    if not host or port == 0 or parts.netloc.endswith(":"):
        return ""
    place = host if port in {None, _DEFAULT_PORTS[parts.scheme]} else f"{host}:{port}"
    query = f"?{quote(parts.query, safe=_PATH + '?[]|')}" if parts.query else ""
    fragment = f"#{quote(parts.fragment, safe=_PATH + '?[]|')}" if parts.fragment else ""
    url = f"{parts.scheme}://{place}{quote(parts.path, safe=_PATH)}{query}{fragment}"
    return url if len(url) <= LONGEST else ""


def _ascii_host(host: str) -> str:
    """The host in punycode; empty where it is no name with a dot and no IPv4 address of four decimal numbers.

    Names are mapped as UTS 46 does without its transitional rules, as browsers do (ß stays ß), by NFKC of the
    lower case: enough for names that exist, and always the same.
    """
    if not host.isascii():
        # The normal form of a capital may hold capitals again, hence twice.
        host = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", host.lower()).lower())
    labels = [_ascii_label(label) for label in host.replace("。", ".").removesuffix(".").split(".")]
    name = ".".join(labels)
    if len(labels) < 2 or len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return ""
    # A last label that begins with a digit belongs to an IPv4 address in one of its many spellings (WHATWG URL).
    return name if not labels[-1][0].isdigit() or _is_ipv4(name) else ""


def _ascii_label(label: str) -> str:
    if label.isascii():
        return label
    if not _LETTERS.fullmatch(label):
        return ""
    return "xn--" + label.encode("punycode").decode("ascii")


def _is_ipv4(name: str) -> bool:
    try:
        IPv4Address(name)
    except AddressValueError:
        return False
    return True


_SAME_SITE: Final = ("www.", "m.", "amp.", "mobile.")
_TRACKING_PREFIXES: Final = (
    "utm_",
    "at_",  # BBC, France 24
    "ns_",  # comScore
    "mtm_",
    "pk_",
    "hsa_",
    "oly_",
    "vero_",
    "wt_",
    "_hs",
    "__twitter",
)
_TRACKING: Final = frozenset(
    """
    fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid ymclid ysclid twclid ttclid igshid igsh
    li_fat_id epik mc_cid mc_eid mkt_tok _ga _gl _openstat ref_src ref_url refsrc cmpid cmp icid ncid
    ocid smid smtyp sref s_cid sc_cid xtor xtref echobox soc_src soc_trk intcmp int_cmp ito guccounter
    guce_referrer guce_referrer_sig dicbo spm wtmc wickedid rss rss_id from_rss feed_id ftag sr_share
    traffic_source campaign_id amp outputtype
    """.split()
)
_ESCAPE: Final = regex.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def canonical_url(url: str) -> str:
    """What an article's address has in common with its other spellings; for comparing, not for fetching.

    https, the host without `www.`, `m.`, `amp.` and `mobile.`, no default port, no fragment, no tracking parameters,
    the other parameters sorted, no slash and no `/amp` at the end, escapes in one spelling.

    Returns:
        The address, or "" where `safe_url` finds none. A result given back in comes out unchanged.
    """
    parts = urlsplit(safe_url(url))
    if not parts.netloc:
        return ""
    host, _, port = parts.netloc.partition(":")
    place = _without_prefix(host) + (f":{port}" if port and port not in {"80", "443"} else "")
    path = _one_spelling(parts.path).rstrip("/")
    while path.endswith("/amp"):
        path = path.removesuffix("/amp").rstrip("/")
    kept = sorted(field for field in _one_spelling(parts.query).split("&") if field and not _tracks(field))
    return f"https://{place}{path}" + (f"?{'&'.join(kept)}" if kept else "")


def _without_prefix(host: str) -> str:
    for prefix in _SAME_SITE:
        rest = host.removeprefix(prefix)
        if rest != host and "." in rest and not rest[-1].isdigit():
            return _without_prefix(rest)
    return host


def _one_spelling(text: str) -> str:
    def spelled(escape: regex.Match[str]) -> str:
        character = chr(int(escape[1], 16))
        return character if character in _UNRESERVED else escape[0].upper()

    return _ESCAPE.sub(spelled, text)


def _tracks(field: str) -> bool:
    name = field.partition("=")[0].lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)


_SCRIPTS: Final = tuple(
    (name, regex.compile(rf"[{letters}\p{{Inherited}}0-9-]+"))
    for name, letters in (
        ("Latin", r"\p{Latin}"),
        ("Cyrillic", r"\p{Cyrillic}"),
        ("Greek", r"\p{Greek}"),
        ("Armenian", r"\p{Armenian}"),
        ("Georgian", r"\p{Georgian}"),
        ("Hebrew", r"\p{Hebrew}"),
        ("Arabic", r"\p{Arabic}"),
        ("Devanagari", r"\p{Devanagari}"),
        ("Bengali", r"\p{Bengali}"),
        ("Tamil", r"\p{Tamil}"),
        ("Thai", r"\p{Thai}"),
        ("CJK", r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Bopomofo}ー"),
    )
)


def host_of(url: str) -> str:
    """The name of an address's site as people know it: without `www.`, foreign letters decoded where that is safe.

    Punycode is decoded only if the whole name is of one script, or of Chinese, Japanese or Korean labels beside
    Latin ones: a Cyrillic name under `.com` may be made to look like a Latin one.

    Returns:
        The name, or "" where `safe_url` finds no address.
    """
    host = urlsplit(safe_url(url)).hostname or ""
    short = host.removeprefix("www.")
    name = short if "." in short else host
    decoded = [_decoded(label) for label in name.split(".")]
    scripts = {_script(label) for label in decoded if not label.isdigit()}
    return ".".join(decoded) if len(scripts) <= 1 or scripts == {"Latin", "CJK"} else name


def _decoded(label: str) -> str:
    """The label in its own letters; as it stands where it does not decode to letters that encode to it again."""
    if not label.startswith("xn--"):
        return label
    try:
        letters = label.removeprefix("xn--").encode("ascii").decode("punycode")
    except UnicodeError:
        return label
    same = unicodedata.normalize("NFKC", letters.lower()) == letters
    return letters if same and not letters.isascii() and _ascii_label(letters) == label else label


def _script(label: str) -> str:
    """The one script of a label; a different answer for each label that mixes several or has a rare one."""
    return next((name for name, letters in _SCRIPTS if letters.fullmatch(label)), label)
