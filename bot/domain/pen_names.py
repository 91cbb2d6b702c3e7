"""The names under which readers write: seen by strangers, so that nobody may wear another's or the newsroom's."""

from __future__ import annotations

import unicodedata
from itertools import count
from typing import TYPE_CHECKING, Final

import regex

from bot.domain.cleaning import plain
from bot.domain.message import units

if TYPE_CHECKING:
    from collections.abc import Collection

LONGEST: Final = 24
"""UTF-16 units of a name."""
SHORTEST: Final = 2
"""Letters or digits of a name."""

_LIKE: Final = str.maketrans(
    "аеорсухівмнкткьѕјԁɡԛԝαεοριυνχκτβμηγıłøđ0134578|",
    "aeopcyxibmhktkbsjdgqwaeopiuvxktbmnyilodoieastbi",
)
"""Letters of other scripts, and digits, that look like a Latin letter (Unicode Technical Standard 39, the common ones)."""
_NOT_LETTERS: Final = regex.compile(r"[^\p{L}\p{N}]+")
_ODD: Final = regex.compile(
    r"""
    [/@:#<>\\|] | \p{L}[.．。｡]\p{L}                                # a command, a mention, an address
    | \p{Latin} [\p{L}\p{N}\p{M}]* [\p{Cyrillic}\p{Greek}]         # a word of two scripts, to look like another's
    | [\p{Cyrillic}\p{Greek}] [\p{L}\p{N}\p{M}]* \p{Latin}
    """,
    regex.VERBOSE,
)
"""What no name needs, and what would be more than a name."""

_OFFICES: Final = (
    *("editor", "moderator", "admin", "newsroom", "support", "official", "telegram", "deleted"),
    *("редактор", "редакция", "редакции", "модератор", "админ", "поддержка", "телеграм", "служба", "удалено"),
)
"""Words of a name that would speak for the newsroom."""


def folded(text: str) -> str:
    """What look-alikes have in common: no case, no accents, no spaces, and one letter for those that look the same."""
    parts = unicodedata.normalize("NFKD", plain(text).casefold())
    bare = "".join(letter for letter in parts if not unicodedata.combining(letter))
    # Once more: compatibility forms may have been capital letters, and some letters fold into several.
    return _NOT_LETTERS.sub("", bare.casefold().translate(_LIKE))


def trouble(name: str, newsroom: str) -> str:
    """What is wrong with a name, as the key of its sentence; empty where nothing is.

    Args:
        name: as it was written.
        newsroom: what the newsroom is called, which nobody else may be.
    """
    shown, bare = plain(name), folded(name)
    if units(shown) > LONGEST:
        return "talk.name_long"
    if len(bare) < SHORTEST or _ODD.search(shown):
        return "talk.name_odd"
    ours = (*_OFFICES, newsroom)
    if any(office in bare for office in map(folded, ours) if office):
        return "talk.name_ours"
    return ""


def free(name: str, taken: Collection[str]) -> str:
    """The name, with a number behind it where somebody has it: `taken` are folded names."""
    shown = plain(name)
    if folded(shown) not in taken:
        return shown
    for number in count(2):
        numbered = f"{plain(shown, LONGEST - 1 - len(str(number)))} {number}"
        if folded(numbered) not in taken:
            return numbered
    raise AssertionError  # pragma: no cover - numbers do not end
