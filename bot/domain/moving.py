"""The code with which a reader moves to another account: what it looks like, and what is kept of it."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import Final

ALPHABET: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Letters and figures that nobody takes for another."""
LENGTH: Final = 12
"""Twelve of 31 signs are 59 bits."""
VALID_FOR: Final = timedelta(hours=1)
TRIES: Final = 5
"""Wrong codes that one account may try in `VALID_FOR`."""
WRITTEN: Final = re.compile(r"^\s*(?:[A-HJKMNP-Z2-9]{4}-){2}[A-HJKMNP-Z2-9]{4}\s*$")
"""A message that is nothing but a code, written as it is shown; whatever else looks like one is searched for."""


def written(letters: str) -> str:
    """The letters of a code in groups of four."""
    return "-".join(letters[start : start + 4] for start in range(0, LENGTH, 4))


def fingerprint(code: str) -> str:
    """What is kept of a code, however it is written: a hash, from which 59 bits are not found out within an hour."""
    letters = re.sub(r"[^A-Z0-9]", "", code.upper())
    return hashlib.sha256(letters.encode()).hexdigest()
