"""The playground as its users see it: one object to mount, to act on, to look into and to wait for."""

from __future__ import annotations

import asyncio
import secrets
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from bot.errors import DatabaseDamaged, SettingsError
from bot.playground.bell import Bell
from bot.playground.calls import Call, CallLog, call_of
from bot.playground.events import Events
from bot.playground.exchange import Exchange
from bot.playground.faults import Faults
from bot.playground.flood import Flood
from bot.playground.journal import Journal, read_journal
from bot.playground.page_api import PageApi
from bot.playground.people import CAST
from bot.playground.polling import Polling
from bot.playground.server import BotApi
from bot.playground.state import State
from bot.playground.visitors import Visitors

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from aiohttp import web

    from bot.playground.people import Person
    from bot.playground.state import Message, Record

Found = TypeVar("Found")

PAGE: Final = Path(__file__).parent / "page"
KEEP_CALLS: Final = 10_000
BOT_ID: Final = 1_000_000_001
"""The bot's id, which stays the same whatever its token is: the chats are with this bot."""


def new_token() -> str:
    """A token that nobody else can know; a page in the operator's browser could call the Bot API with a known one."""
    return f"{BOT_ID}:{secrets.token_urlsafe(24)}"


class Playground(Visitors):
    """A Bot API server of one bot, with people who talk to it.

    Args:
        token: the token that the bot must use; the digits before the colon are the bot's id.
        clock: the time, aware and in UTC.
        journal: the file that keeps everything over a restart; None to forget.
        page: the folder of the chat page's files.
        bot_name: the bot's first name until it sets another.
        username: the bot's username.
        flood: whether Telegram's brakes are on, for sending and for polling.
        keep_messages: messages kept in each chat; None for all.
        keep_calls: calls kept in the log; None for all.
        record_calls: whether the journal holds the calls too, for `read_calls` in another process.
        hosts: names besides this machine's own under which the page may be opened.
        people: who is there from the start.

    Attributes:
        faults: what shall go wrong.
        calls: what the bot asked for.

    Raises:
        SettingsError: the token is none.
        DatabaseDamaged: the journal cannot be read.
    """

    def __init__(  # noqa: PLR0913 - every test sets one or two of them by name
        self,
        *,
        token: str,
        clock: Callable[[], datetime],
        journal: Path | None = None,
        page: Path | None = None,
        bot_name: str = "Newsroom",
        username: str = "paperboy_playground_bot",
        flood: bool = True,
        keep_messages: int | None = None,
        keep_calls: int | None = KEEP_CALLS,
        record_calls: bool = False,
        hosts: Collection[str] = (),
        people: Collection[Person] = CAST,
    ) -> None:
        number, colon, secret = token.partition(":")
        if not (number.isascii() and number.isdecimal() and colon and secret):
            raise SettingsError("The playground needs a bot token such as 123456:playground.")
        bot = {"id": int(number), "is_bot": True, "first_name": bot_name, "username": username}
        exchange = Exchange(bot, State(keep_messages), clock, Flood() if flood else None)
        super().__init__(exchange)
        self.faults = Faults()
        self.calls = CallLog(keep_calls)
        self._record_calls = record_calls
        self._journal = self._open(journal) if journal else None
        self._bell = Bell()
        self._events = Events(exchange.unix())
        self._polling = Polling(exchange, self._bell, brakes=flood)
        for person in people:
            if person.id not in exchange.state.people:
                self.add_person(person)
        exchange.watch(self._on_change)
        self._api = BotApi(token, exchange, self._polling, self.faults, self._note)
        self._page = PageApi(page or PAGE, exchange, self, self._events, self.callback_answer, hosts)

    def routes(self) -> list[web.AbstractRouteDef]:
        """All routes, to be mounted into one application."""
        return [*self._api.routes(), *self._page.routes()]

    async def close(self) -> None:
        """End polls, streams and held answers, and give the journal back; before the server is stopped."""
        self.faults.clear()
        self._polling.close()
        self._events.close()
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    @property
    def bot(self) -> dict[str, Any]:
        """The bot's User object."""
        return self._exchange.bot

    @property
    def waiting_updates(self) -> int:
        """How many updates the bot has not confirmed."""
        return self._polling.waiting_updates()

    def messages(self, person_id: int) -> list[Message]:
        """All messages of a chat that are still there, the oldest first."""
        return list(self._exchange.state.chats.get(person_id, {}).values())

    def last(self, person_id: int) -> Message:
        """The newest message that the bot sent to this person.

        Raises:
            LookupError: there is none.
        """
        own = [message for message in self.messages(person_id) if self._exchange.is_from_bot(message)]
        return own[-1]

    async def wait_for(self, predicate: Callable[[], Found], timeout: float = 10) -> Found:  # noqa: ASYNC109 - a test says how long
        """Wait until something is true.

        Args:
            predicate: looked at after every change; one that finds nothing yet may raise LookupError.
            timeout: seconds to wait.

        Returns:
            What the predicate gave, the first time it was true in a boolean sense.

        Raises:
            TimeoutError: it did not become true in time.
        """
        async with asyncio.timeout(timeout):
            while True:
                try:
                    if found := predicate():
                        return found
                except LookupError:
                    pass
                await self._bell.wait()

    async def callback_answer(self, callback_id: str, timeout: float = 10) -> dict[str, Any] | None:  # noqa: ASYNC109 - as above
        """The bot's answer to a press: text, show_alert and url; None where none comes in time."""
        callbacks = self._exchange.state.callbacks
        try:
            return await self.wait_for(lambda: callbacks[callback_id].answer, timeout)
        except TimeoutError:
            return None

    def _open(self, path: Path) -> Journal:
        """Read what a journal holds, and write it anew without what is of no use any more."""
        try:
            for record in read_journal(path):
                if record["kind"] == "call":
                    self.calls.add(call_of(record))
                else:
                    self._exchange.state.apply(record)
        except (KeyError, TypeError, ValueError) as error:
            raise DatabaseDamaged(
                f"{path} holds a record that the playground cannot use: {error!r}."
            ) from None
        calls = (call.as_record() for call in self.calls) if self._record_calls else ()
        journal = Journal(path, chain(self._exchange.state.records(), calls))
        self._exchange.write_to(journal)
        return journal

    def _note(self, call: Call) -> None:
        self.calls.add(call)
        if self._record_calls:
            self._exchange.note(call.as_record())
        self._bell.ring()

    def _on_change(self, record: Record) -> None:
        kind = record["kind"]
        if kind == "message":
            self._events.publish("message", {"person": record["chat"], "message": record["message"]})
        elif kind == "deleted":
            shown = {"person": record["chat"], "message_ids": record["message_ids"]}
            self._events.publish("deleted", shown)
        elif kind == "typing":
            self._events.publish("typing", {"person": record["chat"]})
        elif kind == "commands":
            self._events.publish("commands", {})
        elif kind in {"person", "profile"}:
            self._events.publish("state", {})
        self._bell.ring()
