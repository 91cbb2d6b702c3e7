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
        """The message that was sent or edited, of an album the first; None where none was."""
        first = self.result[0] if isinstance(self.result, list) and self.result else self.result
        message_id = first.get("message_id") if isinstance(first, dict) else None
        return message_id if isinstance(message_id, int) else None
