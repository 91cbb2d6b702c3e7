"""Feeds and stories as the newsroom keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.articles import Block

DESKS: Final = ("World", "Politics", "Business", "Science", "Technology", "Health", "Culture", "Sport")
"""The desks that have names in every language, in the order in which a paper prints them; others follow by name."""


def desk_order(desk: str) -> tuple[int, str]:
    """A sort key that puts the known desks first, in the paper's order."""
    return (DESKS.index(desk) if desk in DESKS else len(DESKS), desk)


TEXTS: Final = ("full", "teaser", "link")
"""How much of a feed's stories readers may see here: all of it, the teaser, or nothing but the headline."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A feed as an operator or a list of feeds names it."""

    url: str
    title: str = ""
    desk: str = ""
    language: str = ""
    country: str = ""
    site: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as it is kept.

    Attributes:
        url: the address it was added under; its identity.
        moved_to: where it has permanently moved to, and is fetched from; empty for nowhere.
        state: `active`, or `gone` (the site said so), or `removed` (the operator did), or `idle` (a private one that
            nobody follows any more).
        gap: seconds between two of its articles, on average; None while unknown.
        trouble: why the last fetch failed, as a text key and values; None where it did not.
        private: a reader added it: its address and its stories are for those who follow it.
        texts: how much of its stories readers may see here: `full`, `teaser` or `link`.
        advice: what the feed doctor found for it; see `bot.domain.doctor.Advice`.
    """

    id: int
    url: str
    title: str
    desk: str
    language: str
    country: str
    site: str
    state: str
    etag: str
    last_modified: str
    body_hash: str
    moved_to: str
    added_at: datetime
    fetched_at: datetime | None
    succeeded_at: datetime | None
    newest_at: datetime | None
    gap: float | None
    failures: int
    trouble: dict[str, Any] | None
    next_check_at: datetime
    private: bool = False
    texts: str = "full"
    advice: dict[str, Any] | None = None

    @property
    def address(self) -> str:
        """Where it is fetched from."""
        return self.moved_to or self.url


@dataclass(frozen=True, slots=True)
class StoryLine:
    """A story as a list shows it.

    Attributes:
        url: the page of its first article; empty for none.
        source: the feed that told it first.
        first_seen_at: when we learned of it; what is new goes by this.
        shown_at: the date to show: when it was published or first seen, whichever is earlier.
        sources: how many feeds tell it.
        headline: the editors' own, which then is the title; empty for none.
    """

    id: int
    title: str
    url: str
    source: str
    desk: str
    language: str
    teaser: str
    first_seen_at: datetime
    shown_at: datetime
    sources: int
    headline: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """One private chat and what its reader has chosen.

    Attributes:
        language: the interface's language.
        zone: an IANA name; only names are kept, since a bare offset loses the summer-time rule.
        languages: what the reader reads; desks: what the reader wants to read about.
        digest_minutes: the hours of the digest, as minutes after local midnight; none for no digest.
        few: `wait` or `send`: what to do when fewer than three stories are new.
        page: `short`, `long` or `whole`: how much of a text one message shows.
        state: `active`, `paused` or `stopped` (by the reader), or `blocked` (the bot cannot write).
        step: where the first conversation stands: `languages`, `desks`, `place`, `hour`, or `done`.
        covered_until: stories first seen up to then are no news for the next digest.
        opened_story_id: what a command without a number means.
        days: on which days digests come: `daily`, `weekends`, or one weekday by its number, Monday being `0`.
        stories: `few` or `usual`: how many stories a digest has at most.
        sound: whether pushes make a sound.
        quiet: from which minute after local midnight to which they make none; None for never.
        away_since: since when the reader gets nothing, whatever the reason; None for one who is active.
        paused_until: when a pause ends; None for one that only its reader ends, and for a reader who is not paused.
        missed: how many digests were planned while the reader was away, since the last one that was made.
        editors: whether the reader wants what editors send to many.
    """

    chat_id: int
    first_name: str
    language: str
    zone: str
    languages: tuple[str, ...]
    desks: tuple[str, ...]
    digest_minutes: tuple[int, ...]
    few: str
    page: str
    state: str
    step: str
    joined_at: datetime
    seen_at: datetime
    covered_until: datetime
    opened_story_id: int | None
    days: str = "daily"
    stories: str = "usual"
    sound: bool = True
    quiet: tuple[int, int] | None = None
    away_since: datetime | None = None
    paused_until: datetime | None = None
    missed: int = 0
    editors: bool = True


@dataclass(frozen=True, slots=True)
class Offer:
    """What a reader can choose from: the languages and desks that some living feed has."""

    languages: tuple[str, ...]
    desks: tuple[str, ...]


ONLY_THERE: Final = "story.only_there"
"""Why there is no text where editors have chosen that a paper's texts are read on its own page."""
PASSING: Final = frozenset({"source.unreachable", "source.too_slow", "source.busy", "source.unwell"})
"""Failures to read a page that half an hour may mend, by their text keys."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One article of a story, and what we have of its text.

    Attributes:
        image: the address of its picture; empty for none.
        origin: `feed` or `page`, where `blocks` came from; empty where there is no text.
        trouble: why there is no text, as a text key and values; None where none was tried or it worked.
        try_again_at: when the page may be asked again; None for never.
    """

    article_id: int
    url: str
    title: str
    source: str
    author: str
    teaser: str
    image: str
    language: str
    shown_at: datetime
    blocks: tuple[Block, ...] = ()
    origin: str = ""
    trouble: dict[str, Any] | None = None
    try_again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What was listed to a chat, as it was shown.

    Attributes:
        kind: `latest`, `search`, `saved`, `first`, `digest` or `rest`.
        about: what it was made from (a query, a desk, a digest's own lines).
        message_id: the message that shows it; None until it is known.
        story_ids: the stories by position; None where one has left the archive.
    """

    id: int
    chat_id: int
    kind: str
    about: dict[str, Any]
    made_at: datetime
    message_id: int | None
    story_ids: tuple[int | None, ...]
