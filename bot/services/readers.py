"""Readers: how they come, what they choose, how they go and come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.domain.buttons import token
from bot.domain.choices import chosen, ticked_hours
from bot.domain.cleaning import plain
from bot.domain.news import DESKS, Offer, Reader, desk_order
from bot.domain.places import guess
from bot.services.presence import FIRST_LOOK_BACK, change, come_back, leave, suspend
from bot.storage import feeds, inbox, readers
from bot.texts.catalogue import LANGUAGES, words

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.schedule import Clock
    from bot.storage.database import Connection, Database

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

    async def meet(
        self, update_id: int, chat_id: int, first_name: str, app_language: str, *, by_link: bool = False
    ) -> Reader:
        """Somebody says /start: a new reader gets good defaults, a known one is as before and active again.

        One who comes `by_link` wants what it leads to, and a stop or a pause goes on.
        """
        return await self._db.write(self._meet, update_id, chat_id, first_name, app_language, by_link=by_link)

    def _meet(
        self,
        connection: Connection,
        update_id: int,
        chat_id: int,
        first_name: str,
        app_language: str,
        *,
        by_link: bool,
    ) -> Reader:
        now = self._clock()
        is_first = inbox.apply(connection, update_id, now)
        known = readers.get(connection, chat_id)
        if known is None:
            return readers.add(connection, self._stranger(connection, chat_id, first_name, app_language, now))
        if not is_first:
            return known
        if by_link and known.state in {"stopped", "paused"}:
            return change(connection, known, now, seen_at=now)
        return come_back(connection, known, now, first_name=plain(first_name, 64))

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
            digest_minutes=(),
            few="wait",
            page="short",
            state="active",
            step="languages",
            joined_at=now,
            seen_at=now,
            covered_until=now - FIRST_LOOK_BACK,
            opened_story_id=None,
        )

    async def heard(self, chat_id: int) -> Reader | None:
        """The reader of a private chat from which something came: whoever writes has not blocked the bot."""
        reader = await self.get(chat_id)
        if reader is None or reader.state != "blocked":
            return reader

        def write(connection: Connection) -> Reader | None:
            found = readers.get(connection, chat_id)
            return come_back(connection, found, self._clock()) if found else None

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
        """Tick or untick a language or a desk, which `value` is the token of, or an hour of the digest."""
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
        now = self._clock()
        if reader is None or not inbox.apply(connection, update_id, now):
            return reader
        if field == "hours":
            minutes = ticked_hours(reader, value, on=on)
            return change(connection, reader, now, digest_minutes=minutes, step="done")
        offer = _offer(connection)
        order = list(offer.languages if field == "languages" else offer.desks)
        wanted = set(reader.languages if field == "languages" else reader.desks)
        named = {name for name in (*order, *wanted) if token(name) == value}
        wanted = wanted | (named & set(order)) if on else wanted - named
        ordered = tuple(sorted(wanted, key=lambda one: order.index(one) if one in order else len(order)))
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
        """Set one thing, as `bot.domain.choices.chosen` says; or `language`, or `state`.

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
            return come_back(connection, reader, now)
        if field == "language":
            return change(connection, reader, now, language=value) if value in LANGUAGES else reader
        values = chosen(reader, field, value, now)
        if "state" in values:
            return leave(connection, reader, now, "the reader wants nothing for now", **values)
        return change(connection, reader, now, **values) if values else reader

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
                come_back(connection, reader, now)

        await self._db.write(write)

    async def lost(self, chat_id: int, reason: str) -> None:
        """Telegram says that the chat cannot be written to; nothing that was chosen is lost."""

        def write(connection: Connection) -> None:
            suspend(connection, chat_id, self._clock(), reason)

        await self._db.write(write)


def _offer(connection: Connection) -> Offer:
    pairs = feeds.living(connection)
    languages = sorted({language for language, _ in pairs if language})
    desks = sorted({desk for _, desk in pairs if desk}, key=desk_order)
    known = [desk for desk in desks if desk in DESKS]
    return Offer(tuple(languages), (*known, *(desk for desk in desks if desk not in DESKS)))
