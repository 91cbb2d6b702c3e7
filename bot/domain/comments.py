"""What readers say of a story: which comments appear at once, which wait for the editors, and how a text is tamed.

    held -> shown      an editor approved it
    held -> refused    an editor did not: nobody but its author has ever seen it
    shown -> hidden    an editor took it away: its place stays, with the reason
    hidden, refused -> shown    an editor agreed with the author's objection

A comment that its author deletes is gone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import regex

from bot.domain.cleaning import inert, plain
from bot.domain.message import units
from bot.domain.pen_names import folded

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

LONGEST: Final = 500
"""UTF-16 units of a comment."""
PAGE: Final = 5
"""Comments on one page: as many as number buttons have room in a row, and a message even where all are the longest."""
PATIENCE: Final = timedelta(minutes=10)
"""How long the next words are taken for the comment that was asked for."""
EXPLAINED: Final = timedelta(hours=1)
"""How long after that words which come too late are told so; later they are a search as ever."""
NEWCOMER: Final = timedelta(days=1)
"""Who joined less than this ago is new."""
BREATH: Final = timedelta(minutes=10)
IN_A_BREATH: Final = 5
"""Comments of one reader in `BREATH` that appear at once; more is too fast."""
REPEATING: Final = timedelta(days=1)
"""How long the same words of one reader are a repetition."""
LATELY: Final = timedelta(days=30)
REJECTIONS: Final = 3
"""Comments taken away in `LATELY` from which on all others of the reader wait, if they are half of what was judged."""
WAITING: Final = 5
"""Comments of one reader that may wait for the editors; nobody fills their desk."""
TOGETHER: Final = timedelta(hours=1)
"""An author hears of answers at most once in this time; what comes meanwhile comes together."""

REASONS: Final = ("advert", "insult", "subject", "private", "other")
"""Why readers report a comment and editors take one away."""
MUTES: Final = (1, 7, 30)
"""Days for which an editor can mute somebody."""


class State(StrEnum):
    """Where a comment stands."""

    SHOWN = "shown"
    HELD = "held"
    HIDDEN = "hidden"
    REFUSED = "refused"


class Hold(StrEnum):
    """Why a comment waits for the editors."""

    NEWCOMER = "newcomer"
    LINK = "link"
    WORD = "word"
    FAST = "fast"
    REPEATED = "repeated"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as one reader sees it.

    Attributes:
        thread_id: the comment that the talk began with; it may be gone.
        name: its author's.
        whom: who is answered, where that is not the talk's first comment.
        text: as it was written; only views tame it.
        why: a `Hold` while it is held, one of `REASONS` where it was taken away.
        votes: how many readers find it well said; `voted` says whether this one does.
        rootless: whether the talk's first comment is gone.
        objected: whether its author has objected to what the editors did.
    """

    id: int
    story_id: int
    thread_id: int
    author_id: int
    name: str
    whom: str
    text: str
    state: str
    why: str
    posted_at: datetime
    votes: int = 0
    voted: bool = False
    rootless: bool = False
    objected: bool = False

    @property
    def is_answer(self) -> bool:
        """Whether it answers another comment."""
        return self.id != self.thread_id


@dataclass(frozen=True, slots=True)
class Talk:
    """A page of what readers say of a story.

    Attributes:
        number: how many comments everybody can read.
        page: which page this is, from 0, of how many `pages`.
    """

    story_id: int
    title: str
    number: int
    page: int
    pages: int
    comments: tuple[Comment, ...]


@dataclass(frozen=True, slots=True)
class Prompt:
    """What somebody who wants to write is asked for.

    Attributes:
        kind: `choose` a way to a name, a `name`, or the `comment` itself.
        answered: the comment that is answered; None for a talk of its own.
        name: the one the comment will stand under; the one on offer where it is to be chosen, empty for none.
        words: the comment, where it was written before the name was chosen; empty for none.
    """

    kind: str
    story_id: int
    answered: Comment | None
    name: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """A comment that has just been written.

    Attributes:
        number: how many comments on the story everybody can read now.
        hears: whether its author hears of answers.
    """

    comment: Comment
    number: int
    hears: bool


