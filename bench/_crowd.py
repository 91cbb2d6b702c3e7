"""Readers of every kind for a broadcast, written into a database at once; most get it, some must not."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bench.digest_rush import add_news
from bot.domain.news import Reader
from bot.storage import migrate
from bot.storage.database import engine
from bot.storage.tables import readers, told

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

STORY: Final = 1
"""The story that is sent; it is in English."""
SHARES: Final = {
    "plain": 66,
    "quiet": 5,
    "quiet at night": 5,
    "blocked": 2,
    "wants nothing": 6,
    "reads another language": 10,
    "had it": 4,
    "paused": 2,
}
"""Kinds of readers, in a hundred."""
GET_IT: Final = frozenset({"plain", "quiet", "quiet at night", "blocked"})
"""Who is owed the broadcast."""
ZONES: Final = ("UTC", "Europe/Berlin", "Asia/Kolkata", "America/New_York")
VOICES: Final = ("en", "ru", "uk", "de", "es", "fr", "ar", "zh")
HALF_A_DAY: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Crowd:
    """The readers.

    Attributes:
        kinds: of each chat.
        asking: chats of readers who ask for the news meanwhile; they want nothing from the editors.
        editor: who sends it.
    """

    kinds: dict[int, str]
    asking: list[int]
    editor: int

    def of(self, kind: str) -> list[int]:
        """The chats of a kind."""
        return [chat for chat, one in self.kinds.items() if one == kind]


def draw(chats: Sequence[int], asking: list[int], editor: int, seed: int) -> Crowd:
    """Decide who is of which kind."""
    kinds = random.Random(seed).choices(list(SHARES), list(SHARES.values()), k=len(chats))
    return Crowd(dict(zip(chats, kinds, strict=True)), asking, editor)


def write(path: Path, crowd: Crowd, now: datetime, quiet_until: datetime) -> None:
    """Make a database with a day's news and these readers.

    Args:
        path: the file.
        crowd: who reads.
        now: the time.
        quiet_until: when the quiet hours of those end who have them now; a whole minute.
    """
    migrate.migrate(path)
    others = [*crowd.asking, crowd.editor]
    rows = [
        _row(chat, kind, number, now, quiet_until) for number, (chat, kind) in enumerate(crowd.kinds.items())
    ]
    rows += [_row(chat, "wants nothing", 0, now, quiet_until) for chat in others]
    made = engine(path)
    with made.begin() as connection:
        add_news(connection, 400, now)
        connection.execute(sa.insert(readers), rows)
        had = [
            {"chat_id": chat, "story_id": STORY, "how": "opened", "at": now - timedelta(hours=1)}
            for chat in crowd.of("had it")
        ]
        connection.execute(sa.insert(told), had)
    made.dispose()


def _row(chat: int, kind: str, number: int, now: datetime, quiet_until: datetime) -> dict[str, Any]:
    """A reader as the table has it; the interface's language and the place differ from reader to reader."""
    zone = ZONES[number % len(ZONES)]
    one = Reader(
        chat, "Reader", VOICES[number // len(ZONES) % len(VOICES)], zone, ("en",), (), (), "send", "short",
        "active", "done", now, now, now - timedelta(days=1), None,
    )  # fmt: skip
    match kind:
        case "quiet":
            one = replace(one, quiet=_hours(quiet_until - HALF_A_DAY, quiet_until, zone))
        case "quiet at night":
            one = replace(one, quiet=_hours(quiet_until + HALF_A_DAY / 2, quiet_until + HALF_A_DAY, zone))
        case "wants nothing":
            one = replace(one, editors=False, language="en")
        case "reads another language":
            one = replace(one, languages=("ru",))
        case "paused":
            one = replace(one, state="paused", away_since=now)
    return asdict(one)


def _hours(begin: datetime, end: datetime, zone: str) -> tuple[int, int]:
    """Quiet hours as their reader's clock shows them."""
    first, last = (moment.astimezone(ZoneInfo(zone)) for moment in (begin, end))
    return first.hour * 60 + first.minute, last.hour * 60 + last.minute
