"""What one look at a feed means: a single decision for success, "not modified" and failure alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from bot.domain import rhythm
from bot.domain.clustering import story_keys
from bot.domain.identity import ADDRESS, GUID, article_keys, content_hash, folded_title, page_address

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.domain.articles import Entry, FeedDocument
    from bot.domain.news import Feed
    from bot.domain.rhythm import Pace

MOST_CHANGES: Final = 24
"""An article that changes for ever (pages that print the time) is left alone after so many changes."""
FALLBACK_AFTER: Final = 3
"""Failures after which an address that a feed moved to is given up for the one it was added under."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What counts as news.

    Attributes:
        old: an article published longer ago than this when first seen is archive, not news.
        old_at_first: the same for the first look at a feed, when all its articles are unseen.
        flood: at most so many articles of one look are news; the others are archive.
        flood_at_first: the same for the first look.
    """

    pace: Pace
    old: timedelta = timedelta(days=3)
    old_at_first: timedelta = timedelta(hours=24)
    flood: int = 30
    flood_at_first: int = 10


@dataclass(frozen=True, slots=True)
class FeedLook:
    """What one look at a feed brought.

    Attributes:
        document: what the feed said; None when it is unchanged or when the look failed.
        unchanged: the server said so, or the body is the same as last time.
        moved_to: a permanent new address, where the server named one.
        fresh_for: seconds that the server says its answer is good for.
        trouble: why it failed, as a text key and values; None when it did not.
        gone: the server said that the feed will not come back (410).
        retry_after: seconds that the server asked to be left alone.
    """

    document: FeedDocument | None = None
    unchanged: bool = False
    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    moved_to: str = ""
    fresh_for: float | None = None
    trouble: dict[str, Any] | None = None
    gone: bool = False
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """An article that a key of its feed stands for.

    Attributes:
        id: None where only the key is left.
        news_since: when it was first seen, where it was news then; None where it was archive.
    """

    id: int | None
    content_hash: str = ""
    changes: int = 0
    title: str = ""
    news_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewArticle:
    """An article to add. `backlog` marks archive: it can be found and listed, but is nobody's news."""

    entry: Entry
    keys: tuple[str, ...]
    story_keys: tuple[str, ...]
    content_hash: str
    shown_at: datetime
    backlog: bool


@dataclass(frozen=True, slots=True)
class ChangedArticle:
    """An article to write anew."""

    id: int
    entry: Entry
    keys: tuple[str, ...]
    content_hash: str


@dataclass(frozen=True, slots=True)
class FeedUpdate:
    """All that is to be written after one look; the fields from `etag` on are the feed's new values."""

    feed_id: int
    at: datetime
    new: tuple[NewArticle, ...]
    changed: tuple[ChangedArticle, ...]
    etag: str
    last_modified: str
    body_hash: str
    moved_to: str
    title: str
    site: str
    language: str
    state: str
    succeeded_at: datetime | None
    newest_at: datetime | None
    gap: float | None
    failures: int
    trouble: dict[str, Any] | None
    next_check_at: datetime


def document_keys(look: FeedLook) -> list[tuple[str, ...]]:
    """The keys of each entry of what was read; empty where nothing was."""
    return article_keys(look.document.entries) if look.document else []


def recognised(entry: Entry, keys: tuple[str, ...], known: Mapping[str, KnownArticle]) -> KnownArticle | None:
    """The article that an entry tells again; None for one that the feed has not told yet.

    One that is still kept goes before one of which only a key is left.

    Args:
        entry: what the feed says now.
        keys: the entry's own.
        known: the articles behind those of the keys that the feed has already.
    """
    found = sorted((known[key] for key in keys if key in known), key=lambda article: article.id is None)
    return None if not found or _stands_in_its_place(entry, keys, known, found[0]) else found[0]


def _stands_in_its_place(
    entry: Entry, keys: tuple[str, ...], known: Mapping[str, KnownArticle], article: KnownArticle
) -> bool:
    """Whether an entry is another article at the address of one that is kept, as the cartoon of the day is.

    Its id and its headline are both new. An id that is the address itself with a counter behind a # is none of its
    own: some feeds count up there whenever they rewrite an article.
    """
    own_id = keys[0].startswith(GUID) and page_address(entry.guid) != page_address(entry.url)
    retitled = folded_title(article.title) != folded_title(entry.title)
    return own_id and keys[0] not in known and article.id is not None and retitled


