"""What is wrong with a feed, in plain words for the operator."""

from __future__ import annotations

from typing import Any

from bot.domain import message as m
from bot.texts.catalogue import FALLBACK, words


def plainly(trouble: dict[str, Any]) -> str:
    """The sentence of a kept failure; the program's own words where its key is not known (any more)."""
    catalogue = words(FALLBACK)
    key = str(trouble.get("key", ""))
    if not catalogue.has(key):
        return key or "unknown trouble"
    values = {
        name: value if isinstance(value, int) else str(value)
        for name, value in trouble.items()
        if name != "key"
    }
    try:
        return m.fill(catalogue.template(key), **values).plain
    except KeyError:
        return key