@dataclass(frozen=True, slots=True)
class TooLate:
    """Words that came when the time for them was over: nothing was posted."""

    story_id: int


@dataclass(frozen=True, slots=True)
class Case:
    """A comment on the editors' desk.

    Attributes:
        title: of the story.
        reports: how many readers gave each reason.
        shown: how many other comments of its author can be read; `away`: how many were taken away.
        muted_until: until when its author can write nothing; `banned`: whether that is for good.
    """

    comment: Comment
    title: str
    reports: dict[str, int] = field(default_factory=dict)
    shown: int = 0
    away: int = 0
    muted_until: datetime | None = None
    banned: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """What counts when somebody writes.

    Attributes:
        joined_at: when the reader came.
        approved: comments of the reader that are shown.
        recent: how many were posted within `BREATH`.
        words: what the reader wrote within `REPEATING`.
        judged: what the editors decided about the reader's comments in `LATELY`; `rejected` of these took one away.
    """

    joined_at: datetime
    approved: int = 0
    recent: int = 0
    words: tuple[str, ...] = ()
    judged: int = 0
    rejected: int = 0


def hold(text: str, past: Past, listed: Iterable[str], now: datetime, *, watched: bool) -> Hold | None:
    """Why a comment waits for the editors; None where it appears at once.

    Args:
        text: what was written.
        past: who wrote it.
        listed: words and phrases with which a comment waits.
        now: the time.
        watched: whether editors look after newcomers; without any of them nobody waits, nor does one of them.
    """
    if has_link(text):
        return Hold.LINK
    if _has_listed(text, listed):
        return Hold.WORD
    if past.recent >= IN_A_BREATH:
        return Hold.FAST
    if essence(text) in {essence(earlier) for earlier in past.words}:
        return Hold.REPEATED
    if past.rejected >= REJECTIONS and past.rejected * 2 >= past.judged:
        return Hold.REJECTED
    if watched and not past.approved and now - past.joined_at < NEWCOMER:
        return Hold.NEWCOMER
    return None


_LINK: Final = regex.compile(
    r"""
    \b [a-z][a-z0-9+.-]{1,15} :// \S                                # a scheme
    | (?<! [\p{L}\p{N}_.] ) (?: [\p{L}\p{N}] [\p{L}\p{N}_-]{0,62} [.．。｡] ){1,6}+ (?: \p{L}{2,24} | xn--[a-z0-9-]+ ) (?! \w ) # a host
    | (?<! [\p{L}\p{N}_] ) @ [a-z0-9_]{3,32}                                  # a name in Telegram
    """,
    regex.VERBOSE | regex.IGNORECASE,
)


def has_link(text: str) -> bool:
    """Whether words would lead out of the chat: an address, a host's name, somebody's name in Telegram."""
    return _LINK.search(plain(text)) is not None


def _has_listed(text: str, listed: Iterable[str]) -> bool:
    said = f" {' '.join(_folded_words(text))} "
    phrases = (" ".join(_folded_words(phrase)) for phrase in listed)
    return any(f" {phrase} " in said for phrase in phrases if phrase)


def _folded_words(text: str) -> list[str]:
    return [folded(word) for word in regex.findall(r"[\p{L}\p{N}\p{M}]+", plain(text))]


def essence(text: str) -> str:
    """What two texts have in common that say the same: no case, no look-alikes, no punctuation."""
    return folded(text) or plain(text)


def length(text: str) -> int:
    """How long a comment is: UTF-16 units of what can be seen; 0 where nothing can."""
    return units(plain(text))


_LIVE: Final = regex.compile(
    r"(?<= \S ) [.．。｡] (?= \w ) | : (?= // ) | (?<! [\p{L}\p{N}_] ) [#$] (?= \w )", regex.VERBOSE
)


def tame(text: str) -> str:
    """`text` with nothing in it that a client turns into a link: no address, command, name, hashtag.

    A word joiner, which nobody sees, stands where Telegram looks for the next letter of an address (TDLib, find_urls:
    general punctuation ends a host's name).
    """
    return inert(_LIVE.sub("\\g<0>\u2060", text))