def decide(
    feed: Feed,
    look: FeedLook,
    known: Mapping[str, KnownArticle],
    now: datetime,
    policy: Policy,
    chance: float,
) -> FeedUpdate:
    """Decide what a look at `feed` means.

    Args:
        feed: the feed as it was before.
        look: what the look brought.
        known: the articles behind those of the document's keys that the feed has already.
        now: the time of the look.
        policy: what counts as news, and the operator's pace.
        chance: a random number from 0 to 1.
    """
    if look.trouble is not None:
        return _failed(feed, look, now, policy, chance)
    document = look.document
    new, changed = _articles(feed, look, known, now, policy)
    times = [e.published for e in document.entries if e.published] if document else []
    gap = rhythm.mean_gap(times) if document else feed.gap
    newest_at = max((article.shown_at for article in new), default=feed.newest_at)
    if feed.newest_at and newest_at:
        newest_at = max(newest_at, feed.newest_at)
    asked = [look.fresh_for, document.ttl if document else None]
    wait = rhythm.after_success(
        policy.pace, silence=now - newest_at if newest_at else None, gap=gap, asked=asked, chance=chance
    )
    return FeedUpdate(
        feed.id,
        now,
        new=new,
        changed=changed,
        etag=look.etag,
        last_modified=look.last_modified,
        body_hash=look.body_hash or feed.body_hash,
        moved_to=look.moved_to or feed.moved_to,
        title=feed.title or (document.title if document else ""),
        site=feed.site or (document.site if document else ""),
        language=feed.language or (document.language if document else ""),
        state="active",
        succeeded_at=now,
        newest_at=newest_at,
        gap=gap,
        failures=0,
        trouble=None,
        next_check_at=now + wait,
    )


def _failed(feed: Feed, look: FeedLook, now: datetime, policy: Policy, chance: float) -> FeedUpdate:
    failures = feed.failures + 1
    fallen_back = failures >= FALLBACK_AFTER and feed.moved_to
    wait = rhythm.after_failure(policy.pace, failures=failures, retry_after=look.retry_after, chance=chance)
    return FeedUpdate(
        feed.id,
        now,
        new=(),
        changed=(),
        etag="" if fallen_back else feed.etag,
        last_modified="" if fallen_back else feed.last_modified,
        body_hash=feed.body_hash,
        moved_to="" if fallen_back else feed.moved_to,
        title=feed.title,
        site=feed.site,
        language=feed.language,
        state="gone" if look.gone and not feed.moved_to else feed.state,
        succeeded_at=feed.succeeded_at,
        newest_at=feed.newest_at,
        gap=feed.gap,
        failures=failures,
        trouble=look.trouble,
        next_check_at=now + wait,
    )


def _articles(
    feed: Feed, look: FeedLook, known: Mapping[str, KnownArticle], now: datetime, policy: Policy
) -> tuple[tuple[NewArticle, ...], tuple[ChangedArticle, ...]]:
    new: list[NewArticle] = []
    changed: list[ChangedArticle] = []
    taken: set[str] = set()
    entries = look.document.entries if look.document else ()
    first = feed.succeeded_at is None
    most = policy.flood_at_first if first else policy.flood
    for entry, keys in zip(entries, document_keys(look), strict=True):
        if not keys or not (entry.title or entry.teaser) or taken.intersection(keys):
            continue
        taken.update(keys)
        told = content_hash(entry)
        found = recognised(entry, keys, known)
        if found is None:
            shown = min(entry.published, now) if entry.published else now
            old = policy.old_at_first if first else policy.old
            backlog = now - shown > old or (first and entry.published is None)
            own_page = entry.url if any(key.startswith(ADDRESS) and key not in known for key in keys) else ""
            new.append(NewArticle(entry, keys, story_keys(entry.title, own_page), told, shown, backlog))
            continue
        if _of_a_broken_look(feed, found):
            most -= 1
        if found.id is not None and found.content_hash != told and found.changes < MOST_CHANGES:
            changed.append(ChangedArticle(found.id, entry, keys, told))
    return tuple(_without_flood(new, max(most, 0))), tuple(changed)


def _of_a_broken_look(feed: Feed, found: KnownArticle) -> bool:
    """Whether a known article became news since the last look that was written down whole."""
    return found.news_since is not None and (
        feed.succeeded_at is None or found.news_since > feed.succeeded_at
    )


def _without_flood(new: list[NewArticle], most: int) -> list[NewArticle]:
    """The newest `most` stay news; a feed that lets out hundreds at once has no hundred news."""
    news = sorted((article for article in new if not article.backlog), key=lambda article: article.shown_at)
    archive = {id(article) for article in news[: len(news) - most]}
    return [
        NewArticle(
            a.entry, a.keys, a.story_keys, a.content_hash, a.shown_at, backlog=a.backlog or id(a) in archive
        )
        for a in new
    ]
