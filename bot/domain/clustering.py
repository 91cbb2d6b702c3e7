"""Which articles tell one story.

For now exact duplicates only: the same page, or the same headline within three days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.domain.identity import fingerprint, folded_title, page_address

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

TITLE_WINDOW: Final = timedelta(days=3)
"""How long a headline stands for one story; later it may be next week's column of the same name."""
TELLING_WORDS: Final = 4
"""Words from which on a headline is taken to name one event ("Morning briefing" names none)."""
_DENSE_LETTERS: Final = 12
"""Letters that do as much in scripts without spaces."""


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key that an earlier article left.

    Attributes:
        story_id: the story it belongs to; None where that has left the archive.
        seen_at: when it was left.
    """

    key: str
    story_id: int | None
    seen_at: datetime


def story_keys(title: str, url: str) -> tuple[str, ...]:
    """The keys by which articles of any feed are found to tell the same story.

    Args:
        title: the headline.
        url: the article's own page; empty where it has none, or shares it with other articles of its feed.
    """
    address = page_address(url)
    keys = ["u:" + fingerprint(address)] if address else []
    folded = folded_title(title)
    dense = not folded.isascii() and len(folded.replace(" ", "")) >= _DENSE_LETTERS and folded.count(" ") < 2
    if folded.count(" ") + 1 >= TELLING_WORDS or dense:
        keys.append("t:" + fingerprint(folded))
    return tuple(keys)


def match(keys: tuple[str, ...], known: Iterable[KnownKey], now: datetime) -> KnownKey | None:
    """The earlier article's key that makes an article with `keys` part of the same story; None for a new story."""
    fitting = [
        one
        for one in known
        if one.key in keys and (one.key.startswith("u:") or now - one.seen_at <= TITLE_WINDOW)
    ]
    # A story that is still kept is better than the trace of one that is gone; then the latest.
    return max(fitting, key=lambda one: (one.story_id is not None, one.seen_at), default=None)
