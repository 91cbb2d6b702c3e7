"""The call log: what the bot asked of Telegram and what it was told, the oracle of all tests."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.playground.journal import read_journal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.playground.state import Record


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a Bot API method.

    Attributes:
        at: when it came.
        method: the method by its proper name, such as `sendMessage`; as it was asked for where it is unknown.
        params: its parameters, JSON in them read; never the token, and of an upload the size alone.
        status: the HTTP status of what the method said; 0 where it was never asked because of a fault.
        description: the words of a refusal; empty for a success.
        message_id: the message that was sent or edited; None for none, so that it tells what was delivered.
        dropped: how many entities of the message were too many.
        fault: the name of the fault that happened to this call; empty for none.
    """

    at: datetime
    method: str
    params: dict[str, Any]
    status: int
    description: str = ""
    message_id: int | None = None
    dropped: int = 0
    fault: str = ""

    @property
    def chat(self) -> int | None:
        """The chat that the call was for."""
        chat = self.params.get("chat_id")
        return chat if isinstance(chat, int) else None

    def as_record(self) -> Record:
        """The call as a journal holds it."""
        return {"kind": "call", **asdict(self), "at": self.at.isoformat()}


def call_of(record: Record) -> Call:
    """The call that `as_record` wrote."""
    fields = {name: value for name, value in record.items() if name != "kind"}
    return Call(**{**fields, "at": datetime.fromisoformat(record["at"])})


def read_calls(path: Path) -> list[Call]:
    """The calls in a journal, also while another process is writing it.

    Raises:
        DatabaseDamaged: the file is no journal.
    """
    return [call_of(record) for record in read_journal(path) if record["kind"] == "call"]


class CallLog:
    """The last calls, the oldest first.

    Args:
        keep: how many; None for all.
    """

    def __init__(self, keep: int | None) -> None:
        self._calls: deque[Call] = deque(maxlen=keep)

    def __iter__(self) -> Iterator[Call]:
        return iter(self._calls)

    def __len__(self) -> int:
        return len(self._calls)

    def add(self, call: Call) -> None:
        """Note one more."""
        self._calls.append(call)

    def of(self, method: str, chat: int | None = None) -> list[Call]:
        """The calls of one method, in any case, for one chat or for all."""
        return [
            call
            for call in self._calls
            if call.method.lower() == method.lower() and chat in {None, call.chat}
        ]

    def clear(self) -> None:
        """Forget them all."""
        self._calls.clear()
