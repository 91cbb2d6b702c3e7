"""From what an item of a feed says to an article: the part that all formats share. Pure."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from bot.domain.articles import Entry
from bot.domain.cleaning import plain
from bot.domain.links import safe_url
from bot.feeds.endings import looks_complete, without_ending
from bot.feeds.html import all_blocks, blocks_of, image_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.domain.articles import Block

MOST_ENTRIES: Final = 500
_LONGEST_TITLE: Final = 500
_LONGEST_TEASER: Final = 1000
_LONGEST_AUTHOR: Final = 120
_LONGEST_CATEGORY: Final = 60
_MOST_CATEGORIES: Final = 10
_LONGEST_GUID: Final = 1024

_EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
_LATEST: Final = timedelta(days=1)
_LANGUAGE: Final = re.compile(r"([a-zA-Z]{2})(?:[-_].*)?", re.DOTALL)
_MISNAMED: Final = {"cn": "zh", "cz": "cs", "iw": "he", "jp": "ja", "kr": "ko", "ua": "uk"}
"""Country codes that stand where a language should, and one code that was renamed."""
_EMAIL: Final = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Told:
    """One item as its feed tells it: nothing is cleaned, and texts may be HTML.

    Attributes:
        urls: addresses of its page, the best first.
        images: addresses of its picture, the best first.
        published: when it appeared, if that could be read at all.
    """

    guid: str = ""
    urls: tuple[str, ...] = ()
    title: str = ""
    summary: str = ""
    content: str = ""
    author: str = ""
    published: datetime | None = None
    categories: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    language: str = ""


def entries_of(told: Sequence[Told], base: str, now: datetime) -> tuple[Entry, ...]:
    """The newest 500 items as articles, in the feed's order; items that say nothing at all fall away.

    Args:
        told: all items of one feed.
        base: the address that relative links are meant to begin with.
        now: the time; dates more than a day after it are not believed.
    """
    entries = (_entry(item, base, now) for item in _newest(told, now))
    return tuple(entry for entry in entries if entry.title or entry.url or entry.teaser)


def _newest(told: Sequence[Told], now: datetime) -> Iterable[Told]:
    """Undated items count as old as the last: a feed names the newest first."""
    if len(told) <= MOST_ENTRIES:
        return told
    ages = [now - (credible(item.published, now) or _EARLIEST) for item in told]
    newest = sorted(range(len(told)), key=lambda place: (ages[place], place))[:MOST_ENTRIES]
    return [told[place] for place in sorted(newest)]


def _entry(item: Told, base: str, now: datetime) -> Entry:
    markup = max(item.content, item.summary, key=len)
    text = all_blocks(markup)
    blocks = without_ending(text)
    told_short = blocks if item.summary == markup else blocks_of(item.summary, 2 * _LONGEST_TEASER)
    teaser = _line(told_short or blocks)
    return Entry(
        guid=_guid(item.guid),
        url=_first_safe(item.urls, base),
        title=text_of(item.title, _LONGEST_TITLE),
        teaser=teaser,
        blocks=blocks if sum(len(block.text) for block in blocks) > len(teaser) else (),
        complete=looks_complete(text),
        author=_name(item.author),
        published=credible(item.published, now),
        categories=_categories(item.categories),
        image=_first_safe(item.images, base) or image_of(markup, base),
        language=language_code(item.language),
    )


def _line(blocks: Sequence[Block]) -> str:
    return plain(" ".join(block.text for block in blocks), _LONGEST_TEASER)


def _guid(guid: str) -> str:
    """The id cleaned of what cannot be seen; a very long one by its hash."""
    shown = plain(guid)
    return shown if len(shown) <= _LONGEST_GUID else hashlib.sha256(shown.encode()).hexdigest()


def _first_safe(urls: Iterable[str], base: str) -> str:
    return next((safe for url in urls if (safe := safe_url(url, base))), "")


def _name(author: str) -> str:
    """The name without an e-mail address beside it; an address alone names nobody."""
    return plain(_EMAIL.sub(" ", text_of(author)), _LONGEST_AUTHOR).strip(" ()<>[],;:")


def _categories(categories: Iterable[str]) -> tuple[str, ...]:
    cleaned = (text_of(category, _LONGEST_CATEGORY) for category in categories)
    kept = dict.fromkeys(name for name in cleaned if name and not name.startswith(("http://", "https://")))
    return tuple(kept)[:_MOST_CATEGORIES]


def credible(at: datetime | None, now: datetime) -> datetime | None:
    """`at` if it is neither before 1990 nor more than a day ahead: such dates pin an item on top for ever."""
    return at if at is not None and _EARLIEST <= at <= now + _LATEST else None


def language_code(code: str) -> str:
    """The two letters of a language code such as `en-GB`; "" for anything else."""
    match = _LANGUAGE.fullmatch(code.strip())
    letters = match[1].lower() if match else ""
    return _MISNAMED.get(letters, letters)
