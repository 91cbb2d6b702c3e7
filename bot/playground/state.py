"""Everything that is true in the playground, in memory; it changes only by records, and records bring it back."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from bot.playground.people import Person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Record: TypeAlias = dict[str, Any]
"""One change as plain JSON values; its `kind` says which."""

Message: TypeAlias = dict[str, Any]
"""A Message as the Bot API writes it; never changed in place, an edit makes a new one."""

Update: TypeAlias = dict[str, Any]

FIRST_UPDATE: Final = 731_204_117
"""Update ids start somewhere and go up by one (SPEC Update)."""

CALLBACK_LIFE: Final = 150
"""Seconds after which an unanswered press is too old, delivered or not (TBA `add_update` of callback queries)."""

FILES_LIMIT: Final = 64 * 1024 * 1024
"""Bytes of photos and documents that are kept; the oldest go first."""

NOT_BY_DEFAULT: Final = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Kinds of update that come only when asked for by name (SPEC getUpdates)."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A photo or document.

    Attributes:
        name: the file's name as it was uploaded.
        content_type: what it is, such as `image/png`.
        data: its bytes.
        details: width and height of a picture, the seconds of a film, and the like.
    """

    id: str
    name: str
    content_type: str
    data: bytes
    details: dict[str, int] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """What it was sent as: photo, video, document and so on; its id tells."""
        return self.id.split("-")[1]


@dataclass(frozen=True, slots=True)
class Callback:
    """A press of a button: when (Unix time), and what the bot answered, if it did."""

    id: str
    at: float
    answer: dict[str, Any] | None = None


