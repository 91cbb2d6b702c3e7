"""Foreign text made safe to show: nothing invisible, nothing that turns the line round, nothing that overflows.

Telegram removes only a part of this itself (its clean_input_string leaves isolates, zero-width and tag
characters), and it counts a text of nothing but invisible characters as empty.
"""

from __future__ import annotations

import unicodedata
from typing import Final

import regex

from bot.domain.message import units

_JOINING: Final = "".join(
    rf"\p{{Script={script}}}"
    for script in """
    Arabic Syriac Mongolian Nko Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada
    Malayalam Sinhala Khmer Myanmar Tibetan
    """.split()
)
"""Scripts that write with the zero-width joiner and non-joiner (The Unicode Standard, chapters 9, 12, 13, 16)."""

_DROPPED: Final = regex.compile(
    rf"""
    (?: (?<= [{_JOINING}] ) [\u200C\u200D] (?= [{_JOINING}] )     # between letters that join
      | (?<= \u0D4D ) \u200D                                     # an older spelling of Malayalam's bare consonants
      | (?<= \p{{Extended_Pictographic}} [\uFE0F\U0001F3FB-\U0001F3FF]? )
        \u200D (?= \p{{Extended_Pictographic}} )                 # inside an emoji
      | [\u200E\u200F\u061C]                                     # direction marks only tell their neighbours apart
      | [\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2]            # visible, although formally format characters
    )
    | ( [\p{{Cf}}\p{{Cs}}\p{{Co}}\p{{Noncharacter_Code_Point}}]   # isolates, overrides, zero width, tags, soft hyphen
      | [\u034F\u115F\u1160\u17B4\u17B5\u3164\uFFA0\uFFFC]        # fillers and others that show nothing
      | [\x00-\x08\x0E-\x1B\x7F-\x84\x86-\x9F] )                  # controls that are no white space
    """,
    regex.VERBOSE,
)
_LONG_STACK: Final = regex.compile(r"([\p{M}\u200C\u200D]{32})[\p{M}\u200C\u200D]+")
_STACK: Final = regex.compile(r"([\p{M}\u200C\u200D]{5})[\p{M}\u200C\u200D]+")
"""More than five marks on one letter is no script's spelling: Hebrew with accents takes four."""
_VISIBLE: Final = regex.compile(r"[^\p{C}\p{Z}\p{M}\u2800]")
_GRAPHEME: Final = regex.compile(r"\X")
# A mark on a letter is no letter to Telegram (TDLib, is_word_character): what follows it begins anew.
_LIVE: Final = regex.compile(
    r"""
    (?<![\w@./-]) https?:// [\w-]++ (?: \.[\w-]++ ){1,6}+ [/?#:] \S*+ (*SKIP)(*FAIL)      # an address stays as it is
    | (?<![\p{L}\p{N}_/]) / (?= [A-Za-z0-9_] )
    | (?<![\p{L}\p{N}_]) @ (?= [A-Za-z0-9_] )
    """,
    regex.VERBOSE,
)
_ROUNDS: Final = 8
"""Cleaning is repeated until nothing changes; two rounds are the rule, and no text was found that takes four."""


def plain(text: str, limit: int | None = None) -> str:
    """`text` on one line, with everything taken out that a reader cannot see or that plays with the line.

    Control characters, bidi overrides and isolates, zero-width, tag and private characters, soft hyphens and lone
    surrogates go; joiners stay inside emoji and between letters of scripts that need them; marks stacked on one
    letter end at five; white space becomes single spaces; the rest is NFC. Cleaning twice changes nothing.

    Args:
        text: anything at all; this never raises.
        limit: UTF-16 units that the result may take; a longer text ends at a word with an ellipsis.

    Returns:
        Words, or nothing where nothing would be seen.
    """
    for _ in range(_ROUNDS):
        cleaned = _clean(text)
        if cleaned == text:
            break
        text = cleaned
    return text if limit is None else _shortened(text, limit)


def both_ends(text: str, limit: int) -> str:
    """`text`, cleaned; a longer one loses words before its end, by which names that begin alike are told apart.

    Args:
        text: anything at all; this never raises.
        limit: UTF-16 units that the result may take, at least three.
    """
    clean = plain(text)
    if units(clean) <= limit:
        return clean
    head = _whole_graphemes(clean, (limit - 1) * 2 // 3).rstrip()
    room = limit - 1 - units(head)
    tail = ""
    for grapheme in reversed(_GRAPHEME.findall(clean[-2 * limit :])):
        if units(grapheme + tail) > room:
            break
        tail = grapheme + tail
    return f"{head}…{tail.lstrip()}"


def isolated(text: str) -> str:
    """`text`, cleaned, between FSI and PDI, so that its direction cannot spill over (Unicode Standard Annex 9)."""
    return f"\u2068{inert(inside)}\u2069" if (inside := plain(text)) else ""


def inert(text: str) -> str:
    """`text` with its commands and mentions broken by a word joiner, which nobody sees.

    Telegram makes everything that looks like `/stop` or `@name` a link of its own (TDLib, find_entities): a tap on a
    foreign headline must not speak for the reader, nor lead to whoever has that name in Telegram.
    """
    return _LIVE.sub("\\g<0>\u2060", text)


def _clean(text: str) -> str:
    if text.isascii():
        return " ".join(_DROPPED.sub("", text).split())
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    seen = _DROPPED.sub(lambda match: "" if match[1] else match[0], whole)
    # Normalising takes time in the square of a stack's height, so stacks are cut before it, too.
    normal = unicodedata.normalize("NFC", _LONG_STACK.sub(r"\1", seen))
    words = " ".join(_STACK.sub(r"\1", normal).split())
    return words if _VISIBLE.search(words) else ""


def _shortened(text: str, limit: int) -> str:
    if units(text) <= limit:
        return text
    if limit <= 0:
        return ""
    head = _whole_graphemes(text, limit - 1)
    space = head.rfind(" ")
    if space >= len(head) // 2 and text[len(head) : len(head) + 1] != " ":
        head = head[:space]
    return head.rstrip(" ,;:.…–—-\u200c\u200d") + "…"


def _whole_graphemes(text: str, room: int) -> str:
    """The beginning of `text` that fits `room` units and cuts no grapheme, unless the first alone is too large."""
    length = end = 0
    for grapheme in _GRAPHEME.finditer(text[: room + 64]):
        length += units(grapheme.group())
        if length > room:
            break
        end = grapheme.end()
    if end:
        return text[:end]
    return text[:room].encode("utf-16-le")[: 2 * room].decode("utf-16-le", "ignore")
