"""The exchange: every change in the playground, whoever asks for it, happens here and is written down first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bot.playground.state import CALLBACK_LIFE, StoredFile, file_record

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.playground.flood import Flood
    from bot.playground.journal import Journal
    from bot.playground.people import Person
    from bot.playground.state import Message, Record, State, Update

CONTENT: Final = frozenset(
    """
    text entities caption caption_entities show_caption_above_media has_media_spoiler
    photo video animation document audio voice sticker link_preview_options reply_markup
    """.split()
)
"""The fields of a message that an edit replaces."""


class Exchange:
    """What both sides, the bot and the people, can do to the state.

    Args:
        bot: the bot's User object.
        state: what is true.
        clock: the time, aware and in UTC.
        flood: the brakes; None to let everything pass.
    """

    def __init__(
        self, bot: dict[str, Any], state: State, clock: Callable[[], datetime], flood: Flood | None
    ) -> None:
        self.bot = bot
        self.state = state
        self.clock = clock
        self.flood = flood
        self._journal: Journal | None = None
        self._watchers: list[Callable[[Record], None]] = []

    def write_to(self, journal: Journal) -> None:
        """From now on, write every change down."""
        self._journal = journal

    def watch(self, watcher: Callable[[Record], None]) -> None:
        """Tell `watcher` of every change, after it has happened."""
        self._watchers.append(watcher)

    def record(self, kind: str, **fields: Any) -> None:  # noqa: ANN401 - plain JSON values
        """Make one change."""
        record = {"kind": kind, **fields}
        if self._journal is not None:
            self._journal.append(record)
        self.state.apply(record)
        for watcher in self._watchers:
            watcher(record)

    def tell(self, kind: str, **fields: Any) -> None:  # noqa: ANN401 - plain JSON values
        """Tell those who watch of something that passes and leaves nothing behind."""
        for watcher in self._watchers:
            watcher({"kind": kind, **fields})

    def note(self, record: Record) -> None:
        """Write down something that changes nothing."""
        if self._journal is not None:
            self._journal.append(record)

    def unix(self) -> int:
        """The time as the Bot API writes it."""
        return int(self.clock().timestamp())

    def find(self, chat: int, message_id: int) -> Message | None:
        """A message that is still there; None where it is not."""
        return self.state.chats.get(chat, {}).get(message_id)

    def is_from_bot(self, message: Message) -> bool:
        """Whether the bot wrote it."""
        return bool(message["from"]["id"] == self.bot["id"])

    def profile(self, name: str, language: str = "") -> str:
        """What the bot told about itself in a language, else in general, else nothing.

        Args:
            name: `name`, `description` or `short_description`.
            language: a two-letter code; empty for none.
        """
        told = self.state.profile
        default = str(self.bot["first_name"]) if name == "name" else ""
        return told.get((name, language)) or told.get((name, ""), default)

    def post(
        self,
        person: Person,
        content: dict[str, Any],
        *,
        by_bot: bool,
        reply_to: Message | None = None,
    ) -> Message:
        """Put a new message into the chat with `person`."""
        message: Message = {
            "message_id": self.state.last_message + 1,
            "from": self.bot if by_bot else person.as_user(),
            "chat": person.as_chat(),
            "date": self.unix(),
        }
        if reply_to is not None:
            message["reply_to_message"] = {
                name: value for name, value in reply_to.items() if name != "reply_to_message"
            }
        message |= content
        self.record("message", chat=person.id, message=message)
        if not by_bot:
            self.announce("message", message)
        return message

    def revise(self, message: Message, content: dict[str, Any], *, silently: bool = False) -> Message:
        """Replace the content of a message.

        Args:
            message: the message as it is.
            content: all that it shall show; what is not in it falls away.
            silently: without a date of editing, as when a keyboard alone changes.
        """
        revised = {name: value for name, value in message.items() if name not in CONTENT} | content
        if not silently:
            revised["edit_date"] = self.unix()
        self.record("message", chat=message["chat"]["id"], message=revised)
        return revised

    def announce(self, kind: str, payload: dict[str, Any]) -> None:
        """Queue an update for the bot, if it wants that kind."""
        if self.state.allows(kind):
            update: Update = {"update_id": self.state.last_update + 1, kind: payload}
            self.record("update", at=self.clock().timestamp(), update=update)

    def keep_file(
        self,
        name: str,
        content_type: str,
        data: bytes,
        details: dict[str, int] | None = None,
        kind: str = "",
    ) -> StoredFile:
        """Keep an uploaded file; its id holds its kind and its number."""
        kind = kind or ("photo" if details else "document")
        file_id = f"playground-{kind}-{self.state.last_file + 1}"
        stored = StoredFile(file_id, name, content_type, data, details or {})
        self.record(**file_record(stored))
        return stored

    def open_callback(self, callback_id: str) -> bool:
        """Whether a press waits for an answer: it is known, not answered, and not too old."""
        callback = self.state.callbacks.get(callback_id)
        if callback is None or callback.answer is not None:
            return False
        return self.clock().timestamp() - callback.at <= CALLBACK_LIFE
