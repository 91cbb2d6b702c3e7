"""What a method did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Done:
    """A success.

    Attributes:
        result: the `result` of the answer.
        dropped: entities of the message that were too many, as the call log has it.
    """

    result: Any
    dropped: int = 0

    @property
    def message_id(self) -> int | None:
        """The message that was sent or edited; None where none was."""
        message_id = self.result.get("message_id") if isinstance(self.result, dict) else None
        return message_id if isinstance(message_id, int) else None