class State:
    """People, chats, files and what the bot told about itself.

    Args:
        keep_messages: messages kept in each chat, the newest ones; None for all.
        files_limit: bytes of files that are kept, the newest ones; at least one file.
    """

    def __init__(self, keep_messages: int | None = None, files_limit: int = FILES_LIMIT) -> None:
        self.people: dict[int, Person] = {}
        self.chats: dict[int, dict[int, Message]] = {}
        self.pending: dict[int, tuple[float, Update]] = {}
        self.callbacks: dict[str, Callback] = {}
        self.files: dict[str, StoredFile] = {}
        self.commands: dict[tuple[str, str], list[dict[str, str]]] = {}
        self.profile: dict[tuple[str, str], str] = {}
        self.webhook: dict[str, Any] = {}
        self.allowed_updates: list[str] = []
        self.last_message = 0
        self.last_update = FIRST_UPDATE - 1
        self.last_file = 0
        self.last_callback = 0
        self._keep_messages = keep_messages
        self._files_limit = files_limit
        self._apply: dict[str, Callable[[Record], None]] = {
            "person": self._on_person,
            "message": self._on_message,
            "deleted": self._on_deleted,
            "update": self._on_update,
            "confirmed": self._on_confirmed,
            "expired": self._on_expired,
            "callback": self._on_callback,
            "answered": self._on_answered,
            "file": self._on_file,
            "commands": self._on_commands,
            "profile": self._on_profile,
            "webhook": self._on_webhook,
            "allowed": self._on_allowed,
            "counters": self._on_counters,
        }

    def apply(self, record: Record) -> None:
        """Make `record` true.

        Raises:
            KeyError: the record is of a kind that is not known, or lacks a field.
        """
        self._apply[record["kind"]](record)

    def allows(self, kind: str) -> bool:
        """Whether the bot wants updates of this kind."""
        return kind in self.allowed_updates if self.allowed_updates else kind not in NOT_BY_DEFAULT

    def records(self) -> Iterator[Record]:
        """The shortest story that leads to this state."""
        for person in self.people.values():
            yield {"kind": "person", **person.as_record()}
        for stored in self.files.values():
            yield file_record(stored)
        for chat, messages in self.chats.items():
            for message in messages.values():
                yield {"kind": "message", "chat": chat, "message": message}
        for callback in self.callbacks.values():
            yield {"kind": "callback", "id": callback.id, "at": callback.at}
            if callback.answer is not None:
                yield {"kind": "answered", "id": callback.id, "answer": callback.answer}
        for (scope, language), commands in self.commands.items():
            yield {"kind": "commands", "scope": scope, "language": language, "commands": commands}
        for (name, language), text in self.profile.items():
            yield {"kind": "profile", "name": name, "language": language, "text": text}
        yield {"kind": "webhook", "webhook": self.webhook}
        yield {"kind": "allowed", "types": self.allowed_updates}
        for at, update in self.pending.values():
            yield {"kind": "update", "at": at, "update": update}
        yield {
            "kind": "counters",
            "message": self.last_message,
            "update": self.last_update,
            "file": self.last_file,
            "callback": self.last_callback,
        }

    def _on_person(self, record: Record) -> None:
        fields = {name: value for name, value in record.items() if name != "kind"}
        self.people[record["id"]] = Person(**fields)

    def _on_message(self, record: Record) -> None:
        chat, message = self.chats.setdefault(record["chat"], {}), record["message"]
        chat[message["message_id"]] = message
        self.last_message = max(self.last_message, message["message_id"])
        if self._keep_messages is not None and len(chat) > self._keep_messages:
            del chat[next(iter(chat))]

    def _on_deleted(self, record: Record) -> None:
        chat = self.chats.get(record["chat"], {})
        for message_id in record["message_ids"]:
            chat.pop(message_id, None)

    def _on_update(self, record: Record) -> None:
        update = record["update"]
        self.pending[update["update_id"]] = (record["at"], update)
        self.last_update = max(self.last_update, update["update_id"])

    def _on_confirmed(self, record: Record) -> None:
        while self.pending and (first := next(iter(self.pending))) < record["until"]:
            del self.pending[first]

    def _on_expired(self, record: Record) -> None:
        for update_id in record["update_ids"]:
            self.pending.pop(update_id, None)

    def _on_callback(self, record: Record) -> None:
        while self.callbacks:
            oldest = next(iter(self.callbacks.values()))
            if record["at"] - oldest.at <= CALLBACK_LIFE:
                break
            del self.callbacks[oldest.id]
        self.callbacks[record["id"]] = Callback(record["id"], record["at"])
        self.last_callback += 1

    def _on_answered(self, record: Record) -> None:
        asked = self.callbacks[record["id"]]
        self.callbacks[record["id"]] = Callback(asked.id, asked.at, record["answer"])

    def _on_file(self, record: Record) -> None:
        stored = StoredFile(
            record["id"],
            record["name"],
            record["content_type"],
            base64.b64decode(record["data"]),
            record["details"],
        )
        self.files[stored.id] = stored
        self.last_file = max(self.last_file, int(stored.id.rpartition("-")[2]))
        while sum(len(kept.data) for kept in self.files.values()) > self._files_limit and len(self.files) > 1:
            del self.files[next(iter(self.files))]

    def _on_commands(self, record: Record) -> None:
        key = (record["scope"], record["language"])
        if record["commands"]:
            self.commands[key] = record["commands"]
        else:
            self.commands.pop(key, None)

    def _on_profile(self, record: Record) -> None:
        key = (record["name"], record["language"])
        if record["text"]:
            self.profile[key] = record["text"]
        else:
            self.profile.pop(key, None)

    def _on_webhook(self, record: Record) -> None:
        self.webhook = record["webhook"]

    def _on_allowed(self, record: Record) -> None:
        self.allowed_updates = record["types"]

    def _on_counters(self, record: Record) -> None:
        self.last_message = record["message"]
        self.last_update = record["update"]
        self.last_file = record["file"]
        self.last_callback = record["callback"]


def file_record(stored: StoredFile) -> Record:
    """The record that brings `stored` back."""
    return {
        "kind": "file",
        "id": stored.id,
        "name": stored.name,
        "content_type": stored.content_type,
        "data": base64.b64encode(stored.data).decode("ascii"),
        "details": stored.details,
    }
