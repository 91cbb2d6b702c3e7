"""What every handler has at hand: the reader, the voice, and the ways to answer."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar
from zoneinfo import ZoneInfo

from telegram import InlineKeyboardMarkup, Update
from telegram.ext import CallbackContext, ExtBot

from bot.domain.delivery import Outcome
from bot.domain.message import Button, Rows
from bot.errors import UserError
from bot.gateway.failures import CallFailed, outcome
from bot.services.pressing import Origin
from bot.views import welcome
from bot.views.story import Home
from bot.views.voice import Voice

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from datetime import datetime

    from telegram.ext import Application

    from bot.domain.message import Document, Message, Text
    from bot.domain.news import Reader
    from bot.gateway.sender import Sender
    from bot.services.newsroom import Newsroom


T = TypeVar("T")

SIGN_AFTER: Final = 1.0
"""Seconds of work after which the chat shows that something is being done."""
SIGN_AGAIN: Final = 4.0
"""The sign goes out by itself after five seconds (Bot API, sendChatAction)."""


@dataclass(slots=True)
class Work:
    """The update being worked on, and what became of it.

    Attributes:
        received_at: when it came.
        outcome: one line for the inbox.
        waiting: the message that says what is waited for; the answer takes its place.
    """

    received_at: datetime
    outcome: str = "ignored"
    waiting: int | None = None


work: ContextVar[Work] = ContextVar("work")


@dataclass(frozen=True, slots=True)
class Rooms:
    """What handlers may reach: the use cases and the way out."""

    newsroom: Newsroom
    sender: Sender


class Context(CallbackContext[ExtBot[None], dict[Any, Any], dict[Any, Any], dict[Any, Any]]):
    """One update, with its answerer."""

    def __init__(
        self,
        application: Application[Any, Any, Any, Any, Any, Any],
        chat_id: int | None = None,
        user_id: int | None = None,
    ) -> None:
        super().__init__(application, chat_id, user_id)
        self.rooms: Rooms = application.bot_data["rooms"]
        self._update: Update | None = None
        self._reader: Reader | None = None

    @classmethod
    def from_update(cls, update: object, application: Application[Any, Any, Any, Any, Any, Any]) -> Context:
        """The library's constructor, which is called when a handler takes the update; it is remembered."""
        made: Context = super().from_update(update, application)
        work.get().outcome = "answered"
        made._update = update if isinstance(update, Update) else None
        return made

    @property
    def newsroom(self) -> Newsroom:
        """The use cases."""
        return self.rooms.newsroom

    @property
    def event(self) -> Update:
        """The update that this is about."""
        assert self._update is not None  # noqa: S101 - handlers only run on updates
        return self._update

    @property
    def update_id(self) -> int:
        """The id that makes an effect happen once."""
        return self.event.update_id

    @property
    def chat_id(self) -> int:
        """The private chat, which is also its reader."""
        chat = self.event.effective_chat
        assert chat is not None  # noqa: S101 - only updates of private chats are handled
        return chat.id

    @property
    def message_id(self) -> int | None:
        """The message that came, or the one whose button was pressed."""
        message = self.event.effective_message
        return message.message_id if message else None

    @property
    def reply_to(self) -> int | None:
        """The message that was replied to."""
        message = self.event.effective_message
        replied = message.reply_to_message if message and self.event.callback_query is None else None
        return replied.message_id if replied else None

    @property
    def command(self) -> str:
        """The command that was written, without its sign and the bot's name; empty for none."""
        message = self.event.message
        text = (message.text or "") if message else ""
        return text.split(maxsplit=1)[0][1:].partition("@")[0] if text.startswith("/") else ""

    @property
    def words(self) -> str:
        """What was written, or what stands behind the command; nothing for a press."""
        message = self.event.message
        text = (message.text or "") if message else ""
        return (text.split(maxsplit=1)[1:] or [""])[0].strip() if text.startswith("/") else text.strip()

    @property
    def addresses(self) -> list[str]:
        """The web addresses in what was written, also those behind words, as in a forwarded story."""
        message = self.event.message
        found = message.parse_entities(["url", "text_link"]) if message else {}
        links = [entity.url or text for entity, text in found.items()]
        return [link for link in links if link.startswith(("https://", "http://"))]

    @property
    def album(self) -> str:
        """The album that the message is a part of; empty for one of its own."""
        message = self.event.message
        return (message.media_group_id or "") if message else ""

    @property
    def app_language(self) -> str:
        """The language of the reader's app; empty where it does not tell."""
        user = self.event.effective_user
        return (user.language_code or "") if user else ""

    @property
    def home(self) -> Home:
        """Where the stories live."""
        return Home(self.newsroom.name, self.bot.username)

    async def known(self) -> Reader | None:
        """The reader; None for somebody who never said /start."""
        self._reader = await self.newsroom.readers.heard(self.chat_id)
        return self._reader

    async def reader(self) -> Reader:
        """The reader.

        Raises:
            UserError: somebody who never said /start.
        """
        reader = await self.known()
        if reader is None:
            raise UserError("notice.start_first")
        return reader

    def voice(self, reader: Reader | None = None) -> Voice:
        """How to speak to the reader, or to a stranger by the app's language."""
        reader = reader or self._reader
        now = self.newsroom.clock()
        if reader is None:
            language = self.app_language or self.newsroom.default_language
            return Voice(language, ZoneInfo(self.newsroom.default_zone), now)
        return Voice.of(reader, now)

    def origin(self) -> Origin | None:
        """Where a press came from."""
        if self.event.callback_query is None or self.message_id is None:
            return None
        return Origin(self.message_id, work.get().received_at)

    async def once(
        self, reader: Reader, message_id: int, what: str, act: Callable[[], Awaitable[None]]
    ) -> None:
        """Do something, unless the same was asked for a moment ago from this message (0 for none)."""
        lists, origin = self.newsroom.lists, Origin(message_id, work.get().received_at)
        if await lists.pressed_twice(self.update_id, reader, origin, what):
            return
        try:
            await act()
        finally:
            await lists.note_press(self.update_id, reader, origin, what)

    def inviting(self, reader: Reader, message: Message) -> Message:
        """The message, with an invitation below it for who has not finished the first conversation."""
        return message if reader.step == "done" else welcome.invitation(self.voice(reader), message)

    async def send(self, message: Message, *, reply_to: int | None = None) -> int:
        """Answer with a new message, or in the place of one that says what is waited for; returns its id."""
        waiting, work.get().waiting = work.get().waiting, None
        if waiting is not None and await self._edited(waiting, message):
            return waiting
        return await self.rooms.sender.send(self.chat_id, message, reply_to=reply_to)

    async def send_document(self, document: Document, caption: Text) -> int:
        """Answer with a file; returns the id of its message."""
        return await self.rooms.sender.send_document(self.chat_id, document, caption)

    async def send_photo(self, photo: Document, caption: Text) -> int:
        """Answer with a picture; returns the id of its message."""
        return await self.rooms.sender.send_photo(self.chat_id, photo, caption)

    async def with_sign(self, doing: str, work: Coroutine[Any, Any, T]) -> T:
        """The result of some work; while it takes longer than a moment, the chat says what is being done.

        Args:
            doing: the sign, as Telegram names it: `typing`, `upload_photo` and so on (Bot API, sendChatAction).
            work: what may take long.
        """
        task = asyncio.create_task(work)
        try:
            wait = SIGN_AFTER
            while not (await asyncio.wait({task}, timeout=wait))[0]:
                await self.rooms.sender.show_doing(self.chat_id, doing)
                wait = SIGN_AGAIN
            return await task
        finally:
            task.cancel()

    async def change(self, message_id: int, message: Message) -> int:
        """Show a message in the place of one of ours, or anew where that is gone; returns the id of what shows it."""
        return message_id if await self._edited(message_id, message) else await self.send(message)

    async def wait_with(self, message: Message, *, reply_to: int | None = None) -> None:
        """Say what is waited for; the next answer takes the place of this message."""
        work.get().waiting = await self.send(message, reply_to=reply_to)

    async def turn(self, message: Message) -> int:
        """Show a message in the place of the one whose button was pressed; after a command, send it.

        Returns:
            The id of the message that shows it: a new one where the old one is gone.
        """
        if self.event.callback_query is None or self.message_id is None:
            return await self.send(message)
        if await self._edited(self.message_id, message):
            return self.message_id
        return await self.send(message)

    async def _edited(self, message_id: int, message: Message) -> bool:
        """Change a message of ours; False where Telegram says that it cannot be changed (any more)."""
        try:
            await self.rooms.sender.edit(self.chat_id, message_id, message)
        except CallFailed as failure:
            if outcome(failure) is not Outcome.FAILED:
                raise
            return False
        return True

    async def noticed(self) -> None:
        """End the waiting sign on the pressed button."""
        query = self.event.callback_query
        if query is not None:
            await self.rooms.sender.answer_press(query.id)

    def keyboard(self) -> Rows:
        """The buttons under the pressed message, unsigned."""
        message = self.event.effective_message
        markup = message.reply_markup if message else None
        return rows_of(markup) if isinstance(markup, InlineKeyboardMarkup) else ()

    async def relabel(self, rows: Rows) -> None:
        """Change the buttons under the pressed message, if they differ."""
        if self.message_id is not None and rows != self.keyboard():
            await self.rooms.sender.edit_buttons(self.chat_id, self.message_id, rows)


def rows_of(markup: InlineKeyboardMarkup) -> Rows:
    """Telegram's keyboard as ours, without the signatures."""
    return tuple(
        tuple(
            Button(button.text, str(button.callback_data or "").partition("~")[0], button.url or "")
            for button in row
        )
        for row in markup.inline_keyboard
    )
