"""Readers: how they come, what they choose, how they go and come back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from bot.domain.buttons import token
from bot.domain.cleaning import plain
from bot.domain.news import DESKS, Offer, Reader, desk_order
from bot.domain.places import PLACES, guess
from bot.domain.reading import PAGE_UNITS
from bot.domain.schedule import local_day, next_due
from bot.storage import feeds, inbox, lists, outbox, readers
from bot.texts.catalogue import LANGUAGES, words

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.schedule import Clock
    from bot.storage.database import Connection, Database

FIRST_LOOK_BACK: Final = timedelta(hours=24)
"""What a first digest covers, and the first after a pause: a day, and never a backlog."""
PRESET_DESKS: Final = ("World", "Science")


class Readers:
    """Everything about one reader's choices.

    Args:
        db: the database.
        clock: the time.
        default_language: for readers whose app does not tell a language that we have.
        default_zone: for readers who have not chosen a place.
    """

    def __init__(self, db: Database, clock: Clock, default_language: str, default_zone: str) -> None:
        self._db = db
        self._clock = clock
        self._default_language = default_language
        self._default_zone = default_zone

    async def get(self, chat_id: int) -> Reader | None:
        """The reader of a private chat; None for somebody new."""
        return await self._db.read(readers.get, chat_id)

    async def meet(self, update_id: int, chat_id: int, first_name: str, app_language: str) -> Reader:
        """Somebody says /start: a new reader gets good defaults, a known one is as before and active again."""
        return await self._db.write(self._meet, update_id, chat_id, first_name, app_language)

    def _meet(
        self, connection: Connection, update_id: int, chat_id: int, first_name: str, app_language: str
    ) -> Reader:
        now = self._clock()
        is_first = inbox.apply(connection, update_id, now)
        known = readers.get(connection, chat_id)
        if known is None:
            return readers.add(connection, self._stranger(connection, chat_id, first_name, app_language, now))
        if not is_first:
            return known
        return self._revive(connection, known, now, first_name=plain(first_name, 64))

    def _stranger(
        self, connection: Connection, chat_id: int, first_name: str, app_language: str, now: datetime
    ) -> Reader:
        code = app_language.split("-", maxsplit=1)[0].lower() or self._default_language
        offer = _offer(connection)
        return Reader(
            chat_id,
            first_name=plain(first_name, 64),
            language=words(code).language,
            zone=guess(code, self._default_zone),
            languages=tuple(one for one in dict.fromkeys((code, "en")) if one in offer.languages),
            desks=tuple(one for one in PRESET_DESKS if one in offer.desks),
            digest_minute=None,
            few="wait",
            page="short",
            state="active",
            step="languages",
            joined_at=now,
            seen_at=now,
            covered_until=now - FIRST_LOOK_BACK,
            opened_story_id=None,
        )

    def _revive(self, connection: Connection, reader: Reader, now: datetime, **values: str) -> Reader:
        """An active reader, who is owed no more than a day of what came meanwhile."""
        since = reader.covered_until
        if reader.state != "active":
            since = max(since, now - FIRST_LOOK_BACK)
        changed = readers.change(
            connection, reader.chat_id, state="active", seen_at=now, covered_until=since, **values
        )
        assert changed is not None  # noqa: S101 - the reader was read in this transaction
        replan(connection, changed, now)
        return changed

    async def heard(self, chat_id: int) -> Reader | None:
        """The reader of a private chat from which something came: whoever writes has not blocked the bot."""
        reader = await self.get(chat_id)
        if reader is None or reader.state != "blocked":
            return reader

        def write(connection: Connection) -> Reader | None:
            found = readers.get(connection, chat_id)
            return self._revive(connection, found, self._clock()) if found else None

        return await self._db.write(write)

    async def offer(self) -> Offer:
        """What can be chosen now."""
        return await self._db.read(_offer)

    async def due_at(self, chat_id: int) -> datetime | None:
        """When the reader's next digest is due."""
        return await self._db.read(readers.due_at, chat_id)

    async def toggle(
        self, update_id: int, chat_id: int, field: str, value: str, *, on: bool
    ) -> Reader | None:
        """Tick or untick a language or a desk, which `value` is the token of."""
        return await self._db.write(self._toggle, update_id, chat_id, field, value, on)

    def _toggle(
        self,
        connection: Connection,
        update_id: int,
        chat_id: int,
        field: str,
        value: str,
        on: bool,  # noqa: FBT001 - passed on
    ) -> Reader | None:
        reader = readers.get(connection, chat_id)
        if reader is None or not inbox.apply(connection, update_id, self._clock()):
            return reader
        offer = _offer(connection)
        order = list(offer.languages if field == "languages" else offer.desks)
        chosen = set(reader.languages if field == "languages" else reader.desks)
        named = {name for name in (*order, *chosen) if token(name) == value}
        chosen = chosen | (named & set(order)) if on else chosen - named
        ordered = tuple(sorted(chosen, key=lambda one: order.index(one) if one in order else len(order)))
        return readers.change(connection, chat_id, **{field: ordered})

    async def step(self, update_id: int, chat_id: int, step: str) -> Reader | None:
        """Note where the first conversation stands; one that is done stays done."""

        def write(connection: Connection) -> Reader | None:
            reader = readers.get(connection, chat_id)
            if (
                reader is None
                or reader.step == "done"
                or not inbox.apply(connection, update_id, self._clock())
            ):
                return reader
            return readers.change(connection, chat_id, step=step)

        return await self._db.write(write)

    async def choose(self, update_id: int, chat_id: int, field: str, value: str) -> Reader | None:
        """Set one thing: `zone`, `hour` (minutes or `none`), `few`, `page`, `language` or `state`.

        `first` is the `hour` that ends the first conversation.

        A value that is not on offer changes nothing. The next digest is planned anew.
        """
        return await self._db.write(self._choose, update_id, chat_id, field, value)

    def _choose(
        self, connection: Connection, update_id: int, chat_id: int, field: str, value: str
    ) -> Reader | None:
        now = self._clock()
        reader = readers.get(connection, chat_id)
        if reader is None or not inbox.apply(connection, update_id, now):
            return reader
        if field == "state" and value == "active":
            return self._revive(connection, reader, now)
        chosen = _chosen(reader, field, value)
        if not chosen:
            return reader
        replan(connection, replace(reader, **chosen), now)
        if chosen.get("state") == "stopped":
            outbox.drop_for(connection, chat_id, now, "the reader stopped everything")
        return readers.change(connection, chat_id, **chosen)

    async def blocked(self, update_id: int, chat_id: int, *, blocked: bool) -> None:
        """The reader blocked the bot, or let it in again; nothing that was chosen is lost."""

        def write(connection: Connection) -> None:
            now = self._clock()
            reader = readers.get(connection, chat_id)
            if reader is None or not inbox.apply(connection, update_id, now):
                return
            if blocked:
                suspend(connection, chat_id, now, "the reader blocked the bot")
            elif reader.state == "blocked":
                self._revive(connection, reader, now)

        await self._db.write(write)

    async def lost(self, chat_id: int, reason: str) -> None:
        """Telegram says that the chat cannot be written to; nothing that was chosen is lost."""

        def write(connection: Connection) -> None:
            suspend(connection, chat_id, self._clock(), reason)

        await self._db.write(write)


