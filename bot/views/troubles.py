"""What is wrong with a feed, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.domain import message as m
from bot.texts.catalogue import FALLBACK, words

if TYPE_CHECKING:
    from bot.texts.catalogue import Words


def plainly(trouble: dict[str, Any], catalogue: Words | None = None) -> str:
    """The sentence of a kept failure; the program's own words where its key is not known (any more).

    The operator's commands and logs speak English; to a chat belongs the `catalogue` of its language.
    """
    catalogue = catalogue or words(FALLBACK)
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
