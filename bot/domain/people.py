"""Who runs the newsroom: owners, editors and moderators, and what each may do."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from datetime import datetime

INVITED_FOR: Final = timedelta(days=2)
"""How long an invitation is good."""
CLAIM: Final = "claim_"
"""What the payload of a start link with a code begins with."""
CODE_BYTES: Final = 16
"""128 bits: nobody guesses a code."""


class Role(StrEnum):
    """What somebody is in the newsroom."""

    OWNER = "owner"
    EDITOR = "editor"
    MODERATOR = "moderator"


class Right(StrEnum):
    """What somebody may do at the desk."""

    DESK = "desk"
    NUMBERS = "numbers"
    FEEDS = "feeds"
    STORIES = "stories"
    BROADCAST = "broadcast"
    COMMENTS = "comments"
    LOG = "log"
    PEOPLE = "people"


_RIGHTS: Final = {
    Role.OWNER: frozenset(Right),
    Role.EDITOR: frozenset(Right) - {Right.PEOPLE},
    Role.MODERATOR: frozenset({Right.DESK, Right.COMMENTS}),
}


def may(role: Role | None, right: Right) -> bool:
    """Whether a role has a right; nobody in particular has none."""
    return role is not None and right in _RIGHTS[role]


def fingerprint(code: str) -> str:
    """What is kept of an invitation's code."""
    return hashlib.sha256(code.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who runs the newsroom."""

    user_id: int
    role: Role
    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that was done at the desk: `what` is a text key's end, `about` its values."""

    at: datetime
    user_id: int
    name: str
    what: str
    about: dict[str, Any]