def suspend(connection: Connection, chat_id: int, now: datetime, reason: str) -> None:
    """Stop writing to a chat that cannot be written to; its reader's settings stay, and who had stopped has stopped."""
    reader = readers.get(connection, chat_id)
    if reader is not None and reader.state == "active":
        readers.change(connection, chat_id, state="blocked")
    readers.plan(connection, chat_id, None)
    outbox.drop_for(connection, chat_id, now, reason)


def replan(connection: Connection, reader: Reader, now: datetime) -> None:
    """Plan the reader's next digest: not twice on one local day, and none for who wants none."""
    if reader.state != "active" or reader.step != "done" or reader.digest_minute is None:
        readers.plan(connection, reader.chat_id, None)
        return
    zone = ZoneInfo(reader.zone)
    due = next_due(now, reader.digest_minute, zone)
    while lists.has_edition(connection, reader.chat_id, local_day(due, zone)):
        due = next_due(due, reader.digest_minute, zone)
    readers.plan(connection, reader.chat_id, due)


def _chosen(reader: Reader, field: str, value: str) -> dict[str, Any]:
    """The fields that a choice sets; none where the value is not on offer."""
    match field:
        case "zone" if value in PLACES:
            return {"zone": value} if reader.step == "done" else {"zone": value, "step": "hour"}
        case "hour" | "first" if value == "none":
            return {"digest_minute": None, "step": "done"}
        case "hour" | "first" if value.isdecimal() and int(value) < 24 * 60:
            return {"digest_minute": int(value), "step": "done"}
        case "few" if value in {"wait", "send"}:
            return {"few": value}
        case "page" if value in PAGE_UNITS:
            return {"page": value}
        case "language" if value in LANGUAGES:
            return {"language": value}
        case "state" if value == "stopped":
            return {"state": value}
        case _:
            return {}


def _offer(connection: Connection) -> Offer:
    pairs = feeds.living(connection)
    languages = sorted({language for language, _ in pairs if language})
    desks = sorted({desk for _, desk in pairs if desk}, key=desk_order)
    known = [desk for desk in desks if desk in DESKS]
    return Offer(tuple(languages), tuple((*known, *(desk for desk in desks if desk not in DESKS))[:16]))
